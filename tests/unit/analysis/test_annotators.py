"""Annotators beside one another: means over loops, habits, and who has no standing."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.analysis.annotators import compare_annotators
from prefactor.analysis.evidence import Annotators
from prefactor.analysis.units import JudgeUnits


def units_of(votes: FloatArray) -> JudgeUnits:
    """Units of votes of shape (people, comparisons); NaN is no vote."""
    people, comparisons = votes.shape
    given = ~np.isnan(votes.ravel())
    nothing = np.zeros(int(given.sum()), dtype=np.int64)
    return JudgeUnits(
        judge="people",
        kind="human",
        comparison=np.tile(np.arange(comparisons), people)[given],
        prompt=np.tile(np.arange(comparisons), people)[given],
        preference=votes.ravel()[given],
        missing=nothing.astype(np.bool_),
        weight=np.ones(nothing.size),
        both_orders=nothing.astype(np.bool_),
        inconsistent=nothing.astype(np.bool_),
        first_preferred=nothing,
        ordered=nothing,
        annotator=np.repeat(np.arange(people), comparisons)[given],
        annotators=tuple(f"p{number}" for number in range(people)),
    )


def votes_of(people: int, comparisons: int, seed: int = 0) -> FloatArray:
    random = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-random.normal(0, 3, comparisons)))
    return (random.random((people, comparisons)) < chance).astype(np.float64)


def compared(votes: FloatArray) -> Annotators:
    return compare_annotators(units_of(votes), interval=0.9)


def test_standing_is_the_mean_over_comparisons() -> None:
    votes = votes_of(4, 80)
    found = compared(votes)
    assert found.named == 4
    for person, standing in enumerate(found.standings):
        others = np.delete(votes, person, axis=0)
        agreeing = (others == votes[person]).mean(axis=0)
        among = np.mean([others[one] == others[two] for one, two in ((0, 1), (0, 2), (1, 2))], axis=0)
        assert standing.name == f"p{person}"
        assert (standing.verdicts, standing.shared) == (80, 80)
        assert standing.agreement.value == pytest.approx(agreeing.mean())
        assert standing.below.value == pytest.approx((agreeing - among).mean())
        assert standing.habit == ""


def test_a_coin_and_a_spammer_stand_out_and_the_others_do_not() -> None:
    votes = votes_of(6, 150, seed=1)
    votes[2] = np.random.default_rng(3).integers(0, 2, 150)
    votes[4] = 1.0
    found = compared(votes)
    bad = [standing.name for standing in found.standings if standing.below.value < 0 and standing.q_value <= 0.05]
    assert bad == ["p2", "p4"]
    assert [standing.habit for standing in found.standings] == ["", "", "", "", "always A", ""]


def test_habits_are_told_by_what_others_do() -> None:
    votes = votes_of(4, 60, seed=2)
    votes[0], votes[1] = 0.5, 0.0
    assert [standing.habit for standing in compared(votes).standings] == ["always a tie", "always B", "", ""]
    assert {standing.habit for standing in compared(np.ones((4, 60))).standings} == {""}
    units = units_of(votes_of(3, 60, seed=5))
    first = np.random.default_rng(0).integers(0, 2, 180)
    shown = replace(
        units, ordered=np.ones(180, dtype=np.int64), first_preferred=np.where(np.arange(180) < 60, 1, first)
    )
    habits = [standing.habit for standing in compare_annotators(shown, interval=0.9).standings]
    assert habits == ["always the answer shown first", "", ""]


def test_pairs_of_annotators_are_held_against_other_comparisons() -> None:
    votes = np.full((4, 240), np.nan)
    drawn = votes_of(4, 240, seed=6)
    for place in range(240):
        pair = np.random.default_rng(place).choice(4, 2, replace=False)
        votes[pair, place] = drawn[pair, place]
    found = compared(votes)
    assert all(not isnan(standing.below.low) for standing in found.standings)
    rest = ~np.isnan(votes[1:]).any(axis=0)
    both = np.isnan(votes[0])
    agree = [np.nanmax(votes[:, place]) == np.nanmin(votes[:, place]) for place in range(240)]
    expected = np.mean(np.array(agree)[~both]) - np.mean(np.array(agree)[both])
    assert found.standings[0].below.value == pytest.approx(expected)
    assert rest.sum() <= 240


def test_two_annotators_cannot_be_told_apart_and_few_verdicts_have_no_standing() -> None:
    two = compared(votes_of(2, 60))
    assert [isnan(standing.below.value) for standing in two.standings] == [True, True]
    assert compared(votes_of(3, 15)).standings == ()
    assert compared(votes_of(1, 60)) == Annotators(named=1)
    unnamed = replace(units_of(votes_of(3, 60)), annotator=None, annotators=())
    assert compare_annotators(unnamed, interval=0.9) == Annotators()


def test_swapping_sides_changes_no_number_and_renaming_permutes() -> None:
    votes = votes_of(4, 100, seed=7)
    turned = np.random.default_rng(1).random(100) < 0.5
    base, swapped = compared(votes), compared(np.where(turned, 1 - votes, votes))
    assert base == swapped
    renamed = compared(votes[::-1]).standings[::-1]
    assert [one.below for one in renamed] == [one.below for one in base.standings]
    assert [one.q_value for one in renamed] == [one.q_value for one in base.standings]
