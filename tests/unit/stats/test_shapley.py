"""Shares of explained log-likelihood: against every order written out, by the axioms of Shapley, and where refused."""

from itertools import pairwise, permutations

import numpy as np
import pytest

from prefactor._typing import FloatArray, IntArray
from prefactor.errors import FitError, SettingError
from prefactor.stats import contributions
from prefactor.stats.shapley import Shares, fit_shares
from stats.plain_newton import plain_gain


def drawn(seed: int, *, rows: int = 600, size: int = 4, tie: float = 0.0) -> tuple[FloatArray, FloatArray, IntArray]:
    """Sign features that go together, preferences of a judge, and prompts of two comparisons."""
    random = np.random.default_rng(seed)
    common = random.standard_normal((rows, 1))
    features = np.sign(common + random.standard_normal((rows, size))) * (random.random((rows, size)) < 0.8)
    weights = np.resize([0.8, 0.3, -0.5, 0.0, 0.2], size)
    chance = 1 / (1 + np.exp(-features @ weights))
    preference = (random.random(rows) < chance).astype(float)
    preference[random.random(rows) < tie / (2 + tie)] = 0.5
    return features, preference, np.arange(rows) // 2


def plain_shares(features: FloatArray, preference: FloatArray, groups: list[int], tie: float) -> FloatArray:
    """In-sample contributions: every subset by plain Newton, every order that keeps groups together."""
    gains: dict[frozenset[int], float] = {frozenset(): 0.0}
    size = features.shape[1]
    added, orders = np.zeros(size), 0
    for order in permutations(range(size)):
        runs = 1 + sum(groups[one] != groups[other] for one, other in pairwise(order))
        if runs != len(set(groups)):
            continue
        orders += 1
        for place, factor in enumerate(order):
            before, after = frozenset(order[:place]), frozenset(order[: place + 1])
            for subset in (before, after):
                if subset not in gains:
                    gains[subset] = plain_gain(features[:, sorted(subset)], preference, tie)
            added[factor] += gains[after] - gains[before]
    return added / orders


def in_sample(shares: Shares) -> FloatArray:
    return shares.contribution + shares.chance


@pytest.mark.parametrize("tie", [0.0, 0.7])
@pytest.mark.parametrize("groups", [[0, 1, 2, 3], [0, 0, 1, 1]])
def test_shares_are_those_of_every_order_written_out(groups: list[int], tie: float) -> None:
    features, preference, clusters = drawn(1, tie=tie)
    found = fit_shares(features, preference, clusters=clusters, groups=groups, tie_parameter=tie)
    plain = plain_shares(features, preference, groups, tie)
    assert in_sample(found) == pytest.approx(plain, abs=1e-3 * plain.sum())
    assert found.orders == 0


def test_shares_sum_to_the_whole() -> None:
    features, preference, clusters = drawn(2, size=5)
    found = fit_shares(features, preference, clusters=clusters)
    assert found.contribution.sum() == pytest.approx(found.explained.value * found.coin)
    assert found.of(range(5)).value == pytest.approx(1.0)
    assert found.coin == pytest.approx(600 * np.log(2))
    assert found.of([0, 1]).value == pytest.approx((found.contribution[:2].sum()) / found.contribution.sum())


def test_two_factors_that_are_the_same_share_equally() -> None:
    features, preference, clusters = drawn(3)
    doubled = features[:, [0, 0, 1, 2]]
    found = fit_shares(doubled, preference, clusters=clusters)
    assert found.contribution[0] == pytest.approx(found.contribution[1], rel=1e-3)
    assert found.value[0] == pytest.approx(found.value[1], abs=1e-3)
    # As a group the copy changes nothing.
    grouped = fit_shares(doubled, preference, clusters=clusters, groups=[0, 0, 1, 2])
    once = fit_shares(features[:, :3], preference, clusters=clusters)
    assert grouped.of([0, 1]).value == pytest.approx(once.value[0], abs=5e-3)


def test_a_factor_that_has_nothing_to_do_with_it_gets_nothing() -> None:
    features, preference, clusters = drawn(4, rows=2_000)
    noise = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], (2_000, 1))
    found = fit_shares(np.hstack([features, noise, np.zeros((2_000, 1))]), preference, clusters=clusters)
    assert found.low[4] == 0.0
    assert found.high[4] < 0.04
    assert np.isnan(found.value[5])
    assert np.isnan(found.of([5]).value)
    assert found.of([0, 5]).value == pytest.approx(found.value[0])


@pytest.mark.parametrize("seed", range(4))
def test_sampled_orders_come_within_their_stated_error(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    features, preference, clusters = drawn(5 + seed, rows=800, size=9)
    groups = [0, 0, 0, 1, 1, 2, 2, 2, 2]
    exact = fit_shares(features, preference, clusters=clusters, groups=groups)
    monkeypatch.setattr(contributions, "MOST_EXACT", 3)
    sampled = fit_shares(features, preference, clusters=clusters, groups=groups, seed=seed)
    assert (exact.orders, sampled.orders) == (0, 8)
    assert (exact.monte_carlo == 0).all()
    assert 0 < sampled.monte_carlo.max() < 0.008
    away = (sampled.contribution - exact.contribution) / exact.contribution.sum() / sampled.monte_carlo
    assert np.abs(away).max() < 4.5
    assert sampled.contribution.sum() == pytest.approx(exact.contribution.sum(), rel=1e-4)
    for one, other in ((sampled.low, exact.low), (sampled.high, exact.high)):
        assert one == pytest.approx(other, abs=0.03)


def test_copies_of_rows_in_one_prompt_make_intervals_no_narrower() -> None:
    features, preference, clusters = drawn(6)
    once = fit_shares(features, preference, clusters=clusters)
    copied = fit_shares(*(np.repeat(one, 6, axis=0) for one in (features, preference)), clusters=np.repeat(clusters, 6))
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.2)


def test_what_chance_adds_is_about_half_a_nat_for_each_factor() -> None:
    found = [fit_shares(*drawn(seed)[:2], clusters=np.arange(600)) for seed in range(10)]
    assert np.mean([one.optimism for one in found]) == pytest.approx(2.0, abs=0.25)


def test_where_nothing_can_be_divided_the_reason_is_given() -> None:
    features, preference, clusters = drawn(7)
    random = np.random.default_rng(1)
    cases = {
        "prompts, fewer than 20": fit_shares(features, preference, clusters=clusters % 19),
        "fewer than 5 comparisons": fit_shares(np.tile(features[:24], 2), preference[:24], clusters=np.arange(24)),
        "no factor differs": fit_shares(0 * features, preference, clusters=clusters),
        "no factor goes with": fit_shares(features, np.full(600, 0.5), clusters=clusters, tie_parameter=5.0),
        "nothing that is clear": fit_shares(features, random.integers(0, 2, 600).astype(float), clusters=clusters),
    }
    for words, found in cases.items():
        assert words in found.reason
        assert np.isnan(found.value).all()
        assert np.isnan(found.of([0]).value)


def test_wrong_arguments_are_named() -> None:
    features, preference, clusters = drawn(8)
    with pytest.raises(SettingError, match="groups"):
        fit_shares(features, preference, clusters=clusters, groups=[0, 1])
    with pytest.raises(SettingError, match="tie_parameter"):
        fit_shares(features, preference, clusters=clusters, tie_parameter=-1.0)
    with pytest.raises(FitError, match="positive weight"):
        fit_shares(features, preference, clusters=clusters, weights=np.zeros(600))
