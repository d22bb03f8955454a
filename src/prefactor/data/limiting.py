"""A part of a dataset: its first comparisons by their ids, which no order of rows changes. Knows no judge."""

from dataclasses import replace

import polars as pl

from prefactor._validate import check_positive
from prefactor.data.dataset import Dataset

__all__ = ["first_comparisons", "limit_comparisons"]


def first_comparisons(comparisons: pl.DataFrame, limit: int | None) -> pl.DataFrame:
    """Return comparisons with their row number in ``row``, in their order, at most ``limit`` of them.

    Parameters
    ----------
    comparisons
        The table of a dataset.
    limit
        At most so many: those with the smallest ids, which are hashes, so that a larger limit only adds to a smaller
        one and neither depends on the order of rows.
    """
    table = comparisons.with_row_index("row")
    if limit is None:
        return table
    return table.sort("comparison_id").head(check_positive("limit", limit)).sort("row")


def limit_comparisons(dataset: Dataset, limit: int | None) -> Dataset:
    """Return a dataset of the :func:`first_comparisons` alone, with their verdicts, responses and prompts.

    Parameters
    ----------
    dataset
        The whole.
    limit
        How many; all where it is None.
    """
    if limit is None or limit >= len(dataset.comparisons):
        return dataset
    table = first_comparisons(dataset.comparisons, limit)
    prompts = _numbered(dataset.prompts, table["prompt"])
    responses = _numbered(dataset.responses, pl.concat([table["response_a"], table["response_b"]]))
    clusters = dataset.prompt_clusters.gather(prompts["old"])
    rows = table.select(pl.col("row").cast(pl.UInt32).alias("comparison")).with_row_index("new")
    preferences = dataset.preferences.join(rows, on="comparison", how="inner", maintain_order="left")
    return replace(
        dataset,
        comparisons=table.drop("row").with_columns(
            _renumbered("prompt", prompts), *(_renumbered(side, responses) for side in ("response_a", "response_b"))
        ),
        preferences=preferences.with_columns(comparison=pl.col("new")).select(dataset.preferences.columns),
        responses=responses.drop("old").with_columns(_renumbered("prompt", prompts)).lazy(),
        prompts=prompts.drop("old").lazy(),
        n_responses=len(responses),
        n_prompts=len(prompts),
        prompt_clusters=clusters,
    )


def _numbered(table: pl.LazyFrame, places: pl.Series) -> pl.DataFrame:
    """Keep the rows at some places and number them anew; the old number stays in ``old``."""
    kept = table.filter(pl.col("index").is_in(places.unique().to_list())).sort("index").collect()
    return kept.rename({"index": "old"}).with_row_index("index").with_columns(pl.col("index").cast(kept["index"].dtype))


def _renumbered(column: str, table: pl.DataFrame) -> pl.Expr:
    return pl.col(column).replace_strict(table["old"], table["index"])
