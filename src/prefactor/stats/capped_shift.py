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

__all__ = ["CappedShift", "PlainFit", "fit_plain", "fit_two", "value_change", "value_shift"]

_PENALTY: Final = 0.5
"""Precision of the prior of a plain fit: its sd, 1.4, is far beyond the weights of profiles."""

_STEPS: Final = 25
_NEAR: Final = 1e-8
_NOISE: Final = 0.5
"""Noise added before choosing, in standard errors: weights are then chosen as from four fifths of the rows."""

_TINY: Final = 1e-300
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
    [1.07]
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
    lies from the worth of the moves that are named, those chosen without noise, is simulated at weights that are
    drawn to 0 as far as their spread is that of their errors; the ends of the interval are from there.

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
    return _valued(fitted, shares[told], told, most, prior_scale, interval, seed)


def _valued(
    fitted: PlainFit,
    shares: FloatArray,
    told: IntArray,
    most: int,
    prior_scale: float,
    interval: float,
    seed: int,
) -> CappedShift:
    problem = _Problem.of(fitted, shares, most=most, prior_scale=prior_scale)
    random = np.random.default_rng(seed)
    value = problem.values(problem.weights[None], problem.noise(random, _DRAWS))[0]
    errors = problem.errors(random)
    tails = np.quantile(errors, [0.5 * (1 + interval), 0.5 * (1 - interval)])
    attack = problem.choose(problem.weights)
    size = np.abs(problem.drawn_together(problem.weights)[: len(attack)] * attack)
    order = np.argsort(-size, kind="stable")[:most]
    return CappedShift(
        chosen=tuple(told[order].tolist()),
        directions=tuple(attack[order].astype(int).tolist()),
        log_odds=Estimate(float(value), float(value - tails[0]), float(value - tails[1])),
    )


def fit_two(
    features: ArrayLike,
    preferences: tuple[ArrayLike, ArrayLike],
    *,
    clusters: ArrayLike,
    tie_parameters: tuple[float, float] = (0.0, 0.0),
) -> PlainFit:
    """Fit two judges of the same comparisons, with the covariance of all their weights together.

    Parameters
    ----------
    features
        Shape (n, d); NaN counts as 0.
    preferences
        P(A preferred) by the first judge and by the second, shape (n,) each.
    clusters
        Whole numbers, shape (n,).
    tie_parameters
        Davidson's nu of either.

    Returns
    -------
    PlainFit
        With the weights of the first judge and then those of the second, shape (2 d,).

    Raises
    ------
    SettingError
        An argument of a wrong shape.

    Examples
    --------
    >>> x, y = np.array([[1.0], [-1.0]] * 50), np.array([1.0, 0.0, 1.0, 1.0] * 25)
    >>> both = fit_two(x, (y, y), clusters=range(100))
    >>> bool(both.mean[0] == both.mean[1]), bool(both.covariance[0, 1] > 0)
    (True, True)
    """
    rows = np.nan_to_num(check_matrix(features).astype(np.float64))
    index = check_clusters(clusters, len(rows))
    fits, scores = [], []
    for preference, tie in zip(preferences, tie_parameters, strict=True):
        fitted = fit_plain(rows, preference, clusters=index, tie_parameter=tie)
        half = 0.5 * np.clip(_odds(rows, fitted.mean), -600.0, 600.0)
        residual = np.asarray(preference, dtype=np.float64) - 0.5 - np.sinh(half) / (2 * np.cosh(half) + tie)
        sums = [np.bincount(index, weights=exact_grid(residual * column)) for column in rows.T]
        flat = np.eye(len(fitted.mean))
        _, information = sandwich(
            rows, preference, mean=fitted.mean, covariance=flat, clusters=index, tie_parameter=tie
        )
        fits.append(fitted)
        scores.append(np.linalg.solve(information + _PENALTY * flat, np.stack(sums)))
    groups = int(index.max(initial=0)) + 1
    between = scores[0] @ scores[1].T * (groups / max(1, groups - 1))
    joint = np.block([[fits[0].covariance, between], [between.T, fits[1].covariance]])
    values, vectors = np.linalg.eigh(joint)
    return PlainFit(
        np.concatenate([fit.mean for fit in fits]),
        np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T),
        np.tile(fits[0].present, 2),
    )


