"""Means over rows that come in clusters (prompts), and intervals for them that hold with few or lopsided clusters.

Arrays in, arrays out; knows no preference and no factor.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray, IntArray
from prefactor.errors import SettingError
from prefactor.stats.special import student_quantile, student_two_sided

__all__ = [
    "ClusterMoments",
    "Interval",
    "bounded_interval",
    "check_clusters",
    "check_weights",
    "plain_interval",
]

_MOST_FREEDOM: Final = 1e9
"""Degrees of freedom that stand for endless ones."""


@dataclass(frozen=True, slots=True)
class ClusterMoments:
    """What the clusters of each of d samples sum up to; u, n and a are the sums of one cluster.

    Parameters
    ----------
    total, rows, informative
        Sums over clusters of u (values), n (weights) and a (weights of informative rows), shape (d,).
    squares, products, row_squares
        Sums of u^2, u n and n^2.
    informative_squares, informative_cubes, informative_fourths
        Sums of a^2, a^3 and a^4.
    spread
        Sum over rows of weight * value^2.
    clusters
        Number of clusters with an informative row.
    """

    total: FloatArray
    rows: FloatArray
    informative: FloatArray
    squares: FloatArray
    products: FloatArray
    row_squares: FloatArray
    informative_squares: FloatArray
    informative_cubes: FloatArray
    informative_fourths: FloatArray
    spread: FloatArray
    clusters: FloatArray

    @classmethod
    def of(
        cls, values: FloatArray, weights: FloatArray, *, informative: FloatArray, index: IntArray
    ) -> "ClusterMoments":
        """Moments of one sample of n rows.

        Parameters
        ----------
        values, weights
            Shape (n,).
        informative
            1 where a row tells of the mean, else 0.
        index
            Cluster of each row, from 0.
        """
        u = np.bincount(index, weights=weights * values)
        n = np.bincount(index, weights=weights)
        a = np.bincount(index, weights=weights * informative)
        squares = a * a
        numbers = [u.sum(), n.sum(), a.sum(), u @ u, u @ n, n @ n, squares.sum(), squares @ a, squares @ squares]
        spread = float(weights @ (values * values))
        return cls(*(np.array([number]) for number in (*numbers, spread, float(np.count_nonzero(a)))))

    @classmethod
    def joined(cls, parts: list["ClusterMoments"]) -> "ClusterMoments":
        """One record of several samples."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([np.empty(0), *(getattr(part, name) for part in parts)]) for name in names))


@dataclass(frozen=True, slots=True)
class Interval:
    """Means of d samples with intervals and tests.

    Parameters
    ----------
    value, low, high
        Mean and ends of the interval; NaN where they cannot be had, shape (d,).
    p_value
        Two-sided, of a mean of 0.
    df
        Degrees of freedom of the Student distribution used.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    df: FloatArray


def bounded_interval(moments: ClusterMoments, interval: float) -> Interval:
    """Score interval and test for means of values in [-1, 1].

    All means mu that lie within t standard errors of the observed mean m, the standard error being that under mu:

        (m - mu)^2 <= t^2 design (s - mu^2) / n

    with n the rows, s = (sum of squares + 1) / (n + 1) the mean square, and ``design`` the design effect: the
    cluster-robust variance of m, times (df + 1) / df, over what it would be of rows that are not alike. That is the
    interval of Wilson (1927, DOI 10.1080/01621459.1927.10502953) with the first-order correction of Rao and Scott
    (1984, DOI 10.1214/aos/1176346391). It keeps a width where all rows agree: each cluster then counts as one row. What
    clusters are few to tell is the design effect alone, so t has the degrees of freedom of the clusters over 1 - 1 / k,
    k rows being in the cluster of a row on average: endless ones where clusters are single rows, whose variance follows
    from mu. The p-value is that of mu = 0, with the sum of values brought nearer to 0 by 1 (half the step between sums
    of signs), without which it would trip too often where few rows are informative.

    ``benchmarks/coverage.py`` prints its coverage. It is lowest with few clusters of alike rows far from 0, whose
    spread is skewed: 86 % at 6 clusters of 40 rows, correlated by 0.2 about a mean of 0.8.

    Parameters
    ----------
    moments
        Sums of d samples.
    interval
        Mass of the interval.

    Returns
    -------
    Interval
        NaN ends and p-value where fewer than two clusters are informative; NaN mean where there is no row.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = moments.total / moments.rows
        design, df = _design(moments, mean)
        square = (moments.spread + 1) / (moments.rows + 1)
        error = np.sqrt(design * (df + 1) / df * square / moments.rows)
        usable = moments.clusters >= 2
        df = np.where(usable, df, 1.0)
        reach = (student_quantile(interval, df) * error) ** 2 / square
        half = np.sqrt(reach * (square * (1 + reach) - mean * mean))
        statistic = np.maximum(np.abs(moments.total) - 1, 0.0) / (moments.rows * error)
        p_value = student_two_sided(np.where(usable, statistic, 0.0), df)
        low, high = (mean - half) / (1 + reach), (mean + half) / (1 + reach)
    # Where all rows agree the far end is the mean itself, but for rounding.
    return Interval(
        value=mean,
        low=np.where(usable, np.clip(low, -1.0, mean), np.nan),
        high=np.where(usable, np.clip(high, mean, 1.0), np.nan),
        p_value=np.where(usable, p_value, np.nan),
        df=np.where(usable, df, np.nan),
    )


