"""Verdicts on steered answers: pairwise against plain or given answers, or graded one by one and turn by turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.control import ControlSettings, control_preferences
from prefactor.analysis.measurement import Scores, measure_responses
from prefactor.analysis.units import judge_units
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.prompt_set import OpenPrompt
from prefactor.data.records import Message, Row
from prefactor.errors import FitError, SettingError
from prefactor.factors.base import Measurer
from prefactor.interventions.steering import ARMS, Arm, Written
from prefactor.judges.base import Texts
from prefactor.judges.collecting import Judged, add_verdicts
from prefactor.judges.judging import Bench, Questions, comparison_texts, pose
from prefactor.stats.estimate import Estimate

__all__ = [
    "Opponents",
    "Pairs",
    "controlled_rates",
    "grades_of",
    "grading_questions",
    "judge_names",
    "judged_alone",
    "judged_pairs",
    "pair_questions",
    "pair_up",
]

_ALONE: Final = ("grade", "reward")


@dataclass(frozen=True, slots=True)
class Opponents:
    """Answers that steered ones are set beside.

    Parameters
    ----------
    model
        Who wrote them.
    answers
        By prompt; None where there is none.
    """

    model: str
    answers: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comparisons of every arm with the opponents.

    Parameters
    ----------
    dataset
        One comparison for each.
    arms, prompts
        Which arm and prompt each comparison is of.
    opponent
        Name of the other model.
    """

    dataset: Dataset
    arms: tuple[Arm, ...]
    prompts: tuple[int, ...]
    opponent: str


def judged_alone(bench: Bench) -> bool:
    """Whether the judges see one answer at a time.

    Raises
    ------
    SettingError
        Some do and some do not.
    """
    kinds = {seat.file.kind in _ALONE for seat in bench.seats}
    if bench.jury is not None:
        return False
    if len(kinds) > 1:
        raise SettingError("--judge-with", expected="judges of one kind", got="some that grade and some that compare")
    return kinds.pop()


def pair_up(
    prompts: Sequence[OpenPrompt], written: Sequence[Written], *, model: str, opponents: Opponents | None = None
) -> Pairs:
    """Set the answers of the arms beside the plain ones, or beside given ones.

    Parameters
    ----------
    prompts, written
        What was asked and answered.
    model
        Who answered.
    opponents
        Given answers; the plain ones where there are none.
    """
    plain = {one.prompt: "\n\n".join(one.answers) for one in written if one.arm == "plain" and not one.problem}
    name = f"{model} plain" if opponents is None else opponents.model
    collector = Collector()
    arms: list[Arm] = []
    places: list[int] = []
    for one in written:
        other = plain.get(one.prompt) if opponents is None else opponents.answers[one.prompt]
        if one.problem or other is None or (opponents is None and one.arm == "plain"):
            continue
        prompt = prompts[one.prompt]
        row = Row(
            row=len(arms) + 1,
            prompt="\n\n".join(prompt.turns),
            response_a="\n\n".join(one.answers),
            response_b=other,
            model_a=f"{model} {one.arm}",
            model_b=name,
            columns={**prompt.columns, "arm": one.arm, "prompt_name": prompt.identity},
        )
        collector.add(row)
        arms.append(one.arm)
        places.append(one.prompt)
    collector.close_source("steered answers", "steering")
    return Pairs(collector.finish(), tuple(arms), tuple(places), name)


def judged_pairs(pairs: Pairs, judged: Judged, *, prompts: int) -> Mapping[str, Mapping[Arm, FloatArray]]:
    """Return, by judge and arm, P(the arm's answer preferred) on every prompt; NaN where there is no verdict.

    Both orders are averaged as everywhere (:func:`prefactor.analysis.units.judge_units`).
    """
    dataset = add_verdicts(pairs.dataset, judged)
    found: dict[str, dict[Arm, FloatArray]] = {}
    for judge in judge_names(judged.questions.bench):
        by_arm = {arm: np.full(prompts, np.nan) for arm in ARMS if arm in pairs.arms}
        if judge in dataset.judges:
            units = judge_units(dataset, judge).used()
            sums = np.zeros((len(dataset.comparisons), 2))
            np.add.at(sums, units.comparison, np.stack([units.preference, np.ones(len(units.comparison))], axis=1))
            for row in np.flatnonzero(sums[:, 1]):
                by_arm[pairs.arms[row]][pairs.prompts[row]] = sums[row, 0] / sums[row, 1]
        found[judge] = by_arm
    return found


