"""Shares of explained log-likelihood: how much of what all factors explain together is owed to each (LMG, Shapley).

Arrays in, a frozen result out; knows no factor names and no judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray, IntArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL, SEED
from prefactor.errors import SettingError
from prefactor.stats.contributions import (
    DRAWS,
    Average,
    ClusteredGame,
    Noise,
    average_orders,
    cluster_noise,
    draw_contributions,
    prepare,
)
from prefactor.stats.estimate import Estimate
from prefactor.stats.posterior import check_tie_parameter

__all__ = ["Shares", "fit_shares"]

FEWEST_CLUSTERS: Final = 20
"""Prompts below which nothing is known of how much they differ."""

FEWEST_ROWS: Final = 5
"""Comparisons to a factor below which the correction for chance cannot be trusted."""

_LEAST_TOTAL: Final = 0.1
_CAUTION: Final = 1.5
"""Of 2: a quarter of the correction stays at the lower end, so that a factor that adds nothing reaches 0."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What d factors explain together, and the share of it that is owed to each.

    Parameters
    ----------
    explained
        Share of a coin's log loss that the best weights of all factors take away (McFadden's R2 less what chance adds).
    value, low, high
        Share of that owed to each factor, in [0, 1]; NaN where ``reason`` says why, or the factor never differs. The
        interval contains the error of sampling orders. Shape (d,).
    monte_carlo
        Standard error of ``value`` from sampling orders, shape (d,); 0 where the average runs over all orders.
    orders
        Orders whose models were all fitted; 0 where the average runs over all.
    contribution
        Gain in log-likelihood over a coin owed to each factor, less what chance adds, in nats, shape (d,).
    chance
        What chance adds to each, taken off, shape (d,).
    draws
        Draws of the contributions, from which the share of any set of factors has its interval, shape (draws, d).
    optimism
        What chance adds to the gain of all factors, in nats.
    coin
        Loss of a coin with the same chance of a tie on these rows, in nats: log(2 + nu), and log((2 + nu) / nu) for a
        tie.
    rows, clusters
        Total weight of the rows, and the number of clusters.
    interval, seed
        Settings that produced it.
    reason
        Why there are no shares; empty where there are.
    """

    explained: Estimate
    value: FloatArray
    low: FloatArray
    high: FloatArray
    monte_carlo: FloatArray
    orders: int
    contribution: FloatArray
    chance: FloatArray
    draws: FloatArray
    optimism: float
    coin: float
    rows: float
    clusters: int
    interval: float
    seed: int
    reason: str

    def of(self, factors: Sequence[int]) -> Estimate:
        """Return the share of some factors taken together; NaN where there is none, or none of them ever differs.

        Parameters
        ----------
        factors
            Their columns.
        """
        chosen = list(factors)
        if self.reason or np.isnan(self.contribution[chosen]).all():
            return Estimate(nan)
        part, whole = self._sum(chosen), self._sum(list(range(self.value.size)))
        return part.over(whole, interval=self.interval)

    def _sum(self, factors: list[int]) -> "_Sum":
        return _Sum(
            float(np.nansum(self.contribution[factors])),
            float(np.nansum(self.chance[factors])),
            self.draws[:, factors].sum(axis=1),
        )


@dataclass(frozen=True, slots=True)
class _Sum:
    """The corrected gain of some factors, what chance adds to it, and draws of it about that value."""

    gain: float
    chance: float
    draws: FloatArray

    def along(self) -> float:
        """Return what chance adds in the one direction in which the factors have their effect.

        There a draw stands to the gain as the gain to the truth: its square root is shifted, and no correction is due.
        Across it noise adds to noise, and the correction is due twice, once for the gain and once for its draws.
        """
        return min(self.chance, float(self.draws.var()) / (4 * max(self.gain + self.chance, 1e-12)))

    def over(self, whole: "_Sum", *, interval: float) -> Estimate:
        """Divide by the gain of all factors."""
        # A draw in which nearly nothing is explained would divide by nearly nothing.
        totals = np.maximum(whole.draws + 2 * whole.along(), _LEAST_TOTAL * whole.gain)
        return self.interval(self.gain / whole.gain, totals, interval=interval)

    def interval(self, value: float, totals: FloatArray, *, interval: float) -> Estimate:
        """Return ``value`` with quantiles of the draws over their totals, in [0, 1]."""
        tail, along = 0.5 * (1 - interval), self.along()
        low = float(np.quantile((self.draws + _CAUTION * along) / totals, tail))
        high = float(np.quantile((self.draws + 2 * along) / totals, 1 - tail))
        value, low, high = (float(np.clip(number, 0.0, 1.0)) for number in (value, low, high))
        return Estimate(value, min(low, value), max(high, value))


def fit_shares(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    clusters: ArrayLike,
    groups: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    tie_parameter: float = 0.0,
    interval: float = INTERVAL,
    seed: int = SEED,
) -> Shares:
    """Divide the log-likelihood that all factors gain over a coin among them.

    The gain v(S) of a set S of factors is that of the model with these factors alone, at its best weights under the
    likelihood of :func:`prefactor.stats.likelihood.log_likelihood`. A factor's part is what it adds to the factors
    before it, averaged over the orders in which they can enter (Lindeman, Merenda and Gold 1980; Shapley 1953). Where
    groups are given, the factors of one group enter together (Owen 1977): a group's part then does not depend on how
    many factors measure it, and is the sum of their parts.

    In-sample gains are too large by what chance adds: half of trace(H^-1 J), with the information H and the clustered
    variance J of the score (Takeuchi 1976), about half a nat for each factor; it is taken off each factor's part, where
    it falls. The interval draws the sum over clusters of their own contributions (a cluster bootstrap to first order,
    as v is at a maximum over the weights) and, beyond, the quadratic noise that stays where a factor adds nothing.

    Up to ten factors the average runs over all orders. Beyond, eight orders are fitted, and a second-order sketch of v
    serves as control variate: its average over so many orders that the standard error of every share is at most half a
    percentage point (at most 4,096). That error is reported and contained in the interval.

    Parameters
    ----------
    features
        Shape (n, d), signs of differences; NaN counts as 0.
    preference
        P(A preferred) in [0, 1], shape (n,).
    clusters
        Whole numbers, shape (n,).
    groups
        Group of each factor, any values, shape (d,); None treats each as its own.
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    tie_parameter
        Davidson's nu of the joint fit.
    interval
        Mass of the intervals.
    seed
        Of the orders and the draws.

    Returns
    -------
    Shares
        Without shares, and with the reason, where rows are too few or nothing is clearly explained.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> x = np.tile([[1.0, 1.0], [1.0, 0.0], [-1.0, 1.0], [-1.0, 0.0]], (50, 1))
    >>> y = np.tile([1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0], 25)
    >>> shares = fit_shares(x, y, clusters=np.arange(200))
    >>> shares.value.round(2).tolist()
    [1.0, 0.0]
    """
    check_fraction("interval", interval)
    check_tie_parameter(tie_parameter)
    data = prepare(features, preference, clusters=clusters, weights=weights, tie=tie_parameter)
    reason = _too_little(data)
    if reason:
        return _without(data, reason, interval=interval, seed=seed)
    labels = _check_groups(groups, data.varying.size)[data.varying]
    averaged = average_orders(data, np.unique(labels, return_inverse=True)[1], seed=seed)
    noise = cluster_noise(data, averaged)
    draws = draw_contributions(data, averaged, noise=noise, interval=interval, seed=seed)
    return _shares(data, averaged, noise, draws=draws, interval=interval, seed=seed)


def _check_groups(groups: ArrayLike | None, size: int) -> IntArray:
    given = np.arange(size) if groups is None else np.asarray(groups)
    if given.shape != (size,):
        raise SettingError("groups", expected=f"one for each of {size} factors", got=given.shape)
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def _too_little(data: ClusteredGame) -> str:
    factors, clusters = int(data.varying.sum()), data.coin.size
    telling = float(data.game.counts.sum())
    if not factors:
        return "no factor differs in any comparison"
    if clusters < FEWEST_CLUSTERS:
        return f"{clusters} prompts, fewer than {FEWEST_CLUSTERS}"
    if telling < FEWEST_ROWS * factors:
        return f"fewer than {FEWEST_ROWS} comparisons to each of {factors} factors"
    if not data.game.score.any():
        return "no factor goes with any preference"
    return ""


def _shares(
    data: ClusteredGame, averaged: Average, noise: Noise, *, draws: FloatArray, interval: float, seed: int
) -> Shares:
    coin, contribution = float(data.coin.sum()), averaged.contribution - noise.chance
    total = float(contribution.sum())
    everything = _Sum(total, noise.optimism, draws.sum(axis=1))
    explained = everything.interval(total / coin, np.full(DRAWS, coin), interval=interval)
    reason = "" if explained.low > 0 else "together the factors explain nothing that is clear of chance"
    size = data.varying.size
    whole = np.zeros((DRAWS, size))
    whole[:, data.varying] = draws

    def spread(values: FloatArray, default: float) -> FloatArray:
        given = np.full(size, default)
        given[data.varying] = values
        return given

    found = Shares(
        explained=explained,
        value=np.full(size, nan),
        low=np.full(size, nan),
        high=np.full(size, nan),
        monte_carlo=spread(np.sqrt(np.diag(averaged.error)) / total, nan),
        orders=averaged.orders,
        contribution=spread(contribution, nan),
        chance=spread(noise.chance, nan),
        draws=whole,
        optimism=noise.optimism,
        coin=coin,
        rows=float(data.weights.sum()),
        clusters=data.coin.size,
        interval=interval,
        seed=seed,
        reason=reason,
    )
    if reason:
        return found
    each = [found.of([column]) for column in np.flatnonzero(data.varying).tolist()]
    ends = np.array([(one.value, one.low, one.high) for one in each])
    value, low, high = (spread(column, nan) for column in ends.T)
    return replace(found, value=value, low=low, high=high)


def _without(data: ClusteredGame, reason: str, *, interval: float, seed: int) -> Shares:
    none = np.full(data.varying.size, nan)
    return Shares(
        explained=Estimate(nan),
        value=none,
        low=none,
        high=none,
        monte_carlo=none,
        orders=0,
        contribution=none,
        chance=none,
        draws=np.empty((0, data.varying.size)),
        optimism=nan,
        coin=float(data.coin.sum()),
        rows=float(data.weights.sum()),
        clusters=data.coin.size,
        interval=interval,
        seed=seed,
        reason=reason,
    )
