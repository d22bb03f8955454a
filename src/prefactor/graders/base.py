"""What a grader is, the table of those that go by rules, and grading many answers with one of them."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from prefactor.data.question_set import Answer, AnswerVerdict, Question
from prefactor.errors import SettingError
from prefactor.registry import Registry

__all__ = ["AUTOMATIC", "GRADERS", "NOT_APPLICABLE", "Grader", "grade_all", "make_grader"]

AUTOMATIC: Final = "automatic"
"""The grader that takes the rule that suits a question."""

NOT_APPLICABLE: Final = "does not apply"
"""``AnswerVerdict.problem`` where a grader's rule says nothing of a question or an answer."""


class Grader(Protocol):
    """Grades one answer against the key of its question.

    Attributes
    ----------
    name
        As given on the command line, with its setting.
    label
        What it does, in words.
    """

    @property
    def name(self) -> str:
        """As given on the command line, with its setting."""
        ...

    @property
    def label(self) -> str:
        """What it does, in words."""
        ...

    def grade(self, text: str, question: Question) -> bool | None:
        """Return whether an answer is right; None where the rule does not apply."""
        ...


GRADERS: Final[Registry[Callable[[str], Grader]]] = Registry(
    "grader",
    {
        AUTOMATIC: "prefactor.graders.automatic:make",
        "exact": "prefactor.graders.wording:make_exact",
        "contains": "prefactor.graders.wording:make_contains",
        "f1": "prefactor.graders.wording:make_overlap",
        "number": "prefactor.graders.values:make",
        "choice": "prefactor.graders.choice:make",
    },
)
"""Graders by name: each a function of the setting behind its name's colon, which may be empty."""


def make_grader(spec: str) -> Grader:
    """Return the grader that ``"NAME"`` or ``"NAME:SETTING"`` names.

    Raises
    ------
    UnknownNameError
        There is no such grader.
    SettingError
        It takes no such setting.

    Examples
    --------
    >>> question = Question("q", "Who wrote Emma?", ("Jane Austen", "Austen"))
    >>> make_grader("exact").grade("the Austen.", question), make_grader("exact").grade("It was Austen", question)
    (True, False)
    >>> make_grader("contains").grade("It was Austen", question), make_grader("f1:0.5").grade("Jane Eyre", question)
    (True, True)
    """
    name, colon, setting = spec.partition(":")
    made = GRADERS[name](setting)
    if colon and ":" not in made.name:
        raise SettingError("grader", expected=f"{name}, which takes no setting", got=spec)
    return made


def grade_all(answers: Sequence[Answer], questions: Sequence[Question], *, grader: Grader) -> tuple[AnswerVerdict, ...]:
    """Return the verdict of a grader on every answer that has a text."""
    asked = {question.identity: question for question in questions}
    verdicts = []
    for answer in answers:
        if answer.text is None or answer.question not in asked:
            continue
        right = grader.grade(answer.text, asked[answer.question])
        problem = NOT_APPLICABLE if right is None else ""
        verdicts.append(
            AnswerVerdict(answer.question, answer.answerer, grader.name, right, problem=problem, keyed=True)
        )
    return tuple(verdicts)
