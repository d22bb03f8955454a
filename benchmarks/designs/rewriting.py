"""Causal effects of rewrites, their effect per unit with strong and weak rewrites, and their distance from the log's.

A judge's chance of preferring the version with more comes from what changed and a whim of the prompt; in the log a
property that nobody measures moves the judge and goes with the factor.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.proportion import cluster_share
from prefactor.stats.rewriting import disagree, effect_per_unit, rewrite_effect
from prefactor.stats.special import sigmoid

Found = Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Rewrites:
    """``prompts`` x ``size`` pairs: changes of mean ``dose`` and sd 1, an effect of ``effect`` a unit, ties in part."""

    prompts: int
    size: int = 1
    dose: float = 1.0
    effect: float = 0.08
    ties: float = 0.2
    skew: bool = False

    def __str__(self) -> str:
        shape = ", skewed" if self.skew else ""
        return f"{self.prompts} prompts x {self.size}, dose {self.dose}, {self.effect} a unit{shape}"

    def draw(self, random: np.random.Generator, prompts: int) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return preferences, changes and prompts; the mean preference is linear in the change."""
        clusters = np.repeat(np.arange(prompts), self.size)
        rows = len(clusters)
        noise = random.exponential(1.0, rows) - 1 if self.skew else random.normal(0, 1, rows)
        change = self.dose + noise
        whim = random.normal(0, 0.08, prompts)[clusters]
        chance = np.clip(0.5 + self.effect * change + whim, 0, 1)
        tied = (random.random(rows) < self.ties) & (np.abs(chance - 0.5) < (1 - self.ties) / 2)
        lifted = np.clip((chance - self.ties / 2) / (1 - self.ties), 0, 1)
        won = random.random(rows) < np.where(np.abs(chance - 0.5) < (1 - self.ties) / 2, lifted, chance)
        return np.where(tied, 0.5, won), change, clusters


@cache
def truth_of(design: Rewrites) -> tuple[float, float]:
    """Mean preference and ratio, over so many prompts that their error is a hundredth of what is measured."""
    preference, change, _ = design.draw(np.random.default_rng(7), 2_000_000 // design.size)
    return float(preference.mean()), float((preference.mean() - 0.5) / change.mean())


def simulate(random: np.random.Generator, *, design: Rewrites) -> Found:
    preference, change, clusters = design.draw(random, design.prompts)
    share, ratio = truth_of(design)
    found = rewrite_effect(preference, had_more=random.random(len(preference)) < 0.5, clusters=clusters)
    unit = effect_per_unit(preference - 0.5, change, clusters=clusters)
    # A set that is no interval either holds the truth or does not: ends around it, or past it.
    inside = unit.holds(ratio)
    ends = (
        (unit.low, unit.high)
        if unit.form == "between"
        else ((ratio - 1, ratio + 1) if inside else (ratio + 1, ratio + 2))
    )
    if unit.form == "none":
        ends = (np.nan, np.nan)
    return {
        "caused preference": (found.share.low, share, found.share.high),
        "effect per unit (Anderson-Rubin)": (ends[0], ratio, ends[1]),
    }


@dataclass(frozen=True)
class Confounded:
    """A log of ``prompts`` x ``size`` comparisons with a hidden property, and as many pairs of rewrites of it."""

    prompts: int
    size: int = 1
    cause: float = 0.3
    hidden: float = 1.0
    alike: float = 0.6

    def __str__(self) -> str:
        return f"{self.prompts} prompts x {self.size}, cause {self.cause}, confounder {self.hidden}"

    def draw(self, random: np.random.Generator, prompts: int) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return what the log prefers of the answer with more, and what it prefers of the rewrite with more."""
        clusters = np.repeat(np.arange(prompts), self.size)
        rows = len(clusters)
        whim = random.normal(0, 0.4, prompts)[clusters]
        hidden = np.where(random.random(rows) < (1 + self.alike) / 2, 1.0, -1.0)
        log = random.random(rows) < sigmoid(self.cause + self.hidden * hidden + whim)
        rewritten = random.random(rows) < sigmoid(self.cause + whim)
        return log.astype(np.float64), rewritten.astype(np.float64), clusters


@cache
def distance_of(design: Confounded) -> float:
    log, rewritten, _ = design.draw(np.random.default_rng(11), 2_000_000 // design.size)
    return float(rewritten.mean() - log.mean())


def simulate_distance(random: np.random.Generator, *, design: Confounded) -> Found:
    log, rewritten, clusters = design.draw(random, design.prompts)
    caused, recorded = (cluster_share(each, clusters=clusters) for each in (rewritten, log))
    apart = disagree(caused, recorded).difference
    return {"caused less recorded": (apart.low, distance_of(design), apart.high)}


_PAIRS = (
    Rewrites(30),
    Rewrites(100),
    Rewrites(400),
    Rewrites(60, 5),
    Rewrites(100, dose=0.1),
    Rewrites(100, dose=0.3),
    Rewrites(100, dose=0.3, skew=True),
    Rewrites(100, effect=0.0),
    Rewrites(40, dose=2.0, effect=0.2, ties=0.0),
)
_LOGS = (Confounded(50), Confounded(200), Confounded(60, 5), Confounded(200, cause=0.0), Confounded(200, cause=1.5))
DESIGNS: dict[str, Callable[[np.random.Generator], Found]] = {
    **{str(each): partial(simulate, design=each) for each in _PAIRS},
    **{str(each): partial(simulate_distance, design=each) for each in _LOGS},
}
