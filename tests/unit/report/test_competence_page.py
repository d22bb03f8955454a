"""The page about competence: whatever names and texts hold, it is the same page; and it says what was found."""

import re
import unicodedata
from functools import cache

import pytest

import prefactor as pf
from prefactor.analysis.competence.pairs import PairSettings, assess_pairs
from prefactor.data.collector import Collector
from prefactor.data.records import Row, Verdict
from prefactor.report.competence_page import render_competence, render_pairs
from report.page import Element, read_page
from simulated.competence import found_with

NASTY = (
    "</title></style><script>alert(1)</script>",
    '" onmouseover="alert(1)" style="position:fixed',
    "<iframe src=https://example.org></iframe>",
    "{{ view }}{% include 'page.html.j2' %}",
    "\u202egnp.exe\u2066\x1b[31m",
)


@cache
def page_of(text: str) -> Element:
    return read_page(render_competence(found_with(text)))


@pytest.mark.parametrize("text", NASTY)
def test_a_text_makes_no_element_no_attribute_and_no_class(text: str) -> None:
    spoken = {"aria-label", "title"}

    def outline(page: Element) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (one.tag, [(name, "" if name in spoken else value) for name, value in one.attributes.items()])
            for one in page.walk()
        ]

    assert outline(page_of(text)) == outline(page_of("plain words"))


@pytest.mark.parametrize("text", NASTY)
def test_every_character_can_be_seen(text: str) -> None:
    shown = page_of(text).text
    unseen = {one for one in shown if unicodedata.category(one) in {"Cc", "Cf", "Cs"}}
    assert unseen <= {"\n", "\t"}


def test_every_section_is_there_and_linked() -> None:
    page = page_of("plain words")
    linked = {one.attributes["href"][1:] for one in page.find("nav") for one in one.find("a")}
    known = {"verdicts", "answering", "matrix", "knowing", "graders", "calibration", "slices", "read", "methods"}
    assert linked == known
    assert all(page.by_id(name) is not None for name in linked)
    text = page.text
    assert "Does the judge know?" in text
    assert re.search(r"trust where it knows|underpowered", text)
    assert "it can answer" in text


def test_ribbons_fill_what_they_should() -> None:
    for path in page_of("plain words").find("path"):
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.attributes["d"])]
        assert min(numbers) >= 0
        assert max(numbers) <= 100.05


def pairs() -> pf.Dataset:
    collector = Collector()
    for number in range(40):
        verdicts = [
            Verdict("label", 1.0 if number % 2 else 0.0, kind="label"),
            Verdict("<b>judge</b>", 1.0 if number % 3 else 0.0, kind="llm", order="ab"),
        ]
        collector.add(Row(number, f"Why {number}?", "a", "b", verdicts, columns={"topic": "<i>tea</i>"}))
    collector.close_source("log", "columns", bad_rows=0)
    return collector.finish()


def test_judges_of_pairs_have_their_page() -> None:
    html = render_pairs(assess_pairs(pairs(), PairSettings(slices=("topic",))))
    assert "<b>judge" not in html
    text = read_page(html).text
    assert "Judges against the labels" in text
    assert "<b>judge</b>" in text
    assert "<i>tea</i>" in text
