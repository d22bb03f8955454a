"""What the largest weights of a profile are worth together, honestly although the same rows chose them.

Arrays in, frozen results out; knows no factor's name.
"""

from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction, check_positive
from prefactor.config import INTERVAL, PRIOR_SCALE, SEED
from prefactor.stats.clustered import sandwich
from prefactor.stats.clusters import check_clusters, check_weights
from prefactor.stats.estimate import Estimate
from prefactor.stats.sites import check_matrix, exact_grid

__all__ = ["CappedShift", "PlainFit", "fit_plain", "value_shift"]

_PENALTY: Final = 1.0
"""Precision of the prior of a plain fit: its sd, 1, is far beyond the weights of profiles."""

_STEPS: Final = 25
_NEAR: Final = 1e-8
_NOISE: Final = 0.5
"""Noise added before choosing, in standard errors: weights are then chosen as from four fifths of the rows."""

_DRAWS: Final = 4_000
_OUTER: Final = 500
_INNER: Final = 150


@dataclass(frozen=True, slots=True)
class PlainFit:
    """Weights that no prior draws together, with their sampling covariance.

    Parameters
    ----------
    mean
        Log-odds per unit of each feature, shape (d,).
    covariance
        Over samples of clusters, shape (d, d).
    present
        Where a feature is not 0 in every row, shape (d,).
    """

    mean: FloatArray
    covariance: FloatArray
    present: BoolArray


@dataclass(frozen=True, slots=True)
class CappedShift:
    """The moves that are worth most, and what they are worth.

    Parameters
    ----------
    chosen
        Places of the moves, the most valuable first; fewer than asked for where fewer can be told at all.
    directions
        1 where more is preferred, -1 where less is; shape of ``chosen``.
    log_odds
        Of the moved answer against an equal one.
    """

    chosen: tuple[int, ...]
    directions: tuple[int, ...]
    log_odds: Estimate


def fit_plain(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    tie_parameter: float = 0.0,
) -> PlainFit:
    """Fit all weights together by maximum likelihood with a wide normal prior, by Newton's method.

    Parameters
    ----------
    features
        Shape (n, d); NaN counts as 0.
    preference
        P(A preferred) in [0, 1], shape (n,).
    clusters
        Whole numbers, shape (n,).
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    tie_parameter
        Davidson's nu.

    Raises
    ------
    SettingError
        An argument of a wrong shape.

    Examples
    --------
    >>> x = np.array([[1.0], [-1.0], [1.0], [-1.0]] * 25)
    >>> fit_plain(x, [1.0, 0.0, 1.0, 1.0] * 25, clusters=range(100)).mean.round(2).tolist()
    [1.05]
    """
    rows = np.nan_to_num(check_matrix(features).astype(np.float64))
    index = check_clusters(clusters, len(rows))
    weighed = check_weights(weights, len(rows))
    label = np.asarray(preference, dtype=np.float64) - 0.5
    mean = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        half = 0.5 * np.clip(_odds(rows, mean), -600.0, 600.0)
        strength = 2 * np.cosh(half) + tie_parameter
        residual = exact_grid(weighed * (label - np.sinh(half) / strength))
        curvature = exact_grid(weighed * (1 + 0.5 * tie_parameter * np.cosh(half)) / strength**2)
        slope = rows.T @ residual - _PENALTY * mean
        step = np.linalg.solve((rows.T * curvature) @ rows + _PENALTY * np.eye(len(mean)), slope)
        mean = mean + step / max(1.0, float(np.abs(step).max(initial=0.0)))
        if np.abs(step).max(initial=0.0) < _NEAR:
            break
    return PlainFit(
        mean, _covariance(rows, preference, mean, index, weighed, tie_parameter), np.asarray(rows.any(axis=0))
    )


def _odds(rows: FloatArray, mean: FloatArray) -> FloatArray:
    odds = np.zeros(len(rows))
    for column, slope in zip(rows.T, mean, strict=True):
        odds += column * slope
    return odds


def _covariance(
    rows: FloatArray,
    preference: ArrayLike,
    mean: FloatArray,
    clusters: IntArray,
    weights: FloatArray,
    tie_parameter: float,
) -> FloatArray:
    """Return the inverse information with what clustering adds to it; what it would take away is left."""
    flat = np.eye(len(mean))
    _, information = sandwich(
        rows, preference, mean=mean, covariance=flat, clusters=clusters, weights=weights, tie_parameter=tie_parameter
    )
    inverse: FloatArray = np.asarray(np.linalg.inv(information + _PENALTY * flat), dtype=np.float64)
    excess, _ = sandwich(
        rows, preference, mean=mean, covariance=inverse, clusters=clusters, weights=weights, tie_parameter=tie_parameter
    )
    root = np.linalg.cholesky(inverse)
    whitened = np.linalg.solve(root, np.linalg.solve(root, excess).T)
    values, vectors = np.linalg.eigh(0.5 * (whitened + whitened.T))
    scaled = root @ vectors
    return np.asarray(inverse + (scaled * np.maximum(values, 0.0)) @ scaled.T)


