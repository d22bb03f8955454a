"""Markov chains of a normal hierarchy of weights over groups with Gaussian likelihoods.

Works on precision matrices and shifts; knows no rows, no labels and no summary of what it draws.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.stats.group_likelihood import GaussianLikelihoods

__all__ = [
    "FREEDOM",
    "Chains",
    "Draws",
    "HierarchyPrior",
    "Roots",
    "laplace_precision",
    "roots_of",
    "spread_log_density",
]

FREEDOM: Final = 4.0
"""Degrees of freedom of the prior of a spread: one factor may differ far more than the others without a struggle."""

_RANK: Final = 1e-10
"""Eigenvalues below this share of the largest are the rounding of 0."""
_LEAST_SPREAD: Final = 1e-7
_LEAST_COMMON: Final = 1e-6
_GRID: Final = 96
_GRID_ENDS: Final = (0.01, 12.0)
"""Ends of the grid of typical spreads, in scales of their prior."""


@dataclass(frozen=True, slots=True)
class HierarchyPrior:
    """Priors of the hierarchy.

    Parameters
    ----------
    common
        Scale b of the Laplace prior of the common weights.
    spread
        Scale of the half-normal prior of the typical spread.
    """

    common: float
    spread: float


@dataclass(frozen=True, slots=True)
class Roots:
    """Gaussian likelihoods with the roots of their precisions, which draws are made with.

    Parameters
    ----------
    root
        R with R'R the precision of each group, shape (G, r, d) with r at most d.
    precision, shift
        Of the likelihoods, shapes (G, d, d) and (G, d).
    """

    root: FloatArray
    precision: FloatArray
    shift: FloatArray


@dataclass(frozen=True, slots=True)
class Draws:
    """What chains have drawn; the first axes are (chains, draws).

    Parameters
    ----------
    weight
        Shape (C, N, G, d).
    common, spread
        Shape (C, N, d).
    typical
        Typical spread, shape (C, N).
    """

    weight: FloatArray
    common: FloatArray
    spread: FloatArray
    typical: FloatArray

    def then(self, more: "Draws") -> "Draws":
        """Return these draws followed by ``more`` of the same chains."""
        return Draws(
            np.concatenate([self.weight, more.weight], axis=1),
            np.concatenate([self.common, more.common], axis=1),
            np.concatenate([self.spread, more.spread], axis=1),
            np.concatenate([self.typical, more.typical], axis=1),
        )


def roots_of(likelihoods: GaussianLikelihoods) -> Roots:
    """Return the likelihoods with the roots of their precisions, the directions that no data touch left out."""
    values, vectors = np.linalg.eigh(likelihoods.precision)
    kept = values > _RANK * np.maximum(values[:, -1:], 1e-300)
    rank = max(1, int(kept.sum(axis=1).max(initial=1)))
    scaled = np.sqrt(np.where(kept, values, 0.0))[:, :, None] * vectors.transpose(0, 2, 1)
    return Roots(np.ascontiguousarray(scaled[:, -rank:]), likelihoods.precision, likelihoods.shift)


def laplace_precision(random: np.random.Generator, value: FloatArray, *, scale: float) -> FloatArray:
    """Draw the precision of the normal that, mixed, is the Laplace prior, given a value with that prior."""
    size = np.maximum(np.abs(value), _LEAST_COMMON)
    return np.asarray(random.wald(1 / (scale * size), 1 / scale**2))


def spread_log_density(spread: FloatArray, typical: FloatArray) -> FloatArray:
    """Log density of a half-t spread, its scale being ``typical``, up to a constant."""
    return np.asarray(-0.5 * (FREEDOM + 1) * np.log1p((spread / typical) ** 2 / FREEDOM) - np.log(typical))


class Chains:
    """Chains over common weights m, spreads s, their typical size t and the weights w of every group.

    The model is w_gf ~ N(m_f, s_f^2), m_f ~ Laplace(0, b), s_f ~ half-t_4(t), t ~ half-normal. In every step the
    weights are drawn whole, given m and s; then m and s given w (where the data are strong), and once more given the
    standardised deviations (w - m) / s (where they are weak), which Yu and Meng (2011, DOI 10.1198/jcgs.2011.203main)
    call interweaving. Laplace and half-t are mixtures of normals (Park and Casella 2008, DOI
    10.1198/016214508000000337; Huang and Wand 2013, DOI 10.1214/13-BA815), so all draws but that of t, which is made
    on a grid, are exact.
    """

    def __init__(self, prior: HierarchyPrior, *, groups: int, size: int, chains: int, seed: int) -> None:
        self.prior = prior
        self.random = np.random.default_rng(seed)
        shape = (chains, size)
        # Starts lie apart, so that chains which agree have forgotten them.
        self.common = self.random.normal(0.0, prior.common, shape)
        self.spread = prior.spread * np.exp(self.random.normal(-0.5, 1.0, shape))
        self.typical = prior.spread * np.exp(self.random.normal(-0.5, 0.7, chains))
        self.weight = np.broadcast_to(self.common[:, None], (chains, groups, size)).copy()
        self._grid = prior.spread * np.geomspace(*_GRID_ENDS, _GRID)
        self._grid_prior = np.log(self._grid) - 0.5 * (self._grid / prior.spread) ** 2

    def run(self, roots: Roots, draws: int, *, every: int = 1) -> Draws:
        """Make ``draws`` draws of every chain, keeping the last of ``every`` steps."""
        chains, groups, size = self.weight.shape
        kept = Draws(
            np.empty((chains, draws, groups, size)),
            np.empty((chains, draws, size)),
            np.empty((chains, draws, size)),
            np.empty((chains, draws)),
        )
        total_precision, total_shift = roots.precision.sum(axis=0), roots.shift.sum(axis=0)
        for draw in range(draws):
            for _ in range(every):
                self._draw_weights(roots)
                self._draw_typical()
                self._draw_given_weights()
                self._draw_given_deviations(roots, total_precision, total_shift)
            kept.weight[:, draw], kept.common[:, draw] = self.weight, self.common
            kept.spread[:, draw], kept.typical[:, draw] = self.spread, self.typical
        return kept

    def _common_precision(self) -> FloatArray:
        return laplace_precision(self.random, self.common, scale=self.prior.common)

    def _draw_weights(self, roots: Roots) -> None:
        """Draw w given m and s with a system of the size of the rank (Bhattacharya et al. 2016, arXiv 1506.04778)."""
        chains, groups, size = self.weight.shape
        rank = roots.root.shape[1]
        variance = (self.spread**2)[:, None]
        start = self.common[:, None] + self.spread[:, None] * self.random.normal(size=(chains, groups, size))
        start += variance * roots.shift
        seen = (roots.root @ start[..., None])[..., 0] + self.random.normal(size=(chains, groups, rank))
        back = roots.root.transpose(0, 2, 1)
        system = (roots.root * variance[:, :, None]) @ back
        system[..., np.arange(rank), np.arange(rank)] += 1.0
        solved = np.linalg.solve(system, seen[..., None])
        self.weight = start - variance * (back @ solved)[..., 0]

    def _draw_typical(self) -> None:
        self.typical = self._from_grid(spread_log_density(self.spread[:, :, None], self._grid).sum(axis=1))

    def _from_grid(self, log_likelihood: FloatArray) -> FloatArray:
        """Draw t from its prior times a likelihood on the grid, shape (C, grid)."""
        density = log_likelihood + self._grid_prior
        mass = np.exp(density - density.max(axis=1, keepdims=True)).cumsum(axis=1)
        wanted = self.random.random((len(mass), 1)) * mass[:, -1:]
        return np.asarray(self._grid[(mass < wanted).sum(axis=1)])

    def _draw_given_weights(self) -> None:
        groups = self.weight.shape[1]
        squares = ((self.weight - self.common[:, None]) ** 2).sum(axis=1)
        auxiliary = _inverse_gamma(
            self.random, 0.5 * (FREEDOM + 1), FREEDOM / self.spread**2 + 1 / self.typical[:, None] ** 2
        )
        variance = _inverse_gamma(self.random, 0.5 * (FREEDOM + groups), FREEDOM / auxiliary + 0.5 * squares)
        self.spread = np.maximum(np.sqrt(variance), _LEAST_SPREAD)
        precision = groups / self.spread**2 + self._common_precision()
        mean = self.weight.sum(axis=1) / self.spread**2 / precision
        self.common = mean + self.random.normal(size=mean.shape) / np.sqrt(precision)

    def _draw_given_deviations(self, roots: Roots, total_precision: FloatArray, total_shift: FloatArray) -> None:
        """Draw m and s together given (w - m) / s; the sign of s is free, and only its size is kept."""
        size = self.common.shape[1]
        deviation = (self.weight - self.common[:, None]) / self.spread[:, None]
        rate = 0.5 * (FREEDOM * self.typical[:, None] ** 2 + self.spread**2)
        slack = _inverse_gamma(self.random, 0.5 * (FREEDOM + 1), rate)
        moved = roots.precision * deviation[:, :, None, :]
        precision = np.empty((len(deviation), 2 * size, 2 * size))
        precision[:, :size, :size] = total_precision
        precision[:, :size, size:] = moved.sum(axis=1)
        precision[:, size:, :size] = precision[:, :size, size:].transpose(0, 2, 1)
        precision[:, size:, size:] = np.einsum("cgi,cgij->cij", deviation, moved)
        diagonal = np.arange(2 * size)
        precision[:, diagonal, diagonal] += np.concatenate([self._common_precision(), 1 / slack], axis=1)
        shift = np.concatenate(
            [np.broadcast_to(total_shift, self.common.shape), (deviation * roots.shift).sum(axis=1)], axis=1
        )
        factor = np.linalg.cholesky(precision)
        noise = (factor @ self.random.normal(size=shift.shape)[..., None])[..., 0]
        drawn = np.linalg.solve(precision, (shift + noise)[..., None])[..., 0].astype(np.float64, copy=False)
        self.common, signed = drawn[:, :size], drawn[:, size:]
        # The prior of s given t is no part of how the data bear on all of s, so it is taken off the diagonal again.
        precision[:, diagonal[size:], diagonal[size:]] -= 1 / slack
        signed = signed * self._draw_scale(precision, shift, common=self.common, signed=signed)[:, None]
        self.weight = self.common[:, None] + signed[:, None] * deviation
        self.spread = np.maximum(np.abs(signed), _LEAST_SPREAD)

    def _draw_scale(
        self, precision: FloatArray, shift: FloatArray, *, common: FloatArray, signed: FloatArray
    ) -> FloatArray:
        """Draw t given m, (w - m) / s and s / t, and return the factor by which t, and with it s, has grown."""
        size = common.shape[1]
        direction = signed / self.typical[:, None]
        across = (common[:, None] @ precision[:, :size, size:])[:, 0]
        slope = ((shift[:, size:] - across) * direction).sum(axis=1, keepdims=True)
        curvature = ((direction[:, None] @ precision[:, size:, size:])[:, 0] * direction).sum(axis=1, keepdims=True)
        before = self.typical
        self.typical = self._from_grid(slope * self._grid - 0.5 * curvature * self._grid**2)
        return self.typical / before


def _inverse_gamma(random: np.random.Generator, shape: float, rate: FloatArray) -> FloatArray:
    return np.asarray(rate / random.gamma(shape, size=rate.shape))
