"""How well the sign features of comparisons are measured: against another measurement, or against their truth.

Arrays in, a frozen result out; knows no factor and no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.clusters import ClusterMoments, Interval, bounded_interval, check_clusters
from prefactor.stats.sites import check_matrix, check_signs

__all__ = ["SignReliability", "measure_repeats", "measure_truth"]


@dataclass(frozen=True, slots=True)
class SignReliability:
    """How well d sign features are measured; estimates are rows of value, low and high end.

    Parameters
    ----------
    reliability
        Squared correlation about zero of the measured feature with the true one, in [0, 1]; as three rows: value, low
        and high end, shape (3, d). NaN where it cannot be had.
    slope
        By how much an effect is attenuated: what the measured feature is on average, for a true one of 1. Shape (3, d).
    flips
        Share of comparisons that turn over: one says more and the other less, out of those in which either says so.
        Shape (3, d), in [0, 1].
    tie_changes
        Share of them in which just one says that the answers are equal. Shape (3, d).
    rows
        Pairs of measurements of a comparison.
    differing
        Those of them in which a measurement says that the answers differ.
    halo
        Correlations of the errors of every two features, shape (d, d), 1 on the diagonal.
    halo_error
        Their standard errors, clustered, shape (d, d).
    """

    reliability: FloatArray
    slope: FloatArray
    flips: FloatArray
    tie_changes: FloatArray
    rows: int
    differing: IntArray
    halo: FloatArray
    halo_error: FloatArray


def measure_repeats(
    first: ArrayLike, second: ArrayLike, *, clusters: ArrayLike, interval: float = INTERVAL
) -> SignReliability:
    """Reliability of sign features from two measurements of the same comparisons, test and retest.

    The reliability is 2 sum(x1 x2) / sum(x1^2 + x2^2), the correlation about zero of two measurements that are alike in
    kind: the one-way intraclass correlation (Shrout and Fleiss 1979, DOI 10.1037/0033-2909.86.2.420) about the mean of
    zero that features without an order have. It is a weighted mean of 1 (both say the same), -1 (opposite) and 0 (one
    says equal, weight a half), whose interval is that of :func:`prefactor.stats.clusters.bounded_interval`. The slope
    is its square root (Spearman 1904, DOI 10.2307/1412159), as it is where a measurement is right with that probability
    and otherwise a fresh draw of what the feature is like. Errors go together (halo) by the correlation of x1 - x2,
    in which whatever is true of the answers cancels.

    Parameters
    ----------
    first, second
        Shape (n, d), in {-1, 0, 1}, NaN where there is no measurement.
    clusters
        Whole numbers, shape (n,): the prompts.
    interval
        Mass of the intervals.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> one = np.tile([[1.0], [-1.0], [1.0], [0.0]], (25, 1))
    >>> two = np.where(np.arange(100)[:, None] % 10 == 0, -one, one)
    >>> measure_repeats(one, two, clusters=np.arange(100)).reliability[:, 0].round(2).tolist()
    [0.73, 0.58, 0.84]
    """
    a, b = _checked(first, second)
    index = check_clusters(clusters, len(a))
    reliability = _likeness(a, b, index, interval)
    return _Pair(a, b, index, interval).result(a - b, reliability=reliability, slope=_root(reliability))


def measure_truth(
    measured: ArrayLike, truth: ArrayLike, *, clusters: ArrayLike, interval: float = INTERVAL
) -> SignReliability:
    """Reliability of sign features from a sample whose true features are known, as from people's labels.

    The slope is sum(x t) / sum(t^2), and the reliability the square of the correlation about zero, sum(x t) /
    sqrt(sum(x^2) sum(t^2)): nothing is taken for granted of how the errors arise, but that people make none. ``halo``
    is that of the errors x - slope t.

    Parameters
    ----------
    measured, truth
        Shape (n, d), in {-1, 0, 1}, NaN where there is none.
    clusters
        Whole numbers, shape (n,): the prompts.
    interval
        Mass of the intervals.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> truth = np.tile([[1.0], [-1.0], [0.0], [0.0]], (25, 1))
    >>> measured = np.where(truth == 0, np.where(np.arange(100)[:, None] % 8 < 4, 1.0, -1.0), truth)
    >>> found = measure_truth(measured, truth, clusters=np.arange(100))
    >>> found.slope[:, 0].round(2).tolist(), found.reliability[0].round(2).tolist()
    ([1.0, 0.9, 1.0], [0.5])
    """
    x, true = _checked(measured, truth)
    index = check_clusters(clusters, len(x))
    slope = _means(x * true, true * true, index, interval)
    own, others = (x * x).sum(axis=0), (true * true).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = _likeness(x, true, index, interval) * (0.5 * (own + others) / np.sqrt(own * others))
    return _Pair(x, true, index, interval).result(
        x - np.nan_to_num(slope.value) * true,
        reliability=np.sign(correlation) * np.minimum(correlation * correlation, 1.0),
        slope=np.stack([slope.value, slope.low, slope.high]),
    )


def _checked(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Both measurements as floats, 0 in both where either is not there."""
    a, b = (check_matrix(each).astype(np.float64) for each in (first, second))
    if a.shape != b.shape:
        raise SettingError("second", expected=f"shape {a.shape}, that of the first", got=b.shape)
    for given in (a, b):
        for position, column in enumerate(given.T):
            check_signs(column, position)
    known = ~np.isnan(a) & ~np.isnan(b)
    return np.where(known, a, 0.0), np.where(known, b, 0.0)


