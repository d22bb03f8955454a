import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.errors import SettingError
from prefactor.stats.correlation import pearson
from prefactor.stats.gap import AlignmentGap, ProfileTriple, fit_gap

FACTORS = 10


def profiles(push: float = 0.5) -> FloatArray:
    """People, a model that judges much like them, and writes as it judges but for two factors."""
    random = np.random.default_rng(6)
    people = random.laplace(0, 0.15, FACTORS)
    judges = 0.8 * people + random.normal(0, 0.05, FACTORS)
    writes = judges.copy()
    writes[:2] += [push, -0.7 * push]
    return np.stack([people, judges, writes])


def certain(three: FloatArray) -> ProfileTriple:
    return ProfileTriple(*three, drawn=np.repeat(three[:, None], 2, axis=1))  # type: ignore[misc]


def noisy(random: np.random.Generator, three: FloatArray, error: float = 0.05, draws: int = 300) -> ProfileTriple:
    """Estimates whose first two share half of their noise, and replicates with the same noise."""

    def noise(*shape: int) -> FloatArray:
        shared, own = random.normal(0, error, (1, *shape)), random.normal(0, error, (3, *shape))
        shares = np.sqrt(np.array([0.5, 0.5, 0.0])).reshape(3, *(1,) * len(shape))
        return np.asarray(shares * shared + np.sqrt(1 - shares**2) * own)

    found = three + noise(FACTORS)
    return ProfileTriple(*found, drawn=found[:, None] + noise(draws, FACTORS))  # type: ignore[misc]


def slow_contributions(three: FloatArray, steps: int = 20_000) -> FloatArray:
    """The same integral, one small step of one factor at a time, from plain correlations."""
    people, judges, writes = three
    total = np.zeros(FACTORS)
    for step in range(steps // 100):
        at = (step + 0.5) / (steps // 100)
        here = writes + at * (judges - writes)
        for factor in range(FACTORS):
            moved = here.copy()
            moved[factor] += 1e-6
            slope = (pearson(moved, people) - pearson(here, people)) / 1e-6
            total[factor] += slope * (judges[factor] - writes[factor]) / (steps // 100)
    return total


def test_without_noise_it_is_the_difference_of_two_correlations() -> None:
    three = profiles()
    found = fit_gap(certain(three))
    people, judges, writes = three
    assert found.gap.value == pytest.approx(float(pearson(judges, people) - pearson(writes, people)))
    assert found.observed_pearson.value == pytest.approx(found.gap.value)


def test_contributions_are_the_integral_and_sum_to_the_gap() -> None:
    three = profiles()
    found = fit_gap(certain(three))
    parts = np.array([each.value.value for each in found.contributions])
    assert parts.sum() == pytest.approx(found.gap.value, abs=1e-9)
    assert parts == pytest.approx(slow_contributions(three), abs=1e-4)


def test_a_factor_on_which_both_are_equal_adds_nothing() -> None:
    parts = [each.value.value for each in fit_gap(certain(profiles())).contributions]
    assert parts[2:] == pytest.approx(np.zeros(FACTORS - 2), abs=1e-12)


def test_swapping_the_two_profiles_turns_the_gap_and_its_parts() -> None:
    triple = noisy(np.random.default_rng(1), profiles())
    turned = ProfileTriple(triple.reference, triple.second, triple.first, triple.drawn[[0, 2, 1]])
    one, other = fit_gap(triple), fit_gap(turned)
    assert (other.gap.value, other.gap.low) == pytest.approx((-one.gap.value, -one.gap.high), abs=1e-9)
    parts = [[each.value.value for each in found.contributions] for found in (one, other)]
    assert parts[0] == pytest.approx([-each for each in parts[1]], abs=1e-9)


def test_order_of_factors_and_scale_do_not_matter() -> None:
    triple, order = noisy(np.random.default_rng(1), profiles()), np.random.default_rng(2).permutation(FACTORS)
    scale = np.array([2.0, 1.0, 1.0])[:, None, None]
    whole = (triple.reference[order] * 2, triple.first[order], triple.second[order])
    moved = ProfileTriple(*whole, drawn=triple.drawn[:, :, order] * scale)
    one, other = fit_gap(triple), fit_gap(moved)
    assert (other.gap.value, other.gap.low, other.gap.high) == pytest.approx(
        (one.gap.value, one.gap.low, one.gap.high), abs=1e-9
    )


@pytest.mark.parametrize("push", [0.3, 0.6])
def test_the_interval_covers_the_planted_gap_and_the_right_factors_are_named(push: float) -> None:
    three = profiles(push)
    truth = fit_gap(certain(three))
    random = np.random.default_rng(7)
    found = [fit_gap(noisy(random, three)) for _ in range(300)]
    covered = np.mean([each.gap.low <= truth.gap.value <= each.gap.high for each in found])
    # 2.5 standard errors of 300 simulations are 4.3 points.
    assert 0.857 <= covered <= 0.943
    bias = np.mean([each.gap.value for each in found]) - truth.gap.value
    assert abs(bias) < 0.02
    tests = np.array([[each.p_value < 0.05 for each in one.contributions] for one in found])
    assert tests[:, :2].mean() > 0.9
    assert tests[:, 2:].mean() < 0.07
    parts = np.array([[each.value.value for each in one.contributions] for one in found])
    true_parts = np.array([each.value.value for each in truth.contributions])
    assert parts.mean(axis=0) == pytest.approx(true_parts, abs=0.02)


def reason_of(three: FloatArray, error: float) -> AlignmentGap:
    return fit_gap(noisy(np.random.default_rng(3), three, error))


def test_it_refuses_what_is_noise() -> None:
    found = reason_of(profiles() * 0.01, 0.5)
    assert np.isnan(found.gap.value)
    assert found.reason
    assert found.contributions == ()


def test_it_refuses_three_factors() -> None:
    assert "fewer than 4 factors" in fit_gap(certain(profiles()[:, :3])).reason


def test_shapes_are_held_to() -> None:
    one = np.arange(5.0)
    with pytest.raises(SettingError, match="replicates of shape"):
        fit_gap(ProfileTriple(one, one, one, np.zeros((3, 9, 4))))
