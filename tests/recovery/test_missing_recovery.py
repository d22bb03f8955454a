"""Weights are found again where ratings are missing or do not apply; counting what is missing as a tie is biased."""

from dataclasses import replace

import numpy as np

from prefactor._typing import FloatArray, SignArray
from prefactor.analysis.complete import as_floats, complete_rows
from prefactor.analysis.effects import fit_effects
from prefactor.analysis.measurement import DOES_NOT_APPLY, MISSING
from prefactor.analysis.results import Effect, Settings
from prefactor.analysis.units import JudgeUnits
from prefactor.factors.base import Factor

SETTINGS = Settings(0.9, "Laplace", 1.0, 300, 10, 0, 0.1, 0.05, (), (), ("m",), 100, "0")
NAMES = ("rated", "rated too", "counted", "seldom")
TRUTH = np.array([1.0, -0.5, 0.0, 0.8])
ROWS, RUNS = 1_000, 80


def study(seed: int) -> tuple[SignArray, SignArray, FloatArray]:
    """Signs as they are, signs with what is missing and what does not apply, and verdicts by the true weights.

    "counted" goes together with "rated" but moves nothing. 30 % of the ratings of either rated factor are missing,
    those of an answer together, as of a call that fails; "seldom" applies to a fifth of the prompts.
    """
    random = np.random.default_rng(seed)
    shared = random.normal(size=ROWS)
    latent = np.column_stack([shared + random.normal(size=ROWS) * spread for spread in (0.7, 1.5, 0.7, 2.0)])
    true = np.sign(np.round(latent)).astype(np.int8)
    applies = random.random(ROWS) < 0.2
    true[~applies, 3] = 0
    seen = true.copy()
    seen[~applies, 3] = DOES_NOT_APPLY
    seen[(random.random((ROWS, 2)) < 0.3).any(axis=1), :2] = MISSING
    preference = (random.random(ROWS) < 1 / (1 + np.exp(-true @ TRUTH))).astype(np.float64)
    return true, seen, preference


def fitted(signs: SignArray, preference: FloatArray) -> tuple[Effect, ...]:
    nothing, numbers = np.zeros(ROWS, dtype=np.bool_), np.arange(ROWS)
    units = JudgeUnits(
        judge="judge",
        kind="llm",
        comparison=numbers,
        prompt=numbers,
        preference=preference,
        missing=nothing,
        weight=np.ones(ROWS),
        both_orders=nothing,
        inconsistent=nothing,
        first_preferred=numbers * 0,
        ordered=numbers * 0,
    )
    factors = [Factor(name, name, name, "", "", "group") for name in NAMES]
    complete = complete_rows(signs)
    return fit_effects(units, as_floats(signs), factors=factors, settings=SETTINGS, complete=complete).effects


def test_intervals_cover_where_ratings_are_missing_and_would_not_were_they_ties() -> None:
    covered, naive, bias = np.zeros(4), np.zeros(4), np.zeros(4)
    for seed in range(RUNS):
        _, seen, preference = study(seed)
        effects = fitted(seen, preference)
        covered += [one.weight.low <= truth <= one.weight.high for one, truth in zip(effects, TRUTH, strict=True)]
        as_ties = fitted(np.where(seen == MISSING, 0, seen).astype(np.int8), preference)
        naive += [one.weight.low <= truth <= one.weight.high for one, truth in zip(as_ties, TRUTH, strict=True)]
        bias += np.array([one.weight.mean for one in as_ties]) - TRUTH
    assert (covered / RUNS >= 0.8).all()
    assert covered.sum() / (4 * RUNS) >= 0.86
    # What is missing of the rated factor is put down to the counted one, which moves nothing.
    assert naive[2] / RUNS < 0.5
    assert bias[2] / RUNS > 0.2


def test_the_accounts_tell_missing_from_does_not_apply_and_tau14_uses_what_there_is() -> None:
    _, seen, preference = study(0)
    rated, _, counted, seldom = fitted(seen, preference)
    missing, apart = int((seen[:, 0] == MISSING).sum()), int((seen[:, 3] == DOES_NOT_APPLY).sum())
    assert (rated.account.missing, rated.account.inapplicable) == (missing, 0)
    assert (seldom.account.missing, seldom.account.inapplicable) == (0, apart)
    assert (counted.account.used, seldom.account.used) == (ROWS, ROWS - apart)
    assert seldom.verdict == "prefers more"


def test_a_factor_that_costs_too_many_comparisons_is_left_out_of_the_joint_fit_alone() -> None:
    true, _, preference = study(1)
    seen = true.copy()
    seen[: int(0.8 * ROWS), 0] = MISSING
    rated, *others = fitted(seen, preference)
    assert np.isnan(rated.weight.mean)
    assert np.isfinite([rated.tau14.value, rated.single_weight.mean]).all()
    without = fitted(np.where(np.arange(4) == 0, 0, true).astype(np.int8), preference)[1:]
    assert [one.weight for one in others] == [one.weight for one in without]
    assert replace(others[0], sentence="") == replace(without[0], sentence="")
