"""``prefactor card``: one page about one judge, made from what was run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from prefactor.cli.logs import read_logs
from prefactor.cli.options import factor_specs, factors_option, reading_from, reading_options
from prefactor.cli.terminal import line, progress_bar
from prefactor.errors import InputFileError
from prefactor.report.card import CardView, Ran, render_card, render_card_markdown, summarise_card
from prefactor.report.document import results_document
from prefactor.report.writing import write_page
from prefactor.study import Reading, explain, measure

__all__ = ["card_command"]

_COMMANDS = ("competence", "defend", "steer")


@click.command("card")
@click.argument("judge")
@click.option(
    "--from", "sources", multiple=True, required=True, metavar="DIR|LOG",
    help="A folder that a command wrote into, or a log to explain. May be repeated.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the card.")
@factors_option
@reading_options
def card_command(
    *,
    judge: str,
    sources: tuple[str, ...],
    out: Path,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: Any,
) -> None:
    """Put what is known of one judge on a page: card.html and card.md.

    JUDGE is its name in the log. Folders are those of 'prefactor explain', 'competence', 'defend' and 'steer'; what was
    not run is named, with the command that would fill it in.
    """
    documents, logs = _sorted(sources)
    if logs:
        reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
        documents.append(_explained(tuple(logs), reading, factors))
    ran = _ran(documents, ", ".join(sources))
    view = summarise_card(judge, ran)
    page = write_page(out / "card.html", render_card(view))
    text = write_page(out / "card.md", render_card_markdown(view))
    _print_missing(view)
    line(f"written: {page} and {text}", "bold")


def _sorted(sources: tuple[str, ...]) -> tuple[list[Mapping[str, Any]], list[str]]:
    """Return the documents that commands wrote, and what is left: logs."""
    documents, logs = [], []
    for source in sources:
        path = Path(source)
        files = sorted(path.glob("*.json")) if path.is_dir() else [path] if path.suffix == ".json" else []
        found = [document for document in map(_document, files) if document is not None]
        documents += found
        if not found:
            logs.append(source)
    return documents, logs


def _document(path: Path) -> Mapping[str, Any] | None:
    """Return what a command wrote; None for another file."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    known = isinstance(found, dict) and "prefactor_version" in found and ("profiles" in found or "command" in found)
    return found if known else None


def _explained(logs: tuple[str, ...], reading: Reading, factors: tuple[str, ...]) -> Mapping[str, Any]:
    with progress_bar() as progress:
        dataset = read_logs(logs, reading, progress=progress)
        scores = measure(dataset, factor_specs(factors), progress=progress)
        return results_document(explain(dataset, scores, progress=progress))


def _ran(documents: list[Mapping[str, Any]], where: str) -> Ran:
    explained = tuple(each for each in documents if "profiles" in each)
    if not explained:
        raise InputFileError(where, expected="the results.json of 'prefactor explain', or logs", got="neither")
    commands = {name: tuple(each for each in documents if each.get("command") == name) for name in _COMMANDS}
    return Ran(explained, commands)


def _print_missing(view: CardView) -> None:
    for section in view.sections:
        if section.missing:
            line(f"not known: {section.title.lower()} ({section.missing}); {section.command}", "yellow")
