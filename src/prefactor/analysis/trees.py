"""Clusters of judges by name: the tree that their similarities make. Knows no dataset."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prefactor._typing import FloatArray
from prefactor.stats.clustering import cluster_average

__all__ = ["JudgeTree", "TreeMerge", "cluster_judges"]


@dataclass(frozen=True, slots=True)
class TreeMerge:
    """A cluster of judges.

    Parameters
    ----------
    judges
        Its members, in the order of the leaves.
    similarity
        Mean similarity between the two parts that were merged.
    stability
        Share of the replicates in which this cluster appears; NaN for published judges, of which there are none.
    """

    judges: tuple[str, ...]
    similarity: float
    stability: float


@dataclass(frozen=True, slots=True)
class JudgeTree:
    """Judges clustered by how alike they are.

    Parameters
    ----------
    order
        The judges of the tree in the order of its leaves.
    merges
        Its clusters, the most alike first.
    left_out
        Judges that have no similarity with some other.
    reason
        Why there is no tree; empty where there is one.
    """

    order: tuple[str, ...] = ()
    merges: tuple[TreeMerge, ...] = ()
    left_out: tuple[str, ...] = ()
    reason: str = ""


def cluster_judges(judges: Sequence[str], similarity: FloatArray, *, replicates: FloatArray | None = None) -> JudgeTree:
    """Cluster judges, see :func:`prefactor.stats.clustering.cluster_average`.

    As long as two judges have no similarity with one another, the one with the fewest similarities is left out (of
    equal ones, the last).

    Parameters
    ----------
    judges
        Their names.
    similarity
        Shape (judges, judges), NaN where two share too little.
    replicates
        The same from resampled data, shape (B, judges, judges): they give the stability.

    Returns
    -------
    JudgeTree
        Without merges, and with the reason, for fewer than three judges: two are a pair and no tree.

    Examples
    --------
    >>> tree = cluster_judges(["a", "b", "c"], np.array([[1.0, 0.2, 0.9], [0.2, 1.0, 0.4], [0.9, 0.4, 1.0]]))
    >>> tree.order, tree.merges[0].judges, tree.merges[0].similarity
    (('a', 'c', 'b'), ('a', 'c'), 0.9)
    """
    kept = list(range(len(judges)))
    while kept and (missing := np.isnan(similarity[np.ix_(kept, kept)]).sum(axis=1)).any():
        kept.pop(len(kept) - 1 - int(missing[::-1].argmax()))
    if len(kept) < 3:
        return JudgeTree(reason="a tree takes three judges of which every two share enough comparisons")
    block = np.ix_(kept, kept)
    drawn = None if replicates is None else replicates[:, block[0], block[1]]
    found = cluster_average(similarity[block], replicates=drawn)
    order = [judges[kept[leaf]] for leaf in found.order]
    merges = tuple(
        TreeMerge(tuple(judges[kept[leaf]] for leaf in found.order if members[leaf]), float(value), float(stability))
        for members, value, stability in zip(found.members, found.similarity, found.stability, strict=True)
    )
    return JudgeTree(tuple(order), merges, tuple(name for name in judges if name not in order))
