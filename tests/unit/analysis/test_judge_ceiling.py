"""The ceiling of a judge: from annotators, from repeats, from both orders, or not known; and through the readers."""

from dataclasses import replace
from itertools import combinations
from math import isnan, nan
from pathlib import Path

import numpy as np
import pytest

import prefactor as pf
from prefactor._typing import FloatArray
from prefactor.analysis.ceiling import ceiling_words, measure_ceiling, repeated_words
from prefactor.analysis.evidence import Ceiling
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.units import JudgeUnits
from prefactor.stats.ceiling import best_accuracy, best_accuracy_of_both_orders
from prefactor.stats.estimate import Estimate
from simulated.annotated import arena_records, pairs, pandalm_records, write_lines

FEW_FACTORS = "lexical:words,questions"


def units_of(votes: FloatArray, *, named: bool = True) -> JudgeUnits:
    """Units of votes of shape (people, comparisons); NaN is no vote."""
    people, comparisons = votes.shape
    given = ~np.isnan(votes.ravel())
    nothing = np.zeros(int(given.sum()), dtype=np.int64)
    return JudgeUnits(
        judge="judge",
        kind="human",
        comparison=np.tile(np.arange(comparisons), people)[given],
        prompt=np.tile(np.arange(comparisons), people)[given] // 2,
        preference=votes.ravel()[given],
        missing=nothing.astype(np.bool_),
        weight=np.ones(nothing.size),
        both_orders=nothing.astype(np.bool_),
        inconsistent=nothing.astype(np.bool_),
        first_preferred=nothing,
        ordered=nothing,
        annotator=np.repeat(np.arange(people), comparisons)[given] if named else None,
        annotators=tuple(f"p{number}" for number in range(people)) if named else (),
    )


def measured(units: JudgeUnits) -> Ceiling:
    return measure_ceiling(units, right=np.empty(0), accuracy=NOT_ESTIMATED, interval=0.9)


def votes_of(people: int, comparisons: int, *, seed: int = 0) -> FloatArray:
    random = np.random.default_rng(seed)
    chance = random.beta(0.5, 0.5, comparisons)
    return (random.random((people, comparisons)) < chance).astype(np.float64)


def test_agreement_is_that_over_all_pairs_of_people() -> None:
    votes = votes_of(4, 60)
    found = measured(units_of(votes))
    agreeing = np.mean([votes[one] == votes[two] for one, two in combinations(range(4), 2)])
    majority = []
    for person in range(4):
        lean = np.sign(np.delete(votes, person, axis=0).sum(axis=0) - 1.5)
        majority.append(lean == np.where(votes[person] > 0.5, 1, -1))
    assert found.basis == "annotators"
    assert (found.comparisons, found.verdicts) == (60, 240)
    assert found.one_another.value == pytest.approx(agreeing)
    assert found.majority.value == pytest.approx(np.mean(majority))
    assert found.accuracy.value == pytest.approx(best_accuracy(float(agreeing)))
    assert found.accuracy.low == pytest.approx(best_accuracy(found.one_another.low))
    assert found.least.value <= found.accuracy.value <= found.most.value
    assert isnan(found.itself.value)


def test_one_who_is_asked_again_is_its_own_ceiling() -> None:
    votes = votes_of(3, 60, seed=1)
    again = measured(units_of(votes, named=False))
    assert again.basis == "repeats"
    assert isnan(again.one_another.value)
    assert again.itself.value == pytest.approx(measured(units_of(votes)).one_another.value)
    assert again.accuracy == measured(units_of(votes)).accuracy


def test_ties_and_single_verdicts_say_nothing() -> None:
    votes = votes_of(2, 60, seed=2)
    votes[1, :30], votes[0, 30:35] = nan, 0.5
    found = measured(units_of(votes))
    assert (found.comparisons, found.verdicts) == (25, 50)
    votes[1, :45] = nan
    few = measured(units_of(votes))
    assert not few.known
    assert few.reason == "only 15 comparisons with more than one verdict"
    assert ceiling_words(few) == "ceiling not known: only 15 comparisons with more than one verdict"
    assert measured(units_of(votes[:1])).reason == "one verdict per comparison"


