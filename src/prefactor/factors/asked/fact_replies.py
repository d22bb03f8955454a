"""From replies to facts and verdicts: whole lists, or the reason why there is none. Nothing is padded or guessed.

Knows no prompt and no factor.
"""

from collections.abc import Sequence
from typing import Any, Final

from prefactor.asking.calls import Asked
from prefactor.asking.json_objects import objects_in
from prefactor.asking.replies import final_text, why_no_answer
from prefactor.data.text import repair

__all__ = ["Facts", "Verdicts", "read_facts", "read_verdicts"]

Facts = tuple[tuple[str, ...] | None, str]
"""The facts, or None; and ``"measured"``, or why there are none."""

Verdicts = tuple[tuple[str, ...] | None, str]
"""One verdict for each fact in their order, or None; and ``"measured"``, or why there are none."""

_LONGEST_NUMBER: Final = 9


def read_facts(asked: Asked) -> Facts:
    """Read the facts of a text: one line each, what is said twice once.

    Examples
    --------
    >>> from prefactor.llm.records import Reply
    >>> read_facts(Asked(Reply('{"facts": ["Tea is a drink.", "Tea is hot."]}')))
    (('Tea is a drink.', 'Tea is hot.'), 'measured')
    >>> read_facts(Asked(Reply('{"facts": ["Tea is a drink.", 2]}')))
    (None, 'unreadable')
    """
    values, problem = _values_of("facts", asked)
    return _only([_facts(value) for value in values], problem)


def read_verdicts(asked: Asked, words: Sequence[str], *, count: int) -> Verdicts:
    """Read the verdicts on so many facts: each exactly once, in known words.

    They come as objects with number and verdict, as one object with numbers for keys, or as a list of words.

    Parameters
    ----------
    asked
        What became of the call.
    words
        The verdicts that there are.
    count
        Number of facts.

    Examples
    --------
    >>> from prefactor.llm.records import Reply
    >>> said = '{"verdicts": [{"number": 2, "verdict": "False"}, {"number": 1, "verdict": "true"}]}'
    >>> read_verdicts(Asked(Reply(said)), ("true", "false"), count=2)
    (('true', 'false'), 'measured')
    >>> read_verdicts(Asked(Reply(said)), ("true", "false"), count=3)
    (None, 'unreadable')
    """
    values, problem = _values_of("verdicts", asked)
    return _only([_verdicts(value, words, count) for value in values], problem)


def _values_of(wanted: str, asked: Asked) -> tuple[list[object], str]:
    """Return what stands under a key in the objects of a reply, and what to say if that is nothing."""
    if asked.reply is None:
        return [], "missing"
    text = final_text(asked.reply)
    values = [value for found in objects_in(text) for key, value in found if key.strip().casefold() == wanted]
    return values, "unreadable" if values else why_no_answer(asked.reply, text)


def _only(read: Sequence[tuple[str, ...] | None], problem: str) -> tuple[tuple[str, ...] | None, str]:
    if not read or None in read:
        return None, problem
    return (read[0], "measured") if len(set(read)) == 1 else (None, "contradiction")


def _facts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    lines = [" ".join(repair(each)[0].split()) for each in value]
    return tuple(dict.fromkeys(lines)) if all(lines) else None


def _verdicts(value: object, words: Sequence[str], count: int) -> tuple[str, ...] | None:
    numbered = _numbered(value)
    if numbered is None or len(numbered) != count:
        return None
    known = {_plain(word): word for word in words}
    said = {_number(number): known.get(_plain(word)) for number, word in numbered if isinstance(word, str)}
    found = [said.get(number) for number in range(1, count + 1)]
    return None if None in found else tuple(word for word in found if word is not None)


def _numbered(value: object) -> list[tuple[object, object]] | None:
    """Return verdicts with their numbers, whichever of the three forms they come in."""
    # A JSON object is a list of pairs here.
    if not isinstance(value, list):
        return None
    if all(isinstance(each, str) for each in value):
        return list(enumerate(value, start=1))
    if all(isinstance(each, tuple) for each in value):
        return value
    items: list[dict[Any, Any]] = []
    for each in value:
        if not isinstance(each, list) or not all(isinstance(pair, tuple) for pair in each):
            return None
        items.append(dict(each))
        if len(items[-1]) < len(each):
            return None
    return [(item.get("number"), item.get("verdict")) for item in items]


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST_NUMBER:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _plain(word: str) -> str:
    return " ".join(word.replace("_", " ").replace("-", " ").strip(" .").casefold().split())
