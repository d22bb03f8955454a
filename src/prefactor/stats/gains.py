"""How much log-likelihood models with some of the factors gain over a coin: many subsets of factors at once.

Works on distinct feature rows; knows no factor names, no shares and no clusters.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray

__all__ = ["Gains", "Game", "fit_full", "fit_subsets", "inverses", "mean_information"]

RIDGE: Final = 1.0
"""Precision of the light normal prior on a weight (sd 1 in log-odds): keeps separable and identical factors finite."""

_CELLS: Final = 262_144
_NEWTON_STEPS: Final = 60
_ROUNDS: Final = 6
_SETTLED: Final = 1e-6
"""Share of the full gain that may still be missing from a subset's when it is taken as it is."""


@dataclass(frozen=True, slots=True)
class Game:
    """What the gains of all subsets depend on.

    Parameters
    ----------
    rows
        Distinct feature rows, shape (m, d).
    counts
        Weight of each, shape (m,).
    score
        Sum of weight * (y - 1/2) * x: slope of the log-likelihood at 0, shape (d,).
    tie
        Davidson's nu.
    """

    rows: FloatArray
    counts: FloatArray
    score: FloatArray
    tie: float

    def information(self, weights: FloatArray) -> FloatArray:
        """Return minus the second derivative of the penalised log-likelihood at ``weights``: shape (d, d)."""
        half = 0.5 * np.clip(self.rows @ weights, -600.0, 600.0)
        strength = 2 * np.cosh(half) + self.tie
        curvature = self.counts * (1 + 0.5 * self.tie * np.cosh(half)) / strength**2
        return (self.rows * curvature[:, None]).T @ self.rows + RIDGE * np.eye(self.rows.shape[1])

    def normalisers(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log normalisers above those of a coin, and their slopes in the log-odds: both (b, M), for (d, M) weights."""
        odds = self.rows @ weights
        size = 0.5 * np.abs(odds)
        small = np.exp(-size)
        square = small * small
        beside = square + self.tie * small
        size += np.log1p(beside) - np.log(2 + self.tie)
        return size, np.copysign(0.5 * (1 - square) / (1 + beside), odds)

    def blocks(self, columns: int) -> list["Game"]:
        """Return the rows in blocks that keep ``columns`` numbers a row in a core's cache."""
        step = max(16, _CELLS // max(1, columns))
        return [
            Game(self.rows[start : start + step], self.counts[start : start + step], self.score, self.tie)
            for start in range(0, len(self.counts), step)
        ]


@dataclass(frozen=True, slots=True)
class Gains:
    """Models with some of the factors.

    Parameters
    ----------
    values
        Log-likelihood gained over a coin, in nats, shape (M,).
    weights
        Their weights, 0 where a factor is not in the subset, shape (M, d).
    """

    values: FloatArray
    weights: FloatArray


def fit_full(game: Game) -> FloatArray:
    """Fit all factors by Newton's method.

    Parameters
    ----------
    game
        The data.

    Returns
    -------
    FloatArray
        Their weights, shape (d,).
    """
    return np.asarray(_newton(game, np.ones(game.score.size, dtype=np.bool_)).weights[0])


def mean_information(game: Game, full: FloatArray) -> FloatArray:
    """Return an information matrix between that at 0 and that at the full model, from which one step leads to it.

    Parameters
    ----------
    game
        The data.
    full
        Weights of the model with all factors, shape (d,).
    """
    at_coin, at_full = game.information(np.zeros(full.size)), game.information(full)
    return np.asarray(at_coin + _way(game, full, at_coin, at_full) * (at_full - at_coin))


def inverses(matrix: FloatArray, subsets: BoolArray) -> FloatArray:
    """Invert the part of a matrix that belongs to each subset; 0 elsewhere.

    Parameters
    ----------
    matrix
        Shape (d, d).
    subsets
        Shape (M, d).

    Returns
    -------
    FloatArray
        Shape (M, d, d).
    """
    inside = subsets[:, :, None] & subsets[:, None, :]
    return np.where(inside, np.linalg.inv(np.where(inside, matrix, np.eye(matrix.shape[0]))), 0.0)


def fit_subsets(game: Game, subsets: BoolArray, *, full: FloatArray, guess: FloatArray) -> Gains:
    """Fit a model to every subset of the factors.

    Newton steps on all subsets at once, with the information matrix interpolated between that at 0 and that of the full
    model; what they leave is added to the gain to second order. The few subsets that do not settle get steps of their
    own.

    Parameters
    ----------
    game
        The data.
    subsets
        Factors of each model, shape (M, d).
    full
        Weights of the model with all factors, shape (d,).
    guess
        Roughly what share of the full gain each subset reaches, shape (M,).

    Returns
    -------
    Gains
        One per subset.
    """
    at_coin, at_full = game.information(np.zeros(full.size)), game.information(full)
    # From 0 to its solution a model sees the mean information on the way, there that at the solution.
    bend = (at_full - at_coin) * guess[:, None, None]
    weights = _solve(at_coin + _way(game, full, at_coin, at_full) * bend, subsets, game.score)
    metric = at_coin + bend
    worth = float(full @ game.score)
    for _ in range(_ROUNDS):
        values, slopes = _evaluate(game, weights)
        rest = np.where(subsets, slopes - RIDGE * weights, 0.0)
        step = _solve(metric, subsets, rest)
        left = 0.5 * np.einsum("sd,sd->s", rest, step)
        unsettled = left > _SETTLED * worth
        # The last step is taken to second order; what it wins in the ridge's terms it loses in likelihood.
        values += left + RIDGE * np.einsum("sd,sd->s", weights + 0.5 * step, step)
        weights = weights + step
        if not unsettled.any():
            break
    for subset in np.flatnonzero(unsettled).tolist():
        alone = _newton(game, subsets[subset])
        values[subset], weights[subset] = alone.values[0], alone.weights[0]
    return Gains(values, weights)


def _way(game: Game, full: FloatArray, at_coin: FloatArray, at_full: FloatArray) -> float:
    """How far between both ends the information lies that would lead from 0 to the full model in one step."""
    bend = float(full @ (at_full - at_coin) @ full)
    missing = float(full @ (game.score - at_coin @ full))
    return float(np.clip(missing / bend, 0.0, 1.0)) if bend else 0.0


def _solve(matrices: FloatArray, subsets: BoolArray, right: FloatArray) -> FloatArray:
    """Solve each system on its subset alone; 0 elsewhere. Shapes (M, d, d), (M, d), (M, d) or (d,): (M, d)."""
    inside = subsets[:, :, None] & subsets[:, None, :]
    masked = np.where(inside, matrices, np.eye(subsets.shape[1]))
    return np.asarray(np.linalg.solve(masked, np.where(subsets, right, 0.0)[..., None])[..., 0])


def _evaluate(game: Game, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gains (M,) and their slopes in the weights (M, d), without the ridge."""
    total, pull = np.zeros(len(weights)), np.zeros((game.score.size, len(weights)))
    for block in game.blocks(len(weights)):
        normaliser, slope = block.normalisers(weights.T)
        total += block.counts @ normaliser
        pull += (block.rows * block.counts[:, None]).T @ slope
    return weights @ game.score - total, game.score - pull.T


def _newton(game: Game, subset: BoolArray) -> Gains:
    """Fit one subset by damped Newton steps until the penalised gain stands still."""
    weights, inside = np.zeros((1, subset.size)), subset[None]
    value, slope = _evaluate(game, weights)
    for _ in range(_NEWTON_STEPS):
        rest = np.where(inside, slope - RIDGE * weights, 0.0)
        step = _solve(game.information(weights[0])[None], inside, rest)
        left = 0.5 * float(rest[0] @ step[0])
        if left <= 1e-10:
            break
        before = float(value[0]) - 0.5 * RIDGE * float(weights[0] @ weights[0])
        size = 1.0
        while True:
            tried = weights + size * step
            value, slope = _evaluate(game, tried)
            if float(value[0]) - 0.5 * RIDGE * float(tried[0] @ tried[0]) >= before or size < 1e-4:
                break
            size *= 0.5
        weights = tried
    return Gains(value, weights)
