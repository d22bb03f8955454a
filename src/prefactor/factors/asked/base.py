"""What measuring by asking is made of: the texts, how models are asked, and what came of it.

Records only; knows no prompt and no parser.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from prefactor._typing import FloatArray
from prefactor.asking.calls import Asked
from prefactor.data.records import Message
from prefactor.factors.base import Factor
from prefactor.llm.records import Request

__all__ = ["OUTCOMES", "Answer", "Query", "RateOptions", "Ratings", "Steps", "Subjects", "Way", "outcome", "unmeasured"]

OUTCOMES: Final = (
    *("measured", "does not apply"),
    *("missing", "unreadable", "refusal", "cut off", "out of range", "contradiction"),
)
"""What becomes of a measurement. After the first two: why there is none though the factor applies (``"missing"`` where
the call failed)."""


@dataclass(frozen=True, slots=True)
class Query:
    """What an answer answers.

    Parameters
    ----------
    prompt, system, source, reference, conversation
        As in :class:`prefactor.data.records.Row`.
    """

    prompt: str
    system: str | None = None
    source: str | None = None
    reference: str | None = None
    conversation: tuple[Message, ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to be measured.

    Parameters
    ----------
    text
        The answer.
    query
        What it answers.
    """

    text: str
    query: Query


@dataclass(frozen=True, slots=True)
class Subjects:
    """What is measured.

    Parameters
    ----------
    answers
        Distinct answers.
    pairs
        Comparisons: places of their two answers.
    """

    answers: tuple[Answer, ...]
    pairs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RateOptions:
    """How models are asked to measure.

    Parameters
    ----------
    model
        Name of the model, as the server knows it.
    together
        Whether both answers of a comparison are shown in one call, as in arXiv 2402.11296, rather than each by itself.
    fence
        Whether texts are fenced off from instructions.
    repeat
        From 1 on, the number of a repetition, which is another call with another seed.
    queries_at_once
        How many queries one call reads.
    facts_at_once
        How many facts one call checks at most.
    orders
        Of a comparison whose answers are shown together: one order, by a hash of its texts; ``"both"``, whose mean
        counts; or always A first (``"ab"``), or B.
    pack
        Most factors that one call rates; 0 for all of them. Errors are found in the last call on an answer.
    temperature
        How replies are drawn, at least 0. At 0 a repetition may bring the same reply, whatever its seed: to learn how
        far a measurement repeats, choose one above 0.
    """

    model: str
    together: bool = False
    fence: bool = True
    repeat: int = 0
    queries_at_once: int = 8
    facts_at_once: int = 40
    orders: Literal["one", "both", "ab", "ba"] = "one"
    pack: int = 0
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Ratings:
    """Scores, and why there are none.

    Parameters
    ----------
    values
        Scores, shape (answers, factors), NaN where there is none. Of answers seen in several comparisons, the mean.
    outcomes
        What became of each, as places in :data:`OUTCOMES`, the same shape. ``"measured"`` if any of several was.
    pair_values, pair_outcomes
        Shape (pairs, 2, factors), where answers were seen together; otherwise None.
    """

    values: FloatArray
    outcomes: NDArray[np.int8]
    pair_values: FloatArray | None = None
    pair_outcomes: NDArray[np.int8] | None = None


Steps = Generator[Sequence[Request], Sequence[Asked], Ratings]
"""What a way does: yields calls, is sent what became of them in the same order, and in the end returns the ratings."""


class Way(Protocol):
    """A way of measuring by asking."""

    def steps(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions) -> Steps:
        """Measure factors of this way; one column of the ratings for each, in this order."""
        ...

    def later(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions) -> Sequence[Request]:
        """Return stand-ins for the calls after the first step, as many and as large as they are likely to be."""
        ...


def outcome(name: str) -> int:
    """Return the place of an outcome.

    Examples
    --------
    >>> outcome("does not apply")
    1
    """
    return OUTCOMES.index(name)


def unmeasured(rows: int, columns: int) -> Ratings:
    """Return ratings with nothing in them, all of them missing; a way fills them."""
    missing = np.full((rows, columns), outcome("missing"), dtype=np.int8)
    return Ratings(np.full((rows, columns), np.nan), missing)
