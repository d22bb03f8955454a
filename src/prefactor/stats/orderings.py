"""Orders in which factors enter a model, one after the other, group by group: all of them, or a seeded sample.

Counts and masks only; knows no model and no gain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray

__all__ = ["Contrast", "every_subset", "nested_subsets", "sample_orders"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Averages over orders of what each factor adds, as differences between subsets.

    Parameters
    ----------
    subsets
        Factors of each of M subsets, none of them empty, shape (M, d).
    coefficients
        What each subset's value counts for in each factor's average, shape (d, M).
    positions
        Subset reached at each place of each order, shape (P, d); no rows where all orders are averaged over.
    """

    subsets: BoolArray
    coefficients: FloatArray
    positions: IntArray


def every_subset(groups: IntArray) -> Contrast:
    """Average over all orders that keep the factors of a group together.

    The weights are those of Owen (1977, DOI 10.1007/978-3-642-45494-3_7), which are those of Shapley (1953) where each
    factor is a group of its own, or all are in one.

    Parameters
    ----------
    groups
        Number of each factor's group, from 0, shape (d,).

    Returns
    -------
    Contrast
        With the subsets that occur in such orders, at most 2^d - 1 of them.

    Examples
    --------
    >>> contrast = every_subset(np.array([0, 1]))
    >>> contrast.coefficients @ (contrast.subsets @ [1.0, 3.0])
    array([1., 3.])
    """
    members = [np.flatnonzero(groups == group).tolist() for group in range(int(groups.max(initial=-1)) + 1)]
    found: dict[int, int] = {}
    terms: list[tuple[int, int, float]] = []
    for group, factors in enumerate(members):
        others = [sum(1 << factor for factor in rest) for at, rest in enumerate(members) if at != group]
        for before, chance in _parts(others):
            for factor in factors:
                for own, share in _parts([1 << other for other in factors if other != factor]):
                    start = before | own
                    weight = chance * share
                    terms.append((factor, found.setdefault(start | 1 << factor, len(found)), weight))
                    if start:
                        terms.append((factor, found.setdefault(start, len(found)), -weight))
    coefficients = np.zeros((groups.size, len(found)))
    for factor, subset, weight in terms:
        coefficients[factor, subset] += weight
    return Contrast(_masks(list(found), groups.size), coefficients, np.empty((0, groups.size), dtype=np.int64))


def sample_orders(groups: IntArray, count: int, *, random: np.random.Generator) -> IntArray:
    """Draw orders that keep the factors of a group together, each followed by its reverse.

    What a factor adds when it comes early and when it comes late balance in such a pair (antithetic sampling).

    Parameters
    ----------
    groups
        Number of each factor's group, from 0, shape (d,).
    count
        How many; even.
    random
        Where the draws come from.

    Returns
    -------
    IntArray
        Orders of the factors, shape (count, d).

    Examples
    --------
    >>> first, second = sample_orders(np.array([0, 0, 1]), 2, random=np.random.default_rng(0)).tolist()
    >>> first == second[::-1]
    True
    """
    half = count // 2
    of_group = random.random((half, int(groups.max(initial=-1)) + 1))[:, groups]
    order = np.lexsort((random.random((half, groups.size)), groups[None].repeat(half, axis=0), of_group), axis=1)
    return np.stack([order, order[:, ::-1]], axis=1).reshape(2 * half, groups.size).astype(np.int64)


def nested_subsets(orders: IntArray) -> Contrast:
    """Return the subsets that orders pass through, with the averages over these orders.

    Parameters
    ----------
    orders
        Shape (P, d), from :func:`sample_orders`.

    Returns
    -------
    Contrast
        Each subset once.
    """
    count, size = orders.shape
    found: dict[int, int] = {}
    positions = np.empty((count, size), dtype=np.int64)
    coefficients: dict[tuple[int, int], float] = {}
    for row, order in enumerate(orders.tolist()):
        reached, before = 0, -1
        for place, factor in enumerate(order):
            reached |= 1 << factor
            subset = found.setdefault(reached, len(found))
            positions[row, place] = subset
            coefficients[factor, subset] = coefficients.get((factor, subset), 0.0) + 1 / count
            if before >= 0:
                coefficients[factor, before] = coefficients.get((factor, before), 0.0) - 1 / count
            before = subset
    matrix = np.zeros((size, len(found)))
    for (factor, subset), weight in coefficients.items():
        matrix[factor, subset] = weight
    return Contrast(_masks(list(found), size), matrix, positions)


def _parts(players: Sequence[int]) -> Iterator[tuple[int, float]]:
    """Yield the union of every set of players with the chance that exactly it comes before one more player."""
    total = len(players) + 1
    for chosen in range(1 << len(players)):
        size = chosen.bit_count()
        union = sum(player for place, player in enumerate(players) if chosen >> place & 1)
        yield union, factorial(size) * factorial(total - 1 - size) / factorial(total)


def _masks(subsets: Sequence[int], size: int) -> BoolArray:
    return np.array([[bool(subset >> factor & 1) for factor in range(size)] for subset in subsets], dtype=np.bool_)
