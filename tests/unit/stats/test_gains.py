"""Gains of many subsets at once against each fitted by plain Newton steps."""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats.gains import Game, fit_full, fit_subsets, inverses, mean_information
from prefactor.stats.orderings import every_subset
from stats.plain_newton import plain_gain


def drawn(seed: int, *, rows: int, slope: float) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    features = random.choice([-1.0, 0.0, 1.0], (rows, 5))
    features[:, 1] = np.where(random.random(rows) < 0.9, features[:, 0], features[:, 1])
    chance = 1 / (1 + np.exp(-slope * features @ [1.0, 0.5, -0.7, 0.0, 0.2]))
    return features, (random.random(rows) < chance).astype(float)


@pytest.mark.parametrize(("rows", "slope", "tie"), [(400, 0.5, 0.0), (400, 3.0, 0.0), (60, 8.0, 0.0), (300, 0.8, 0.9)])
def test_every_subset_gains_what_plain_newton_finds(rows: int, slope: float, tie: float) -> None:
    features, preference = drawn(3, rows=rows, slope=slope)
    if tie:
        preference[:90] = 0.5
    game = Game(features, np.ones(rows), features.T @ (preference - 0.5), tie)
    subsets = every_subset(np.arange(5)).subsets
    full = fit_full(game)
    gains = fit_subsets(game, subsets, full=full, guess=subsets.mean(axis=1))
    plain = np.array([plain_gain(features[:, subset], preference, tie) for subset in subsets])
    assert gains.values == pytest.approx(plain, abs=5e-4 * plain.max())
    assert (gains.weights[~subsets] == 0).all()


def test_rows_that_count_twice() -> None:
    features, preference = drawn(4, rows=200, slope=1.0)
    once = Game(np.vstack([features, features]), np.ones(400), 2 * features.T @ (preference - 0.5), 0.0)
    twice = Game(features, np.full(200, 2.0), 2 * features.T @ (preference - 0.5), 0.0)
    assert fit_full(once) == pytest.approx(fit_full(twice), abs=1e-9)


def test_the_mean_information_leads_to_the_full_model_in_one_step() -> None:
    features, preference = drawn(5, rows=2_000, slope=1.5)
    game = Game(features, np.ones(2_000), features.T @ (preference - 0.5), 0.0)
    full = fit_full(game)
    step = np.linalg.solve(mean_information(game, full), game.score)
    assert step == pytest.approx(full, abs=0.12 * np.abs(full).max())
    inside = np.array([[True, False, True, False, False]])
    part = inverses(game.information(full), inside)[0]
    assert part[np.ix_([0, 2], [0, 2])] == pytest.approx(np.linalg.inv(game.information(full)[np.ix_([0, 2], [0, 2])]))
    assert (part[1] == 0).all()
