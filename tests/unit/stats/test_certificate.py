"""Weighted draws against dense quadrature, and the certificate where the approximation is good and where it is not."""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats.likelihood import log_likelihood
from prefactor.stats.posterior import Posterior, fit_posterior
from prefactor.stats.priors import HorseshoePrior, LaplacePrior, NormalPrior, Prior


def simulated(rows: int, weights: FloatArray, seed: int) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    features = random.integers(-1, 2, (rows, len(weights))).astype(float)
    return features, (random.random(rows) < 1 / (1 + np.exp(-features @ weights))).astype(float)


def quadrature(features: FloatArray, preference: FloatArray, prior: Prior) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means, sds and 5 % quantiles of two weights, on a grid that is finer near 0."""
    half = np.concatenate([np.geomspace(1e-6, 0.05, 120), np.linspace(0.05, 30, 600)[1:]])
    edges = np.concatenate([-half[::-1], half])
    axis, width = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    first, second = np.meshgrid(axis, axis, indexing="ij")
    density = prior.log_density(axis)[:, None] + prior.log_density(axis)
    for row, label in zip(features, preference, strict=True):
        density += log_likelihood(first * row[0] + second * row[1], label)
    mass = np.exp(density - density.max()) * np.outer(width, width)
    mass /= mass.sum()
    marginals = [mass.sum(axis=1), mass.sum(axis=0)]
    mean = np.array([each @ axis for each in marginals])
    sd = np.sqrt([each @ axis**2 for each in marginals] - mean**2)
    return mean, sd, np.array([np.interp(0.05, np.cumsum(each), edges[1:]) for each in marginals])


def hard(prior: Prior) -> tuple[FloatArray, FloatArray, Posterior]:
    """Few preferences that two factors separate: the posterior is as skewed as it gets."""
    random = np.random.default_rng(3)
    features = random.integers(-1, 2, (12, 2)).astype(float)
    preference = (features @ np.array([2.0, 1.0]) + 0.1 > 0).astype(float)
    return features, preference, fit_posterior(features, preference, prior=prior, certify=True)


@pytest.mark.parametrize("prior", [LaplacePrior(3.0), NormalPrior(4.0), HorseshoePrior(0.5)], ids=lambda one: one.name)
def test_weighted_draws_match_dense_quadrature_where_the_approximation_fails(
    prior: Prior, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prefactor.stats.posterior.TRUSTED", 1.1)
    features, preference, found = hard(prior)
    mean, sd, low = quadrature(features, preference, prior)
    assert found.converged
    assert found.draws >= 4_000
    # Four Monte-Carlo errors of at least 4,000 effective draws, in sd.
    assert np.abs(found.mean - mean).max() < 4 / np.sqrt(4_000) * sd.max()
    assert found.sd == pytest.approx(sd, rel=0.08)
    assert np.abs(found.low - low).max() < 0.12 * sd.max()


def test_the_usual_fit_passes_and_keeps_its_numbers() -> None:
    features, preference = simulated(300, np.array([0.3, -0.2, 0.0, 0.1]), seed=1)
    plain, certified = fit_posterior(features, preference), fit_posterior(features, preference, certify=True)
    assert certified.effective_share > 0.9
    assert certified.draws == 0
    assert np.isnan(plain.effective_share)
    assert np.array_equal(plain.mean, certified.mean)
    assert np.array_equal(plain.low, certified.low)


def test_a_wide_prior_on_separable_preferences_fails_and_is_drawn() -> None:
    _, _, found = hard(LaplacePrior(10.0))
    assert found.effective_share < 0.75
    assert found.draws > 0


def test_a_wrong_approximation_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prefactor.stats.posterior.MAX_ITERATIONS", 1)
    features, preference = simulated(400, np.array([0.9, -0.6, 0.5]), seed=2)
    found = fit_posterior(features, preference, certify=True)
    assert found.effective_share < 0.75
    monkeypatch.undo()
    settled = fit_posterior(features, preference)
    assert np.abs(found.mean - settled.mean).max() < 0.1 * settled.sd.max()


def test_draws_are_the_same_every_time_and_for_any_order_of_rows() -> None:
    features, preference, found = hard(LaplacePrior(10.0))
    order = np.random.default_rng(0).permutation(len(preference))
    again = fit_posterior(features[order], preference[order], prior=LaplacePrior(10.0), certify=True)
    assert np.array_equal(found.mean, again.mean)
    assert np.array_equal(found.high, again.high)
    assert found.effective_share == again.effective_share


def test_each_judge_and_mask_has_its_certificate() -> None:
    features, preference = simulated(90, np.array([0.5, 0.0]), seed=4)
    masks = np.arange(90) % 3 != np.arange(3)[:, None]
    found = fit_posterior(features, np.stack([preference, 1 - preference]), masks=masks, certify=True)
    assert found.effective_share.shape == found.draws.shape == (2, 3)
    assert (found.effective_share > 0.8).all()


def test_factors_that_never_differ_are_certified_too() -> None:
    found = fit_posterior(np.zeros((4, 2)), [1.0, 0.0, 1.0, 1.0], certify=True)
    assert found.effective_share == pytest.approx(1.0)
    assert found.converged
