"""What refining did: factors, agreement with a target profile and a held-out judge, before and after, prompt by prompt.

Every way is compared with the first answers, and with the control, on the prompts where both are there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.alignment.gap_results import GapTable
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.profiles import as_floats
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.units import judge_units
from prefactor.config import INTERVAL, PRIOR_SCALE
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError
from prefactor.factors import Measurer, TextBatch, factors_of, measure
from prefactor.factors.base import Factor
from prefactor.factors.features import feature_of
from prefactor.interventions.base import Answer, Task, text_hash
from prefactor.interventions.refining import Refined, RefineWay
from prefactor.judges.base import Opinion, Texts
from prefactor.stats.clusters import ClusterMoments, bounded_interval, plain_interval
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.special import sigmoid

__all__ = [
    "FactorShift",
    "Misaligned",
    "Refinement",
    "Target",
    "WayResult",
    "advice_of",
    "assess_refining",
    "fit_target",
    "misaligned_in",
    "refined_texts",
]

CONTROL: Final[RefineWay] = "plain"


@dataclass(frozen=True, slots=True)
class Target:
    """A profile to agree with.

    Parameters
    ----------
    judge
        Whose it is.
    factors
        Names of its factors.
    weights
        Their joint weights, shape (d,).
    """

    judge: str
    factors: tuple[str, ...]
    weights: FloatArray


@dataclass(frozen=True, slots=True)
class FactorShift:
    """What one way did to one factor.

    Parameters
    ----------
    factor, label
        Its name, and in words.
    shift
        Share of prompts whose new answer has more of it, less that of those with less; in [-1, 1].
    change
        Mean of the new score less the old, in the factor's unit.
    against_control
        Shift of this way less that of the control, prompt by prompt; NaN for the control itself, or without one.
    q_value
        Of a shift of 0, adjusted for all factors (Benjamini-Hochberg).
    """

    factor: str
    label: str
    shift: Estimate
    change: Estimate
    against_control: Estimate
    q_value: float


@dataclass(frozen=True, slots=True)
class WayResult:
    """What one way did.

    Parameters
    ----------
    way
        Which.
    answers
        Prompts with a first and a new answer.
    missing
        Prompts without one of them.
    unchanged
        Answers that came back as they were.
    factors
        Every factor.
    target
        Mean P(new answer preferred) by the target profile; NaN without one.
    target_against_control
        That of this way less that of the control, prompt by prompt.
    held_out
        Mean P(new answer preferred) by the held-out judge; NaN without one.
    held_out_against_control
        That of this way less that of the control, prompt by prompt.
    """

    way: RefineWay
    answers: int
    missing: int
    unchanged: int
    factors: tuple[FactorShift, ...]
    target: Estimate
    target_against_control: Estimate
    held_out: Estimate
    held_out_against_control: Estimate


@dataclass(frozen=True, slots=True)
class Refinement:
    """What refining did, way by way.

    Parameters
    ----------
    ways
        Each of them.
    advice
        What was said of factors; empty where nothing was.
    target, held_out
        Names of the judges; empty where there are none.
    interval
        Mass of the intervals.
    """

    ways: tuple[WayResult, ...]
    advice: str
    target: str
    held_out: str
    interval: float


@dataclass(frozen=True, slots=True)
class Misaligned:
    """A factor that people weigh otherwise than a model writes.

    Parameters
    ----------
    label, more
        What it is called, and the answer with more of it, as in :class:`prefactor.factors.base.Factor`.
    human, generates
        tau14 of people, and of the model when generating.
    """

    label: str
    more: str
    human: float
    generates: float


def misaligned_in(table: GapTable, factors: Sequence[Factor]) -> tuple[Misaligned, ...]:
    """Return the factors that make a gap.

    Parameters
    ----------
    table, factors
        The gap, and what its factors are called.
    """
    words = {factor.name: factor.more for factor in factors}
    return tuple(
        Misaligned(each.label, words[each.factor], each.human.tau14.value, each.generates.tau14.value)
        for each in table.named
        if each.generates is not None
    )


def advice_of(misaligned: Sequence[Misaligned]) -> str:
    """Say which factors people weigh otherwise than the model writes, by name, for the model to read.

    Parameters
    ----------
    misaligned
        The factors.

    Raises
    ------
    FitError
        There is none.

    Examples
    --------
    >>> print(advice_of([Misaligned("words", "longer answer", 0.2, 0.9)]))
    What is known of how people weigh answers such as yours:
    - words: your answers lean further towards the longer answer than people want. Lean less to it.
    """
    if not misaligned:
        raise FitError("advice on factors", "no factor surely makes the gap")
    lines = []
    for each in misaligned:
        further = each.generates > each.human
        way, wish = ("further", "Lean less") if further else ("less", "Lean more")
        lines.append(f"- {each.label}: your answers lean {way} towards the {each.more} than people want. {wish} to it.")
    return "\n".join(["What is known of how people weigh answers such as yours:", *lines])


def fit_target(dataset: Dataset, scores: Scores, *, judge: str) -> Target:
    """Fit the joint weights of a judge, to predict by.

    Parameters
    ----------
    dataset, scores
        Its comparisons, and the scores of the responses.
    judge
        Its name.
    """
    used = judge_units(dataset, judge).used()
    signs = as_floats(sign_features(dataset, scores))[used.comparison]
    found = fit_posterior(signs, used.preference, weights=used.weight, prior=LaplacePrior(PRIOR_SCALE))
    return Target(judge, tuple(factor.name for factor in scores.factors), found.mean)


def refined_texts(refined: Refined, way: RefineWay) -> tuple[tuple[int, Texts], ...]:
    """Return the first answers (A) beside the new ones (B) as comparisons, each with the number of its task.

    Answers that came back as they were make none.

    Parameters
    ----------
    refined, way
        What was refined, and how.
    """
    found: list[tuple[int, Texts]] = []
    for number, (task, before, after) in enumerate(zip(refined.tasks, refined.first, refined.anew[way], strict=True)):
        if not before.problem and not after.problem and before.text != after.text:
            found.append((number, _texts(task, before, after, way=way, number=len(found), model=refined.options.model)))
    return tuple(found)


def _texts(task: Task, before: Answer, after: Answer, *, way: str, number: int, model: str) -> Texts:
    return Texts(
        comparison=number,
        identity=text_hash(task.identity, before.text, after.text, way),
        prompt=task.prompt,
        response_a=before.text,
        response_b=after.text,
        system=task.system,
        source=task.source,
        reference=task.reference,
        conversation=task.conversation,
        model_a=model,
        model_b=f"{model} refined, {way}",
        columns={**task.columns, "way": way},
    )


def assess_refining(
    refined: Refined,
    measurers: Sequence[Measurer],
    *,
    target: Target | None = None,
    verdicts: Mapping[RefineWay, Mapping[int, Sequence[Opinion]]] | None = None,
    held_out: str = "",
    interval: float = INTERVAL,
) -> Refinement:
    """Compare new answers with first ones, way by way.

    Parameters
    ----------
    refined
        The answers.
    measurers
        What measures their factors.
    target
        Profile to agree with.
    verdicts
        By way and number of task, what the held-out judge says of the first answer (A) and the new one (B).
    held_out
        Name of that judge.
    interval
        Mass of the intervals.
    """
    factors = factors_of(measurers)
    parts = {way: _signs(refined, refined.anew[way], measurers, factors) for way in refined.anew}
    chances = {way: _chances(signs, factors, target) for way, (signs, _) in parts.items()}
    judged = {way: _judged(refined, way, None if verdicts is None else verdicts.get(way, {})) for way in refined.anew}
    results = []
    for way, (signs, changes) in parts.items():
        known = int(np.count_nonzero((~np.isnan(signs)).any(axis=1)))
        control = CONTROL if CONTROL in parts and way != CONTROL else None
        before, after = refined.first, refined.anew[way]
        results.append(
            WayResult(
                way=way,
                answers=known,
                missing=len(refined.tasks) - known,
                unchanged=sum(
                    not one.problem and one.text == other.text for one, other in zip(before, after, strict=True)
                ),
                factors=_shifts(factors, signs, changes, parts[control][0] if control else None, interval),
                target=_chance(chances[way], interval),
                target_against_control=_apart(chances, way, control, interval),
                held_out=_chance(judged[way], interval),
                held_out_against_control=_apart(judged, way, control, interval),
            )
        )
    advice = refined.options.advice if "factors" in refined.anew else ""
    return Refinement(tuple(results), advice, target.judge if target else "", held_out, interval)


def _apart(
    chances: Mapping[RefineWay, FloatArray], way: RefineWay, control: RefineWay | None, interval: float
) -> Estimate:
    """Mean difference of two ways, prompt by prompt."""
    return NOT_ESTIMATED if control is None else _bounded(chances[way] - chances[control], interval)[0]


def _signs(
    refined: Refined, anew: Sequence[Answer], measurers: Sequence[Measurer], factors: Sequence[Factor]
) -> tuple[FloatArray, FloatArray]:
    """Return sign features and differences of scores, new less first, shape (tasks, factors); NaN where one lacks."""
    scores = [_scores(refined.tasks, answers, measurers) for answers in (refined.first, anew)]
    columns = [
        feature_of(scores[1][:, place], scores[0][:, place], rule=factor.feature)
        for place, factor in enumerate(factors)
    ]
    missing = [bool(one.problem or other.problem) for one, other in zip(refined.first, anew, strict=True)]
    signs, changes = np.stack(columns, axis=1).astype(np.float64), scores[1] - scores[0]
    signs[missing], changes[missing] = np.nan, np.nan
    return signs, changes


def _scores(tasks: Sequence[Task], answers: Sequence[Answer], measurers: Sequence[Measurer]) -> FloatArray:
    batch = TextBatch([each.text for each in answers], [task.prompt for task in tasks], [task.source for task in tasks])
    return measure(measurers, batch).astype(np.float64)


def _chances(signs: FloatArray, factors: Sequence[Factor], target: Target | None) -> FloatArray:
    """P(new answer preferred) by the target profile, NaN where there is none."""
    there = np.asarray((~np.isnan(signs)).any(axis=1))
    if target is None:
        return np.full(len(signs), np.nan)
    weights = dict(zip(target.factors, target.weights.tolist(), strict=True))
    own = np.array([weights.get(factor.name, 0.0) for factor in factors])
    return np.where(there, sigmoid(np.nan_to_num(signs) @ own), np.nan)


def _judged(refined: Refined, way: RefineWay, verdicts: Mapping[int, Sequence[Opinion]] | None) -> FloatArray:
    """P(new answer preferred) by the held-out judge: the mean of its verdicts; a tie where nothing has changed."""
    found = np.full(len(refined.tasks), np.nan)
    if verdicts is None:
        return found
    for number, (before, after) in enumerate(zip(refined.first, refined.anew[way], strict=True)):
        known = [1 - one.preference for one in verdicts.get(number, ()) if one.preference is not None]
        if known:
            found[number] = np.mean(known)
        elif not before.problem and before.text == after.text:
            found[number] = 0.5
    return found


def _shifts(
    factors: Sequence[Factor], signs: FloatArray, changes: FloatArray, control: FloatArray | None, interval: float
) -> tuple[FactorShift, ...]:
    found = [_bounded(column, interval) for column in signs.T]
    q_values = benjamini_hochberg([p_value for _, p_value in found])
    against = [NOT_ESTIMATED] * len(factors)
    if control is not None:
        against = [_bounded(column, interval, reach=2.0)[0] for column in (signs - control).T]
    return tuple(
        FactorShift(
            factor=factor.name,
            label=factor.label,
            shift=found[place][0],
            change=_mean(changes[:, place], interval),
            against_control=against[place],
            q_value=float(q_values[place]),
        )
        for place, factor in enumerate(factors)
    )


def _bounded(values: FloatArray, interval: float, *, reach: float = 1.0) -> tuple[Estimate, float]:
    """Mean of values in [-reach, reach], with an interval and the p-value of 0; prompts are taken as independent.

    Without an interval where fewer than two values differ from 0.
    """
    known = values[~np.isnan(values)] / reach
    if not known.size:
        return NOT_ESTIMATED, float("nan")
    informative = (known != 0).astype(np.float64)
    moments = ClusterMoments.of(known, np.ones(len(known)), informative=informative, index=np.arange(len(known)))
    found = bounded_interval(moments, interval)
    value, low, high = (reach * float(each[0]) for each in (found.value, found.low, found.high))
    return Estimate(value, low, high), float(found.p_value[0])


def _chance(values: FloatArray, interval: float) -> Estimate:
    """Mean of probabilities, with the interval of the mean of 2 p - 1."""
    found, _ = _bounded(2 * values - 1, interval)
    return Estimate((found.value + 1) / 2, (found.low + 1) / 2, (found.high + 1) / 2)


def _mean(values: FloatArray, interval: float) -> Estimate:
    """Mean of any values; without an interval where all are alike, which says nothing of their spread."""
    known = values[~np.isnan(values)]
    if not known.size:
        return NOT_ESTIMATED
    ones = np.ones(len(known))
    found = plain_interval(ClusterMoments.of(known, ones, informative=ones, index=np.arange(len(known))), interval)
    value = float(found.value[0])
    return Estimate(value) if np.ptp(known) == 0 else Estimate(value, float(found.low[0]), float(found.high[0]))
