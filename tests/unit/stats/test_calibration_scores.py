"""Scores of chances against plain formulas, and calibration errors that hold what is true."""

import numpy as np
import pytest

from prefactor.errors import SettingError
from prefactor.stats.calibration import score_chances


def test_scores_are_means() -> None:
    random = np.random.default_rng(0)
    chances, came = random.random(500), random.integers(0, 2, 500)
    scores = score_chances(chances, came, clusters=np.arange(500), bootstraps=50)
    assert scores.brier.value == pytest.approx(np.mean((chances - came) ** 2))
    assert scores.excess.value == pytest.approx(chances.mean() - came.mean())
    assert sum(each.rows for each in scores.bins) == 500
    assert len(scores.bins) == 10
    inside = (chances >= 0.3) & (chances < 0.4)
    assert scores.bins[3].stated == pytest.approx(chances[inside].mean())
    assert scores.bins[3].came_true == pytest.approx(came[inside].mean())


def test_true_chances_have_no_error_and_a_constant_gap_is_found() -> None:
    random = np.random.default_rng(1)
    for gap, low, high in ((0.0, 0.0, 0.02), (0.2, 0.17, 0.23)):
        stated = 0.2 + 0.8 * random.random(4_000)
        came = random.random(4_000) < stated - gap
        error = score_chances(stated, came, clusters=np.arange(4_000), bootstraps=200).error
        assert low <= error.value <= high
        assert error.low <= gap <= error.high


def test_certain_chances_fall_into_the_last_bin_and_nothing_has_no_score() -> None:
    (only,) = score_chances([1.0, 1.0], [1, 0], clusters=[0, 1], bootstraps=20).bins
    assert (only.rows, only.stated, only.came_true) == (2, 1.0, 0.5)
    assert np.isnan(score_chances([], [], clusters=np.empty(0, dtype=np.int64)).error.value)
    with pytest.raises(SettingError, match="chances"):
        score_chances([1.1], [1], clusters=[0])
