"""Which prompts are one: those that differ in case, spaces and punctuation only.

Knows texts; knows no judge and no fit.
"""

import polars as pl

__all__ = ["cluster_prompts"]


def cluster_prompts(prompts: pl.LazyFrame) -> pl.Series:
    """Return one number per prompt, the same for near-copies.

    Prompt, system prompt and source are compared in lower case, everything but letters and digits as one space;
    conversations are compared as they are. A prompt without a letter or digit is like no other. Nothing else is
    compared: a prompt worded anew is another prompt.

    Parameters
    ----------
    prompts
        The table of a dataset.

    Returns
    -------
    polars.Series
        Int64, one number per prompt: 60 bits of the least id among its copies, whatever the order of rows.

    Examples
    --------
    >>> rows = {"prompt_id": ["a" * 20, "b" * 20], "prompt": ["Why is it so?", "why is it  so"]}
    >>> table = pl.LazyFrame(rows | {"system": [""] * 2, "source": [""] * 2, "conversation": [None] * 2})
    >>> cluster_prompts(table).n_unique()
    1
    """
    texts = [_normalised(name).alias(name) for name in ("prompt", "system", "source")]
    table = prompts.select(
        pl.col("prompt_id").str.slice(0, 15).str.to_integer(base=16).alias("number"), *texts, "conversation"
    ).collect()
    content = pl.struct("prompt", "system", "source", "conversation").hash()
    worded = pl.col("prompt") != ""
    clusters = table.select(pl.when(worded).then(pl.col("number").min().over(content)).otherwise(pl.col("number")))
    return clusters.to_series().cast(pl.Int64)


def _normalised(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.replace_all(r"[\W_]+", " ").str.strip_chars()
