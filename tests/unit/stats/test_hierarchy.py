"""Pooled weights against brute-force quadrature, and what must hold for any data."""

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefactor._typing import FloatArray, IntArray
from prefactor.errors import FitError, SettingError
from prefactor.stats.hierarchy import fit_hierarchy, sample_hierarchy
from prefactor.stats.hierarchy_chains import spread_log_density
from prefactor.stats.hierarchy_result import GroupedRows, Hierarchy, HierarchyOptions, Summary
from prefactor.stats.likelihood import log_likelihood


@dataclass(frozen=True)
class Data:
    features: FloatArray
    preference: FloatArray
    group: IntArray

    def rows(self, clusters: IntArray | None = None, weights: FloatArray | None = None) -> GroupedRows:
        return GroupedRows(self.features, self.preference, self.group, clusters, weights)


def drawn(weights: FloatArray, rows: int, *, seed: int, ties: float = 0.0) -> Data:
    """Comparisons of groups with weights (G, d); Davidson ties where ``ties`` is above 0."""
    random = np.random.default_rng(seed)
    groups, size = weights.shape
    group = np.repeat(np.arange(groups), rows)
    features = random.choice([-1.0, 0.0, 1.0], (group.size, size), p=[0.4, 0.2, 0.4])
    half = 0.5 * (features * weights[group]).sum(axis=1)
    odds = np.stack([np.exp(-half), np.full(half.size, ties), np.exp(half)])
    below = random.random(half.size) * odds.sum(axis=0)
    preference = 0.5 * ((below > odds[0]).astype(float) + (below > odds[0] + odds[1]))
    return Data(features, preference, group)


@dataclass(frozen=True)
class Exact:
    weight: FloatArray
    weight_sd: FloatArray
    common: float
    spread: float


def by_quadrature(data: Data, options: HierarchyOptions, *, tie: float) -> Exact:
    """The posterior of one factor, by sums over grids of w, m, s and t with the likelihood itself."""
    w, m = np.linspace(-3, 4, 701), np.linspace(-1.5, 2.5, 161)
    s = np.geomspace(0.002, 3, 80)
    t = np.linspace(0.002, 0.6, 300)
    groups = int(data.group.max()) + 1
    likelihood = np.zeros((groups, w.size))
    for group in range(groups):
        rows = data.group == group
        z = data.features[rows, 0][:, None] * w
        likelihood[group] = log_likelihood(z, data.preference[rows][:, None], tie=tie).sum(axis=0)
    likelihood = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    spread_prior = np.exp(spread_log_density(s[:, None], t) - 0.5 * (t / options.spread_scale) ** 2).sum(axis=1) * s
    mass = np.zeros((s.size, m.size))
    first, second = np.zeros((2, s.size, m.size, groups))
    for number, spread in enumerate(s):
        width = max(spread, 0.012)  # narrower than the grid of w: a point there
        kernel = np.exp(-0.5 * ((w - m[:, None]) / width) ** 2)
        kernel /= kernel.sum(axis=1, keepdims=True)
        level = kernel @ likelihood.T
        mass[number] = spread_prior[number] * np.exp(-np.abs(m) / options.prior_scale) * level.prod(axis=1)
        first[number] = kernel @ (likelihood * w).T / level
        second[number] = kernel @ (likelihood * w**2).T / level
    mass /= mass.sum()
    mean = np.einsum("sm,smg->g", mass, first)
    variance = np.einsum("sm,smg->g", mass, second) - mean**2
    return Exact(mean, np.sqrt(variance), float(mass.sum(axis=0) @ m), float(mass.sum(axis=1) @ s))


@pytest.mark.parametrize(
    ("truth", "rows", "tie"),
    [([0.5, 0.5, 0.6, 0.4], 24, 0.0), ([0.2, 0.9, 0.3, 1.4, 0.0], 120, 0.0), ([0.8, 0.7, 0.3], 60, 1.0)],
)
def test_agrees_with_quadrature(truth: list[float], rows: int, tie: float) -> None:
    data = drawn(np.array(truth)[:, None], rows, seed=3, ties=tie)
    options = HierarchyOptions(seed=1)
    exact = by_quadrature(data, options, tie=tie)
    found = fit_hierarchy(data.rows(), tie_parameter=tie, options=options)
    assert found.converged
    # 0.1 sd is the Monte-Carlo error of some 100 effective draws, the fewest that pass.
    assert np.abs(found.weight.mean[:, 0] - exact.weight).max() < 0.15 * exact.weight_sd.min()
    assert found.weight.sd[:, 0] == pytest.approx(exact.weight_sd, rel=0.12)
    assert found.common.mean[0] == pytest.approx(exact.common, abs=0.15 * found.common.sd[0])
    assert found.spread.mean[0] == pytest.approx(exact.spread, abs=0.15 * found.spread.sd[0])


