"""Models on prompts against a baseline, and one model in two versions that differ in a factor, with a known truth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.special import sigmoid
from prefactor.stats.versions import Version, fit_versions, predict_rate
from prefactor.stats.winrates import BASELINE, Matches

Found = Mapping[str, tuple[float, float, float]]
SLOPES = np.array([1.2, 0.4, 0.0])


@dataclass(frozen=True)
class Lab:
    """Models to learn from, and a model in two versions that differ by ``shift`` in the first factor.

    ``spread`` is the standard deviation of the multiplier of a model's slopes; ``wins`` whether outcomes are 0 or 1, or
    chances as a judge's probabilities are.
    """

    models: int
    prompts: int
    shift: float
    level: float = -1.0
    spread: float = 0.2
    prompt_sd: float = 1.0
    wins: bool = True

    def __str__(self) -> str:
        outcomes = "wins" if self.wins else "probabilities"
        return (
            f"{self.models} models, {self.prompts:,} prompts of sd {self.prompt_sd}, {outcomes}, level {self.level}, "
            f"shift {self.shift}, multipliers of sd {self.spread}"
        )

    def draw(self, random: np.random.Generator) -> tuple[Matches, Version, Version]:
        effect = random.normal(0, self.prompt_sd, self.prompts)
        prompts = np.arange(self.prompts)
        rows: list[tuple[FloatArray, FloatArray, IntArray]] = []
        for number, level in enumerate(random.normal(-1.0, 1.0, self.models)):
            difference = random.normal(0.3 * level, 1.0, (self.prompts, 3))
            rows.append((difference, self._outcome(random, level, difference, effect), np.full(self.prompts, number)))
        differences, outcomes, ahead = (np.concatenate(part) for part in zip(*rows, strict=True))
        matches = Matches(ahead, np.full_like(ahead, BASELINE), outcomes, differences, np.tile(prompts, self.models))
        multiplier = random.normal(1, self.spread)
        old = random.normal(0.0, 1.0, (self.prompts, 3))
        new = old + np.array([self.shift, 0.0, 0.0])
        versions = [
            Version(
                each,
                prompts,
                np.full_like(prompts, BASELINE),
                self._outcome(random, self.level, each, effect, multiplier),
            )
            for each in (old, new)
        ]
        return matches, versions[0], versions[1]

    def _outcome(
        self,
        random: np.random.Generator,
        level: float,
        difference: FloatArray,
        effect: FloatArray,
        multiplier: float | None = None,
    ) -> FloatArray:
        own = random.normal(1, self.spread) if multiplier is None else multiplier
        chance = sigmoid(level + effect + own * np.tanh(difference) @ SLOPES)
        if self.wins:
            return (random.random(len(chance)) < chance).astype(np.float64)
        return np.asarray(sigmoid(np.log(chance / (1 - chance)) + random.normal(0, 1.0, len(chance))))


def predicted(random: np.random.Generator, lab: Lab) -> Found:
    """Predict the changed version, and look what is recorded of it."""
    matches, base, variant = lab.draw(random)
    found = predict_rate(fit_versions(matches), base, variant=variant)
    assert variant.outcome is not None
    recorded = float(variant.outcome.mean())
    return {"recorded win rate": (found.predicted.low, recorded, found.predicted.high)}