def _likeness(a: FloatArray, b: FloatArray, index: IntArray, interval: float) -> FloatArray:
    """2 sum(ab) / sum(a^2 + b^2) with its interval, shape (3, d)."""
    size = 0.5 * (a * a + b * b)
    same = np.divide(a * b, size, out=np.zeros_like(size), where=size > 0)
    found = _means(same, size, index, interval)
    return np.stack([found.value, found.low, found.high])


def _means(values: FloatArray, weights: FloatArray, index: IntArray, interval: float) -> Interval:
    """Weighted means of values in [-1, 1], column by column; rows of weight 0 are left out."""
    check_fraction("interval", interval)
    parts = []
    for value, weight in zip(values.T, weights.T, strict=True):
        used = weight > 0
        own = np.unique(index[used], return_inverse=True)[1]
        parts.append(ClusterMoments.of(value[used], weight[used], informative=np.ones(own.size), index=own))
    return bounded_interval(ClusterMoments.joined(parts), interval)


def _root(reliability: FloatArray) -> FloatArray:
    return np.where(reliability[0] > 0, np.sqrt(np.maximum(np.nan_to_num(reliability), 0.0)), np.nan)


@dataclass(frozen=True, slots=True)
class _Pair:
    a: FloatArray
    b: FloatArray
    index: IntArray
    interval: float

    def result(self, errors: FloatArray, *, reliability: FloatArray, slope: FloatArray) -> SignReliability:
        either = (self.a != 0) | (self.b != 0)
        halo, halo_error = _halo(errors, self.index)
        return SignReliability(
            reliability=reliability,
            slope=slope,
            flips=self._share(self.a * self.b < 0, either),
            tie_changes=self._share((self.a == 0) | (self.b == 0), either),
            rows=len(self.a),
            differing=np.count_nonzero(either, axis=0).astype(np.int64),
            halo=halo,
            halo_error=halo_error,
        )

    def _share(self, event: BoolArray, among: BoolArray) -> FloatArray:
        found = _means(np.where(event, 1.0, -1.0), among.astype(np.float64), self.index, self.interval)
        return np.asarray(0.5 * (1 + np.stack([found.value, found.low, found.high])))


def _halo(errors: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray]:
    """Correlations of errors about zero, and their standard errors were they 0: sums over clusters, squared.

    Where errors are rare, few of their products are not 0 and these sums say little: it is 1 / sqrt(clusters) at least.
    """
    products = errors.T @ errors
    scale = np.sqrt(np.outer(np.diag(products), np.diag(products)))
    some = scale > 0
    groups = int(index.max(initial=-1)) + 1
    squares = np.empty_like(products)
    for position, column in enumerate(errors.T):
        sums = np.stack([np.bincount(index, weights=column * other, minlength=groups) for other in errors.T])
        squares[position] = (sums * sums).sum(axis=1)
    halo = np.divide(products, scale, out=np.eye(len(products)), where=some)
    found = np.divide(np.sqrt(squares), scale, out=np.zeros_like(products), where=some)
    return halo, np.where(some, np.maximum(found, 1 / np.sqrt(max(groups, 1))), 0.0)
