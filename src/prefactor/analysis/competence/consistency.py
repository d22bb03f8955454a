"""How far an evaluator agrees with itself: asked again, of equal answers, and in other words."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import numpy as np

from prefactor.analysis.competence.results import Consistency
from prefactor.analysis.competence.truth import Truth
from prefactor.data.question_set import AnswerVerdict
from prefactor.graders.normalise import words_of
from prefactor.stats.proportion import cluster_share

__all__ = ["consistency_of"]

Pair = tuple[AnswerVerdict, AnswerVerdict]


def consistency_of(
    truth: Truth, verdicts: Sequence[AnswerVerdict], *, others: Sequence[AnswerVerdict], interval: float
) -> tuple[Consistency, ...]:
    """Return how often the verdicts of an evaluator agree; kinds without a pair are left out.

    Parameters
    ----------
    truth
        Answers.
    verdicts
        All verdicts of the evaluator in its form, repeats among them.
    others
        Its first verdicts in other forms, with or without the key as in this one.
    interval
        Mass of the intervals.
    """
    decided = [each for each in verdicts if each.right is not None]
    first = [each for each in decided if not each.repeat]
    again = [each for each in others if each.right is not None and not each.repeat]
    kinds = {
        "repeats": _pairs(decided, lambda one: (one.question, one.answerer)),
        "equal answers": _pairs(first, lambda one: (one.question, _words(truth, one))),
        "wordings": _pairs_between(first, again),
    }
    return tuple(_consistency(truth, kind, list(pairs), interval) for kind, pairs in kinds.items() if pairs)


def _words(truth: Truth, verdict: AnswerVerdict) -> object:
    answer = truth.answers.get((verdict.question, verdict.answerer))
    return words_of(answer.text) if answer is not None and answer.text is not None else verdict.answerer


def _pairs(verdicts: Iterable[AnswerVerdict], key: Callable[[AnswerVerdict], object]) -> list[Pair]:
    groups: dict[object, list[AnswerVerdict]] = defaultdict(list)
    for each in verdicts:
        groups[key(each)].append(each)
    return [pair for group in groups.values() for pair in combinations(group, 2)]


def _pairs_between(first: Sequence[AnswerVerdict], others: Sequence[AnswerVerdict]) -> list[Pair]:
    known = {(each.question, each.answerer): each for each in first}
    return [(known[key], each) for each in others if (key := (each.question, each.answerer)) in known]


def _consistency(truth: Truth, kind: str, pairs: Sequence[Pair], interval: float) -> Consistency:
    same = np.array([one.right == other.right for one, other in pairs], dtype=float)
    clusters = np.array([truth.place[one.question] for one, _ in pairs], dtype=np.int64)
    return Consistency(kind, len(pairs), cluster_share(same, clusters=clusters, interval=interval))
