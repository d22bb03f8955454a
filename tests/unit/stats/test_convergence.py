"""Diagnostics of Markov chains against chains whose autocorrelation is known."""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.errors import SettingError
from prefactor.stats.convergence import effective_draws, split_r_hat


def autoregressive(rho: float, *, chains: int = 4, draws: int = 2_000, seed: int = 0) -> FloatArray:
    random = np.random.default_rng(seed)
    values = np.empty((chains, draws, 1))
    now = random.normal(size=(chains, 1))
    for draw in range(draws):
        now = rho * now + np.sqrt(1 - rho**2) * random.normal(size=(chains, 1))
        values[:, draw] = now
    return values


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_effective_draws_of_an_autoregression(rho: float) -> None:
    expected = 8_000 * (1 - rho) / (1 + rho)
    assert effective_draws(autoregressive(rho))[0] == pytest.approx(expected, rel=0.2)


def test_alternating_draws_tell_more_than_independent_ones() -> None:
    assert effective_draws(autoregressive(-0.5))[0] > 12_000


def test_chains_in_different_places_are_seen() -> None:
    values = autoregressive(0.5)
    assert split_r_hat(values)[0] < 1.01
    values[0] += 1.0
    assert split_r_hat(values)[0] > 1.05
    assert effective_draws(values)[0] < 100


def test_a_chain_on_the_move_is_seen_though_all_move_alike() -> None:
    values = autoregressive(0.0) + np.linspace(0, 4, 2_000)[:, None]
    assert split_r_hat(values)[0] > 1.3


def test_what_never_moves_has_converged() -> None:
    still = np.ones((2, 10, 3))
    assert split_r_hat(still).tolist() == [1.0, 1.0, 1.0]
    assert effective_draws(still).tolist() == [20.0, 20.0, 20.0]


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(SettingError, match="draws"):
        split_r_hat(np.zeros((2, 3, 1)))
