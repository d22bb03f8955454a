"""The ceiling of accuracy: how often the best possible predictor of a single, noisy verdict would be right.

Arrays and shares in, estimates out; knows no judge and no factor.
"""

from dataclasses import dataclass
from math import exp, inf, isfinite, lgamma, log, nan, pi, sqrt

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.clusters import check_clusters
from prefactor.stats.estimate import Estimate
from prefactor.stats.sites import exact_grid

__all__ = ["ClusteredRows", "best_accuracy", "best_accuracy_of_both_orders", "correlate_means", "way_to_ceiling"]

_LARGE = 1e8
"""Shape of the beta distribution from which its limit is taken."""


@dataclass(frozen=True, slots=True)
class ClusteredRows:
    """Rows whose weighted mean is an estimate.

    Parameters
    ----------
    values, weights
        Shape (n,).
    clusters
        Whole numbers, shape (n,).
    """

    values: FloatArray
    weights: FloatArray
    clusters: IntArray


def best_accuracy(agreement: float) -> float:
    """Accuracy of the best predictor of one verdict, from how often two verdicts on one comparison agree.

    A verdict on comparison i is A with chance p_i. Whoever knows every p_i, and no more, names the likelier side and is
    right in E[max(p, 1 - p)]: no predictor that knows only the answers does better. Two independent verdicts agree in
    E[p^2 + (1 - p)^2]. The p_i are taken to follow the beta distribution with both parameters a, whichever side is
    called A: the agreement is then (a + 1) / (2 a + 1), and the ceiling 1/2 + 1 / (a 4^a B(a, a)).

    Agreement alone does not fix the ceiling: whatever the distribution, it lies between the agreement itself (all p in
    0, 1/2, 1) and (1 + sqrt(2 agreement - 1)) / 2 (all p alike). Where log-odds of A are normal, the model is within
    0.3 points; uniform or with lapses, within 1.1; where there are a few kinds of comparisons only, up to 4 off.

    Parameters
    ----------
    agreement
        In [0, 1]; up to one half it is that of coins.

    Returns
    -------
    float
        In [1/2, 1]; NaN of NaN.

    Examples
    --------
    >>> [round(best_accuracy(share), 4) for share in (0.5, 2 / 3, 0.8, 1.0)]
    [0.5, 0.75, 0.8566, 1.0]
    """
    if not agreement < 1:
        return 1.0 if agreement >= 1 else nan
    if agreement <= 0.5:
        return 0.5
    a = (1 - agreement) / (2 * agreement - 1)
    if a > _LARGE:
        return 0.5 + 0.5 / sqrt(pi * a)
    return min(0.5 + exp(lgamma(2 * a) - 2 * lgamma(a) - 2 * a * log(2) - log(a)), 1.0)


def best_accuracy_of_both_orders(agreement: float) -> float:
    """Accuracy of the best predictor of a preference that two presentation orders agree on.

    The two are taken as independent verdicts of the same chance p, so that a preference on which they agree is A with
    chance p^2 / (p^2 + (1 - p)^2), and the ceiling is E[max(p, 1 - p)^2] / E[p^2 + (1 - p)^2] over the p of
    :func:`best_accuracy`. Where the order itself turns verdicts, they agree too rarely for what they are worth, and the
    true ceiling is higher: a judge without any chance, however biased, could be predicted perfectly.

    Parameters
    ----------
    agreement
        Share of the comparisons on which the two orders agree, in [0, 1].

    Returns
    -------
    float
        In [1/2, 1]; NaN of NaN.

    Examples
    --------
    >>> [round(best_accuracy_of_both_orders(share), 4) for share in (0.5, 2 / 3, 0.8, 1.0)]
    [0.5, 0.875, 0.9457, 1.0]
    """
    square = max(2 * agreement - 1, 0.0) if isfinite(agreement) else nan
    distance = 2 * best_accuracy(agreement) - 1
    return (1 + 2 * distance + square) / (2 * (1 + square))


