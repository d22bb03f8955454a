"""Measuring by asking: every way takes its steps, all of them side by side, until none has another call to make.

The only place where ways meet a provider. Knows no prompt and no factor.
"""

import asyncio
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from prefactor._typing import FloatArray
from prefactor.asking.calls import Asked, AskOptions, CallPlan, ask_all, failure_kind, plan_calls
from prefactor.factors.asked import WAYS
from prefactor.factors.asked.base import RateOptions, Ratings, Subjects
from prefactor.factors.base import Factor
from prefactor.llm.base import Provider
from prefactor.llm.records import Request
from prefactor.runtime.budget import Cost
from prefactor.runtime.running import Watch

__all__ = ["MeasurePlan", "Measured", "Spent", "measure_by_asking", "plan_measuring", "take_steps"]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class MeasurePlan:
    """What measuring will take.

    Parameters
    ----------
    first
        The calls that can be made at once.
    later
        Those that depend on their replies, estimated; they are asked where they are needed.
    """

    first: CallPlan
    later: CallPlan


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls took.

    Parameters
    ----------
    calls, cached, failures, input_tokens, output_tokens, price
        As in :class:`Measured`.
    """

    calls: int
    cached: int
    failures: tuple[tuple[str, int], ...]
    input_tokens: int = 0
    output_tokens: int = 0
    price: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of measuring.

    Parameters
    ----------
    factors
        One per column of the ratings.
    ratings
        The scores.
    calls, cached
        Distinct calls, and those of them whose answer was there before.
    failures
        Kinds of failures with the number of calls that ended so, the commonest first.
    input_tokens, output_tokens, price
        What was paid now.
    """

    factors: tuple[Factor, ...]
    ratings: Ratings
    calls: int
    cached: int
    failures: tuple[tuple[str, int], ...]
    input_tokens: int = 0
    output_tokens: int = 0
    price: float = 0.0


def plan_measuring(
    subjects: Subjects, factors: Sequence[Factor], *, provider: Provider, options: RateOptions, ask: AskOptions
) -> MeasurePlan:
    """Return what measuring will take, asking nobody.

    Parameters
    ----------
    subjects, factors, provider, options, ask
        As for :func:`measure_by_asking`.
    """
    first: list[Request] = []
    later: list[Request] = []
    for name, own in _by_way(factors).items():
        with_steps = WAYS[name].steps(subjects, own, options)
        first += next(with_steps)
        with_steps.close()
        later += WAYS[name].later(subjects, own, options)
    return MeasurePlan(plan_calls(provider, first, options=ask), plan_calls(provider, later, options=ask))


