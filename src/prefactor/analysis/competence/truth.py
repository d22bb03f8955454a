"""Which answers are right: people's verdicts first, a grader's where nobody looked. Knows no evaluator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prefactor.data.question_set import Answer, AnswerVerdict, Question, QuestionSet
from prefactor.errors import SettingError
from prefactor.graders import Grader, grade_all, make_grader
from prefactor.graders.abstention import is_abstention

__all__ = ["MODEL", "KeyedGrades", "Truth", "find_truth", "grades_of"]

MODEL: Final = "model:"
"""What the name of a grader begins with that is a model with the key before it."""

PEOPLE: Final = "people"


@dataclass(frozen=True, slots=True)
class KeyedGrades:
    """What one grader found.

    Parameters
    ----------
    name, label
        The grader.
    grades
        Question and answerer to verdict; None where it has none.
    """

    name: str
    label: str
    grades: Mapping[tuple[str, str], bool | None]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of every answer.

    Parameters
    ----------
    questions
        In order of their ids, so that nothing depends on the order of rows.
    place
        Id of a question to its place there.
    answers
        Question and answerer to answer, in that order.
    right
        The same to whether it is right; without those of which that is not known, and without abstentions.
    by_people
        Those of which people said it.
    abstained
        Those that say their author does not know.
    graders
        Every grader's verdicts.
    """

    questions: tuple[Question, ...]
    place: Mapping[str, int]
    answers: Mapping[tuple[str, str], Answer]
    right: Mapping[tuple[str, str], bool]
    by_people: frozenset[tuple[str, str]]
    abstained: frozenset[tuple[str, str]]
    graders: tuple[KeyedGrades, ...]

    @property
    def answerers(self) -> tuple[str, ...]:
        """Names, sorted."""
        return tuple(sorted({answerer for _, answerer in self.answers}))


def find_truth(found: QuestionSet, graders: Sequence[str]) -> Truth:
    """Establish which answers are right.

    Parameters
    ----------
    found
        Questions and answers.
    graders
        Names of graders; ``"model:NAME"`` is the verdicts of that evaluator with the key before it. The first decides
        where no person did.

    Raises
    ------
    UnknownNameError
        There is no such grader.
    SettingError
        There are no verdicts of a model that is named.
    """
    questions = tuple(sorted(found.questions, key=lambda question: question.identity))
    answers = {
        (answer.question, answer.answerer): answer
        for answer in sorted(found.answers, key=lambda answer: (answer.question, answer.answerer))
    }
    asked = {question.identity: question for question in questions}
    graded = tuple(grades_of(found, name) for name in graders)
    right: dict[tuple[str, str], bool] = {}
    by_people, abstained = set(), set()
    for key, answer in answers.items():
        if answer.text is None:
            continue
        if is_abstention(answer, asked[answer.question]):
            abstained.add(key)
        elif answer.right is not None:
            right[key] = answer.right
            by_people.add(key)
        elif graded and (verdict := graded[0].grades.get(key)) is not None:
            right[key] = verdict
    return Truth(
        questions,
        {question.identity: place for place, question in enumerate(questions)},
        answers,
        right,
        frozenset(by_people),
        frozenset(abstained),
        graded,
    )


def grades_of(found: QuestionSet, name: str) -> KeyedGrades:
    """Return the verdicts of a grader on every answer."""
    if name.startswith(MODEL):
        verdicts = _of_model(found.verdicts, name.removeprefix(MODEL))
        return KeyedGrades(name, "a model with the key before it", verdicts)
    grader: Grader = make_grader(name)
    graded = grade_all(found.answers, found.questions, grader=grader)
    return KeyedGrades(grader.name, grader.label, {(each.question, each.answerer): each.right for each in graded})


def _of_model(verdicts: Sequence[AnswerVerdict], model: str) -> dict[tuple[str, str], bool | None]:
    own = [each for each in verdicts if each.keyed and each.evaluator == model and not each.repeat]
    forms = sorted({each.form for each in own})
    if not forms:
        known = sorted({each.evaluator for each in verdicts if each.keyed})
        raise SettingError("grader", expected=f"a model with verdicts beside the key ({', '.join(known)})", got=model)
    return {(each.question, each.answerer): each.right for each in own if each.form == forms[0]}
