"""Which token sequences begin alike, and which go into one batch, so that little is computed twice or for padding.

Arithmetic on token ids and lengths; knows no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from prefactor._typing import IntArray

__all__ = ["Cluster", "batches_by_length", "shared_prefixes"]

_DEEPEST = 64
"""Levels of prefixes within prefixes that are looked at; below, sequences are taken as they are."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Sequences that begin alike.

    Parameters
    ----------
    prefix
        Tokens they share; 0 for a sequence that is computed by itself.
    members
        Their places.
    """

    prefix: int
    members: tuple[int, ...]


def batches_by_length(lengths: Sequence[int], *, tokens: int) -> list[list[int]]:
    """Return the places in batches, the longest first, so that rows of a batch differ little in length.

    Parameters
    ----------
    lengths
        Of the sequences, in tokens.
    tokens
        Most tokens of a batch, padding included; a sequence that is longer is a batch of its own.

    Examples
    --------
    >>> batches_by_length([3, 9, 4, 8], tokens=18)
    [[1, 3], [2, 0]]
    """
    order = sorted(range(len(lengths)), key=lambda place: (-lengths[place], place))
    batches: list[list[int]] = []
    for place in order:
        room = batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= tokens
        if room:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def shared_prefixes(sequences: Sequence[IntArray], *, least: int, worth: float = 0.1) -> list[Cluster]:
    """Return the sequences in clusters whose prefix is computed once, such that the fewest tokens are computed.

    Of all ways of making clusters, the one that saves the most: sum of (members - 1) * prefix. Every sequence keeps one
    token of its own.

    Parameters
    ----------
    sequences
        Token ids, one array for each, none of them empty.
    least
        Shorter prefixes are not shared.
    worth
        Share of all tokens that must be saved; where less is, nothing is shared, as sharing has a price of its own.

    Examples
    --------
    >>> shared_prefixes([np.array(each) for each in ([1, 2, 3, 4], [7, 7], [1, 2, 3, 5])], least=2)
    [Cluster(prefix=3, members=(0, 2)), Cluster(prefix=0, members=(1,))]
    """
    # The last token never belongs to a prefix: without it, what sequences share makes a tree.
    begins = [each[:-1] for each in sequences]
    order = sorted(range(len(begins)), key=lambda place: begins[place].tolist())
    shared = [_common(begins[one], begins[two]) for one, two in pairwise(order)]
    cut = _Tree(order, [each if each >= least else 0 for each in shared]).cut(0, len(order), price=0, levels=_DEEPEST)
    if cut.saved < worth * sum(len(each) for each in sequences):
        return [Cluster(0, (place,)) for place in range(len(sequences))]
    return [*cut.clusters, *(Cluster(0, (place,)) for place in cut.free)]


def _common(one: IntArray, two: IntArray) -> int:
    """Tokens that two sequences share at the beginning."""
    size = min(len(one), len(two))
    differ = np.flatnonzero(one[:size] != two[:size])
    return int(differ[0]) if len(differ) else size


class _Cut(NamedTuple):
    """Clusters within a part of the tree, and the sequences of it that are in none of them."""

    saved: int
    clusters: tuple[Cluster, ...]
    free: tuple[int, ...]


class _Tree:
    """Sorted sequences, each with what it shares with the next: the tree of their common prefixes."""

    def __init__(self, order: Sequence[int], shared: Sequence[int]) -> None:
        self._order, self._shared = order, shared
        self._known: dict[tuple[int, int, int], _Cut] = {}

    def cut(self, low: int, high: int, *, price: int, levels: int) -> _Cut:
        """Return the best cut of sequences ``low`` to ``high``, where each that is left free saves ``price`` above."""
        key = (low, high, price)
        if key not in self._known:
            self._known[key] = self._cut(low, high, price, levels)
        return self._known[key]

    def _cut(self, low: int, high: int, price: int, levels: int) -> _Cut:
        shared = self._shared[low : high - 1]
        if not shared or not levels:
            return _Cut(price * (high - low), (), tuple(self._order[low:high]))
        here = min(shared)
        bounds = [low, *(low + number + 1 for number, each in enumerate(shared) if each == here), high]

        def parts(price: int) -> _Cut:
            cuts = [self.cut(*bound, price=price, levels=levels - 1) for bound in pairwise(bounds)]
            saved, clusters, free = zip(*cuts, strict=True)
            return _Cut(sum(saved), tuple(chain(*clusters)), tuple(chain(*free)))

        without = parts(price)
        if here <= price:
            return without
        opened = parts(here)
        if opened.saved - here <= without.saved:
            return without
        return _Cut(opened.saved - here, (*opened.clusters, Cluster(here, tuple(sorted(opened.free)))), ())
