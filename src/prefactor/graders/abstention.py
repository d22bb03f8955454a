"""Answers that say that their author does not know: a class of their own, neither right nor wrong."""

import re
from typing import Final

from prefactor.data.question_set import Answer, Question
from prefactor.graders.normalise import words_of, words_parted

__all__ = ["abstains", "is_abstention"]

_WHOLE: Final = frozenset(
    {
        "unknown",
        "none",
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
_SIGNS: Final = frozenset({"n/a", "na", "-", "?"})
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
    if not words or words in _WHOLE or text.strip(" .").lower() in _SIGNS:
        return True
    return bool(_BEGINS.match(words)) and words.count(" ") < _LONGEST


def is_abstention(answer: Answer, question: Question) -> bool:
    """Tell whether an answer is an abstention: what people found right is none, nor is a wording of the key ("none").

    Examples
    --------
    >>> question = Question("q", "How many moons has Venus?", ("none", "0"))
    >>> is_abstention(Answer("q", "ann", "None"), question), is_abstention(Answer("q", "bob", "no idea"), question)
    (False, False)
    >>> is_abstention(Answer("q", "cy", "I don't know"), question)
    True
    """
    if answer.right is True or answer.text is None or not abstains(answer.text):
        return False
    return words_of(answer.text) not in {words_of(wording) for wording in question.key}
