"""Every answer by itself, with the score of a reward model; two scores make a preference.

An answer that is in many comparisons is one call, since equal calls are made once.
"""

from collections.abc import Sequence
from typing import Final

from prefactor.asking.calls import Asked
from prefactor.errors import CallError
from prefactor.judges.base import Asking, Found, Kind, Opinion, Question, Texts
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.reward import reward_of, reward_preference, reward_request

__all__ = ["KIND"]


class _Rewarding:
    """Asks for a score of each of the two answers; asking again would change nothing."""

    def questions(self, texts: Texts, file: JudgeFile, asking: Asking) -> tuple[Question, ...]:  # noqa: ARG002
        """Return two calls, that for A first."""
        return tuple(
            Question(
                reward_request(
                    asking.model,
                    texts.prompt,
                    response=response,
                    system=texts.system,
                    conversation=texts.conversation,
                )
            )
            for response in (texts.response_a, texts.response_b)
        )

    def opinions(self, file: JudgeFile, questions: Sequence[Question], answers: Sequence[Asked]) -> tuple[Opinion, ...]:  # noqa: ARG002
        """Return one verdict; it needs both scores."""
        a, b = map(_found, answers)
        if a.value is not None and b.value is not None:
            preference = reward_preference(a.value, b.value, rule=file.rule)
            return (Opinion(None, 0, preference, score_a=a.value, score_b=b.value, kind="reward model"),)
        side, lacking = ("A", a) if a.value is None else ("B", b)
        said = f"answer {side}: {lacking.said}"
        return (Opinion(None, 0, None, lacking.problem, said, score_a=a.value, score_b=b.value, kind="reward model"),)


def _found(answer: Asked) -> Found:
    if answer.reply is None:
        return Found(None, "missing", answer.failure)
    try:
        return Found(reward_of(answer.reply))
    except CallError as error:
        return Found(None, "unreadable", str(error))


KIND: Final[Kind] = _Rewarding()
