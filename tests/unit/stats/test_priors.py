"""Moments and quantiles of a normal tilted by each prior, against brute-force quadrature."""

import numpy as np
import pytest

from prefactor._typing import FloatArray, PriorName
from prefactor.errors import SettingError, UnknownNameError
from prefactor.stats.priors import HorseshoePrior, LaplacePrior, NormalPrior, Prior, make_prior

PRIORS: tuple[Prior, ...] = (LaplacePrior(0.1), NormalPrior(0.14), HorseshoePrior(0.1))
PLACES = [(0.0, 0.01), (0.3, 0.02), (-1.0, 0.5), (5.0, 4.0), (0.05, 0.003)]


def brute(prior: Prior, mean: float, variance: float) -> tuple[FloatArray, FloatArray]:
    """Points, fine near 0, and the mass of the product between neighbours by the midpoint rule."""
    half = np.concatenate([np.geomspace(1e-9, 1e-2, 40_001), np.linspace(1e-2, 14, 400_001)[1:]])
    edges = np.concatenate([-half[::-1], half])
    middle = 0.5 * (edges[1:] + edges[:-1])
    logs = prior.log_density(middle) - 0.5 * (middle - mean) ** 2 / variance
    mass = np.diff(edges) * np.exp(logs - logs.max())
    return edges, mass / mass.sum()


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.name)
@pytest.mark.parametrize(("mean", "variance"), PLACES)
def test_moments_match_brute_force(prior: Prior, mean: float, variance: float) -> None:
    edges, mass = brute(prior, mean, variance)
    middle = 0.5 * (edges[1:] + edges[:-1])
    expected = mass @ middle
    found_mean, found_variance = prior.moments(np.array([mean]), np.array([variance]))
    assert found_mean[0] == pytest.approx(expected, abs=2e-7)
    assert found_variance[0] == pytest.approx(mass @ (middle - expected) ** 2, rel=1e-5)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.name)
@pytest.mark.parametrize("probability", [1e-4, 0.05, 0.5, 0.95])
@pytest.mark.parametrize(("mean", "variance"), PLACES)
def test_quantiles_match_brute_force(prior: Prior, probability: float, mean: float, variance: float) -> None:
    edges, mass = brute(prior, mean, variance)
    expected = np.interp(probability, np.concatenate([[0.0], np.cumsum(mass)]), edges)
    found = prior.quantile(np.array([mean]), np.array([variance]), probability=np.array([probability]))
    assert found[0] == pytest.approx(expected, abs=1e-5)


def test_laplace_moments_are_continuous_where_the_series_takes_over() -> None:
    _, found = LaplacePrior(0.1).moments(np.zeros(2), np.array([24.99, 25.01]))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.name)
def test_a_flat_normal_leaves_the_prior(prior: Prior) -> None:
    mean, variance = prior.moments(np.zeros(1), np.full(1, 1e8))
    assert mean[0] == pytest.approx(0.0, abs=1e-9)
    assert variance[0] == pytest.approx(prior.variance, rel=1e-5)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.name)
def test_scale_and_sign_are_carried_through(prior: Prior) -> None:
    twice = make_prior(prior.name, 2 * prior.scale)
    mean, variance = np.array([0.07]), np.array([0.02])
    one, other = prior.moments(mean, variance), twice.moments(-2 * mean, 4 * variance)
    assert other[0] == pytest.approx(-2 * one[0], rel=1e-9)
    assert other[1] == pytest.approx(4 * one[1], rel=1e-9)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.name)
def test_the_envelope_is_concave_and_no_steeper_than_the_density(prior: Prior) -> None:
    places = np.linspace(0.02, 3, 400)
    log_density, envelope = prior.log_density(places), prior.envelope(places)
    assert (np.diff(envelope, 2) <= 1e-9).all()
    assert (np.diff(log_density) <= np.diff(envelope) + 1e-9).all()
    slope = (prior.envelope(places + 1e-6) - prior.envelope(places - 1e-6)) / 2e-6
    assert prior.envelope_fall(places) == pytest.approx(-slope, rel=1e-5)


def test_the_horseshoe_spares_large_weights_more_than_the_laplace_prior_does() -> None:
    mean, variance = np.array([0.02, 0.8]), np.full(2, 0.01)
    horseshoe, laplace = (prior.moments(mean, variance)[0] for prior in (PRIORS[2], PRIORS[0]))
    assert horseshoe[0] < laplace[0]
    assert horseshoe[1] > laplace[1]


@pytest.mark.parametrize("name", ["Laplace", "normal", "horseshoe"])
@pytest.mark.parametrize("scale", [0.0, -1.0, 11.0, np.nan])
def test_a_scale_out_of_range_is_refused(name: PriorName, scale: float) -> None:
    with pytest.raises(SettingError, match="prior_scale"):
        make_prior(name, scale)


def test_an_unknown_prior_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Laplace"):
        make_prior("laplace")  # type: ignore[arg-type]
