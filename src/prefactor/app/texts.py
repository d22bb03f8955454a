"""Texts of prompts and answers, read from disk when they are shown, and searched when somebody asks."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import polars as pl

from prefactor.analysis.texts_file import TEXTS_FILE

__all__ = ["Texts"]


class Texts:
    """The texts that ``prefactor explain --keep-texts`` kept.

    Parameters
    ----------
    folder
        The results folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / TEXTS_FILE
        self.kept = self._path.is_file()
        self._search = lru_cache(maxsize=8)(self._find)

    def of(self, ids: Iterable[str]) -> dict[str, str]:
        """Return texts by their ids; empty where none were kept."""
        wanted = sorted(set(ids))
        if not self.kept or not wanted:
            return {}
        # A comparison with each id lets the reader skip groups of rows by their least and greatest id.
        chosen = pl.any_horizontal(*(pl.col("text_id") == one for one in wanted))
        found = pl.scan_parquet(self._path).filter(chosen).collect()
        return dict(zip(found["text_id"].to_list(), found["text"].to_list(), strict=True))

    def holding(self, words: str) -> pl.Series:
        """Return the ids of texts that hold some words as they stand, whatever their case; the last few are kept."""
        return self._search(words)

    def _find(self, words: str) -> pl.Series:
        held = pl.col("text").str.contains(f"(?i){re.escape(words)}")
        return pl.scan_parquet(self._path).filter(held).select("text_id").collect(engine="streaming")["text_id"]
