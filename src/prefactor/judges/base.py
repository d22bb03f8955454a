"""What judging is made of: the texts of a comparison, the questions asked about it, what was found in a reply.

Records only; knows no prompt, no parser and no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from prefactor.asking.calls import Asked
from prefactor.data.preference import Order
from prefactor.data.records import ColumnValue, JudgeKind, Message
from prefactor.judges.judge_file import JudgeFile, OrderPolicy
from prefactor.llm.records import Reply, Request

__all__ = ["Asking", "Found", "Kind", "Opinion", "Parser", "Problem", "Question", "Texts"]

Problem = Literal["", "missing", "unreadable", "refusal", "cut off", "contradiction"]
"""Why there is no preference: no reply at all, or a reply without one clear verdict."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One comparison with everything a judge may be shown of it.

    Parameters
    ----------
    comparison
        Its row number in the dataset.
    identity
        Its id: a hash of its texts and models.
    prompt, response_a, response_b
        What was asked, and the two responses.
    system, source, reference, conversation
        As in :class:`prefactor.data.records.Row`.
    model_a, model_b, columns
        Kept for the log; a judge never sees them.
    """

    comparison: int
    identity: str
    prompt: str
    response_a: str
    response_b: str
    system: str | None = None
    source: str | None = None
    reference: str | None = None
    conversation: tuple[Message, ...] | None = None
    model_a: str | None = None
    model_b: str | None = None
    columns: Mapping[str, ColumnValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are put.

    Parameters
    ----------
    model
        Name of the model, as the server knows it.
    orders
        Presentation orders; None is what the judge's file says.
    fence
        Whether texts are fenced off from instructions.
    repeat
        How often every question is asked, with another seed each time.
    """

    model: str
    orders: OrderPolicy | None = None
    fence: bool = True
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Question:
    """One call about a comparison.

    Parameters
    ----------
    request
        What is asked.
    order
        Which response stands first; None where one is shown alone.
    repeat
        0 for the first time, 1 for the second.
    """

    request: Request
    order: Order | None = None
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a parser found in a reply.

    Parameters
    ----------
    value
        P(the response shown first preferred), or a grade; None where nothing clear was found.
    problem
        Why there is none.
    said
        What was said instead, cut to a line.
    """

    value: float | None
    problem: Problem = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """One verdict on a comparison, in terms of its A and B, whatever was shown first.

    Parameters
    ----------
    order
        ``"ab"`` when A was shown first, ``"ba"`` when B was, None when each was seen alone.
    repeat
        0 for the first time of asking, 1 for the second.
    preference
        P(A preferred); None where there is none.
    problem, said
        Why there is none, and what was said instead (or how the call failed).
    score_a, score_b
        Grades or scores of the two responses, where each was seen alone.
    kind
        What the judge is.
    judge, annotator, made_by
        Name of the judge, of the member of a jury that gave it, and of the judge's file with its version.
    """

    order: Order | None
    repeat: int
    preference: float | None
    problem: Problem = ""
    said: str = ""
    score_a: float | None = None
    score_b: float | None = None
    kind: JudgeKind = "llm"
    judge: str = ""
    annotator: str | None = None
    made_by: str = ""


class Parser(Protocol):
    """A way of reading replies.

    Attributes
    ----------
    top_logprobs
        How many alternatives of every token it needs; 0 for none.
    """

    top_logprobs: int

    def schema(self, file: JudgeFile) -> str:
        """Return the JSON Schema of the reply it wants, as text; empty for none."""
        ...

    def read(self, reply: Reply, file: JudgeFile) -> Found:
        """Find the verdict in a reply; what cannot be read is said so, never taken for a tie."""
        ...


class Kind(Protocol):
    """A way of getting preferences: which calls a comparison takes, and what their answers say of it."""

    def questions(self, texts: Texts, file: JudgeFile, asking: Asking) -> tuple[Question, ...]:
        """Return the calls about one comparison."""
        ...

    def opinions(self, file: JudgeFile, questions: Sequence[Question], answers: Sequence[Asked]) -> tuple[Opinion, ...]:
        """Return the verdicts that the answers to those calls hold."""
        ...
