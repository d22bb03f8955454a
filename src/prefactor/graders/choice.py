"""The grader of multiple choice: which option an answer names, by letter or by its text. Guesses nothing."""

import re
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

from prefactor.data.question_set import Question
from prefactor.graders.base import Grader
from prefactor.graders.normalise import words_of

__all__ = ["make", "option_named"]

_BRACKETS: Final = re.compile(r"\[\[\s*\(?([A-Z])\)?\s*\]\]")
_SAID: Final = re.compile(
    r"\b(?:answer|option|choice)\b\s*(?:is|:|=)?\s*[*_`\"'(\[{]*([A-Z])(?![A-Za-z'])", re.IGNORECASE
)
_ALONE: Final = re.compile(r"[*_`\"'(\[]*([A-Z])\1*[*_`\"')\].:]*")
_AHEAD: Final = re.compile(r"[*_`\"'(\[]*([A-Z])[*_`\"']*[)\].:]+\s")


def option_named(text: str, options: tuple[str, ...]) -> int | None:
    """Return the place of the option that an answer names, or None where it names none, or several.

    The most explicit form that is there decides: ``[[C]]``, "the answer is C", a letter alone (repeated or not) on the
    last line, a letter with a mark at the beginning, or the whole text of one option.

    Examples
    --------
    >>> options = ("Oslo", "Rome", "Bern")
    >>> option_named("I think so. The answer is (B).", options), option_named("CCCCC", options)
    (1, 2)
    >>> option_named("Rome", options), option_named("A or B", options) is None
    (1, True)
    """
    stripped = text.strip()
    last = stripped.splitlines()[-1].strip() if stripped else ""
    alone, ahead = _ALONE.fullmatch(last), _AHEAD.match(stripped + " ")
    for letters in (
        _BRACKETS.findall(stripped),
        [match.group(1) for match in _SAID.finditer(stripped) if match.group(1).isupper()],
        [alone[1]] if alone else [],
        [ahead[1]] if ahead else [],
    ):
        if letters:
            places = {ascii_uppercase.index(letter) for letter in letters}
            return places.pop() if len(places) == 1 and max(places) < len(options) else None
    same = [place for place, option in enumerate(options) if words_of(option) == words_of(stripped)]
    return same[0] if len(same) == 1 else None


@dataclass(frozen=True)
class _Choice:
    """Right where the answer names the right option."""

    name: str = "choice"
    label: str = "names the right option"

    def grade(self, text: str, question: Question) -> bool | None:
        """Return whether the option that is named is the right one; None where the answer names none."""
        place = option_named(text, question.options) if question.options else None
        return None if place is None else question.options[place] in question.key


def make(setting: str = "") -> Grader:  # noqa: ARG001  (every maker takes a setting)
    """Return the grader of multiple choice."""
    return _Choice()
