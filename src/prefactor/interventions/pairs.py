"""From answers with ranks to pairs of them: who is preferred, which is called A, which was written first.

Knows no log and no judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from math import isnan

from prefactor.data.preference import A_WINS, B_WINS, TIE, Order
from prefactor.interventions.base import Answer, Task

__all__ = ["Pair", "best_of", "every_two"]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one task.

    Parameters
    ----------
    a, b
        The two; which of them is A is settled by a hash, so that sides say nothing of ranks.
    score_a, score_b
        What they are compared by: level or score.
    preference
        1 where A has more, 0 where B has, 0.5 where they are equal.
    order
        Which was written first, where they were written in one reply.
    """

    a: Answer
    b: Answer
    score_a: float
    score_b: float
    preference: float
    order: Order | None = None


def every_two(task: Task, answers: Sequence[Answer], *, scores: Sequence[float] | None = None) -> tuple[Pair, ...]:
    """Return every two answers that can be used, compared by level, or by scores.

    Two answers of the same text make no pair, nor does one without a score.

    Parameters
    ----------
    task
        What they answer.
    answers
        The answers, those with a problem among them.
    scores
        One for each answer, NaN where there is none; their ranks by default.

    Examples
    --------
    >>> answers = [Answer(1, 1, "No."), Answer(2, 0, "Because it rains."), Answer(3, None, "", "refusal")]
    >>> [(pair.score_a, pair.score_b, pair.preference, pair.order) for pair in every_two(Task("Why?"), answers)]
    [(2.0, 1.0, 1.0, 'ab')]
    """
    known = _usable(answers, scores)
    return tuple(_pair(task, one, other) for one, other in combinations(known, 2) if one[0].text != other[0].text)


def best_of(task: Task, answers: Sequence[Answer], *, scores: Sequence[float]) -> tuple[Pair, ...]:
    """Return the answer with the highest score against each of the rest: what best-of-n sampling prefers.

    Where several have the highest score, the first sample among them is chosen, as such sampling does; it ties with
    the others of that score.

    Parameters
    ----------
    task, answers
        As for :func:`every_two`.
    scores
        One for each answer, NaN where there is none.

    Examples
    --------
    >>> answers = [Answer(1, None, "a"), Answer(2, None, "b"), Answer(3, None, "c")]
    >>> [sorted((pair.score_a, pair.score_b)) for pair in best_of(Task("Why?"), answers, scores=[0.1, 0.7, 0.4])]
    [[0.1, 0.7], [0.4, 0.7]]
    """
    known = _usable(answers, scores)
    if not known:
        return ()
    best = max(known, key=lambda each: each[1])
    return tuple(_pair(task, best, each) for each in known if each[0].text != best[0].text)


def _usable(answers: Sequence[Answer], scores: Sequence[float] | None) -> list[tuple[Answer, float]]:
    given = [float(each.rank) for each in answers] if scores is None else scores
    pairs = zip(answers, given, strict=True)
    return [(answer, score) for answer, score in pairs if not answer.problem and not isnan(score)]


def _pair(task: Task, one: tuple[Answer, float], other: tuple[Answer, float]) -> Pair:
    first, second = sorted((one[0].text, other[0].text))
    turned = blake2b(f"{task.identity}\0{first}\0{second}".encode("utf-8", "surrogatepass"), digest_size=1).digest()
    sides = sorted((one, other), key=lambda each: each[0].text, reverse=bool(turned[0] % 2))
    (a, score_a), (b, score_b) = sides
    preference = TIE if score_a == score_b else A_WINS if score_a > score_b else B_WINS
    order: Order | None = None
    if a.place is not None and b.place is not None:
        order = "ab" if a.place < b.place else "ba"
    return Pair(a, b, score_a, score_b, preference, order)
