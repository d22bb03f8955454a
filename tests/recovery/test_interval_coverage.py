"""Agreement, the cross-validated log loss and false discoveries hold their rates where they once did not.

``benchmarks/coverage.py`` and ``benchmarks/discoveries.py`` hold the full tables.
"""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats.crossvalidate import NOTHING_SHARED, cross_validate, grouped_folds, score_predictions
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.reliability import kappa_estimate, krippendorff_alpha
from prefactor.stats.special import log1pexp, sigmoid
from prefactor.stats.tau import fit_tau14


def correlated_signs(random: np.random.Generator, rows: int, factors: int) -> FloatArray:
    """Signs that go together and are often equal."""
    hidden = random.standard_normal((rows, factors)) + random.standard_normal((rows, 1))
    return np.where(np.abs(hidden) > np.linspace(0.1, 1.5, factors), np.sign(hidden), 0.0)


@pytest.mark.parametrize(("prompts", "size", "kept"), [(15, 10, 0.4), (40, 5, 0.7), (80, 1, 0.5)])
def test_agreement_beyond_chance_covers_where_prompts_repeat(prompts: int, size: int, kept: float) -> None:
    random = np.random.default_rng(prompts)
    clusters, held = np.repeat(np.arange(prompts), size), []
    for _ in range(250):
        first = (random.random(len(clusters)) < 0.7).astype(np.float64)
        own = random.random(len(clusters)) < 0.7
        second = np.where(random.random(len(clusters)) < kept, first, own).astype(np.float64)
        kappa = kappa_estimate(first, second, clusters=clusters, bootstraps=200)
        alpha = krippendorff_alpha([first, second], clusters=clusters, bootstraps=200)
        held.append([each.low <= kept <= each.high for each in (kappa, alpha)])
    # 250 data sets: a standard error of 1.9 points.
    assert np.mean(held, axis=0) == pytest.approx([0.9, 0.9], abs=0.05)


@pytest.mark.parametrize(("rows", "strength"), [(120, 0.3), (400, 0.02)])
def test_scores_of_a_profile_cover_what_that_profile_does_on_others(rows: int, strength: float) -> None:
    random = np.random.default_rng(rows)
    weights, held, narrow = random.laplace(0, strength, 12), list[list[bool]](), list[list[bool]]()
    for _ in range(150):
        features = correlated_signs(random, rows, 12)
        won = (random.random(rows) < sigmoid(features @ weights)).astype(np.float64)
        out = cross_validate(features, won, fold=grouped_folds(np.arange(rows)), tie_parameter=0.0)
        fresh = correlated_signs(random, 3_000, 12)
        real, odds = sigmoid(fresh @ weights), fresh @ fit_posterior(features, won, tie_parameter=0.0).mean
        right = float(np.mean(np.where(odds > 0, real, 1 - real)))
        cost = float(np.mean(real * log1pexp(-odds) + (1 - real) * log1pexp(odds)))
        for found, shared in ((held, out.joint_shared), (narrow, NOTHING_SHARED)):
            scores = score_predictions(out.predicted, won, clusters=np.arange(rows), shared=shared)
            found.append([score.low <= truth <= score.high for score, truth in zip(scores, (right, cost), strict=True)])
    # 150 data sets: a standard error of 2.4 points.
    assert (np.mean(held, axis=0) >= 0.83).all()
    assert (np.mean(held, axis=0) <= 0.97).all()
    assert (np.mean(narrow, axis=0) < np.mean(held, axis=0)).all()


def test_named_factors_are_false_at_the_stated_rate_at_most() -> None:
    random = np.random.default_rng(5)
    any_named, false_share = list[float](), list[float]()
    for _ in range(400):
        real, null = correlated_signs(random, 150, 5), correlated_signs(random, 150, 30)
        features = np.hstack([real, null])
        for odds, rates in ((np.zeros(150), any_named), (real @ np.full(5, 0.3), false_share)):
            tau = fit_tau14(random.random(150) < sigmoid(odds), features, clusters=np.arange(150))
            named = benjamini_hochberg(tau.p_value) <= 0.05
            rates.append(named[5:].sum() / max(named.sum(), 1) if odds.any() else float(named.any()))
    # 400 data sets: standard errors of 1.1 points.
    assert np.mean(any_named) <= 0.05 + 0.025
    assert 0.0 < np.mean(false_share) <= 0.05 + 0.025
