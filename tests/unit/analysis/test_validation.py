"""Planted weights are found, shuffled labels are not, and the fast path says what the tool itself would say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import prefactor as pf
from prefactor._typing import FloatArray
from prefactor.analysis.effects import fit_effects
from prefactor.analysis.planting import Bench, Job, Trials
from prefactor.analysis.results import Settings
from prefactor.analysis.units import JudgeUnits
from prefactor.analysis.validation import Validation, validate_judge, validate_judges
from prefactor.analysis.verdicts import VERDICTS, named_sign
from prefactor.errors import FitError, SettingError, UnknownNameError
from prefactor.factors.base import Factor
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.single import fit_single
from prefactor.stats.special import sigmoid

SETTINGS = Settings(0.9, "Laplace", 0.1, 300, 10, 0, 0.1, 0.05, (), (), ("lexical",), 100, "0")
FACTORS = tuple(Factor(name, name, f"answer with more {name}", "", "", "group") for name in "abcdef")


def features_of(rows: int, *, seed: int = 0) -> FloatArray:
    features = np.random.default_rng(seed).choice([-1.0, 0.0, 1.0], (rows, len(FACTORS)), p=[0.4, 0.2, 0.4])
    features[: rows // 10, 5] = np.nan
    return features


def units_of(preference: FloatArray, *, per_prompt: int = 2) -> JudgeUnits:
    count = len(preference)
    nothing = np.zeros(count, dtype=np.bool_)
    numbers = np.arange(count)
    return JudgeUnits(
        judge="judge",
        kind="llm",
        comparison=numbers,
        prompt=numbers // per_prompt,
        preference=preference,
        missing=nothing,
        weight=np.ones(count),
        both_orders=nothing,
        inconsistent=nothing,
        first_preferred=numbers * 0,
        ordered=numbers * 0,
    )


def labels(rows: int, *, ties: bool = True) -> FloatArray:
    choices = [0.0, 0.5, 1.0] if ties else [0.0, 1.0]
    return np.random.default_rng(5).choice(choices, rows)


def validated(rows: int, trials: Trials) -> Validation:
    return validate_judge(units_of(labels(rows)), features_of(rows), factors=FACTORS, trials=trials, workers=1)


@pytest.fixture(scope="module")
def large() -> Validation:
    return validated(800, Trials(simulations=40, weights=(0.6, 0.1)))


def test_large_effects_are_named_and_shuffled_labels_are_not(large: Validation) -> None:
    small, big = large.planted
    assert (small.weight, big.weight) == (0.1, 0.6)
    assert big.named.value > 0.95
    assert small.named.value < 0.5
    assert big.wrong_side.value == 0
    assert large.any_named.low <= 0.05
    assert large.reliance == "with care"
    assert any("weight 0.6 or more" in sentence for sentence in large.words)
    assert any("weight 0.1" in sentence and "does not show" in sentence for sentence in large.words)


def test_intervals_hold_the_truth_as_often_as_they_say(large: Validation) -> None:
    assert large.drawn.weight.low < 0.9 < large.drawn.weight.high + 0.02
    assert large.drawn.tau14.high > 0.9
    assert 0.85 < large.drawn.tau14.value < 0.96
    assert large.shuffled_tau14.low < 0.92


def test_few_comparisons_are_said_to_be_too_few() -> None:
    validation = validated(60, Trials(simulations=40, weights=(0.3,)))
    assert validation.planted[0].named.value < 0.5
    assert validation.reliance != "yes"
    assert any("does not show that it has no effect" in sentence for sentence in validation.words)


def test_expected_tau14_is_the_mean_over_many_draws() -> None:
    rows = 300
    bench = Bench.of(units_of(labels(rows)), features_of(rows), factors=FACTORS, trials=Trials())
    runs = bench.run(Job("planted", 1.0, range(1), 0), bench.plantable())
    odds = np.nan_to_num(bench.features) @ runs.truth[0]
    random = np.random.default_rng(1)
    scores = []
    for _ in range(400):
        preference = bench._verdicts(odds, random)
        strict = np.sign(preference - 0.5)
        known = ~np.isnan(bench.features) & (strict != 0)[:, None]
        scores.append((np.nan_to_num(bench.features) * strict[:, None]).sum(axis=0) / known.sum(axis=0))
    error = np.std(scores, axis=0) / 20
    assert (np.abs(np.mean(scores, axis=0) - runs.tau14[0]) < 4 * error).all()


def test_a_small_weight_that_is_rightly_called_harmless_counts_as_told() -> None:
    """With many comparisons a weight of 0.05 (tau14 about 0.02) is shown to be harmless, and nothing is missed."""
    validation = validated(3_000, Trials(simulations=20, weights=(0.05,)))
    (planted,) = validation.planted
    assert planted.tau14.value < 0.1
    assert planted.named.value < 0.5
    assert planted.harmless.value > 0.6
    assert planted.overlooked.value == 0
    assert planted.told.value == pytest.approx(planted.named.value + planted.harmless.value, abs=1e-9)
    assert planted.told.value > 0.8
    assert validation.reliance == "yes"
    assert any("said to be harmless" in sentence for sentence in validation.words)


@pytest.mark.parametrize("strength", [0.0, 0.35, 0.8])
def test_simulations_are_judged_by_the_rule_of_the_tool(strength: float) -> None:
    """The bench fits many simulations as so many more factors; its verdicts are those of one fit by the tool."""
    features = features_of(800, seed=3)
    odds = np.nan_to_num(features) @ (strength * np.array([1, -1, 0.5, 0, 0, 0]))
    preference = (np.random.default_rng(2).random(800) < sigmoid(odds)).astype(np.float64)
    units = units_of(preference, per_prompt=1)
    effects = fit_effects(units, features, factors=FACTORS, settings=SETTINGS).effects
    bench = Bench.of(units, features, factors=FACTORS, trials=Trials())
    joint = fit_posterior(bench.features, bench.preference)
    single = fit_single(bench.features, bench.preference, tie_parameter=joint.tie_parameter)
    alone = sigmoid(np.array([[single.low], [single.high]]))
    _, _, decided = bench._fit_tau14(bench.preference[None], alone)
    assert [VERDICTS[number] for number in decided[0]] == [effect.verdict for effect in effects]
    assert named_sign(decided[0]).any() == (strength > 0)


def test_the_order_of_rows_does_not_change_a_bit() -> None:
    trials = Trials(simulations=20, weights=(0.5,))
    rows = 80
    units, features = units_of(labels(rows)), features_of(rows)
    turned = np.random.default_rng(8).permutation(rows)
    other = replace(units, preference=units.preference[turned], prompt=units.prompt[turned])
    first = validate_judge(units, features, factors=FACTORS, trials=trials, workers=1)
    second = validate_judge(other, features[turned], factors=FACTORS, trials=trials, workers=2)
    assert first == second
    assert first != validate_judge(units, features, factors=FACTORS, trials=replace(trials, seed=1), workers=1)


def test_shuffling_keeps_ties_and_turns_prompts_whole() -> None:
    units = units_of(np.tile([1.0, 0.8, 0.5, 0.0], 50), per_prompt=4)
    bench = Bench.of(units, features_of(200), factors=FACTORS, trials=Trials())
    shuffled = bench._shuffled(np.random.default_rng(0))
    same = (shuffled == bench.preference) | (bench.preference == 0.5)
    turned = np.isclose(shuffled, 1 - bench.preference)
    by_prompt = np.array([same[bench.prompt == prompt].all() for prompt in range(50)])
    assert np.array_equal(by_prompt, [not turned[bench.prompt == prompt].all() for prompt in range(50)])
    assert 10 < by_prompt.sum() < 40


@pytest.mark.real_data
def test_people_s_comparisons_suffice_for_a_large_effect(real_data: Path) -> None:
    dataset = pf.read(str(real_data / "auto_j"))
    scores = pf.measure(dataset, "lexical:words,list_items,questions")
    (validation,) = validate_judges(dataset, scores, trials=Trials(simulations=20, weights=(0.8,)))
    assert validation.judge == "human"
    assert "words" in validation.planted_on
    assert validation.planted[0].named.value > 0.9
    assert validation.any_named.low <= 0.05


def test_what_cannot_be_planted_is_refused() -> None:
    units, features = units_of(labels(60)), features_of(60)
    rare = np.where(np.arange(60)[:, None] < 10, features, 0.0)
    with pytest.raises(FitError, match="no factor differs in half"):
        validate_judge(units, rare, factors=FACTORS)
    with pytest.raises(FitError, match="a differs in"):
        validate_judge(units, rare, factors=FACTORS, trials=Trials(planted_on=("a",)))
    with pytest.raises(UnknownNameError, match="unknown factor 'words'"):
        validate_judge(units, features, factors=FACTORS, trials=Trials(planted_on=("words",)))
    with pytest.raises(FitError, match="no strict preference"):
        validate_judge(units_of(np.full(60, 0.5)), features, factors=FACTORS)
    with pytest.raises(SettingError, match="simulations"):
        Trials(simulations=5)
    for weights in ((0.0,), (9.0,), (float("nan"),), ()):
        with pytest.raises(SettingError, match="weight to plant"):
            Trials(weights=weights)
