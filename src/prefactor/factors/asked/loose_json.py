"""JSON as models write it: whole, amid other words, or cut off; what was said before the cut is still read.

Knows no key. Nothing is guessed: a value that the end of the text may have cut is left out.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Items", "Table", "tables_in"]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:"]|[^\s{}\[\],:"]+', re.DOTALL)
_DEEPEST: Final = 12


@dataclass(slots=True)
class Table:
    """An object: keys and values, a key as often as it was said; whether it was closed."""

    pairs: list[tuple[str, Any]] = field(default_factory=list)
    whole: bool = False


@dataclass(slots=True)
class Items:
    """A list, and whether it was closed."""

    values: list[Any] = field(default_factory=list)
    whole: bool = False


@dataclass(slots=True)
class _Open:
    """A list or object that is being read, with what was said since the last comma."""

    holder: Table | Items
    key: str | None = None
    said: list[Any] = field(default_factory=list)

    def name(self) -> None:
        """Take what was said as a key."""
        self.key = str(_value(self.said)) if self.said else None
        self.said.clear()

    def put(self) -> None:
        """Take what was said as a value."""
        if self.said and isinstance(self.holder, Items):
            self.holder.values.append(_value(self.said))
        elif self.said and self.key is not None and isinstance(self.holder, Table):
            self.holder.pairs.append((self.key, _value(self.said)))
        self.key = None
        self.said.clear()


def tables_in(text: str, *, cut_off: bool = False) -> Iterator[Table]:
    """Yield the outermost objects of a text.

    Parameters
    ----------
    text
        What a model said.
    cut_off
        Whether its end is missing: a bare word or number there is then no value.

    Examples
    --------
    >>> list(tables_in('So: {"a": 1, "b": [2, 3], "c": 4', cut_off=True))
    [Table(pairs=[('a', 1), ('b', Items(values=[2, 3], whole=True))], whole=False)]
    """
    place = text.find("{")
    while place >= 0:
        table, place = _table_at(text, place, cut_off=cut_off)
        yield table
        place = text.find("{", place)


def _table_at(text: str, place: int, *, cut_off: bool) -> tuple[Table, int]:
    """Read the object that begins at a place; return it and where it ends."""
    outermost = Table()
    stack = [_Open(outermost)]
    place += 1
    while stack and (match := _TOKEN.search(text, place)) and match[0] != '"':
        word, place = match[0], match.end()
        if word in ("{", "["):
            stack.append(_Open(Table() if word == "{" else Items()))
        elif word in ("}", "]"):
            _close(stack, whole=(word == "}") == isinstance(stack[-1].holder, Table))
        elif word == ",":
            stack[-1].put()
        elif word == ":":
            stack[-1].name()
        else:
            stack[-1].said.append(word)
    if not stack:
        return outermost, place
    # A quote without its fellow ends the reading: whatever follows it stands in a string that has no end.
    if cut_off and stack[-1].said and not str(stack[-1].said[-1]).endswith('"'):
        stack[-1].said.clear()
    while stack:
        _close(stack, whole=False)
    return outermost, len(text)


def _close(stack: list[_Open], *, whole: bool) -> None:
    ended = stack.pop()
    ended.put()
    ended.holder.whole = whole
    if stack and len(stack) < _DEEPEST:
        stack[-1].said.append(ended.holder)


def _value(said: list[Any]) -> Any:
    """Return what one token says, or the words of several, which are no number and no list any more."""
    if len(said) > 1:
        return " ".join(each if isinstance(each, str) else "..." for each in said)
    (token,) = said
    if not isinstance(token, str):
        return token
    try:
        return json.loads(token, strict=False)
    except (ValueError, RecursionError):
        return token.strip("\"'`*")
