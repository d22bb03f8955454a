"""Columns of what the prompts are: the scenario of each, and of which kinds it is, to make slices of.

From readings of a model where there are any, and from rules otherwise; says how many came from which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from prefactor.analysis.rating import Rater, queries_of
from prefactor.data.dataset import Dataset
from prefactor.factors.asked import QUERY_KINDS
from prefactor.factors.asked.base import Answer, Subjects
from prefactor.factors.asked.measuring import Spent
from prefactor.factors.asked.query import QueryReading, read_queries
from prefactor.factors.queries import read_query

__all__ = [
    "KIND_COLUMNS",
    "SCENARIO",
    "classify_by_asking",
    "classify_queries",
    "lacks_query_columns",
    "with_query_columns",
]

SCENARIO: Final = "scenario"
_TAKEN: Final = "query scenario"
"""Name of the column of scenarios, and its name where the log has a column of that name already."""

KIND_COLUMNS: Final = {
    "unclear": "query is unclear",
    "feelings": "query shows feelings",
    "constraints": "query sets constraints",
    "stances": "query takes a stance",
    "mistakes": "query holds mistakes",
}
"""Name of the column of every kind of query, as the published profiles call it."""

_FIELDS: Final = (SCENARIO, *QUERY_KINDS)
_BATCH = 10_000


def with_query_columns(dataset: Dataset, by: Sequence[str]) -> Dataset:
    """Add the columns of :func:`classify_queries` where one of them is wanted that the dataset has not.

    Parameters
    ----------
    dataset
        The comparisons.
    by
        Columns wanted.
    """
    return classify_queries(dataset) if lacks_query_columns(dataset, by) else dataset


def lacks_query_columns(dataset: Dataset, by: Sequence[str]) -> bool:
    """Whether one of the columns of :func:`classify_queries` is wanted that the dataset has not."""
    ours = {SCENARIO, _TAKEN, *KIND_COLUMNS.values()}
    return bool(ours.intersection(by) - {*dataset.columns})


def classify_by_asking(dataset: Dataset, rater: Rater) -> tuple[Dataset, Spent]:
    """Add the columns of :func:`classify_queries` as a model reads the prompts, by rules where it could not.

    Parameters
    ----------
    dataset
        The comparisons.
    rater
        The model; the calls are those that measuring query-specific factors makes, and share its cache.

    Returns
    -------
    tuple
        The dataset with more columns, and what asking took.
    """
    queries = queries_of(dataset)
    subjects = Subjects(tuple(Answer("", query) for query in queries.values()))
    found = read_queries(subjects, provider=rater.provider, options=rater.options, ask=rater.ask, watch=rater.watch)
    read = found.readings.read
    readings = {place: read[query] for place, query in queries.items() if query in read}
    return classify_queries(dataset, readings, read_by=rater.options.model), found.spent


def classify_queries(
    dataset: Dataset, readings: Mapping[int, QueryReading] | None = None, *, read_by: str = ""
) -> Dataset:
    """Add what the prompts are to the comparisons: one column with the scenario, and five of ``"yes"`` and ``"no"``.

    The scenario stands in ``"scenario"``, or in ``"query scenario"`` where the log has a column of that name, the kinds
    in those of :data:`KIND_COLUMNS`. Columns that are there already stay as they are. How every new one came about
    stands in ``made_columns`` of the dataset.

    Parameters
    ----------
    dataset
        The comparisons.
    readings
        Readings by row number of the prompt; a prompt without one is read by rules
        (:func:`prefactor.factors.queries.read_query`).
    read_by
        What gave the readings, such as the name of a model.

    Returns
    -------
    Dataset
        The same with more columns.
    """
    readings = readings or {}
    values: dict[str, list[str]] = {field: [] for field in _FIELDS}
    by_rules = 0
    for start in range(0, dataset.n_prompts, _BATCH):
        chosen = pl.col("index").is_between(start, start + _BATCH - 1)
        batch = dataset.prompts.filter(chosen).select("index", "prompt").sort("index").collect()
        for place, prompt in batch.iter_rows():
            by_rules += place not in readings
            query = readings[place] if place in readings else read_query(prompt)
            values[SCENARIO].append(query.scenario)
            for kind in QUERY_KINDS:
                values[kind].append("yes" if query.has(kind) else "no")
    made = {
        column: (pl.Series(column, values[field]), _how(by_rules, dataset.n_prompts, read_by))
        for field, column in _columns(dataset).items()
    }
    places = dataset.comparisons["prompt"]
    return replace(
        dataset,
        comparisons=dataset.comparisons.with_columns([series.gather(places) for series, _ in made.values()]),
        made_columns=(*dataset.made_columns, *((column, how) for column, (_, how) in made.items())),
    )


def _columns(dataset: Dataset) -> dict[str, str]:
    """Return the columns that the dataset lacks, by the field of a reading that goes into them."""
    made = [column for column, _ in dataset.made_columns]
    scenario = _TAKEN if SCENARIO in dataset.columns and SCENARIO not in made else SCENARIO
    columns = {SCENARIO: scenario, **{kind: KIND_COLUMNS[kind] for kind in QUERY_KINDS}}
    return {field: column for field, column in columns.items() if column not in dataset.columns}


def _how(by_rules: int, prompts: int, read_by: str) -> str:
    if by_rules == prompts:
        return f"by rules, {prompts:,} prompts"
    return f"by {read_by or 'readings'}, {prompts:,} prompts, {by_rules:,} of them by rules"
