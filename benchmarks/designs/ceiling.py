"""Data sets with a known ceiling of accuracy: chances of A drawn from several distributions, verdicts drawn from them.

Each design gives the intervals of the agreement of annotators, the ceiling, and the share of the way to it; where the
chances are nothing like the model of the ceiling, the bounds that need no model instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray
from prefactor.analysis.ceiling import measure_ceiling
from prefactor.analysis.units import JudgeUnits
from prefactor.stats.proportion import cluster_share

__all__ = ["DESIGNS"]

Chances = Callable[[np.random.Generator, int], FloatArray]
_LONG_RUN: Final = 2_000_000


@dataclass(frozen=True)
class Repeated:
    """Verdicts of ``annotators`` on each of ``prompts`` x ``per_prompt`` comparisons.

    The comparisons of a prompt have the same chance, on either side. A predictor names the likelier side in 80 % of
    them. With ``orders``, one judge gives its verdict in both orders, and ``annotators`` is 2.
    """

    chances: Chances
    annotators: int
    prompts: int
    per_prompt: int = 1
    orders: bool = False
    modelled: bool = True

    def __call__(self, random: np.random.Generator) -> Mapping[str, tuple[float, float, float]]:
        p = np.repeat(self.chances(random, self.prompts), self.per_prompt)
        p = np.where(random.random(p.size) < 0.5, p, 1 - p)
        verdict = random.random((self.annotators, p.size)) < p
        named_a = np.where(random.random(p.size) < 0.8, p >= 0.5, p < 0.5)
        units = self._both_orders(verdict) if self.orders else self._several(verdict)
        right = np.where(units.preference == 0.5, np.nan, named_a[units.comparison] == (units.preference > 0.5))
        scored = ~np.isnan(right)
        accuracy = cluster_share(right[scored], clusters=units.prompt[scored])
        found = measure_ceiling(units, right=right, accuracy=accuracy, interval=0.9)
        agreement, ceiling, way = self.truth()
        if not self.modelled:
            return {"bounds of the ceiling": (found.least.low, ceiling, found.most.high)}
        agreed = found.orders if self.orders else found.one_another
        return {
            "agreement": (agreed.low, agreement, agreed.high),
            "ceiling": (found.accuracy.low, ceiling, found.accuracy.high),
            "way to the ceiling": (found.way.low, way, found.way.high),
        }

    @cache  # noqa: B019  (designs are few and live as long as the module)
    def truth(self) -> tuple[float, float, float]:
        """Agreement, ceiling, and share of the way, over many draws."""
        p = self.chances(np.random.default_rng(1), _LONG_RUN)
        best, agreement = np.maximum(p, 1 - p), p * p + (1 - p) ** 2
        ceiling = float((best**2).sum() / agreement.sum()) if self.orders else float(best.mean())
        # Naming the likelier side in 80 % of comparisons goes 60 % of the way, whatever the chances.
        return float(agreement.mean()), ceiling, 0.6

    def _several(self, verdict: BoolArray) -> JudgeUnits:
        comparisons = np.tile(np.arange(verdict.shape[1]), self.annotators)
        who = np.repeat(np.arange(self.annotators), verdict.shape[1])
        nothing = np.zeros(verdict.size, dtype=np.int64)
        return JudgeUnits(
            judge="judge",
            kind="human",
            comparison=comparisons,
            prompt=comparisons // self.per_prompt,
            preference=verdict.ravel().astype(np.float64),
            missing=nothing.astype(np.bool_),
            weight=np.ones(verdict.size),
            both_orders=nothing.astype(np.bool_),
            inconsistent=nothing.astype(np.bool_),
            first_preferred=nothing,
            ordered=nothing,
            annotator=who,
            annotators=tuple(str(number) for number in range(self.annotators)),
        )

    def _both_orders(self, verdict: BoolArray) -> JudgeUnits:
        comparisons = np.arange(verdict.shape[1])
        always, nothing = np.ones(comparisons.size, dtype=np.bool_), np.zeros(comparisons.size, dtype=np.int64)
        return JudgeUnits(
            judge="judge",
            kind="llm",
            comparison=comparisons,
            prompt=comparisons // self.per_prompt,
            preference=verdict.mean(axis=0),
            missing=~always,
            weight=np.ones(comparisons.size),
            both_orders=always,
            inconsistent=verdict[0] != verdict[1],
            first_preferred=nothing,
            ordered=nothing + 2,
        )


def _beta(shape: float) -> Chances:
    return lambda random, number: random.beta(shape, shape, number)


def _logistic(spread: float) -> Chances:
    return lambda random, number: 1 / (1 + np.exp(-random.normal(0, spread, number)))


def _clear_or_coin(random: np.random.Generator, number: int) -> FloatArray:
    """Half of the comparisons a coin, half always the same: as far from the model as can be."""
    return random.choice([0.0, 0.5, 0.5, 1.0], number)


DESIGNS: Final[Mapping[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]]] = {
    "ceiling: 3 people, 300 prompts, beta 0.5": Repeated(_beta(0.5), 3, 300),
    "ceiling: 2 people, 100 prompts, beta 0.5": Repeated(_beta(0.5), 2, 100),
    "ceiling: 2 people, 40 prompts, beta 0.25": Repeated(_beta(0.25), 2, 40),
    "ceiling: 5 people, 200 prompts, beta 2": Repeated(_beta(2.0), 5, 200),
    "ceiling: 3 people, 60 prompts of 5, beta 0.5": Repeated(_beta(0.5), 3, 60, per_prompt=5),
    "ceiling: 3 people, 1,000 prompts, logistic normal 1.5": Repeated(_logistic(1.5), 3, 1_000),
    "ceiling: 3 people, 300 prompts, logistic normal 3": Repeated(_logistic(3.0), 3, 300),
    "ceiling: both orders, 350 prompts, beta 0.3": Repeated(_beta(0.3), 2, 350, orders=True),
    "ceiling: 3 people, 300 prompts, clear or coin (not the model)": Repeated(_clear_or_coin, 3, 300, modelled=False),
}
