"""Which of many judges are alike: average linkage on similarities, and how sure each cluster is.

Arrays in, a frozen result out; knows no judge by name.
"""

from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.errors import SettingError

__all__ = ["Clustering", "cluster_average"]

_CELLS: Final = 8_000_000
"""Similarities of replicates that are worked on at once (8 bytes each)."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """A tree over n things, from n - 1 merges; the most similar are merged first.

    Parameters
    ----------
    merges
        The two clusters of each merge, shape (n - 1, 2): below n a single thing, else the merge numbered from n on.
    similarity
        Mean similarity between their members, at which they merge, shape (n - 1,); it never rises from merge to merge.
    members
        The things in each merged cluster, shape (n - 1, n).
    order
        The things in the order of the leaves, so that the members of each cluster stand together, shape (n,).
    stability
        Share of the replicates in which the cluster appears, shape (n - 1,); NaN without replicates. The last holds
        everything, so that its share is 1.
    """

    merges: IntArray
    similarity: FloatArray
    members: BoolArray
    order: IntArray
    stability: FloatArray


def cluster_average(similarity: ArrayLike, *, replicates: ArrayLike | None = None) -> Clustering:
    """Cluster by average linkage (UPGMA: Sokal and Michener 1958) on 1 - similarity.

    The two clusters with the largest mean similarity between their members are merged, over and over. Of equal ones,
    the pair with the smallest numbers. Of a merge's two clusters, the tighter one comes first in the order of leaves.

    Parameters
    ----------
    similarity
        Symmetric, shape (n, n), n at least 2; the diagonal is not read.
    replicates
        The same from resampled data, shape (B, n, n): they give the stability (Felsenstein 1985,
        DOI 10.1111/j.1558-5646.1985.tb00420.x).

    Returns
    -------
    Clustering
        The tree.

    Raises
    ------
    SettingError
        A shape that does not fit, or a number off the diagonal that is not finite.

    Examples
    --------
    >>> found = cluster_average([[1.0, 0.2, 0.9], [0.2, 1.0, 0.4], [0.9, 0.4, 1.0]])
    >>> found.merges.tolist(), found.similarity.round(2).tolist(), found.order.tolist()
    ([[0, 2], [1, 3]], [0.9, 0.3], [0, 2, 1])
    """
    given = _checked(np.asarray(similarity, dtype=np.float64)[None])
    merges, at, members = (each[0] for each in _merge(given))
    stability = np.full(len(merges), nan)
    if replicates is not None:
        drawn = np.asarray(replicates, dtype=np.float64)
        if drawn.ndim != 3 or drawn.shape[1:] != given.shape[1:] or not len(drawn):
            raise SettingError("replicates", expected=f"shape (at least 1, *{given.shape[1:]})", got=drawn.shape)
        stability = _stability(members, _checked(drawn))
    return Clustering(merges, at, members, _order(merges, at), stability)


def _checked(similarity: FloatArray) -> FloatArray:
    things = similarity.shape[-1]
    if similarity.ndim != 3 or similarity.shape[1] != things or things < 2:
        raise SettingError("similarity", expected="a square matrix of at least two things", got=similarity.shape[1:])
    found = similarity.copy()
    found[:, np.arange(things), np.arange(things)] = 0.0
    if not np.isfinite(found).all():
        raise SettingError("similarity", expected="finite numbers off the diagonal", got=nan)
    return found


def _merge(similarity: FloatArray) -> tuple[IntArray, FloatArray, BoolArray]:
    """Merge in B matrices at once: clusters (B, n - 1, 2), similarities (B, n - 1) and members (B, n - 1, n).

    The slot of the smaller number holds the merged cluster; that of the other is closed.
    """
    copies, things = similarity.shape[:2]
    each = np.arange(copies)
    table = similarity.copy()
    table[:, np.arange(things), np.arange(things)] = -np.inf
    inside = np.broadcast_to(np.eye(things, dtype=np.bool_), (copies, things, things)).copy()
    size, name = np.ones((copies, things)), np.broadcast_to(np.arange(things), (copies, things)).copy()
    merges = np.empty((copies, things - 1, 2), dtype=np.int64)
    at, members = np.empty((copies, things - 1)), np.empty((copies, things - 1, things), dtype=np.bool_)
    for step in range(things - 1):
        best = table.reshape(copies, -1).argmax(axis=1)
        keep, close = np.divmod(best, things)
        at[:, step] = table[each, keep, close]
        merges[:, step] = np.sort(np.stack([name[each, keep], name[each, close]], axis=1), axis=1)
        weights = size[each, keep][:, None], size[each, close][:, None]
        mean = (weights[0] * table[each, keep] + weights[1] * table[each, close]) / (weights[0] + weights[1])
        table[each, keep], table[each, :, keep] = mean, mean
        table[each, keep, keep] = -np.inf
        table[each, close], table[each, :, close] = -np.inf, -np.inf
        inside[each, keep] |= inside[each, close]
        size[each, keep] += size[each, close]
        name[each, keep] = things + step
        members[:, step] = inside[each, keep]
    return merges, at, members


def _stability(members: BoolArray, replicates: FloatArray) -> FloatArray:
    """Share of the replicates in which each cluster is one of the merged clusters."""
    step = max(1, _CELLS // replicates[0].size)
    seen = np.zeros(len(members))
    for start in range(0, len(replicates), step):
        drawn = _merge(replicates[start : start + step])[2]
        for number, cluster in enumerate(members):
            seen[number] += (drawn == cluster).all(axis=2).any(axis=1).sum()
    return seen / len(replicates)


def _order(merges: IntArray, at: FloatArray) -> IntArray:
    """Order of the leaves: of two clusters the one merged at the larger similarity first, single things last."""
    things = len(merges) + 1
    leaves = [[number] for number in range(things)]
    for left, right in merges.tolist():
        tightness = [at[number - things] if number >= things else -np.inf for number in (left, right)]
        first, second = (left, right) if tightness[0] >= tightness[1] else (right, left)
        leaves.append(leaves[first] + leaves[second])
    return np.array(leaves[-1], dtype=np.int64)
