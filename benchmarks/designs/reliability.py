"""Factors measured with error: reliability from repeats or people, and effects as measured and corrected.

A measurement is right with the probability sqrt(reliability), and otherwise what it would be of another comparison.
With halo one lapse takes all factors at once, from the same other comparison.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from designs._features import draw_signs
from prefactor._typing import BoolArray, FloatArray
from prefactor.analysis.measuring_results import ENOUGH_DIFFERING, UNUSABLE
from prefactor.stats.measurement_error import calibrate, correct_means, correct_weights
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import make_prior
from prefactor.stats.reliability import concordance
from prefactor.stats.repeats import SignReliability, measure_repeats, measure_truth
from prefactor.stats.special import normal_quantile, sigmoid
from prefactor.stats.tau import fit_tau14

Found = Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Measuring:
    """A study of ``rows`` comparisons with ``factors`` factors, ``repeated`` of them measured twice.

    Weights are drawn from a Laplace distribution of the scale ``strength``. ``lapse`` is "alone", "halo" (factors lapse
    together) or "uneven" (reliabilities spread by 0.2 either way).
    """

    reliability: float
    factors: int
    rows: int
    repeated: int
    strength: float = 0.3
    lapse: str = "alone"
    prompts: int = 1

    def __str__(self) -> str:
        kind = "" if self.lapse == "alone" else f", {self.lapse}"
        size = f", {self.prompts} a prompt" if self.prompts > 1 else ""
        return (
            f"reliability {self.reliability}{kind}, {self.factors} factors, {self.rows:,} comparisons{size}, "
            f"{self.repeated} measured twice, weights Laplace({self.strength})"
        )

    @property
    def reliabilities(self) -> FloatArray:
        spread = 0.2 if self.lapse == "uneven" else 0.0
        return np.clip(self.reliability + np.linspace(-spread, spread, self.factors), 0.05, 0.97)

    def measure(self, random: np.random.Generator, true: FloatArray) -> FloatArray:
        """Measure true features once."""
        pool = _pool(self.factors)
        shape = (len(true), 1 if self.lapse == "halo" else self.factors)
        kept = random.random(shape) < np.sqrt(self.reliabilities)
        other = random.integers(len(pool), size=shape)
        return np.where(kept, true, pool[other, np.arange(self.factors)])


@cache
def _pool(factors: int) -> FloatArray:
    drawn = draw_signs(np.random.default_rng(7), 10_000, factors)
    return np.concatenate([drawn, -drawn])


def simulate(random: np.random.Generator, *, study: Measuring) -> Found:
    pool, prior = _pool(study.factors), make_prior("Laplace", study.strength)
    weights = random.laplace(0, study.strength, study.factors)
    place = random.integers(len(pool), size=study.rows)
    true, clusters = pool[place], np.arange(study.rows) // study.prompts
    measured, again = study.measure(random, true), study.measure(random, true)
    won = (random.random(study.rows) < sigmoid(true @ weights)).astype(np.float64)
    some = slice(0, study.repeated)
    repeats = measure_repeats(measured[some], again[some], clusters=clusters[some])
    people = measure_truth(measured[some], true[some], clusters=clusters[some])
    tau = fit_tau14(won, measured, clusters=clusters)
    tau14 = np.stack([tau.value, tau.low, tau.high])
    truth = ((2 * sigmoid(pool @ weights) - 1)[:, None] * pool).mean(axis=0)
    # The first factor stands for all; the strongest, which attenuation harms most, is no fair draw from the prior.
    strong = int(np.argmax(np.abs(truth)))
    corrected = np.where(_usable(repeats), correct_means(tau14, repeats.slope), np.nan)
    plain = fit_posterior(measured, won, prior=prior)
    found = {
        "reliability, repeats": _ends(repeats.reliability, 0, study.reliabilities[0]),
        "reliability, people": _ends(people.reliability, 0, study.reliabilities[0]),
        "tau14 as measured, strongest": _ends(tau14, strong, truth[strong]),
        "tau14 corrected, strongest": _ends(corrected, strong, truth[strong]),
        "tau14 as measured": _ends(tau14, 0, truth[0]),
        "tau14 corrected": _ends(corrected, 0, truth[0]),
        "weight as measured": (float(plain.low[0]), weights[0], float(plain.high[0])),
    }
    for name, reliability in (("repeats", repeats), ("people", people)):
        usable = _usable(reliability)
        calibration = calibrate(measured, _exact_unless(usable, reliability))
        fitted = correct_weights(measured, won, calibration=calibration, clusters=clusters, prior=prior)
        ends = fitted.low[0], weights[0], fitted.high[0]
        found[f"weight corrected by {name}"] = (*map(float, ends),) if usable[0] else (np.nan,) * 3
    return found


def _usable(reliability: SignReliability) -> BoolArray:
    """Factors that ``explain`` corrects."""
    return np.asarray((reliability.reliability[0] >= UNUSABLE) & (reliability.differing >= ENOUGH_DIFFERING))


def _exact_unless(usable: BoolArray, reliability: SignReliability) -> SignReliability:
    both = np.outer(usable, usable)
    return replace(
        reliability,
        reliability=np.where(usable, reliability.reliability, 1.0),
        slope=np.where(usable, reliability.slope, 1.0),
        halo=np.where(both, reliability.halo, np.eye(len(both))),
        halo_error=np.where(both, reliability.halo_error, 0.0),
    )


def _ends(rows: FloatArray, factor: int, truth: float) -> tuple[float, float, float]:
    return float(rows[1, factor]), float(truth), float(rows[2, factor])


STUDIES = (
    Measuring(0.5, 3, 1_000, 100),
    Measuring(0.5, 5, 2_000, 300),
    Measuring(0.7, 3, 200, 50),
    Measuring(0.7, 5, 1_000, 100),
    Measuring(0.7, 8, 2_000, 50),
    Measuring(0.7, 8, 2_000, 300),
    Measuring(0.7, 8, 2_000, 300, lapse="halo"),
    Measuring(0.7, 8, 2_000, 100, lapse="halo"),
    Measuring(0.7, 8, 2_000, 200, lapse="uneven"),
    Measuring(0.7, 5, 2_000, 300, prompts=4),
    Measuring(0.85, 5, 500, 100),
    Measuring(0.95, 8, 2_000, 100),
    Measuring(0.7, 5, 2_000, 300, strength=1.0),
    Measuring(0.5, 5, 2_000, 300, strength=0.1),
)


@dataclass(frozen=True)
class Levels:
    """``answers`` answers on levels 0 to 3, two a prompt, scored twice, each time right with a chance of ``kept``."""

    answers: int
    kept: float
    skewed: bool = False

    def __str__(self) -> str:
        kind = ", mostly 0" if self.skewed else ""
        return f"{self.answers} answers scored twice{kind}, right in {self.kept:.0%}"

    def score(self, random: np.random.Generator, true: FloatArray) -> FloatArray:
        drawn = np.where(random.random(len(true)) < self.kept, true, self.draw(random, len(true)))
        return np.asarray(drawn, dtype=np.float64)

    def draw(self, random: np.random.Generator, count: int) -> FloatArray:
        chances = (0.7, 0.15, 0.1, 0.05) if self.skewed else (0.25,) * 4
        return random.choice(4, p=chances, size=count).astype(np.float64)


def simulate_levels(random: np.random.Generator, *, levels: Levels) -> Found:
    true = levels.draw(random, levels.answers)
    one, two = levels.score(random, true), levels.score(random, true)
    found = concordance(one, two, clusters=np.arange(levels.answers) // 2)
    return {"agreement of scores beyond chance": (found.low, levels.kept**2, found.high)}


def simulate_halo(random: np.random.Generator, *, study: Measuring) -> Found:
    pool = _pool(study.factors)
    true = pool[random.integers(len(pool), size=study.repeated)]
    one, two = study.measure(random, true), study.measure(random, true)
    found = measure_repeats(one, two, clusters=np.arange(study.repeated))
    value, half = found.halo[0, 1], normal_quantile(0.95) * found.halo_error[0, 1]
    return {"halo": (float(value - half), _true_halo(study), float(value + half))}


@cache
def _true_halo(study: Measuring) -> float:
    random, pool = np.random.default_rng(1), _pool(study.factors)
    true = pool[random.integers(len(pool), size=1_000_000)]
    apart = study.measure(random, true) - study.measure(random, true)
    return float(apart[:, 0] @ apart[:, 1] / np.sqrt((apart[:, 0] @ apart[:, 0]) * (apart[:, 1] @ apart[:, 1])))


LEVELS = (Levels(60, 0.7), Levels(200, 0.9), Levels(200, 0.97), Levels(200, 0.9, skewed=True), Levels(600, 0.8))
HALOS = (
    Measuring(0.7, 3, 1, 50),
    Measuring(0.7, 3, 1, 50, lapse="halo"),
    Measuring(0.7, 3, 1, 300, lapse="halo"),
    Measuring(0.95, 3, 1, 100),
)
DESIGNS: dict[str, Callable[[np.random.Generator], Found]] = {
    str(study): partial(simulate, study=study) for study in STUDIES
}
DESIGNS |= {str(levels): partial(simulate_levels, levels=levels) for levels in LEVELS}
for _study in HALOS:
    _name = f"halo, {_study.repeated} measured twice, reliability {_study.reliability}, lapses {_study.lapse}"
    DESIGNS[_name] = partial(simulate_halo, study=_study)
