"""Whether the tool finds what is there, and nothing else, on one judge's comparisons and at their number.

Sums up simulations that plant known weights in the judge's own features, or shuffle its labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Final, Literal

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_known
from prefactor.analysis.complete import complete_rows, joint_account
from prefactor.analysis.joint_results import NOTHING_FITTED, JointRows
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.planting import Bench, Job, Runs, Trials
from prefactor.analysis.units import JudgeUnits, judge_units
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.factors.base import Factor
from prefactor.runtime.local import map_batches
from prefactor.runtime.progress import Progress, silent
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.special import sigmoid

__all__ = ["Covered", "Planted", "Reliance", "Validation", "validate_judge", "validate_judges"]

Reliance = Literal["yes", "with care", "no"]

_ENOUGH_POWER: Final = 0.8
_SLACK: Final = 0.02


@dataclass(frozen=True, slots=True)
class Covered:
    """How often intervals held the truth; each share has an interval of its own, clustered by simulation.

    Parameters
    ----------
    simulations
        How many there were.
    tau14, weight
        Share of the tau14 intervals, and of the joint fit's intervals of a weight, that hold their true value.
    """

    simulations: int
    tau14: Estimate
    weight: Estimate


@dataclass(frozen=True, slots=True)
class Planted:
    """What became of planted weights of one size.

    Parameters
    ----------
    weight
        Log-odds planted, with either sign.
    tau14
        Mean size of the true tau14 of planted factors.
    named, wrong_side
        Share of planted factors named with the sign they have, and with the other one.
    covered
        Intervals of planted factors.
    harmless, overlooked
        Share of planted factors said to make no difference that matters, where the true tau14 is indeed within the
        smallest effect that matters, and where it is not.
    told
        Share of planted factors of which the truth is told: named with their sign, or rightly said to be harmless.
    """

    weight: float
    tau14: Estimate
    named: Estimate
    wrong_side: Estimate
    covered: Covered
    harmless: Estimate
    overlooked: Estimate
    told: Estimate


@dataclass(frozen=True, slots=True)
class Validation:
    """What the tool can be trusted with on one judge's comparisons.

    Parameters
    ----------
    judge
        Whose comparisons they are.
    comparisons, strict, prompts
        Used by the judge, with a strict preference, and the prompts they are on.
    planted_on
        Factors that weights were planted on.
    planted
        By size of the weight.
    drawn
        Coverage where every weight is drawn from the prior of the joint fit.
    any_named
        On shuffled labels: share of runs in which any factor is named.
    shuffled_tau14
        Share of the tau14 intervals on shuffled labels that hold 0.
    reliance
        Whether the tool can be relied on at this sample size.
    words
        The same in sentences.
    trials
        What was simulated, and the settings of the fits.
    joint
        Comparisons in which every factor was measured, or does not apply: only these are used. Not counted where a
        judge is validated by itself.
    """

    judge: str
    comparisons: int
    strict: int
    prompts: int
    planted_on: tuple[str, ...]
    planted: tuple[Planted, ...]
    drawn: Covered
    any_named: Estimate
    shuffled_tau14: Estimate
    reliance: Reliance
    words: tuple[str, ...]
    trials: Trials
    joint: JointRows = NOTHING_FITTED


def validate_judges(
    dataset: Dataset,
    scores: Scores,
    *,
    judges: Sequence[str] = (),
    trials: Trials | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> tuple[Validation, ...]:
    """Validate the tool on every judge's comparisons, see :func:`validate_judge`.

    Parameters
    ----------
    dataset, scores
        The comparisons, and scores of their responses.
    judges
        Names; all by default.
    trials
        What is simulated, and with what settings it is fitted.
    workers
        Threads; all usable processors by default.
    progress
        Told how many simulations are done.

    Raises
    ------
    FitError
        A judge has no strict preference, or no factor differs often enough to be planted.
    UnknownNameError
        There is no such judge or factor.
    """
    names = check_known("judge", judges or dataset.judges, dataset.judges)
    signs = sign_features(dataset, scores)
    found = []
    for name in names:
        units = judge_units(dataset, name).used()
        complete = complete_rows(signs[units.comparison])
        validation = validate_judge(
            units.only(complete.rows),
            complete.features,
            factors=scores.factors,
            trials=trials,
            workers=workers,
            progress=progress,
        )
        found.append(replace(validation, joint=joint_account(complete, scores.factors)))
    return tuple(found)


def validate_judge(
    units: JudgeUnits,
    features: FloatArray,
    *,
    factors: Sequence[Factor],
    trials: Trials | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> Validation:
    """Plant weights, shuffle labels, and count what is found.

    Verdicts are drawn from the model of the joint fit, ties at the judge's own rate; three factors that do not go
    together (correlation under 0.3) have a weight at a time. The true tau14 is its expectation given the features. A
    shuffle turns round all preferences of a prompt, or none, with even chances: no factor has then any influence, and
    soft labels, ties and the likeness within a prompt stay as they are.

    Parameters
    ----------
    units
        The judge's units with a preference.
    features
        Sign features, shape (units, factors), NaN where a factor does not apply.
    factors
        One per column.
    trials
        What is simulated, and with what settings it is fitted.
    workers
        Threads; all usable processors by default.
    progress
        Told how many simulations are done.

    Raises
    ------
    FitError
        There is no strict preference, or no factor differs often enough to be planted.
    UnknownNameError
        A factor to plant on is not measured.
    """
    trials = trials or Trials()
    weights, simulations = sorted(set(trials.weights)), trials.simulations
    bench = Bench.of(units, features, factors=factors, trials=trials)
    chosen = bench.plantable(trials.planted_on)
    kinds: list[tuple[str, float]] = [*(("planted", weight) for weight in weights), ("drawn", 0.0), ("shuffled", 0.0)]
    jobs = [
        Job(kind, weight, range(start, min(start + bench.together, simulations)), number)
        for number, (kind, weight) in enumerate(kinds)
        for start in range(0, simulations, bench.together)
    ]
    runs: dict[tuple[str, float], list[Runs]] = {kind: [] for kind in kinds}
    done = map_batches(lambda job: bench.run(job, chosen), jobs, workers=workers)
    for count, (job, found) in enumerate(zip(jobs, done, strict=True)):
        runs[job.kind, job.weight].append(found)
        progress("simulating", count + 1, len(jobs))
    joined = {kind: Runs.joined(parts) for kind, parts in runs.items()}
    return _summarise(bench, chosen, joined)


def _share(values: FloatArray, trials: Trials) -> Estimate:
    """Share of ones, clustered by simulation (the first axis), NaN left out."""
    known = ~np.isnan(values)
    simulation = np.nonzero(known)[0]
    return cluster_share(values[known], clusters=simulation, interval=trials.interval)


def _covered(runs: Runs, where: BoolArray, trials: Trials) -> Covered:
    tau14, weight = (_share(np.where(where, holds, np.nan), trials) for holds in (runs.tau14_holds, runs.weight_holds))
    return Covered(len(runs.truth), tau14, weight)


def _planted(weight: float, runs: Runs, trials: Trials) -> Planted:
    planted = runs.truth != 0
    side = np.where(planted, runs.named * np.sign(runs.truth), np.nan)
    small = np.abs(runs.tau14) <= trials.smallest_effect
    rightly, wrongly = (runs.harmless > 0) & small, (runs.harmless > 0) & ~small
    simulation = np.nonzero(planted)[0]
    return Planted(
        weight=weight,
        tau14=cluster_mean(np.abs(runs.tau14[planted]), clusters=simulation, interval=trials.interval),
        named=_share(np.where(planted, side > 0, np.nan), trials),
        wrong_side=_share(np.where(planted, side < 0, np.nan), trials),
        covered=_covered(runs, planted, trials),
        harmless=_share(np.where(planted, rightly, np.nan), trials),
        overlooked=_share(np.where(planted, wrongly, np.nan), trials),
        told=_share(np.where(planted, (side > 0) | rightly, np.nan), trials),
    )


def _summarise(bench: Bench, chosen: IntArray, runs: Mapping[tuple[str, float], Runs]) -> Validation:
    trials = bench.trials
    planted = tuple(_planted(weight, each, trials) for (kind, weight), each in runs.items() if kind == "planted")
    drawn, shuffled = runs["drawn", 0.0], runs["shuffled", 0.0]
    any_named = (shuffled.named != 0).any(axis=1)
    strict = int(np.count_nonzero(bench.preference != TIE))
    validation = Validation(
        judge=bench.judge,
        comparisons=len(bench.preference),
        strict=strict,
        prompts=int(bench.prompt.max()) + 1,
        planted_on=tuple(bench.names[column] for column in chosen.tolist()),
        planted=planted,
        drawn=_covered(drawn, np.ones(drawn.truth.shape, dtype=np.bool_), trials),
        any_named=cluster_share(any_named, clusters=np.arange(trials.simulations), interval=trials.interval),
        shuffled_tau14=_share(shuffled.tau14_holds, trials),
        reliance="no",
        words=(),
        trials=trials,
    )
    return replace(validation, reliance=_reliance(validation), words=tuple(_sentences(validation)))


def _found_from(validation: Validation) -> float:
    """Smallest planted weight from which on the truth is told in 80 % of cases or more; NaN where there is none."""
    found = nan
    for planted in sorted(validation.planted, key=lambda planted: -planted.weight):
        if planted.told.value < _ENOUGH_POWER:
            break
        found = planted.weight
    return found


def _keeps_its_word(validation: Validation) -> tuple[bool, bool]:
    """Whether false discoveries are not shown to be over their rate, and coverage not to be under the stated mass."""
    trials = validation.trials
    shares = [validation.drawn.tau14, validation.drawn.weight, validation.shuffled_tau14]
    shares += [planted.covered.tau14 for planted in validation.planted]
    covers = all(share.high >= trials.interval - _SLACK for share in shares)
    return validation.any_named.low <= trials.false_discovery_rate, covers


def _reliance(validation: Validation) -> Reliance:
    if not all(_keeps_its_word(validation)):
        return "no"
    smallest = min((planted.weight for planted in validation.planted), default=nan)
    return "yes" if _found_from(validation) == smallest else "with care"


def _sentences(validation: Validation) -> list[str]:
    """Say it in plain words."""
    trials = validation.trials
    honest, covers = _keeps_its_word(validation)
    rate = f"{100 * trials.false_discovery_rate:.0f} %"
    named = f"On shuffled labels something is named in {_percent(validation.any_named)} of runs"
    sentences = [f"{named}; {rate} is allowed." if honest else f"{named}: more than the {rate} allowed."]
    mass = f"{100 * trials.interval:.0f} %"
    sentences.append(
        f"Intervals of {mass} hold the truth about as often as they say, or more often."
        if covers
        else f"Some intervals of {mass} hold the truth too rarely: do not rely on them here."
    )
    found, size = _found_from(validation), f"At this size ({validation.strict:,} strict preferences)"
    if not isnan(found):
        sentences.append(
            f"{size} a factor of weight {found:g} or more ({_odds(found)}) is told four times in five: named, or with "
            f"tau14 within {trials.smallest_effect:g} said to be harmless."
        )
    missed = [planted for planted in validation.planted if isnan(found) or planted.weight < found]
    sentences += [
        f"{size} a factor of weight {planted.weight:g} ({_odds(planted.weight)}) is named in "
        f"{_percent(planted.named)} of cases and rightly said to be harmless in {_percent(planted.harmless)}: that one "
        "is not named does not show that it has no effect."
        for planted in missed
    ]
    timid = [planted for planted in validation.planted if planted.covered.weight.high < trials.interval - _SLACK]
    if timid:
        sentences.append(
            f"The prior draws joint weights towards 0: intervals of a planted {timid[-1].weight:g} hold it in "
            f"{_percent(timid[-1].covered.weight)}. Read large joint weights as too small rather than too large."
        )
    return sentences


def _percent(share: Estimate) -> str:
    return f"{100 * share.value:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"


def _odds(weight: float) -> str:
    return f"preferred in {100 * float(sigmoid(weight)):.0f} % where only it differs"
