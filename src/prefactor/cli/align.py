"""``prefactor align``: how alike judges are, factor by factor, on the comparisons they share."""

from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.alignment import AlignmentSettings
from prefactor.cli.gap import GapOptions, gap_options, print_gap, write_gap
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.likeness import print_alignment
from prefactor.cli.logs import read_logs
from prefactor.cli.options import (
    factor_specs,
    factors_option,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.terminal import line, progress_bar
from prefactor.config import BOOTSTRAPS, SEED
from prefactor.questions import align
from prefactor.report.command_file import fields_of
from prefactor.study import measure

__all__ = ["align_command"]


@click.command("align")
@paths_argument
@json_option("align", required=True)
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="Compare these judges only. May be repeated.")
@click.option(
    "--against", metavar="JUDGE", help="Compare every judge with this one, in one table. [default: every two]"
)
@click.option(
    "--by", multiple=True, metavar="COLUMN", help="Compare within slices of this column too. May be repeated."
)
@gap_options
@factors_option
@reading_options
@click.option("--bootstraps", type=click.IntRange(min=100), default=BOOTSTRAPS, show_default=True)
@click.option("--seed", type=int, default=SEED, show_default=True)
@workers_option
def align_command(
    *,
    paths: tuple[str, ...],
    out: Path,
    judges: tuple[str, ...],
    against: str | None,
    by: tuple[str, ...],
    gap_asked: GapOptions,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    bootstraps: int,
    seed: int,
    workers: int | None,
) -> None:
    """Compare the judges of preference logs, two by two, on the comparisons they share.

    PATHS are files, folders, quoted globs, '-' for standard input, or hf://OWNER/NAME. Says how alike the judges'
    profiles are, how often they agree, and which factors move one more than the other. Where people, a model and
    'MODEL when generating' are among the judges, also says how far it writes otherwise than it judges.
    """
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, factor_specs(factors), workers=workers, progress=progress)
        settings = AlignmentSettings(bootstraps=bootstraps, seed=seed)
        line(f"read {len(dataset.comparisons):,} comparisons on {dataset.n_prompts:,} prompts")
        asked = {**fields_of(settings), "by": by, "factors": scores.measured_by}
        if gap_asked.applies(dataset):
            told = gap_asked.find(dataset, scores, by=by, settings=settings, progress=progress)
            files = write_gap(told, out, asked={**asked, **fields_of(gap_asked)})
            print_gap(told)
            line()
            line(f"numbers: {files[0]}; page: {files[1]}", "bold")
        if gap_asked.wanted:
            return
        found = align(dataset, scores, judges=judges, by=by, against=against, settings=settings, progress=progress)
    asked |= {"judges": judges, "against": against}
    results = fields_of(found, without=["settings", "sources", "against", "by"])
    file = write_results(out, "align", results=results, settings=asked, sources=dataset.sources)
    print_alignment(found)
    line()
    line(f"numbers: {file}", "bold")
