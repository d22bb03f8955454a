"""Whether the measurement of factors is any good: repeats, other raters, people, planted changes, orders."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import nan

import numpy as np
from numpy.typing import NDArray

from prefactor._typing import FloatArray, IntArray
from prefactor._validate import check_fraction
from prefactor.analysis.measuring_results import (
    FactorQuality,
    Halo,
    MeasuringQuality,
    OrderEffect,
    PlantedEffect,
    RaterAgreement,
    judged,
)
from prefactor.analysis.measuring_sample import RepeatedRater, Sample, signs_of
from prefactor.analysis.sensitivity import measure_sensitivity
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.factors.asked.base import OUTCOMES, RateOptions, Ratings
from prefactor.factors.base import Factor
from prefactor.stats.difference import paired_difference
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.reliability import concordance
from prefactor.stats.repeats import SignReliability, measure_repeats, measure_truth

__all__ = ["QualityTests", "assess_measuring"]

_MOST_LEVELS = 10


@dataclass(frozen=True, slots=True)
class QualityTests:
    """What is tested.

    Parameters
    ----------
    repeats
        Measurements of every answer, at least 2.
    sensitivity
        Whether planted changes are measured.
    orders
        Whether both answers of a comparison are shown together, in both orders.
    interval
        Mass of the intervals.
    """

    repeats: int = 2
    sensitivity: bool = False
    orders: bool = False
    interval: float = INTERVAL

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        if self.repeats < 2:
            raise SettingError("repeats", expected="at least 2", got=self.repeats)


@dataclass(frozen=True, slots=True)
class _Scores:
    """Scores of answers, or of answers in comparisons where two were seen together, with their clusters."""

    values: FloatArray
    clusters: IntArray

    @classmethod
    def of(cls, ratings: Ratings, sample: Sample) -> "_Scores":
        if ratings.pair_values is None:
            return cls(ratings.values, sample.prompts)
        return cls(ratings.pair_values.reshape(-1, ratings.values.shape[1]), np.repeat(sample.pair_prompts, 2))


def assess_measuring(
    sample: Sample,
    factors: Sequence[Factor],
    *,
    rater: RepeatedRater,
    others: Sequence[RepeatedRater] = (),
    tests: QualityTests,
) -> MeasuringQuality:
    """Measure answers again and again, and say how well each factor is measured.

    Parameters
    ----------
    sample
        The answers.
    factors
        What is measured.
    rater
        Whose measurement is tested.
    others
        With whom it is compared.
    tests
        What is tested.
    """
    ratings = [rater.measure(sample.subjects, factors, _again(rater, number)) for number in range(tests.repeats)]
    reliability = _repeats(sample, factors, ratings, interval=tests.interval)
    people = None
    agreements: list[RaterAgreement] = []
    first = _Scores.of(ratings[0], sample)
    for other in others:
        theirs = _Scores.of(other.measure(sample.subjects, factors), sample)
        agreements += _agreements(other.options.model, factors, first, theirs, interval=tests.interval)
    if sample.labels is not None:
        measured = signs_of(sample.subjects, factors, ratings=ratings[0])
        truth = signs_of(sample.subjects, factors, ratings=sample.labels)
        people = measure_truth(measured, truth, clusters=sample.pair_prompts, interval=tests.interval)
        alone = _Scores(ratings[0].values, sample.prompts)
        labels = _Scores(sample.labels, sample.prompts)
        agreements += _agreements("people", factors, alone, labels, interval=tests.interval)
    return MeasuringQuality(
        model=rater.options.model,
        together=rater.options.together,
        repeats=tests.repeats,
        answers=len(sample.subjects.answers),
        comparisons=len(sample.subjects.pairs),
        prompts=len(np.unique(sample.prompts)),
        interval=tests.interval,
        factors=tuple(
            _quality(factor, place, sample=sample, ratings=ratings, found=reliability, people=people, tests=tests)
            for place, factor in enumerate(factors)
        ),
        halo=Halo(tuple(factor.name for factor in factors), _table(reliability.halo), _table(reliability.halo_error)),
        agreements=tuple(agreements),
        planted=_planted(sample, factors, rater, ratings[0], interval=tests.interval) if tests.sensitivity else (),
        orders=_orders(sample, factors, rater, interval=tests.interval) if tests.orders else (),
    )


def _planted(
    sample: Sample, factors: Sequence[Factor], rater: RepeatedRater, first: Ratings, *, interval: float
) -> tuple[PlantedEffect, ...]:
    """Plant changes in single answers; where two were seen together, they are first measured alone as well."""
    before = first
    if rater.options.together:
        before = rater.measure(sample.subjects, factors, replace(rater.options, together=False))
    return measure_sensitivity(sample, factors, rater=rater, before=before, interval=interval)


def _again(rater: RepeatedRater, number: int) -> RateOptions:
    return replace(rater.options, repeat=rater.options.repeat + number)


def _repeats(
    sample: Sample, factors: Sequence[Factor], ratings: Sequence[Ratings], *, interval: float
) -> SignReliability:
    signs = [signs_of(sample.subjects, factors, ratings=each) for each in ratings]
    pairs = list(combinations(range(len(signs)), 2))
    first, second = (np.concatenate([signs[pair[side]] for pair in pairs]) for side in (0, 1))
    clusters = np.tile(sample.pair_prompts, len(pairs))
    return measure_repeats(first, second, clusters=clusters, interval=interval)


def _quality(
    factor: Factor,
    place: int,
    *,
    sample: Sample,
    ratings: Sequence[Ratings],
    found: SignReliability,
    people: SignReliability | None,
    tests: QualityTests,
) -> FactorQuality:
    scores = [_Scores.of(each, sample) for each in ratings]
    pairs = list(combinations([each.values[:, place] for each in scores], 2))
    one, two = (np.concatenate([pair[side] for pair in pairs]) for side in (0, 1))
    clusters = np.tile(scores[0].clusters, len(pairs))
    exact, agreement, answers = _alike(one, two, clusters, tests.interval)
    problems = Counter(code for each in ratings for code in _outcomes(each)[:, place].tolist() if code > 1)
    reliability = _estimate(found.reliability, place)
    differing = int(found.differing[place])
    return FactorQuality(
        factor=factor.name,
        label=factor.label,
        way=factor.way,
        reliability=reliability,
        slope=_estimate(found.slope, place),
        flips=_estimate(found.flips, place),
        tie_changes=_estimate(found.tie_changes, place),
        exact=exact,
        concordance=agreement,
        answers=answers,
        comparisons=int(found.rows),
        differing=differing,
        unmeasured=tuple((OUTCOMES[code], number) for code, number in sorted(problems.items())),
        verdict=judged(reliability, differing=differing),
        by_people_reliability=None if people is None else _estimate(people.reliability, place),
        by_people_slope=None if people is None else _estimate(people.slope, place),
    )


def _outcomes(ratings: Ratings) -> NDArray[np.int8]:
    if ratings.pair_outcomes is None:
        return ratings.outcomes
    return ratings.pair_outcomes.reshape(-1, ratings.outcomes.shape[1])


def _alike(one: FloatArray, two: FloatArray, clusters: IntArray, interval: float) -> tuple[Estimate, Estimate, int]:
    """Share of equal scores, agreement beyond chance, and how many answers both have scored."""
    both = ~np.isnan(one) & ~np.isnan(two)
    if not both.any():
        return Estimate(nan), Estimate(nan), 0
    exact = cluster_share((one == two)[both], clusters=clusters[both], interval=interval)
    return exact, concordance(one, two, clusters=clusters, interval=interval), int(both.sum())


def _agreements(
    other: str, factors: Sequence[Factor], first: _Scores, second: _Scores, *, interval: float
) -> list[RaterAgreement]:
    found = []
    for place, factor in enumerate(factors):
        one, two = first.values[:, place], second.values[:, place]
        both = ~np.isnan(one) & ~np.isnan(two)
        exact, agreement, answers = _alike(one, two, first.clusters, interval)
        bias = cluster_mean((one - two)[both], clusters=first.clusters[both], interval=interval)
        levels = np.unique(np.concatenate([one[both], two[both]]))
        few = 0 < len(levels) <= _MOST_LEVELS
        counts = [
            tuple(int(np.count_nonzero((one == own) & (two == their))) for their in levels) for own in levels if few
        ]
        shown = tuple(levels.tolist()) if few else ()
        found.append(RaterAgreement(other, factor.name, answers, exact, agreement, bias, shown, tuple(counts)))
    return found


def _orders(
    sample: Sample, factors: Sequence[Factor], rater: RepeatedRater, *, interval: float
) -> tuple[OrderEffect, ...]:
    """Show both answers of every comparison together, each first once, and compare."""
    options = replace(rater.options, together=True)
    ab, ba = (rater.measure(sample.subjects, factors, replace(options, orders=order)) for order in ("ab", "ba"))
    if ab.pair_values is None or ba.pair_values is None:
        raise SettingError("orders", expected="factors that are measured with both answers in view", got="none")
    shown_first = np.concatenate([ab.pair_values[:, 0], ba.pair_values[:, 1]])
    shown_second = np.concatenate([ba.pair_values[:, 0], ab.pair_values[:, 1]])
    clusters = np.tile(sample.pair_prompts, 2)
    signs = [signs_of(sample.subjects, factors, ratings=each) for each in (ab, ba)]
    found, p_values = [], []
    for place, factor in enumerate(factors):
        apart = shown_first[:, place] - shown_second[:, place]
        known = ~np.isnan(apart)
        shift = cluster_mean(apart[known], clusters=clusters[known], interval=interval)
        one, two = signs[0][:, place], signs[1][:, place]
        either = ~np.isnan(one) & ~np.isnan(two) & ((one != 0) | (two != 0))
        opposite = cluster_share((one * two < 0)[either], clusters=sample.pair_prompts[either], interval=interval)
        test = paired_difference(np.sign(apart[known]), clusters=clusters[known], interval=interval)
        p_values.append(2 * min(test.p_below, 1 - test.p_below))
        found.append(OrderEffect(factor.name, int(known.sum()), shift, opposite, nan))
    return tuple(
        replace(effect, q_value=float(q))
        for effect, q in zip(found, benjamini_hochberg(np.clip(p_values, 0.0, 1.0)), strict=True)
    )


def _estimate(rows: FloatArray, place: int) -> Estimate:
    return Estimate(*(float(end) for end in rows[:, place]))


def _table(values: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())