def plain_interval(moments: ClusterMoments, interval: float) -> Interval:
    """Cluster-robust Student interval and test for means of any values.

    Parameters
    ----------
    moments
        Sums of d samples.
    interval
        Mass of the interval.

    Returns
    -------
    Interval
        NaN ends and p-value with fewer than two clusters; NaN mean where there is no row.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = moments.total / moments.rows
        df = _freedom(moments, np.ones(1))
        error = np.sqrt(np.maximum(_residual_squares(moments, mean), 0.0) * (df + 1) / df) / moments.rows
        statistic = np.where(error > 0, mean / error, np.where(mean == 0, 0.0, np.inf))
    usable = moments.clusters >= 2
    df = np.where(usable, df, 1.0)
    half = student_quantile(interval, df) * error
    p_value = student_two_sided(np.where(usable, statistic, 0.0), df)
    return Interval(
        value=mean,
        low=np.where(usable, mean - half, np.nan),
        high=np.where(usable, mean + half, np.nan),
        p_value=np.where(usable, p_value, np.nan),
        df=np.where(usable, df, np.nan),
    )


def check_clusters(clusters: ArrayLike, rows: int) -> IntArray:
    """Check cluster labels and number them 0, 1, ... in sorted order.

    Parameters
    ----------
    clusters
        Whole numbers, shape (n,).
    rows
        n.

    Returns
    -------
    IntArray
        Shape (n,).

    Raises
    ------
    SettingError
        Not whole numbers, or not one for each row.

    Examples
    --------
    >>> check_clusters([7, 3, 7], 3).tolist()
    [1, 0, 1]
    """
    given = np.asarray(clusters)
    if given.shape != (rows,) or (given.dtype.kind not in "iu" and rows > 0):
        raise SettingError("clusters", expected=f"{rows} whole numbers", got=(given.dtype.name, given.shape))
    return np.unique(given, return_inverse=True)[1].astype(np.int64, copy=False)


def check_weights(weights: ArrayLike | None, rows: int) -> FloatArray:
    """Check weights of rows; None is 1 everywhere.

    Parameters
    ----------
    weights
        Finite numbers of at least 0, shape (n,), or None.
    rows
        n.

    Returns
    -------
    FloatArray
        Shape (n,).

    Raises
    ------
    SettingError
        A wrong shape, or a weight that is negative or not finite.

    Examples
    --------
    >>> check_weights(None, 2).tolist()
    [1.0, 1.0]
    """
    if weights is None:
        return np.ones(rows)
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (rows,) or not (np.isfinite(given) & (given >= 0)).all():
        raise SettingError("weights", expected=f"{rows} finite numbers of at least 0", got=given)
    return given


def _residual_squares(moments: ClusterMoments, mean: FloatArray) -> FloatArray:
    return moments.squares - 2 * mean * moments.products + mean * mean * moments.row_squares


def _freedom(moments: ClusterMoments, likeness: FloatArray) -> FloatArray:
    """Effective number of informative clusters, less one and at least 1.

    (sum v)^2 / sum v^2 with v = (1 - likeness) a + likeness a^2, to which the variance of a cluster's sum is
    proportional when its rows have that correlation (Satterthwaite 1946, DOI 10.2307/3002019).
    """
    apart = 1 - likeness
    first = apart * moments.informative + likeness * moments.informative_squares
    second = apart**2 * moments.informative_squares + likeness**2 * moments.informative_fourths
    second = second + 2 * apart * likeness * moments.informative_cubes
    return np.asarray(np.maximum(np.minimum(first**2 / second, moments.clusters) - 1, 1.0))


def _design(moments: ClusterMoments, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Design effect, at least 1, and the degrees of freedom it is known with."""
    naive = moments.spread - moments.total * mean
    largest = np.maximum(moments.row_squares / moments.rows, 1.0)
    # Rows that all agree say nothing of how alike a cluster's rows are: each cluster then counts as one row.
    found = np.where(naive > 1e-9 * moments.rows, _residual_squares(moments, mean) / naive, largest)
    design = np.clip(found, 1.0, largest)
    likeness = np.where(largest > 1, (design - 1) / (largest - 1), 0.0)
    return design, np.minimum(_freedom(moments, likeness) / (1 - 1 / largest), _MOST_FREEDOM)
