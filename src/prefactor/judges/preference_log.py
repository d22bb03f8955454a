"""Writes judged comparisons as a preference log of prefactor's own format: JSON lines, or Parquet.

A row for each comparison: its texts, models and columns, and every verdict by itself. The file is whole, or not there.
"""

import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import orjson
import polars as pl

from prefactor.data.own_log import FORMAT, VERDICT_FIELDS, VERSION
from prefactor.errors import InputFileError, SettingError
from prefactor.judges.base import Opinion, Texts

__all__ = ["SUFFIXES", "check_suffix", "write_log"]

SUFFIXES: Final = (".jsonl", ".parquet")
"""Suffixes of files that can be written."""

_TEXTS: Final = ("prompt", "system", "source", "reference", "response_a", "response_b", "model_a", "model_b")
_VERDICT_TYPES: Final[dict[str, Any]] = {
    "repeat": pl.Int64, "preference": pl.Float64, "score_a": pl.Float64, "score_b": pl.Float64,
}  # fmt: skip
_SCHEMA: Final[dict[str, Any]] = {
    FORMAT: pl.Int64,
    "comparison_id": pl.String,
    **dict.fromkeys(_TEXTS, pl.String),
    "conversation": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
    "columns": pl.String,
    "verdicts": pl.List(pl.Struct({name: _VERDICT_TYPES.get(name, pl.String) for name in VERDICT_FIELDS})),
}


def write_log(path: Path, texts: Sequence[Texts], *, verdicts: Sequence[Sequence[Opinion]]) -> None:
    """Write comparisons with their verdicts.

    Parameters
    ----------
    path
        File to write, ``.jsonl`` or ``.parquet``; its folder is made where it is not there.
    texts
        The comparisons.
    verdicts
        For each of them, what was said of it.

    Raises
    ------
    SettingError
        The suffix is another.
    InputFileError
        The file cannot be written.
    """
    check_suffix(path)
    rows = [_row(each, opinions) for each, opinions in zip(texts, verdicts, strict=True)]
    content = _parquet(rows) if path.suffix == ".parquet" else _lines(rows)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputFileError(str(path), expected="a file that can be written", got=str(error.strerror)) from error


def check_suffix(path: Path) -> Path:
    """Return ``path`` where its suffix is one that can be written; to be asked before anything is paid for.

    Raises
    ------
    SettingError
        It is another.
    """
    if path.suffix not in SUFFIXES:
        raise SettingError("out", expected=f"a file that ends in {' or '.join(SUFFIXES)}", got=str(path))
    return path


def _row(texts: Texts, opinions: Sequence[Opinion]) -> dict[str, Any]:
    said = texts.conversation
    return {
        FORMAT: VERSION,
        "comparison_id": texts.identity,
        **{name: getattr(texts, name) for name in _TEXTS},
        "conversation": None if said is None else [{"role": one.role, "content": one.content} for one in said],
        "columns": dict(texts.columns),
        "verdicts": [_verdict(opinion) for opinion in opinions],
    }


def _verdict(opinion: Opinion) -> Mapping[str, Any]:
    return {name: getattr(opinion, name) for name in VERDICT_FIELDS}


def _lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:

    flat = [{**row, "columns": orjson.dumps(row["columns"]).decode()} for row in rows]
    content = BytesIO()
    pl.DataFrame(flat, schema=_SCHEMA).write_parquet(content)
    return content.getvalue()
