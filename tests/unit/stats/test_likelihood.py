"""The likelihood and its tilted moments against brute-force quadrature."""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats import likelihood

GRID = np.linspace(-60.0, 60.0, 600_001)


def brute_moments(log_density: FloatArray, grid: FloatArray = GRID) -> tuple[float, float]:
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    mean = float(density @ grid)
    return mean, float(density @ (grid - mean) ** 2)


@pytest.mark.parametrize("tie", [0.0, 0.7, 5.0])
@pytest.mark.parametrize("power", [1.0, 0.3])
@pytest.mark.parametrize(("mean", "variance"), [(0.0, 0.02), (1.5, 0.6), (-3.0, 2.0), (8.0, 9.0), (-20.0, 1.0)])
def test_normaliser_moments_match_brute_force(tie: float, power: float, mean: float, variance: float) -> None:
    shift, ratio = likelihood.normaliser_moments(
        np.array([mean]), np.array([variance]), tie=np.array([tie]), power=np.array([power])
    )
    log_density = -0.5 * (GRID - mean) ** 2 / variance - power * likelihood.log_normaliser(GRID, tie)
    expected_mean, expected_variance = brute_moments(log_density)
    assert mean + np.sqrt(variance) * shift[0] == pytest.approx(expected_mean, abs=1e-6)
    assert variance * ratio[0] == pytest.approx(expected_variance, rel=1e-5)


def test_log_likelihood_is_logistic_without_ties_and_davidson_with() -> None:
    z, tie = np.array([-2.0, 0.3, 5.0]), 0.8
    assert likelihood.log_likelihood(z, 1.0) == pytest.approx(-np.log1p(np.exp(-z)))
    strengths = np.array([np.exp(z / 2), np.exp(-z / 2), tie * np.ones(3)])
    shares = strengths / strengths.sum(axis=0)
    assert likelihood.log_likelihood(z, 1.0, tie=tie) == pytest.approx(np.log(shares[0]))
    assert likelihood.log_likelihood(z, 0.0, tie=tie) == pytest.approx(np.log(shares[1]))
    assert likelihood.log_likelihood(z, 0.5, tie=tie) == pytest.approx(np.log(shares[2] / tie))


def test_log_normaliser_does_not_overflow() -> None:
    assert likelihood.log_normaliser([3000.0, -3000.0], 2.0).tolist() == [1500.0, 1500.0]


def test_tie_parameter_reproduces_the_share_of_ties() -> None:
    z, weights = np.array([-1.0, 0.2, 3.0, 0.0]), np.array([3.0, 5.0, 2.0, 4.0])
    tie = likelihood.solve_tie_parameter(z, weights, ties=4.5)
    assert np.sum(weights * tie / (2 * np.cosh(z / 2) + tie)) == pytest.approx(4.5)


def test_tie_parameter_stays_finite_when_all_are_ties() -> None:
    tie = likelihood.solve_tie_parameter(np.zeros(8), np.ones(8), ties=8.0)
    assert tie == pytest.approx(30.0)
    assert likelihood.solve_tie_parameter(np.zeros(8), np.ones(8), ties=0.0) == 0.0
