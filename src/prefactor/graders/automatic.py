"""The grader for who names none: by the option where there are options, else by containing a wording, or by value."""

from dataclasses import dataclass

from prefactor.data.question_set import Question
from prefactor.graders.base import AUTOMATIC, Grader
from prefactor.graders.choice import make as make_choice
from prefactor.graders.values import make as make_numbers
from prefactor.graders.wording import make_contains

__all__ = ["make"]


@dataclass(frozen=True)
class _Automatic:
    """Takes the rule that suits a question."""

    name: str = AUTOMATIC
    label: str = "names the right option, or contains a wording of the key or its number or date"

    def grade(self, text: str, question: Question) -> bool | None:
        """Return whether an answer is right by the rule for its question."""
        if question.options:
            return make_choice().grade(text, question)
        found = make_contains().grade(text, question)
        return True if found else make_numbers().grade(text, question) or found


def make(setting: str = "") -> Grader:  # noqa: ARG001  (every maker takes a setting)
    """Return the grader that takes the rule that suits a question."""
    return _Automatic()
