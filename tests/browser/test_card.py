"""The card of a judge in a real browser: it fits a phone and a screen, and can be read light and dark."""

import json
from pathlib import Path
from typing import Final

import pytest
from report.examples import Size, explanation_of, hostile_explanation

from browser.test_report import CONTRAST, READ_CONTRASTS, Seen
from prefactor.report.card import Ran, render_card, summarise_card
from prefactor.report.document import render_json

pytestmark = pytest.mark.browser

WIDTHS: Final = (375, 1280)


@pytest.mark.parametrize(
    "made", [lambda: explanation_of(Size(judges=3)), hostile_explanation], ids=["plain", "hostile"]
)
def test_it_fits_and_can_be_read(made: object, tmp_path: Path, chromium_path: str) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # absent where these tests are skipped

    assert callable(made)
    document = json.loads(render_json(made()))
    file = tmp_path / "card.html"
    file.write_text(render_card(summarise_card(document["profiles"][0]["judge"], Ran((document,), {}))), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path)
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 800})
            seen = Seen()
            seen.listen(page)
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert seen.requests == [file.as_uri()]
            assert seen.complaints == []
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
                faint = [one for one in page.evaluate(READ_CONTRASTS) if one[2] < CONTRAST]
                assert faint == []
        browser.close()
