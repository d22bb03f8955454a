"""What ``prefactor align`` prints of two judges: correlations of their profiles, and differences factor by factor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import polars as pl

from designs._features import draw_signs
from prefactor._typing import FloatArray
from prefactor.analysis.alignment import AlignmentSettings, PairAlignment, align_judges
from prefactor.analysis.measurement import Scores
from prefactor.data.collector import Collector
from prefactor.data.records import Row, Verdict
from prefactor.factors.base import Factor
from prefactor.stats.correlation import kendall_tau_b, pearson, spearman
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.special import sigmoid

SETTINGS = AlignmentSettings(bootstraps=300)
SAMPLES = 300
"""Data sets over which an expectation is taken."""
MEASURES = {
    "tau_b": (kendall_tau_b, "kendall_tau_b"),
    "Spearman's correlation": (spearman, "spearman"),
    "Pearson's correlation": (pearson, "pearson"),
}


@dataclass(frozen=True)
class Judges:
    """Two judges on ``prompts`` x ``size`` comparisons of ``factors`` factors.

    Weights are Laplace, of scale ``strength``, and correlate by ``alike`` between the judges. Rows of a prompt are
    alike in their features and in a whim: what the judge weighs more or less on that prompt.
    """

    prompts: int
    size: int = 1
    factors: int = 20
    strength: float = 0.3
    alike: float = 0.7

    def __str__(self) -> str:
        rows = f"{self.prompts:,} prompts" + (f" x {self.size}" if self.size > 1 else "")
        return f"{rows}, {self.factors} factors, weights alike {self.alike}, of scale {self.strength}"

    def weights(self) -> FloatArray:
        base = np.random.default_rng(self.factors).laplace(0, self.strength, (3, self.factors))
        return np.stack([base[0], self.alike * base[0] + np.sqrt(1 - self.alike**2) * base[1]])

    def draw(self, random: np.random.Generator, prompts: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return signs (rows, factors), chances of A (2, rows) and verdicts (2, rows)."""
        clusters = np.repeat(np.arange(prompts), self.size)
        alike = 0.3 if self.size > 1 else 0.0
        signs = draw_signs(random, len(clusters), self.factors, clusters=clusters, alike=alike)
        odds = self.weights() @ signs.T
        if self.size > 1:
            whims = random.normal(0, 0.3, (2, prompts, self.factors))
            odds += np.einsum("jrf,rf->jr", whims[:, clusters], signs)
        chance = sigmoid(odds)
        return signs, chance, (random.random(chance.shape) < chance).astype(np.float64)


@cache
def true_profiles(judges: Judges) -> FloatArray:
    """tau14 of both judges, shape (2, factors), from a million comparisons and their chances."""
    random = np.random.default_rng(1)
    total = np.zeros((2, judges.factors))
    for _ in range(20):
        signs, chance, _ = judges.draw(random, 50_000 // judges.size)
        total += (2 * chance - 1) @ signs / len(signs)
    return total / 20


@cache
def expected_correlations(judges: Judges) -> dict[str, float]:
    """Return what the printed correlations stand around.

    An observed one is that of two samples of this size, noise and all: its mean over samples. The corrected one is that
    of the profiles without noise: their mean over samples, in which weights are still drawn to 0 by their prior.
    """
    random = np.random.default_rng(2)
    profiles: dict[str, list[FloatArray]] = {"tau14": [], "weights": []}
    for _ in range(SAMPLES):
        signs, _, verdicts = judges.draw(random, judges.prompts)
        profiles["tau14"].append((2 * verdicts - 1) @ signs / len(signs))
        profiles["weights"].append(fit_posterior(signs, verdicts, tie_parameter=0.0).mean)
    found = {}
    for of, each in profiles.items():
        first, second = np.stack(each, axis=1)
        for name, (measure, _) in MEASURES.items():
            found[f"{name} of {of}"] = float(measure(first, second).mean())
        found[f"corrected correlation of {of}"] = float(pearson(first.mean(axis=0), second.mean(axis=0)))
    first, second = true_profiles(judges)
    return found | {"corrected correlation of tau14": float(pearson(first, second))}


def align(random: np.random.Generator, judges: Judges, settings: AlignmentSettings = SETTINGS) -> PairAlignment:
    signs, _, verdicts = judges.draw(random, judges.prompts)
    collector = Collector()
    for number, both in enumerate(verdicts.T.tolist()):
        said = [Verdict(f"judge {judge}", won) for judge, won in enumerate(both)]
        collector.add(Row(number, f"prompt {number // judges.size}", f"{number} a", f"{number} b", said))
    dataset = collector.finish()
    text = dataset.responses.collect().sort("index")["text"]
    number = text.str.extract(r"^(\d+)").cast(pl.Int64).to_numpy()
    values = signs[number] * text.str.ends_with("a").to_numpy()[:, None]
    names = [f"factor {column}" for column in range(judges.factors)]
    factors = tuple(Factor(name, name, name, "", "", "group") for name in names)
    scores = Scores(factors, ("simulated",), pl.DataFrame(dict(zip(names, values.T, strict=True))))
    return align_judges(dataset, scores, settings=settings).pairs[0]


def simulate(random: np.random.Generator, *, judges: Judges) -> Mapping[str, tuple[float, float, float]]:
    pair, truth = align(random, judges), expected_correlations(judges)
    estimates = {
        f"{name} of {of}": getattr(profiles, field)
        for of, profiles in (("tau14", pair.tau14), ("weights", pair.weights))
        for name, (_, field) in MEASURES.items()
    }
    estimates["corrected correlation of tau14"] = pair.tau14.corrected
    estimates["corrected correlation of weights"] = pair.weights.corrected
    found = {name: (estimate.low, truth[name], estimate.high) for name, estimate in estimates.items()}
    column = int(random.integers(judges.factors))
    difference, (first, second) = pair.differences[column].difference, true_profiles(judges)
    found["difference of two judges' tau14"] = (difference.low, float((first - second)[column]), difference.high)
    return found


JUDGES = (
    Judges(60),
    Judges(300),
    Judges(1_000),
    Judges(300, strength=0.1),
    Judges(60, size=5),
)
DESIGNS: dict[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]] = {
    str(judges): partial(simulate, judges=judges) for judges in JUDGES
}
