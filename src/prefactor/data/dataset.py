"""The tables of a study: comparisons, preferences, distinct responses and prompts. Texts may lie in memory or on disk.

Nothing here knows a source format; rows come from :class:`~prefactor.data.collector.Collector`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from prefactor.data.spill import SpillFolder

__all__ = ["COMPARISON_COLUMNS", "RESERVED_COLUMNS", "Dataset", "SourceCount"]

COMPARISON_COLUMNS = ("comparison_id", "prompt", "response_a", "response_b", "model_a", "model_b")
"""Columns of the comparisons table that every dataset has; any other is a further column of the log."""

RESERVED_COLUMNS = (
    *COMPARISON_COLUMNS,
    *("prompt_id", "comparison", "judge", "kind", "preference", "problem", "order", "weight", "annotator"),
)
"""Names that a further column of a log cannot have; it gets an underscore behind its own."""


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What came out of one file.

    Parameters
    ----------
    file, format
        The file as the user named it, and what it was recognised as.
    rows
        Rows that became comparisons.
    bad_rows
        Rows left out as unusable (``on_bad_row="skip"``).
    repaired
        Texts in which lone surrogates were replaced by U+FFFD.
    """

    file: str
    format: str
    rows: int
    bad_rows: int
    repaired: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Comparisons and the preferences on them, every distinct response once.

    Parameters
    ----------
    comparisons
        One row per comparison: ``comparison_id``; ``prompt``, ``response_a``, ``response_b`` (row numbers in the other
        two tables); ``model_a``, ``model_b``; then the further columns of the log.
    preferences
        One row per verdict: ``comparison`` (row number), ``judge``, ``kind``, ``preference`` (P(A preferred), null when
        there is none), ``problem`` (why it is null: ``"missing"``, or what could not be read), ``order``, ``weight``,
        ``annotator``.
    responses
        One row per distinct response: ``index``, ``response_id``, ``prompt`` (row number), ``text``.
    prompts
        One row per distinct prompt: ``index``, ``prompt_id``, ``prompt``, ``system``, ``source``, ``reference``,
        ``conversation``.
    n_responses, n_prompts
        Their numbers.
    sources
        The files.
    prompt_clusters
        One number per prompt, the same for prompts that are equal but for case, spaces and punctuation.
    made_columns
        Columns of the comparisons that are not the log's, each with how it came about.
    """

    comparisons: pl.DataFrame
    preferences: pl.DataFrame
    responses: pl.LazyFrame
    prompts: pl.LazyFrame
    n_responses: int
    n_prompts: int
    sources: tuple[SourceCount, ...]
    prompt_clusters: pl.Series
    made_columns: tuple[tuple[str, str], ...] = ()
    spill: SpillFolder | None = field(default=None, repr=False)
    """Keeps the spilled texts on disk for as long as the dataset lives."""

    @property
    def judges(self) -> tuple[str, ...]:
        """Names of the judges, in the order in which they first appear."""
        return tuple(self.preferences["judge"].unique(maintain_order=True).to_list())

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that comparisons can be sliced by."""
        return tuple(name for name in self.comparisons.columns if name not in COMPARISON_COLUMNS[:4])

    def response_ids(self) -> pl.DataFrame:
        """Return ``response_id`` and ``prompt_id`` of every distinct response, in order of ``index``."""
        prompts = self.prompts.select(pl.col("index").alias("prompt"), "prompt_id")
        found = self.responses.select("index", "response_id", "prompt").join(prompts, on="prompt", how="left")
        return found.sort("index").select("response_id", "prompt_id").collect()

    def text_batches(self, rows: int) -> Iterator[pl.DataFrame]:
        """Yield the distinct responses in order, at most ``rows`` at a time.

        Each frame has the columns ``response_id``, ``prompt_id``, ``text``, ``prompt``, ``source`` and ``reference``.
        """
        for start in range(0, self.n_responses, rows):
            yield self.texts(pl.col("index").is_between(start, min(start + rows, self.n_responses) - 1))

    def texts_of(self, responses: Sequence[int]) -> pl.DataFrame:
        """Return the given responses (row numbers) with their prompts, as :meth:`text_batches` does."""
        return self.texts(pl.col("index").is_in(list(responses)))

    def texts(self, chosen: pl.Expr) -> pl.DataFrame:
        """Return the responses that ``chosen`` selects, with their prompts, in order of ``index``."""
        responses = self.responses.filter(chosen).collect()
        if responses.is_empty():
            return responses
        first, last = responses["prompt"].min(), responses["prompt"].max()
        prompts = (
            self.prompts.filter(pl.col("index").is_between(pl.lit(first), pl.lit(last)))
            .select(pl.col("index").alias("prompt_index"), "prompt_id", "prompt", "source", "reference")
            .collect()
        )
        joined = responses.rename({"prompt": "prompt_index"}).join(prompts, on="prompt_index", how="left")
        return joined.sort("index")