def value_shift(
    fitted: PlainFit,
    moves: ArrayLike,
    *,
    most: int,
    prior_scale: float = PRIOR_SCALE,
    interval: float = INTERVAL,
    seed: int = SEED,
) -> CappedShift:
    """Value the moves of largest weight, corrected for their having been chosen by the same rows.

    With u the weights of the moves and V their covariance, moves are chosen by u + g e and valued by u - e / g, where e
    is drawn from N(0, V): the two are independent, so no luck of the choice enters the value (the coupled bootstrap of
    Oliveira, Lei and Tibshirani 2021, arXiv 2111.09447; Rasines and Young 2023, DOI 10.1093/biomet/asac070). The mean
    over e is unbiased for what moves are worth that are chosen from data with a variance of (1 + g^2) V. How far it
    lies from that is simulated at weights that the prior draws together.

    Parameters
    ----------
    fitted
        Weights and covariance.
    moves
        Which features a move changes, and by how many steps: shape (moves, d).
    most
        How many moves may be chosen.
    prior_scale
        Of the Laplace prior whose variance draws together weights that are compared.
    interval
        Mass of the interval.
    seed
        Of the draws.

    Returns
    -------
    CappedShift
        NaN where no move can be told.

    Raises
    ------
    SettingError
        A number outside its range.

    Examples
    --------
    >>> fitted = PlainFit(np.array([0.8, -0.5, 0.0]), np.eye(3) / 400, np.ones(3, dtype=bool))
    >>> found = value_shift(fitted, np.eye(3), most=2)
    >>> found.chosen, found.directions, round(found.log_odds.value, 1)
    ((0, 1), (1, -1), 1.3)
    """
    check_positive("most", most)
    check_fraction("interval", interval)
    shares = np.asarray(moves, dtype=np.float64) * fitted.present
    told = np.flatnonzero(shares.any(axis=1))
    most = min(most, len(told))
    if not most:
        return CappedShift((), (), Estimate(nan))
    problem = _Problem.of(fitted, shares[told], most=most, prior_scale=prior_scale)
    random = np.random.default_rng(seed)
    value = problem.values(problem.weights[None], problem.noise(random, _DRAWS))[0]
    errors = problem.errors(random)
    tails = np.quantile(errors, [0.5 * (1 + interval), 0.5 * (1 - interval)])
    attack = problem.choose(problem.weights)
    order = np.argsort(-np.abs(problem.drawn_together(problem.weights) * attack), kind="stable")[:most]
    return CappedShift(
        chosen=tuple(told[order].tolist()),
        directions=tuple(attack[order].astype(int).tolist()),
        log_odds=Estimate(float(value), float(value - tails[0]), float(value - tails[1])),
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """Weights of the moves, a root of their covariance, and by how much the prior draws each together."""

    weights: FloatArray
    root: FloatArray
    drawn: FloatArray
    most: int

    @classmethod
    def of(cls, fitted: PlainFit, shares: FloatArray, *, most: int, prior_scale: float) -> "_Problem":
        covariance = shares @ fitted.covariance @ shares.T
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        prior = 2 * prior_scale**2 * (shares**2).sum(axis=1)
        return cls(shares @ fitted.mean, root, prior / (prior + np.diag(covariance)), most)

    def drawn_together(self, weights: FloatArray) -> FloatArray:
        """Return weights as the prior leaves them: those that are badly known are drawn to 0."""
        return weights * self.drawn

    def choose(self, weights: FloatArray) -> FloatArray:
        """Return, shape (..., moves), the direction of the moves of largest weight and 0 for the others."""
        size = np.abs(self.drawn_together(weights))
        least = -np.partition(-size, self.most - 1, axis=-1)[..., self.most - 1 : self.most]
        return np.where(size >= least, np.sign(weights), 0.0)

    def noise(self, random: np.random.Generator, draws: int) -> FloatArray:
        """Return draws of the sampling error and their opposites, shape (draws, moves)."""
        half = random.standard_normal((draws // 2, len(self.weights))) @ self.root.T
        return np.concatenate([half, -half])

    def attacks(self, weights: FloatArray, noise: FloatArray) -> FloatArray:
        return self.choose(weights[:, None] + _NOISE * noise)

    def values(self, weights: FloatArray, noise: FloatArray) -> FloatArray:
        """Return the corrected value at each of some vectors of weights, shape (vectors,)."""
        chosen = self.attacks(weights, noise)
        return np.asarray((chosen * (weights[:, None] - noise / _NOISE)).sum(axis=2).mean(axis=1))

    def errors(self, random: np.random.Generator) -> FloatArray:
        """Return how far the value lies from what the chosen moves are worth, were the truth the drawn weights."""
        truth = self.drawn_together(self.weights)
        found = truth + self.noise(random, _OUTER)
        noise = self.noise(random, _INNER)
        chosen = self.attacks(found, noise)
        return np.asarray((chosen * (found[:, None] - noise / _NOISE - truth)).sum(axis=2).mean(axis=1))
