"""What testing the measurement of factors will take, before anybody is asked. Knows no statistics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from prefactor.analysis.measuring_quality import QualityTests
from prefactor.analysis.measuring_sample import RepeatedRater, Sample
from prefactor.analysis.sensitivity import planted_subjects
from prefactor.asking.calls import AskOptions, CallPlan
from prefactor.factors.asked.base import RateOptions, Subjects
from prefactor.factors.asked.measuring import plan_measuring
from prefactor.factors.base import Factor

__all__ = ["AssessmentPlan", "plan_assessing"]


@dataclass(frozen=True, slots=True)
class AssessmentPlan:
    """What all measurements of a test take together.

    Parameters
    ----------
    measurements
        How often answers are measured, planted changes included.
    calls, cached
        Calls that will be asked, later ones estimated; and those whose reply is there.
    input_tokens, most_output_tokens, price, most_price
        As in :class:`prefactor.asking.calls.CallPlan`.
    """

    measurements: int
    calls: int
    cached: int
    input_tokens: int
    most_output_tokens: int
    price: float | None
    most_price: float | None


def plan_assessing(
    sample: Sample,
    factors: Sequence[Factor],
    *,
    rater: RepeatedRater,
    others: Sequence[RepeatedRater] = (),
    tests: QualityTests,
) -> AssessmentPlan:
    """Return what :func:`prefactor.analysis.measuring_quality.assess_measuring` will take, asking nobody.

    Parameters
    ----------
    sample, factors, rater, others, tests
        As for that function.
    """
    parts: list[CallPlan] = []
    measurements = 0
    for who, subjects, options in _measurements(sample, factors, rater=rater, others=others, tests=tests):
        provider, ask = who.make_provider(), who.ask or AskOptions()
        plan = plan_measuring(subjects, factors, provider=provider, options=options, ask=ask)
        parts += [plan.first, plan.later]
        measurements += 1
    prices = [(part.price, part.most_price) for part in parts]
    priced = all(price is not None for price, _ in prices)
    return AssessmentPlan(
        measurements=measurements,
        calls=sum(part.calls for part in parts),
        cached=sum(part.cached for part in parts),
        input_tokens=sum(part.input_tokens for part in parts),
        most_output_tokens=sum(part.most_output_tokens for part in parts),
        price=sum(price or 0.0 for price, _ in prices) if priced else None,
        most_price=sum(most or 0.0 for _, most in prices) if priced else None,
    )


def _measurements(
    sample: Sample,
    factors: Sequence[Factor],
    *,
    rater: RepeatedRater,
    others: Sequence[RepeatedRater],
    tests: QualityTests,
) -> Iterator[tuple[RepeatedRater, Subjects, RateOptions]]:
    options = rater.options
    for number in range(tests.repeats):
        yield rater, sample.subjects, replace(options, repeat=options.repeat + number)
    for other in others:
        yield other, sample.subjects, other.options
    if tests.sensitivity:
        alone = replace(options, together=False)
        if options.together:
            yield rater, sample.subjects, alone
        for _, _, subjects in planted_subjects(sample.subjects, factors):
            yield rater, subjects, alone
    if tests.orders:
        yield rater, sample.subjects, replace(options, together=True, orders="ab")
        yield rater, sample.subjects, replace(options, together=True, orders="ba")
