"""The generation-evaluation gap, the two alignments that it is the difference of, and what each factor adds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import polars as pl

from prefactor._typing import FloatArray
from prefactor.analysis.alignment import AlignmentSettings, align_gap
from prefactor.analysis.alignment.gap_results import GapTable
from prefactor.analysis.alignment.roles import Roles
from prefactor.analysis.measurement import Scores
from prefactor.data.collector import Collector
from prefactor.data.records import Row, Verdict
from prefactor.factors.base import Factor
from prefactor.stats.gap import ProfileTriple, fit_gap

SETTINGS = AlignmentSettings(bootstraps=300)
ROLES = Roles("people", "M", "M when generating")
LEVELS = 5
PUSHED = (0, 1)
"""Factors on which the model writes otherwise than it judges."""


@dataclass(frozen=True)
class Writer:
    """People and a model that judge ``pairs`` comparisons, ``size`` of a prompt, and write for ``prompts`` prompts.

    Weights of people are Laplace, of scale 0.3; the model judges by nearly the same ones, and writes by those it judges
    by, but for two factors, which it pushes up and down by ``push``.
    """

    pairs: int
    prompts: int
    size: int = 1
    factors: int = 12
    push: float = 1.5

    def __str__(self) -> str:
        rows = f"{self.pairs:,} pairs" + (f", {self.size} a prompt" if self.size > 1 else "")
        return f"{rows}, {self.prompts:,} prompts written for, {self.factors} factors, pushed by {self.push}"

    def weights(self) -> FloatArray:
        """Weights of people, the judging and the writing model, shape (3, factors)."""
        random = np.random.default_rng(self.factors)
        people = random.laplace(0, 0.3, self.factors)
        judges = 0.9 * people + random.laplace(0, 0.1, self.factors)
        writes = judges.copy()
        writes[list(PUSHED)] += [self.push, -0.7 * self.push]
        return np.stack([people, judges, writes])

    def judged(self, random: np.random.Generator, pairs: int) -> tuple[FloatArray, FloatArray]:
        """Return values (pairs, 2, factors) and who prefers A (2, pairs)."""
        values = random.normal(0, 1, (pairs, 2, self.factors))
        values += np.repeat(random.normal(0, 0.5, (-(-pairs // self.size), 1, self.factors)), self.size, axis=0)[:pairs]
        odds = self.weights()[:2] @ (values[:, 0] - values[:, 1]).T
        return values, random.random(odds.shape) < 1 / (1 + np.exp(-odds))

    def written(self, random: np.random.Generator, prompts: int) -> FloatArray:
        """Return values of every level's answer, shape (prompts, levels, factors), lowest level first."""
        values = random.normal(0, 1, (prompts, LEVELS, self.factors))
        liked = values @ self.weights()[2] + random.gumbel(0, 1, (prompts, LEVELS))
        return np.take_along_axis(values, np.argsort(liked, axis=1)[:, :, None], axis=1)


@cache
def true_profiles(writer: Writer) -> FloatArray:
    """tau14 of people, judging and writing, shape (3, factors), from some hundred thousand comparisons."""
    random = np.random.default_rng(1)
    total = np.zeros((3, writer.factors))
    for _ in range(20):
        values, preferred = writer.judged(random, 20_000)
        signs = np.sign(values[:, 0] - values[:, 1])
        total[:2] += (2 * preferred - 1) @ signs / len(signs)
        levels = writer.written(random, 4_000)
        pairs = [(low, high) for high in range(LEVELS) for low in range(high)]
        total[2] += np.mean([np.sign(levels[:, high] - levels[:, low]).mean(axis=0) for low, high in pairs], axis=0)
    return total / 20


@cache
def truth(writer: Writer) -> tuple[float, float, FloatArray]:
    """Return the alignment of judging and of writing with people, and what each factor adds to their difference."""
    profiles = true_profiles(writer)
    found = fit_gap(ProfileTriple(*profiles, drawn=np.repeat(profiles[:, None], 2, axis=1)))
    return found.first.value, found.second.value, np.array([each.value.value for each in found.contributions])


def draw_table(random: np.random.Generator, writer: Writer, settings: AlignmentSettings = SETTINGS) -> GapTable:
    """Simulate the three, and put them side by side."""
    collector, scores = Collector(), []
    values, preferred = writer.judged(random, writer.pairs)
    for number, both in enumerate(preferred.T):
        said = [Verdict(judge, float(won), kind="human" if judge == "people" else "llm")
                for judge, won in zip(ROLES_JUDGING, both, strict=True)]  # fmt: skip
        collector.add(Row(number, f"asked {number // writer.size}", str(len(scores)), str(len(scores) + 1), said))
        scores += [*values[number]]
    for number, answers in enumerate(writer.written(random, writer.prompts)):
        start = len(scores)
        scores += [*answers]
        for high in range(LEVELS):
            for low in range(high):
                turned = bool(random.integers(2))
                sides = (low, high) if turned else (high, low)
                said = [Verdict(ROLES.generates, float(not turned), kind="llm")]
                collector.add(Row(0, f"written for {number}", *(str(start + side) for side in sides), said))
    dataset = collector.finish()
    order = dataset.responses.collect().sort("index")["text"].cast(pl.Int64).to_numpy()
    names = [f"factor {column}" for column in range(writer.factors)]
    factors = tuple(Factor(name, name, name, "", "", "group") for name in names)
    table = pl.DataFrame(dict(zip(names, np.array(scores)[order].T, strict=True)))
    return align_gap(dataset, Scores(factors, ("simulated",), table), roles=ROLES, settings=settings).tables[0]


ROLES_JUDGING = (ROLES.human, ROLES.evaluates)


def simulate(random: np.random.Generator, *, writer: Writer) -> Mapping[str, tuple[float, float, float]]:
    table = draw_table(random, writer)
    first, second, parts = truth(writer)
    known = {
        "generation-evaluation gap": (table.gap.gap, first - second),
        "alignment when evaluating, noise taken out": (table.gap.first, first),
        "alignment when generating, noise taken out": (table.gap.second, second),
    }
    apart = true_profiles(writer)[1] - true_profiles(writer)[2]
    for kind, columns in (("pushed", PUSHED), ("other", range(len(PUSHED), writer.factors))):
        column = int(random.choice(columns))
        factor = next(each for each in table.factors if each.factor == f"factor {column}")
        known[f"contribution of a factor, {kind}"] = (factor.contribution, float(parts[column]))
        known[f"difference of tau14 of a factor, {kind}"] = (factor.difference, float(apart[column]))
    return {name: (estimate.low, true, estimate.high) for name, (estimate, true) in known.items()}


WRITERS = (
    Writer(150, 40),
    Writer(400, 100),
    Writer(1_500, 300),
    Writer(400, 100, size=4),
    Writer(400, 100, factors=35),
    Writer(400, 100, push=0.0),
)
DESIGNS: dict[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]] = {
    f"gap, {writer}": partial(simulate, writer=writer) for writer in WRITERS
}
