"""Resampling the same clusters for many tables, so that everything taken from them stays paired.

Arrays in, arrays out; knows no judge and no factor.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import AnyArray, FloatArray, IntArray
from prefactor._validate import check_positive
from prefactor.config import BOOTSTRAPS, SEED
from prefactor.errors import FitError
from prefactor.stats.clusters import check_clusters
from prefactor.stats.sites import exact_grid

__all__ = ["ClusterDraws"]

_CELLS: Final = 8_000_000
"""Counts of clusters in replicates that are held as floats at once (8 bytes each)."""

_MOST_CLUSTERS: Final = 10_000
"""Clusters above which they are put together at random before they are resampled."""


@dataclass(frozen=True, slots=True)
class ClusterDraws:
    """How often each cluster is drawn in each replicate; make one with :meth:`of`.

    Parameters
    ----------
    labels
        The distinct clusters, sorted.
    group
        Which resampled group each is in; as many groups as clusters up to 10,000. Beyond that clusters are put together
        at random, which leaves the expected variance of a resample as it is.
    counts
        Shape (bootstraps, groups).
    """

    labels: IntArray
    group: IntArray
    counts: AnyArray

    @classmethod
    def of(cls, clusters: ArrayLike, *, bootstraps: int = BOOTSTRAPS, seed: int = SEED) -> "ClusterDraws":
        """Draw as many clusters as there are, with replacement, over and over.

        Parameters
        ----------
        clusters
            Whole numbers, shape (n,), repeats allowed.
        bootstraps, seed
            Number of replicates, and the seed of all draws.

        Raises
        ------
        SettingError
            Clusters are not whole numbers, or there is no replicate.
        FitError
            There is no cluster.

        Examples
        --------
        >>> draws = ClusterDraws.of([7, 3, 7], bootstraps=2)
        >>> draws.labels.tolist(), draws.counts.sum(axis=1).tolist()
        ([3, 7], [2, 2])
        """
        given = np.asarray(clusters)
        check_clusters(given, len(given))
        labels = np.unique(given).astype(np.int64, copy=False)
        if not labels.size:
            raise FitError("a resample", "there is no cluster")
        group = np.arange(labels.size)
        if labels.size > _MOST_CLUSTERS:
            group = np.random.default_rng(seed).permutation(labels.size) % _MOST_CLUSTERS
        groups = min(labels.size, _MOST_CLUSTERS)
        random, even = np.random.default_rng(seed), np.full(groups, 1 / groups)
        step = max(1, _CELLS // groups)
        sizes = [min(step, bootstraps - start) for start in range(0, check_positive("bootstraps", bootstraps), step)]
        # No cluster is drawn 65,536 times: there would have to be as many, and there are at most 10,000.
        counts = np.concatenate([random.multinomial(groups, even, size).astype(np.uint16) for size in sizes])
        return cls(labels, group, counts)

    def totals(self, values: FloatArray, clusters: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Total rows, as they are and in every replicate; values are rounded so that their order cannot matter.

        Parameters
        ----------
        values
            Shape (n, m).
        clusters
            Cluster of each row, shape (n,), all among ``labels``.

        Returns
        -------
        tuple of FloatArray
            Shapes (m,) and (bootstraps, m).

        Examples
        --------
        >>> draws = ClusterDraws.of([1, 2], bootstraps=3)
        >>> whole, drawn = draws.totals(np.array([[1.0], [1.0]]), [2, 2])
        >>> whole.tolist(), (drawn[:, 0] == 2.0 * draws.counts[:, 1]).all().item()
        ([2.0], True)
        """
        place = self.group[np.searchsorted(self.labels, np.asarray(clusters))]
        present, index = np.unique(place, return_inverse=True)
        sums = np.empty((present.size, values.shape[1]))
        for number, column in enumerate(values.T):
            sums[:, number] = np.bincount(index, weights=exact_grid(column), minlength=present.size)
        step = max(1, _CELLS // max(present.size, 1))
        parts = [
            self.counts[start : start + step, present].astype(np.float64) @ sums
            for start in range(0, len(self.counts), step)
        ]
        return np.asarray(sums.sum(axis=0)), np.concatenate(parts)
