"""The chances that ``prefactor plan`` gives by formula beside those of simulated studies: prints a Markdown table.

Run: python benchmarks/power.py [--samples 1000] [--seed 0]
"""

import argparse

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.analysis.planning import StudyDesign, power_of
from prefactor.stats.tau import Tau14, fit_tau14

STUDIES = (
    (50, 0.3, StudyDesign()),
    (100, 0.2, StudyDesign()),
    (200, 0.15, StudyDesign()),
    (500, 0.1, StudyDesign()),
    (1_000, 0.1, StudyDesign()),
    (100, 0.4, StudyDesign(tied_share=0.4)),
    (400, 0.1, StudyDesign(tied_share=0.0)),
    (25, 0.2, StudyDesign(per_prompt=8, alike=0.2)),
    (100, 0.15, StudyDesign(per_prompt=4, alike=0.3)),
    (50, 0.2, StudyDesign(per_prompt=20, alike=0.1)),
)
"""Prompts, tau14 and the rest."""


def simulate(
    random: np.random.Generator, prompts: int, effect: float, *, design: StudyDesign, samples: int
) -> tuple[FloatArray, IntArray]:
    """Return scores of studies as columns; rows of a prompt share one draw with chance sqrt(alike)."""
    shares = [(1 - design.tied_share - effect) / 2, design.tied_share, (1 - design.tied_share + effect) / 2]
    shape = (prompts, design.per_prompt, samples)
    own, common = (random.choice([-1.0, 0.0, 1.0], each, p=shares) for each in (shape, (prompts, 1, samples)))
    scores = np.where(random.random(shape) < np.sqrt(design.alike), common, own)
    return scores.reshape(-1, samples), np.repeat(np.arange(prompts), design.per_prompt)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    random = np.random.default_rng(given.seed)
    print("| prompts x comparisons | alike | tied | tau14 | seen: simulated, formula % | named | harmless |")
    print("|---|---|---|---|---|---|---|")

    def fitted(prompts: int, effect: float, design: StudyDesign) -> Tau14:
        scores, clusters = simulate(random, prompts, effect, design=design, samples=given.samples)
        return fit_tau14(np.ones(len(scores)), scores, clusters=clusters)

    for prompts, effect, design in STUDIES:
        formula = power_of(prompts * design.per_prompt, effect, design=design)
        tau, null = fitted(prompts, effect, design), fitted(prompts, 0.0, design)
        strict = design.false_discovery_rate / design.factors
        found = (
            (np.mean(tau.low > 0), formula.seen),
            (np.mean((tau.p_value <= strict) & (tau.value > 0)), formula.named),
            (np.mean(np.maximum(-null.low, null.high) <= design.smallest_effect), formula.harmless),
        )
        chances = " | ".join(f"{100 * simulated:.0f}, {100 * expected:.0f}" for simulated, expected in found)
        size = f"{prompts:,} x {design.per_prompt}"
        print(f"| {size} | {design.alike} | {design.tied_share} | {effect} | {chances} |", flush=True)


if __name__ == "__main__":
    main()
