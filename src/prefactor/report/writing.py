"""Writes a report's files, each whole or not at all."""

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from prefactor.analysis.results import Explanation
from prefactor.report.document import render_json
from prefactor.report.html import render_html
from prefactor.report.markdown import render_markdown

__all__ = ["ReportFiles", "write_file", "write_page", "write_report"]


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
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        write_file(path, content)
    return files


def write_page(path: Path, page: str) -> Path:
    """Write one page, whole or not at all, and return its path; its folder is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, page.encode())
    return path


def write_file(path: Path, content: bytes) -> None:
    """Write one file, whole or not at all; its folder must be there.

    Parameters
    ----------
    path, content
        Where, and what.
    """
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
