"""Writes a report's files, each whole or not at all."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from prefactor.analysis.results import Explanation
from prefactor.report.document import render_json
from prefactor.report.html import render_html
from prefactor.report.markdown import render_markdown

__all__ = ["ReportFiles", "write_files", "write_report"]


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """Where a report was written.

    Parameters
    ----------
    html, markdown, json
        The page, the findings as Markdown, and every number.
    """

    html: Path
    markdown: Path
    json: Path


def write_report(explanation: Explanation, directory: str | Path) -> ReportFiles:
    """Write ``report.html``, ``report.md`` and ``results.json``.

    Parameters
    ----------
    explanation
        What was found.
    directory
        Made where it is not there; files of these names in it are replaced.

    Returns
    -------
    ReportFiles
        Their paths.
    """
    folder = Path(directory)
    files = ReportFiles(folder / "report.html", folder / "report.md", folder / "results.json")
    # All three are made before one is written, so a report that cannot be made replaces nothing.
    contents = {
        files.html: render_html(explanation).encode(),
        files.markdown: render_markdown(explanation).encode(),
        files.json: render_json(explanation),
    }
    write_files(contents)
    return files


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write files, each whole or not at all; their folders are made where they are not there."""
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)


def _replace(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        temporary = Path(file.name)
    try:
        temporary.write_bytes(content)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
