"""Both answers side by side, in one presentation order or in both: one call for each.

What a reply means is the parser's affair: a verdict, one for every criterion, or the probabilities of two tokens.
"""

from collections.abc import Sequence
from typing import Final

from prefactor.asking.calls import Asked
from prefactor.data.preference import Order, flip
from prefactor.judges.base import Asking, Kind, Opinion, Question, Texts
from prefactor.judges.judge_file import JudgeFile, OrderPolicy
from prefactor.judges.parsers import PARSERS
from prefactor.judges.prompts import make_request

__all__ = ["KIND", "orders_of"]


def orders_of(policy: OrderPolicy, identity: str) -> tuple[Order, ...]:
    """Return the orders a comparison is asked in; at random means by its id, so that it is the same every time.

    Examples
    --------
    >>> orders_of("both", "00"), orders_of("random", "00"), orders_of("random", "01")
    (('ab', 'ba'), ('ab',), ('ba',))
    """
    if policy == "both":
        return "ab", "ba"
    if policy == "ab":
        return ("ab",)
    return ("ba",) if int(identity[-2:], 16) % 2 else ("ab",)


class _Pairwise:
    """Asks which of two answers is better."""

    def questions(self, texts: Texts, file: JudgeFile, asking: Asking) -> tuple[Question, ...]:
        """Return one call for every order and repeat."""
        parser = PARSERS[file.parser]
        schema = parser.schema(file)
        questions = []
        for order in orders_of(asking.orders or file.orders, texts.identity):
            sides = (texts.response_a, texts.response_b)
            first, second = sides if order == "ab" else sides[::-1]
            for repeat in range(asking.repeat):
                request = make_request(
                    file,
                    texts,
                    answers={"first": first, "second": second},
                    asking=asking,
                    repeat=repeat,
                    schema=schema,
                    top_logprobs=parser.top_logprobs,
                )
                questions.append(Question(request, order, repeat))
        return tuple(questions)

    def opinions(self, file: JudgeFile, questions: Sequence[Question], answers: Sequence[Asked]) -> tuple[Opinion, ...]:
        """Return the verdict of every call, turned round where B was shown first."""
        opinions = []
        for question, answer in zip(questions, answers, strict=True):
            if answer.reply is None:
                opinions.append(Opinion(question.order, question.repeat, None, "missing", answer.failure))
                continue
            found = PARSERS[file.parser].read(answer.reply, file)
            preference = found.value
            if preference is not None and question.order == "ba":
                preference = flip(preference)
            opinions.append(Opinion(question.order, question.repeat, preference, found.problem, found.said))
        return tuple(opinions)


KIND: Final[Kind] = _Pairwise()
