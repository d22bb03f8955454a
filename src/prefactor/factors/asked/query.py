"""Reading queries before answers are measured: scenario, and what some factors need a query to have.

Several queries are read in one call; one that cannot be read there is asked about once more by itself.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import orjson

from prefactor.asking.calls import Asked, AskOptions
from prefactor.asking.fence import enclosed
from prefactor.asking.templates import filled
from prefactor.factors.asked import QUERY_KINDS, SCENARIOS
from prefactor.factors.asked.base import Query, RateOptions, Subjects
from prefactor.factors.asked.levels import Said, folded, said_in, truth_of
from prefactor.factors.asked.loose_json import Items
from prefactor.factors.asked.measuring import Spent, take_steps
from prefactor.factors.asked.prompting import chat, marked, object_schema, query_texts, template
from prefactor.llm.base import Provider
from prefactor.llm.records import Request
from prefactor.runtime.running import Watch

__all__ = [
    "LISTED",
    "QueriesRead",
    "QueryReading",
    "Readings",
    "read_queries",
    "reading_steps",
    "stand_in",
]

LISTED: Final = ("constraints", "stances", "mistakes")
"""Kinds of query that come with phrases: what exactly the query holds."""

_FLAGS: Final = ("unclear", "feelings")
_FIELDS: Final = ("scenario", *_FLAGS, *LISTED)
_MOST_CHARACTERS: Final = 24_000
"""Of the queries that one call reads; a longer one is read by itself."""

_REPLY_TOKENS: Final = 250


@dataclass(frozen=True, slots=True)
class QueryReading:
    """What a query holds.

    Parameters
    ----------
    scenario
        One of :data:`prefactor.factors.asked.SCENARIOS`.
    unclear
        Whether it cannot be told what is wanted.
    feelings
        Whether the writer shows feelings.
    constraints, stances, mistakes
        Demands on the answer, opinions of the writer, and errors or biases, each in a phrase.
    """

    scenario: str
    unclear: bool = False
    feelings: bool = False
    constraints: tuple[str, ...] = ()
    stances: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()

    def has(self, kind: str) -> bool:
        """Whether the query is of a kind among :data:`prefactor.factors.asked.QUERY_KINDS`.

        Examples
        --------
        >>> reading = QueryReading("code", constraints=("in Python",))
        >>> reading.has("constraints"), reading.has("unclear")
        (True, False)
        """
        return bool(getattr(self, kind))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that the query is of, in the order of :data:`prefactor.factors.asked.QUERY_KINDS`."""
        return tuple(kind for kind in QUERY_KINDS if self.has(kind))


