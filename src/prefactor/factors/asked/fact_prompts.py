"""The calls that take texts apart into facts, and those that check facts; their words are in ``facts.toml``.

Texts are put in once and never looked at for places, whatever they hold. Knows no parser and no factor.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

from prefactor.asking.fence import enclosed, mark_for
from prefactor.asking.templates import filled, places_in
from prefactor.data.text import repair
from prefactor.factors.asked.base import Answer, Query, RateOptions
from prefactor.factors.asked.prompting import asked_of, chat, object_schema
from prefactor.llm.records import Request

__all__ = ["check_request", "split_answer", "split_source", "verdicts_of"]

_LABELS: Final = {
    "request": "request",
    "answer": "answer",
    "source": "document",
    "reference": "answer known to be right",
    "text": "text",
    "facts": "list of statements",
}
_BYTES_A_TOKEN: Final = 2
"""Tokens that the facts of a text may take: as many as it would have itself with so few bytes each."""

_LEAST_TOKENS, _MOST_TOKENS = 300, 4_000
_TOKENS_A_VERDICT: Final = 25


def _schema(name: str, items: Mapping[str, Any]) -> str:
    fields = {name: {"type": "array", "items": items}}
    return orjson.dumps(object_schema(fields)).decode()


@cache
def _prompts() -> dict[str, Any]:
    text = files("prefactor.factors").joinpath("asked", "facts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def verdicts_of(kind: str) -> tuple[str, ...]:
    """Return the verdicts of a kind of check, the good one first.

    Examples
    --------
    >>> verdicts_of("knowledge")
    ('true', 'false', 'cannot tell')
    """
    return tuple(_prompts()[kind]["verdicts"])


def split_answer(answer: Answer, options: RateOptions) -> Request:
    """Return the call that takes an answer apart."""
    shown = {"request": asked_of(answer.query), "answer": answer.text}
    return _request("split-answer", shown, _schema("facts", {"type": "string"}), _room(answer.text), options)


def split_source(source: str, options: RateOptions) -> Request:
    """Return the call that takes a source document apart."""
    return _request("split-source", {"source": source}, _schema("facts", {"type": "string"}), _room(source), options)


def check_request(kind: str, facts: Sequence[str], *, against: str, query: Query, options: RateOptions) -> Request:
    """Return the call that checks facts.

    Parameters
    ----------
    kind
        ``"source"``, ``"reference"``, ``"knowledge"``, ``"coverage"`` (of the facts of a source, by a text) or
        ``"other"`` (the facts of an answer in another one).
    facts
        What is checked, each on one line.
    against
        The text that they are checked with; nothing for ``"knowledge"``.
    query
        What the answer answers.
    options
        Model, fence, repetition.
    """
    listed = "\n".join(f"{number}. {fact}" for number, fact in enumerate(facts, start=1))
    place = kind if kind in {"source", "reference"} else "text"
    shown = {"facts": listed, "request": asked_of(query), place: against}
    verdict = object_schema({"number": {"type": "integer"}, "verdict": {"enum": list(verdicts_of(kind))}})
    tokens = _LEAST_TOKENS + _TOKENS_A_VERDICT * len(facts)
    return _request(kind, shown, _schema("verdicts", verdict), tokens, options, count=len(facts))


def _request(
    kind: str, texts: Mapping[str, str], schema: str, max_tokens: int, options: RateOptions, *, count: int = 0
) -> Request:
    prompt = _prompts()[kind]
    places = {"fence": _prompts()["fence"] if options.fence else "", "count": str(count)}
    for name in places_in(prompt["user"]):
        if name in texts:
            text = repair(texts[name])[0]
            # A mark of its own for every text: what comes first stays the same whatever comes after, as caches of
            # prefixes need it, and nobody can write a text that holds a hash of itself.
            places[name] = enclosed(text, label=_LABELS[name], mark=mark_for([text]) if options.fence else "")
    system, user = (filled(prompt[part], places) for part in ("system", "user"))
    return chat(system, user, options=options, schema=schema, max_tokens=max_tokens)


def _room(text: str) -> int:
    size = len(text.encode("utf-8", "surrogatepass"))
    return min(_MOST_TOKENS, _LEAST_TOKENS + size // _BYTES_A_TOKEN)
