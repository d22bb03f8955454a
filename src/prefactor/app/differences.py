"""Marks where two answers differ, word by word, or, where they share little, what they share."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from prefactor.report.safe_text import make_readable

__all__ = ["Differences", "Piece", "mark_differences"]

MOST_WORDS: Final = 2_000
"""Words of an answer that are compared: the time grows with their product."""

MOST_CHARACTERS: Final = 30_000
"""Characters of an answer that are shown."""

_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]+")
_MOSTLY: Final = 0.4
_RUN: Final = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an answer.

    Parameters
    ----------
    text
        What it says.
    marked
        Whether it is marked.
    """

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """Two answers in pieces.

    Parameters
    ----------
    a, b
        The pieces of each, which together are what is shown of it.
    way
        What a mark means: words that the other does not have there, a run of words that both have, or nothing.
    say
        The same in a sentence.
    """

    a: tuple[Piece, ...]
    b: tuple[Piece, ...]
    way: Literal["different", "shared", "none"]
    say: str


def mark_differences(a: str, b: str) -> Differences:
    """Mark words that differ where the answers are alike, and runs of at least four shared words where they are not.

    Parameters
    ----------
    a, b
        The texts, of any origin; what cannot be seen in them is shown.

    Examples
    --------
    >>> found = mark_differences("It is red and it is round.", "It is blue and it is round.")
    >>> [piece.text for piece in found.a if piece.marked], [piece.text for piece in found.b if piece.marked]
    (['red'], ['blue'])
    """
    first, second = _shown(a), _shown(b)
    words = (_WORD.findall(first), _WORD.findall(second))
    if max(map(len, words)) > 2 * MOST_WORDS:
        say = f"Differences are not marked: one answer has more than {MOST_WORDS:,} words."
        return Differences((Piece(first, marked=False),), (Piece(second, marked=False),), "none", say)
    blocks = SequenceMatcher(None, *words, autojunk=False).get_matching_blocks()
    shared = sum(len("".join(words[0][one.a : one.a + one.size]).strip()) for one in blocks)
    total = len(first) + len(second)
    if total and 2 * shared / total >= _MOSTLY:
        marks = [_outside([(one[side], one.size) for one in blocks], len(words[side])) for side in (0, 1)]
        say = "Marked: words that the other answer does not have at this place."
        way: Literal["different", "shared"] = "different"
    else:
        runs = [
            one
            for one in blocks
            if sum(bool(re.match(r"\w", word)) for word in words[0][one.a : one.a + one.size]) >= _RUN
        ]
        marks = [_inside([(one[side], one.size) for one in runs], len(words[side])) for side in (0, 1)]
        say = f"The answers have little in common. Marked: runs of at least {_RUN} words that both have."
        way = "shared"
    return Differences(_pieces(words[0], marks[0]), _pieces(words[1], marks[1]), way, say)


def _shown(text: str) -> str:
    """Return what is shown of a text: all of it, or its beginning and how much is left out."""
    if len(text) <= MOST_CHARACTERS:
        return make_readable(text)
    return f"{make_readable(text[:MOST_CHARACTERS])}\n[… {len(text) - MOST_CHARACTERS:,} more characters are not shown]"


def _inside(runs: Sequence[tuple[int, int]], length: int) -> list[bool]:
    marks = [False] * length
    for start, size in runs:
        marks[start : start + size] = [True] * size
    return marks


def _outside(runs: Sequence[tuple[int, int]], length: int) -> list[bool]:
    return [not inside for inside in _inside(runs, length)]


def _pieces(words: Sequence[str], marks: Sequence[bool]) -> tuple[Piece, ...]:
    pieces: list[tuple[list[str], bool]] = []
    for word, marked in zip(words, marks, strict=True):
        # White space alone is no difference that anybody sees.
        shown = marked and not word.isspace()
        if pieces and (pieces[-1][1] == shown):
            pieces[-1][0].append(word)
        else:
            pieces.append(([word], shown))
    return tuple(Piece("".join(part), marked) for part, marked in pieces)