@dataclass(frozen=True, slots=True)
class Readings:
    """What is known of queries.

    Parameters
    ----------
    read
        What was read.
    unread
        Why the others were not: ``"missing"`` where the call failed, or as in
        :data:`prefactor.factors.asked.base.OUTCOMES`.
    """

    read: Mapping[Query, QueryReading] = field(default_factory=dict)
    unread: Mapping[Query, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueriesRead:
    """What came of reading queries.

    Parameters
    ----------
    readings
        What was read, and what was not.
    spent
        What it took.
    """

    readings: Readings
    spent: Spent


def read_queries(
    subjects: Subjects,
    *,
    provider: Provider,
    options: RateOptions,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> QueriesRead:
    """Read the distinct queries of what is measured; the calls are those that measuring makes, and share its cache.

    Parameters
    ----------
    subjects
        Answers with their queries.
    provider
        Who is asked; it is closed afterwards.
    options, ask, watch
        As for :func:`prefactor.factors.asked.measuring.measure_by_asking`.

    Examples
    --------
    >>> from prefactor.factors.asked.base import Answer
    >>> from prefactor.llm.scripted import ScriptedProvider
    >>> said = '{"1": {"scenario": "code", "unclear": false, "feelings": "no", "constraints": ["in C"], "stances": [],'
    >>> provider = ScriptedProvider(lambda request: said + '"mistakes": []}}')
    >>> subjects = Subjects((Answer("int main;", Query("Write it in C.")),))
    >>> found = read_queries(subjects, provider=provider, options=RateOptions("m"))
    >>> found.readings.read[Query("Write it in C.")].constraints
    ('in C',)
    """
    queries = list(dict.fromkeys(answer.query for answer in subjects.answers))
    steps = {"query": reading_steps(queries, options)}
    results, spent = take_steps(steps, provider=provider, ask=ask, watch=watch)
    return QueriesRead(results["query"], spent)


def reading_steps(
    queries: Sequence[Query], options: RateOptions
) -> Generator[Sequence[Request], Sequence[Asked], Readings]:
    """Read queries: yields calls, is sent what became of them, returns the readings.

    Queries that read alike are one, whatever their source and reference; which ones share a call does not depend on
    their order.
    """
    read: dict[str, QueryReading] = {}
    unread: dict[str, str] = {}
    batches = _batches(list(dict.fromkeys(map(_text, queries))), options.queries_at_once)
    while batches:
        answers = yield [_request(batch, options) for batch in batches]
        again: list[list[str]] = []
        for batch, answer in zip(batches, answers, strict=True):
            for text, found in zip(batch, _found(answer, len(batch)), strict=True):
                if isinstance(found, QueryReading):
                    read[text] = found
                elif found == "missing" or len(batch) == 1:
                    unread[text] = found
                else:
                    again.append([text])
        batches = again
    known = [(query, _text(query)) for query in dict.fromkeys(queries)]
    return Readings(
        {query: read[text] for query, text in known if text in read},
        {query: unread[text] for query, text in known if text in unread},
    )


def stand_in() -> QueryReading:
    """Return a reading with everything in it, to reckon with before queries are read."""
    phrase = ("a phrase of some words about it",)
    return QueryReading("other", unclear=True, feelings=True, constraints=phrase, stances=phrase, mistakes=phrase)


def _text(query: Query) -> str:
    texts = query_texts(query)
    return "\n\n".join(texts[name] for name in ("instructions", "prompt") if name in texts)


def _batches(texts: Sequence[str], at_once: int) -> list[list[str]]:
    """Share texts out among calls, in the order of their hashes."""
    found: list[list[str]] = []
    size = 0
    for text in sorted(texts, key=lambda text: blake2b(text.encode("utf-8", "surrogatepass")).digest()):
        if not found or len(found[-1]) >= at_once or size + len(text) > _MOST_CHARACTERS:
            found.append([])
            size = 0
        found[-1].append(text)
        size += len(text)
    return found


def _request(texts: Sequence[str], options: RateOptions) -> Request:
    mark = marked(texts, []) if options.fence else ""
    places = {
        "fence": template("fence", "notice") if mark else "",
        "scenarios": ", ".join(SCENARIOS),
        "mark": filled(template("fence", "mark"), {"mark": mark}) if mark else "",
        "requests": "\n\n".join(
            enclosed(text, label=f"request {number}", mark=mark) for number, text in enumerate(texts, start=1)
        ),
    }
    system, user = (filled(template("query", name), places) for name in ("system", "user"))
    return chat(system, user, options=options, schema=_schema(len(texts)), max_tokens=_REPLY_TOKENS * len(texts) + 100)


def _schema(number: int) -> str:
    fields = {
        "scenario": {"type": "string", "enum": list(SCENARIOS)},
        **{name: {"type": "boolean"} for name in _FLAGS},
        **{name: {"$ref": "#/$defs/phrases"} for name in LISTED},
    }
    numbers = [str(each + 1) for each in range(number)]
    return orjson.dumps(
        {
            **object_schema({each: {"$ref": "#/$defs/request"} for each in numbers}),
            "$defs": {"request": object_schema(fields), "phrases": {"type": "array", "items": {"type": "string"}}},
        }
    ).decode()


def _found(answer: Asked, number: int) -> list[QueryReading | str]:
    """Return for every query of a call what was read, or why nothing was."""
    if answer.reply is None:
        return ["missing"] * number
    numbers = [str(each + 1) for each in range(number)]
    said = said_in(answer.reply, sides=numbers, names=_FIELDS)
    return [_reading(said, each) for each in numbers]


def _reading(said: Said, side: str) -> QueryReading | str:
    values = {name: said.values.get((side, name)) for name in _FIELDS}
    if all(value is None for value in values.values()):
        return said.why_nothing if not said.values else "cut off" if said.cut_off else "unreadable"
    found: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            return "cut off" if said.cut_off else "unreadable"
        read = {_field(name, each) for each in value}
        if len(read) > 1:
            return "contradiction"
        (found[name],) = read
        if found[name] is None:
            return "cut off" if said.cut_off else "unreadable"
    return QueryReading(**found)


def _field(name: str, value: object) -> str | bool | tuple[str, ...] | None:
    """Return a field of a reading; None where the value is none."""
    if name == "scenario":
        return next((each for each in SCENARIOS if isinstance(value, str) and folded(each) == folded(value)), None)
    if name in _FLAGS:
        return truth_of(value)
    if not isinstance(value, Items) or not value.whole or not all(isinstance(each, str) for each in value.values):
        return None
    return tuple(" ".join(each.split()) for each in value.values if each.strip())
