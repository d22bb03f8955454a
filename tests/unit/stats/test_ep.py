"""The engine: ways to sum that must agree, damping, and warm starts."""

from dataclasses import replace

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats.ep import Problem, cold_start, propagate, warm_start
from prefactor.stats.priors import LaplacePrior


def problem(fits: int, *, rows: int = 50, size: int = 4, seed: int = 0) -> Problem:
    random = np.random.default_rng(seed)
    features = random.integers(-1, 2, (size, rows)).astype(np.int8)
    label = random.integers(0, 2, rows) - 0.5
    return Problem(
        rows=features,
        counts=np.ones((fits, rows)),
        linear=np.tile(label @ features.T, (fits, 1)),
        tie=np.zeros(fits),
        prior=LaplacePrior(0.1),
    )


def solved(given: Problem) -> FloatArray:
    return propagate(given, cold_start(given), tolerance=1e-9, max_iterations=100).mean


def test_few_and_many_fits_take_different_paths_to_the_same_answer() -> None:
    few, many = solved(problem(2)), solved(problem(12))
    assert many == pytest.approx(np.tile(few[:1], (12, 1)), abs=1e-10)


def test_rows_beyond_one_chunk_are_all_counted() -> None:
    long = problem(1, rows=5_000)
    order = np.random.default_rng(1).permutation(5_000)
    shuffled = Problem(rows=long.rows[:, order], counts=long.counts, linear=long.linear, tie=long.tie, prior=long.prior)
    assert solved(shuffled) == pytest.approx(solved(long), abs=1e-9)
    halved = Problem(
        rows=long.rows[:, :2_500],
        counts=long.counts[:, :2_500],
        linear=long.linear,
        tie=long.tie,
        prior=long.prior,
    )
    assert np.abs(solved(halved) - solved(long)).max() > 1e-3


def test_a_warm_start_ends_where_a_cold_one_does_and_sooner() -> None:
    given = problem(1)
    state = cold_start(given)
    cold = propagate(given, state, tolerance=1e-9, max_iterations=100)
    three = problem(3)
    warm = propagate(
        three, warm_start(three, state, fits=np.zeros(3, dtype=np.int64)), tolerance=1e-9, max_iterations=100
    )
    assert warm.mean == pytest.approx(np.tile(cold.mean, (3, 1)), abs=1e-9)
    assert warm.iterations.max() < cold.iterations[0] / 2


def test_a_row_of_count_zero_is_as_good_as_absent() -> None:
    given = problem(1)
    given.counts[:, ::2] = 0.0
    absent = Problem(
        rows=given.rows[:, 1::2],
        counts=given.counts[:, 1::2],
        linear=given.linear,
        tie=given.tie,
        prior=given.prior,
    )
    assert solved(given) == pytest.approx(solved(absent), abs=1e-9)


def test_running_out_of_passes_is_told() -> None:
    given = problem(1)
    assert not propagate(given, cold_start(given), tolerance=1e-9, max_iterations=3).converged[0]


def test_fits_that_take_longer_go_on_alone_and_end_where_they_would() -> None:
    given = problem(10)
    counts, linear = given.counts.copy(), given.linear * 0.01
    counts[9], linear[9] = 20.0, 20 * given.linear[9]
    both = replace(given, counts=counts, linear=linear)
    state = cold_start(both)
    found = propagate(both, state, tolerance=1e-4, max_iterations=100)
    assert found.converged.all()
    assert found.iterations[:9].max() < found.iterations[9]
    exact = propagate(both, cold_start(both), tolerance=1e-10, max_iterations=100)
    assert found.mean == pytest.approx(exact.mean, abs=1e-5)
    assert state.mean == pytest.approx(found.mean, abs=0)
    unfinished = propagate(both, cold_start(both), tolerance=1e-4, max_iterations=int(found.iterations[9]) - 1)
    assert unfinished.converged.tolist() == [True] * 9 + [False]
