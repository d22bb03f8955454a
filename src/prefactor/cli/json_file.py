"""Results of a command as one JSON file, in one form for all commands."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import click

from prefactor.data.dataset import SourceCount
from prefactor.errors import InputFileError
from prefactor.report.command_file import render_results

__all__ = ["FILES", "json_option", "write_results"]

Command = TypeVar("Command", bound=Callable[..., object])

FILES: Final = {
    "align": "alignment.json",
    "check": "checks.json",
    "competence": "competence.json",
    "control": "control.json",
    "defend": "defence.json",
    "gap": "gap.json",
    "plan": "plan.json",
    "predict": "prediction.json",
    "published": "published.json",
    "refine": "refine.json",
    "rewrite": "rewriting.json",
    "steer": "steering.json",
    "train": "training.json",
    "validate": "validation.json",
    "validate-factors": "reliability.json",
}
"""The file that a command writes into a folder."""


def json_option(command: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Return the option that says where the results of a command are written.

    Parameters
    ----------
    command
        Its name.
    required
        Whether there is no running it without.
    """
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        required=required,
        metavar="PATH",
        help=f"Write the results as JSON: a file ending in .json, or a folder for {FILES[command]}.",
    )


def write_results(
    out: Path, command: str, *, results: object, settings: object, sources: Sequence[SourceCount] = ()
) -> Path:
    """Write the results of a command, see :func:`prefactor.report.command_file.render_results`.

    Parameters
    ----------
    out
        A file ending in ``.json``, or a folder; folders are made where they are not there.
    command, results, settings, sources
        What was asked, found, and from what.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputFileError
        The file cannot be written.
    """
    path = out if out.suffix == ".json" else out / FILES[command]
    content = render_results(command, results, settings=settings, sources=sources)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InputFileError(str(path), expected="a file that can be written", got=str(error.strerror)) from error
    return path
