"""Asking models for answers at levels of quality, and for samples; asking again for what is of no use.

The only place where these requests meet a provider. Every answer asked for is there, or is a named problem.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from prefactor._validate import check_positive
from prefactor.asking.calls import Asked, AskOptions, ask_all, failure_kind
from prefactor.errors import SettingError
from prefactor.interventions.base import Answer, AnswerProblem, Task
from prefactor.interventions.levels import asked_order, level_request, levels_request, read_answer, read_levels
from prefactor.interventions.prompt_file import PromptFile
from prefactor.interventions.prompts import plain_request, with_seed
from prefactor.llm.base import Provider
from prefactor.llm.records import Request, Sampling
from prefactor.runtime.budget import Cost
from prefactor.runtime.running import Watch

__all__ = [
    "ElicitOptions",
    "Elicited",
    "Spent",
    "elicit_levels",
    "first_requests",
    "mark_equal",
    "problems_of",
    "sample_answers",
]

REPAIRS: Final = 2
"""Times an answer of no use is asked for again."""


@dataclass(frozen=True, slots=True)
class ElicitOptions:
    """How answers are asked for.

    Parameters
    ----------
    model
        Who writes.
    file
        Prompt for answers at levels; None samples plain answers.
    samples
        How many of those for each task.
    sampling
        How they are drawn.
    repairs
        How often an answer of no use is asked for again, with another seed each time.
    """

    model: str
    file: PromptFile | None = None
    samples: int = 5
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=1.0, max_tokens=1500))
    repairs: int = REPAIRS


@dataclass(frozen=True, slots=True)
class Spent:
    """What asking took.

    Parameters
    ----------
    calls, cached
        Distinct calls, and those whose reply was there before.
    attempts
        How often a server was asked.
    failures
        Kinds of failures with their number, the commonest first.
    tokens, price
        What was paid now.
    """

    calls: int = 0
    cached: int = 0
    attempts: int = 0
    failures: tuple[tuple[str, int], ...] = ()
    tokens: int = 0
    price: float = 0.0

    def plus(self, answers: Sequence[Asked]) -> "Spent":
        """Return this with what further calls took."""
        failures = Counter(dict(self.failures))
        failures.update(failure_kind(each.failure) for each in answers if each.reply is None)
        return Spent(
            self.calls + len(answers),
            self.cached + sum(each.cached for each in answers),
            self.attempts + sum(each.attempts for each in answers),
            tuple(failures.most_common()),
            self.tokens + sum(each.usage.input_tokens + each.usage.output_tokens for each in answers),
            self.price + sum(each.price for each in answers),
        )

    def left_of(self, options: AskOptions | None) -> AskOptions | None:
        """Return how further calls are made: with what is left of the budget, which is one for all rounds."""
        if options is None:
            return None
        cost = Cost(self.attempts, self.tokens, self.price)
        return replace(options, calls=replace(options.calls, budget=options.calls.budget.without(cost)))


@dataclass(frozen=True, slots=True)
class Elicited:
    """Answers to every task.

    Parameters
    ----------
    tasks
        The tasks.
    answers
        For each of them, one answer for every level or sample asked for, good or with its problem.
    options
        How they were asked for.
    spent
        What that took.
    repaired
        Answers that were of no use at first and are now.
    """

    tasks: tuple[Task, ...]
    answers: tuple[tuple[Answer, ...], ...]
    options: ElicitOptions
    spent: Spent = field(default_factory=Spent)
    repaired: int = 0


Ask = Callable[[Sequence[Request]], Sequence[Asked]]


def elicit_levels(
    tasks: Sequence[Task],
    provider: Provider,
    *,
    options: ElicitOptions,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> Elicited:
    """Ask for an answer of every level to every task.

    Levels that are missing, refused, cut off, empty or the same as another (but for white space) are asked for again:
    by themselves where each has its own call, otherwise all levels of the task once more, of which the try with the
    fewest problems is kept, the first of equals, for answers of different calls were not written to differ. What is
    still of no use is left so; of equal answers none can be used, since each stands for two levels.

    Parameters
    ----------
    tasks
        What is answered, each once.
    provider
        Who is asked; it stays open.
    options
        How answers are asked for; with a file.
    ask
        Cache, concurrency, limits, budget.
    watch
        Told how far it is.

    Returns
    -------
    Elicited
        The same whichever calls were in the cache.

    Raises
    ------
    SettingError
        The options have no prompt for levels.
    """
    return _in_rounds(_WAYS[_file(options).kind], tasks, provider, options=options, ask=ask, watch=watch)


def sample_answers(
    tasks: Sequence[Task],
    provider: Provider,
    *,
    options: ElicitOptions,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> Elicited:
    """Have a model answer every task several times, each with a seed of its own; all it sees is the task.

    Equal samples are left: they are what the model says most, and no comparison is made of two equal texts.

    Parameters
    ----------
    tasks, provider, options, ask, watch
        As for :func:`elicit_levels`; the options' file is not looked at.
    """
    check_positive("samples", options.samples)
    return _in_rounds(_SAMPLES, tasks, provider, options=options, ask=ask, watch=watch)


def first_requests(tasks: Sequence[Task], options: ElicitOptions) -> tuple[Request, ...]:
    """Return the calls of the first round, for a plan: repairs come on top."""
    way = _SAMPLES if options.file is None else _WAYS[_file(options).kind]
    return tuple(request for task in tasks for request in way.requests(task, options, (), 0))


def problems_of(elicited: Elicited) -> tuple[tuple[AnswerProblem, int], ...]:
    """Return the problems that are left, with the number of answers that have each, the commonest first."""
    found = Counter(each.problem for answers in elicited.answers for each in answers if each.problem)
    return tuple(found.most_common())


def mark_equal(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Say of answers of different levels that are the same but for white space that they are.

    Examples
    --------
    >>> [each.problem for each in mark_equal([Answer(1, 0, "a  b"), Answer(2, 1, "a b"), Answer(3, 2, "c")])]
    ['equal', 'equal', '']
    """
    bare = Counter(" ".join(each.text.split()) for each in answers if not each.problem)
    return tuple(
        replace(each, problem="equal", said="the same text at another level")
        if not each.problem and bare[" ".join(each.text.split())] > 1
        else each
        for each in answers
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """How answers are asked for in one round, read from the replies, and put with those of earlier rounds."""

    requests: Callable[[Task, ElicitOptions, Sequence[Answer], int], Sequence[Request]]
    join: Callable[[Task, ElicitOptions, Sequence[Answer], Sequence[Asked], int], tuple[Answer, ...]]


def _in_rounds(
    way: _Way,
    tasks: Sequence[Task],
    provider: Provider,
    *,
    options: ElicitOptions,
    ask: AskOptions | None,
    watch: Watch | None,
) -> Elicited:
    answers: list[tuple[Answer, ...]] = [() for _ in tasks]
    spent, failed_at_first = Spent(), 0
    for attempt in range(options.repairs + 1):
        wanted = [way.requests(task, options, known, attempt) for task, known in zip(tasks, answers, strict=True)]
        requests = [request for each in wanted for request in each]
        if not requests:
            break
        replies = ask_all(provider, requests, options=spent.left_of(ask), watch=watch)
        spent = spent.plus(list(dict(zip(requests, replies, strict=True)).values()))
        place = 0
        for number, each in enumerate(wanted):
            if each:
                part = replies[place : place + len(each)]
                answers[number] = way.join(tasks[number], options, answers[number], part, attempt)
                place += len(each)
        if attempt == 0:
            failed_at_first = _count_problems(answers)
    repaired = failed_at_first - _count_problems(answers)
    return Elicited(tuple(tasks), tuple(answers), options, spent, repaired)


def _count_problems(answers: Sequence[Sequence[Answer]]) -> int:
    return sum(bool(each.problem) for known in answers for each in known)


def _file(options: ElicitOptions) -> PromptFile:
    kind = "none" if options.file is None else options.file.kind
    if options.file is None or kind not in _WAYS:
        raise SettingError("--levels-in", expected=f"a prompt of a kind among {', '.join(_WAYS)}", got=kind)
    return options.file


def _again(known: Sequence[Answer]) -> tuple[Answer, ...]:
    """Return the answers to ask for again: those of no use, but of equal ones all but the lowest level."""
    seen: set[str] = set()
    again = []
    for each in known:
        text = " ".join(each.text.split())
        if each.problem and not (each.problem == "equal" and text not in seen):
            again.append(each)
        seen.add(text)
    return tuple(again)


def _each_requests(task: Task, options: ElicitOptions, known: Sequence[Answer], attempt: int) -> Sequence[Request]:
    file = _file(options)
    levels = [each.rank for each in _again(known)] if known else range(1, len(file.levels) + 1)
    return [level_request(file, task, level=level, model=options.model, attempt=attempt) for level in levels]


def _each_join(
    task: Task, options: ElicitOptions, known: Sequence[Answer], asked: Sequence[Asked], attempt: int
) -> tuple[Answer, ...]:
    del task
    levels = [each.rank for each in _again(known)] if known else range(1, len(_file(options).levels) + 1)
    new = {
        level: replace(read_answer(each, rank=level), attempts=attempt + 1)
        for level, each in zip(levels, asked, strict=True)
    }
    # Who was equal is told anew: the other may have been replaced.
    kept = [replace(each, problem="", said="") if each.problem == "equal" else each for each in known]
    return mark_equal(_replaced(kept, new) if known else list(new.values()))


def _one_requests(task: Task, options: ElicitOptions, known: Sequence[Answer], attempt: int) -> Sequence[Request]:
    if known and not any(each.problem for each in known):
        return []
    return [levels_request(_file(options), task, model=options.model, attempt=attempt)]


def _one_join(
    task: Task, options: ElicitOptions, known: Sequence[Answer], asked: Sequence[Asked], attempt: int
) -> tuple[Answer, ...]:
    read = read_levels(asked[0], order=asked_order(task, len(_file(options).levels)))
    new = mark_equal([replace(each, attempts=attempt + 1) for each in read])
    return new if not known or _count_problems([new]) < _count_problems([known]) else tuple(known)


def _sample_requests(task: Task, options: ElicitOptions, known: Sequence[Answer], attempt: int) -> Sequence[Request]:
    numbers = [each.rank for each in known if each.problem] if known else range(1, options.samples + 1)
    plain = replace(plain_request(task, model=options.model), sampling=options.sampling)
    return [with_seed(plain, number + attempt * options.samples) for number in numbers]


def _sample_join(
    task: Task, options: ElicitOptions, known: Sequence[Answer], asked: Sequence[Asked], attempt: int
) -> tuple[Answer, ...]:
    del task
    numbers = [each.rank for each in known if each.problem] if known else range(1, options.samples + 1)
    new = {
        number: replace(read_answer(each, rank=number), attempts=attempt + 1)
        for number, each in zip(numbers, asked, strict=True)
    }
    return _replaced(known, new) if known else tuple(new.values())


def _replaced(known: Sequence[Answer], new: Mapping[int, Answer]) -> tuple[Answer, ...]:
    """Put new answers in the place of old ones; where none came, the old one says better what is wrong."""
    found = [new.get(each.rank, each) for each in known]
    return tuple(old if each.problem == "missing" else each for old, each in zip(known, found, strict=True))


_SAMPLES: Final = _Way(_sample_requests, _sample_join)
_WAYS: Final[Mapping[str, _Way]] = {
    "levels-one": _Way(_one_requests, _one_join),
    "levels-each": _Way(_each_requests, _each_join),
}