def measure_by_asking(
    subjects: Subjects,
    factors: Sequence[Factor],
    *,
    provider: Provider,
    options: RateOptions,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> Measured:
    """Measure factors by asking a model.

    Parameters
    ----------
    subjects
        Answers and comparisons.
    factors
        What is measured; each has a ``way`` among :data:`prefactor.factors.asked.WAYS`.
    provider
        Who is asked; it is closed afterwards.
    options
        Model, alone or together, fence, repetition.
    ask
        Cache, concurrency, limits, budget (of the whole).
    watch
        Told how far the calls of a step are.

    Raises
    ------
    UnknownNameError
        A factor has no such way.
    """
    ways = _by_way(factors)
    running = {name: WAYS[name].steps(subjects, own, options) for name, own in ways.items()}
    ratings, spent = take_steps(running, provider=provider, ask=ask, watch=watch)
    return Measured(
        factors=tuple(factors),
        ratings=_in_order(subjects, factors, ways, ratings),
        calls=spent.calls,
        cached=spent.cached,
        failures=spent.failures,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        price=spent.price,
    )


def take_steps(
    running: Mapping[str, Generator[Sequence[Request], Sequence[Asked], Result]],
    *,
    provider: Provider,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> tuple[dict[str, Result], Spent]:
    """Take the steps of everything that asks, side by side, until none has another call to make.

    Parameters
    ----------
    running
        What takes steps, by name: each yields calls and is sent what became of them, in order.
    provider, ask, watch
        As for :func:`measure_by_asking`.

    Returns
    -------
    tuple
        What each returned in the end, and what all of it took.
    """
    left = dict(running)
    results: dict[str, Result] = {}
    known: dict[Request, Asked] = {}
    try:
        sent: dict[str, Sequence[Asked] | None] = dict.fromkeys(left)
        while left:
            wanted: dict[str, Sequence[Request]] = {}
            for name, steps in tuple(left.items()):
                try:
                    wanted[name] = _next(steps, sent[name])
                except StopIteration as end:
                    results[name] = cast("Result", end.value)
                    del left[name]
            _ask(provider, [each for part in wanted.values() for each in part], known, ask, watch)
            sent = {name: [known[each] for each in part] for name, part in wanted.items()}
    finally:
        asyncio.run(provider.close())
    answers = list(known.values())
    failures = Counter(failure_kind(answer.failure) for answer in answers if answer.reply is None)
    return results, Spent(
        calls=len(known),
        cached=sum(answer.cached for answer in answers),
        failures=tuple(failures.most_common()),
        input_tokens=sum(answer.usage.input_tokens for answer in answers),
        output_tokens=sum(answer.usage.output_tokens for answer in answers),
        price=sum(answer.price for answer in answers),
    )


def _by_way(factors: Sequence[Factor]) -> dict[str, list[Factor]]:
    """Share factors out among ways; two names of one way are asked about in the same calls."""
    found: dict[str, list[Factor]] = {}
    for factor in factors:
        way = WAYS[factor.way]
        name = next((known for known in found if WAYS[known] is way), factor.way)
        found.setdefault(name, []).append(factor)
    return found


def _next(
    steps: Generator[Sequence[Request], Sequence[Asked], Result], answers: Sequence[Asked] | None
) -> Sequence[Request]:
    return next(steps) if answers is None else steps.send(answers)


def _ask(
    provider: Provider,
    requests: Sequence[Request],
    known: dict[Request, Asked],
    ask: AskOptions | None,
    watch: Watch | None,
) -> None:
    """Ask what has not been asked in an earlier step, within what is left of the budget."""
    new = list(dict.fromkeys(each for each in requests if each not in known))
    if not new:
        return
    options = ask or AskOptions()
    spent = [answer for answer in known.values() if not answer.cached]
    left = options.calls.budget.without(
        Cost(
            sum(answer.attempts for answer in spent),
            sum(answer.usage.input_tokens + answer.usage.output_tokens for answer in spent),
            sum(answer.price for answer in spent),
        )
    )
    options = replace(options, calls=replace(options.calls, budget=left))
    known.update(zip(new, ask_all(provider, new, options=options, watch=watch), strict=True))


def _in_order(
    subjects: Subjects, factors: Sequence[Factor], ways: dict[str, list[Factor]], ratings: dict[str, Ratings]
) -> Ratings:
    """Put the columns of all ways together in the order of the factors."""
    names = [factor.name for own in ways.values() for factor in own]
    order = [names.index(factor.name) for factor in factors]
    parts = [ratings[name] for name in ways]
    values = np.concatenate([part.values for part in parts], axis=-1)[:, order]
    outcomes = np.concatenate([part.outcomes for part in parts], axis=-1)[:, order]
    if all(part.pair_values is None for part in parts):
        return Ratings(values, outcomes)
    pairs = np.array(subjects.pairs, dtype=np.int64).reshape(-1, 2)
    seen = [(part.values[pairs], part.outcomes[pairs]) if part.pair_values is None else _seen(part) for part in parts]
    pair_values, pair_outcomes = (np.concatenate(each, axis=-1)[:, :, order] for each in zip(*seen, strict=True))
    return Ratings(values, outcomes, pair_values, pair_outcomes)


def _seen(part: Ratings) -> tuple[FloatArray, NDArray[np.int8]]:
    return cast("FloatArray", part.pair_values), cast("NDArray[np.int8]", part.pair_outcomes)
