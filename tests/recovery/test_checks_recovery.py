"""The checks trip on what is planted, and on null data no more often than they say; the ceiling's intervals cover.

The data sets are those of ``benchmarks/designs``, whose table of 1,000 each is printed there.
"""

import importlib.util
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from prefactor.analysis.prediction import UNPREDICTED
from prefactor.analysis.results import Fit, Profile, Settings
from prefactor.checks import CHECKS
from prefactor.data.account import Account
from prefactor.stats.estimate import Estimate

SETTINGS = Settings(0.9, "Laplace", 0.1, 300, 10, 0, 0.1, 0.05, (), (), ("lexical",), 100, "0")
PROFILE = Profile(
    judge="judge",
    kind="llm",
    slice="all",
    account=Account(read=500, used=500),
    inconsistent=0,
    both_orders=0,
    prompts=100,
    a_preferred=Estimate(0.5, 0.45, 0.55),
    effects=(),
    prediction=UNPREDICTED,
    fit=Fit(converged=True, iterations=9, tie_parameter=0.0),
    collinear=(),
)


def designs(topic: str) -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "designs" / f"{topic}.py"
    spec = importlib.util.spec_from_file_location(f"designs_{topic}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def covered(topic: str, name: str, samples: int) -> Mapping[str, float]:
    """Share of the samples in which each interval holds the truth."""
    draw = designs(topic).DESIGNS[name]
    held: Counter[str] = Counter()
    for number in range(samples):
        for key, (low, truth, high) in draw(np.random.default_rng([5, number])).items():
            held[key] += low <= truth <= high
    return {key: count / samples for key, count in held.items()}


@pytest.mark.parametrize(
    "name",
    ["ceiling: 2 people, 100 prompts, beta 0.5", "ceiling: both orders, 350 prompts, beta 0.3"],
)
def test_ceiling_and_way_are_covered_at_their_rate(name: str) -> None:
    shares = covered("ceiling", name, 250)
    assert set(shares) == {"agreement", "ceiling", "way to the ceiling"}
    for key, share in shares.items():
        assert 0.85 <= share <= 0.96, key


def test_bounds_hold_where_the_model_does_not() -> None:
    shares = covered("ceiling", "ceiling: 3 people, 300 prompts, clear or coin (not the model)", 80)
    assert shares["bounds of the ceiling"] >= 0.9


def outcomes_of_annotators(samples: int, *, coin: bool, each: int) -> tuple[Counter[str], int]:
    """Outcomes of PF111 with 150 verdicts by each of 6 people, and how often the first of them is named."""
    crowd = designs("checks").Crowd(6, each, 900 // each, coin=coin)
    outcomes: Counter[str] = Counter()
    named = 0
    for number in range(samples):
        people = crowd.draw(np.random.default_rng([6, number]))
        finding = CHECKS["PF111"].look(replace(PROFILE, kind="human", annotators=people), SETTINGS)
        outcomes[finding.outcome] += 1
        named += "00 (" in finding.message
    return outcomes, named


def test_good_annotators_are_seldom_named() -> None:
    outcomes, _ = outcomes_of_annotators(80, coin=False, each=3)
    # At a rate of 5 %, more than 9 of 80 come in 1 % of the cases.
    assert outcomes["warn"] <= 9


@pytest.mark.parametrize(("each", "least"), [(3, 25), (2, 20)])
def test_an_annotator_who_answers_by_coin_is_named(each: int, least: int) -> None:
    _, named = outcomes_of_annotators(30, coin=True, each=each)
    assert named >= least


def outcomes_of_a_judge(samples: int, *, others: int, bias: float) -> Counter[str]:
    design = designs("checks").OwnAnswers(400, others, bias=bias)
    found = (design.draw(np.random.default_rng([8, number])) for number in range(samples))
    return Counter(CHECKS["PF108"].look(replace(PROFILE, self_preference=one), SETTINGS).outcome for one in found)


@pytest.mark.parametrize("others", [2, 0])
def test_a_fair_judge_is_seldom_said_to_prefer_itself(others: int) -> None:
    assert outcomes_of_a_judge(80, others=others, bias=0.0)["warn"] <= 9


@pytest.mark.parametrize("others", [2, 0])
def test_a_biased_judge_is_said_to_prefer_itself(others: int) -> None:
    outcomes = outcomes_of_a_judge(25, others=others, bias=0.8)
    assert outcomes["warn"] >= 22
    assert outcomes["pass"] == 0