def both_orders(agree: int, turned: int) -> JudgeUnits:
    number = agree + turned
    base = units_of(np.ones((1, number)), named=False)
    return replace(
        base,
        preference=np.where(np.arange(number) < agree, 1.0, 0.5),
        both_orders=np.ones(number, dtype=np.bool_),
        inconsistent=np.arange(number) >= agree,
        ordered=np.full(number, 2),
    )


def test_two_orders_give_the_ceiling_of_what_survives_the_swap() -> None:
    found = measured(both_orders(75, 25))
    assert found.basis == "both orders"
    assert found.orders.value == 0.75
    assert found.accuracy.value == pytest.approx(best_accuracy_of_both_orders(0.75))
    assert found.least.value < found.accuracy.value < found.most.value == 1.0
    assert "the ceiling is higher" in repeated_words(found)
    certain = measured(both_orders(400, 0))
    assert certain.accuracy.value == 1.0
    assert "higher" not in repeated_words(certain)


def test_the_way_is_measured_from_coin_to_ceiling() -> None:
    units = units_of(votes_of(3, 100, seed=3))
    right = (np.random.default_rng(0).random(300) < 0.7).astype(np.float64)
    accuracy = Estimate(float(right.mean()), 0.66, 0.75)
    found = measure_ceiling(units, right=right, accuracy=accuracy, interval=0.9)
    assert found.way.value == pytest.approx((right.mean() - 0.5) / (found.accuracy.value - 0.5))
    assert found.way.low < found.way.value < found.way.high
    assert "of the way from a coin (50 %) to the ceiling (" in ceiling_words(found)
    high = measure_ceiling(units, right=np.ones(300), accuracy=Estimate(1.0, 0.99, 1.0), interval=0.9)
    assert "higher than its model says" in ceiling_words(high)


@pytest.mark.parametrize("seed", range(3))
def test_swapping_sides_and_renaming_people_change_no_bit(seed: int) -> None:
    votes = votes_of(3, 50, seed=seed)
    turned = np.random.default_rng(seed).random(50) < 0.5
    base = measured(units_of(votes))
    assert base == measured(units_of(np.where(turned, 1 - votes, votes)))
    assert base == measured(units_of(votes[::-1]))
    order = np.random.default_rng(seed).permutation(150)
    units = units_of(votes)
    assert units.annotator is not None
    other = replace(
        units,
        comparison=units.comparison[order],
        prompt=units.prompt[order],
        preference=units.preference[order],
        annotator=units.annotator[order],
    )
    assert base == measured(other)


def test_people_of_a_log_give_a_ceiling(tmp_path: Path) -> None:
    log = write_lines(pandalm_records(300), tmp_path / "pandalm.jsonl")
    (profile,) = pf.explain(pf.read(str(log)), pf.measure(pf.read(str(log)), FEW_FACTORS)).profiles
    assert profile.ceiling.basis == "annotators"
    assert (profile.ceiling.comparisons, profile.ceiling.verdicts) == (300, 900)
    chance = np.array([pair.chance for pair in pairs(300)])
    best = float(np.maximum(chance, 1 - chance).mean())
    assert abs(profile.ceiling.accuracy.value - best) < 0.04
    assert profile.ceiling.way.low < 1
    assert profile.annotators.named == 3


def test_a_judge_is_set_beside_people_one_at_a_time(tmp_path: Path) -> None:
    people = [f"voter {number}" for number in range(6)]
    records = arena_records(120, people, shared=3)
    for pair, battle in zip(pairs(120), records[::3], strict=True):
        winner = "model_a" if pair.chance > 0.5 else "model_b"
        records.append(
            {**{key: battle[key] for key in battle if key != "judge_hash"}, "judge": "oracle"} | {"winner": winner}
        )
    dataset = pf.read(str(write_lines(records, tmp_path / "arena.jsonl")))
    explanation = pf.explain(dataset, pf.measure(dataset, FEW_FACTORS))
    (found,) = explanation.against_annotators
    assert (found.judge, found.annotators_of, found.comparisons, found.verdicts) == ("oracle", "arena votes", 120, 360)
    assert found.agreement.value > found.one_another.value
    assert found.gap.value == pytest.approx(found.agreement.value - found.one_another.value)
    assert found.gap.low > 0
    assert found.way.low < 1 < found.way.high + 0.1
