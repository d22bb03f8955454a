import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.errors import FitError, SettingError
from prefactor.stats.balance import BalanceMethod, balance_factors

ROWS = 3_000


def agreement(seed: int = 0, rows: int = ROWS) -> FloatArray:
    """Six factors, the first strong, the second much like it, some ties, some not measured."""
    random = np.random.default_rng(seed)
    latent = random.normal([0.9, 0.0, 0.6, -0.4, 0.2, -0.1], 1, (rows, 6))
    latent[:, 1] = 0.5 * latent[:, 0] + random.normal(0.3, 1, rows)
    signs = np.sign(np.where(np.abs(latent) < 0.15, 0, latent))
    signs[random.random(signs.shape) < 0.02] = np.nan
    return np.asarray(signs)


def draws(rows: int = ROWS) -> FloatArray:
    return np.random.default_rng(9).random(rows)


def slow_tau(signs: FloatArray, weights: FloatArray, column: int) -> float:
    top = bottom = 0.0
    for sign, weight in zip(signs[:, column], weights, strict=True):
        if not np.isnan(sign):
            top, bottom = top + sign * weight, bottom + weight
    return top / bottom


@pytest.mark.parametrize("method", ["drop", "weigh", "pair"])
def test_the_factor_no_longer_predicts_the_label(method: BalanceMethod) -> None:
    signs = agreement()
    found = balance_factors(signs, free=[0], draws=draws(), method=method)
    assert abs(found.after[0]) <= 1e-3
    for column in range(6):
        assert found.after[column] == pytest.approx(slow_tau(signs, found.weights, column))
        assert found.before[column] == pytest.approx(slow_tau(signs, np.ones(ROWS), column))
    assert found.weights[found.kept].mean() == pytest.approx(1)
    assert (found.weights[~found.kept] == 0).all()


@pytest.mark.parametrize("method", ["drop", "weigh"])
def test_the_order_of_the_others_is_kept(method: BalanceMethod) -> None:
    found = balance_factors(agreement(), free=[0], draws=draws(), method=method)
    assert found.order >= 0.95
    assert np.abs(found.after - found.before)[2:].max() < 0.1


def test_dropping_leaves_more_than_chance_pairing_needs() -> None:
    """At least as many as the smaller side allows without looking at other factors would be the most there can be."""
    signs = agreement()
    found = balance_factors(signs, free=[0], draws=draws())
    most = ROWS - abs(int(np.nansum(signs[:, 0])))
    assert 0.4 * most <= found.kept.sum() <= most


def test_several_factors_can_be_freed() -> None:
    found = balance_factors(agreement(), free=[0, 2], draws=draws(), method="weigh")
    assert np.abs(found.after[[0, 2]]).max() <= 1e-3


def test_partners_are_alike_in_the_others() -> None:
    signs = np.nan_to_num(agreement())
    found = balance_factors(signs, free=[0], draws=draws(), method="pair")
    kept = signs[found.kept]
    for column in range(1, 6):
        apart = kept[kept[:, 0] > 0, column].mean() - kept[kept[:, 0] < 0, column].mean()
        before = signs[signs[:, 0] > 0, column].mean() - signs[signs[:, 0] < 0, column].mean()
        assert abs(apart) <= max(0.1, abs(before))


@pytest.mark.parametrize("method", ["drop", "weigh", "pair"])
def test_the_order_of_rows_does_not_matter(method: BalanceMethod) -> None:
    signs, numbers = agreement(), draws()
    order = np.random.default_rng(3).permutation(ROWS)
    one = balance_factors(signs, free=[0], draws=numbers, method=method)
    other = balance_factors(signs[order], free=[0], draws=numbers[order], method=method)
    assert (other.kept == one.kept[order]).all()
    assert other.weights == pytest.approx(one.weights[order], abs=1e-9)


def test_an_order_that_cannot_be_kept_is_told_and_enough_is_left() -> None:
    random = np.random.default_rng(1)
    first = np.sign(random.normal(1.2, 1, 400))
    signs = np.stack([first, first, np.sign(random.normal(0.3, 1, 400)), np.sign(random.normal(0.1, 1, 400))], axis=1)
    signs[:, 1] *= np.where(random.random(400) < 0.02, -1, 1)
    found = balance_factors(signs, free=[0], draws=draws(400), order=0.999)
    assert found.order < 0.999
    assert found.kept.sum() >= 20


def test_what_nothing_speaks_against_is_refused() -> None:
    signs = np.abs(agreement())
    with pytest.raises(FitError, match="no comparison speaks against"):
        balance_factors(signs, free=[0], draws=draws())


def test_pairs_are_made_by_one_factor() -> None:
    with pytest.raises(SettingError, match="one factor"):
        balance_factors(agreement(), free=[0, 1], draws=draws(), method="pair")
