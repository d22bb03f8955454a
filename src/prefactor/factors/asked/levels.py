"""Levels in replies: every known way of writing one, and nothing else. A level outside its scale is no level."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from prefactor.asking.replies import CUT_OFF, final_text, why_no_answer
from prefactor.factors.asked.base import outcome
from prefactor.factors.asked.loose_json import Items, Table, tables_in
from prefactor.factors.base import Factor
from prefactor.llm.records import Reply

__all__ = ["Level", "Said", "failed", "folded", "level_of", "read_levels", "said_in"]

_NUMBER: Final = re.compile(
    r"(?P<level>-?\d{1,9})(?:\.0+)?(?:\s*(?:/|out of)\s*(?P<of>\d{1,9}))?(?P<rest>.*)", re.DOTALL
)
_LINE: Final = re.compile(r"[\s>*_`\"'#-]*(?P<name>[\w -]{1,80}?)[\s*_`\"']*[:=][\s*_`\"']*(?P<value>[^\n]{0,200})")


@dataclass(frozen=True, slots=True)
class Level:
    """What a reply says of one factor of one answer.

    Parameters
    ----------
    value
        The level; NaN where there is none.
    outcome
        What became of it, as a place in :data:`prefactor.factors.asked.base.OUTCOMES`.
    """

    value: float
    outcome: int


def failed(name: str) -> Level:
    """Return that there is no level, and why."""
    return Level(float("nan"), outcome(name))


@dataclass(frozen=True, slots=True)
class Said:
    """A reply taken apart.

    Parameters
    ----------
    values
        What was said, by side and folded name.
    cut_off
        Whether the end is missing.
    why_nothing
        Why a reply that says nothing says nothing.
    """

    values: dict[tuple[str, str], list[Any]]
    cut_off: bool
    why_nothing: str


def folded(name: str) -> str:
    """Return a name as it is compared: case, blanks and hyphens make no difference.

    Examples
    --------
    >>> folded("Step-by-step")
    'step_by_step'
    """
    return re.sub(r"[\s_-]+", "_", name.strip()).strip("_").lower()


def said_in(reply: Reply, *, sides: Sequence[str], names: Iterable[str]) -> Said:
    """Return what a reply says under the names, side by side.

    Parameters
    ----------
    reply
        The reply.
    sides
        Names of the answers, or of whatever the reply has an object for each of. Where there is one, it need not be
        named.
    names
        Names that count.
    """
    text, cut_off = final_text(reply), reply.finish == CUT_OFF
    wanted = {folded(name) for name in names}
    values: dict[tuple[str, str], list[Any]] = {}
    for table in tables_in(text, cut_off=cut_off):
        for side, name, value in _walk(table, None if len(sides) > 1 else sides[0], _sides(sides), wanted):
            values.setdefault((side, name), []).append(value)
    if not values and not cut_off:
        for side, name, value in _lines(text, sides, wanted):
            values.setdefault((side, name), []).append(value)
    return Said(values, cut_off, why_no_answer(reply, text))


def _sides(sides: Sequence[str]) -> dict[str, str]:
    """Names by which a reply may call a side."""
    return {f"{word}{folded(side)}": side for side in sides for word in ("", "answer_", "response_", "request_")}


def _walk(
    table: Table, side: str | None, sides: dict[str, str], wanted: set[str], name: str = ""
) -> Iterator[tuple[str, str, Any]]:
    """Yield side, name and value of everything under a wanted name; the side may stand above it or below."""
    for key, value in table.pairs:
        own = folded(key)
        below_side, below_name = (sides[own], name) if own in sides else (side, own if own in wanted else name)
        if isinstance(value, Table):
            yield from _walk(value, below_side, sides, wanted, below_name)
        elif below_side is not None and below_name and (own in wanted or own in sides):
            yield below_side, below_name, value


def _lines(text: str, sides: Sequence[str], wanted: set[str]) -> Iterator[tuple[str, str, Any]]:
    """Yield what lines such as "friendly: 2" say, under a heading for each side where there are several."""
    side = sides[0] if len(sides) == 1 else None
    known = _sides(sides)
    for line in text.splitlines():
        heading = folded(line.strip(" \t#*_`:>-"))
        if heading in known:
            side = known[heading]
        match = _LINE.match(line)
        if match and side is not None and folded(match["name"]) in wanted:
            yield side, folded(match["name"]), match["value"].strip(" \t*_`\"',;")


def read_levels(said: Said, factors: Sequence[Factor], *, side: str) -> list[Level]:
    """Return what a reply says of every factor of one answer; each is judged by itself."""
    return [_settled(said, said.values.get((side, folded(factor.name))), factor.anchors) for factor in factors]


def _settled(said: Said, values: list[Any] | None, anchors: Sequence[str]) -> Level:
    if values is None:
        # Where something else was read, the reply as a whole is neither a refusal nor unreadable.
        return failed(said.why_nothing if not said.values else "cut off" if said.cut_off else "unreadable")
    found = {level_of(value, anchors) for value in values}
    if len(found) > 1:
        return failed("contradiction")
    (level,) = found
    if isinstance(level, str):
        return failed(level)
    return Level(float(level), outcome("measured"))


def level_of(value: object, anchors: Sequence[str]) -> int | str:
    """Return the level that a value says, or why it says none: ``"out of range"`` or ``"unreadable"``.

    Examples
    --------
    >>> anchors = ("cold", "neutral", "kind", "warm")
    >>> [level_of(value, anchors) for value in (2, "2", "2/3", "Kind", "2 (kind)", 2.5, 7, True)]
    [2, 2, 2, 2, 2, 'unreadable', 'out of range', 'unreadable']
    """
    top = len(anchors) - 1
    if isinstance(value, Items) and value.whole and len(value.values) == 1:
        value = value.values[0]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return "unreadable"
    if not isinstance(value, str):
        return _in_range(value, top) if value == value // 1 else "unreadable"
    words = [each.strip().casefold() for each in anchors]
    plain = " ".join(value.casefold().split())
    if words.count(plain) == 1:
        return words.index(plain)
    match = _NUMBER.fullmatch(plain)
    if match is None or (match["of"] is not None and int(match["of"]) != top):
        return "unreadable"
    rest = match["rest"].strip(" ()-:=,;.")
    level = _in_range(int(match["level"]), top)
    good = not rest or (isinstance(level, int) and rest == words[level])
    return level if good else "unreadable"


def _in_range(value: float, top: int) -> int | str:
    return int(value) if 0 <= value <= top else "out of range"