def correlate_means(first: ClusteredRows, second: ClusteredRows) -> float:
    """Correlation of two means over rows of the same clusters, from what each cluster adds to either.

    Parameters
    ----------
    first, second
        Their rows; a cluster may lack rows of one.

    Returns
    -------
    float
        In [-1, 1]; 0 where one of the means cannot vary.

    Examples
    --------
    >>> rows = ClusteredRows(np.array([0.0, 1.0, 1.0]), np.ones(3), np.array([4, 7, 9]))
    >>> correlate_means(rows, rows)
    1.0
    """
    index = check_clusters(np.concatenate([first.clusters, second.clusters]), first.values.size + second.values.size)
    count = int(index.max(initial=-1)) + 1
    one, two = (
        exact_grid(_added(rows, part, count))
        for rows, part in ((first, index[: first.values.size]), (second, index[first.values.size :]))
    )
    scale = sqrt(float(exact_grid(one * one).sum()) * float(exact_grid(two * two).sum()))
    return max(-1.0, min(float(exact_grid(one * two).sum()) / scale, 1.0)) if scale > 0 else 0.0


def _added(rows: ClusteredRows, index: IntArray, count: int) -> FloatArray:
    """Sum up what each cluster adds to the mean of its rows, but for a factor common to all."""
    weights = exact_grid(rows.weights)
    if not rows.values.size or not weights.sum():
        return np.zeros(count)
    mean = float(exact_grid(weights * rows.values).sum() / weights.sum())
    added = exact_grid(weights * (rows.values - mean))
    return np.bincount(index, weights=added, minlength=count).astype(np.float64)


def way_to_ceiling(accuracy: Estimate, ceiling: Estimate, *, correlation: float = 0.0) -> Estimate:
    """Share of the way from a coin to the ceiling that an accuracy has gone, with an interval.

    (accuracy - 1/2) / (ceiling - 1/2). The interval is that of Donner and Zou (2012, DOI 10.1177/0962280210383082) for
    a ratio: the shares s for which the interval of accuracy - 1/2 - s (ceiling - 1/2), recovered from the two given
    ones and their correlation, holds 0.

    Parameters
    ----------
    accuracy, ceiling
        With intervals of the same mass.
    correlation
        Of the two estimates.

    Returns
    -------
    Estimate
        1 is the ceiling, 0 a coin; it may lie beyond either by chance. NaN where the ceiling is no better than a coin;
        no interval where that is not excluded.

    Examples
    --------
    >>> str(way_to_ceiling(Estimate(0.71, 0.70, 0.73), Estimate(0.9, 0.88, 0.92)))
    '0.52 [0.49, 0.58]'
    """
    top, bottom = accuracy.value - 0.5, ceiling.value - 0.5
    if not bottom > 0:
        return Estimate(nan)
    below, above = accuracy.value - accuracy.low, accuracy.high - accuracy.value
    shorter, longer = ceiling.value - ceiling.low, ceiling.high - ceiling.value
    # A larger ceiling makes a smaller share, unless the share is negative.
    low = _end(top, bottom, moves=(below, longer if top > below else shorter), correlation=correlation, side=-1)
    high = _end(top, bottom, moves=(above, shorter if top > -above else longer), correlation=correlation, side=1)
    if not (isfinite(low) and isfinite(high)):
        return Estimate(top / bottom)
    return Estimate(top / bottom, min(low, top / bottom), max(high, top / bottom))


def _end(top: float, bottom: float, *, moves: tuple[float, float], correlation: float, side: int) -> float:
    """Root of (top - s bottom)^2 = a^2 - 2 r a b s + (b s)^2 on one side of top / bottom; infinite without one."""
    a, b = moves
    square = bottom**2 - b**2
    half = top * bottom - correlation * a * b
    root = half**2 - square * (top**2 - a**2)
    if not (square > 0 and root >= 0):
        return side * inf
    return (half + side * sqrt(root)) / square
