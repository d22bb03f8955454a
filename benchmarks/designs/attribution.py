"""Designs for what factors do together, and for parts of a comparison's log-odds: weights are drawn from the prior.

As for every posterior interval, coverage is over judges as the prior expects them.
"""

from collections.abc import Callable, Mapping

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.config import INTERVAL, PRIOR_SCALE
from prefactor.stats.collinearity import fit_collinearity, group_indistinguishable
from prefactor.stats.joint_covariance import fit_joint_covariance
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.special import normal_quantile

__all__ = ["DESIGNS"]

_FACTORS = 8


def _features(random: np.random.Generator, rows: int) -> FloatArray:
    """Sign features of which the first two are nearly the same and the third goes with them."""
    common = random.standard_normal((rows, 1)) * np.array([1.0, 1.0, 0.8, 0, 0, 0, 0, 0])
    own = random.standard_normal((rows, _FACTORS)) * np.array([0.12, 0.12, 0.8, 1, 1, 1, 1, 1])
    return np.sign(common + own) * (random.random((rows, _FACTORS)) < np.array([1, 1, 0.9, 0.9, 0.8, 0.8, 0.5, 0.2]))


def _intervals(
    features: FloatArray, preference: FloatArray, clusters: IntArray, true: FloatArray
) -> Mapping[str, tuple[float, float, float]]:
    fitted = fit_posterior(features, preference)
    covariance = fit_joint_covariance(
        features, preference, mean=fitted.mean, covariance=fitted.covariance, clusters=clusters
    ).covariance
    groups = group_indistinguishable(fit_collinearity(features).correlation, mean=fitted.mean, covariance=covariance)
    z = normal_quantile(0.5 * (1 + INTERVAL))
    found = {}
    for name, row in (
        ("log-odds of a comparison", features[0]),
        ("part of the first two factors", features[0] * (np.arange(_FACTORS) < 2)),
    ):
        if row.any():
            centre, spread = float(row @ fitted.mean), z * float(np.sqrt(row @ covariance @ row))
            found[name] = (centre - spread, float(row @ true), centre + spread)
    for group in groups:
        if group.factors == (0, 1):
            found["group that cannot be told apart"] = (group.effect.low, float(true[0] + true[1]), group.effect.high)
    return found


def _independent(random: np.random.Generator) -> Mapping[str, tuple[float, float, float]]:
    features, true = _features(random, 400), random.laplace(0, PRIOR_SCALE, _FACTORS)
    preference = (random.random(400) < 1 / (1 + np.exp(-features @ true))).astype(np.float64)
    return _intervals(features, preference, np.arange(400), true)


def _alike(random: np.random.Generator) -> Mapping[str, tuple[float, float, float]]:
    """Four annotators who nearly always agree judge each of 300 comparisons."""
    features, true = _features(random, 300), random.laplace(0, PRIOR_SCALE, _FACTORS)
    first = random.random(300) < 1 / (1 + np.exp(-features @ true))
    clusters = np.repeat(np.arange(300), 4)
    fresh = random.random(1_200) < 1 / (1 + np.exp(-(features @ true)[clusters]))
    preference = np.where(random.random(1_200) < 0.8, first[clusters], fresh).astype(np.float64)
    return _intervals(features[clusters], preference, clusters, true)


DESIGNS: dict[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]] = {
    "400 comparisons, weights from the prior": _independent,
    "300 comparisons by 4 annotators who agree": _alike,
}
