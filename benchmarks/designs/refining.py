"""What refining did: shifts of a factor, and chances by a target profile and a held-out judge, against the control."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.refinement import Target, assess_refining
from prefactor.factors import load_measurers
from prefactor.interventions.base import Answer, Task
from prefactor.interventions.eliciting import Spent
from prefactor.interventions.refining import Refined, RefineOptions
from prefactor.judges.base import Opinion
from prefactor.stats.special import sigmoid

MEASURERS = load_measurers(["lexical:words"])
WEIGHT = 0.8
"""Weight of length in the target profile, and of a judge's odds."""
FIRST = 5
"""Words of a first answer."""


@dataclass(frozen=True)
class Refining:
    """New answers to ``prompts`` prompts: shares that are shorter, as long, and longer, told and by the control.

    The two ways lean the same way on a prompt in a share ``alike`` of prompts.
    """

    prompts: int
    told: tuple[float, float, float] = (0.6, 0.1, 0.3)
    control: tuple[float, float, float] = (0.3, 0.3, 0.4)
    alike: float = 0.3

    def __str__(self) -> str:
        return f"refining, {self.prompts} prompts, told {self.told}, control {self.control}"

    def draw(self, random: np.random.Generator) -> FloatArray:
        """Signs of the change in length, told and control, shape (2, prompts)."""
        told = random.choice([-1, 0, 1], self.prompts, p=self.told)
        control = random.choice([-1, 0, 1], self.prompts, p=self.control)
        both = random.random(self.prompts) < self.alike
        return np.stack([told, np.where(both, told, control)]).astype(np.float64)

    def means(self, values: FloatArray) -> tuple[float, float]:
        """Means of a function of the sign, told and control, given at -1, 0 and 1."""
        told = float(values @ np.array(self.told))
        return told, self.alike * told + (1 - self.alike) * float(values @ np.array(self.control))


def simulate(random: np.random.Generator, *, refining: Refining) -> Mapping[str, tuple[float, float, float]]:
    signs = refining.draw(random)
    tasks = tuple(Task(f"Question {number}?") for number in range(refining.prompts))
    first = tuple(Answer(1, None, "tea " * FIRST) for _ in tasks)
    told, control = (tuple(Answer(2, None, "tea " * int(FIRST + sign)) for sign in row) for row in signs)
    anew = {"factors": told, "plain": control}
    refined = Refined(tasks, first, anew, Spent(), RefineOptions("M"))  # type: ignore[arg-type]
    won = random.random(signs.shape) < sigmoid(WEIGHT * signs)
    verdicts = {
        way: {number: [Opinion("ab", 0, float(not wins))] for number, wins in enumerate(row)}
        for way, row in zip(anew, won, strict=True)
    }
    target = Target("target", ("words",), np.array([WEIGHT]))
    found = assess_refining(refined, MEASURERS, target=target, verdicts=verdicts, held_out="N").ways[0]  # type: ignore[arg-type]
    steps = np.array([-1.0, 0.0, 1.0])
    shift, shift_control = refining.means(steps)
    chance, chance_control = refining.means(np.asarray(sigmoid(WEIGHT * steps)))
    estimates = {
        "shift of a factor": (found.factors[0].shift, shift),
        "shift of a factor, less control": (found.factors[0].against_control, shift - shift_control),
        "change of a score": (found.factors[0].change, shift),
        "chance by a target profile": (found.target, chance),
        "chance by a target profile, less control": (found.target_against_control, chance - chance_control),
        "chance by a held-out judge": (found.held_out, chance),
        "chance by a held-out judge, less control": (found.held_out_against_control, chance - chance_control),
    }
    return {name: (each.low, truth, each.high) for name, (each, truth) in estimates.items()}


CASES = (Refining(30), Refining(100), Refining(400), Refining(100, told=(0.9, 0.05, 0.05)))
DESIGNS: dict[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]] = {
    str(case): partial(simulate, refining=case) for case in CASES
}
