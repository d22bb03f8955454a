"""Comparisons chosen, weighed or paired so that some factors no longer predict who is preferred.

Arrays in, a frozen result out; knows no factor names and no texts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.errors import FitError, SettingError
from prefactor.stats.correlation import spearman

__all__ = ["Balance", "BalanceMethod", "balance_factors"]

BalanceMethod = Literal["drop", "weigh", "pair"]
"""Leave comparisons out, give each a weight, or keep comparisons with partners in which the factor is turned round."""

_STRENGTHS: Final = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
"""How freely the other factors may move: the first that keeps their order is taken."""

_START: Final = 3.0
"""Log-odds of being kept where nothing speaks against it."""

_STEPS: Final = 100
_CHUNK: Final = 512


@dataclass(frozen=True, slots=True)
class Balance:
    """What is kept of n comparisons with d factors.

    Parameters
    ----------
    kept
        Which comparisons, shape (n,).
    weights
        What each counts for, shape (n,): 0 where it is not kept, otherwise 1 unless comparisons are weighed; the mean
        over those kept is 1.
    before, after
        tau14 of every factor, shape (d,).
    order
        Spearman's correlation, over the other factors, of tau14 before and after; NaN with fewer than two.
    strength
        How freely the other factors could move; NaN where comparisons are paired.
    """

    kept: BoolArray
    weights: FloatArray
    before: FloatArray
    after: FloatArray
    order: float
    strength: float


def balance_factors(
    agreement: FloatArray,
    *,
    free: Sequence[int],
    draws: FloatArray,
    method: BalanceMethod = "drop",
    order: float = 0.95,
) -> Balance:
    """Bring tau14 of some factors to 0 and leave the others as they are, as far as the comparisons allow.

    Chances v of being kept maximise an entropy under sum_i v_i a_if = 0 for the factors to be freed, and
    sum_i v_i (a_if - tau_f) near 0 for the others, tau_f being what it was: v_i = sigmoid(3 - l . z_i), l minimising a
    convex function (entropy balancing, Hainmueller 2012, DOI 10.1093/pan/mpr025, with chances for weights and a penalty
    on l, as in ridge regression, for the others). The smaller the penalty, the more the others stay and the fewer
    comparisons are left: the first of nine strengths that keeps the order of the others is taken; where none does, that
    which comes nearest and leaves at least 20 comparisons.

    ``"weigh"`` takes v for weights. ``"drop"`` keeps a comparison whose draw lies below its v, and leaves out those
    least wanted until the first factor is exactly balanced. ``"pair"`` gives every comparison of the rarer direction
    its nearest partner, in the other factors, among those of the other direction.

    Parameters
    ----------
    agreement
        Shape (n, d): 1 where the preferred response has more of the factor, -1 where it has less, 0 where both have as
        much; NaN where it is not measured.
    free
        Columns of the factors to be freed; one, where comparisons are paired.
    draws
        Numbers in [0, 1), shape (n,), made from the comparisons themselves, so that their order does not matter.
    method
        What is done.
    order
        Spearman's correlation to keep.

    Raises
    ------
    SettingError
        No factor is to be freed, or several where comparisons are paired.
    FitError
        A factor never differs, or always the same way: no comparison speaks against it.

    Examples
    --------
    >>> random = np.random.default_rng(0)
    >>> agreement = np.sign(random.normal([0.8, 0.5, -0.2, 0.1], 1, (4_000, 4)))
    >>> found = balance_factors(agreement, free=[0], draws=random.random(4_000))
    >>> found.before.round(2).tolist(), float(found.after[0].round(2)), found.order >= 0.95
    ([0.6, 0.36, -0.17, 0.08], 0.0, True)
    """
    check_fraction("order", order)
    if not free or (method == "pair" and len(free) > 1):
        raise SettingError("free", expected="one factor, or several where none are paired", got=list(free))
    for column in free:
        if not ((agreement[:, column] > 0).any() and (agreement[:, column] < 0).any()):
            raise FitError("a balance", "no comparison speaks against the factor, so that it cannot be balanced")
    before = _tau(agreement, np.ones(len(agreement)))
    if method == "pair":
        kept = _paired(agreement, free[0], draws)
        return _finished(agreement, kept.astype(np.float64), before, free, float("nan"))
    tried = []
    for strength in _STRENGTHS:
        chances = _chances(agreement, before, free, strength)
        weights = chances if method == "weigh" else _rounded(agreement, chances, free, draws)
        found = _finished(agreement, weights, before, free, strength)
        if not found.order < order:
            return found
        tried.append(found)
    enough = [each for each in tried if np.count_nonzero(each.kept) >= MINIMUM_COMPARISONS]
    return max(enough or tried, key=lambda each: each.order)


def _tau(agreement: FloatArray, weights: FloatArray) -> FloatArray:
    measured = ~np.isnan(agreement)
    rows = weights @ measured
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(rows > 0, weights @ np.nan_to_num(agreement) / rows, np.nan))


def _finished(
    agreement: FloatArray, weights: FloatArray, before: FloatArray, free: Sequence[int], strength: float
) -> Balance:
    kept = weights > 0
    if kept.any():
        weights = weights / weights[kept].mean()
    after = _tau(agreement, weights)
    others = np.ones(len(before), dtype=np.bool_)
    others[list(free)] = False
    others &= ~np.isnan(before) & ~np.isnan(after)
    order = float(spearman(before[others], after[others]))
    return Balance(kept, weights, before, after, order, strength)


def _chances(agreement: FloatArray, before: FloatArray, free: Sequence[int], strength: float) -> FloatArray:
    """Chances of being kept, by damped Newton steps on the convex dual."""
    rows, factors = agreement.shape
    aims = np.nan_to_num(before)
    aims[list(free)] = 0.0
    apart = np.where(np.isnan(agreement), 0.0, agreement - aims)
    penalty = np.full(factors, strength * rows)
    penalty[list(free)] = 1e-9 * rows
    multipliers = np.zeros(factors)

    def dual(at: FloatArray) -> float:
        return float(np.logaddexp(0.0, _START + apart @ at).sum() + 0.5 * penalty @ (at * at))

    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-(_START + apart @ multipliers)))
        slope = apart.T @ chances + penalty * multipliers
        if np.abs(slope).max() < 1e-7 * rows:
            break
        curve = (apart * (chances * (1 - chances))[:, None]).T @ apart
        step = np.linalg.solve(curve + np.diag(penalty + 1e-9 * rows), slope)
        size, here = 1.0, dual(multipliers)
        while dual(multipliers - size * step) > here - 1e-4 * size * (slope @ step) and size > 1e-9:
            size /= 2
        multipliers = multipliers - size * step
    return np.asarray(1 / (1 + np.exp(-(_START + apart @ multipliers))))


def _rounded(agreement: FloatArray, chances: FloatArray, free: Sequence[int], draws: FloatArray) -> FloatArray:
    """Keep or leave out, then leave out the least wanted of the larger side until the first factor is balanced."""
    kept = draws < chances
    column = np.nan_to_num(agreement[:, free[0]])
    excess = int(column[kept].sum())
    larger = np.flatnonzero(kept & (column == np.sign(excess)))
    wanted = np.lexsort((draws[larger], chances[larger]))
    kept[larger[wanted[: abs(excess)]]] = False
    return kept.astype(np.float64)


def _paired(agreement: FloatArray, factor: int, draws: FloatArray) -> BoolArray:
    """Keep pairs of comparisons in which the factor is turned round, as alike as can be in all others."""
    filled = np.nan_to_num(agreement).astype(np.float32)
    others = np.delete(filled, factor, axis=1)
    sides = [np.flatnonzero(filled[:, factor] == sign) for sign in (1, -1)]
    few, many = sorted(sides, key=len)
    few, many = few[np.argsort(draws[few], kind="stable")], many[np.argsort(draws[many], kind="stable")]
    squares = (others[many] ** 2).sum(axis=1)
    taken = np.zeros(len(many), dtype=np.bool_)
    kept = filled[:, factor] == 0
    for start in range(0, len(few), _CHUNK):
        part = few[start : start + _CHUNK]
        distance = squares - 2 * (others[part] @ others[many].T)
        for row, number in enumerate(part):
            place = int(np.argmin(np.where(taken, np.inf, distance[row])))
            taken[place] = True
            kept[[number, many[place]]] = True
    return np.asarray(kept)
