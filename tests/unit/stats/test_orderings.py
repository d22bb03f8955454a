"""Averages over orders: the weights of subsets against orders written out one by one."""

from itertools import permutations

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats.orderings import Contrast, every_subset, nested_subsets, sample_orders


def values_of(contrast: Contrast, worth: FloatArray) -> FloatArray:
    """The value of each subset of a game in which pairs of neighbours are worth more than both alone."""
    inside = contrast.subsets.astype(float)
    return np.asarray(inside @ worth + 0.7 * (inside[:, 1:] * inside[:, :-1]).sum(axis=1))


def written_out(worth: FloatArray, groups: list[int]) -> FloatArray:
    """What each factor adds, averaged over every order in which no group is broken up."""
    size = worth.size
    added, orders = np.zeros(size), 0
    for order in permutations(range(size)):
        runs = [
            groups[factor]
            for place, factor in enumerate(order)
            if not place or groups[order[place - 1]] != groups[factor]
        ]
        if len(runs) != len(set(groups)):
            continue
        orders += 1
        for place, factor in enumerate(order):
            inside = np.zeros((2, size))
            inside[0, list(order[:place])] = 1
            inside[1, list(order[: place + 1])] = 1
            value = inside @ worth + 0.7 * (inside[:, 1:] * inside[:, :-1]).sum(axis=1)
            added[factor] += value[1] - value[0]
    return added / orders


@pytest.mark.parametrize("groups", [[0, 1, 2, 3, 4], [0, 0, 0, 0, 0], [0, 1, 0, 1, 2], [0, 0, 1, 1, 1]])
def test_every_subset_is_every_order(groups: list[int]) -> None:
    worth = np.array([1.0, 0.5, -0.2, 0.0, 2.0])
    contrast = every_subset(np.array(groups))
    assert contrast.coefficients @ values_of(contrast, worth) == pytest.approx(written_out(worth, groups))
    assert len(np.unique(contrast.subsets, axis=0)) == len(contrast.subsets)


@pytest.mark.parametrize("groups", [[0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2]])
def test_sampled_orders_come_near_and_keep_groups_together(groups: list[int]) -> None:
    numbers = np.array(groups)
    worth = np.array([1.0, 0.5, -0.2, 0.0, 2.0, 0.3])
    orders = sample_orders(numbers, 4_000, random=np.random.default_rng(0))
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert (orders[::2] == orders[1::2, ::-1]).all()
    runs = (np.diff(numbers[orders], axis=1) != 0).sum(axis=1) + 1
    assert (runs == len(set(groups))).all()
    contrast, exact = nested_subsets(orders), every_subset(numbers)
    assert contrast.coefficients @ values_of(contrast, worth) == pytest.approx(
        exact.coefficients @ values_of(exact, worth), abs=0.03
    )


def test_what_is_added_sums_to_the_whole() -> None:
    orders = sample_orders(np.array([0, 0, 1, 2]), 6, random=np.random.default_rng(1))
    for contrast in (nested_subsets(orders), every_subset(np.array([0, 0, 1, 2]))):
        values = values_of(contrast, np.array([1.0, 2.0, 3.0, 4.0]))
        whole = float(values[contrast.subsets.all(axis=1)][0])
        assert (contrast.coefficients @ values).sum() == pytest.approx(whole)
