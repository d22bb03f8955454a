"""Collecting preferences: asking for them, and what came of it.

The only place where questions meet a provider. Every call ends in a reply or is counted as a failure with its name.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from prefactor.asking.calls import AskOptions, ask_all, failure_kind
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.judges.base import Opinion
from prefactor.judges.judging import Questions, verdicts_of
from prefactor.llm.base import Provider
from prefactor.runtime.running import Watch

__all__ = ["Judged", "Tally", "add_verdicts", "collect", "tally"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of judging.

    Parameters
    ----------
    questions
        What was asked.
    verdicts
        For every comparison of the questions, all verdicts on it.
    calls, cached
        Distinct calls, and those of them whose answer was there before.
    failures
        Kinds of failures with the number of calls that ended so, the commonest first.
    tokens, price
        What was paid now, in tokens and in the currency of the prices given.
    """

    questions: Questions
    verdicts: tuple[tuple[Opinion, ...], ...]
    calls: int
    cached: int
    failures: tuple[tuple[str, int], ...]
    tokens: int = 0
    price: float = 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The verdicts of one judge, counted.

    Parameters
    ----------
    judge
        Its name.
    verdicts
        All of them: ``for_a + tied + for_b + missing``, and those that are unreadable.
    for_a, tied, for_b
        By what they prefer.
    problems
        Those without a preference by why there is none.
    both_orders, turned
        Comparisons with a preference in both orders, and those where the two are opposite.
    """

    judge: str
    verdicts: int
    for_a: int
    tied: int
    for_b: int
    problems: tuple[tuple[str, int], ...]
    both_orders: int
    turned: int

    @property
    def missing(self) -> int:
        """Verdicts that are not there because the call failed."""
        return dict(self.problems).get("missing", 0)

    @property
    def unreadable(self) -> int:
        """Verdicts that are not there because the reply held no clear one."""
        return sum(number for _, number in self.problems) - self.missing


def collect(
    questions: Questions, provider: Provider, *, options: AskOptions | None = None, watch: Watch | None = None
) -> Judged:
    """Ask every question and return what came of it.

    Parameters
    ----------
    questions
        What is asked.
    provider
        Who is asked; it is closed afterwards.
    options
        How: cache, concurrency, limits, budget.
    watch
        Told how far it is.
    """
    requests = questions.requests
    try:
        answers = ask_all(provider, requests, options=options, watch=watch)
    finally:
        asyncio.run(provider.close())
    distinct = dict(zip(requests, answers, strict=True)).values()
    failures = Counter(failure_kind(answer.failure) for answer in distinct if answer.reply is None)
    return Judged(
        questions=questions,
        verdicts=verdicts_of(questions, answers),
        calls=len(distinct),
        cached=sum(answer.cached for answer in distinct),
        failures=tuple(failures.most_common()),
        tokens=sum(answer.usage.input_tokens + answer.usage.output_tokens for answer in distinct),
        price=sum(answer.price for answer in distinct),
    )


def tally(judged: Judged) -> tuple[Tally, ...]:
    """Return the verdicts of every judge, counted, in the order in which the judges come."""
    judges = dict.fromkeys(one.judge for opinions in judged.verdicts for one in opinions)
    return tuple(_counted(judge, judged.verdicts) for judge in judges)


def _counted(judge: str, verdicts: Sequence[Sequence[Opinion]]) -> Tally:
    own = [one for opinions in verdicts for one in opinions if one.judge == judge]
    preferences = [one.preference for one in own if one.preference is not None]
    pairs: dict[tuple[int, str | None, int], dict[str, float]] = {}
    for comparison, opinions in enumerate(verdicts):
        for one in opinions:
            if one.judge == judge and one.preference is not None and one.order is not None:
                pairs.setdefault((comparison, one.annotator, one.repeat), {})[one.order] = one.preference
    both = [pair for pair in pairs.values() if len(pair) == 2]
    return Tally(
        judge=judge,
        verdicts=len(own),
        for_a=sum(preference > TIE for preference in preferences),
        tied=sum(preference == TIE for preference in preferences),
        for_b=sum(preference < TIE for preference in preferences),
        problems=tuple(Counter(one.problem for one in own if one.preference is None).most_common()),
        both_orders=len(both),
        turned=sum((pair["ab"] - TIE) * (pair["ba"] - TIE) < 0 for pair in both),
    )


def add_verdicts(dataset: Dataset, judged: Judged) -> Dataset:
    """Return the dataset that was judged, with the new verdicts behind those it had."""
    rows = [
        (
            texts.comparison,
            one.judge,
            one.kind,
            one.preference,
            one.problem if one.problem in ("", "missing") else f"{one.problem}: {one.said}",
            one.order,
            1.0,
            one.annotator,
        )
        for texts, opinions in zip(judged.questions.texts, judged.verdicts, strict=True)
        for one in opinions
    ]
    new = pl.DataFrame(rows, schema=dataset.preferences.schema, orient="row")
    return replace(dataset, preferences=pl.concat([dataset.preferences, new]))