def controlled_rates(
    pairs: Pairs, judged: Judged, *, hold: Sequence[str], measurers: Sequence[Measurer]
) -> Mapping[str, Mapping[str, Estimate] | str]:
    """Return, by judge, the win rate of every arm with factors held equal, or why there is none.

    Parameters
    ----------
    pairs, judged
        Comparisons and verdicts.
    hold
        Factors.
    measurers
        What measures them.
    """
    dataset = add_verdicts(pairs.dataset, judged)
    scores = measure_responses(dataset, measurers)
    found: dict[str, Mapping[str, Estimate] | str] = {}
    for judge in judge_names(judged.questions.bench):
        try:
            found[judge] = _controlled(dataset, scores, judge, hold=hold, baseline=pairs.opponent)
        except FitError as error:
            found[judge] = str(error)
    return found


def _controlled(
    dataset: Dataset, scores: Scores, judge: str, *, hold: Sequence[str], baseline: str
) -> Mapping[str, Estimate]:
    settings = ControlSettings(tuple(hold), judges=(judge,), baseline=baseline)
    (control,) = control_preferences(dataset, scores, settings=settings)
    return {one.model.rpartition(" ")[2]: one.controlled_win_rate for one in control.standings}


def grading_questions(prompts: Sequence[OpenPrompt], written: Sequence[Written], *, bench: Bench) -> Questions:
    """Return the calls that grade every turn of every answer, with the turns before it in view.

    A turn that was answered is graded even where a later one was not.
    """
    texts: list[Texts] = []
    for one in written:
        turns = prompts[one.prompt].turns
        for turn, answer in enumerate(one.answers):
            before = [
                message
                for asked, said in zip(turns[:turn], one.answers[:turn], strict=True)
                for message in (Message("user", asked), Message("assistant", said))
            ]
            conversation = (*before, Message("user", turns[turn])) if before else None
            texts.append(
                Texts(
                    comparison=len(texts),
                    identity=f"{len(texts):08x}",
                    prompt="\n\n".join(turns[: turn + 1]),
                    response_a=answer,
                    response_b=answer,
                    conversation=conversation,
                    columns={"arm": one.arm, "place": one.prompt, "turn": turn + 1},
                )
            )
    return pose(texts, bench)


def grades_of(judged: Judged, *, prompts: int, turns: int) -> Mapping[str, FloatArray]:
    """Return, by judge, the grades of every arm, shape (arms, prompts, turns); NaN where there is none."""
    found: dict[str, FloatArray] = {}
    for judge in judge_names(judged.questions.bench):
        sums = np.zeros((len(ARMS), prompts, turns))
        counts = np.zeros_like(sums)
        for texts, opinions in zip(judged.questions.texts, judged.verdicts, strict=True):
            arm, place, turn = (texts.columns[name] for name in ("arm", "place", "turn"))
            cell = ARMS.index(str(arm)), int(str(place)), int(str(turn)) - 1
            for one in opinions:
                if one.judge == judge and one.score_a is not None:
                    sums[cell] += one.score_a
                    counts[cell] += 1
        found[judge] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return found


def judge_names(bench: Bench) -> tuple[str, ...]:
    """Return the names of those whose verdicts count: the jury, or each judge."""
    return (bench.name,) if bench.jury is not None else tuple(seat.name for seat in bench.seats)


def pair_questions(pairs: Pairs, bench: Bench) -> Questions:
    """Return the calls that judge the pairs."""
    return pose(comparison_texts(pairs.dataset), bench)
