"""Cross-validated accuracy and log loss: the truth is what the profile of these very data does on others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from designs._features import draw_signs
from prefactor._typing import FloatArray, IntArray
from prefactor.stats.crossvalidate import cross_validate, grouped_folds, score_predictions
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.special import log1pexp, sigmoid

FRESH = 4_000
"""New comparisons, with their chances, on which a profile is tried."""


@dataclass(frozen=True)
class Log:
    """``prompts`` x ``size`` comparisons of 20 factors with Laplace weights of scale ``strength``.

    Rows of a prompt are alike in their features and in a whim of the judge.
    """

    prompts: int
    size: int = 1
    strength: float = 0.3

    def __str__(self) -> str:
        return f"{self.prompts} prompts x {self.size}, 20 factors, weights of scale {self.strength}"

    def draw(self, random: np.random.Generator, prompts: int) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return signs, chances of A and prompts."""
        clusters = np.repeat(np.arange(prompts), self.size)
        signs = draw_signs(random, len(clusters), 20, clusters=clusters, alike=0.3 if self.size > 1 else 0.0)
        odds = signs @ np.random.default_rng(20).laplace(0, self.strength, 20)
        if self.size > 1:
            odds += (random.normal(0, 0.3, (prompts, 20))[clusters] * signs).sum(axis=1)
        return signs, sigmoid(odds), clusters


def simulate(random: np.random.Generator, *, log: Log) -> Mapping[str, tuple[float, float, float]]:
    signs, chance, clusters = log.draw(random, log.prompts)
    won = (random.random(len(chance)) < chance).astype(np.float64)
    held_out = cross_validate(signs, won, fold=grouped_folds(clusters), clusters=clusters, tie_parameter=0.0)
    accuracy, loss = score_predictions(held_out.predicted, won, clusters=clusters, shared=held_out.joint_shared)
    fresh, real, _ = log.draw(random, FRESH // log.size)
    odds = fresh @ fit_posterior(signs, won, tie_parameter=0.0).mean
    right = np.where(odds > 0, real, np.where(odds < 0, 1 - real, 0.5)).mean()
    cost = (real * log1pexp(-odds) + (1 - real) * log1pexp(odds)).mean()
    return {
        "accuracy, cross-validated": (accuracy.low, float(right), accuracy.high),
        "log loss, cross-validated": (loss.low, float(cost), loss.high),
    }


LOGS = (Log(30), Log(100), Log(500), Log(500, strength=0.03), Log(40, 5), Log(60, 20, strength=0.6))
DESIGNS: dict[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]] = {
    str(log): partial(simulate, log=log) for log in LOGS
}
