"""The page about competence in a real browser: it fits a phone, stands out in light and dark, and asks for nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from browser.test_report import CONTRAST, READ_CONTRASTS, WIDTHS, Seen, open_all
from prefactor.report.competence_page import render_competence
from simulated.competence import found_with

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("competence") / "competence.html"
    path.write_text(render_competence(found_with(" of a model with quite a long name")), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_stands_out(
    chromium: "Browser", report: Path, scheme: Literal["light", "dark"], width: int
) -> None:
    context, seen = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme), Seen()
    page = context.new_page()
    seen.listen(page)
    page.goto(report.as_uri())
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = page.evaluate(READ_CONTRASTS)
    assert len(found) > 100
    assert [one for one in found if one[2] < CONTRAST] == []
    ribbons = page.locator(".flow svg").first.bounding_box()
    assert ribbons is not None
    assert ribbons["height"] > 60
    assert ribbons["width"] > 0.6 * min(width, 600)
    context.close()
    assert seen.requests == [report.as_uri()]
    assert (seen.complaints, seen.dialogs, seen.windows) == ([], [], 0)
