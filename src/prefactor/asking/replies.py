"""What every reply may be before it is an answer: thoughts to be left out, a refusal, words that were cut off.

Knows no form of answer.
"""

import re
from typing import Final, Literal

from prefactor.llm.records import Reply

__all__ = ["CUT_OFF", "NoAnswer", "excerpt", "final_text", "why_no_answer", "without_thoughts"]

NoAnswer = Literal["unreadable", "refusal", "cut off"]
"""Why a reply holds no answer."""

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
    return without_thoughts(reply.text).strip().replace("\u2019", "'")


def without_thoughts(text: str) -> str:
    """Return a reply without the thoughts that some models write before it, every other character as it is.

    Examples
    --------
    >>> without_thoughts("<think>Tea?</think>Tea.")
    'Tea.'
    """
    return _ENDED.sub("", _THOUGHTS.sub("", text))


def why_no_answer(reply: Reply, text: str) -> NoAnswer:
    """Say why there is no answer in the final text of a reply: refused, cut off, or not to be read.

    Examples
    --------
    >>> why_no_answer(Reply("I cannot judge this."), "I cannot judge this.")
    'refusal'
    """
    if reply.finish in _REFUSALS:
        return "refusal"
    if reply.finish == CUT_OFF:
        return "cut off"
    return "refusal" if _REFUSES.search(text[:_LONGEST]) else "unreadable"


def excerpt(text: str) -> str:
    """Return the end of a text, where an answer should stand, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"...{line[-_LONGEST:]}"
