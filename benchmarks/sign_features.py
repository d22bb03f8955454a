"""Made-up comparisons with the look of real ones: correlated, sparse sign features, and judges with known weights.

A Gaussian copula: few latent axes shared by the factors, cut to -1, 0 and 1, each factor with its own share of equal
answers. On 30,584 AlpacaEval comparisons the 35 lexical factors correlate by 0.10 on average (a tenth of the pairs
above 0.27), the largest eigenvalue being 18 % of the trace; here it is 0.12, 0.26 and 17 % for 29 factors.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from prefactor._typing import FloatArray
from prefactor.stats.special import sigmoid

AXES = (0.8, 0.45, 0.35, 0.3)
"""Largest loading of a factor on each latent axis."""


@dataclass(frozen=True)
class SignFeatures:
    """Where comparisons come from.

    ``loadings``: of the factors on the axes, shape (factors, axes); ``equal``: how often the answers are equal.
    """

    loadings: FloatArray
    equal: FloatArray

    @classmethod
    def make(cls, factors: int, seed: int, *, axes: tuple[float, ...] = AXES, strength: float = 1.0) -> "SignFeatures":
        """Draw loadings and shares of equal answers; ``strength`` 0 makes all factors independent."""
        random = np.random.default_rng(seed)
        loadings = random.uniform(-1, 1, (factors, len(axes))) * axes
        shared = np.maximum((loadings**2).sum(axis=1, keepdims=True), 1e-12)
        return cls(loadings * np.sqrt(strength * np.minimum(1, 0.9 / shared)), random.uniform(0.03, 0.95, factors))

    def draw(
        self, rows: int, random: np.random.Generator, *, prompts: int | None = None, alike: float = 0.0
    ) -> FloatArray:
        """Return signs of shape (rows, factors).

        With ``prompts``, row i belongs to prompt i mod ``prompts``, and rows of a prompt share the part ``alike`` of
        the variance of what the signs are cut from.
        """
        factors, axes = self.loadings.shape
        own = np.sqrt(1 - (self.loadings**2).sum(axis=1))
        hidden = random.standard_normal((rows, axes)) @ self.loadings.T + own * random.standard_normal((rows, factors))
        if prompts is not None:
            shared = random.standard_normal((prompts, axes)) @ self.loadings.T
            shared += own * random.standard_normal((prompts, factors))
            hidden = np.sqrt(1 - alike) * hidden + np.sqrt(alike) * shared[np.arange(rows) % prompts]
        cut = np.array([NormalDist().inv_cdf((1 + share) / 2) for share in self.equal])
        return np.sign(hidden) * (np.abs(hidden) > cut)


def draw_labels(signs: FloatArray, weights: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return preferences, 1 for A, of judges with these ``weights``, shape ([judges,] factors), on the rows."""
    chance = sigmoid(np.asarray(weights) @ signs.T)
    return (random.random(chance.shape) < chance).astype(np.float64)


def draw_weights(factors: int, random: np.random.Generator, *, judges: int | None = None) -> FloatArray:
    """Return the weights of a judge, or of several: Laplace(0, 0.15) each."""
    return random.laplace(0, 0.15, factors if judges is None else (judges, factors))
