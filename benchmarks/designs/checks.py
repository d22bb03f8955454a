"""Data sets with known annotators and judges: how far one is below the rest, how much a judge prefers its own answers.

The designs without a fault are the ones on which a check must not trip more often than it says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from prefactor._typing import FloatArray, IntArray, SignArray
from prefactor.analysis.annotators import compare_annotators
from prefactor.analysis.evidence import Annotators, SelfPreference
from prefactor.analysis.results import Settings
from prefactor.analysis.self_preference import Authors, measure_self_preference
from prefactor.analysis.units import JudgeUnits
from prefactor.stats.special import sigmoid

__all__ = ["DESIGNS", "Crowd", "OwnAnswers", "units_of"]

SETTINGS: Final = Settings(0.9, "Laplace", 0.1, 300, 10, 0, 0.1, 0.05, (), (), ("lexical",), 100, "0")
_LONG_RUN: Final = 400_000


def units_of(
    judge: str, comparison: IntArray, preference: FloatArray, *, annotator: IntArray | None = None
) -> JudgeUnits:
    """Units of one judge; two comparisons in a row are of one prompt."""
    nothing = np.zeros(comparison.size, dtype=np.int64)
    return JudgeUnits(
        judge=judge,
        kind="llm" if annotator is None else "human",
        comparison=comparison,
        prompt=comparison // 2,
        preference=preference,
        missing=nothing.astype(np.bool_),
        weight=np.ones(comparison.size),
        both_orders=nothing.astype(np.bool_),
        inconsistent=nothing.astype(np.bool_),
        first_preferred=nothing,
        ordered=nothing,
        annotator=annotator,
        annotators=() if annotator is None else tuple(f"{number:02d}" for number in range(int(annotator.max()) + 1)),
    )


@dataclass(frozen=True)
class Crowd:
    """``people`` of whom ``each``, drawn anew, judge every comparison; the first answers by coin if ``coin`` is set."""

    people: int
    each: int
    comparisons: int
    coin: bool = False
    spread: float = 2.0

    def draw(self, random: np.random.Generator) -> Annotators:
        """Draw the verdicts of everybody, and set everybody beside the others."""
        p = sigmoid(random.normal(0, self.spread, self.comparisons))
        who = np.argsort(random.random((self.comparisons, self.people)), axis=1)[:, : self.each].ravel()
        comparison = np.repeat(np.arange(self.comparisons), self.each)
        chance = np.where((who == 0) & self.coin, 0.5, p[comparison])
        verdict = (random.random(comparison.size) < chance).astype(np.float64)
        return compare_annotators(units_of("people", comparison, verdict, annotator=who), interval=0.9)

    def __call__(self, random: np.random.Generator) -> Mapping[str, tuple[float, float, float]]:
        """Return the interval of the first one's distance below the others."""
        below = self.draw(random).standings[0].below
        return {"below the others": (below.low, self.truth(), below.high)}

    @cache  # noqa: B019  (designs are few and live as long as the module)
    def truth(self) -> float:
        """Return how far below the others the first one is, over many draws."""
        p = sigmoid(np.random.default_rng(1).normal(0, self.spread, _LONG_RUN))
        return 0.5 - float((p * p + (1 - p) ** 2).mean()) if self.coin else 0.0


@dataclass(frozen=True)
class OwnAnswers:
    """A judge whose own answers stand against others' in all comparisons; it adds ``bias`` to the log-odds of its own.

    The two factors have weights of 0.5 and -0.3, and its own answers have more of the first. ``others`` judges have the
    same taste and no bias; without them, the factors are held equal. With ``drawn``, weights and bias come from the
    prior of the joint fit, which is what posterior intervals are calibrated to.
    """

    comparisons: int
    others: int
    bias: float = 0.0
    drawn: bool = False

    def draw(self, random: np.random.Generator) -> SelfPreference:
        """Draw verdicts, and measure the preference for its own answers."""
        signs, own = self._comparisons(random, self.comparisons)
        odds = signs @ np.array([0.5, -0.3])
        number = np.arange(self.comparisons)
        judges = [
            units_of(name, number, (random.random(number.size) < sigmoid(odds + bias * own)).astype(np.float64))
            for name, bias in [("self", self.bias), *((f"other {place}", 0.0) for place in range(self.others))]
        ]
        return self._measured(judges, own, signs)

    def __call__(self, random: np.random.Generator) -> Mapping[str, tuple[float, float, float]]:
        """Return the interval of the excess."""
        if self.drawn:
            return self._of_drawn_weights(random)
        excess = self.draw(random).excess
        return {"excess for its own": (excess.low, self.truth(), excess.high)}

    @cache  # noqa: B019  (as above)
    def truth(self) -> float:
        """Return the excess over many draws."""
        signs, own = self._comparisons(np.random.default_rng(1), _LONG_RUN)
        odds = own * (signs @ np.array([0.5, -0.3]))
        return float((sigmoid(odds + self.bias) - sigmoid(odds)).mean())

    def _of_drawn_weights(self, random: np.random.Generator) -> Mapping[str, tuple[float, float, float]]:
        signs, own = self._comparisons(random, self.comparisons)
        *weights, bias = random.laplace(0, SETTINGS.prior_scale, 3)
        chance = sigmoid(signs @ np.array(weights) + bias * own)
        verdict = (random.random(self.comparisons) < chance).astype(np.float64)
        excess = self._measured([units_of("self", np.arange(self.comparisons), verdict)], own, signs).excess
        return {"excess for its own": (excess.low, float(sigmoid(np.array(bias))) - 0.5, excess.high)}

    @staticmethod
    def _measured(judges: list[JudgeUnits], own: FloatArray, signs: SignArray) -> SelfPreference:
        authors = Authors({"self": ("self",)}, {"self": own})
        return measure_self_preference(judges[0], judges, authors=authors, signs=signs, settings=SETTINGS)

    @staticmethod
    def _comparisons(random: np.random.Generator, number: int) -> tuple[SignArray, FloatArray]:
        own = random.choice([-1.0, 1.0], number)
        with_own = np.where(random.random(number) < 0.7, own, -own)
        signs = np.column_stack([with_own, random.choice([-1, 0, 1], number)]).astype(np.int8)
        return signs, own


DESIGNS: Final[Mapping[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]]] = {
    "annotators: 8 people, 4 on each of 200": Crowd(8, 4, 200),
    "annotators: 8 people, 4 on each of 200, one by coin": Crowd(8, 4, 200, coin=True),
    "annotators: 6 people, 2 on each of 300": Crowd(6, 2, 300),
    "annotators: 6 people, 2 on each of 300, one by coin": Crowd(6, 2, 300, coin=True),
    "self-preference: none, 400 and 2 other judges": OwnAnswers(400, 2),
    "self-preference: 0.6, 400 and 2 other judges": OwnAnswers(400, 2, bias=0.6),
    "self-preference: drawn from the prior, 800, factors held equal": OwnAnswers(800, 0, drawn=True),
}
