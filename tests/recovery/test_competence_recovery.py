"""Evaluators with planted knowledge and skill: rates come back, intervals hold them, who only compares is exposed."""

import numpy as np
import pytest

from prefactor.analysis.competence import CompetenceSettings, Evaluator, assess
from prefactor.stats.estimate import Estimate
from simulated.evaluators import Planted, plant

PLAIN = CompetenceSettings(factors=())


def judged(seed: int, evaluator: Planted, *, questions: int, settings: CompetenceSettings = PLAIN) -> Evaluator:
    (found,) = assess(plant(np.random.default_rng(seed), evaluator, questions=questions), settings).evaluators
    return found


def test_planted_rates_come_back() -> None:
    found = judged(1, Planted(0.7, 0.95, 0.6), questions=3_000)
    (whole, *_) = found.knowing
    assert whole.true_if_can.value == pytest.approx(0.95, abs=0.015)
    assert whole.true_if_cannot.value == pytest.approx(0.6, abs=0.03)
    assert whole.difference.value == pytest.approx(0.35, abs=0.03)
    assert whole.paradox.value == pytest.approx(0.7 * 0.05, abs=0.01)
    assert whole.unfaithful.value == pytest.approx(0.3 * 0.6, abs=0.02)
    assert found.generation is not None
    assert found.generation.generated.value == pytest.approx(0.7, abs=0.03)
    assert found.accuracy.value == pytest.approx(0.7 * 0.95 + 0.3 * 0.6, abs=0.02)
    assert found.conclusion == "trust where it knows"


def held(estimate: Estimate, truth: float) -> bool:
    return estimate.low <= truth <= estimate.high


def test_intervals_hold_planted_rates_at_their_rate() -> None:
    hits = []
    for seed in range(60):
        found = judged(seed, Planted(0.6, 0.9, 0.7), questions=120)
        whole = found.knowing[0]
        assert found.generation is not None
        hits.append(
            [
                held(whole.true_if_can, 0.9),
                held(whole.true_if_cannot, 0.7),
                held(whole.difference, 0.2),
                held(whole.balanced_difference, 0.2),
                held(whole.paradox, 0.06),
                held(whole.unfaithful, 0.28),
                held(found.accuracy, 0.82),
                held(found.generation.difference, 0.22),
            ]
        )
    # 60 data sets: a standard error of 3.9 points.
    assert np.mean(hits, axis=0) == pytest.approx(np.full(8, 0.9), abs=0.1)


def test_a_judge_that_only_compares_is_exposed() -> None:
    found = judged(2, Planted(0.7, compares=True), questions=600)
    assert found.following is not None
    assert found.following.with_own.value == 1.0
    assert found.following.with_own.low > 0.95
    assert found.following.of_own.value == pytest.approx(1.0)
    assert held(found.following.of_truth, 0.0)
    assert found.conclusion == "trust where it knows"
    assert "goes with its own in 100.0 %" in found.sentence


def test_a_judge_that_goes_by_the_truth_is_cleared() -> None:
    found = judged(3, Planted(0.7, 0.97, 0.97), questions=600)
    assert found.following is not None
    assert found.following.with_own.high < 0.1
    assert held(found.following.of_own, 0.0)
    assert found.following.of_truth.value == pytest.approx(0.94, abs=0.03)
    assert found.conclusion == "trust"


@pytest.mark.parametrize(
    ("planted", "questions", "conclusion"),
    [
        (Planted(0.7, 0.6, 0.6), 600, "don't trust"),
        (Planted(0.7, 0.95, 0.95), 15, "underpowered"),
        (Planted(0.7, 0.8, 0.8), 300, "underpowered"),
    ],
)
def test_the_rule_names_what_is_planted(planted: Planted, questions: int, conclusion: str) -> None:
    assert judged(4, planted, questions=questions).conclusion == conclusion


def test_saying_it_does_not_know_is_counted_and_is_no_verdict() -> None:
    found = judged(5, Planted(unknown=0.25), questions=800)
    assert found.account.unknown == pytest.approx(400, abs=50)
    assert found.account.used + found.account.unknown == found.account.read == 1_600
    assert found.abstention.value == pytest.approx(0.25, abs=0.03)
    assert found.accuracy.value == pytest.approx(0.9, abs=0.02)
