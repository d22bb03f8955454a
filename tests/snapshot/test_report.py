"""Fragments of a tiny report against the files beside this one.

Where a fragment was changed on purpose, rewrite the files and read what changed in them before committing::

    PREFACTOR_REWRITE_SNAPSHOTS=1 pytest tests/snapshot && git diff tests/snapshot
"""

import os
import re
from pathlib import Path

import pytest

from prefactor.report import render_html, render_json, render_markdown
from snapshot.tiny import tiny_explanation

FOLDER = Path(__file__).parent


def laid_out(fragment: str) -> str:
    """Put every element on a line of its own, so that a difference can be read."""
    return re.sub(r">\s*<(?!/)", ">\n<", fragment.strip()) + "\n"


def part_of(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, f"the page has nothing like {pattern!r}"
    return found[0]


def fragments() -> dict[str, str]:
    page = render_html(tiny_explanation())
    factors = part_of(page, r'<section id="factors".*?</section>')
    return {
        "factor_row.html": laid_out(part_of(factors, r'<tr><th scope="row".*?</tr>')),
        "findings.html": laid_out(part_of(page, r'<section id="findings".*?</section>')),
        "checks.html": laid_out(part_of(page, r'<section id="checks".*?</section>')),
        "pooled.html": laid_out(part_of(page, r'<section id="pooled".*?</section>')),
        "report.md": render_markdown(tiny_explanation()),
        "results.json": render_json(tiny_explanation()).decode(),
    }


@pytest.mark.parametrize(
    "name", ["factor_row.html", "findings.html", "checks.html", "pooled.html", "report.md", "results.json"]
)
def test_fragment(name: str) -> None:
    path, text = FOLDER / name, fragments()[name]
    if os.environ.get("PREFACTOR_REWRITE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


def test_every_file_is_a_fragment() -> None:
    """A snapshot that nothing compares any more is deleted."""
    assert {path.name for path in FOLDER.iterdir() if path.suffix in {".html", ".md", ".json"}} == set(fragments())
