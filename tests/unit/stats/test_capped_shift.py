import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.errors import SettingError
from prefactor.stats.capped_shift import PlainFit, fit_plain, value_shift
from prefactor.stats.special import sigmoid


def rows(random: np.random.Generator, weights: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    shown = random.choice([-1.0, 0.0, 1.0], size=(count, len(weights)))
    return shown, (random.random(count) < sigmoid(shown @ weights)).astype(np.float64)


def as_fit(mean: FloatArray, covariance: FloatArray) -> PlainFit:
    return PlainFit(mean, covariance, np.ones(len(mean), dtype=np.bool_))


def test_the_plain_fit_is_where_the_penalised_likelihood_is_flat() -> None:
    shown, preferred = rows(np.random.default_rng(0), np.array([0.8, -0.4, 0.0]), 400)
    found = fit_plain(shown, preferred, clusters=np.arange(400))
    slope = shown.T @ (preferred - sigmoid(shown @ found.mean)) - 0.5 * found.mean
    assert np.abs(slope).max() < 1e-6
    odds = sigmoid(shown @ found.mean)
    information = (shown.T * (odds * (1 - odds))) @ shown + 0.5 * np.eye(3)
    assert np.linalg.eigvalsh(found.covariance - np.linalg.inv(information)).min() > -1e-12


def test_the_order_of_rows_changes_nothing() -> None:
    random = np.random.default_rng(1)
    shown, preferred = rows(random, np.array([0.8, -0.4, 0.0]), 300)
    clusters, order = np.arange(300) // 3, random.permutation(300)
    first = fit_plain(shown, preferred, clusters=clusters)
    second = fit_plain(shown[order], preferred[order], clusters=clusters[order])
    assert np.allclose(first.mean, second.mean, atol=1e-9)
    assert np.allclose(first.covariance, second.covariance, atol=1e-9)


def test_ties_are_davidsons() -> None:
    shown = np.ones((90, 1))
    preferred = np.repeat([1.0, 0.5, 0.0], [60, 20, 10])
    found = fit_plain(shown, preferred, clusters=np.arange(90), tie_parameter=0.8)
    half = found.mean[0] / 2
    expected = 90 * np.sinh(half) / (2 * np.cosh(half) + 0.8)
    assert (preferred - 0.5).sum() - expected == pytest.approx(0.5 * found.mean[0], abs=1e-6)


def test_clusters_widen() -> None:
    shown, preferred = np.ones((100, 1)), np.repeat([1.0, 0.0], [60, 40])
    apart = fit_plain(shown, preferred, clusters=np.arange(100))
    together = fit_plain(shown, preferred, clusters=np.arange(100) // 20)
    assert together.covariance[0, 0] > 3 * apart.covariance[0, 0]


def test_the_best_moves_are_chosen_with_their_directions() -> None:
    found = value_shift(as_fit(np.array([0.1, -0.9, 0.0, 0.5]), np.eye(4) / 1000), np.eye(4), most=2)
    assert (found.chosen, found.directions) == ((1, 3), (-1, 1))
    assert found.log_odds.value == pytest.approx(1.4, abs=0.02)


def test_a_move_of_several_features_is_worth_their_sum() -> None:
    moves = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    found = value_shift(as_fit(np.array([0.9, -0.8, 0.5]), np.eye(3) / 10_000), moves, most=1)
    assert found.chosen == (1,)


def test_what_is_badly_known_is_not_chosen() -> None:
    found = value_shift(as_fit(np.array([0.6, 0.4]), np.diag([1.0, 0.001])), np.eye(2), most=1)
    assert found.chosen == (1,)


def test_luck_is_not_worth_anything() -> None:
    """The plain sum of the three largest of 15 weights that are all 0 is clear of 0; the corrected one is not."""
    random = np.random.default_rng(5)
    values, plain, clear = [], [], 0
    for _ in range(60):
        weights = random.normal(0.0, 0.05, 15)
        found = value_shift(as_fit(weights, np.eye(15) * 0.05**2), np.eye(15), most=3)
        values.append(found.log_odds.value)
        plain.append(np.sort(np.abs(weights))[-3:].sum())
        clear += found.log_odds.low > 0
    assert np.mean(plain) > 0.2
    assert abs(np.mean(values)) < 0.05
    assert clear <= 8


def slow_value(weights: FloatArray, sd: FloatArray, *, draws: int) -> float:
    """One draw at a time, with independent weights: choose by one half of the noise, value by the other."""
    random = np.random.default_rng(9)
    drawn = 0.02 / (0.02 + sd**2)
    total = 0.0
    for _ in range(draws):
        noise = random.normal(0.0, sd)
        seen = weights + 0.5 * noise
        best = int(np.argmax(np.abs(seen * drawn)))
        total += np.sign(seen[best]) * (weights[best] - 2 * noise[best])
    return total / draws


def test_the_value_is_that_of_the_slow_twin() -> None:
    weights, sd = np.array([0.2, -0.18, 0.1]), np.array([0.1, 0.08, 0.12])
    found = value_shift(as_fit(weights, np.diag(sd**2)), np.eye(3), most=1)
    assert found.log_odds.value == pytest.approx(slow_value(weights, sd, draws=40_000), abs=0.02)


def test_nothing_can_be_moved_that_never_differs() -> None:
    fitted = PlainFit(np.zeros(2), np.eye(2), np.array([False, True]))
    found = value_shift(fitted, np.array([[1.0, 0.0]]), most=3)
    assert found.chosen == ()
    assert np.isnan(found.log_odds.value)


def test_at_least_one_move_is_asked_for() -> None:
    with pytest.raises(SettingError, match="most"):
        value_shift(as_fit(np.zeros(2), np.eye(2)), np.eye(2), most=0)
