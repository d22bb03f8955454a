"""The prompts that answerers and evaluators are asked with: data files that ship with prefactor, and filling them in.

Texts are put in once and never looked at for places, whatever they hold. Knows no parser.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from string import ascii_uppercase
from typing import Final

from prefactor._validate import check_known
from prefactor.asking.fence import enclosed, mark_for
from prefactor.asking.templates import filled
from prefactor.data.question_set import Question
from prefactor.llm.records import Message, Request, Sampling

__all__ = ["ANSWER", "FORMS", "PromptFile", "Shown", "make_request", "read_prompt"]

ANSWER: Final = "answer"
FORMS: Final = ("words", "reworded", "probability", "scale")
"""Forms in which an evaluator can be asked."""

MOST_WORDINGS: Final = 12
"""Wordings of a key that a model is shown: the first ones. Some keys have hundreds."""

_LABELS: Final = {
    "question": "question",
    "answer": "answer",
    "options": "options",
    "source": "document",
    "key": "right answers",
}


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One prompt.

    Parameters
    ----------
    name, version, about
        What it is.
    parser
        How replies to it are read; empty for answers.
    system, user, fence
        Templates.
    optional
        Templates of what is shown only where it is there.
    sampling
        How replies are drawn.
    """

    name: str
    version: int
    about: str
    parser: str
    system: str
    user: str
    fence: str
    optional: Mapping[str, str]
    sampling: Sampling


@cache
def read_prompt(name: str) -> PromptFile:
    """Return a prompt that ships with prefactor.

    Raises
    ------
    UnknownNameError
        There is no such prompt.

    Examples
    --------
    >>> read_prompt("words").version
    1
    """
    check_known("form", [name], (ANSWER, *FORMS))
    content = (files("prefactor.graders") / "files" / f"{name}.toml").read_text(encoding="utf-8")
    found = tomllib.loads(content)
    prompt = {place: text.removeprefix("\n") for place, text in found["prompt"].items()}
    return PromptFile(
        found["name"],
        found["version"],
        found["about"],
        found.get("parser", ""),
        prompt["system"],
        prompt["user"],
        prompt["fence"],
        found["optional"],
        Sampling(**found["sampling"]),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What a model is shown.

    Parameters
    ----------
    question
        The question, with its options and source where it has any.
    answer
        The answer to be graded; None where the model is to answer.
    keyed
        Whether the key is shown.
    unknown
        Whether the model may say that it does not know.
    fence
        Whether texts are fenced off from instructions.
    """

    question: Question
    answer: str | None = None
    keyed: bool = False
    unknown: bool = False
    fence: bool = True


def make_request(file: PromptFile, shown: Shown, *, model: str, repeat: int = 0, top_logprobs: int = 0) -> Request:
    """Return the call that asks a model.

    Parameters
    ----------
    file
        The prompt.
    shown
        What is put into it.
    model
        Who is asked.
    repeat
        From 1 on, the seed of the call: what makes the second time of asking another call than the first.
    top_logprobs
        Alternatives of every token that are wanted.
    """
    texts = _texts(shown)
    mark = mark_for(list(texts.values())) if shown.fence else ""
    places = {name: enclosed(text, label=_LABELS[name], mark=mark) for name, text in texts.items()}
    for name in ("source", "options", "key"):
        places[name] = file.optional[name].replace("{text}", places[name]) if name in places else ""
    places["unknown"] = file.optional["unknown"] if shown.unknown else ""
    places["fence"] = file.fence.replace("{mark}", mark) if mark else ""
    return Request(
        model=model,
        messages=(Message("system", filled(file.system, places)), Message("user", filled(file.user, places))),
        sampling=replace(file.sampling, seed=repeat) if repeat else file.sampling,
        top_logprobs=top_logprobs,
    )


def _texts(shown: Shown) -> dict[str, str]:
    question = shown.question
    texts = {"question": question.text}
    if shown.answer is not None:
        texts["answer"] = shown.answer
    if question.options:
        lettered = zip(ascii_uppercase, question.options, strict=False)
        texts["options"] = "\n".join(f"{letter}. {option}" for letter, option in lettered)
    if question.source:
        texts["source"] = question.source
    if shown.keyed:
        texts["key"] = "\n".join(question.key[:MOST_WORDINGS])
    return texts
