"""One Chromium for all tests of this folder, and the way to the builder of explanations."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> "Iterator[Browser]":
    """A running Chromium, for one module only: while it runs, no other test of the process can run an event loop."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # absent where these tests are skipped

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=OPTIONS)
        yield browser
        browser.close()