def value_change(
    both: PlainFit,
    moves: ArrayLike,
    *,
    most: int,
    prior_scale: float = PRIOR_SCALE,
    interval: float = INTERVAL,
    seed: int = SEED,
) -> CappedShift:
    """Say how much more, or less, the moves that are best with one judge are worth with another.

    Moves are chosen and corrected as by :func:`value_shift`, on the first judge's weights; ``log_odds`` is their worth
    with the second judge less that with the first, paired.

    Parameters
    ----------
    both
        From :func:`fit_two`.
    moves
        Which features a move changes, shape (moves, d).
    most, prior_scale, interval, seed
        As for :func:`value_shift`.

    Examples
    --------
    >>> both = PlainFit(np.array([0.8, 0.0, 0.2, 0.0]), np.eye(4) / 1000, np.ones(4, dtype=bool))
    >>> round(value_change(both, np.eye(2), most=1).log_odds.value, 1)
    -0.6
    """
    check_positive("most", most)
    check_fraction("interval", interval)
    given = np.asarray(moves, dtype=np.float64)
    shares = given * both.present[: given.shape[1]]
    told = np.flatnonzero(shares.any(axis=1))
    if not len(told):
        return CappedShift((), (), Estimate(nan))
    return _valued(both, shares[told], told, min(most, len(told)), prior_scale, interval, seed)


@dataclass(frozen=True, slots=True)
class _Problem:
    """Weights of the moves, a root of their covariance, and by how much the prior draws each together.

    With two judges the weights of the second follow those of the first; the first chooses, and the difference counts.
    """

    weights: FloatArray
    root: FloatArray
    drawn: FloatArray
    most: int

    @classmethod
    def of(cls, fitted: PlainFit, shares: FloatArray, *, most: int, prior_scale: float) -> "_Problem":
        judges = len(fitted.mean) // shares.shape[1]
        spread = np.kron(np.eye(judges), shares)
        covariance = spread @ fitted.covariance @ spread.T
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        prior = 2 * prior_scale**2 * (shares**2).sum(axis=1)
        return cls(spread @ fitted.mean, root, prior / (prior + np.diag(covariance)[: len(shares)]), most)

    def drawn_together(self, weights: FloatArray) -> FloatArray:
        """Return weights as the prior leaves them: those that are badly known are drawn to 0."""
        return weights * np.tile(self.drawn, weights.shape[-1] // len(self.drawn))

    def choose(self, weights: FloatArray) -> FloatArray:
        """Return, shape (..., moves), the direction of the first judge's largest moves and 0 for the others."""
        own = weights[..., : len(self.drawn)]
        size = np.abs(own * self.drawn)
        least = -np.partition(-size, self.most - 1, axis=-1)[..., self.most - 1 : self.most]
        return np.where(size >= least, np.sign(own), 0.0)

    def _supposed(self) -> FloatArray:
        """Return weights drawn to 0 by as much as their spread, judge by judge, is that of their sampling errors."""
        variance = (self.root**2).sum(axis=1).reshape(-1, len(self.drawn))
        own = self.weights.reshape(variance.shape)
        spread = np.maximum((own**2 - variance).mean(axis=1, keepdims=True), 0.0)
        return np.asarray((own * spread / (spread + variance + _TINY)).ravel())

    def counted(self, weights: FloatArray) -> FloatArray:
        """Return what counts: the weights, or those of the second judge less those of the first."""
        moves = len(self.drawn)
        return weights if weights.shape[-1] == moves else weights[..., moves:] - weights[..., :moves]

    def noise(self, random: np.random.Generator, draws: int) -> FloatArray:
        """Return draws of the sampling error and their opposites, shape (draws, weights)."""
        half = random.standard_normal((draws // 2, len(self.weights))) @ self.root.T
        return np.concatenate([half, -half])

    def values(self, weights: FloatArray, noise: FloatArray) -> FloatArray:
        """Return the corrected value at each of some vectors of weights, shape (vectors,)."""
        chosen = self.choose(weights[:, None] + _NOISE * noise)
        return np.asarray((chosen * self.counted(weights[:, None] - noise / _NOISE)).sum(axis=2).mean(axis=1))

    def errors(self, random: np.random.Generator) -> FloatArray:
        """Return how far the value lies from what the moves named are worth, were the truth the drawn weights.

        The moves named are those chosen without noise, so that which ones luck has named is in the interval, too.
        """
        truth = self._supposed()
        found = truth + self.noise(random, _OUTER)
        worth = (self.choose(found) * self.counted(truth)).sum(axis=1)
        return np.asarray(self.values(found, self.noise(random, _INNER)) - worth)
