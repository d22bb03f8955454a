"""The published judges beside one another: how alike they are, the tree they make, and the figures published of them.

Knows the published figures and no dataset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray
from prefactor.analysis.reference import PublishedProfiles, load_published_profiles, published_similarity
from prefactor.analysis.trees import JudgeTree, cluster_judges

__all__ = ["BASE_AND_ALIGNED", "AlignedPair", "GroupFigure", "PublishedComparison", "compare_published"]

BASE_AND_ALIGNED: Final = {
    "llama-2-7b": "llama-2-7b-chat",
    "llama-2-13b": "llama-2-13b-chat",
    "llama-2-70b": "llama-2-70b-chat",
    "mistral-7b": "mistral-7b-instruct-v0.1",
    "mistral-8x7b": "mistral-8x7b-instruct-v0.1",
    "qwen-7b": "qwen-7b-chat",
    "qwen-14b": "qwen-14b-chat",
    "qwen-72b": "qwen-72b-chat",
    "yi-6b": "yi-6b-chat",
    "yi-34b": "yi-34b-chat",
}
"""Base models and their versions aligned by their makers."""

_SMALL, _LARGE = 14, 30
_PUBLISHED: Final = {"small": "0.83", "large": "0.88", "between": "0.74"}
_LLAMA: Final = "llama-2-7b"


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """Similarity within, or between, groups of published judges.

    Parameters
    ----------
    group
        Which judges.
    pairs
        How many pairs of judges it is over.
    mean, least, most
        Of their similarities.
    published
        The figure published for the scenarios, as written there.
    """

    group: str
    pairs: int
    mean: float
    least: float
    most: float
    published: str


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """A base model and its aligned version.

    Parameters
    ----------
    base, aligned
        Names as published.
    similarity
        Of the two.
    published
        The figure published for the scenarios, as written there.
    """

    base: str
    aligned: str
    similarity: float
    published: str


@dataclass(frozen=True, slots=True)
class PublishedComparison:
    """How alike the published judges are: Pearson's correlation of their weights, averaged over slices.

    The noise of the published weights is not known, so that no number has an interval and no cluster a stability.

    Parameters
    ----------
    slices
        Slices averaged over.
    judges
        In the order of the leaves of the tree.
    similarity
        One row per judge.
    tree
        Their clusters.
    groups, aligned
        Figures of groups by size, and of base models beside their aligned versions.
    source
        Where the weights come from.
    """

    slices: tuple[str, ...]
    judges: tuple[str, ...]
    similarity: tuple[tuple[float, ...], ...]
    tree: JudgeTree
    groups: tuple[GroupFigure, ...]
    aligned: tuple[AlignedPair, ...]
    source: str


def compare_published(
    published: PublishedProfiles | None = None, *, slices: Sequence[str] = (), judges: Sequence[str] = ()
) -> PublishedComparison:
    """Compare published judges with one another.

    Parameters
    ----------
    published
        The weights; those that ship with prefactor by default.
    slices
        Slices to average over; the 11 scenarios by default, as in arXiv 2402.11296.
    judges
        Judges to compare; all by default.

    Raises
    ------
    UnknownNameError
        There is no such slice or judge.

    Examples
    --------
    >>> found = compare_published()
    >>> [(group.group, round(group.mean, 2), group.published) for group in found.groups]  # doctest: +ELLIPSIS
    [('models up to 14B', 0.83, '0.83'), ('models over 30B', 0.88, '0.88'), ('between the two', 0.74, '0.74')]
    """
    published = published or load_published_profiles()
    names = tuple(dict.fromkeys(judges)) or published.judges
    similarity = published_similarity(published, slices=slices, judges=names)
    tree = cluster_judges(names, similarity)
    order = [names.index(name) for name in (*tree.order, *(name for name in names if name not in tree.order))]
    return PublishedComparison(
        slices=tuple(slices) or published.scenarios,
        judges=tuple(names[each] for each in order),
        similarity=tuple(tuple(map(float, row)) for row in similarity[np.ix_(order, order)]),
        tree=tree,
        groups=_groups(published, names, similarity),
        aligned=_aligned(names, similarity),
        source=published.source,
    )


def _groups(published: PublishedProfiles, names: Sequence[str], similarity: FloatArray) -> tuple[GroupFigure, ...]:
    size = np.array([published.billions[published.judges.index(name)] for name in names])
    small, large = size <= _SMALL, size > _LARGE
    found = []
    for key, group, one, other in (
        ("small", f"models up to {_SMALL}B", small, small),
        ("large", f"models over {_LARGE}B", large, large),
        ("between", "between the two", small, large),
    ):
        values = _between(similarity, one, other)
        if values.size:
            mean, least, most = map(float, (values.mean(), values.min(), values.max()))
            found.append(GroupFigure(group, values.size, mean, least, most, _PUBLISHED[key]))
    return tuple(found)


def _between(similarity: FloatArray, one: BoolArray, other: BoolArray) -> FloatArray:
    block = similarity[np.ix_(one, other)]
    return block[np.triu_indices(len(block), 1)] if one is other else block.ravel()


def _aligned(names: Sequence[str], similarity: FloatArray) -> tuple[AlignedPair, ...]:
    return tuple(
        AlignedPair(
            base,
            aligned,
            float(similarity[names.index(base), names.index(aligned)]),
            "0.52" if base == _LLAMA else "0.84 to 0.96",
        )
        for base, aligned in BASE_AND_ALIGNED.items()
        if base in names and aligned in names
    )
