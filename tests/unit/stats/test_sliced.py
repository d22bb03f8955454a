"""Correlations averaged over slices: what they average, and what taking the noise out of all slices gains."""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats.correlation import pearson
from prefactor.stats.sliced import ProfileDraws, average_correlations, moved_interval, moved_replicates


def noisy(truth: tuple[FloatArray, FloatArray], sd: float, random: np.random.Generator) -> ProfileDraws:
    first, second = (each + random.normal(0, sd, each.size) for each in truth)
    drawn = [each + random.normal(0, sd, (300, each.size)) for each in (first, second)]
    return ProfileDraws(first, second, drawn[0], drawn[1])


def test_the_mean_is_over_slices_and_one_slice_is_itself() -> None:
    random = np.random.default_rng(0)
    parts = [noisy((random.normal(size=9), random.normal(size=9)), 0.1, random) for _ in range(4)]
    found = average_correlations(parts)
    assert found.pearson.value == pytest.approx(np.mean([pearson(part.first, part.second) for part in parts]))
    assert found.slices == 4
    assert found.pearson.low < found.pearson.value < found.pearson.high
    alone = average_correlations(parts[:1])
    assert alone.pearson.value == pytest.approx(float(pearson(parts[0].first, parts[0].second)))


def test_noise_of_all_slices_together_is_taken_out() -> None:
    random = np.random.default_rng(1)
    observed, corrected, covered = [], [], 0
    for _ in range(60):
        parts = []
        for _ in range(8):
            shared = random.normal(0, 1, 12)
            truth = shared + random.normal(0, 0.5, 12), shared + random.normal(0, 0.5, 12)
            parts.append(noisy(truth, 1.0, random))
        found = average_correlations(parts)
        observed.append(found.pearson.value)
        corrected.append(found.corrected.value)
        covered += found.corrected.low <= 0.8 <= found.corrected.high
    assert np.mean(observed) < 0.5
    assert np.mean(corrected) == pytest.approx(0.8, abs=0.05)
    assert covered >= 46


def test_nothing_is_said_without_slices_and_a_constant_profile_is_known() -> None:
    found = average_correlations([])
    assert np.isnan(found.pearson.value)
    assert found.reason == "no slice is large enough"
    flat = ProfileDraws(np.zeros(4), np.arange(4.0), np.zeros((5, 4)), np.zeros((5, 4)))
    assert not flat.varies


def test_intervals_stand_about_what_was_observed() -> None:
    drawn = np.random.default_rng(2).normal(0.3, 0.05, 2_000)
    found = moved_interval(0.6, drawn)
    assert (found.low + found.high) / 2 == pytest.approx(0.6, abs=0.01)
    assert np.median(moved_replicates(0.6, drawn)) == pytest.approx(0.6)
    assert np.isnan(moved_interval(float("nan"), drawn).low)
    assert np.isnan(moved_interval(0.6, np.full(10, np.nan)).low)
    assert np.isnan(moved_replicates(0.6, np.full(3, np.nan))).all()
