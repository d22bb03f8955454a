"""Coverage of what an alignment says within slices, and of the similarity to published judges.

The truth of an observed correlation is its expectation at the size at hand, that of a corrected one the correlation of
the expected profiles; both are found once by simulating data sets without resampling any.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.analysis.alignment import AlignmentSettings
from prefactor.analysis.alignment.likeness import PairProfiles, draw_profiles
from prefactor.analysis.alignment.rows import PairRows
from prefactor.analysis.published import liken_to_published
from prefactor.analysis.reference import load_published_profiles, nearest_published_judges
from prefactor.analysis.units import JudgeUnits
from prefactor.factors.base import Factor
from prefactor.stats.correlation import kendall_tau_b, pearson
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.resampling import ClusterDraws
from prefactor.stats.sliced import average_correlations

Intervals = Mapping[str, tuple[float, float, float]]

_FACTORS, _PER_PROMPT, _TRUTHS = 12, 2, 300
_SETTINGS = AlignmentSettings(bootstraps=300)


@dataclass(frozen=True)
class Sliced:
    """Two judges whose tastes are partly the same, and differ from slice to slice.

    Parameters
    ----------
    slices, rows
        Slices, and comparisons of each.
    crossed
        Whether a prompt has a comparison in every slice, or all its comparisons in one.
    shared
        Share of the judges' tastes that is common to both.
    """

    slices: int
    rows: int
    crossed: bool = False
    shared: float = 0.6

    def tastes(self) -> FloatArray:
        """Weights of both judges in every slice, shape (2, slices, factors)."""
        random = np.random.default_rng(1)
        shape = (self.slices, _FACTORS)
        common = random.normal(0, np.sqrt(self.shared), shape) + random.normal(0, 0.3, _FACTORS)
        return 0.5 * np.stack([common + random.normal(0, np.sqrt(1 - self.shared), shape) for _ in range(2)])

    def draw(self, random: np.random.Generator) -> tuple[PairRows, FloatArray, IntArray]:
        """Comparisons, their sign features, and the slice of each."""
        total = self.slices * self.rows
        place = np.tile(np.arange(self.slices), self.rows) if self.crossed else np.arange(total) // self.rows
        prompt = np.arange(total) // (self.slices if self.crossed else _PER_PROMPT)
        shared = random.normal(size=(total, 1))
        signs = np.sign(np.round(random.normal(size=(total, _FACTORS)) + 0.6 * shared, 0))
        # What a prompt has of its own, beside the factors, makes its comparisons alike.
        own = random.normal(0, 0.4, (2, prompt.max() + 1))[:, prompt]
        odds = np.einsum("nd,jnd->jn", signs, self.tastes()[:, place]) + own
        chosen = (random.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(np.float64)
        return PairRows("one", "two", np.arange(total), prompt, chosen, np.ones(total)), signs, place

    def profiles(self, random: np.random.Generator, bootstraps: int) -> list[PairProfiles]:
        """Profiles of both judges in every slice, all from the same resamples."""
        rows, signs, place = self.draw(random)
        draws = ClusterDraws.of(rows.prompt, bootstraps=bootstraps, seed=int(random.integers(2**31)))
        return [
            draw_profiles(rows.only(place == each), signs[place == each], draws=draws, settings=_SETTINGS)
            for each in range(self.slices)
        ]

    def __call__(self, random: np.random.Generator) -> Intervals:
        """Intervals of one data set with their truths."""
        parts, truths = self.profiles(random, _SETTINGS.bootstraps), _truths(self)
        found = {}
        for name in ("tau14", "weights"):
            averaged = average_correlations([getattr(part, name) for part in parts])
            for measure in ("pearson", "kendall_tau_b", "corrected"):
                estimate = getattr(averaged, measure)
                if not np.isnan(estimate.low):
                    found[f"{name}, {measure}"] = (estimate.low, truths[f"{name}, {measure}"], estimate.high)
        return found


@cache
def _truths(design: Sliced) -> Mapping[str, float]:
    random = np.random.default_rng(2)
    found: dict[str, float] = {}
    runs = [design.profiles(random, bootstraps=2) for _ in range(_TRUTHS)]
    for name in ("tau14", "weights"):
        of_runs = [[getattr(part, name) for part in run] for run in runs]
        for measure in (pearson, kendall_tau_b):
            values = [np.mean([measure(part.first, part.second) for part in run]) for run in of_runs]
            found[f"{name}, {measure.__name__}"] = float(np.mean(values))
        profiles = np.array([[(part.first, part.second) for part in run] for run in of_runs])
        expected = profiles.mean(axis=0)
        centred = expected - expected.mean(axis=2, keepdims=True)
        found[f"{name}, corrected"] = float(pearson(centred[:, 0].ravel(), centred[:, 1].ravel()))
    return found


@dataclass(frozen=True)
class Published:
    """A judge with the weights of a published one, on so many comparisons, two of each prompt."""

    judge: str
    rows: int

    def draw(self, random: np.random.Generator) -> tuple[JudgeUnits, FloatArray]:
        """Units of the judge and their sign features."""
        published = load_published_profiles()
        weights = 2 * published.of(self.judge)[: len(published.scenarios)].mean(axis=0)
        signs = random.integers(-1, 2, (self.rows, weights.size)).astype(np.float64)
        preference = (random.random(self.rows) < 1 / (1 + np.exp(-signs @ weights))).astype(np.float64)
        place, no = np.arange(self.rows), np.zeros(self.rows, dtype=np.bool_)
        none = np.zeros(self.rows, dtype=np.int64)
        units = JudgeUnits(
            *("judge", "unknown", place, place // 2, preference, no, np.ones(self.rows), no, no, none, none)
        )
        return units, signs

    def __call__(self, random: np.random.Generator) -> Intervals:
        """Interval of the similarity to the published judge."""
        units, signs = self.draw(random)
        factors = [Factor(name, name, name, "", "", "") for name in load_published_profiles().factors]
        seed = int(random.integers(2**31))
        (found,) = liken_to_published([units], signs.astype(np.int8), factors=factors, bootstraps=300, seed=seed)
        near = {each.judge: each.similarity for each in found.near}
        if self.judge not in near:
            return {}
        return {"similarity": (near[self.judge].low, _expected_similarity(self), near[self.judge].high)}


@cache
def _expected_similarity(design: Published) -> float:
    random, values = np.random.default_rng(3), []
    for _ in range(_TRUTHS):
        units, signs = design.draw(random)
        near = nearest_published_judges(fit_posterior(signs, units.preference).mean, count=33)
        values += [each.similarity.value for each in near if each.judge == design.judge]
    return float(np.mean(values))


DESIGNS: dict[str, Callable[[np.random.Generator], Intervals]] = {
    "alignment within 4 slices of 150": Sliced(4, 150),
    "alignment within 8 slices of 40": Sliced(8, 40),
    "alignment within 3 slices of 100, prompts in all": Sliced(3, 100, crossed=True),
    "published judge, 600 comparisons": Published("gpt-4-1106-preview", 600),
}
