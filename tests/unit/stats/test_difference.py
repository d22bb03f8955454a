"""Differences of shares: against the plain formulas, and the side of the test."""

from math import isnan, nan

import numpy as np
import pytest

from prefactor.errors import SettingError
from prefactor.stats.difference import paired_difference, separate_difference
from prefactor.stats.estimate import Estimate


def test_a_paired_difference_is_the_mean_with_a_symmetric_test() -> None:
    values = np.random.default_rng(0).choice([-1.0, 0.0, 0.5], 200)
    below, above = (paired_difference(sign * values, clusters=np.arange(200)) for sign in (1, -1))
    assert below.estimate.value == pytest.approx(values.mean())
    assert (below.estimate.low, below.estimate.high) == pytest.approx((-above.estimate.high, -above.estimate.low))
    assert below.p_below == pytest.approx(1 - above.p_below)
    assert below.p_below < 0.05 < above.p_below


def test_null_samples_are_below_as_often_as_the_p_value_says() -> None:
    random = np.random.default_rng(1)
    p = [paired_difference(random.choice([-1.0, 0.0, 1.0], 60), clusters=np.arange(60)).p_below for _ in range(400)]
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.08


def test_separate_shares_differ_as_their_intervals_say() -> None:
    found = separate_difference(Estimate(0.5, 0.45, 0.55), Estimate(0.7, 0.67, 0.73))
    assert found.estimate.value == pytest.approx(-0.2)
    assert found.estimate.high == pytest.approx(-0.2 + np.hypot(0.05, 0.03))
    assert found.p_below < 0.001
    assert separate_difference(Estimate(0.7, 0.67, 0.73), Estimate(0.5, 0.45, 0.55)).p_below > 0.999
    assert isnan(separate_difference(Estimate(0.5), Estimate(0.7, 0.6, 0.8)).p_below)


def test_nothing_gives_nothing_and_what_is_out_of_range_is_refused() -> None:
    assert isnan(paired_difference([], clusters=np.empty(0, dtype=np.int64)).estimate.value)
    with pytest.raises(SettingError, match="values"):
        paired_difference([1.5], clusters=[0])
    with pytest.raises(SettingError, match="values"):
        paired_difference([nan], clusters=[0])
