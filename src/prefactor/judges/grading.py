"""Every answer by itself, with a grade: the higher grade is preferred, equal grades are a tie.

An answer that is in many comparisons is one call, since equal calls are made once.
"""

from collections.abc import Sequence
from typing import Final

from prefactor.asking.calls import Asked
from prefactor.data.preference import preference_from_scores
from prefactor.judges.base import Asking, Found, Kind, Opinion, Question, Texts
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.parsers import PARSERS
from prefactor.judges.prompts import make_request

__all__ = ["KIND"]


class _Grading:
    """Asks for a grade of each of the two answers."""

    def questions(self, texts: Texts, file: JudgeFile, asking: Asking) -> tuple[Question, ...]:
        """Return two calls for every repeat, that for A first."""
        parser = PARSERS[file.parser]
        schema = parser.schema(file)
        return tuple(
            Question(
                make_request(
                    file,
                    texts,
                    answers={"answer": answer},
                    asking=asking,
                    repeat=repeat,
                    schema=schema,
                    top_logprobs=parser.top_logprobs,
                ),
                None,
                repeat,
            )
            for repeat in range(asking.repeat)
            for answer in (texts.response_a, texts.response_b)
        )

    def opinions(self, file: JudgeFile, questions: Sequence[Question], answers: Sequence[Asked]) -> tuple[Opinion, ...]:
        """Return one verdict for every two grades; it needs both."""
        parser = PARSERS[file.parser]
        found = [
            Found(None, "missing", answer.failure) if answer.reply is None else parser.read(answer.reply, file)
            for answer in answers
        ]
        return tuple(
            _compared(found[place], found[place + 1], repeat=questions[place].repeat)
            for place in range(0, len(found), 2)
        )


def _compared(a: Found, b: Found, *, repeat: int) -> Opinion:
    if a.value is not None and b.value is not None:
        preference = preference_from_scores(a.value, b.value)
        return Opinion(None, repeat, preference, score_a=a.value, score_b=b.value)
    side, lacking = ("A", a) if a.value is None else ("B", b)
    return Opinion(
        None, repeat, None, lacking.problem, f"answer {side}: {lacking.said}", score_a=a.value, score_b=b.value
    )


KIND: Final[Kind] = _Grading()
