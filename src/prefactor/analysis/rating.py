"""Measures factors of a dataset that take a model to ask: from its tables to subjects, from ratings to scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from prefactor._typing import FloatArray
from prefactor.analysis.measurement import Scores, Unmeasured, join_scores, measure_responses
from prefactor.asking.calls import AskOptions
from prefactor.data.dataset import Dataset
from prefactor.data.records import Message
from prefactor.errors import SettingError
from prefactor.factors.asked.base import OUTCOMES, Answer, Query, RateOptions, Ratings, Subjects, outcome
from prefactor.factors.asked.measuring import Measured, measure_by_asking
from prefactor.factors.base import Factor
from prefactor.factors.loading import FactorSet
from prefactor.llm.base import Provider
from prefactor.runtime.progress import Progress, silent
from prefactor.runtime.running import Watch

__all__ = ["Rater", "measure_factors", "queries_of", "rate_responses", "scores_of", "subjects_of"]

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Rater:
    """A model that measures what takes one.

    Parameters
    ----------
    provider
        Who is asked; it is closed afterwards.
    options
        Model, alone or together, fence, repetition.
    ask
        Cache, concurrency, limits, budget.
    watch
        Told how far the calls of a step are.
    """

    provider: Provider
    options: RateOptions
    ask: AskOptions | None = None
    watch: Watch | None = None


def measure_factors(
    dataset: Dataset,
    factors: FactorSet,
    *,
    rater: Rater | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> tuple[Scores, Measured | None]:
    """Measure factors of all kinds: those of the text first, then those that take a model.

    Parameters
    ----------
    dataset
        Where the responses are.
    factors
        What is measured.
    rater
        The model; needed where a factor takes one.
    workers, progress
        As for :func:`prefactor.analysis.measurement.measure_responses`.

    Returns
    -------
    tuple
        The scores, and what asking took; None where nobody was asked.

    Raises
    ------
    SettingError
        A factor takes a model, and none is given.
    """
    if factors.asked and rater is None:
        names = [factor.name for factor in factors.asked]
        shown = f"{', '.join(names[:_NAMED])}{', ...' if len(names) > _NAMED else ''}"
        hint = "name one with --measure-with MODEL, or a file of scores measured before with --scores FILE"
        raise SettingError("factors", expected=f"a model that measures {shown}", got="none", hint=hint)
    parts, measured = [], None
    if factors.measurers:
        parts.append(measure_responses(dataset, factors.measurers, workers=workers, progress=progress))
    if factors.asked and rater is not None:
        rated, measured = rate_responses(
            dataset, factors.asked, provider=rater.provider, options=rater.options, ask=rater.ask, watch=rater.watch
        )
        parts.append(rated)
    return join_scores(parts, factors.order), measured


def rate_responses(
    dataset: Dataset,
    factors: Sequence[Factor],
    *,
    provider: Provider,
    options: RateOptions,
    ask: AskOptions | None = None,
    watch: Watch | None = None,
) -> tuple[Scores, Measured]:
    """Measure factors of every distinct response by asking a model.

    Parameters
    ----------
    dataset
        Where the responses are.
    factors
        What is measured.
    provider, options, ask, watch
        As for :func:`prefactor.factors.asked.measuring.measure_by_asking`.

    Returns
    -------
    tuple
        The scores, and what measuring them took.
    """
    measured = measure_by_asking(
        subjects_of(dataset), factors, provider=provider, options=options, ask=ask, watch=watch
    )
    return scores_of(dataset, measured.factors, ratings=measured.ratings, measured_by=options.model), measured


def subjects_of(dataset: Dataset) -> Subjects:
    """Return the distinct responses of a dataset with what they answer, and its comparisons."""
    queries = queries_of(dataset)
    responses = dataset.responses.select("index", "prompt", "text").collect().sort("index")
    answers = tuple(Answer(text, queries[prompt]) for _, prompt, text in responses.iter_rows())
    pairs = dataset.comparisons.select("response_a", "response_b").iter_rows()
    return Subjects(answers, tuple((a, b) for a, b in pairs))


def queries_of(dataset: Dataset) -> dict[int, Query]:
    """Return what the prompts of a dataset ask, by row number of the prompt."""
    return {row["index"]: _query(row) for row in dataset.prompts.collect().iter_rows(named=True)}


def _query(row: dict[str, object]) -> Query:
    said = row["conversation"]
    conversation = None
    if isinstance(said, list):
        conversation = tuple(Message(each["role"], each["content"]) for each in said)
    texts = {key: None if row[key] is None else str(row[key]) for key in ("system", "source", "reference")}
    return Query(str(row["prompt"]), **texts, conversation=conversation)


def scores_of(dataset: Dataset, factors: Sequence[Factor], *, ratings: Ratings, measured_by: str) -> Scores:
    """Return ratings of the responses of a dataset as scores.

    Parameters
    ----------
    dataset
        Where the responses are.
    factors
        One per column of the ratings.
    ratings
        As measured on :func:`subjects_of` the dataset.
    measured_by
        Name of what measured them.
    """
    names = [factor.name for factor in factors]
    table = dataset.response_ids().hstack(_columns(names, ratings.values, ratings.outcomes))
    sides, outcomes = None, ratings.outcomes
    if ratings.pair_values is not None and ratings.pair_outcomes is not None:
        a, b = (_columns(names, ratings.pair_values[:, side], ratings.pair_outcomes[:, side]) for side in (0, 1))
        sides, outcomes = (a, b), ratings.pair_outcomes.reshape(-1, len(names))
    return Scores(tuple(factors), (measured_by,), table, sides, _unmeasured(names, outcomes))


def _columns(names: Sequence[str], values: FloatArray, outcomes: NDArray[np.int8]) -> pl.DataFrame:
    """One Float32 column per factor: null where it does not apply, NaN where measuring failed."""
    frame = pl.DataFrame(values.astype(np.float32), schema=dict.fromkeys(names, pl.Float32))
    apart = outcomes == outcome("does not apply")
    return frame.with_columns(
        pl.when(pl.Series(apart[:, column])).then(None).otherwise(pl.col(name)).alias(name)
        for column, name in enumerate(names)
    )


def _unmeasured(names: Sequence[str], outcomes: NDArray[np.int8]) -> tuple[Unmeasured, ...]:
    found: list[Unmeasured] = []
    for column, name in enumerate(names):
        counts = Counter(outcomes[:, column].tolist())
        found += [
            Unmeasured(name, problem, counts[place])
            for place, problem in enumerate(OUTCOMES)
            if place > 1 and counts[place]
        ]
    return tuple(found)
