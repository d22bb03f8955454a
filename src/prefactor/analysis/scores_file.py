"""Scores kept in a Parquet file, with all it takes to use them again. Knows nothing of how they were measured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

import orjson
import polars as pl
from polars.exceptions import PolarsError

from prefactor.analysis.measurement import Scores, Unmeasured
from prefactor.data.dataset import Dataset
from prefactor.errors import InputFileError
from prefactor.factors.base import Factor

__all__ = ["read_scores", "scored_factors", "write_scores"]

_KEY: Final = "prefactor"
_IDS: Final = ("response_id", "prompt_id")
_SIDES: Final = ("a", "b")
_COMPARISON: Final = "comparison_id"
_TUPLES: Final = ("tasks", "anchors")
_HINT: Final = "name a file that 'prefactor measure' or 'prefactor explain' wrote"


def write_scores(scores: Scores, path: str | Path, *, dataset: Dataset) -> None:
    """Write scores, to be read again with :func:`read_scores`.

    The table is that of :class:`prefactor.analysis.measurement.Scores`; the descriptions of the factors, what measured
    them and what failed stand in the metadata of the file. Scores of answers that were seen together stand in a second
    file beside it ("factors.pairs.parquet").

    Parameters
    ----------
    scores
        What was measured.
    path
        File to write.
    dataset
        What it was measured of.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "factors": [asdict(factor) for factor in scores.factors],
        "measured_by": scores.measured_by,
        "unmeasured": [asdict(one) for one in scores.unmeasured],
        "together": scores.sides is not None,
    }
    scores.table.write_parquet(path, metadata={_KEY: orjson.dumps(about).decode()})
    beside = _beside(path)
    beside.unlink(missing_ok=True)
    if scores.sides is not None:
        pairs = zip(_SIDES, scores.sides, strict=True)
        sides = [side.select(pl.all().name.prefix(f"{letter}:")) for letter, side in pairs]
        pl.concat([dataset.comparisons.select(_COMPARISON), *sides], how="horizontal").write_parquet(beside)


def read_scores(path: str | Path, *, dataset: Dataset) -> Scores:
    """Read scores of the responses of a dataset.

    Parameters
    ----------
    path
        As :func:`write_scores` wrote it. Scores of other responses in it are left aside.
    dataset
        Its responses are looked up by their ids, its comparisons likewise where answers were seen together.

    Raises
    ------
    InputFileError
        The file is not there, or is none of these, or lacks responses of the dataset.
    """
    path = Path(path)
    table, about = _read(path), _about(path)
    factors = tuple(_factor(entry) for entry in about["factors"])
    names = [factor.name for factor in factors]
    if set(names) - set(table.columns):
        raise InputFileError(str(path), expected="a column for every factor", got="fewer", hint="measure again")
    ids = dataset.response_ids()
    sides = None
    if about["together"]:
        pairs = _matched(_beside(path), dataset.comparisons.select(_COMPARISON), [_COMPARISON], what="comparisons")
        a, b = (_side(pairs, letter, names) for letter in _SIDES)
        sides = (a, b)
    return Scores(
        factors=factors,
        measured_by=tuple(about["measured_by"]),
        table=_matched(path, ids, _IDS, what="answers").select(*_IDS, *names),
        sides=sides,
        unmeasured=tuple(Unmeasured(**entry) for entry in about["unmeasured"]),
    )


def scored_factors(path: str | Path) -> tuple[str, ...]:
    """Return the names of the factors that a file of scores holds.

    Raises
    ------
    InputFileError
        The file is not there, or is none of these.
    """
    return tuple(entry["name"] for entry in _about(Path(path))["factors"])


def _matched(path: Path, ids: pl.DataFrame, keys: Sequence[str], *, what: str) -> pl.DataFrame:
    """Return the rows of a file in the order of ``ids``."""
    table = _read(path)
    if set(keys) - set(table.columns):
        raise InputFileError(str(path), expected=f"a column {keys[0]!r}", got="none", hint=_HINT)
    rows = table.unique(keys, keep="first", maintain_order=True).with_columns(pl.lit(value=True).alias("there"))
    found = ids.join(rows, on=list(keys), how="left", maintain_order="left")
    lacking = found["there"].null_count()
    if lacking:
        raise InputFileError(
            str(path),
            expected=f"scores of all {len(ids):,} {what} of the logs",
            got=f"{len(rows):,} {what} without {lacking:,} of those",
            hint="measure these logs, or name the logs (and the --limit) that it was measured of",
        )
    return found.drop("there")


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, PolarsError) as error:
        got = str(error).splitlines()[0]
        raise InputFileError(str(path), expected="a Parquet file of scores", got=got, hint=_HINT) from error


def _about(path: Path) -> Mapping[str, Any]:
    try:
        text = pl.read_parquet_metadata(path).get(_KEY)
    except (OSError, PolarsError) as error:
        got = str(error).splitlines()[0]
        raise InputFileError(str(path), expected="a Parquet file of scores", got=got, hint=_HINT) from error
    if text is None:
        raise InputFileError(str(path), expected="descriptions of its factors", got="none", hint=_HINT)
    return cast("Mapping[str, Any]", orjson.loads(text))


def _beside(path: Path) -> Path:
    return path.with_suffix(f".pairs{path.suffix}")


def _side(pairs: pl.DataFrame, letter: str, names: Sequence[str]) -> pl.DataFrame:
    columns = {f"{letter}:{name}": name for name in names}
    return pairs.select(pl.col(column).alias(name) for column, name in columns.items() if column in pairs.columns)


def _factor(entry: Mapping[str, Any]) -> Factor:
    fields: dict[str, Any] = {key: tuple(value) if key in _TUPLES else value for key, value in entry.items()}
    return Factor(**fields)
