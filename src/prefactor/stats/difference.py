"""Differences of shares: paired, row by row, and of two separate samples; with intervals and tests.

Arrays and estimates in, a difference out; knows nothing of what is compared.
"""

from dataclasses import dataclass
from math import isfinite, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.clusters import ClusterMoments, bounded_interval, check_clusters, check_weights
from prefactor.stats.estimate import Estimate
from prefactor.stats.sites import exact_grid
from prefactor.stats.special import normal_quantile, student_two_sided

__all__ = ["Difference", "paired_difference", "separate_difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference in [-1, 1].

    Parameters
    ----------
    estimate
        With its interval.
    p_below
        One-sided: how probable a difference so far below 0, or farther, is where the true one is 0; NaN without an
        interval.
    """

    estimate: Estimate
    p_below: float


def paired_difference(
    values: ArrayLike, *, clusters: ArrayLike, weights: ArrayLike | None = None, interval: float = INTERVAL
) -> Difference:
    """Mean of differences of two shares on the same rows.

    Interval and test are those of :func:`prefactor.stats.clusters.bounded_interval`.

    Parameters
    ----------
    values
        Shape (n,), in [-1, 1].
    clusters
        Whole numbers, shape (n,).
    weights
        Shape (n,), at least 0; None is 1 everywhere.
    interval
        Mass of the interval.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> found = paired_difference([-1.0, 0.0, -0.5] * 20, clusters=range(60))
    >>> str(found.estimate), found.p_below < 0.001
    ('-0.50 [-0.57, -0.39]', True)
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or not (np.abs(given) <= 1).all():
        raise SettingError("values", expected="a vector of numbers in [-1, 1]", got=given)
    if not given.size:
        return Difference(Estimate(nan), nan)
    index = check_clusters(clusters, given.size)
    weighed = exact_grid(check_weights(weights, given.size))
    moments = ClusterMoments.of(exact_grid(given), weighed, informative=np.ones(given.size), index=index)
    found = bounded_interval(moments, check_fraction("interval", interval))
    value, low, high, p = (float(each[0]) for each in (found.value, found.low, found.high, found.p_value))
    return Difference(Estimate(value, low, high), p / 2 if value < 0 else 1 - p / 2)


def separate_difference(first: Estimate, second: Estimate, *, interval: float = INTERVAL) -> Difference:
    """Difference of two shares from different rows.

    The interval takes each end from those of the two (Newcombe 1998, DOI 10.1002/(SICI)1097-0258(19980430)17:8); the
    test takes the normal distribution with a standard error that fits the upper ends' widths.

    Parameters
    ----------
    first, second
        With intervals of the same mass.
    interval
        That mass.

    Examples
    --------
    >>> str(separate_difference(Estimate(0.5, 0.4, 0.6), Estimate(0.8, 0.75, 0.85)).estimate)
    '-0.30 [-0.41, -0.19]'
    """
    value = first.value - second.value
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    if not isfinite(below + above):
        return Difference(Estimate(value), nan)
    estimate = Estimate(value, max(value - below, -1.0), min(value + above, 1.0))
    error = above / float(normal_quantile(0.5 + interval / 2))
    p = float(student_two_sided(np.array([abs(value) / error if error > 0 else 0.0]), np.array([1e6]))[0])
    return Difference(estimate, p / 2 if value < 0 else 1 - p / 2)
