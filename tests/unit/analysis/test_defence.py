"""Defences on verdicts that are written out: who is compared with whom, and what it costs."""

import numpy as np
import pytest

from prefactor.analysis.defence import Defence, compare_defences
from prefactor.analysis.measurement import measure_responses
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import UnknownNameError
from prefactor.factors import load_measurers
from prefactor.stats.special import sigmoid

COUNT = 500


def judged(seed: int = 0) -> Dataset:
    """People who like a, a judge that likes long answers, and itself warned: half as much."""
    random = np.random.default_rng(seed)
    collector = Collector()
    for row in range(COUNT):
        words = random.integers(5, 60, size=2)
        difference = float(np.sign(words[0] - words[1]))
        verdicts = [
            Verdict(name, float(random.random() < sigmoid(slope * difference + shift)), "llm", order)
            for name, slope, shift in (("j", 2.0, 0.2), ("j, warned", 1.0, 0.2))
            for order in ("ab",)
        ]
        people = Verdict("human", float(random.random() < 0.7), "human")
        answers = [" ".join(["tea"] * int(count)) for count in words]
        collector.add(Row(row + 1, f"Prompt {row}?", answers[0], answers[1], [*verdicts, people]))
    return collector.finish()


def defences(people: str | None = "human") -> tuple[Defence, ...]:
    dataset = judged()
    scores = measure_responses(dataset, load_measurers(["lexical:words,bold"]))
    return compare_defences(dataset, scores, judge="j", defended=["j, warned"], people=people, most=1)


def test_the_change_is_that_of_the_judges_own_moves() -> None:
    plain, warned = defences()
    assert [move.name for move in plain.manipulability.moves] == ["length"]
    assert plain.manipulability.towards.low < sigmoid(2.0) < plain.manipulability.towards.high
    assert warned.change.low < -1.0 < warned.change.high < 0
    assert np.isnan(plain.change.value)
    assert (plain.comparisons, warned.comparisons) == (COUNT, COUNT)


def test_the_cost_is_paired_and_that_of_nothing_is_not_shown() -> None:
    plain, warned = defences()
    assert np.isnan(plain.agreement_change.value)
    assert warned.people_comparisons == COUNT
    assert warned.agreement_change.value == pytest.approx(warned.agreement.value - plain.agreement.value)


def test_without_people_there_is_no_agreement() -> None:
    assert all(np.isnan(each.agreement.value) and not each.people_comparisons for each in defences(people=None))


def test_an_unknown_judge_is_named() -> None:
    with pytest.raises(UnknownNameError, match="peple"):
        defences(people="peple")