def arrays(found: Hierarchy) -> list[FloatArray]:
    parts = [getattr(found, field.name) for field in fields(found)]
    nested = [getattr(part, name.name) for part in parts if isinstance(part, Summary) for name in fields(part)]
    return [*nested, *(part for part in parts if isinstance(part, np.ndarray))]


def clustered(seed: int = 0) -> tuple[Data, IntArray]:
    data = drawn(np.array([[0.6, -0.3], [0.2, -0.3], [0.4, 0.0], [0.9, -0.5]]), 40, seed=seed)
    return data, np.random.default_rng(seed).integers(0, 60, len(data.group))


def test_order_of_rows_changes_no_bit() -> None:
    data, clusters = clustered()
    weights = np.random.default_rng(1).choice([0.5, 1.0, 2.0], len(clusters))
    order = np.random.default_rng(2).permutation(len(clusters))
    shuffled = Data(data.features[order], data.preference[order], data.group[order])
    before = fit_hierarchy(data.rows(clusters, weights))
    after = fit_hierarchy(shuffled.rows(clusters[order], weights[order]))
    assert before.likeness == after.likeness
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays(before), arrays(after), strict=True))


def test_renumbering_groups_permutes() -> None:
    data, clusters = clustered()
    number = np.array([2, 0, 3, 1])
    ties = np.array([0.1, 0.2, 0.3, 0.4])
    before = fit_hierarchy(data.rows(clusters), tie_parameter=ties)
    renumbered = replace(data, group=number[data.group])
    after = fit_hierarchy(renumbered.rows(clusters), tie_parameter=ties[np.argsort(number)])
    assert np.array_equal(before.weight.low, after.weight.low[number])
    assert np.array_equal(before.own_share, after.own_share[number])
    assert np.array_equal(before.common.mean, after.common.mean)


def test_turning_all_preferences_turns_all_signs() -> None:
    data, clusters = clustered()
    before = fit_hierarchy(data.rows(clusters))
    after = fit_hierarchy(replace(data, preference=1 - data.preference).rows(clusters))
    assert np.array_equal(before.weight.mean, -after.weight.mean)
    assert np.array_equal(before.weight.low, -after.weight.high)
    assert np.array_equal(before.spread.mean, after.spread.mean)


def test_swapping_responses_changes_nothing() -> None:
    data, clusters = clustered()
    swapped = np.random.default_rng(4).random(len(clusters)) < 0.5
    turned = replace(
        data,
        features=np.where(swapped[:, None], -data.features, data.features),
        preference=np.where(swapped, 1 - data.preference, data.preference),
    )
    before, after = fit_hierarchy(data.rows(clusters)), fit_hierarchy(turned.rows(clusters))
    assert np.array_equal(before.weight.mean, after.weight.mean)
    assert np.array_equal(before.weight.high, after.weight.high)


def test_a_weight_of_two_is_a_row_twice() -> None:
    data, clusters = clustered()
    twice = np.random.default_rng(5).random(len(clusters)) < 0.3
    both = np.concatenate([np.arange(len(clusters)), np.flatnonzero(twice)])
    doubled = Data(data.features[both], data.preference[both], data.group[both])
    weighed = fit_hierarchy(data.rows(clusters, np.where(twice, 2.0, 1.0)))
    copied = fit_hierarchy(doubled.rows(clusters[both]))
    assert weighed.weight.mean == pytest.approx(copied.weight.mean, abs=1e-9)
    assert weighed.weight.low == pytest.approx(copied.weight.low, abs=1e-9)
    assert weighed.likeness == pytest.approx(copied.likeness)


@given(seed=st.integers(0, 1_000), groups=st.integers(3, 6), rows=st.integers(1, 12))
@settings(max_examples=10, deadline=None)
def test_shares_and_intervals_are_in_order(seed: int, groups: int, rows: int) -> None:
    found = fit_hierarchy(drawn(np.zeros((groups, 2)), rows, seed=seed).rows())
    known = found.identified
    assert ((found.own_share[:, known] >= 0) & (found.own_share[:, known] <= 1)).all()
    assert (found.weight.low[:, known] <= found.weight.mean[:, known]).all()
    assert (found.spread.low[known] > 0).all()
    assert ((found.differ[known] >= 0) & (found.differ[known] <= 1)).all()


