"""Finding and reading the logs a command was given, saying which files were passed over."""

from collections.abc import Sequence

from prefactor.analysis.queries import with_query_columns
from prefactor.cli.terminal import line
from prefactor.data.dataset import Dataset
from prefactor.readers import Found, find_sources
from prefactor.runtime.progress import Progress
from prefactor.study import Reading, read

__all__ = ["find_logs", "read_logs", "read_queries", "said_queries"]

_SHOWN = 3


def find_logs(paths: Sequence[str], reading: Reading) -> Found:
    """Find the logs, and say which files of a folder or pattern are none and why."""
    found = find_sources(paths, format=reading.format, mapping=reading.mapping)
    for file, reason in list(zip(found.skipped, found.reasons, strict=True))[:_SHOWN]:
        line(f"passed over {file}: {reason.removeprefix(f'{file}: ').partition(';')[0]}", "yellow")
    if len(found.skipped) > _SHOWN:
        line(f"passed over others, not logs either: {len(found.skipped) - _SHOWN:,}", "yellow")
    return found


def read_logs(paths: Sequence[str], reading: Reading, *, progress: Progress) -> Dataset:
    """Find the logs and read them into one dataset."""
    return read(find_logs(paths, reading), reading, progress=progress)


def read_queries(dataset: Dataset, by: Sequence[str]) -> Dataset:
    """Read scenario and kinds of the prompts by rules where they are asked for and the log has no such columns."""
    return said_queries(with_query_columns(dataset, by), by)


def said_queries(dataset: Dataset, by: Sequence[str]) -> Dataset:
    """Say how the columns came about that were made of the prompts and are asked for."""
    for column, how in dataset.made_columns:
        if column in by:
            line(f"{column}: {how}")
    return dataset
