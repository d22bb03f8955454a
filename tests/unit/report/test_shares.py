"""Shares, groups that cannot be told apart and attributions, as the page, the Markdown and the document show them."""

import json
from dataclasses import replace
from math import inf

from prefactor.analysis.joint_results import NOT_APPORTIONED
from prefactor.report import render_html, render_json, render_markdown
from prefactor.report.summarise import summarise
from prefactor.stats.estimate import Estimate
from report.examples import Size, empty_explanation, explanation_of

ONE = explanation_of(Size(factors=8))
SEVERAL = explanation_of(Size(judges=3, factors=8))
FEW = explanation_of(Size(judges=2, factors=8, comparisons=30))


def test_groups_stand_with_their_factors_the_largest_first() -> None:
    shares = summarise(ONE).shares
    assert shares is not None
    assert shares.beside is None
    (judge,) = shares.judges
    assert "explain 18\u00a0% [15, 21] of the log loss of a coin" in judge.lead
    assert "about 17\u00a0% on others" in judge.lead
    assert [group.whole.label for group in judge.groups] == ["length", "formatting"]
    length, formatting = judge.groups
    assert [row.label for row in length.rows] == ["word count", "sentences", "paragraphs", "words per sentence"]
    assert length.whole.mark.at == shares.axis.place(26 / 36)
    assert formatting.rows[0].mark.clear
    page = render_html(ONE)
    assert 'href="#explained"' in page
    assert page.count('<tr class="whole">') == 2


def test_a_share_that_is_not_clear_of_zero_is_said_so() -> None:
    found = ONE.profiles[0].apportionment
    last = replace(found.factors[-1], share=Estimate(0.01, 0.0, 0.03))
    never = replace(found.factors[-2], share=Estimate(float("nan")))
    groups = (found.groups[0], replace(found.groups[1], share=Estimate(0.1, 0.0001, 0.2)))
    changed = replace(found, factors=(*found.factors[:-2], never, last), groups=groups)
    explanation = replace(ONE, profiles=(replace(ONE.profiles[0], apportionment=changed),))
    shares = summarise(explanation).shares
    assert shares is not None
    formatting = shares.judges[0].groups[1]
    assert formatting.rest == "not clear of 0: tables; never differing: bold text"
    assert not formatting.whole.mark.clear
    assert "not clear of 0" in render_html(explanation)
    assert "(not clear of 0)" in render_markdown(explanation).replace("\\", "")


def test_several_judges_stand_side_by_side() -> None:
    shares = summarise(SEVERAL).shares
    assert shares is not None
    assert shares.beside is not None
    assert len(shares.beside.judges) == len(shares.judges) == 3
    assert [label for label, _ in shares.beside.rows] == ["length", "formatting"]
    many = summarise(explanation_of(Size(judges=10, factors=8))).shares
    assert many is not None
    assert many.beside is not None
    assert many.beside.left_out == 2


def test_where_nothing_can_be_divided_the_reason_stands_in_its_place() -> None:
    assert summarise(FEW).shares is None
    assert 'id="explained"' not in render_html(FEW)
    mixed = replace(SEVERAL, profiles=(*FEW.profiles[:1], *SEVERAL.profiles[1:]))
    assert "Nothing can be divided: 120 comparisons, fewer than 5 to each" in render_html(mixed)
    assert "Nothing can be divided" in render_markdown(mixed)
    assert summarise(empty_explanation()).shares is None
    nothing = replace(ONE, profiles=(replace(ONE.profiles[0], apportionment=NOT_APPORTIONED),))
    assert summarise(nothing).shares is None


def test_what_cannot_be_told_apart_is_said_wherever_factors_go_together() -> None:
    page = render_html(ONE)
    section = page[page.index('id="correlated"') : page.index('id="prediction"')]
    assert "word count and sentences cannot be told apart here" in section
    assert "Variance inflation" in section
    assert "the comparisons decide about 2 of 3\u00a0weights" in section
    assert "condition number 7.2" in section
    assert "word count and sentences cannot be told apart here" in render_markdown(ONE)


def test_only_inflated_factors_are_listed_and_copies_are_named() -> None:
    together = summarise(ONE).together
    assert [row.label for row in together.inflation] == [
        "word count",
        "sentences",
        "paragraphs",
        "words per sentence",
        "list items",
    ]
    assert [row.inflation for row in together.inflation] == ["9.0", "5.0", "3.7", "3.0", "2.6"]
    dependence = replace(ONE.profiles[0].dependence, inflation=(("word_count", inf), ("sentences", 1.0)))
    copied = replace(ONE, profiles=(replace(ONE.profiles[0], dependence=dependence),))
    (row,) = summarise(copied).together.inflation
    assert (row.inflation, row.width) == ("a copy of others", 100.0)


def test_bars_of_a_comparison_show_how_sure_they_are() -> None:
    (telling, *_) = summarise(ONE).telling
    first, *_, last = telling.bars
    assert first.label == "word count and sentences"
    assert (first.interval, first.clear, first.side) == ("[0.70, 1.10]", True, "A")
    assert first.low is not None
    assert first.high is not None
    assert first.low < 50 - first.width / 2 < first.high < 50
    assert (last.label, last.side, last.interval, last.clear) == ("distinct_words", "B", "[\u22120.10, 0.50]", False)
    page = render_html(ONE)
    assert "pale where the interval holds 0" in page
    assert ", not clear of 0</span>" in page
    plain = replace(ONE, telling=tuple(replace(one, attributions=()) for one in ONE.telling))
    assert "pale where the interval holds 0" not in render_html(plain)
    assert summarise(plain).telling[0].bars[0].label == "word count"


def test_the_document_holds_every_share() -> None:
    document = json.loads(render_json(ONE))
    (profile,) = document["profiles"]
    assert profile["apportionment"]["monte_carlo"] == 0.003
    assert [group["name"] for group in profile["apportionment"]["groups"]] == ["length", "formatting"]
    assert profile["factors"][0]["share"]["value"] == 8 / 36
    assert profile["factors"][0]["vif"] == 9.0
    assert profile["dependence"]["decided"] == 1.5
    assert profile["dependence"]["condition_indices"] == [7.2, 3.1, 2.0]
    assert document["telling"][0]["attributions"][0]["factors"] == ["word_count", "sentences"]
