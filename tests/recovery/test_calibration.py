"""The posterior is calibrated: weights drawn from the prior lie anywhere in their marginal posteriors, evenly.

``benchmarks/calibration.py`` does it at length (simulation-based calibration, Talts et al. 2018, arXiv 1804.06788);
here the marginals are cut at the ends of intervals of four masses.
"""

import numpy as np
import pytest
from scipy.stats import chisquare  # type: ignore[import-untyped]

from prefactor._typing import BoolArray
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.special import sigmoid

MASSES = (0.2, 0.4, 0.6, 0.8)
SHARES = (0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1)


def smallest_p_value(*, rows: int, factors: int, scale: float, nu: float, seed: int) -> float:
    """Of even places, over the factors and times their number, for weights drawn with that prior scale."""
    random = np.random.default_rng(seed)
    places = []
    for _ in range(25):
        hidden = random.standard_normal((rows, factors)) + 0.7 * random.standard_normal((rows, 1))
        features = np.where(np.abs(hidden) > 0.5, np.sign(hidden), 0.0)
        true = random.laplace(0, scale, (20, factors))
        odds = true @ features.T
        tied = random.random(odds.shape) < nu / (2 * np.cosh(odds / 2) + nu)
        preference = np.where(tied, 0.5, random.random(odds.shape) < sigmoid(odds))
        fits = [fit_posterior(features, preference, tie_parameter=nu, interval=mass) for mass in MASSES]
        edges = [fit.low for fit in fits[::-1]] + [fit.high for fit in fits]
        places.append(sum((true > edge).astype(int) for edge in edges))
    found = np.concatenate(places)
    expected = np.array(SHARES) * len(found)
    p_values = [chisquare(np.bincount(column, minlength=len(SHARES)), expected).pvalue for column in found.T]
    return float(min(p_values)) * factors


@pytest.mark.parametrize(("rows", "factors", "nu"), [(60, 5, 0.0), (300, 12, 0.0), (200, 5, 0.7)])
def test_true_weights_lie_evenly_in_their_posteriors(rows: int, factors: int, nu: float) -> None:
    assert smallest_p_value(rows=rows, factors=factors, scale=0.1, nu=nu, seed=rows) > 0.005


def test_the_test_sees_weights_that_are_not_from_the_prior() -> None:
    assert smallest_p_value(rows=200, factors=5, scale=0.16, nu=0.0, seed=1) < 1e-4


def test_widened_intervals_cover_where_rows_of_a_prompt_are_alike() -> None:
    random = np.random.default_rng(2)
    clusters = np.repeat(np.arange(40), 10)
    plain, widened = list[BoolArray](), list[BoolArray]()
    for _ in range(80):
        shared = random.standard_normal((40, 6))[clusters]
        features = np.sign(np.sqrt(0.6) * shared + np.sqrt(0.4) * random.standard_normal((400, 6)))
        true = random.laplace(0, 0.1, 6)
        # What decides the verdicts of a prompt correlates by 0.3; each verdict still has its logistic chance.
        luck = np.sqrt(0.3) * random.standard_normal(40)[clusters] + np.sqrt(0.7) * random.standard_normal(400)
        ranks = np.argsort(np.argsort(luck)) / 400
        preference = (ranks < sigmoid(features @ true)).astype(np.float64)
        fit = fit_posterior(features, preference)
        excess = cluster_excess(features, preference, mean=fit.mean, covariance=fit.covariance, clusters=clusters)
        low, high = (widen(end, mean=fit.mean, sd=fit.sd, excess=excess) for end in (fit.low, fit.high))
        plain.append((fit.low <= true) & (true <= fit.high))
        widened.append((low <= true) & (true <= high))
    assert np.mean(plain) < 0.86
    # 480 weights, six to a data set: 2.5 standard errors.
    assert np.mean(widened) == pytest.approx(0.9, abs=0.045)
