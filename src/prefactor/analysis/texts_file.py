"""Texts of prompts and responses kept in a Parquet file beside the results, for those who want to read them there."""

from pathlib import Path

import polars as pl

from prefactor.data.dataset import Dataset

__all__ = ["TEXTS_FILE", "write_texts"]

TEXTS_FILE = "texts.parquet"

# Small groups, sorted by id: a reader finds the few texts of one comparison without reading the others.
_GROUP_ROWS = 5_000


def write_texts(dataset: Dataset, path: str | Path) -> int:
    """Write every distinct prompt and response once, sorted by id: ``text_id``, ``text``.

    The ids are the ``response_id`` and ``prompt_id`` of the other tables. System prompts, sources and references are
    not kept.

    Parameters
    ----------
    dataset
        Where the texts are, in memory or on disk.
    path
        File to write.

    Returns
    -------
    int
        How many texts were written.
    """
    responses = dataset.responses.select(pl.col("response_id").alias("text_id"), "text")
    prompts = dataset.prompts.select(pl.col("prompt_id").alias("text_id"), pl.col("prompt").alias("text"))
    table = pl.concat([responses, prompts]).unique("text_id", keep="any").sort("text_id").collect()
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(path, row_group_size=_GROUP_ROWS)
    return len(table)
