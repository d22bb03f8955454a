"""Planting known weights in one judge's comparisons, and shuffling its labels, and fitting what comes out.

Many simulations share one set of features and are fitted together; :mod:`prefactor.analysis.validation` sums them up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import nan
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction, check_known
from prefactor.analysis.effects import collinear_pairs
from prefactor.analysis.units import JudgeUnits
from prefactor.analysis.verdicts import HARMLESS, Evidence, decide, named_sign
from prefactor.config import (
    FALSE_DISCOVERY_RATE,
    INTERVAL,
    MINIMUM_COMPARISONS,
    PRIOR_SCALE,
    SEED,
    SMALLEST_EFFECT,
)
from prefactor.data.preference import TIE
from prefactor.errors import FitError, SettingError
from prefactor.factors.base import Factor
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.single import fit_single
from prefactor.stats.special import sigmoid
from prefactor.stats.tau import fit_tau14

__all__ = ["OFTEN", "PLANTED_WEIGHTS", "Bench", "Job", "Runs", "Trials"]

OFTEN: Final = 0.5
"""Share of comparisons in which a factor differs from which weights are planted on it unasked."""

PLANTED_WEIGHTS: Final = (0.25, 0.5, 1.0)
"""Log-odds planted by default: 56, 62 and 73 % for the response with more."""

_TOGETHER: Final = 3
_APART: Final = 0.3
_LEAST_SIMULATIONS: Final = 20
_MOST_TOGETHER: Final = 20
_CELLS: Final = 4_000_000
_LARGEST_WEIGHT: Final = 5.0


@dataclass(frozen=True, slots=True)
class Trials:
    """What is simulated.

    Parameters
    ----------
    simulations
        For every size of weight, for weights drawn from the prior, and for shuffled labels; at least 20.
    weights
        Sizes to plant, log-odds in (0, 5].
    planted_on
        Names of factors to plant on; by default all that differ in half of the comparisons.
    interval, prior_scale, smallest_effect, false_discovery_rate, seed
        As in ``explain``.
    """

    simulations: int = 200
    weights: tuple[float, ...] = PLANTED_WEIGHTS
    planted_on: tuple[str, ...] = ()
    interval: float = INTERVAL
    prior_scale: float = PRIOR_SCALE
    smallest_effect: float = SMALLEST_EFFECT
    false_discovery_rate: float = FALSE_DISCOVERY_RATE
    seed: int = SEED

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        check_fraction("smallest_effect", self.smallest_effect)
        check_fraction("false_discovery_rate", self.false_discovery_rate)
        if self.simulations < _LEAST_SIMULATIONS:
            raise SettingError("simulations", expected=f"at least {_LEAST_SIMULATIONS}", got=self.simulations)
        for weight in self.weights or (nan,):
            if not 0 < weight <= _LARGEST_WEIGHT:
                expected = f"log-odds above 0 and up to {_LARGEST_WEIGHT:g}"
                raise SettingError("weight to plant", expected=expected, got=weight)


@dataclass(frozen=True, slots=True)
class Job:
    """Simulations to be run together.

    Parameters
    ----------
    kind
        ``"planted"``: a few factors have a weight; ``"drawn"``: every weight is drawn from the prior; ``"shuffled"``:
        the judge's own preferences, turned round at random by prompt.
    weight
        Log-odds to plant.
    numbers
        Of the simulations within their kind.
    stream
        Number of the kind, part of the seed.
    """

    kind: str
    weight: float
    numbers: range
    stream: int


@dataclass(frozen=True, slots=True)
class Runs:
    """What became of some simulations; every array has shape (simulations, factors).

    Parameters
    ----------
    truth, tau14
        True weights, and the true tau14 that follows from them.
    named
        Sign of every factor that is named, 0 of the others.
    harmless
        1 where a factor is said to make no difference that matters, else 0.
    tau14_holds, weight_holds
        1 where the interval holds the truth, 0 where not, NaN where there is none.
    """

    truth: FloatArray
    tau14: FloatArray
    named: FloatArray
    harmless: FloatArray
    tau14_holds: FloatArray
    weight_holds: FloatArray

    @classmethod
    def joined(cls, parts: "Sequence[Runs]") -> "Runs":
        """Return all simulations of one kind."""
        return cls(
            *(np.concatenate([getattr(part, name) for part in parts]) for name in (field.name for field in fields(cls)))
        )


@dataclass(frozen=True, slots=True)
class Bench:
    """One judge's units in an order that follows from their content alone, so that draws do not depend on rows.

    Parameters
    ----------
    judge
        Whose they are.
    preference, weight, prompt
        Shape (units,); prompts are numbered from 0.
    features
        Sign features, shape (units, factors).
    names
        Of the factors.
    apart
        Pairs of factors that do not go together, shape (factors, factors).
    tie_parameter
        Davidson's nu of drawn verdicts.
    trials
        What fits are made with.
    """

    judge: str
    preference: FloatArray
    weight: FloatArray
    prompt: IntArray
    features: FloatArray
    names: tuple[str, ...]
    apart: BoolArray
    tie_parameter: float
    trials: Trials

    @classmethod
    def of(cls, units: JudgeUnits, features: FloatArray, *, factors: Sequence[Factor], trials: Trials) -> "Bench":
        """Put units in order.

        Parameters
        ----------
        units, features, factors
            Units with a preference, and their sign features.
        trials
            What fits are made with.

        Raises
        ------
        FitError
            There is no strict preference.
        """
        strict = units.preference != TIE
        if not strict.any():
            raise FitError("a validation", f"{units.judge} has no strict preference")
        order = np.lexsort((units.preference, units.weight, *np.nan_to_num(features, nan=2.0).T, units.prompt))
        ties = float(np.average(~strict, weights=units.weight))
        names = tuple(factor.name for factor in factors)
        apart = np.ones((len(names), len(names)), dtype=np.bool_)
        for pair in collinear_pairs(features, factors, threshold=_APART):
            first, second = names.index(pair.first), names.index(pair.second)
            apart[first, second] = apart[second, first] = False
        return cls(
            judge=units.judge,
            preference=units.preference[order],
            weight=units.weight[order],
            prompt=np.unique(units.prompt[order], return_inverse=True)[1].astype(np.int64),
            features=features[order],
            names=names,
            apart=apart,
            # Davidson's nu at which equal responses tie as often as the judge does.
            tie_parameter=2 * ties / (1 - ties),
            trials=trials,
        )

    @property
    def together(self) -> int:
        """How many simulations are fitted at once."""
        return max(1, min(_MOST_TOGETHER, _CELLS // self.features.size))

    def plantable(self, names: Sequence[str] = ()) -> IntArray:
        """Columns that weights can be planted on: those named, or all that differ in half of the comparisons.

        Raises
        ------
        FitError
            One of them differs in too few comparisons, or none does in enough.
        UnknownNameError
            There is no such factor.
        """
        check_known("factor", names, self.names)
        differs = np.count_nonzero(np.nan_to_num(self.features), axis=0)
        for name in names:
            count = int(differs[self.names.index(name)])
            if count < MINIMUM_COMPARISONS:
                why = f"{name} differs in {count} comparisons of {self.judge}, fewer than {MINIMUM_COMPARISONS}"
                raise FitError("a validation", why)
        least = max(MINIMUM_COMPARISONS, OFTEN * len(self.preference))
        chosen = [self.names.index(name) for name in names] or np.flatnonzero(differs >= least).tolist()
        if not chosen:
            why = f"no factor differs in half of the {len(self.preference):,} comparisons of {self.judge}"
            raise FitError("a validation", why, "name factors to plant on: --factor NAME")
        return np.array(sorted(chosen), dtype=np.int64)

    def run(self, job: Job, plantable: IntArray) -> Runs:
        """Draw some simulations and fit them.

        Parameters
        ----------
        job
            Which.
        plantable
            Columns that weights can be planted on.
        """
        randoms = [np.random.default_rng([abs(self.trials.seed), job.stream, number]) for number in job.numbers]
        truth = np.array([self._weights(job, plantable, random) for random in randoms])
        if job.kind == "shuffled":
            preference = np.array([self._shuffled(random) for random in randoms])
            expected = np.zeros_like(truth)
        else:
            odds = truth @ np.nan_to_num(self.features).T
            preference = np.array([self._verdicts(each, random) for each, random in zip(odds, randoms, strict=True)])
            expected = np.array([self._expected_tau14(each) for each in odds])
        weights, interval = self.weight, self.trials.interval
        prior = LaplacePrior(self.trials.prior_scale)
        joint = fit_posterior(self.features, preference, weights=weights, prior=prior, interval=interval)
        tie = joint.tie_parameter
        single = fit_single(
            self.features, preference, weights=weights, prior=prior, tie_parameter=tie, interval=interval
        )
        low, high, decided = self._fit_tau14(preference, sigmoid(np.array([single.low, single.high])))
        weight_holds = np.where(joint.identified, (joint.low <= truth) & (truth <= joint.high), np.nan)
        tau14_holds = np.where(np.isnan(low), np.nan, (low <= expected) & (expected <= high))
        harmless = (decided == HARMLESS).astype(np.float64)
        return Runs(truth, expected, named_sign(decided), harmless, tau14_holds, weight_holds)

    def _weights(self, job: Job, plantable: IntArray, random: np.random.Generator) -> FloatArray:
        weights = np.zeros(len(self.names))
        if job.kind == "drawn":
            return random.laplace(0.0, self.trials.prior_scale, len(weights))
        if job.kind == "planted":
            chosen: list[int] = []
            for column in random.permutation(plantable).tolist():
                if len(chosen) < _TOGETHER and self.apart[column, chosen].all():
                    chosen.append(column)
            weights[chosen] = job.weight * random.choice([-1.0, 1.0], len(chosen))
        return weights

    def _shuffled(self, random: np.random.Generator) -> FloatArray:
        turned = random.random(int(self.prompt.max()) + 1) < 0.5
        return np.where(turned[self.prompt], 1 - self.preference, self.preference)

    def _verdicts(self, odds: FloatArray, random: np.random.Generator) -> FloatArray:
        drawn = random.random((2, len(odds)))
        return np.where(drawn[0] < self._tie_chance(odds), TIE, (drawn[1] < sigmoid(odds)).astype(np.float64))

    def _tie_chance(self, odds: FloatArray) -> FloatArray:
        return np.asarray(self.tie_parameter / (2 * np.cosh(odds / 2) + self.tie_parameter))

    def _expected_tau14(self, odds: FloatArray) -> FloatArray:
        strict = self.weight * (1 - self._tie_chance(odds))
        lean = strict * (2 * sigmoid(odds) - 1)
        measured = ~np.isnan(self.features)
        with np.errstate(invalid="ignore"):
            return np.asarray(lean @ np.nan_to_num(self.features) / (strict @ measured))

    def _fit_tau14(self, preference: FloatArray, alone: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
        """Low, high and verdict of all simulations, fitted as so many more factors of one judge."""
        sides = np.sign(preference - TIE)
        stacked = np.where(sides == 0, np.nan, sides)[:, :, None] * self.features
        trials, shape = self.trials, (len(preference), len(self.names))
        tau = fit_tau14(
            np.ones(len(self.features)),
            stacked.transpose(1, 0, 2).reshape(len(self.features), -1),
            clusters=self.prompt,
            weights=self.weight,
            interval=trials.interval,
        )
        value, low, high, p_value = (each.reshape(shape) for each in (tau.value, tau.low, tau.high, tau.p_value))
        identified = (tau.concordant + tau.discordant > 0).reshape(shape)
        decided = [
            decide(
                Evidence(
                    tau14=np.array([value[number], low[number], high[number]]),
                    alone=alone[:, number],
                    q_values=benjamini_hochberg(p_value[number]),
                    identified=identified[number],
                    strict=int(np.count_nonzero(sides[number])),
                ),
                trials,
            )
            for number in range(len(preference))
        ]
        return low, high, np.array(decided)
