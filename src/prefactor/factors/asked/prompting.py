"""From the templates of ``prompts.toml`` and texts of others to the messages of a call. Knows no factor, no parser."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from prefactor.asking.fence import enclosed, mark_for
from prefactor.data.records import Message as Said
from prefactor.factors.asked.base import Query, RateOptions
from prefactor.llm.records import Message, Request, Sampling

__all__ = ["chat", "fenced", "filled", "marked", "query_texts", "template"]

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_SPEAKERS: Final = {"user": "User", "assistant": "Assistant", "system": "System"}


@cache
def _templates() -> Mapping[str, Mapping[str, str]]:
    text = files("prefactor.factors").joinpath("asked", "prompts.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    return {name: dict(table) for name, table in found.items() if isinstance(table, dict)}


def template(part: str, name: str) -> str:
    r"""Return one template.

    Examples
    --------
    >>> template("fence", "mark")
    'The mark is {mark}.\n\n'
    """
    return _templates()[part][name]


def filled(text: str, places: Mapping[str, str]) -> str:
    """Return a template with texts in its places; what a text holds is never taken for a place.

    Examples
    --------
    >>> filled("{prompt} {other} {A}", {"prompt": "{other}", "other": "x"})
    '{other} x {A}'
    """
    return _PLACE.sub(lambda match: places.get(match[1], match[0]), text)


def query_texts(query: Query, *, reference: bool = False) -> dict[str, str]:
    """Return what belongs to a query, by the name of its template.

    Parameters
    ----------
    query
        The query.
    reference
        Whether the known good answer is shown.
    """
    further = {"instructions": query.system, "source": query.source, "reference": query.reference if reference else ""}
    return {"prompt": _asked(query), **{name: text for name, text in further.items() if text}}


def _asked(query: Query) -> str:
    """Return the prompt, or the conversation that led to the answer, turn by turn."""
    if not query.conversation:
        return query.prompt
    return "\n\n".join(_turn(number, said) for number, said in enumerate(query.conversation, start=1))


def _turn(number: int, said: Said) -> str:
    return f"[{_SPEAKERS.get(said.role, said.role)}, message {number}]\n{said.content}"


def marked(query: Sequence[str], answers: Sequence[str]) -> str:
    """Return a mark that occurs in no text: that of the query, so that calls on its answers begin alike.

    Where an answer holds that mark, as whoever knows the query can bring about, it is a mark of all texts together.
    """
    mark = mark_for(query)
    return mark_for([*query, *answers]) if any(mark in answer.casefold() for answer in answers) else mark


def fenced(texts: Mapping[str, str], *, mark: str) -> dict[str, str]:
    """Return the texts of a query enclosed, those that are optional with the words that go before them."""
    labels = {"prompt": "request", "instructions": "instructions", "source": "document", "reference": "good answer"}
    places = {name: enclosed(text, label=labels[name], mark=mark) for name, text in texts.items()}
    optional = ("instructions", "source", "reference")
    told = {name: filled(template("optional", name), {"text": places.get(name, "")}) for name in optional}
    return {**places, **{name: told[name] if name in texts else "" for name in optional}}


def chat(system: str, user: str, *, options: RateOptions, schema: str, max_tokens: int) -> Request:
    """Return a call: instructions, the texts, a schema for the reply."""
    sampling = Sampling(options.temperature, max_tokens, seed=options.repeat or None)
    # Half of a pair of surrogates is no character, and no server takes it.
    said = [text.strip("\n").encode("utf-8", "replace").decode() for text in (system, user)]
    messages = (Message("system", said[0]), Message("user", said[1]))
    return Request(options.model, messages, sampling=sampling, schema=schema)
