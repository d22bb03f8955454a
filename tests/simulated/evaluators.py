"""Recorded answers and verdicts with planted knowledge and planted grading skill."""

from dataclasses import dataclass

import numpy as np

from prefactor.data.question_set import Answer, AnswerVerdict, Question, QuestionSet

WRONG = ("amber", "birch", "cedar")
"""Wrong answers: two answerers may give the same one."""


@dataclass(frozen=True)
class Planted:
    """An evaluator that answers ``knows`` of the questions right, and whose verdicts are true at these rates.

    With ``compares`` it accepts an answer where that is its own, and nothing else.
    """

    knows: float = 0.7
    if_can: float = 0.9
    if_cannot: float = 0.9
    compares: bool = False
    unknown: float = 0.0


def plant(
    random: np.random.Generator,
    evaluator: Planted,
    *,
    questions: int,
    answerers: tuple[float, ...] = (0.8, 0.6),
) -> QuestionSet:
    """Draw answers of the answerers and of the evaluator ``judge``, and its verdicts on those of the answerers."""
    made = [Question(f"{number:05d}", f"What is number {number}?", (f"right{number}",)) for number in range(questions)]
    answers, verdicts = [], []
    for question in made:
        can = bool(random.random() < evaluator.knows)
        own = question.key[0] if can else str(random.choice(WRONG))
        answers.append(Answer(question.identity, "judge", own, can))
        for place, rate in enumerate(answerers):
            right = bool(random.random() < rate)
            text = question.key[0] if right else str(random.choice(WRONG))
            answers.append(Answer(question.identity, f"answerer {place}", text, right))
            true = bool(random.random() < (evaluator.if_can if can else evaluator.if_cannot))
            accepted = text == own if evaluator.compares else right == true
            silent = bool(random.random() < evaluator.unknown)
            verdicts.append(
                AnswerVerdict(
                    question.identity,
                    f"answerer {place}",
                    "judge",
                    None if silent else accepted,
                    problem="unknown" if silent else "",
                )
            )
    return QuestionSet(tuple(made), tuple(answers), tuple(verdicts))
