"""Answers that say that their author does not know: a class of their own, neither right nor wrong."""

import re
from typing import Final

from prefactor.graders.normalise import words_parted

__all__ = ["abstains"]

_WHOLE: Final = frozenset(
    {
        "unknown",
        "none",
        "n a",
        "na",
        "no answer",
        "unanswerable",
        "not known",
        "dont know",
        "don t know",
        "idk",
        "unsure",
    }
)
_BEGINS: Final = re.compile(
    r"(?:i\s?m sorry |sorry |unfortunately |apologies )*(?:but )?"
    r"(?:i (?:do not|don t|dont|really don t) know"
    r"|i (?:do not|don t|dont) have (?:enough |any |sufficient |that )*(?:information|knowledge|data)"
    r"|i (?:am|m) (?:not (?:sure|certain|aware|able to)|unsure|unable to)"
    r"|i (?:cannot|can t|could not|couldn t) (?:answer|find|determine|provide|say|tell)"
    r"|(?:there is|there s) (?:no|not enough|insufficient) (?:information|data|answer)"
    r"|it is (?:not known|unclear|not clear)\b)"
)
_LONGEST: Final = 60
"""Words above which an answer that begins like an abstention is taken to say something all the same."""


def abstains(text: str) -> bool:
    """Tell whether an answer says that its author does not know; an empty one does.

    Examples
    --------
    >>> abstains("I'm sorry, but I don't have that information."), abstains("None")
    (True, True)
    >>> abstains("The Unknown Soldier"), abstains("Nobody knows for sure, but Paris.")
    (False, False)
    """
    words = " ".join(words_parted(text))
    if not words or words in _WHOLE:
        return True
    return bool(_BEGINS.match(words)) and words.count(" ") < _LONGEST
