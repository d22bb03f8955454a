"""Answers a model was made to write, as comparisons of a judge: scored, paired, and in the form a preference log takes.

Knows no provider of its own and no file.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from prefactor.asking.calls import AskOptions
from prefactor.data.records import Message
from prefactor.errors import SettingError
from prefactor.factors import TextBatch, load_measurers, measure
from prefactor.interventions.base import Answer, Task, distinct_tasks, text_hash
from prefactor.interventions.pairs import Pair, best_of, every_two
from prefactor.judges.base import Asking, Opinion, Texts
from prefactor.judges.collecting import collect
from prefactor.judges.judge_file import SHIPPED
from prefactor.judges.judging import make_bench, pose
from prefactor.llm.base import Provider
from prefactor.readers.prompt_files import PromptRow
from prefactor.runtime.running import Watch

__all__ = [
    "Generated",
    "Scored",
    "answers_of",
    "compare_answers",
    "is_judge",
    "score_with_factor",
    "score_with_judge",
    "task_of",
]


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of answers.

    Parameters
    ----------
    scores
        For each task, a score for each answer; NaN where there is none.
    problems
        Why answers without a problem of their own have none, with the number of each reason.
    failures
        Kinds of calls that failed, with their number.
    """

    scores: tuple[tuple[float, ...], ...]
    problems: tuple[tuple[str, int], ...] = ()
    failures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Generated:
    """Comparisons of one model's answers, ready for a log.

    Parameters
    ----------
    texts
        The comparisons.
    verdicts
        For each of them, the one verdict on it.
    tied
        How many are ties.
    tasks
        Tasks with at least one comparison.
    """

    texts: tuple[Texts, ...]
    verdicts: tuple[tuple[Opinion, ...], ...]
    tied: int
    tasks: int


def task_of(row: PromptRow) -> Task:
    """Return what a row of a prompt file asks."""
    conversation = None if row.conversation is None else tuple(Message(*each) for each in row.conversation)
    return Task(
        row.prompt,
        system=row.system,
        source=row.source,
        reference=row.reference,
        conversation=conversation,
        columns=row.columns,
    )


def answers_of(
    rows: Sequence[PromptRow],
) -> tuple[tuple[Task, ...], tuple[tuple[Answer, ...], ...], tuple[tuple[float, ...], ...]]:
    """Return recorded answers by task, with their scores, NaN where a row has none.

    Parameters
    ----------
    rows
        Rows of a file of answers; those of one prompt belong together, wherever they stand. Answers are numbered in the
        order of their texts, so that the order of rows does not matter.

    Raises
    ------
    SettingError
        A row holds no answer.
    """
    found: dict[str, list[tuple[str, float]]] = {}
    asked = []
    for row in rows:
        if row.response is None:
            raise SettingError(
                "--from recorded", expected="a column of answers", got="none", hint="--map response=NAME"
            )
        asked.append(task_of(row))
        said = (row.response, nan if row.score is None else row.score)
        found.setdefault(asked[-1].identity, []).append(said)
    tasks = distinct_tasks(asked)
    known = [sorted(found[task.identity], key=lambda each: (each[0], str(each[1]))) for task in tasks]
    answers = [[Answer(rank, None, text) for rank, (text, _) in enumerate(each, start=1)] for each in known]
    return tasks, tuple(map(tuple, answers)), tuple(tuple(score for _, score in each) for each in known)


def compare_answers(
    tasks: Sequence[Task],
    answers: Sequence[Sequence[Answer]],
    *,
    model: str,
    judge: str,
    made_by: str,
    scores: Sequence[Sequence[float]] | None = None,
    best: bool = False,
) -> Generated:
    """Turn answers into comparisons of the judge that the writing itself is.

    Parameters
    ----------
    tasks
        What is answered.
    answers
        For each task, its answers; those with a problem take no part.
    model, judge, made_by
        Who wrote them, the name of the judge, and what made the verdicts.
    scores
        For each task, a score for each answer; by default their levels.
    best
        Compare the best with the rest, instead of every two.
    """
    texts: list[Texts] = []
    verdicts: list[tuple[Opinion, ...]] = []
    with_one = 0
    for number, (task, given) in enumerate(zip(tasks, answers, strict=True)):
        known = None if scores is None else scores[number]
        pairs = (
            best_of(task, given, scores=known) if best and known is not None else every_two(task, given, scores=known)
        )
        with_one += bool(pairs)
        for pair in pairs:
            texts.append(_texts(task, pair, model=model, number=len(texts)))
            verdicts.append((_opinion(pair, judge=judge, made_by=made_by),))
    tied = sum(one.preference == 0.5 for opinions in verdicts for one in opinions)
    return Generated(tuple(texts), tuple(verdicts), tied, with_one)


