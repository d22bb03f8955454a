"""What may be said of a factor: planted effects are named, and what is mostly another factor is told apart."""

from dataclasses import replace

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.analysis.effects import collinear_pairs, fit_effects
from prefactor.analysis.results import Effect, Settings
from prefactor.analysis.units import JudgeUnits
from prefactor.factors.base import Factor

SETTINGS = Settings(0.9, "Laplace", 0.1, 300, 10, 0, 0.1, 0.05, (), (), ("lexical",), 100, "0")


def info(name: str) -> Factor:
    return Factor(name, name, f"answer with more {name}", "", "", "group")


def units_of(preference: FloatArray) -> JudgeUnits:
    count = len(preference)
    nothing = np.zeros(count, dtype=np.bool_)
    numbers = np.arange(count)
    return JudgeUnits(
        judge="judge",
        kind="llm",
        comparison=numbers,
        prompt=numbers,
        preference=preference,
        missing=nothing,
        weight=np.ones(count),
        both_orders=nothing,
        inconsistent=nothing,
        first_preferred=numbers * 0,
        ordered=numbers * 0,
    )


def effects_of(features: FloatArray, log_odds: FloatArray, *, seed: int = 0) -> dict[str, Effect]:
    random = np.random.default_rng(seed)
    preference = (random.random(len(features)) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    names = [info(f"factor {column}") for column in range(features.shape[1])]
    fitted = fit_effects(units_of(preference), features, factors=names, settings=SETTINGS)
    return {effect.factor.removeprefix("factor "): effect for effect in fitted.effects}


def signs(rows: int, columns: int, *, seed: int) -> FloatArray:
    return np.random.default_rng(seed).choice([-1.0, 0.0, 1.0], (rows, columns))


def test_planted_effects_are_named_with_their_sign_and_the_others_are_not() -> None:
    features = signs(2000, 4, seed=1)
    found = effects_of(features, features @ [0.8, -0.6, 0.0, 0.0])
    assert [found[name].verdict for name in "0123"] == [
        "prefers more",
        "prefers less",
        "makes no difference that matters",
        "makes no difference that matters",
    ]
    assert found["0"].sentence.startswith("judge prefers the answer with more factor 0: tau14 0.")
    assert found["1"].sentence.startswith("judge disfavours the answer with more factor 1: tau14 -0.")


def test_a_companion_of_the_real_factor_is_mostly_that_factor() -> None:
    features = signs(4000, 2, seed=2)
    copied = np.random.default_rng(3).random(4000) < 0.7
    features[copied, 1] = features[copied, 0]
    found = effects_of(features, 1.0 * features[:, 0])
    assert found["1"].verdict == "prefers more"
    assert found["1"].absorbed_by == "factor 0"
    assert "mostly factor 0" in found["1"].sentence
    assert found["0"].absorbed_by is None


def test_an_effect_hidden_by_another_is_said_to_be_turned_round() -> None:
    features = signs(6000, 2, seed=4)
    copied = np.random.default_rng(5).random(6000) < 0.8
    features[copied, 1] = features[copied, 0]
    found = effects_of(features, 1.6 * features[:, 0] - 0.7 * features[:, 1])
    assert found["1"].single_weight.mean > 0 > found["1"].weight.mean
    assert "all else equal" in found["1"].sentence


def test_a_rare_factor_that_decides_is_named_and_said_to_be_rare() -> None:
    features = signs(4000, 1, seed=6)
    features[np.random.default_rng(7).random(4000) < 0.92] = 0
    effect = effects_of(features, 1.5 * features[:, 0])["0"]
    assert effect.tau14.high < 0.1
    assert effect.verdict == "prefers more"
    assert "differ in it in only 5 % of comparisons" in effect.sentence


def test_what_never_differs_is_not_identified_and_what_does_not_apply_is_told_apart() -> None:
    features = signs(300, 2, seed=8)
    features[:, 0] = 0
    features[:100, 1] = np.nan
    found = effects_of(features, np.zeros(300))
    assert found["0"].verdict == "not identified"
    assert found["0"].account.tied == 300
    assert (found["1"].account.inapplicable, found["1"].account.used) == (100, 200)


@pytest.mark.parametrize("rows", [5, 19])
def test_nothing_is_claimed_of_a_handful(rows: int) -> None:
    features = np.ones((rows, 1))
    effect = effects_of(features, np.full(rows, 50.0))["0"]
    assert effect.tau14.value == 1.0
    assert effect.verdict == "too few comparisons to tell"


def test_null_factors_are_named_no_more_often_than_stated() -> None:
    named = 0
    for seed in range(60):
        features = signs(400, 8, seed=100 + seed)
        named += any(
            effect.verdict.startswith("prefers") for effect in effects_of(features, np.zeros(400), seed=seed).values()
        )
    # Benjamini-Hochberg at 5 %: on null data at most 5 % of analyses name anything; 8 of 60 is 3 standard errors above.
    assert named <= 8


def test_collinear_pairs_are_found_with_their_sign() -> None:
    features = signs(500, 3, seed=9)
    features[:, 2] = -features[:, 0]
    features[::20, 2] = 0
    (pair,) = collinear_pairs(features, [info("a"), info("b"), info("c")])
    assert (pair.first, pair.second) == ("a", "c")
    assert -1 < pair.correlation < -0.9


def test_weights_count_as_copies() -> None:
    features = signs(200, 2, seed=10)
    preference = (features[:, 0] + np.random.default_rng(11).normal(0, 1, 200) > 0).astype(np.float64)
    units = units_of(preference)
    doubled = replace(units, weight=np.full(200, 2.0))
    names = [info("a"), info("b")]
    once = fit_effects(units, features, factors=names, settings=SETTINGS).effects[0]
    twice = fit_effects(doubled, features, factors=names, settings=SETTINGS).effects[0]
    assert twice.tau14.value == pytest.approx(once.tau14.value)
    assert twice.weight.sd < once.weight.sd


def test_ties_between_equal_responses_do_not_inflate_weights() -> None:
    features = signs(800, 2, seed=12)
    preference = (np.random.default_rng(13).random(800) < 1 / (1 + np.exp(-features[:, 0]))).astype(np.float64)
    names = [info("a"), info("b")]
    alone = fit_effects(units_of(preference), features, factors=names, settings=SETTINGS).effects[0]
    padded = np.vstack([features, np.zeros((400, 2))])
    units = units_of(np.concatenate([preference, np.full(400, 0.5)]))
    beside = fit_effects(units, padded, factors=names, settings=SETTINGS).effects[0]
    assert beside.weight.mean == pytest.approx(alone.weight.mean, abs=1e-6)
    assert beside.single_weight.mean == pytest.approx(alone.single_weight.mean, abs=1e-6)
