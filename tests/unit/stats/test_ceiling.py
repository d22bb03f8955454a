"""The ceiling against integrals of the beta distribution, its bounds, and the interval of the share of the way."""

from math import isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate  # type: ignore[import-untyped]  # ships no types
from scipy.stats import beta  # type: ignore[import-untyped]

from prefactor.stats.ceiling import (
    ClusteredRows,
    best_accuracy,
    best_accuracy_of_both_orders,
    correlate_means,
    way_to_ceiling,
)
from prefactor.stats.estimate import Estimate


@pytest.mark.parametrize("shape", [0.2, 0.5, 1.0, 3.0, 20.0])
def test_it_is_the_mean_of_the_likelier_side(shape: float) -> None:
    agreement = (shape + 1) / (2 * shape + 1)
    upper = 2 * integrate.quad(lambda p: p * beta.pdf(p, shape, shape), 0.5, 1.0)[0]
    square = 2 * integrate.quad(lambda p: p * p * beta.pdf(p, shape, shape), 0.5, 1.0)[0]
    assert best_accuracy(agreement) == pytest.approx(upper, abs=1e-6)
    assert best_accuracy_of_both_orders(agreement) == pytest.approx(square / agreement, abs=1e-6)


@given(st.floats(0.5, 1.0), st.floats(0.5, 1.0))
def test_it_rises_with_agreement_and_keeps_to_its_bounds(first: float, second: float) -> None:
    low, high = sorted((first, second))
    for rises in (best_accuracy, best_accuracy_of_both_orders):
        assert rises(low) <= rises(high) + 1e-12
    assert low - 1e-9 <= best_accuracy(low) <= 0.5 + 0.5 * sqrt(2 * low - 1) + 1e-9
    assert best_accuracy(low) <= best_accuracy_of_both_orders(low) + 1e-9


def test_coins_have_no_ceiling_above_a_coin_and_nothing_gives_nothing() -> None:
    assert best_accuracy(0.3) == best_accuracy(0.5) == best_accuracy_of_both_orders(0.2) == 0.5
    assert best_accuracy(0.5 + 1e-12) == pytest.approx(0.5, abs=1e-5)
    assert best_accuracy(1.0) == best_accuracy_of_both_orders(1.0) == 1.0
    assert isnan(best_accuracy(nan))
    assert isnan(best_accuracy_of_both_orders(nan))


def plain_ends(accuracy: Estimate, ceiling: Estimate, correlation: float) -> tuple[float, float]:
    """Shares whose interval of accuracy - 1/2 - s (ceiling - 1/2) holds 0, on a fine grid."""
    shares = np.linspace(-3, 4, 700_001)
    up, down = accuracy.high - accuracy.value, accuracy.value - accuracy.low
    longer, shorter = ceiling.high - ceiling.value, ceiling.value - ceiling.low
    gap = accuracy.value - 0.5 - shares * (ceiling.value - 0.5)
    size = np.abs(shares)
    lower_move = size * np.where(shares >= 0, longer, shorter)
    upper_move = size * np.where(shares >= 0, shorter, longer)
    sign = np.sign(shares)
    low = gap - np.sqrt(down**2 - 2 * correlation * sign * down * lower_move + lower_move**2)
    high = gap + np.sqrt(up**2 - 2 * correlation * sign * up * upper_move + upper_move**2)
    held = shares[(low <= 0) & (high >= 0)]
    return float(held.min()), float(held.max())


@pytest.mark.parametrize("correlation", [-0.4, 0.0, 0.5])
@pytest.mark.parametrize(
    "accuracy", [Estimate(0.7, 0.66, 0.73), Estimate(0.51, 0.47, 0.54), Estimate(0.44, 0.41, 0.46)]
)
def test_the_interval_of_the_way_is_that_of_a_grid(accuracy: Estimate, correlation: float) -> None:
    ceiling = Estimate(0.82, 0.76, 0.86)
    found = way_to_ceiling(accuracy, ceiling, correlation=correlation)
    assert found.value == pytest.approx((accuracy.value - 0.5) / 0.32)
    assert (found.low, found.high) == pytest.approx(plain_ends(accuracy, ceiling, correlation), abs=2e-5)


def test_there_is_no_way_to_a_ceiling_that_may_be_a_coin() -> None:
    unsure = way_to_ceiling(Estimate(0.6, 0.55, 0.65), Estimate(0.6, 0.5, 0.7))
    assert unsure.value == pytest.approx(1.0)
    assert isnan(unsure.low)
    assert isnan(way_to_ceiling(Estimate(0.6, 0.55, 0.65), Estimate(0.5, 0.5, 0.6)).value)
    assert isnan(way_to_ceiling(Estimate(nan), Estimate(0.8, 0.7, 0.9)).low)


def test_the_correlation_of_means_is_that_over_many_samples() -> None:
    random = np.random.default_rng(0)
    means, told = [], []
    for _ in range(2_000):
        shift = random.normal(size=40)
        first, second = (np.repeat(shift, 3) + random.normal(size=120) for _ in range(2))
        rows = [ClusteredRows(values, np.ones(120), np.repeat(np.arange(40), 3)) for values in (first, second)]
        means.append((first.mean(), second.mean()))
        told.append(correlate_means(*rows))
    assert np.mean(told) == pytest.approx(np.corrcoef(np.array(means).T)[0, 1], abs=0.05)
    apart = ClusteredRows(np.array([0.0, 1.0]), np.ones(2), np.array([90, 91]))
    assert correlate_means(rows[0], apart) == 0.0
    assert correlate_means(rows[0], ClusteredRows(np.ones(2), np.ones(2), np.array([0, 1]))) == 0.0
