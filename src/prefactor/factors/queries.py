"""Tells the scenario and the kinds of a prompt by rules, without a model; the rules are data beside this file.

English, and a fallback: how often it is right stands in the documentation. Knows no dataset.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from prefactor.factors.asked import QUERY_KINDS

__all__ = ["SCENARIOS", "QueryReading", "read_query"]

SCENARIOS: Final = (
    *("advice", "code", "communication", "creative writing", "daily tasks", "exam questions", "functional writing"),
    *("knowledge", "NLP tasks", "other", "unsafe"),
)
"""The scenarios of arXiv 2402.11296, under the names of the published profiles; every prompt is of one."""

_NONE: Final = "other"
"""The scenario of a prompt in which nothing is found."""

_BEGINNING, _END = 600, 200
"""Characters of a prompt that are looked at: what is asked stands first or last, what it is asked of between."""

_OPENING_WORDS, _MAKING_WORDS = 8, 25
"""Words within which a prompt comes to what it asks, and within which it says what is to be made."""

_WORD: Final = re.compile("[a-z0-9][a-z0-9+#']*")


@dataclass(frozen=True, slots=True)
class QueryReading:
    """What a prompt is.

    Parameters
    ----------
    scenario
        One of :data:`SCENARIOS`; None where it is not known.
    unclear, feelings, constraints, stances, mistakes
        Whether it is of each of :data:`prefactor.factors.asked.QUERY_KINDS`; None where it is not known.
    """

    scenario: str | None
    unclear: bool | None
    feelings: bool | None
    constraints: bool | None
    stances: bool | None
    mistakes: bool | None


def read_query(prompt: str) -> QueryReading:
    """Read a prompt by rules.

    Parameters
    ----------
    prompt
        Any text. Its first 600 characters and its last 200 are looked at.

    Examples
    --------
    >>> read_query("Write a poem of 20 lines about the sea.").scenario
    'creative writing'
    >>> read_query("How do I get my dog to swim? I'm so worried about him.").feelings
    True
    """
    rules = _rules()
    text = prompt if len(prompt) <= _BEGINNING + _END else f"{prompt[:_BEGINNING]}\n{prompt[-_END:]}"
    text = text.lower().replace("\u2019", "'")
    points = rules.points(text)
    best = max(rules.scenarios, key=points.__getitem__)
    unclear = len(text.split(None, rules.few_words)) <= rules.few_words and text.isascii()
    kinds = {kind: points[kind] > 0 for kind in QUERY_KINDS} | {"unclear": unclear}
    return QueryReading(best if points[best] else _NONE, **kinds)


_Hits = Sequence[tuple[str, int]]
"""Scenarios and kinds with the points of something for them."""


@dataclass(frozen=True)
class _Phrases:
    """Phrases by their first word, the longest first; a word that begins none costs one look-up."""

    by_first: Mapping[str, Sequence[tuple[list[str], _Hits]]]

    def at(self, words: Sequence[str], place: int) -> Iterable[tuple[list[str], _Hits]]:
        """Yield the phrases that begin at a place."""
        for phrase, hits in self.by_first.get(words[place], ()):
            if words[place : place + len(phrase)] == phrase:
                yield phrase, hits


@dataclass(frozen=True)
class _Rules:
    """The rules of the file, ready to be used; see there for what they mean."""

    scenarios: Sequence[str]
    few_words: int
    numbers: frozenset[str]
    polite: frozenset[str]
    verbs: frozenset[str]
    writing: frozenset[str]
    opening: _Phrases
    making: _Phrases
    cues: _Phrases
    marks: Sequence[tuple[str, int, Sequence[str]]]

    def words(self, text: str) -> list[str]:
        """Return the words of a text, numbers as #."""
        return ["#" if word.isdigit() or word in self.numbers else word for word in _WORD.findall(text)]

    def points(self, text: str) -> dict[str, int]:
        """Return the points of every scenario and kind."""
        words = self.words(text)
        points = dict.fromkeys((*self.scenarios, *QUERY_KINDS), 0)
        begun = [place for place, word in enumerate(words) if word in self.cues.by_first]
        cues = {id(hits): hits for place in begun for _, hits in self.cues.at(words, place)}
        for hits in (*cues.values(), self._opening(words), self._made(words)):
            for name, more in hits:
                points[name] += more
        for name, more, pieces in self.marks:
            if any(piece in text for piece in pieces):
                points[name] += more
        return points

    def _opening(self, words: Sequence[str]) -> _Hits:
        best: dict[str, int] = {}
        for place, word in enumerate(words[:_OPENING_WORDS]):
            for _, hits in self.opening.at(words, place):
                for name, points in hits:
                    best[name] = max(points, best.get(name, 0))
            if word not in self.polite:
                break
        return tuple(best.items())

    def _made(self, words: Sequence[str]) -> _Hits:
        verb = next((place for place, word in enumerate(words[:_OPENING_WORDS]) if word not in self.polite), len(words))
        if verb == len(words) or words[verb] not in self.verbs:
            verb = next((place for place, word in enumerate(words) if word in self.writing), len(words))
        for place in range(verb + 1, min(verb + 1 + _MAKING_WORDS, len(words))):
            for _, hits in self.making.at(words, place):
                return hits
        return ()


@cache
def _rules() -> _Rules:
    content = tomllib.loads(files("prefactor.factors").joinpath("query_rules.toml").read_text(encoding="utf-8"))
    entries = [*content["scenario"], *({"name": name, **kind} for name, kind in content["kind"].items())]
    numbers = frozenset(content["numbers"])
    return _Rules(
        scenarios=[entry["name"] for entry in content["scenario"]],
        few_words=content["kind"]["unclear"]["words"],
        numbers=numbers,
        polite=frozenset(content["polite"]),
        verbs=frozenset(content["verbs"]),
        writing=frozenset(content["writing"]),
        opening=_phrases(entries, "opening"),
        making=_phrases(entries, "making"),
        cues=_phrases(entries, "cues"),
        marks=list(_listed(entries, "marks")),
    )


def _listed(entries: Sequence[Mapping[str, Any]], key: str) -> Iterable[tuple[str, int, Sequence[str]]]:
    """Yield scenario or kind, points, and what gets them."""
    for entry in entries:
        for points, found in entry.get(key, {}).items():
            yield entry["name"], int(points), found


def _phrases(entries: Sequence[Mapping[str, Any]], key: str) -> _Phrases:
    hits: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for name, points, phrases in _listed(entries, key):
        for phrase in phrases:
            words = tuple("#" if word == "#" else word for word in re.findall(f"#(?= |$)|{_WORD.pattern}", phrase))
            hits.setdefault(words, []).append((name, points))
    by_first: dict[str, list[tuple[list[str], _Hits]]] = {}
    for words in sorted(hits, key=len, reverse=True):
        by_first.setdefault(words[0], []).append((list(words), hits[words]))
    return _Phrases(by_first)
