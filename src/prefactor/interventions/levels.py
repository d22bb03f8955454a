"""Answers at levels of quality: what is asked for them, and what a reply holds. Asks nobody anything."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from prefactor.asking.calls import Asked
from prefactor.asking.json_objects import objects_in
from prefactor.asking.replies import excerpt, final_text, why_no_answer
from prefactor.interventions.base import Answer, AnswerProblem, Task
from prefactor.interventions.prompt_file import PromptFile
from prefactor.interventions.prompts import make_request
from prefactor.llm.records import Reply, Request

__all__ = ["asked_order", "level_request", "levels_request", "read_answer", "read_levels"]

_HOW_SOON: Final = 80
"""Characters within which a refusal begins; words like its own further on belong to an answer."""


def asked_order(task: Task, levels: int) -> tuple[int, ...]:
    """Return the levels in the order in which they are asked for: lowest first or highest first, by the task's hash.

    Half of the tasks have either order, so that what comes of being written first can be told from the level.

    Examples
    --------
    >>> asked_order(Task("Why?"), 3), asked_order(Task("When?"), 3)
    ((3, 2, 1), (1, 2, 3))
    """
    ascending = tuple(range(1, levels + 1))
    return ascending if int(task.identity[:2], 16) % 2 else ascending[::-1]


def level_request(file: PromptFile, task: Task, *, level: int, model: str, attempt: int = 0) -> Request:
    """Return the call for an answer of one level.

    Parameters
    ----------
    file, task
        As for :func:`prefactor.interventions.prompts.make_request`.
    level
        From 1, the lowest.
    model, attempt
        As there.
    """
    places = {"scale": _scale(file, range(1, len(file.levels) + 1)), "level": str(level)}
    return make_request(file, task, model=model, places=places, attempt=attempt)


def levels_request(file: PromptFile, task: Task, *, model: str, attempt: int = 0) -> Request:
    """Return the call for answers of all levels.

    Parameters
    ----------
    file, task, model, attempt
        As for :func:`prefactor.interventions.prompts.make_request`.
    """
    order = asked_order(task, len(file.levels))
    places = {"scale": _scale(file, order), "first": str(order[0]), "last": str(order[-1])}
    schema = _schema(order) if file.structured else ""
    return make_request(file, task, model=model, places=places, schema=schema, attempt=attempt)


def _scale(file: PromptFile, order: Sequence[int]) -> str:
    return "\n".join(f"{level}: {file.levels[level - 1]}" for level in order)


def _schema(order: Sequence[int]) -> str:
    names = [str(level) for level in order]
    texts = {name: {"type": "string", "minLength": 1} for name in names}
    return json.dumps({"type": "object", "properties": texts, "required": names, "additionalProperties": False})


def read_answer(asked: Asked, *, rank: int, place: int | None = None) -> Answer:
    """Return the answer that a reply is; a refusal, a cut-off and an empty text are said to be so.

    Parameters
    ----------
    asked
        What became of the call.
    rank, place
        As in :class:`prefactor.interventions.base.Answer`.
    """
    if asked.reply is None:
        return Answer(rank, place, "", "missing", asked.failure)
    text = final_text(asked.reply)
    problem: AnswerProblem = _problem(asked.reply, text)
    return Answer(rank, place, text if not problem else "", problem, excerpt(text) if problem else "")


def _problem(reply: Reply, text: str) -> AnswerProblem:
    why = why_no_answer(reply, text[:_HOW_SOON])
    if why != "unreadable":
        return why
    return "" if text else "empty"


def read_levels(asked: Asked, *, order: Sequence[int]) -> tuple[Answer, ...]:
    """Return the answer of every level that a reply of all of them holds, the lowest level first.

    Parameters
    ----------
    asked
        What became of the call.
    order
        The levels in the order in which they were asked for.
    """
    places = {level: place for place, level in enumerate(order)}
    if asked.reply is None:
        return tuple(Answer(level, places[level], "", "missing", asked.failure) for level in sorted(order))
    text = final_text(asked.reply)
    found = _levels_in(text, order)
    nothing: AnswerProblem = "unreadable" if found else why_no_answer(asked.reply, text)
    answers = []
    for level in sorted(order):
        said = found.get(level, [])
        good = len(said) == 1 and bool(said[0].strip())
        problem: AnswerProblem = "" if good else "empty" if len(said) == 1 else nothing
        answers.append(
            Answer(level, places[level], said[0].strip() if good else "", problem, "" if good else excerpt(text))
        )
    return tuple(answers)


def _levels_in(text: str, order: Sequence[int]) -> Mapping[int, list[str]]:
    """Return what the first JSON object with a level among its keys says of every level; a key may come twice."""
    levels = {str(level): level for level in order}
    for pairs in objects_in(text):
        found: dict[int, list[str]] = {}
        for key, value in pairs:
            if key in levels and isinstance(value, str):
                found.setdefault(levels[key], []).append(value)
        if found:
            return found
    return {}
