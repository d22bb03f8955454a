"""How well answerers answer, and how well graders do what people do. Knows no evaluator."""

from collections.abc import Iterable, Sequence
from math import isnan, nan, sqrt
from typing import Final

import numpy as np

from prefactor.analysis.competence.results import AnswererStanding, CompetenceSettings, Correction, GraderQuality
from prefactor.analysis.competence.truth import KeyedGrades, Truth
from prefactor.stats.estimate import Estimate
from prefactor.stats.misclassification import Counted, corrected_share
from prefactor.stats.proportion import cluster_share

__all__ = ["answerer_standings", "grader_qualities"]

LEAST_LABELLED: Final = 10
"""Right, and wrong, labelled answers of an answerer that show a grader's errors on that answerer's answers."""

Key = tuple[str, str]


def answerer_standings(truth: Truth, settings: CompetenceSettings) -> tuple[AnswererStanding, ...]:
    """Return how well every answerer answers, in the order of their names."""
    return tuple(_standing(truth, name, settings) for name in truth.answerers)


def _standing(truth: Truth, answerer: str, settings: CompetenceSettings) -> AnswererStanding:
    keys = [key for key in truth.answers if key[1] == answerer]
    told = [key for key in keys if key in truth.right or key in truth.abstained]
    clusters = [truth.place[key[0]] for key in told]
    texts = [answer.text for answer in (truth.answers[key] for key in keys) if answer.text is not None]
    missing = len(keys) - len(texts)

    def share(held: Iterable[bool]) -> Estimate:
        return cluster_share(np.array(list(held), dtype=float), clusters=clusters, interval=settings.interval)

    return AnswererStanding(
        answerer=answerer,
        read=len(keys),
        right=sum(truth.right.get(key, False) for key in told),
        wrong=sum(not truth.right[key] for key in told if key in truth.right),
        abstained=sum(key in truth.abstained for key in told),
        missing=missing,
        ungraded=len(keys) - len(told) - missing,
        by_people=sum(key in truth.by_people for key in told),
        accuracy=share(truth.right.get(key, False) for key in told),
        abstention=share(key in truth.abstained for key in told),
        words=float(np.mean([len(text.split()) for text in texts])) if texts else nan,
        corrections=tuple(_correction(truth, grader, answerer, settings) for grader in truth.graders),
    )


def _correction(truth: Truth, grader: KeyedGrades, answerer: str, settings: CompetenceSettings) -> Correction:
    own = [key for key, verdict in grader.grades.items() if key[1] == answerer and verdict is not None]
    own = sorted(key for key in own if key not in truth.abstained)
    labelled = [key for key in own if key in truth.by_people]
    rest = [key for key in own if key not in truth.by_people]
    counted = _share(truth, own, [bool(grader.grades[key]) for key in own], settings)
    known = _share(truth, labelled, [truth.right[key] for key in labelled], settings)
    if not rest or not own:
        reason = "people looked at every answer" if own else "the grader says nothing of any answer"
        return Correction(grader.name, len(labelled), len(rest), counted, known, reason=reason)
    rates, source = _rates(truth, grader, answerer)
    if rates is None:
        reason = "people looked at too few right and wrong answers to see the grader's errors"
        return Correction(grader.name, len(labelled), len(rest), counted, Estimate(nan), reason=reason)
    seen = Counted(float(np.mean([bool(grader.grades[key]) for key in rest])), len(rest))
    corrected = corrected_share(seen, sensitivity=rates[0], specificity=rates[1], interval=settings.interval)
    part = len(labelled) / len(own)
    joined = corrected if not labelled else _joined(known, corrected, part)
    reason = "the grader does no better than a coin" if isnan(corrected.value) else ""
    return Correction(grader.name, len(labelled), len(rest), counted, joined, source, reason)


def _rates(truth: Truth, grader: KeyedGrades, answerer: str) -> tuple[tuple[Counted, Counted] | None, str]:
    """Return the grader's sensitivity and specificity on labelled answers: this answerer's where they are enough."""
    both = [key for key, verdict in grader.grades.items() if verdict is not None and key in truth.by_people]
    for source, keys in (("own", [key for key in both if key[1] == answerer]), ("all", both)):
        right = [key for key in keys if truth.right[key]]
        wrong = [key for key in keys if not truth.right[key]]
        if min(len(right), len(wrong)) >= LEAST_LABELLED:
            hits = _counted(truth, right, [bool(grader.grades[key]) for key in right])
            clears = _counted(truth, wrong, [not grader.grades[key] for key in wrong])
            return (hits, clears), source
    return None, ""


def _counted(truth: Truth, keys: Sequence[Key], found: Sequence[bool]) -> Counted:
    """Return a share with the rows that it is worth: those of one question count as alike as they are."""
    values, clusters = np.array(found, dtype=float), np.array([truth.place[key[0]] for key in keys])
    mean = float(values.mean())
    sums = np.bincount(clusters, weights=values - mean)
    plain = len(values) * mean * (1 - mean)
    design = max(float(sums @ sums) / plain, 1.0) if plain > 0 else len(values) / len(np.unique(clusters))
    return Counted(mean, len(values) / design)


def _joined(labelled: Estimate, rest: Estimate, part: float) -> Estimate:
    """Join two independent shares of different answers, weighed by how many they are."""
    value = part * labelled.value + (1 - part) * rest.value
    below = sqrt((part * (labelled.value - labelled.low)) ** 2 + ((1 - part) * (rest.value - rest.low)) ** 2)
    above = sqrt((part * (labelled.high - labelled.value)) ** 2 + ((1 - part) * (rest.high - rest.value)) ** 2)
    return Estimate(value, max(value - below, 0.0), min(value + above, 1.0))


def grader_qualities(truth: Truth, settings: CompetenceSettings) -> tuple[GraderQuality, ...]:
    """Return how well every grader does what people do: on all answers, then answerer by answerer."""
    found = []
    for grader in truth.graders:
        both = sorted(key for key, verdict in grader.grades.items() if verdict is not None and key in truth.by_people)
        if not both:
            continue
        named = [(name, [key for key in both if key[1] == name]) for name in truth.answerers]
        for answerer, keys in [("", both), *((name, keys) for name, keys in named if keys)]:
            same = [grader.grades[key] == truth.right[key] for key in keys]
            right = [place for place, key in enumerate(keys) if truth.right[key]]
            wrong = [place for place, key in enumerate(keys) if not truth.right[key]]
            found.append(
                GraderQuality(
                    grader.name,
                    grader.label,
                    answerer,
                    len(keys),
                    _share(truth, keys, same, settings),
                    _share(truth, [keys[place] for place in right], [same[place] for place in right], settings),
                    _share(truth, [keys[place] for place in wrong], [same[place] for place in wrong], settings),
                )
            )
    return tuple(found)


def _share(truth: Truth, keys: Sequence[Key], values: Sequence[bool], settings: CompetenceSettings) -> Estimate:
    clusters = np.array([truth.place[key[0]] for key in keys], dtype=np.int64)
    return cluster_share(np.array(values, dtype=float), clusters=clusters, interval=settings.interval)
