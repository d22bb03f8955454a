"""Verdicts on one answer: every known way of saying right, wrong or unknown, and nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, inf, log
from typing import Final

from prefactor.asking.replies import CUT_OFF, excerpt, final_text, why_no_answer
from prefactor.llm.records import Reply, TokenChoice

__all__ = ["ALTERNATIVES", "Said", "read_verdict"]

ALTERNATIVES: Final = 20
"""How many alternatives are asked for: the most that hosted servers list."""

UNKNOWN: Final = "unknown"
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("right", "correct", "true", "yes"), True),
    **dict.fromkeys(("wrong", "incorrect", "false", "no"), False),
    **dict.fromkeys((UNKNOWN, "i don't know", "don't know", "unsure"), None),
}
_ANY: Final = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))
_BRACKETS: Final = re.compile(rf"\[\[\s*({_ANY})\s*\]\]", re.IGNORECASE)
_LABELLED: Final = re.compile(
    rf"\b(?:verdict|mark|grade)[*_`\"']*\s*(?::|=|\bis\b)\s*[*_`\"'\[(]*({_ANY})\b", re.IGNORECASE
)
_ALONE: Final = re.compile(rf"[*_`\"'(\[]*({_ANY})[*_`\"')\].!]*", re.IGNORECASE)
_PERCENT: Final = re.compile(r"\[\[\s*(\d{1,3}(?:\.\d+)?)\s*%?\s*\]\]")
_NUMBER: Final = re.compile(r"[*_`\"'(\[]*(\d{1,3}(?:\.\d+)?)\s*%?[*_`\"')\].]*")
_MARGINS: Final = " \t\n\r\u2581\u0120\"'*([`"
_SIDES: Final = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Said:
    """What an evaluator said of one answer.

    Parameters
    ----------
    right
        Its verdict; None where there is none.
    chance
        Its probability of the answer being right; None where it gave none.
    problem
        Why there is no verdict: ``"unknown"`` where it said so, or what could not be read.
    text
        What it said instead, cut to a line.
    """

    right: bool | None
    chance: float | None = None
    problem: str = ""
    text: str = ""


def read_verdict(reply: Reply, parser: str, *, unknown: bool) -> Said:
    """Find the verdict in a reply; what cannot be read is said so, never taken for a verdict.

    Parameters
    ----------
    reply
        What came.
    parser
        ``"words"``, ``"probability"`` or ``"scale"``.
    unknown
        Whether the evaluator was allowed to say that it does not know; where it was not, saying so is unreadable.

    Examples
    --------
    >>> read_verdict(Reply("It names the author. [[right]]"), "words", unknown=False).right
    True
    >>> read_verdict(Reply("It is not right."), "words", unknown=False).problem
    'unreadable'
    >>> said = read_verdict(Reply("[[80]]"), "scale", unknown=False)
    >>> said.right, said.chance
    (True, 0.8)
    """
    said = _READ[parser](reply)
    if said.problem == UNKNOWN and not unknown:
        return Said(None, problem="unreadable", text=said.text or UNKNOWN)
    return said


def _in_words(reply: Reply) -> Said:
    text = final_text(reply)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [match.group(1) for match in _BRACKETS.finditer(text)]
    if not found and (alone := _ALONE.fullmatch(text)):
        found = [alone[1]]
    if not found and reply.finish != CUT_OFF:
        found = [match.group(1) for match in _LABELLED.finditer(text)]
        if not found and lines and (last := _ALONE.fullmatch(lines[-1])):
            found = [last[1]]
    return _settled({_WORDS[word.lower()] for word in found}, reply, text)


def _settled(verdicts: set[bool | None], reply: Reply, text: str) -> Said:
    if len(verdicts) > 1:
        return Said(None, problem="contradiction", text=excerpt(text))
    if verdicts:
        (right,) = verdicts
        return Said(right, problem=UNKNOWN if right is None else "")
    return Said(None, problem=why_no_answer(reply, text), text=excerpt(text) or "an empty answer")


def _on_a_scale(reply: Reply) -> Said:
    text = final_text(reply)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [float(match.group(1)) for match in _PERCENT.finditer(text)]
    last = _NUMBER.fullmatch(lines[-1]) if lines and (reply.finish != CUT_OFF or len(lines) == 1) else None
    if not found and last:
        found = [float(last[1])]
    if not found:
        said = _in_words(reply)
        return said if said.problem else Said(None, problem="unreadable", text=excerpt(text))
    chances = {number / 100 for number in found}
    if len(chances) > 1 or max(chances) > 1:
        problem = "contradiction" if len(chances) > 1 else "unreadable"
        return Said(None, problem=problem, text=excerpt(text))
    return _from_chance(chances.pop())


def _from_chance(chance: float) -> Said:
    """Take the likelier verdict; a chance of one half says that the evaluator does not know."""
    if chance == 0.5:
        return Said(None, chance, UNKNOWN, "a chance of one half")
    return Said(chance > 0.5, chance)


def _by_probability(reply: Reply) -> Said:
    choice = next((token for token in reply.tokens if token.token.strip(_MARGINS)), None)
    odds = None if choice is None else _log_odds(choice)
    if odds is None:
        what = "no log-probabilities" if not reply.tokens else "neither Yes nor No among the alternatives"
        return Said(None, problem="unreadable", text=f"{what}; the text: {excerpt(reply.text)}")
    small = exp(-abs(odds))
    return _from_chance(1 / (1 + small) if odds >= 0 else small / (1 + small))


def _log_odds(choice: TokenChoice) -> float | None:
    """Return log P(yes) - log P(no), or None where neither is among the alternatives.

    A word that is not listed is given the probability of the least probable one that is: its own is at most that.
    """
    listed = choice.alternatives or ((choice.token, choice.logprob),)
    masses = {side: _sum(value for token, value in listed if _is(token, word)) for side, word in _SIDES.items()}
    if masses[True] == masses[False] == -inf:
        return None
    least = min(value for _, value in listed)
    yes, no = (masses[side] if masses[side] > -inf else least for side in (True, False))
    return yes - no


def _is(token: str, word: str) -> bool:
    return token.strip(_MARGINS + ".").lower() == word


def _sum(logarithms: Iterable[float]) -> float:
    values = list(logarithms)
    most = max(values, default=-inf)
    return most if most == -inf else most + log(sum(exp(value - most) for value in values))


_READ: Final = {"words": _in_words, "scale": _on_a_scale, "probability": _by_probability}
