"""The joint posterior against dense quadrature and a plain Metropolis run."""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.errors import FitError, SettingError
from prefactor.stats.likelihood import log_likelihood
from prefactor.stats.posterior import Posterior, estimate_tie_parameter, fit_posterior
from prefactor.stats.priors import LaplacePrior


def quadrature(features: FloatArray, preference: FloatArray, tie: float, scale: float) -> tuple[FloatArray, FloatArray]:
    """Posterior means, and marginal quantiles (2, 2), of two weights on a dense grid with a node at 0."""
    axis = np.linspace(-8, 8, 1_601)
    first, second = np.meshgrid(axis, axis, indexing="ij")
    log_density = -(np.abs(first) + np.abs(second)) / scale
    cells, counts = np.unique(np.column_stack([features, preference]), axis=0, return_counts=True)
    for (x, other, label), count in zip(cells, counts, strict=True):
        log_density += count * log_likelihood(first * x + second * other, label, tie=tie)
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    marginals = [density.sum(axis=1), density.sum(axis=0)]
    quantiles = [np.interp([0.05, 0.95], marginal.cumsum(), axis + 0.005) for marginal in marginals]
    return np.array([marginal @ axis for marginal in marginals]), np.array(quantiles)


def metropolis(features: FloatArray, preference: FloatArray, scale: float, steps: int) -> FloatArray:
    """Return draws (steps * 64, d) of 64 chains of a random walk."""
    random = np.random.default_rng(0)
    size = features.shape[1]

    def log_density(weights: FloatArray) -> FloatArray:
        z = weights @ features.T
        return np.asarray(log_likelihood(z, preference).sum(axis=1) - np.abs(weights).sum(axis=1) / scale)

    state = random.normal(0, 0.1, (64, size))
    current = log_density(state)
    kept = []
    for step in range(steps + 500):
        proposed = state + random.normal(0, 1.3 * scale / np.sqrt(size), state.shape)
        value = log_density(proposed)
        accept = np.log(random.random(64)) < value - current
        state, current = np.where(accept[:, None], proposed, state), np.where(accept, value, current)
        if step >= 500:
            kept.append(state)
    return np.concatenate(kept)


def simulated(rows: int, size: int, seed: int) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    features = random.integers(-1, 2, (rows, size)).astype(float)
    weights = random.laplace(0, 0.4, size)
    return features, (random.random(rows) < 1 / (1 + np.exp(-features @ weights))).astype(float)


@pytest.mark.parametrize(("rows", "scale", "tie"), [(30, 0.1, 0.0), (60, 0.3, 0.7), (150, 0.1, 0.0), (40, 1.0, 0.0)])
def test_two_weights_match_dense_quadrature(rows: int, scale: float, tie: float) -> None:
    features, preference = simulated(rows, 2, seed=rows)
    if tie:
        preference[::4] = 0.5
        preference[1::9] = 0.8
    found = fit_posterior(features, preference, prior=LaplacePrior(scale), tie_parameter=tie)
    means, quantiles = quadrature(features, preference, tie, scale)
    assert found.converged
    # In units of a posterior sd: 1 % for means, 6 % for ends of the interval.
    assert np.abs(found.mean - means).max() < 0.01 * found.sd.min()
    assert np.abs(np.stack([found.low, found.high], axis=1) - quantiles).max() < 0.06 * found.sd.max()


def test_five_weights_match_a_long_markov_chain() -> None:
    features, preference = simulated(80, 5, seed=5)
    draws = metropolis(features, preference, 0.1, steps=3_000)
    found = fit_posterior(features, preference)
    assert found.mean == pytest.approx(draws.mean(axis=0), abs=0.006)
    # Where 80 rows pull a weight far from its prior the posterior is skewed, and EP's sd some 4 % short.
    assert found.sd == pytest.approx(draws.std(axis=0), rel=0.06)
    assert np.abs(found.low - np.quantile(draws, 0.05, axis=0)).max() < 0.15 * found.sd.max()
    assert np.abs(found.high - np.quantile(draws, 0.95, axis=0)).max() < 0.15 * found.sd.max()


def test_shapes_follow_the_axes_that_were_given() -> None:
    features, preference = simulated(40, 3, seed=1)
    masks = np.random.default_rng(0).random((4, 40)) < 0.8
    both = np.stack([preference, 1 - preference])
    assert fit_posterior(features, preference).mean.shape == (3,)
    assert fit_posterior(features, preference, masks=masks).mean.shape == (4, 3)
    assert fit_posterior(features, both).covariance.shape == (2, 3, 3)
    found = fit_posterior(features, both, masks=masks)
    assert found.mean.shape == found.identified.shape == (2, 4, 3)
    assert found.converged.shape == found.iterations.shape == (2, 4)
    assert found.tie_parameter.shape == (2,)
    assert found.mean[1] == pytest.approx(-found.mean[0], abs=1e-5)


def test_masks_judges_and_weights_are_the_same_as_separate_fits() -> None:
    features, preference = simulated(60, 3, seed=2)
    other = simulated(60, 3, seed=9)[1]
    masks = np.arange(60) % 3 != np.arange(3)[:, None]
    weights = np.random.default_rng(0).choice([0.0, 0.4, 1.0, 2.0], (2, 60))
    together = fit_posterior(features, np.stack([preference, other]), masks=masks, weights=weights)
    for judge, label in enumerate((preference, other)):
        for fold, mask in enumerate(masks):
            alone = fit_posterior(features[mask], label[mask], weights=weights[judge, mask])
            assert together.mean[judge, fold] == pytest.approx(alone.mean, abs=1e-5)
            assert together.sd[judge, fold] == pytest.approx(alone.sd, rel=1e-4)


