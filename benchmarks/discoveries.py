"""False discoveries: how often factors are named that move nothing, by ``explain`` and by ``align``; prints tables.

Factors go together as real ones do. A factor is null where its tau14 is 0 in the population, which is what the test of
tau14 is about: where some factors are real, the null ones go together with one another and with none of those.

Run: python benchmarks/discoveries.py [--samples 1000] [--seed 0]
"""

import argparse
from dataclasses import dataclass

import numpy as np
from designs._features import draw_signs
from designs.alignment import Judges, align

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.alignment import AlignmentSettings
from prefactor.config import FALSE_DISCOVERY_RATE
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.special import sigmoid
from prefactor.stats.tau import fit_tau14

FACTORS = 35
REAL = 8


@dataclass(frozen=True)
class Verdicts:
    """``prompts`` x ``size`` strict verdicts.

    Rows of a prompt are alike in their features, and in a whim: what the judge weighs more or less on that prompt.
    """

    prompts: int
    size: int = 1

    def __str__(self) -> str:
        return f"{self.prompts:,} prompts" + (f" x {self.size}" if self.size > 1 else "")

    @property
    def clusters(self) -> IntArray:
        return np.repeat(np.arange(self.prompts), self.size)

    def draw(self, random: np.random.Generator, real: int) -> tuple[FloatArray, FloatArray]:
        """Return features (rows, FACTORS), the real ones first, and preferences (rows,)."""
        clusters, alike = self.clusters, 0.3 if self.size > 1 else 0.0
        blocks = [
            draw_signs(random, len(clusters), count, clusters=clusters, alike=alike) for count in (real, FACTORS - real)
        ]
        odds = blocks[0] @ np.resize([0.6, -0.4, 0.3, 0.2], real)
        whims = random.normal(0, 0.3, (self.prompts, FACTORS)) if self.size > 1 else np.zeros((self.prompts, FACTORS))
        features = np.hstack(blocks)
        odds += (whims[clusters] * features).sum(axis=1)
        return features, (random.random(len(odds)) < sigmoid(odds)).astype(np.float64)


DESIGNS = (Verdicts(30), Verdicts(100), Verdicts(400), Verdicts(2_000), Verdicts(20, 10), Verdicts(100, 5))


def name_factors(features: FloatArray, preference: FloatArray, clusters: IntArray) -> BoolArray:
    """Which factors ``explain`` would say are preferred: adjusted p-value and interval both say so."""
    tau = fit_tau14(preference, features, clusters=clusters)
    beyond = (tau.low > 0) | (tau.high < 0)
    return np.asarray((benjamini_hochberg(tau.p_value) <= FALSE_DISCOVERY_RATE) & beyond)


def explain_rates(verdicts: Verdicts, real: int, *, samples: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return the false discovery proportion, and the share of the real factors that are named, of every data set."""
    false, found = np.zeros((2, samples))
    for number in range(samples):
        random = np.random.default_rng([seed, verdicts.prompts, verdicts.size, real, number])
        named = name_factors(*verdicts.draw(random, real), verdicts.clusters)
        false[number] = named[real:].sum() / max(named.sum(), 1)
        found[number] = named[:real].mean() if real else np.nan
    return false, found


def align_rates(judges: Judges, *, samples: int, seed: int) -> FloatArray:
    """Whether two judges of one taste are said to part anywhere, of every data set."""
    told = np.zeros(samples)
    for number in range(samples):
        pair = align(np.random.default_rng([seed, judges.prompts, number]), judges, AlignmentSettings(bootstraps=2))
        told[number] = any(each.verdict.startswith("leans") for each in pair.differences)
    return told


def percent(values: FloatArray) -> str:
    return f"{100 * values.mean():.1f} ± {100 * values.std() / np.sqrt(len(values)):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(f"| explain, {FACTORS} factors | all null: names any % | {REAL} real: false discoveries % | real named % |")
    print("|---|---|---|---|")
    for verdicts in DESIGNS:
        null, _ = explain_rates(verdicts, 0, samples=given.samples, seed=given.seed)
        mixed, power = explain_rates(verdicts, REAL, samples=given.samples, seed=given.seed)
        print(f"| {verdicts} | {percent(null)} | {percent(mixed)} | {percent(power)} |", flush=True)
    print(f"\n| align, {FACTORS} factors, two judges of one taste | says they part anywhere % |\n|---|---|")
    for judges in (Judges(100, factors=FACTORS, alike=1.0), Judges(60, size=5, factors=FACTORS, alike=1.0)):
        print(f"| {judges} | {percent(align_rates(judges, samples=given.samples, seed=given.seed))} |", flush=True)


if __name__ == "__main__":
    main()
