"""What steering did: how far every factor moved, how far the judge followed, and whether the one went with the other.

Takes answers, scores and verdicts as arrays; asks nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Final, Literal

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.config import INTERVAL
from prefactor.data.prompt_set import OpenPrompt
from prefactor.factors.base import Factor, Measurer, TextBatch
from prefactor.factors.features import feature_of
from prefactor.factors.loading import factors_of, measure
from prefactor.interventions.steering import ARMS, Arm, Written
from prefactor.stats.difference import paired_difference
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.tau import fit_tau14

__all__ = [
    "ArmShift",
    "FactorShift",
    "MeasuredArms",
    "factor_shifts",
    "followed",
    "grade_shifts",
    "measure_arms",
    "rate_shifts",
]

_NOTHING: Final = Estimate(nan)

Moved = Literal["as asked", "the other way", "not at all", "cannot be told", "not asked"]


@dataclass(frozen=True, slots=True)
class MeasuredArms:
    """Scores of all answers.

    Parameters
    ----------
    factors
        One per column.
    scores
        Shape (arms, prompts, factors), arms as in :data:`ARMS`; NaN where there is no score.
    wished
        Direction in which the arm towards was asked to move a factor, shape (prompts, factors); 0 where it was not.
    """

    factors: tuple[Factor, ...]
    scores: FloatArray
    wished: IntArray


@dataclass(frozen=True, slots=True)
class FactorShift:
    """How one arm moved one factor.

    Parameters
    ----------
    arm
        The arm, beside the plain one.
    factor, label
        The factor.
    wished
        1 or -1: more or less of it was asked for; 0 where it was not asked for.
    prompts
        Prompts with both answers: those it was asked for on, or all.
    plain, steered
        Mean scores.
    change
        Mean change, paired by prompt.
    moved
        Whether it moved as asked.
    """

    arm: Arm
    factor: str
    label: str
    wished: int
    prompts: int
    plain: float
    steered: float
    change: Estimate
    moved: Moved


@dataclass(frozen=True, slots=True)
class ArmShift:
    """How a judge took one arm.

    Parameters
    ----------
    judge, arm
        Who judged, and what.
    turn
        1 or 2 for that turn; 0 for all together.
    scale
        What is counted: ``"win rate"`` or ``"grade"``.
    against
        Whom the answers were set beside; empty for grades.
    prompts, missing
        Prompts judged, and those without a verdict or an answer.
    level
        Mean of the arm.
    shift
        Its difference from the plain arm, paired by prompt; from one half where the plain answers are the opponent.
    controlled
        Win rate with the held factors equal.
    reason
        Why a number is missing.
    """

    judge: str
    arm: Arm
    turn: int
    scale: Literal["win rate", "grade"]
    against: str
    prompts: int
    missing: int
    level: Estimate
    shift: Estimate
    controlled: Estimate = _NOTHING
    reason: str = ""


def measure_arms(
    prompts: Sequence[OpenPrompt], written: Sequence[Written], *, measurers: Sequence[Measurer]
) -> MeasuredArms:
    """Measure every whole answer: all turns together.

    Parameters
    ----------
    prompts, written
        What was asked and answered.
    measurers
        What to measure with.
    """
    factors = factors_of(measurers)
    places = {factor.name: column for column, factor in enumerate(factors)}
    scores = np.full((len(ARMS), len(prompts), len(factors)), nan)
    wished = np.zeros((len(prompts), len(factors)), dtype=np.int64)
    whole = [one for one in written if not one.problem]
    if whole:
        texts = ["\n\n".join(one.answers) for one in whole]
        asked = ["\n\n".join(prompts[one.prompt].turns) for one in whole]
        none = [None] * len(whole)
        values = measure(measurers, TextBatch(texts, asked, none, none))
        for one, row in zip(whole, values, strict=True):
            scores[ARMS.index(one.arm), one.prompt] = row
    for one in written:
        for wish in one.wishes if one.arm == "towards" else ():
            if wish.factor in places:
                wished[one.prompt, places[wish.factor]] = wish.direction
    return MeasuredArms(factors, scores, wished)


def factor_shifts(measured: MeasuredArms, *, interval: float = INTERVAL) -> tuple[FactorShift, ...]:
    """Say how far every arm moved every factor, those that were asked for first.

    Parameters
    ----------
    measured
        Scores of all answers.
    interval
        Mass of the intervals, clustered by prompt.
    """
    found = [
        _factor_shift(measured, arm, column, interval) for arm in ARMS[1:] for column in range(len(measured.factors))
    ]
    return tuple(sorted(found, key=lambda one: (ARMS.index(one.arm), one.wished == 0)))


def _factor_shift(measured: MeasuredArms, arm: Arm, column: int, interval: float) -> FactorShift:
    wished = measured.wished[:, column] * (1 if arm == "towards" else -1)
    plain, steered = (measured.scores[place, :, column] for place in (0, ARMS.index(arm)))
    used = np.isfinite(plain) & np.isfinite(steered)
    if wished.any():
        used &= wished != 0
    # Where slices ask for opposite directions, a change counts in the direction asked for on each.
    directions = set(wished[used].tolist())
    mixed = directions == {-1, 1}
    turn = np.where(wished < 0, -1.0, 1.0) if mixed else np.ones(len(wished))
    change = cluster_mean(((steered - plain) * turn)[used], clusters=np.flatnonzero(used), interval=interval)
    direction = 1 if mixed else int(next(iter(directions), 0))
    if not direction:
        moved: Moved = "not asked"
    elif change.low == change.high == 0.0:
        moved = "not at all"
    elif not change.excludes(0.0):
        moved = "cannot be told"
    else:
        moved = "as asked" if change.value * direction > 0 else "the other way"
    factor, any_used = measured.factors[column], bool(used.any())
    return FactorShift(
        arm=arm,
        factor=factor.name,
        label=factor.label,
        wished=direction,
        prompts=int(np.count_nonzero(used)),
        plain=float(plain[used].mean()) if any_used else nan,
        steered=float(steered[used].mean()) if any_used else nan,
        change=change,
        moved=moved,
    )


def rate_shifts(
    preference: Mapping[Arm, FloatArray], *, judge: str, against: str, interval: float = INTERVAL
) -> tuple[ArmShift, ...]:
    """Say how often every arm is preferred.

    Parameters
    ----------
    preference
        P(its answer preferred) by arm, shape (prompts,), NaN where there is none. Without the plain arm, that is the
        opponent.
    judge, against
        Who judged, and whom the answers were set beside.
    interval
        Mass of the intervals.
    """
    plain = preference.get("plain")
    found = []
    for arm, values in preference.items():
        known = np.isfinite(values)
        level = cluster_share(values[known], clusters=np.flatnonzero(known), interval=interval)
        shift = Estimate(level.value - 0.5, level.low - 0.5, level.high - 0.5)
        if plain is not None:
            both = known & np.isfinite(plain)
            change = (values - plain)[both]
            shift = paired_difference(change, clusters=np.flatnonzero(both), interval=interval).estimate
        found.append(
            ArmShift(
                judge, arm, 0, "win rate", against, int(known.sum()), int((~known).sum()), level,
                _NOTHING if arm == "plain" else shift,
            )
        )  # fmt: skip
    return tuple(found)


def grade_shifts(grades: FloatArray, *, judge: str, interval: float = INTERVAL) -> tuple[ArmShift, ...]:
    """Say what every arm is graded, turn by turn and over all turns.

    Parameters
    ----------
    grades
        Shape (arms, prompts, turns), NaN where there is none. The mean over all turns is that of the grades there are,
        as MT-Bench takes it; its change is over prompts with the same turns graded in both arms.
    judge
        Who graded.
    interval
        Mass of the intervals.
    """
    turns = grades.shape[2]
    parts = [(0, slice(None)), *((turn + 1, slice(turn, turn + 1)) for turn in range(turns if turns > 1 else 0))]
    return tuple(
        _grade_shift(grades[:, :, part], place, turn, judge, interval)
        for turn, part in parts
        for place in range(len(ARMS))
    )


def _grade_shift(grades: FloatArray, place: int, turn: int, judge: str, interval: float) -> ArmShift:
    own, plain = grades[place], grades[0]
    known = np.isfinite(own)
    rows = np.nonzero(known)[0]
    level = cluster_mean(own[known], clusters=np.unique(rows, return_inverse=True)[1], interval=interval)
    both = known & np.isfinite(plain)
    paired = np.nonzero(both)[0]
    change = (own - plain)[both]
    shift = cluster_mean(change, clusters=np.unique(paired, return_inverse=True)[1], interval=interval)
    return ArmShift(
        judge, ARMS[place], turn, "grade", "", int(known.any(axis=1).sum()), int((~known.any(axis=1)).sum()), level,
        shift if place else _NOTHING,
    )  # fmt: skip


def followed(
    measured: MeasuredArms, better: Mapping[Arm, FloatArray], *, interval: float = INTERVAL
) -> Mapping[str, Estimate]:
    """Return tau14 of every factor over pairs of a steered and the plain answer to one prompt.

    All factors that an instruction moved moved together, so this says which of them the verdicts went with, not which
    of them caused them.

    Parameters
    ----------
    measured
        Scores of all answers.
    better
        P(steered answer better than the plain one) by arm, shape (prompts,), NaN where there is none.
    interval
        Mass of the intervals, clustered by prompt.
    """
    signs = [
        np.stack(
            [
                feature_of(
                    measured.scores[ARMS.index(arm), :, column], measured.scores[0, :, column], rule=factor.feature
                )
                for column, factor in enumerate(measured.factors)
            ],
            axis=1,
        )
        for arm in better
    ]
    preference = np.concatenate(list(better.values()))
    prompt = np.tile(np.arange(measured.scores.shape[1]), len(better))
    known = np.isfinite(preference)
    if not known.any():
        return {factor.name: _NOTHING for factor in measured.factors}
    found = fit_tau14(
        preference[known],
        np.concatenate(signs)[known],
        clusters=np.unique(prompt[known], return_inverse=True)[1],
        interval=interval,
    )
    return {
        factor.name: Estimate(float(found.value[place]), float(found.low[place]), float(found.high[place]))
        for place, factor in enumerate(measured.factors)
    }
