"""From questions, answers and verdicts to what is found about everybody who answered or graded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction, check_known
from prefactor.analysis.competence.answering import answerer_standings, grader_qualities
from prefactor.analysis.competence.conclude import conclude
from prefactor.analysis.competence.consistency import consistency_of
from prefactor.analysis.competence.evaluating import (
    balanced_accuracy,
    cell_of,
    following_of,
    generation_of,
    knowing_of,
    self_preference_of,
    share_where,
)
from prefactor.analysis.competence.fooling import fooling_factors
from prefactor.analysis.competence.results import (
    Competence,
    CompetenceSettings,
    Evaluator,
    Example,
    SliceStanding,
)
from prefactor.analysis.competence.rows import EvaluatorRows, account_of, evaluator_rows
from prefactor.analysis.competence.truth import Truth, find_truth, grades_of
from prefactor.data.question_set import AnswerVerdict, QuestionSet
from prefactor.errors import SettingError
from prefactor.factors import Factor, TextBatch, factors_of, load_measurers, measure
from prefactor.runtime.progress import Progress, silent
from prefactor.stats.calibration import CalibrationScores, score_chances
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_share

__all__ = ["assess"]

EXAMPLES: Final = 3
"""Verdicts to read of every kind."""

LONGEST_VALUES: Final = 30
"""Values of a column above which it is not sliced by: it is an id, or a number."""

WITH_KEY: Final = ", with the key"
_UNKNOWN: Final = Estimate(float("nan"))


@dataclass(frozen=True, slots=True)
class _Seat:
    """One evaluator in one form of asking."""

    name: str
    answerer: str
    keyed: bool
    verdicts: tuple[AnswerVerdict, ...]
    others: tuple[AnswerVerdict, ...]


@dataclass(frozen=True, slots=True)
class _Measured:
    """Factor scores of every answer with a text."""

    factors: tuple[Factor, ...]
    scores: FloatArray
    place: dict[tuple[str, str], int]

    def of(self, rows: EvaluatorRows) -> FloatArray:
        """Return the scores of the answers of some rows."""
        return self.scores[[self.place[key] for key in rows.keys]]


def assess(
    found: QuestionSet, settings: CompetenceSettings | None = None, *, progress: Progress = silent
) -> Competence:
    """Say who answers well, who grades well, and whether those who grade well do so because they know.

    Parameters
    ----------
    found
        Questions, answers and verdicts.
    settings
        Graders, evaluators and limits.
    progress
        Told how many evaluators are done.

    Returns
    -------
    Competence
        The same whatever the order of rows.

    Raises
    ------
    SettingError
        There are no answers, or a setting cannot work.
    UnknownNameError
        A grader, factor, column or answerer is not known.

    Examples
    --------
    >>> from prefactor.data.question_set import Answer, Question
    >>> questions = tuple(Question(f"q{n}", f"What is {n} + 1?", (str(n + 1),)) for n in range(40))
    >>> answers = tuple(Answer(q.identity, "adder", q.key[0] if n % 4 else "7") for n, q in enumerate(questions))
    >>> (adder,) = assess(QuestionSet(questions, answers)).answerers
    >>> adder.right, adder.wrong, str(adder.accuracy)
    (30, 10, '0.75 [0.62, 0.84]')
    """
    settings = settings or CompetenceSettings()
    check_fraction("interval", settings.interval)
    check_fraction("least", settings.least)
    check_known("column", settings.slices, found.columns)
    if not found.answers:
        raise SettingError("answers", expected="recorded answers, or models to ask", got="questions alone")
    truth = find_truth(found, settings.graders)
    if not truth.right:
        hint = "name another grader"
        raise SettingError("graders", expected="answers that are known to be right or wrong", got="none", hint=hint)
    seats = _seats(found, truth, settings)
    measured = _measured(truth, settings) if seats and settings.factors else None
    evaluators = []
    for done, seat in enumerate(seats):
        progress("grading the graders", done, len(seats))
        evaluators.append(_evaluator(truth, seat, measured, settings=settings))
    answerers = answerer_standings(truth, settings)
    return Competence(
        questions=len(truth.questions),
        left_out=found.left_out,
        answerers=answerers,
        graders=grader_qualities(truth, settings),
        evaluators=tuple(evaluators),
        slices=tuple(_answerer_slices(truth, settings)),
        settings=settings,
        sources=found.sources,
        truth=dict(Counter("people" if key in truth.by_people else truth.graders[0].name for key in truth.right)),
    )


def _seats(found: QuestionSet, truth: Truth, settings: CompetenceSettings) -> tuple[_Seat, ...]:
    graded = [grades_of(found, name) for name in settings.evaluators]
    verdicts = [
        *found.verdicts,
        *(
            AnswerVerdict(*key, each.name, right, problem="" if right is not None else "does not apply", keyed=True)
            for each in graded
            for key, right in each.grades.items()
        ),
    ]
    groups: dict[tuple[str, str, bool], list[AnswerVerdict]] = {}
    for each in sorted(verdicts, key=lambda one: (one.question, one.answerer, one.repeat)):
        groups.setdefault((each.evaluator, each.form, each.keyed), []).append(each)
    same = dict(settings.same)
    check_known("evaluator", same, {name for name, _, _ in groups})
    check_known("answerer", same.values(), truth.answerers)
    seats = []
    for (name, form, keyed), own in sorted(groups.items()):
        forms = {other for evaluator, other, _ in groups if evaluator == name}
        kinds = {with_key for evaluator, _, with_key in groups if evaluator == name}
        others = [
            each
            for (evaluator, other, with_key), part in sorted(groups.items())
            if evaluator == name and other != form and with_key == keyed
            for each in part
        ]
        shown = name + (f", {form}" if len(forms) > 1 and form else "") + (WITH_KEY if keyed and len(kinds) > 1 else "")
        answerer = same.get(name, name if name in truth.answerers else "")
        seats.append(_Seat(shown, answerer, keyed, tuple(own), tuple(others)))
    return tuple(seats)


def _measured(truth: Truth, settings: CompetenceSettings) -> _Measured:
    measurers = load_measurers(settings.factors)
    held = [(key, answer.text) for key, answer in truth.answers.items() if answer.text is not None]
    asked = [truth.questions[truth.place[key[0]]] for key, _ in held]
    batch = TextBatch([text for _, text in held], [each.text for each in asked], [each.source for each in asked])
    place = {key: row for row, (key, _) in enumerate(held)}
    return _Measured(factors_of(measurers), measure(measurers, batch), place)


def _evaluator(truth: Truth, seat: _Seat, measured: _Measured | None, *, settings: CompetenceSettings) -> Evaluator:
    first = [each for each in seat.verdicts if not each.repeat]
    rows = evaluator_rows(truth, first, answerer=seat.answerer)
    account = account_of(truth, first)
    every = np.ones(len(rows.keys), dtype=bool)
    interval = settings.interval
    balanced = balanced_accuracy(rows, every, interval=interval)
    knowing = tuple(
        each
        for each in (
            knowing_of(rows, every, answerer="", interval=interval),
            *(
                knowing_of(rows, rows.answerer == place, answerer=name, interval=interval)
                for place, name in enumerate(truth.answerers)
            ),
        )
        if each is not None
    )
    generation = generation_of(rows, interval=interval)
    following = following_of(rows, interval=interval)
    conclusion, sentence = conclude(
        balanced,
        knowing=knowing[0] if knowing else None,
        generation=generation,
        following=following,
        settings=settings,
    )
    return Evaluator(
        name=seat.name,
        answerer=seat.answerer,
        keyed=seat.keyed,
        account=account,
        accuracy=share_where(rows, rows.true, where=every, interval=interval),
        balanced=balanced,
        sensitivity=share_where(rows, rows.true, where=rows.right, interval=interval),
        specificity=share_where(rows, rows.true, where=~rows.right, interval=interval),
        abstention=_abstention(truth, first, interval),
        cells=tuple(
            cell_of(rows, place, answerer=name, interval=interval)
            for place, name in enumerate(truth.answerers)
            if (rows.answerer == place).any()
        ),
        self_preference=self_preference_of(rows, interval=interval) if rows.own.any() else _UNKNOWN,
        generation=generation,
        knowing=knowing,
        following=following,
        consistency=consistency_of(truth, seat.verdicts, others=seat.others, interval=interval),
        calibration=_calibration(rows, settings),
        fooled=()
        if measured is None
        else fooling_factors(rows, measured.of(rows), factors=measured.factors, settings=settings),
        slices=tuple(_evaluator_slices(truth, seat.name, rows, settings)),
        examples=tuple(_examples(truth, seat, rows)),
        conclusion=conclusion,
        sentence=sentence,
    )


def _abstention(truth: Truth, verdicts: Sequence[AnswerVerdict], interval: float) -> Estimate:
    known = [each for each in verdicts if (each.question, each.answerer) in truth.right]
    said = [each for each in known if each.right is not None or each.problem == "unknown"]
    values = np.array([each.right is None for each in said], dtype=float)
    return cluster_share(values, clusters=[truth.place[each.question] for each in said], interval=interval)


def _calibration(rows: EvaluatorRows, settings: CompetenceSettings) -> CalibrationScores | None:
    known = ~np.isnan(rows.chance)
    if not known.any():
        return None
    return score_chances(
        rows.chance[known],
        rows.right[known],
        clusters=rows.question[known],
        interval=settings.interval,
        bootstraps=settings.bootstraps,
        seed=settings.seed,
    )


def _slices(truth: Truth, settings: CompetenceSettings) -> Iterator[tuple[str, str, BoolArray]]:
    """Yield every column with each of its values, and which questions have it."""
    for column in settings.slices:
        values = np.array([str(question.columns.get(column)) for question in truth.questions])
        distinct = sorted(set(values.tolist()))
        if len(distinct) > LONGEST_VALUES:
            expected = f"a column of at most {LONGEST_VALUES} values"
            raise SettingError("slice", expected=expected, got=f"{column} with {len(distinct):,}")
        for value in distinct:
            yield column, value, values == value


def _evaluator_slices(
    truth: Truth, name: str, rows: EvaluatorRows, settings: CompetenceSettings
) -> Iterator[SliceStanding]:
    for column, value, held in _slices(truth, settings):
        where = held[rows.question]
        if where.any():
            accuracy = share_where(rows, rows.true, where=where, interval=settings.interval)
            balanced = balanced_accuracy(rows, where, interval=settings.interval)
            yield SliceStanding(column, value, name, int(where.sum()), accuracy, balanced)


def _answerer_slices(truth: Truth, settings: CompetenceSettings) -> Iterator[SliceStanding]:
    for column, value, held in _slices(truth, settings):
        for name in truth.answerers:
            keys = [
                key
                for key in truth.answers
                if key[1] == name and held[truth.place[key[0]]] and (key in truth.right or key in truth.abstained)
            ]
            if keys:
                right = np.array([truth.right.get(key, False) for key in keys], dtype=float)
                clusters = [truth.place[key[0]] for key in keys]
                share = cluster_share(right, clusters=clusters, interval=settings.interval)
                yield SliceStanding(column, value, name, len(keys), share, _UNKNOWN)


def _examples(truth: Truth, seat: _Seat, rows: EvaluatorRows) -> Iterator[Example]:
    """Yield a few verdicts of every kind: those with the smallest ids, which are hashes, answerers in turn."""
    for can in (1.0, 0.0, None):
        known = np.isnan(rows.can) if can is None else rows.can == can
        for right in (True, False):
            for accepted in (True, False):
                held = known & (rows.right == right) & (rows.accepted == accepted)
                for place in _in_turn(rows, held):
                    key = rows.keys[place]
                    question = truth.questions[truth.place[key[0]]]
                    own = truth.answers.get((key[0], seat.answerer))
                    yield Example(
                        evaluator=seat.name,
                        answerer=key[1],
                        question=question.text,
                        key=question.key[0] if question.key else "",
                        answer=truth.answers[key].text or "",
                        right=right,
                        accepted=accepted,
                        own_answer=own.text if own is not None else None,
                        own_right=None if can is None else bool(can),
                    )


def _in_turn(rows: EvaluatorRows, held: BoolArray) -> list[int]:
    places = np.flatnonzero(held)
    turn = dict.fromkeys(range(int(rows.answerer.max(initial=-1)) + 1), 0)
    ranked = []
    for place in places.tolist():
        name = int(rows.answerer[place])
        ranked.append((turn[name], place))
        turn[name] += 1
    return [place for _, place in sorted(ranked)[:EXAMPLES]]
