"""All judges at once: the matrices of how alike they are, and the tree that these make."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.alignment.results import PairAlignment, Similarity, SimilarityMeasure
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.trees import JudgeTree, cluster_judges
from prefactor.stats.estimate import Estimate

__all__ = ["similarity_matrices", "similarity_tree"]

_MEASURES: Mapping[SimilarityMeasure, Callable[[PairAlignment], Estimate]] = {
    "agreement": lambda pair: pair.agreement,
    "Pearson of weights": lambda pair: pair.weights.pearson,
    "Pearson of weights, noise taken out": lambda pair: pair.weights.corrected,
    "tau_b of tau14": lambda pair: pair.tau14.kendall_tau_b,
}
_SAME = Estimate(1.0, 1.0, 1.0)


def similarity_matrices(judges: Sequence[str], pairs: Sequence[PairAlignment]) -> tuple[Similarity, ...]:
    """Write how alike every two judges are as matrices.

    Parameters
    ----------
    judges
        In the order of rows and columns.
    pairs
        Those that share comparisons.
    """
    known = {frozenset((pair.first, pair.second)): pair for pair in pairs}

    def cell(one: str, two: str, take: Callable[[PairAlignment], Estimate]) -> Estimate:
        if one == two:
            return _SAME
        pair = known.get(frozenset((one, two)))
        return NOT_ESTIMATED if pair is None else take(pair)

    return tuple(
        Similarity(measure, tuple(judges), tuple(tuple(cell(one, two, take) for two in judges) for one in judges))
        for measure, take in _MEASURES.items()
    )


def similarity_tree(
    judges: Sequence[str], pairs: Sequence[PairAlignment], *, replicates: Mapping[tuple[str, str], FloatArray]
) -> JudgeTree:
    """Cluster judges by Pearson's correlation of their weights.

    Parameters
    ----------
    judges
        All of them.
    pairs
        Those that share comparisons.
    replicates
        The correlation of each pair in resamples, which all pairs share; shape (B,).
    """
    place = {name: number for number, name in enumerate(judges)}
    similarity = np.full((len(judges), len(judges)), np.nan)
    np.fill_diagonal(similarity, 1.0)
    sizes = {len(drawn) for drawn in replicates.values()}
    drawn = np.full((max(sizes, default=1), *similarity.shape), np.nan)
    for pair in pairs:
        one, two = place[pair.first], place[pair.second]
        similarity[one, two] = similarity[two, one] = pair.weights.pearson.value
        if (pair.first, pair.second) in replicates:
            known = replicates[pair.first, pair.second]
            # A resample in which a profile does not vary says nothing of it: the observed value stands in.
            known = np.where(np.isnan(known), pair.weights.pearson.value, known)
            drawn[:, one, two] = drawn[:, two, one] = known
    return cluster_judges(judges, similarity, replicates=drawn)
