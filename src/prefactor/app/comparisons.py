"""Every comparison of a results folder in compact columns: sign features, preferences and slices, ready to be searched.

Built once at the start; texts and scores stay on disk and are read for the few comparisons that are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from prefactor._typing import FloatArray, IntArray, SignArray
from prefactor.analysis.measurement import DOES_NOT_APPLY, MISSING
from prefactor.errors import InputFileError
from prefactor.factors.base import Factor
from prefactor.factors.features import feature_of

__all__ = ["Chances", "Comparisons", "read_comparisons"]

Chances: TypeAlias = NDArray[np.float32]
"""P(A preferred) of every comparison, NaN where there is none: half as large as what is computed with."""

_COLUMNS: Final = ("comparison_id", "prompt_id", "response_a", "response_b", "model_a", "model_b")
_OF_A_VERDICT: Final = ("judge", "kind", "preference", "problem", "order", "weight", "annotator")
_SIDES: Final = ("response_a", "response_b")
_MOST_VALUES: Final = 200


@dataclass(frozen=True, slots=True)
class Comparisons:
    """All comparisons, one row each.

    Parameters
    ----------
    table
        ``comparison_id``, ``prompt_id``, ``response_a``, ``response_b`` (ids), models, and further columns of the log.
    places
        Rows of A and of B in the file of scores, shape (comparisons, 2).
    signs
        Sign features with ``DOES_NOT_APPLY`` and ``MISSING``, shape (comparisons, factors), in column order.
    factors
        One per column of ``signs``.
    preferences
        P(A preferred) by judge, shape (comparisons,): the mean of the judge's verdicts, NaN where there is none.
    scores
        The file of scores.
    slicing
        Columns of the log that have few values, with these.
    """

    table: pl.DataFrame
    places: IntArray
    signs: SignArray
    factors: tuple[Factor, ...]
    preferences: Mapping[str, Chances]
    scores: Path
    slicing: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.table)

    def row(self, comparison: str) -> int | None:
        """Return the row of a comparison, None where there is none of this id."""
        found = self.table["comparison_id"].index_of(comparison)
        return None if found is None else int(found)

    def scores_of(self, row: int) -> tuple[FloatArray, FloatArray]:
        """Return the scores of A and of B on every factor, each of shape (factors,), NaN where there is none."""
        names = [factor.name for factor in self.factors]
        scan = pl.scan_parquet(self.scores).select(names)
        sides = [scan.slice(int(place), 1).collect().row(0) for place in self.places[row]]
        a, b = (np.array([np.nan if value is None else value for value in side]) for side in sides)
        return a, b

    def beside(self, judge: str, preference: Chances) -> "Comparisons":
        """Return the same with one more judge."""
        return replace(self, preferences={**self.preferences, judge: preference})

    def without(self, judge: str) -> "Comparisons":
        """Return the same without a judge."""
        return replace(self, preferences={name: each for name, each in self.preferences.items() if name != judge})


def read_comparisons(folder: Path, factors: Sequence[Factor]) -> Comparisons:
    """Read ``preferences.parquet`` and ``factors.parquet``.

    Parameters
    ----------
    folder
        What ``prefactor explain`` wrote.
    factors
        The factors that were measured.

    Raises
    ------
    InputFileError
        A file is not there, or is none of these.
    """
    verdicts, scores = folder / "preferences.parquet", folder / "factors.parquet"
    try:
        return _read(verdicts, scores, factors)
    except (OSError, PolarsError) as error:
        got = str(error).splitlines()[0][:200]
        hint = "name a folder that 'prefactor explain --out' wrote"
        expected = "preferences.parquet and factors.parquet that belong together"
        raise InputFileError(str(folder), expected=expected, got=got, hint=hint) from error


def _read(verdicts: Path, scores: Path, factors: Sequence[Factor]) -> Comparisons:
    scan = pl.scan_parquet(verdicts)
    of_comparison = [name for name in scan.collect_schema().names() if name not in _OF_A_VERDICT]
    table = scan.select(of_comparison).unique("comparison_id", keep="first", maintain_order=True).collect()
    further = [name for name in of_comparison if name not in _COLUMNS[:4]]
    few = [name for name in further if table[name].n_unique() <= _MOST_VALUES]
    table = table.select(*_COLUMNS[:4], *(pl.col(name).cast(pl.String).cast(pl.Categorical) for name in few))
    places = _places(table, scores)
    signs = np.empty((len(table), len(factors)), dtype=np.int8, order="F")
    for column, factor in enumerate(factors):
        signs[:, column] = _signs(factor, scores, places)
    return Comparisons(table, places, signs, tuple(factors), _preferences(table, verdicts), scores, _slicing(table))


def _slicing(table: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    columns = [name for name in table.columns if name not in _COLUMNS[:4]]
    values = {name: table[name].unique().drop_nulls().cast(pl.String).sort().to_list() for name in columns}
    return {name: tuple(each) for name, each in values.items() if 1 < len(each) <= _MOST_VALUES}


def _places(table: pl.DataFrame, scores: Path) -> IntArray:
    """Find the row of every answer in the file of scores."""
    ids = pl.scan_parquet(scores).select("response_id", "prompt_id").with_row_index("place").collect()
    found = []
    for side in _SIDES:
        wanted = table.select(pl.col(side).alias("response_id"), "prompt_id")
        joined = wanted.join(ids, on=["response_id", "prompt_id"], how="left", maintain_order="left")["place"]
        if joined.null_count():
            message = f"{joined.null_count():,} answers without scores"
            raise PolarsError(message)
        found.append(joined.to_numpy())
    return np.stack(found, axis=1).astype(np.int64)


def _signs(factor: Factor, scores: Path, places: IntArray) -> SignArray:
    column = pl.scan_parquet(scores).select(factor.name).collect()[factor.name]
    failed = column.is_nan().fill_null(value=False).to_numpy()
    values = column.fill_null(float("nan")).to_numpy().astype(np.float64)
    a, b = places.T
    feature = feature_of(values[a], values[b], rule=factor.feature)
    missing = failed[a] | failed[b]
    return np.where(missing, MISSING, np.where(np.isnan(feature), DOES_NOT_APPLY, feature)).astype(np.int8)


def _preferences(table: pl.DataFrame, verdicts: Path) -> dict[str, Chances]:
    """Read every judge's mean verdict on every comparison, judge by judge, so that memory stays small."""
    scan = pl.scan_parquet(verdicts)
    judges = scan.select(pl.col("judge").unique(maintain_order=True)).collect()["judge"].to_list()
    found = {}
    for judge in judges:
        of_judge = scan.filter(pl.col("judge") == judge, pl.col("preference").is_not_null())
        means = of_judge.group_by("comparison_id").agg(pl.col("preference").mean()).collect()
        joined = table.select("comparison_id").join(means, on="comparison_id", how="left", maintain_order="left")
        found[judge] = joined["preference"].fill_null(float("nan")).to_numpy().astype(np.float32)
    return found
