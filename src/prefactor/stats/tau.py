"""tau14, the influence of each factor on a judge, with clustered intervals and tests.

Arrays in, a frozen result out; knows no factor names.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray, IntArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.stats.clusters import ClusterMoments, bounded_interval, check_clusters
from prefactor.stats.sites import check_labels, check_matrix, check_signs, exact_grid

__all__ = ["Tau14", "fit_tau14"]


@dataclass(frozen=True, slots=True)
class Tau14:
    """tau14 of d factors; every array has shape (d,).

    Parameters
    ----------
    value
        (C - D) / (C + D + T), weighted; NaN without a strict preference on which the factor was measured.
    low, high
        Ends of the interval; NaN where ``reasons`` says why.
    p_value
        Two-sided, of tau14 = 0.
    concordant, discordant, tied
        Strict preferences for the response with more, with less of the factor, and those where both are equal; rows,
        not weights.
    n
        Their sum.
    clusters
        Clusters in which the factor differs.
    reasons
        Why there is no interval; empty where there is one.
    interval
        Mass of the interval.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    concordant: IntArray
    discordant: IntArray
    tied: IntArray
    n: IntArray
    clusters: IntArray
    reasons: tuple[str, ...]
    interval: float


def fit_tau14(
    preference: ArrayLike,
    features: ArrayLike,
    *,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    interval: float = INTERVAL,
) -> Tau14:
    """Influence of every factor alone: (C - D) / (C + D + T) over strict preferences (PROFILE, arXiv 2410.06965).

    Interval and p-value are those of :func:`prefactor.stats.clusters.bounded_interval`: a score interval whose design
    effect is estimated from whole clusters.

    Parameters
    ----------
    preference
        P(A preferred) in [0, 1], shape (n,); exactly 0.5 is no strict preference and is left out.
    features
        Shape (n, d), in {-1, 0, 1}: 1 where A has more. NaN (not measured) leaves the row out for that factor only.
    clusters
        Whole numbers, shape (n,): rows of one prompt share one.
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere. A row of weight 0 is left out.
    interval
        Mass of the interval.

    Returns
    -------
    Tau14
        Values, intervals, p-values and counts.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> tau = fit_tau14([1.0, 0.0, 0.9, 0.5], [[1.0], [-1.0], [0.0], [1.0]], clusters=[0, 1, 2, 3])
    >>> tau.value.round(3).tolist(), tau.concordant.tolist(), tau.tied.tolist(), tau.n.tolist()
    ([0.667], [2], [1], [3])
    """
    check_fraction("interval", interval)
    matrix = check_matrix(features)
    labels = check_labels(np.ravel(preference), weights, rows=matrix.shape[0])
    index = check_clusters(clusters, matrix.shape[0])
    weighed = exact_grid(labels.weights[0])
    strict = np.sign(labels.preference[0] - 0.5) * (weighed > 0)
    parts, counts = [], []
    for position, given in enumerate(matrix.T):
        column = check_signs(given, position)
        used = (strict != 0) & ~np.isnan(column)
        agree = strict[used] * column[used]
        parts.append(ClusterMoments.of(agree, weighed[used], informative=np.abs(agree), index=index[used]))
        counts.append([np.count_nonzero(agree > 0), np.count_nonzero(agree < 0), np.count_nonzero(agree == 0)])
    moments = ClusterMoments.joined(parts)
    found = bounded_interval(moments, interval)
    concordant, discordant, tied = np.array(counts, dtype=np.int64).reshape(-1, 3).T
    return Tau14(
        value=found.value,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        concordant=concordant,
        discordant=discordant,
        tied=tied,
        n=concordant + discordant + tied,
        clusters=moments.clusters.astype(np.int64),
        reasons=tuple(map(_reason, concordant + discordant + tied, moments.clusters)),
        interval=interval,
    )


def _reason(rows: int, clusters: float) -> str:
    if rows == 0:
        return "no strict preference on which the factor is measured"
    if clusters == 0:
        return "the factor never differs"
    return "the factor differs in one prompt only" if clusters < 2 else ""