def test_a_factor_that_never_differs_keeps_its_prior_and_is_flagged() -> None:
    features, preference = simulated(40, 3, seed=3)
    features[:, 1] = 0.0
    features[:20, 2] = 0.0
    masks = np.stack([np.ones(40, dtype=bool), np.arange(40) < 20])
    found = fit_posterior(features, preference, masks=masks)
    assert found.identified.tolist() == [[True, False, True], [True, False, False]]
    for fold, factor in ((0, 1), (1, 1), (1, 2)):
        assert found.mean[fold, factor] == 0.0
        assert found.sd[fold, factor] == pytest.approx(0.1 * np.sqrt(2))
        assert found.high[fold, factor] == pytest.approx(-0.1 * np.log(0.1))
    assert found.converged.all()


def test_nothing_that_differs_at_all_gives_the_prior() -> None:
    found = fit_posterior(np.zeros((4, 2)), [1.0, 0.0, 1.0, 1.0])
    assert not found.identified.any()
    assert found.mean.tolist() == [0.0, 0.0]
    assert fit_posterior(np.zeros((4, 0)), [1.0, 0.0, 1.0, 1.0]).mean.shape == (0,)


def test_not_measured_counts_as_no_difference() -> None:
    features, preference = simulated(40, 3, seed=4)
    holes = np.where(np.random.default_rng(0).random(features.shape) < 0.2, np.nan, features)
    filled = np.nan_to_num(holes, nan=0.0)
    assert np.array_equal(fit_posterior(holes, preference).mean, fit_posterior(filled, preference).mean)


def test_general_numbers_are_fitted_too() -> None:
    features, preference = simulated(80, 2, seed=6)
    scaled = features * 0.5
    found = fit_posterior(scaled, preference, prior=LaplacePrior(0.2))
    assert found.mean * 0.5 == pytest.approx(
        fit_posterior(features, preference, prior=LaplacePrior(0.1)).mean, abs=1e-6
    )


def test_separable_data_converge_with_a_wide_prior() -> None:
    random = np.random.default_rng(7)
    features = random.integers(-1, 2, (200, 6)).astype(float)
    preference = (features @ np.array([3.0, 2.0, 1.0, 0.5, 0.2, 0.1]) > 0).astype(float)
    for scale in (0.1, 1.0, 5.0):
        found = fit_posterior(features, preference, prior=LaplacePrior(scale))
        assert found.converged
        assert np.isfinite(found.mean).all()
        assert (found.low < found.mean).all()
        assert (found.mean < found.high).all()


def test_more_than_forty_factors_are_told_apart() -> None:
    features, preference = simulated(100, 45, seed=8)
    assert fit_posterior(features, preference).distinct_rows == 100


def test_ties_are_estimated_and_weaken_no_preference() -> None:
    random = np.random.default_rng(8)
    features = random.integers(-1, 2, (4_000, 2)).astype(float)
    z = features @ np.array([0.8, -0.4])
    strengths = np.stack([np.exp(z / 2), np.exp(-z / 2), np.full(4_000, 0.9)])
    outcome = (random.random(4_000) > np.cumsum(strengths / strengths.sum(axis=0), axis=0)).sum(axis=0)
    preference = np.array([1.0, 0.0, 0.5])[outcome]
    found = fit_posterior(features, preference)
    assert found.tie_parameter == pytest.approx(0.9, abs=0.1)
    assert found.mean == pytest.approx([0.8, -0.4], abs=0.12)
    assert estimate_tie_parameter(preference, features @ found.mean) == pytest.approx(found.tie_parameter, rel=2e-3)


def test_only_ties_leave_the_weights_at_zero() -> None:
    found = fit_posterior([[1.0], [-1.0], [1.0]], [0.5, 0.5, 0.5])
    assert found.mean[0] == pytest.approx(0.0, abs=1e-9)
    assert np.isfinite(found.tie_parameter)


def test_an_unfinished_fit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prefactor.stats.posterior.MAX_ITERATIONS", 2)
    features, preference = simulated(80, 5, seed=5)
    found: Posterior = fit_posterior(features, preference)
    assert not found.converged
    assert found.iterations == 2


def test_bad_input_is_refused() -> None:
    with pytest.raises(SettingError, match="tie_parameter"):
        fit_posterior([[1.0]], [1.0], tie_parameter=-1.0)
    with pytest.raises(SettingError, match="preference"):
        fit_posterior([[1.0]], [np.nan])
    with pytest.raises(SettingError, match="masks"):
        fit_posterior([[1.0]], [1.0], masks=[[1.0]])
    with pytest.raises(SettingError, match="weights"):
        fit_posterior([[1.0]], [1.0], weights=[np.inf])
    with pytest.raises(SettingError, match="features"):
        fit_posterior([[np.inf]], [1.0])
    with pytest.raises(SettingError, match="features"):
        fit_posterior([1.0], [1.0])
    with pytest.raises(FitError, match="no comparison"):
        fit_posterior(np.zeros((0, 2)), [])
