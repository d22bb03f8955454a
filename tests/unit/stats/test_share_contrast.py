"""Contrasts of shares: against plain formulas, their coverage, and what cannot be had."""

from math import isnan

import numpy as np
import pytest

from prefactor.errors import SettingError
from prefactor.stats.proportion import cluster_share
from prefactor.stats.share_contrast import contrast_shares, stratified_difference


def test_one_cell_is_its_share() -> None:
    random = np.random.default_rng(0)
    values, clusters = random.integers(0, 2, 60), np.repeat(np.arange(20), 3)
    found = contrast_shares(values, np.zeros(60, dtype=int), coefficients=[1.0], clusters=clusters)
    share = cluster_share(values, clusters=clusters)
    assert (found.value, found.low, found.high) == pytest.approx((share.value, share.low, share.high))


def test_cells_of_other_clusters_join_as_newcombe_says() -> None:
    values = np.array([1.0] * 40 + [0.0] * 10 + [1.0] * 10 + [0.0] * 20)
    cells = np.array([0] * 50 + [1] * 30)
    first, second = (cluster_share(values[cells == each], clusters=np.arange((cells == each).sum())) for each in (0, 1))
    found = contrast_shares(values, cells, coefficients=[1, -1], clusters=np.arange(80))
    assert found.value == pytest.approx(0.8 - 1 / 3)
    assert found.low == pytest.approx(found.value - np.hypot(first.value - first.low, second.high - second.value))
    assert found.high == pytest.approx(found.value + np.hypot(first.high - first.value, second.value - second.low))


def test_a_share_less_itself_is_surely_nothing() -> None:
    values = np.random.default_rng(1).integers(0, 2, 50).astype(float)
    twice, cells = np.tile(values, 2), np.repeat([0, 1], 50)
    found = contrast_shares(twice, cells, coefficients=[1, -1], clusters=np.tile(np.arange(50), 2))
    assert found.value == pytest.approx(0)
    apart = contrast_shares(twice, cells, coefficients=[1, -1], clusters=np.arange(100))
    assert found.high - found.low < 0.3 * (apart.high - apart.low)


def test_row_order_and_names_of_clusters_do_not_matter() -> None:
    random = np.random.default_rng(2)
    values, cells, clusters = random.integers(0, 2, 90), random.integers(0, 3, 90), random.integers(0, 30, 90)
    order = random.permutation(90)
    one = contrast_shares(values, cells, coefficients=[0.5, 0.5, -1], clusters=clusters)
    other = contrast_shares(
        values[order], cells[order], coefficients=[0.5, 0.5, -1], clusters=(1_000 - 7 * clusters)[order]
    )
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-12)


def test_rows_of_no_cell_and_cells_of_no_weight_are_left_out() -> None:
    found = contrast_shares([1, 0, 1, 1], [0, 0, 1, -1], coefficients=[1.0, 0.0], clusters=range(4))
    assert found.value == 0.5


def test_an_empty_cell_gives_nothing_and_one_cluster_no_ends() -> None:
    assert isnan(contrast_shares([1.0], [0], coefficients=[1, -1], clusters=[0]).value)
    found = contrast_shares([1, 0, 1, 1], [0, 0, 1, 1], coefficients=[1, -1], clusters=[0, 1, 2, 2])
    assert found.value == -0.5
    assert isnan(found.low)


@pytest.mark.parametrize(
    ("values", "cells", "coefficients"), [([1.0], [0, 1], [1.0]), ([1.0], [1], [1.0]), ([2.0], [0], [1.0])]
)
def test_what_cannot_work_is_refused(values: list[float], cells: list[int], coefficients: list[float]) -> None:
    with pytest.raises(SettingError):
        contrast_shares(values, cells, coefficients=coefficients, clusters=range(len(values)))


def test_a_stratified_difference_is_the_slope_of_a_regression_on_both() -> None:
    random = np.random.default_rng(3)
    group, stratum = random.integers(0, 2, 4_000), random.integers(0, 2, 4_000)
    values = (random.random(4_000) < 0.2 + 0.3 * group + 0.4 * stratum).astype(float)
    design = np.column_stack([np.ones(4_000), group, stratum])
    slope = np.linalg.lstsq(design, values, rcond=None)[0][1]
    found = stratified_difference(values, group, strata=stratum, clusters=np.arange(4_000))
    assert found.value == pytest.approx(slope, abs=0.005)
    assert found.low < 0.3 < found.high


def test_groups_that_never_meet_in_a_stratum_cannot_be_compared() -> None:
    assert isnan(stratified_difference([1, 0], [0, 1], strata=[0, 1], clusters=[0, 1]).value)
