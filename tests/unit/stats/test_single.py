"""One factor alone and two together, against dense grids and the joint fit."""

import numpy as np
import pytest

from prefactor.errors import SettingError
from prefactor.stats.likelihood import log_likelihood
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.single import fit_pairs, fit_single


@pytest.mark.parametrize(("scale", "tie"), [(0.1, 0.0), (0.1, 0.8), (1.0, 0.0), (10.0, 0.3)])
def test_single_matches_a_dense_grid(scale: float, tie: float) -> None:
    random = np.random.default_rng(0)
    features = random.integers(-1, 2, (50, 3)).astype(float)
    preference = np.where(features[:, 0] + random.normal(0, 1, 50) > 0, 1.0, 0.0)
    preference[::7] = 0.5
    found = fit_single(features, preference, prior=LaplacePrior(scale), tie_parameter=tie)
    grid = np.linspace(-12, 12, 240_001)
    for factor in range(3):
        log_density = -np.abs(grid) / scale
        for x, label in zip(features[:, factor], preference, strict=True):
            log_density += log_likelihood(grid * x, label, tie=tie)
        density = np.exp(log_density - log_density.max())
        cumulated = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
        mean = float(density @ grid / density.sum())
        sd = float(np.sqrt(density @ (grid - mean) ** 2 / density.sum()))
        low, high = np.interp([0.05, 0.95], cumulated / cumulated[-1], grid)
        assert found.mean[factor] == pytest.approx(mean, abs=1e-6)
        assert found.sd[factor] == pytest.approx(sd, rel=1e-6)
        assert (found.low[factor], found.high[factor]) == pytest.approx((low, high), abs=1e-6)


def test_a_million_rows_that_all_agree_are_no_trouble() -> None:
    found = fit_single([[1.0]], [1.0], weights=[1e6])
    assert np.isfinite([found.mean[0], found.sd[0]]).all()
    assert found.low[0] < found.mean[0] < found.high[0]


def test_a_factor_that_never_differs_is_its_prior() -> None:
    found = fit_single([[0.0], [np.nan]], [1.0, 0.0])
    assert found.identified.tolist() == [False]
    assert found.mean[0] == pytest.approx(0.0, abs=1e-12)
    assert found.sd[0] == pytest.approx(0.1 * np.sqrt(2))
    assert found.high[0] == pytest.approx(-0.1 * np.log(0.1))


def test_pairs_are_the_joint_fits_of_two_columns() -> None:
    random = np.random.default_rng(1)
    features = random.integers(-1, 2, (90, 4)).astype(float)
    preference = random.random((2, 90))
    weights = random.choice([0.5, 1.0, 3.0], (2, 90))
    found = fit_pairs(features, preference, weights=weights, tie_parameter=[0.0, 0.5])
    alone = fit_single(features, preference, weights=weights, tie_parameter=[0.0, 0.5])
    assert found.shape == (2, 4, 4)
    for judge, tie in enumerate((0.0, 0.5)):
        assert found[judge].diagonal() == pytest.approx(alone.mean[judge])
        for first in range(4):
            for second in range(first):
                joint = fit_posterior(
                    features[:, [first, second]], preference[judge], weights=weights[judge], tie_parameter=tie
                )
                pair = [found[judge, first, second], found[judge, second, first]]
                assert pair == pytest.approx(joint.mean, abs=1e-5)


def test_one_factor_has_no_pairs() -> None:
    assert fit_pairs([[1.0], [-1.0]], [1.0, 0.0]).shape == (1, 1)


def test_values_that_are_no_signs_are_refused() -> None:
    with pytest.raises(SettingError, match=r"-1, 0, 1 or NaN, got 0\.5"):
        fit_single([[0.5]], [1.0])
    with pytest.raises(SettingError, match="-1, 0, 1 or NaN"):
        fit_pairs([[0.5]], [1.0])
