"""Answers written anew: after feedback, told of factors, or told nothing. Knows no factor, only advice in words.

Every answer is there, or is a named problem; what goes wrong on the way is the problem of the answer it leads to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from prefactor.asking.calls import Asked, AskOptions, ask_all
from prefactor.interventions.base import Answer, Task
from prefactor.interventions.eliciting import Spent
from prefactor.interventions.levels import read_answer
from prefactor.interventions.prompt_file import PromptFile, read_prompt_file
from prefactor.interventions.prompts import make_request, plain_request
from prefactor.llm.base import Provider
from prefactor.llm.records import Request, Sampling
from prefactor.runtime.running import Watch

__all__ = ["WAYS", "RefineOptions", "RefineWay", "Refined", "refine_answers"]

RefineWay = Literal["feedback", "factors", "plain"]
"""After feedback of an evaluator, told the factors that people weigh otherwise, or told nothing (the control)."""

WAYS: Final[tuple[RefineWay, ...]] = ("feedback", "factors", "plain")


@dataclass(frozen=True, slots=True)
class RefineOptions:
    """How answers are refined.

    Parameters
    ----------
    model
        Who writes.
    ways
        What is tried.
    evaluator
        Who gives feedback; the writer by default.
    advice
        What is said of factors; needed by the way ``"factors"``.
    sampling
        How first answers are drawn; its most tokens hold for every reply.
    """

    model: str
    ways: tuple[RefineWay, ...] = ("feedback", "plain")
    evaluator: str = ""
    advice: str = ""
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.0, max_tokens=1500))


@dataclass(frozen=True, slots=True)
class Refined:
    """First answers, and those written anew in every way.

    Parameters
    ----------
    tasks
        What is answered.
    first
        The first answer to each.
    anew
        By way, the new answer to each.
    spent
        What it took.
    options
        How it was done.
    """

    tasks: tuple[Task, ...]
    first: tuple[Answer, ...]
    anew: Mapping[RefineWay, tuple[Answer, ...]]
    spent: Spent
    options: RefineOptions


def refine_answers(
    tasks: Sequence[Task],
    provider: Provider,
    *,
    options: RefineOptions,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> Refined:
    """Have a model answer, and answer anew in every way asked for, all from the same first answers.

    Parameters
    ----------
    tasks
        What is answered, each once.
    provider
        Who is asked; it stays open.
    options
        Who writes, who evaluates, and what is tried.
    ask, watch
        As for :func:`prefactor.interventions.eliciting.elicit_levels`.
    """
    run = _Run(provider, ask, watch)
    plain = [replace(plain_request(task, model=options.model), sampling=options.sampling) for task in tasks]
    first = tuple(read_answer(asked, rank=1) for asked in run.ask(plain))
    known = [number for number, answer in enumerate(first) if not answer.problem]
    anew: dict[RefineWay, tuple[Answer, ...]] = {}
    for way in options.ways:
        advice = _advice(way, tasks, first, known, options=options, run=run)
        found = _revise(tasks, first, advice, options=options, run=run)
        anew[way] = tuple(
            found.get(number) or Answer(2, None, "", "missing", _why(first[number])) for number in range(len(tasks))
        )
    return Refined(tuple(tasks), first, anew, run.spent, options)


@dataclass(slots=True)
class _Run:
    """Who is asked, and what it has taken so far."""

    provider: Provider
    options: AskOptions | None
    watch: Watch | None
    spent: Spent = field(default_factory=Spent)

    def ask(self, requests: Sequence[Request]) -> tuple[Asked, ...]:
        if not requests:
            return ()
        answers = ask_all(self.provider, requests, options=self.spent.left_of(self.options), watch=self.watch)
        self.spent = self.spent.plus(list(dict(zip(requests, answers, strict=True)).values()))
        return answers


def _why(first: Answer) -> str:
    return f"no first answer: {first.problem}" if first.problem else "no feedback came"


def _advice(
    way: RefineWay,
    tasks: Sequence[Task],
    first: Sequence[Answer],
    known: Sequence[int],
    *,
    options: RefineOptions,
    run: _Run,
) -> dict[int, str]:
    """Return what the writer is told about each answer; empty where it is told nothing."""
    if way != "feedback":
        return dict.fromkeys(known, options.advice if way == "factors" else "")
    file, evaluator = _prompt("feedback", options), options.evaluator or options.model
    requests = [_shown(file, tasks[number], first[number], model=evaluator) for number in known]
    said = [read_answer(asked, rank=1) for asked in run.ask(requests)]
    return {number: each.text for number, each in zip(known, said, strict=True) if not each.problem}


def _revise(
    tasks: Sequence[Task], first: Sequence[Answer], advice: Mapping[int, str], *, options: RefineOptions, run: _Run
) -> dict[int, Answer]:
    told, plain = _prompt("revise-told", options), _prompt("revise-plain", options)
    requests = [
        _shown(told if said else plain, tasks[number], first[number], model=options.model, advice=said)
        for number, said in advice.items()
    ]
    return {number: read_answer(asked, rank=2) for number, asked in zip(advice, run.ask(requests), strict=True)}


def _prompt(name: str, options: RefineOptions) -> PromptFile:
    file = read_prompt_file(name)
    most = min(file.sampling.max_tokens, options.sampling.max_tokens)
    return replace(file, sampling=replace(file.sampling, max_tokens=most))


def _shown(file: PromptFile, task: Task, answer: Answer, *, model: str, advice: str = "") -> Request:
    texts = {"answer": answer.text} | ({"advice": advice} if advice else {})
    return make_request(file, task, model=model, places={}, texts=texts)
