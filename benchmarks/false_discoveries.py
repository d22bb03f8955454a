"""How often something is found where there is nothing: prefactor beside feedback-forensics on the same null data.

python benchmarks/false_discoveries.py [--data-sets 1000]

Run it with the Python of an environment that has feedback-forensics; where it is not installed, prefactor runs alone. A
data set is 1,000 comparisons with sign features of 40 traits (``sign_features.py``) and a coin for a judge; where
comparisons share a prompt, their features are alike and the coin has a weight for each prompt, but no feature moves it.
Printed is the share of analyses that name at least one trait.

prefactor: a trait is named when its verdict in ``fit_effects``, hence in ``prefactor explain``, is "prefers more" or
"prefers less". To save time the whole is run only where a trait passes the test of tau14, with which it begins.
feedback-forensics: its function ``get_binom_significance`` on the counts of agreement,
disagreement and neither (its ``compute_annotator_metrics`` gives the same on the first table of each design, which is
checked); a trait is named when p < 0.05, the rule by which its tables grey out what is not significant.
"""

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
from contenders import load, on_one_thread
from sign_features import AXES, SignFeatures

from prefactor._typing import FloatArray, IntArray
from prefactor.analysis.effects import fit_effects
from prefactor.analysis.results import Settings
from prefactor.analysis.units import JudgeUnits
from prefactor.config import (
    BOOTSTRAPS,
    FALSE_DISCOVERY_RATE,
    FOLDS,
    INTERVAL,
    PRIOR_SCALE,
    SEED,
    SMALLEST_EFFECT,
)
from prefactor.factors.base import Factor
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.special import sigmoid
from prefactor.stats.tau import fit_tau14

ROWS, TRAITS = 1_000, 40
STRONG = (0.95, 0.6, 0.4, 0.3)
PROMPT_SPREAD = 1.5
"""Sd of the prompts' log-odds, as found on the AlpacaEval logs."""


@dataclass(frozen=True)
class Design:
    """``strength`` of the correlation between traits along ``axes``; ``prompts``: None is one for every comparison."""

    name: str
    axes: tuple[float, ...] = AXES
    strength: float = 1.0
    prompts: int | None = None

    def draw(self, random: np.random.Generator) -> tuple[FloatArray, FloatArray, IntArray]:
        """Return signs, preferences and prompts of one null data set."""
        traits = SignFeatures.make(TRAITS, SEED, axes=self.axes, strength=self.strength)
        if self.prompts is None:
            labels = random.random(ROWS) < 0.5
            return traits.draw(ROWS, random), labels.astype(np.float64), np.arange(ROWS)
        prompt = np.arange(ROWS) % self.prompts
        chance = sigmoid(random.normal(0, PROMPT_SPREAD, self.prompts))[prompt]
        signs = traits.draw(ROWS, random, prompts=self.prompts, alike=0.5)
        return signs, (random.random(ROWS) < chance).astype(np.float64), prompt


DESIGNS = (
    Design("independent traits", strength=0.0),
    Design("correlated as real ones (mean size of correlations 0.12)"),
    Design("strongly correlated (0.17)", axes=STRONG),
    Design("as real ones, 200 prompts of 5", prompts=200),
    Design("as real ones, 50 prompts of 20", prompts=50),
)


def settings() -> Settings:
    """Return the settings of ``prefactor explain``."""
    return Settings(
        interval=INTERVAL,
        prior="Laplace",
        prior_scale=PRIOR_SCALE,
        bootstraps=BOOTSTRAPS,
        folds=FOLDS,
        seed=SEED,
        smallest_effect=SMALLEST_EFFECT,
        false_discovery_rate=FALSE_DISCOVERY_RATE,
        judges=(),
        by=(),
        factors=(),
        excerpt=0,
        version="",
    )


def may_be_named(signs: FloatArray, labels: FloatArray, prompts: IntArray) -> bool:
    """Return whether a trait passes the test of tau14, which does not depend on bootstraps: no other is ever named."""
    tau = fit_tau14(labels, signs, clusters=prompts, bootstraps=1)
    return bool((benjamini_hochberg(tau.p_value) <= FALSE_DISCOVERY_RATE).any())


def named_by_prefactor(signs: FloatArray, labels: FloatArray, prompts: IntArray) -> int:
    """Return how many traits are said to be preferred."""
    if not may_be_named(signs, labels, prompts):
        return 0
    count = len(labels)
    none, nothing = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.int64)
    units = JudgeUnits(
        judge="coin",
        kind="llm",
        comparison=np.arange(count),
        prompt=prompts,
        preference=labels,
        missing=none,
        weight=np.ones(count),
        both_orders=none,
        inconsistent=none,
        first_preferred=nothing,
        ordered=nothing,
    )
    factors = [Factor(f"t{number}", "trait", "trait", "a trait", "", "traits") for number in range(signs.shape[1])]
    effects = fit_effects(units, signs, factors=factors, settings=settings()).effects
    return sum(effect.verdict in {"prefers more", "prefers less"} for effect in effects)


def run(design: Design, package: Any, data_sets: int) -> str:
    """Return one row of the table; ``package`` is feedback-forensics, or None."""
    random = np.random.default_rng([SEED, DESIGNS.index(design)])
    ours, theirs = [], []
    for number in range(data_sets):
        signs, labels, prompts = design.draw(random)
        ours.append(named_by_prefactor(signs, labels, prompts))
        if package is not None:
            found = package.p_values(signs, labels)
            if number == 0 and not np.allclose(found, package.table_p_values(signs, labels)):
                raise SystemExit("feedback-forensics' table does not show the p-values of its test")
            theirs.append(int(np.count_nonzero(found < package.SIGNIFICANT)))
    cells = [design.name, share(ours), share(theirs) if theirs else "", f"{np.mean(theirs):.1f}" if theirs else ""]
    return f"| {' | '.join(cells)} |"


def share(named: list[int]) -> str:
    """Return the share of analyses that named something, with its Monte-Carlo error."""
    found = float(np.mean(np.array(named) > 0))
    return f"{100 * found:.1f} ± {100 * np.sqrt(found * (1 - found) / len(named)):.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-sets", type=int, default=1_000)
    data_sets = parser.parse_args().data_sets
    on_one_thread()
    package, versions = load("feedback_forensics_test", "feedback-forensics")
    if package is not None:
        print(f"{versions}\n")
    print(f"Share of {data_sets:,} analyses of null data ({ROWS:,} comparisons, {TRAITS} traits) that name a trait.\n")
    print("| null data | prefactor | feedback-forensics | traits that it marks, of 40 |")
    print("|---|---|---|---|")
    for design in DESIGNS:
        print(run(design, package, data_sets), flush=True)


if __name__ == "__main__":
    main()
