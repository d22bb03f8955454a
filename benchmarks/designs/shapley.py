"""Designs for the shares of explained log-likelihood: one data set each, with the shares of an endless one as truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.shapley import Shares, fit_shares

__all__ = ["DESIGNS"]

_ENDLESS = 1_000_000


@dataclass(frozen=True)
class Judged:
    """Prompts with comparisons of two answers, and a judge whose taste differs from prompt to prompt.

    ``loadings`` says how far each factor follows something all share, ``equal`` how often two answers are alike on one;
    ``spread`` is the sd of a prompt's own taste in log-odds, ``tie`` Davidson's nu.
    """

    prompts: int
    size: int
    weights: tuple[float, ...]
    loadings: tuple[float, ...]
    groups: tuple[int, ...]
    equal: float = 0.2
    spread: float = 0.0
    tie: float = 0.0

    def draw(self, random: np.random.Generator, prompts: int) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return sign features, preferences and the prompt of each comparison."""
        clusters = np.repeat(np.arange(prompts), self.size)
        loadings = np.array(self.loadings)
        common = random.standard_normal((clusters.size, 1))
        own = random.standard_normal((clusters.size, loadings.size))
        latent = common * loadings + own * np.sqrt(1 - loadings**2)
        features = np.sign(latent) * (random.random(latent.shape) >= self.equal)
        taste = np.array(self.weights) + self.spread * random.standard_normal((prompts, loadings.size))
        odds = np.einsum("nd,nd->n", features, taste[clusters])
        strengths = np.stack([np.exp(-odds / 2), np.full(odds.size, self.tie), np.exp(odds / 2)], axis=1)
        chances = np.cumsum(strengths / strengths.sum(axis=1, keepdims=True), axis=1)
        outcome = (random.random((odds.size, 1)) > chances[:, :2]).sum(axis=1)
        return features, 0.5 * outcome, clusters

    def fit(self, random: np.random.Generator, prompts: int) -> Shares:
        """Draw a data set and divide what its factors explain."""
        features, preference, clusters = self.draw(random, prompts)
        return fit_shares(features, preference, clusters=clusters, groups=self.groups, tie_parameter=self.tie)


@lru_cache(maxsize=16)
def _truth(design: Judged) -> Shares:
    return design.fit(np.random.default_rng(7), _ENDLESS // design.size)


def simulate(design: Judged, random: np.random.Generator) -> Mapping[str, tuple[float, float, float]]:
    """Intervals of the first four factors, of every group and of the whole, each around its truth."""
    truth, found = _truth(design), design.fit(random, design.prompts)
    intervals = {"explained": (found.explained.low, truth.explained.value, found.explained.high)}
    if found.reason:
        return intervals
    for factor in range(min(4, len(design.weights))):
        intervals[f"share of factor {factor}"] = (found.low[factor], truth.value[factor], found.high[factor])
    for group in sorted(set(design.groups)):
        members = [factor for factor, own in enumerate(design.groups) if own == group]
        if len(members) > 1:
            share = found.of(members)
            intervals[f"share of group {group}"] = (share.low, truth.of(members).value, share.high)
    return intervals


_SIX = (0.7, 0.3, -0.4, 0.2, 0.0, 0.0)
_ALIKE = (0.9, 0.9, 0.3, 0.0, 0.5, 0.0)

_JUDGES = {
    "1,000 comparisons, 6 factors": Judged(1_000, 1, _SIX, _ALIKE, (0, 1, 2, 3, 4, 5)),
    "1,000 comparisons, groups": Judged(1_000, 1, _SIX, _ALIKE, (0, 0, 1, 1, 2, 2)),
    "200 comparisons": Judged(200, 1, _SIX, _ALIKE, (0, 0, 1, 1, 2, 2)),
    "100 prompts of 8, tastes differ": Judged(100, 8, _SIX, _ALIKE, (0, 0, 1, 1, 2, 2), spread=0.6),
    "1,000 comparisons, ties": Judged(1_000, 1, _SIX, _ALIKE, (0, 0, 1, 1, 2, 2), tie=0.8),
    "1,000 comparisons, strong taste": Judged(1_000, 1, (2.0, 1.0, -1.2, 0.6, 0.0, 0.0), _ALIKE, (0, 0, 1, 1, 2, 2)),
    "350 comparisons, 24 factors, weak taste": Judged(
        350, 1, (0.3, 0.0, -0.3, 0.0, 0.2, 0.0) * 2 + (0.0,) * 12, _ALIKE * 4, tuple(place // 6 for place in range(24))
    ),
    "1,500 comparisons, 12 factors, orders sampled": Judged(
        1_500, 1, _SIX + _SIX, _ALIKE + _ALIKE, (0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4)
    ),
}


def _design(judged: Judged) -> Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]:
    return lambda random: simulate(judged, random)


DESIGNS: dict[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]] = {
    name: _design(judged) for name, judged in _JUDGES.items()
}
