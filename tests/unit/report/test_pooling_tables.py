"""Pooled slices as the report shows them: every number placed, the telling factors first, nothing invented."""

from dataclasses import replace

from prefactor.analysis.pooled import Pooling
from prefactor.report import render_html
from prefactor.report.naming import names_of
from prefactor.report.pooling_tables import FORESTS, pooling_lead, summarise_poolings
from report.examples import Size, explanation_of
from report.pooled_examples import VERDICTS, pooling_of

EXPLANATION = explanation_of(Size(judges=3, slices=5, factors=12))
VIEWS = summarise_poolings(EXPLANATION, names_of(EXPLANATION))


def pooling() -> Pooling:
    return pooling_of(["a", "b", "c", "d"], ["topic=x", "topic=y", "topic=z"], judge="me", column="topic")


def test_every_pooling_has_a_view() -> None:
    assert [view.kind for view in VIEWS] == ["Slice"] * 3 + ["Judge"]
    assert len({view.title for view in VIEWS}) == 4


def test_every_number_is_on_its_axis() -> None:
    for one in VIEWS:
        assert len(one.factors) == 12
        assert len(one.forests) == FORESTS
        for forest in one.forests:
            assert all(row.pooled.at is not None and 0 <= row.pooled.at <= 100 for row in forest.rows)
            assert all(0 <= row.own <= 100 for row in forest.rows)
            places = [row.pooled.at or 0.0 for row in forest.rows]
            assert places == sorted(places, reverse=True)


def test_factors_in_which_groups_differ_come_first() -> None:
    differing = {factor.factor.name for factor in VIEWS[0].factors if factor.verdict == "not the same"}
    assert {forest.factor.name for forest in VIEWS[0].forests[: len(differing)]} <= differing


def test_a_slice_by_itself_is_what_its_profile_says() -> None:
    forest = VIEWS[0].forests[0]
    profile = next(one for one in EXPLANATION.profiles if one.slice == f"scenario={forest.rows[0].name}")
    assert forest.rows[0].alone.value == f"{100 * profile.effect(forest.factor.name).probability.value:.0f}\u00a0%"


def test_the_lead_counts_what_is_told() -> None:
    lead = pooling_lead(pooling())
    assert lead.startswith(
        "3\u00a0slices: 1\u00a0factor is the same everywhere, 1\u00a0factor is not the same everywhere"
    )
    assert "of 1 it cannot be told" in lead
    assert "correlation 0.09" in lead


def test_the_lead_says_when_nothing_is_told() -> None:
    untold = replace(pooling(), factors=pooling().factors[2:3])
    assert "of no factor can it be told whether slices differ by enough to matter" in pooling_lead(untold)


def test_a_factor_without_numbers_has_no_marks() -> None:
    assert VERDICTS[3] == "not identified"
    row = next(factor for factor in VIEWS[0].factors if factor.verdict == "never differs")
    assert row.average.at is None
    assert row.own_share == "–"


def test_chains_that_have_not_settled_are_named_on_the_page() -> None:
    rough = replace(EXPLANATION.pooled[0], fit=replace(EXPLANATION.pooled[0].fit, converged=False))
    assert "not settled" in render_html(replace(EXPLANATION, pooled=(rough,)))
    assert "not settled" not in render_html(EXPLANATION)


def test_nothing_pooled_is_no_section() -> None:
    assert 'id="pooled"' not in render_html(replace(EXPLANATION, pooled=()))
