"""Shares and means of rows in clusters: of A, of the answer shown first, accuracy, raw win rates, losses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from prefactor._typing import IntArray
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.special import log1pexp, sigmoid


@dataclass(frozen=True)
class Prompts:
    """``groups`` prompts of ``size`` rows, whose chances differ between prompts by the correlation ``alike``."""

    groups: int
    size: int = 1
    alike: float = 0.0

    def __str__(self) -> str:
        if self.size == 1:
            return f"{self.groups:,} single rows"
        return f"{self.groups} prompts x {self.size} rows, alike {self.alike}"

    @property
    def clusters(self) -> IntArray:
        return np.repeat(np.arange(self.groups), self.size)

    def chances(self, random: np.random.Generator, share: float) -> np.ndarray:
        if not self.alike:
            return np.full(self.groups * self.size, share)
        strength = (1 - self.alike) / self.alike
        return random.beta(share * strength, (1 - share) * strength, self.groups)[self.clusters]


PROMPTS = (
    Prompts(24),
    Prompts(60),
    Prompts(200),
    Prompts(2_000),
    Prompts(12, 20, alike=0.2),
    Prompts(40, 5, alike=0.3),
    Prompts(200, 5, alike=0.2),
)
Found = Mapping[str, tuple[float, float, float]]


def simulate_share(random: np.random.Generator, *, prompts: Prompts, share: float) -> Found:
    """Strict verdicts."""
    won = random.random(prompts.groups * prompts.size) < prompts.chances(random, share)
    found = cluster_share(won, clusters=prompts.clusters)
    return {"share of strict verdicts, accuracy": (found.low, share, found.high)}


def simulate_orders(random: np.random.Generator, *, prompts: Prompts, share: float) -> Found:
    """Verdicts in one order or both: a row then counts twice, and is 0, 1/2 or 1."""
    chance = prompts.chances(random, share)
    seen = random.integers(1, 3, len(chance))
    found = cluster_share(random.binomial(seen, chance) / seen, clusters=prompts.clusters, weights=seen)
    return {"share preferring the answer shown first": (found.low, share, found.high)}


def simulate_win_rate(random: np.random.Generator, *, prompts: Prompts, share: float) -> Found:
    """Graded preferences, some of them ties."""
    chance = prompts.chances(random, share)
    drawn = random.beta(2 * chance + 1e-9, 2 * (1 - chance) + 1e-9)
    # A tie replaces a preference and its mirror image alike, which leaves the mean only where that is one half.
    tied = random.random(len(chance)) < 0.2
    found = cluster_share(np.where(tied, 0.5, drawn), clusters=prompts.clusters)
    return {"raw win rate, graded verdicts": (found.low, 0.8 * share + 0.1, found.high)}


def simulate_loss(random: np.random.Generator, *, prompts: Prompts, spread: float) -> Found:
    """Log losses of a forecaster who knows every chance; the log-odds have that spread, part of it by prompt."""
    parts = [random.normal(0, spread, count) for count in (prompts.groups * prompts.size, prompts.groups)]
    odds = np.sqrt(1 - prompts.alike) * parts[0] + np.sqrt(prompts.alike) * parts[1][prompts.clusters]
    won = random.random(len(odds)) < sigmoid(odds)
    found = cluster_mean(np.where(won, log1pexp(-odds), log1pexp(odds)), clusters=prompts.clusters)
    return {"mean log loss": (found.low, _mean_entropy(spread), found.high)}


def _mean_entropy(spread: float) -> float:
    nodes, weights = np.polynomial.hermite_e.hermegauss(101)
    odds = spread * nodes
    entropy = sigmoid(odds) * log1pexp(-odds) + sigmoid(-odds) * log1pexp(odds)
    return float(weights @ entropy / weights.sum())


DESIGNS: dict[str, Callable[[np.random.Generator], Found]] = {}
for _prompts in PROMPTS:
    for _share in (0.5, 0.7, 0.9, 0.98):
        if _share < 0.95 or _prompts.groups * _prompts.size >= 200:
            DESIGNS[f"{_prompts}, share {_share}"] = partial(simulate_share, prompts=_prompts, share=_share)
    for _share in (0.5, 0.7):
        DESIGNS[f"{_prompts}, both orders in half, share {_share}"] = partial(
            simulate_orders, prompts=_prompts, share=_share
        )
    for _share in (0.2, 0.5):
        DESIGNS[f"{_prompts}, graded, mean {_share}"] = partial(simulate_win_rate, prompts=_prompts, share=_share)
    for _spread in (0.5, 2.0):
        DESIGNS[f"{_prompts}, log-odds spread {_spread}"] = partial(simulate_loss, prompts=_prompts, spread=_spread)
