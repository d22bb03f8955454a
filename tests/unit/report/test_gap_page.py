"""The page of a gap: self-contained, whole for any name, and with a chart in which no two labels overlap."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from prefactor.analysis.alignment import AlignmentSettings, FactorGap, Gap, GapTable, Place, RoleProfile
from prefactor.report.gap_page import render_gap
from prefactor.report.slope import slope_chart
from prefactor.stats.correlation import ProfileCorrelation
from prefactor.stats.estimate import Estimate
from prefactor.stats.gap import AlignmentGap

NOTHING = Estimate(float("nan"))
HOSTILE = '</title><script>alert("x")</script><img src=x onerror=y>\u202e\x1b[31m'


def factor(number: int, *, name: str = "", named: bool = False) -> FactorGap:
    random = np.random.default_rng(number)
    places = [
        Place(Estimate(value, value - 0.1, value + 0.1), Estimate(1, 1, 3)) for value in random.uniform(-0.8, 0.8, 3)
    ]
    part = Estimate(float(random.normal(0, 0.1)), -0.3, 0.3)
    label = name or f"factor {number}"
    human, evaluates, generates = places
    said = "leans" if named else ""
    return FactorGap(label, label, human, evaluates, generates, part, part, 0.01, 0.02, named, said)


def gap(name: str = "", *, factors: int = 30) -> Gap:
    correlation = ProfileCorrelation(*(Estimate(0.5, 0.3, 0.7),) * 4, NOTHING, NOTHING, factors, "")
    profiles = (
        RoleProfile(name or "people", "human", 100, 90, None, NOTHING, ""),
        RoleProfile(name or "M", "llm", 100, 90, correlation, Estimate(0.6, 0.5, 0.7), ""),
        RoleProfile(name or "M when generating", "llm", 100, 20, correlation, NOTHING, "no comparison"),
    )
    found = AlignmentGap(*(Estimate(0.4, 0.2, 0.6),) * 6, contributions=(), factors=factors)
    rows = tuple(factor(number, name=name, named=number < 3) for number in range(factors))
    table = GapTable(name, "all", profiles, paired=True, factors=rows, left_out=(name,) if name else (), gap=found,
                     sentences=(name or "the gap is 0.4",))  # fmt: skip
    return Gap(profiles[0].judge, profiles[1].judge, profiles[2].judge, (table,), (), (), AlignmentSettings())


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


@pytest.mark.parametrize("name", ["", HOSTILE])
def test_the_page_holds_no_script_and_no_markup_of_others(name: str) -> None:
    page = render_gap(gap(name))
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert "img" not in tags.seen
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)


def test_labels_do_not_overlap_and_lines_stay_on_the_chart() -> None:
    chart = slope_chart([factor(number, named=number < 5) for number in range(35)], ["a", "b", "c"])
    named = [each for each in chart.lines if each.labelled]
    assert len(named) == 12
    assert chart.hidden == 23
    assert sum(each.tone != "rest" for each in named) == 5
    for side in ("left", "right"):
        places = sorted(getattr(each, side) for each in named)
        assert min(np.diff(places)) >= 18.9
        assert 0 < places[0] < places[-1] < chart.height
    assert all(0 <= y <= chart.height for each in chart.lines for _, y in each.points)


def test_without_one_that_writes_the_page_is_whole() -> None:
    whole = gap()
    table = whole.tables[0]
    alone = replace(
        table,
        profiles=table.profiles[:2],
        factors=tuple(replace(each, generates=None) for each in table.factors),
        gap=replace(table.gap, gap=NOTHING, reason="nobody writes"),
    )
    page = render_gap(replace(whole, generates="", tables=(alone,)))
    assert "When it writes" not in page
    assert "<svg" in page


def test_a_table_that_could_not_be_made_says_why() -> None:
    whole = gap()
    empty = replace(whole.tables[0], factors=(), profiles=(), sentences=(), reason="fewer than 20 strict preferences")
    assert "fewer than 20 strict preferences" in render_gap(replace(whole, tables=(empty,)))
