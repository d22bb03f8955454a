"""What every reply may be before it is a verdict: thoughts to be left out, a refusal, an answer that was cut off.

Knows no form of verdict.
"""

import re
from typing import Final

from prefactor.judges.base import Found, Problem
from prefactor.llm.records import Reply

__all__ = ["CUT_OFF", "final_text", "nothing_in", "settled"]

CUT_OFF: Final = "length"
"""``Reply.finish`` of an answer that was cut off."""

_LONGEST: Final = 160
_THOUGHTS: Final = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_ENDED: Final = re.compile(r"\A.*?</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)
_REFUSALS: Final = ("refusal", "content_filter", "safety")
_REFUSES: Final = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable|not able|not comfortable)|i (?:can(?:'t|not| not)|won't|will not|must decline)"
    r"|(?:i|we) (?:apologi[sz]e|decline)|as an ai\b)",
    re.IGNORECASE,
)


def final_text(reply: Reply) -> str:
    """Return what a reply says once its thoughts, which some models write before it, are left out.

    Examples
    --------
    >>> final_text(Reply("<think>Is it [[A]]?</think>[[B]]"))
    '[[B]]'
    """
    text = _THOUGHTS.sub("", reply.text)
    return _ENDED.sub("", text).strip().replace("\u2019", "'")


def settled(values: list[float], text: str) -> Found:
    """Return the one value that was found, or the contradiction between several.

    Examples
    --------
    >>> settled([1.0, 1.0], "[[A]] [[A]]").value, settled([1.0, 0.0], "[[A]] [[B]]").problem
    (1.0, 'contradiction')
    """
    if len(set(values)) == 1:
        return Found(values[0])
    return Found(None, "contradiction", _excerpt(text))


def nothing_in(reply: Reply, text: str) -> Found:
    """Say why there is no verdict in a reply: cut off, refused, or not to be read.

    Examples
    --------
    >>> nothing_in(Reply("I cannot judge this."), "I cannot judge this.").problem
    'refusal'
    """
    problem: Problem = "unreadable"
    if reply.finish in _REFUSALS:
        problem = "refusal"
    elif reply.finish == CUT_OFF:
        problem = "cut off"
    elif _REFUSES.search(text[:_LONGEST]):
        problem = "refusal"
    return Found(None, problem, _excerpt(text) or "an empty answer")


def _excerpt(text: str) -> str:
    """Return the end of a text, where a verdict should stand, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"...{line[-_LONGEST:]}"
