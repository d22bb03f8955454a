"""Verdicts become units: orders joined, annotators kept apart, nothing lost from the account."""

import numpy as np
import pytest

from prefactor.analysis.units import judge_units
from prefactor.data.account import Account
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict


def dataset_of(*verdicts: list[Verdict]) -> Dataset:
    collector = Collector()
    for number, given in enumerate(verdicts):
        collector.add(Row(number, f"prompt {number}", "x", "y", given))
    return collector.finish()


def verdict(preference: float | None, order: str | None = None, **more: str) -> Verdict:
    problem = more.pop("problem", "" if preference is not None else "missing")
    return Verdict("judge", preference, order=order, problem=problem, **more)  # type: ignore[arg-type]


def test_both_orders_are_one_unit_and_a_turned_verdict_is_no_tie_of_the_judge() -> None:
    units = judge_units(
        dataset_of(
            [verdict(1.0, "ab"), verdict(1.0, "ba")],
            [verdict(1.0, "ab"), verdict(0.0, "ba")],
            [verdict(0.5, "ab"), verdict(0.5, "ba")],
            [verdict(0.9, "ab"), verdict(0.7, "ba")],
        ),
        "judge",
    )
    assert units.preference == pytest.approx([1.0, 0.5, 0.5, 21**0.5 / (1 + 21**0.5)])
    assert units.both_orders.all()
    assert units.inconsistent.tolist() == [False, True, False, False]
    assert units.account() == Account(read=4, used=4, tied=2)
    assert units.ordered.tolist() == [2, 2, 0, 2]
    assert units.first_preferred.tolist() == [1, 2, 0, 1]


@pytest.mark.parametrize(
    ("ab", "ba", "joint"),
    [(0.9, 0.9, 0.9), (0.8, 0.2, 0.5), (0.75, 0.1, 1 / (1 + 3**0.5)), (0.5, 1.0, 0.75)],
)
def test_probabilities_are_averaged_in_log_odds_and_the_preferred_side_is_that_of_the_mean(
    ab: float, ba: float, joint: float
) -> None:
    units = judge_units(dataset_of([verdict(ab, "ab"), verdict(ba, "ba")]), "judge")
    assert units.preference[0] == pytest.approx(joint)
    assert np.sign(units.preference[0] - 0.5) == np.sign((ab + ba) / 2 - 0.5)
    turned = judge_units(dataset_of([verdict(1 - ab, "ba"), verdict(1 - ba, "ab")]), "judge")
    assert turned.preference[0] == pytest.approx(1 - joint)


def test_repeated_verdicts_pair_up_across_orders_and_none_is_lost() -> None:
    repeated = [verdict(1.0, "ab"), verdict(1.0, "ab"), verdict(0.0, "ba")]
    units = judge_units(dataset_of(repeated), "judge")
    assert units.preference.tolist() == [0.5, 1.0]
    assert units.both_orders.tolist() == [True, False]


def test_two_verdicts_on_the_same_comparison_are_two_rows_of_the_account() -> None:
    units = judge_units(dataset_of([verdict(1.0), verdict(0.5)]), "judge")
    assert units.account() == Account(read=2, used=2, tied=1)


def test_annotators_are_units_of_their_own() -> None:
    units = judge_units(dataset_of([verdict(1.0, annotator="ann"), verdict(0.0, annotator="bob")]), "judge")
    assert units.preference.tolist() == [1.0, 0.0]
    assert units.comparison.tolist() == [0, 0]


def test_missing_and_unreadable_verdicts_are_counted_apart() -> None:
    units = judge_units(
        dataset_of(
            [verdict(None)],
            [verdict(None, problem="'maybe'")],
            [verdict(None, "ab"), verdict(None, "ba", problem="'?'")],
            [verdict(None, "ab"), verdict(1.0, "ba")],
        ),
        "judge",
    )
    assert units.account() == Account(read=4, used=1, unreadable=2, missing=1)
    assert units.used().comparison.tolist() == [3]


def test_units_on_some_comparisons() -> None:
    units = judge_units(dataset_of([verdict(1.0)], [verdict(0.0)], [verdict(0.5)]), "judge")
    assert units.on(np.array([True, False, True])).preference.tolist() == [1.0, 0.5]


def test_annotators_are_numbered_by_name_and_the_unnamed_are_minus_one() -> None:
    given = [verdict(1.0, annotator="bob"), verdict(0.0), verdict(1.0, annotator="ann")]
    units = judge_units(dataset_of(given), "judge")
    assert units.annotators == ("ann", "bob")
    assert units.annotator is not None
    assert sorted(zip(units.annotator.tolist(), units.preference.tolist(), strict=True)) == [
        (-1, 0.0),
        (0, 1.0),
        (1, 1.0),
    ]
    assert judge_units(dataset_of([verdict(1.0)]), "judge").annotator is None


def test_near_copies_of_a_prompt_are_one_cluster() -> None:
    collector = Collector()
    for number, prompt in enumerate(["Why?", "why", "How?"]):
        collector.add(Row(number, prompt, f"x{number}", "y", [verdict(1.0)]))
    prompts = judge_units(collector.finish(), "judge").prompt
    assert prompts[0] == prompts[1] != prompts[2]
