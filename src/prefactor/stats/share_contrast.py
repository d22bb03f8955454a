"""Weighted sums of shares over cells of rows that come in clusters: balanced accuracy, differences, decompositions.

Arrays in, an estimate out; knows nothing of what is counted.
"""

from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.ceiling import ClusteredRows, correlate_means
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_share

__all__ = ["contrast_shares", "stratified_difference"]


def contrast_shares(
    values: ArrayLike, cells: ArrayLike, *, coefficients: ArrayLike, clusters: ArrayLike, interval: float = INTERVAL
) -> Estimate:
    """Sum of coefficient times share over cells, with an interval recovered from those of the shares.

    With p_i the share of cell i, c_i its coefficient, d_i the distance of p_i to the end of its own interval that lies
    on the side in question (the lower end where c_i > 0, when the lower end of the sum is sought), and r_ij the
    correlation of two shares whose rows are of the same clusters:

        end = sum c_i p_i -+ sqrt(sum_ij sign(c_i c_j) r_ij |c_i| d_i |c_j| d_j)

    (MOVER with covariance: Zou 2008, DOI 10.1002/sim.3095; Newcombe 1998, DOI
    10.1002/(SICI)1097-0258(19980430)17:8). The shares' own intervals are those of
    :func:`prefactor.stats.proportion.cluster_share`, so the sum keeps a width where every row of a cell agrees.

    Parameters
    ----------
    values
        Shape (n,), in [0, 1].
    cells
        Cell of each row, shape (n,), from 0; rows of -1 are of no cell.
    coefficients
        One for every cell, shape (k,).
    clusters
        Whole numbers, shape (n,).
    interval
        Mass of the interval.

    Returns
    -------
    Estimate
        NaN where a cell with a coefficient other than 0 is empty, NaN ends where one has fewer than two clusters.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> right = [1.0] * 45 + [0.0] * 5 + [1.0] * 10 + [0.0] * 10
    >>> str(contrast_shares(right, [0] * 50 + [1] * 20, coefficients=[1, -1], clusters=range(70)))
    '0.40 [0.20, 0.58]'
    """
    given, cell = np.asarray(values, dtype=np.float64), np.asarray(cells)
    weights, cluster = np.asarray(coefficients, dtype=np.float64), np.asarray(clusters)
    if given.ndim != 1 or cell.shape != given.shape or cluster.shape != given.shape:
        raise SettingError("cells", expected="values, cells and clusters of one length", got=(given.shape, cell.shape))
    if weights.ndim != 1 or (cell.size and int(cell.max()) >= weights.size):
        raise SettingError("coefficients", expected="one for every cell", got=weights.shape)
    used = np.flatnonzero(weights)
    rows = [
        ClusteredRows(given[cell == place], np.ones(int((cell == place).sum())), cluster[cell == place])
        for place in used
    ]
    shares = [cluster_share(each.values, clusters=each.clusters, interval=interval) for each in rows]
    value = float(sum(weight * share.value for weight, share in zip(weights[used], shares, strict=True)))
    if not np.isfinite(value) or any(np.isnan(share.low) for share in shares):
        return Estimate(value if np.isfinite(value) else nan)
    correlations = np.eye(len(rows))
    for one in range(len(rows)):
        for other in range(one):
            correlations[one, other] = correlations[other, one] = correlate_means(rows[one], rows[other])
    return Estimate(value, *_ends(value, weights[used], shares, correlations))


def stratified_difference(
    values: ArrayLike, groups: ArrayLike, *, strata: ArrayLike, clusters: ArrayLike, interval: float = INTERVAL
) -> Estimate:
    """Difference of shares between two groups of rows with a third thing held equal, averaged over its levels.

    In every stratum s the share of group 1 less that of group 0, weighed by n_1s n_0s / (n_1s + n_0s) (Mantel and
    Haenszel 1959, DOI 10.1093/jnci/22.4.719); the weights are taken as known. With two groups and two strata that is
    the slope of group in a linear regression on both, where their effects do not depend on each other.

    Parameters
    ----------
    values
        Shape (n,), in [0, 1].
    groups
        0 or 1, shape (n,).
    strata
        Whole numbers from 0, shape (n,).
    clusters
        Whole numbers, shape (n,).
    interval
        Mass of the interval.

    Returns
    -------
    Estimate
        NaN where no stratum holds rows of both groups.

    Examples
    --------
    >>> accepted, agrees, right = [1, 1, 0, 0] * 20, [1, 1, 0, 0] * 20, [1, 0, 1, 0] * 20
    >>> str(stratified_difference(accepted, agrees, strata=right, clusters=range(80)))
    '1.00 [0.88, 1.00]'
    >>> str(stratified_difference(accepted, right, strata=agrees, clusters=range(80)))
    '0.00 [-0.08, 0.08]'
    """
    group, stratum = np.asarray(groups, dtype=np.int64), np.asarray(strata, dtype=np.int64)
    levels = int(stratum.max(initial=0)) + 1
    counts = np.bincount(2 * stratum + group, minlength=2 * levels).reshape(-1, 2).astype(np.float64)
    weights = counts[:, 0] * counts[:, 1] / np.maximum(counts.sum(axis=1), 1)
    if not weights.sum():
        return Estimate(nan)
    shares = weights / weights.sum()
    coefficients = np.column_stack([-shares, shares]).ravel()
    return contrast_shares(values, 2 * stratum + group, coefficients=coefficients, clusters=clusters, interval=interval)


def _ends(value: float, weights: FloatArray, shares: list[Estimate], correlations: FloatArray) -> tuple[float, float]:
    below = np.array([share.value - share.low for share in shares])
    above = np.array([share.high - share.value for share in shares])
    ends = []
    for side, (rising, falling) in ((-1, (below, above)), (1, (above, below))):
        reach = weights * np.where(weights > 0, rising, falling)
        ends.append(value + side * sqrt(max(float(reach @ correlations @ reach), 0.0)))
    least, most = float(weights[weights < 0].sum()), float(weights[weights > 0].sum())
    return max(ends[0], least), min(ends[1], most)
