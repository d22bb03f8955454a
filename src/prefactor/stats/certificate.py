"""How far an approximate posterior can be trusted, by weighted draws; and the exact one where it cannot.

Works on prepared fits; knows no labels, folds or factor names.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.ep import Approximation, Problem
from prefactor.stats.likelihood import log_normaliser
from prefactor.stats.special import ndtr

__all__ = ["ENOUGH", "TRUSTED", "WeightedDraws", "draw_until", "effective_share"]

TRUSTED: Final = 0.75
"""Share of draws that must be effective for an approximation to be taken as it is."""

ENOUGH: Final = 4_000
"""Effective draws behind numbers that are taken from draws: their Monte-Carlo error is then below 1.6 % of an sd."""

_FEWEST, _MOST = 64, 512
"""Draws that certify."""
_CELLS: Final = 8_388_608
"""Draws times rows that certify."""
_BATCH: Final = 4_000
_LAST: Final = 64_000
_BLOCK_CELLS: Final = 2_097_152
_SPREAD: Final = np.linspace(-10.0, 10.0, 241)
"""Edges of the cells of a marginal, in sd about its mean; beyond them there is nothing to be found."""
_NEAR_ZERO: Final = np.geomspace(1e-3, 3.0, 40)
"""Further edges about 0, in units of the prior's scale: a prior may have a point there."""
_WIDER: Final = 1.25
_WIDER_SHARE: Final = 0.1
"""Some draws are taken from a wider copula, so that no weight can run away where the approximation is too narrow."""