def test_a_factor_that_never_differs_has_no_numbers() -> None:
    data = drawn(np.array([[0.5, 0.0]] * 3), 30, seed=6)
    features = data.features.copy()
    features[:, 1] = np.nan
    found = fit_hierarchy(replace(data, features=features).rows())
    assert found.identified.tolist() == [True, False]
    assert np.isnan(found.weight.mean[:, 1]).all()
    assert np.isnan(found.differ[1])


def test_a_group_without_a_factor_takes_it_from_the_others() -> None:
    data = drawn(np.full((5, 2), 0.8), 100, seed=7)
    features = data.features.copy()
    features[data.group == 2, 1] = 0.0
    found = fit_hierarchy(replace(data, features=features).rows())
    # Not quite 0: its other factor says a little of what the groups have in common.
    assert found.own_share[2, 1] < 0.1 * found.own_share[1, 1]
    assert found.weight.mean[2, 1] == pytest.approx(found.common.mean[1], abs=0.05)
    assert found.weight.sd[2, 1] > found.weight.sd[1, 1]


def test_own_share_grows_with_own_rows() -> None:
    truth = np.array([[0.0], [0.4], [0.8], [0.2], [0.6]])
    small, big = (fit_hierarchy(drawn(truth, rows, seed=8).rows()).own_share.mean() for rows in (20, 2_000))
    assert small < 0.4
    assert big > 0.8


def test_copied_rows_of_a_cluster_count_once() -> None:
    data = drawn(np.full((4, 1), 0.5), 60, seed=9)
    copies = np.repeat(np.arange(len(data.group)), 5)
    copied = Data(data.features[copies], data.preference[copies], data.group[copies])
    once, often = fit_hierarchy(data.rows()), fit_hierarchy(copied.rows(copies))
    assert often.likeness == pytest.approx(1.0)
    assert often.effective_rows == pytest.approx(once.effective_rows)
    assert often.weight.mean == pytest.approx(once.weight.mean, abs=0.02)


def test_judges_that_repeat_one_another_share_their_noise() -> None:
    data = drawn(np.array([[0.5]]), 300, seed=10)
    together = Data(np.tile(data.features, (4, 1)), np.tile(data.preference, 4), np.repeat(np.arange(4), 300))
    found = fit_hierarchy(together.rows(np.tile(np.arange(300), 4)))
    alone = fit_hierarchy(together.rows())
    assert found.sharing == pytest.approx(0.95)
    # Four times the same verdicts say no more of the common weight than once.
    assert found.common.sd[0] > 1.6 * alone.common.sd[0]


def test_what_its_own_rows_could_tell_is_said() -> None:
    few, many = (fit_hierarchy(drawn(np.full((20, 1), 0.3), rows, seed=11).rows()) for rows in (10, 1_000))
    assert few.detectable[0] > 0.2
    assert many.detectable[0] < 0.1


def test_draws_are_those_that_are_summarised() -> None:
    data, _ = clustered()
    draws, found = sample_hierarchy(data.rows()), fit_hierarchy(data.rows())
    assert draws.weight.mean(axis=(0, 1)) == pytest.approx(found.weight.mean)
    assert draws.common.mean(axis=(0, 1)) == pytest.approx(found.common.mean)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"group": np.zeros(120, dtype=np.int64)}, "at least 3 groups"),
        ({"group": np.full(120, -1)}, "group"),
        ({"features": np.zeros((120, 2))}, "no factor differs"),
        ({"preference": np.full(120, 2.0)}, "preference"),
        ({"preference": np.full((2, 120), 1.0)}, "preference"),
        ({"clusters": np.zeros(5, dtype=np.int64)}, "clusters"),
    ],
)
def test_wrong_arguments_are_refused(change: dict[str, FloatArray], message: str) -> None:
    rows = drawn(np.zeros((3, 1)), 40, seed=12).rows()
    with pytest.raises((SettingError, FitError), match=message):
        fit_hierarchy(replace(rows, **change))


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(SettingError, match="spread_scale"):
        HierarchyOptions(spread_scale=0.0)
    with pytest.raises(SettingError, match="tie_parameter"):
        fit_hierarchy(drawn(np.zeros((3, 1)), 40, seed=12).rows(), tie_parameter=-1.0)
