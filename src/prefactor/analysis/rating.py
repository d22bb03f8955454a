"""Measures factors of a dataset that take a model to ask: from its tables to subjects, from ratings to scores."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from prefactor._typing import FloatArray
from prefactor.analysis.measurement import Scores, Unmeasured
from prefactor.asking.calls import AskOptions
from prefactor.data.dataset import Dataset
from prefactor.data.records import Message
from prefactor.factors.asked.base import OUTCOMES, Answer, Query, RateOptions, Ratings, Subjects, outcome
from prefactor.factors.asked.measuring import Measured, measure_by_asking
from prefactor.factors.base import Factor
from prefactor.llm.base import Provider
from prefactor.runtime.running import Watch

__all__ = ["rate_responses", "scores_of", "subjects_of"]


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
    rows = dataset.prompts.collect().iter_rows(named=True)
    queries = {row["index"]: _query(row) for row in rows}
    responses = dataset.responses.select("index", "prompt", "text").collect().sort("index")
    answers = tuple(Answer(text, queries[prompt]) for _, prompt, text in responses.iter_rows())
    pairs = dataset.comparisons.select("response_a", "response_b").iter_rows()
    return Subjects(answers, tuple((a, b) for a, b in pairs))


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
    ids = (
        dataset.responses.select("index", "response_id", pl.col("prompt").alias("place"))
        .join(dataset.prompts.select(pl.col("index").alias("place"), "prompt_id"), on="place", how="left")
        .sort("index")
        .select("response_id", "prompt_id")
        .collect()
    )
    table = ids.hstack(_columns(names, ratings.values, ratings.outcomes))
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
