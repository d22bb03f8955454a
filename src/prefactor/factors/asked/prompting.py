"""From templates and texts of others to the messages of a call. Knows no factor, no parser."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from prefactor.asking.fence import enclosed, mark_for
from prefactor.asking.templates import filled, turn_by_turn
from prefactor.factors.asked.base import Query, RateOptions
from prefactor.llm.records import Message, Request, Sampling

__all__ = ["asked_of", "chat", "fenced", "marked", "object_schema", "query_texts", "template"]


@cache
def _templates() -> Mapping[str, Mapping[str, str]]:
    text = files("prefactor.factors").joinpath("asked", "prompts.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    return {name: dict(table) for name, table in found.items() if isinstance(table, dict)}


def template(part: str, name: str) -> str:
    r"""Return one template of ``prompts.toml``.

    Examples
    --------
    >>> template("fence", "mark")
    'The mark is {mark}.\n\n'
    """
    return _templates()[part][name]


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
    return {"prompt": asked_of(query), **{name: text for name, text in further.items() if text}}


def asked_of(query: Query) -> str:
    """Return the prompt, or the conversation that led to the answer, turn by turn."""
    return turn_by_turn(query.conversation) if query.conversation else query.prompt


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


def object_schema(properties: Mapping[str, object]) -> dict[str, object]:
    """Return the JSON Schema of an object with just these keys, all of them."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def chat(system: str, user: str, *, options: RateOptions, schema: str, max_tokens: int) -> Request:
    """Return a call.

    Parameters
    ----------
    system, user
        Instructions, and the texts.
    options
        Model, temperature, seed.
    schema
        Of the reply.
    max_tokens
        Most tokens of the reply.
    """
    sampling = Sampling(options.temperature, max_tokens, seed=options.repeat or None)
    # Half of a pair of surrogates is no character, and no server takes it.
    said = [text.strip("\n").encode("utf-8", "replace").decode() for text in (system, user)]
    messages = (Message("system", said[0]), Message("user", said[1]))
    return Request(options.model, messages, sampling=sampling, schema=schema)