def _texts(task: Task, pair: Pair, *, model: str, number: int) -> Texts:
    return Texts(
        comparison=number,
        identity=text_hash(task.identity, pair.a.text, pair.b.text),
        prompt=task.prompt,
        response_a=pair.a.text,
        response_b=pair.b.text,
        system=task.system,
        source=task.source,
        reference=task.reference,
        conversation=task.conversation,
        model_a=model,
        model_b=model,
        columns=task.columns,
    )


def _opinion(pair: Pair, *, judge: str, made_by: str) -> Opinion:
    return Opinion(
        order=pair.order,
        repeat=0,
        preference=pair.preference,
        score_a=pair.score_a,
        score_b=pair.score_b,
        kind="llm",
        judge=judge,
        made_by=made_by,
    )


def is_judge(spec: str) -> bool:
    """Whether a scorer is a judge, and no factor.

    Examples
    --------
    >>> is_judge("grade"), is_judge("lexical:words"), is_judge("mine.py")
    (True, False, False)
    """
    return spec in SHIPPED or spec.endswith(".toml")


def score_with_factor(tasks: Sequence[Task], answers: Sequence[Sequence[Answer]], *, spec: str) -> Scored:
    """Score answers by one factor: of the text alone, or a function of a user's file.

    Parameters
    ----------
    tasks, answers
        What was asked, and what was answered.
    spec
        As for :func:`prefactor.factors.load_measurers`; it must come to one factor.

    Raises
    ------
    SettingError
        It comes to several.
    """
    measurers = load_measurers([spec])
    names = [factor.name for measurer in measurers for factor in measurer.factors]
    if len(names) != 1:
        hint = f"pick one: {spec}:NAME"
        raise SettingError("--scorer", expected="one factor", got=f"{len(names)} in {spec}", hint=hint)
    rows = [(each.text, task) for task, given in zip(tasks, answers, strict=True) for each in given if not each.problem]
    batch = TextBatch([text for text, _ in rows], [task.prompt for _, task in rows], [task.source for _, task in rows])
    values = iter(measure(measurers, batch)[:, 0].tolist() if rows else [])
    scores = tuple(tuple(nan if each.problem else next(values) for each in given) for given in answers)
    lost = sum(isnan(score) and not each.problem for each, score in _flat(answers, scores))
    return Scored(scores, (("the factor does not apply", lost),) if lost else ())


def score_with_judge(
    tasks: Sequence[Task],
    answers: Sequence[Sequence[Answer]],
    *,
    judge: str,
    asking: Asking,
    provider: Provider,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> Scored:
    """Score answers by a judge that sees one at a time: a grade, or the score of a reward model.

    Parameters
    ----------
    tasks, answers
        What was asked, and what was answered; answers with a problem are not shown to the judge.
    judge
        Name or file of the judge.
    asking
        Its model and fence.
    provider
        Who is asked; it is closed afterwards.
    ask, watch
        As for :func:`prefactor.judges.collecting.collect`.

    Returns
    -------
    Scored
        The mean of its scores where it was asked several times.

    Raises
    ------
    SettingError
        The judge gives no scores to single answers.
    """
    bench = make_bench(judge, [asking.model], asking=asking)
    if any(seat.file.kind not in ("grade", "reward") for seat in bench.seats) or bench.jury is not None:
        expected = "a judge that scores one answer: grade, rubric, reward, or a file of such a kind"
        raise SettingError("--scorer", expected=expected, got=judge)
    rows = [(task, each) for task, given in zip(tasks, answers, strict=True) for each in given if not each.problem]
    # The judge of comparisons is shown the same answer on both sides: equal calls are made once.
    texts = [
        _texts(task, Pair(one, one, 0, 0, 0.5), model="", number=number) for number, (task, one) in enumerate(rows)
    ]
    judged = collect(pose(texts, bench), provider, options=ask, watch=watch)
    verdicts = iter(judged.verdicts)
    scores = tuple(tuple(nan if each.problem else _mean_score(next(verdicts)) for each in given) for given in answers)
    problems = Counter(said[0].problem for said in judged.verdicts if isnan(_mean_score(said)))
    return Scored(scores, tuple(problems.most_common()), judged.failures)


def _flat(answers: Sequence[Sequence[Answer]], scores: Sequence[Sequence[float]]) -> Iterator[tuple[Answer, float]]:
    for given, known in zip(answers, scores, strict=True):
        yield from zip(given, known, strict=True)


def _mean_score(opinions: Sequence[Opinion]) -> float:
    known = [one.score_a for one in opinions if one.score_a is not None]
    return float(np.mean(known)) if known else nan
