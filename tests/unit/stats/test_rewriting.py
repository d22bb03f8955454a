"""Effects of pairs of rewrites: plain twins, invariances, and refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]  # ships no types

from prefactor.errors import SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.rewriting import disagree, effect_per_unit, mean_preference, rewrite_effect

Floats = NDArray[np.float64]


def in_set_plainly(slope: float, outcome: Floats, change: Floats, clusters: list[int], interval: float = 0.9) -> bool:
    """Whether the mean of outcome - slope * change is not told from 0, cluster by cluster."""
    names = sorted(set(clusters))
    rows = len(outcome)
    sizes = [clusters.count(name) for name in names]
    worth = rows**2 / sum(size**2 for size in sizes)
    freedom = max(worth - 1, 1.0)
    left = outcome - slope * change
    mean = left.mean()
    variance = 0.0
    for name in names:
        variance += sum(left[row] - mean for row in range(rows) if clusters[row] == name) ** 2 / rows**2
    variance = variance * (freedom + 1) / freedom + (0.5 / (freedom + 1)) ** 2
    return bool(abs(mean) <= stats.t.ppf(0.5 + interval / 2, freedom) * np.sqrt(variance))


@pytest.mark.parametrize(
    ("strength", "lean", "form"), [(1.0, 0.2, "between"), (0.02, 0.01, "anything"), (0.05, 0.2, "outside")]
)
def test_the_set_is_that_of_the_plain_test_at_every_slope(strength: float, lean: float, form: str) -> None:
    forms = set()
    for seed in range(10):
        random = np.random.default_rng(seed)
        clusters = random.integers(0, 25, 60).tolist()
        change = strength + random.normal(0, 0.6, 60)
        outcome = np.clip(lean + 0.2 * random.standard_normal(60), -0.5, 0.5)
        found = effect_per_unit(outcome, change, clusters=clusters)
        forms.add(found.form)
        slopes = [*np.linspace(-20, 20, 9), *np.linspace(-1, 1, 9), found.value]
        for slope in slopes:
            assert found.holds(float(slope)) == in_set_plainly(float(slope), outcome, change, clusters)
    assert form in forms


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 10))
def test_another_unit_of_change_only_scales_the_set_and_order_does_not_matter(seed: int, unit: float) -> None:
    random = np.random.default_rng(seed)
    change, outcome = random.normal(0.5, 1, 30), random.choice([-0.5, 0.0, 0.5], 30)
    clusters = random.integers(0, 12, 30)
    found = effect_per_unit(outcome, change, clusters=clusters)
    scaled = effect_per_unit(outcome, change * unit, clusters=clusters)
    assert scaled.form == found.form
    assert np.allclose([scaled.low * unit, scaled.high * unit], [found.low, found.high], rtol=1e-6, atol=1e-9)
    order = random.permutation(30)
    assert effect_per_unit(outcome[order], change[order], clusters=clusters[order]) == found


def test_a_judge_that_never_prefers_either_leaves_something_open() -> None:
    found = effect_per_unit([0.0] * 50, [1.0] * 50, clusters=range(50))
    assert found.low < 0 < found.high


def test_the_mean_of_all_is_that_of_those_with_more_and_with_less_by_their_numbers() -> None:
    random = np.random.default_rng(3)
    preference, more = random.random(80), random.random(80) < 0.3
    found = rewrite_effect(preference, had_more=more, clusters=range(80))
    assert found.from_more.value == pytest.approx(preference[more].mean())
    assert found.share.value == pytest.approx(
        more.mean() * found.from_more.value + (1 - more.mean()) * found.from_less.value
    )
    assert found.share.low < found.share.value < found.share.high


def test_exchanging_the_versions_turns_the_effect_round() -> None:
    preference = np.array([1.0, 1.0, 0.0, 0.5, 1.0, 1.0] * 5)
    ahead, behind = (
        rewrite_effect(each, had_more=[True] * 30, clusters=range(30)) for each in (preference, 1 - preference)
    )
    assert ahead.share.low == pytest.approx(1 - behind.share.high)
    assert ahead.p_value == pytest.approx(behind.p_value)


@pytest.mark.parametrize("tie_parameter", [0.0, 0.8])
def test_the_mean_preference_is_that_of_the_likelihood(tie_parameter: float) -> None:
    weight = 0.7
    parts = np.array([np.exp(weight / 2), tie_parameter, np.exp(-weight / 2)])
    expected = parts @ [1, 0.5, 0] / parts.sum()
    assert mean_preference(Estimate(weight), tie_parameter=tie_parameter).value == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.floats(0.01, 0.04), st.floats(0.01, 0.04))
def test_the_test_of_a_difference_never_contradicts_its_interval(
    a: float, b: float, below: float, above: float
) -> None:
    found = disagree(Estimate(a, a - below, a + above), Estimate(b, b - above, b + below))
    outside = found.difference.low > 0 or found.difference.high < 0
    assert (found.p_value < 0.1) == outside or abs(found.p_value - 0.1) < 1e-6


def test_what_cannot_be_had_is_not_invented() -> None:
    assert effect_per_unit([], [], clusters=[]).form == "none"
    alone = effect_per_unit([0.5, 0.5], [1.0, 2.0], clusters=[1, 1])
    assert alone.value == pytest.approx(1 / 3)
    assert alone.form == "none"
    assert not alone.holds(alone.value)
    assert np.isnan(disagree(Estimate(0.5), Estimate(0.6, 0.5, 0.7)).p_value)
    with pytest.raises(SettingError):
        effect_per_unit([0.7], [1.0], clusters=[1])
    with pytest.raises(SettingError):
        rewrite_effect([0.5, 0.5], had_more=[True], clusters=[1, 2])
