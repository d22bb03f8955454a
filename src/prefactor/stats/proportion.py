"""Shares and means over rows that come in clusters, with intervals that stay honest at 0 %, 100 % and few rows.

Arrays in, an estimate out; knows nothing of what is counted.
"""

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.clusters import ClusterMoments, bounded_interval, check_clusters, check_weights, plain_interval
from prefactor.stats.estimate import Estimate
from prefactor.stats.sites import exact_grid

__all__ = ["cluster_mean", "cluster_share"]


def cluster_share(
    values: ArrayLike, *, clusters: ArrayLike, weights: ArrayLike | None = None, interval: float = INTERVAL
) -> Estimate:
    """Mean of values in [0, 1], such as accuracy or the share preferring A, with its clustered interval.

    The interval is that of :func:`prefactor.stats.clusters.bounded_interval`.

    Parameters
    ----------
    values
        Shape (n,), in [0, 1]; a half counts as half.
    clusters
        Whole numbers, shape (n,).
    weights
        Shape (n,), at least 0; None is 1 everywhere.
    interval
        Mass of the interval.

    Returns
    -------
    Estimate
        The weighted mean; NaN without rows, and NaN ends with fewer than two clusters.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> str(cluster_share([1.0] * 24, clusters=range(24)))
    '1.00 [0.90, 1.00]'
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or not ((given >= 0) & (given <= 1)).all():
        raise SettingError("values", expected="a vector of numbers in [0, 1]", got=given)
    moments = _moments(2 * given - 1, clusters, weights)
    found = bounded_interval(moments, check_fraction("interval", interval))
    return Estimate(*(0.5 * (1 + float(end[0])) for end in (found.value, found.low, found.high)))


def cluster_mean(
    values: ArrayLike, *, clusters: ArrayLike, weights: ArrayLike | None = None, interval: float = INTERVAL
) -> Estimate:
    """Mean of any finite values, such as log losses, with its cluster-robust Student interval.

    Parameters
    ----------
    values
        Finite numbers, shape (n,).
    clusters
        Whole numbers, shape (n,).
    weights
        Shape (n,), at least 0; None is 1 everywhere.
    interval
        Mass of the interval.

    Returns
    -------
    Estimate
        The weighted mean; NaN without rows, and NaN ends with fewer than two clusters.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> str(cluster_mean([0.5, 0.7, 0.6, 0.8], clusters=[0, 1, 2, 3]))
    '0.65 [0.50, 0.80]'
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or not np.isfinite(given).all():
        raise SettingError("values", expected="a vector of finite numbers", got=given)
    found = plain_interval(_moments(given, clusters, weights), check_fraction("interval", interval))
    return Estimate(float(found.value[0]), float(found.low[0]), float(found.high[0]))


def _moments(values: FloatArray, clusters: ArrayLike, weights: ArrayLike | None) -> ClusterMoments:
    index = check_clusters(clusters, values.size)
    weighed = exact_grid(check_weights(weights, values.size))
    return ClusterMoments.of(exact_grid(values), weighed, informative=np.ones(values.size), index=index)