@dataclass(frozen=True, slots=True)
class WeightedDraws:
    """Draws that stand for a posterior when weighted.

    Parameters
    ----------
    weights
        The weights of the model, shape (draws, d).
    shares
        How much each draw counts, shape (draws,); they add up to 1.
    effective
        1 / (draws * sum of squared shares), in (0, 1]: the share of draws that are worth an independent one.
    """

    weights: FloatArray
    shares: FloatArray
    effective: float

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Mean and covariance, shapes (d,) and (d, d)."""
        mean = self.shares @ self.weights
        centred = self.weights - mean
        return mean, (centred * self.shares[:, None]).T @ centred

    def quantile(self, probability: float) -> FloatArray:
        """Quantile of each weight, shape (d,)."""
        found = []
        for column in self.weights.T:
            order = np.argsort(column, kind="stable")
            found.append(np.interp(probability, np.cumsum(self.shares[order]), column[order]))
        return np.array(found)


def effective_share(problem: Problem, fitted: Approximation, *, fit: int, seed: int) -> float:
    """Certify one fit: the share of draws from the approximation that are effective under the exact posterior.

    It is 1 where the two are equal, and 1 / (1 + chi-squared divergence) in expectation.

    Parameters
    ----------
    problem, fitted
        The fits, and what was found for them.
    fit
        Which of them.
    seed
        Of the draws.

    Returns
    -------
    float
        In (0, 1]; 0 where the approximation is not finite.
    """
    draws = int(np.clip(_CELLS // max(problem.rows.shape[1], 1), _FEWEST, _MOST))
    proposal = _Proposal.of(problem, fitted, fit)
    return (
        0.0 if proposal is None else _weigh(problem, fit, *proposal.draw(draws, np.random.default_rng(seed))).effective
    )


def draw_until(problem: Problem, fitted: Approximation, *, fit: int, seed: int) -> WeightedDraws | None:
    """Draw from the exact posterior of one fit until ``ENOUGH`` draws are effective, or 64,000 are drawn.

    Importance sampling: independent draws from a Gaussian copula with the approximation's correlations, whose marginals
    are the approximation's likelihood of each weight times its exact prior; each draw is weighted by the ratio of the
    exact posterior density to that of the draw.

    Parameters
    ----------
    problem, fitted
        The fits, and what was found for them.
    fit
        Which of them.
    seed
        Of the draws.

    Returns
    -------
    WeightedDraws or None
        None where the approximation is not finite.
    """
    proposal = _Proposal.of(problem, fitted, fit)
    if proposal is None:
        return None
    random = np.random.default_rng(seed)
    weights, logs = proposal.draw(_BATCH, random)
    found = _weigh(problem, fit, weights, logs)
    while found.effective * len(weights) < ENOUGH and len(weights) < _LAST:
        more, more_logs = proposal.draw(len(weights), random)
        weights, logs = np.concatenate([weights, more]), np.concatenate([logs, more_logs])
        found = _weigh(problem, fit, weights, logs)
    return found


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A Gaussian copula with stepwise marginals.

    ``edges`` has shape (d, cells + 1), ``below`` the mass left of each edge, ``density`` the logarithm of that of each
    cell; ``factor`` is the triangular root of the correlations, shape (d, d).
    """

    edges: FloatArray
    below: FloatArray
    density: FloatArray
    factor: FloatArray

    @classmethod
    def of(cls, problem: Problem, fitted: Approximation, fit: int) -> "_Proposal | None":
        covariance, mean = fitted.covariance[fit], fitted.mean[fit]
        sd = np.sqrt(np.diag(covariance))
        if not (np.isfinite(covariance).all() and np.isfinite(mean).all() and (sd > 0).all()):
            return None
        near = problem.prior.scale * _NEAR_ZERO
        spread = mean[:, None] + sd[:, None] * _SPREAD
        # Edges about 0 that lie outside the marginal's range would only widen its last cells.
        zero = np.clip(np.concatenate([-near[::-1], [0.0], near]), spread[:, :1], spread[:, -1:])
        edges = np.sort(np.concatenate([spread, zero], axis=1), axis=1)
        middle, width = 0.5 * (edges[:, 1:] + edges[:, :-1]), np.diff(edges, axis=1)
        centre, variance = fitted.cavity_mean[fit][:, None], fitted.cavity_variance[fit][:, None]
        log_density = problem.prior.log_density(middle) - 0.5 * (middle - centre) ** 2 / variance
        mass = width * np.exp(log_density - log_density.max(axis=1, keepdims=True))
        # A little of an even spread keeps every cell within reach.
        mass = mass / mass.sum(axis=1, keepdims=True) + 1e-9 * width / width.sum(axis=1, keepdims=True)
        mass /= mass.sum(axis=1, keepdims=True)
        below = np.concatenate([np.zeros((len(mass), 1)), np.cumsum(mass, axis=1)], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            density = np.where(width > 0, np.log(mass / width), 0.0)
        try:
            factor = np.linalg.cholesky(covariance / np.outer(sd, sd))
        except np.linalg.LinAlgError:
            return None
        return cls(edges, below, density, factor)

    def draw(self, count: int, random: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """Draw weights (count, d), and the logarithm of the density that each was drawn with."""
        raw = random.standard_normal((count, len(self.factor)))
        raw[random.random(count) < _WIDER_SHARE] *= _WIDER
        normal = raw @ self.factor.T
        places, log_density = ndtr(normal), _log_mixture(raw, len(self.factor)) + 0.5 * (normal**2).sum(axis=1)
        weights = np.empty_like(normal)
        for column, place in enumerate(places.T):
            below, edges = self.below[column], self.edges[column]
            weights[:, column] = np.interp(place, below, edges)
            cell = np.clip(np.searchsorted(below, place, side="right") - 1, 0, len(edges) - 2)
            log_density += self.density[column][cell]
        return weights, log_density


def _log_mixture(raw: FloatArray, size: int) -> FloatArray:
    """Log density of the two normals that the raw draws are a mixture of, up to a constant."""
    square = (raw**2).sum(axis=1)
    plain = np.log1p(-_WIDER_SHARE) - 0.5 * square
    wider = np.log(_WIDER_SHARE) - size * np.log(_WIDER) - 0.5 * square / _WIDER**2
    return np.asarray(np.logaddexp(plain, wider))


def _weigh(problem: Problem, fit: int, weights: FloatArray, log_density: FloatArray) -> WeightedDraws:
    logs = weights @ problem.linear[fit] + problem.prior.log_density(weights).sum(axis=1) - log_density
    counts, tie = problem.counts[fit], float(problem.tie[fit])
    used: IntArray = np.flatnonzero(counts)
    step = max(1, _BLOCK_CELLS // len(weights))
    for start in range(0, used.size, step):
        part = used[start : start + step]
        logs -= log_normaliser(weights @ problem.rows[:, part].astype(np.float64), tie) @ counts[part]
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    return WeightedDraws(weights, shares, float(1 / (len(shares) * (shares @ shares))))
