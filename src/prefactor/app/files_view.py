"""Files of other commands in the folder (competence, prediction, control, alignment): their numbers as plain tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from prefactor.report.safe_text import make_readable_line
from prefactor.report.wording import NOTHING

__all__ = ["FileTable", "FileView", "command_files", "view_file"]

_MOST_ROWS: Final = 500
_CELL: Final = 200
_LARGEST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileTable:
    """One list of results as a table; ``left`` rows are not shown."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int


@dataclass(frozen=True, slots=True)
class FileView:
    """A file: the command that wrote it, single values, and tables."""

    name: str
    command: str
    values: tuple[tuple[str, str], ...]
    tables: tuple[FileTable, ...]


def command_files(folder: Path) -> dict[str, str]:
    """Return the names of the folder's files of other commands, with the command that wrote each.

    Parameters
    ----------
    folder
        The results folder.
    """
    found = {}
    for path in sorted(folder.glob("*.json")):
        if path.name != "results.json" and path.stat().st_size <= _LARGEST:
            document = _document(path)
            if document is not None:
                found[path.name] = make_readable_line(str(document["command"]))
    return found


def view_file(folder: Path, name: str) -> FileView:
    """Return one of the files that :func:`command_files` names.

    Parameters
    ----------
    folder
        The results folder.
    name
        Name of the file; one of those.
    """
    document = _document(folder / name) or {}
    values, tables = _flat("", document.get("results", {}))
    return FileView(name, make_readable_line(str(document.get("command", ""))), tuple(values), tuple(tables))


def _document(path: Path) -> Mapping[str, Any] | None:
    try:
        document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    there = isinstance(document, dict) and "command" in document and "results" in document
    return document if there else None


def _flat(name: str, value: object) -> tuple[list[tuple[str, str]], list[FileTable]]:
    """Take a result apart into single values and tables of like rows."""
    if isinstance(value, Mapping) and not _is_estimate(value):
        values, tables = [], []
        for key, part in value.items():
            inner = _flat(f"{name} › {key}" if name else str(key), part)
            values += inner[0]
            tables += inner[1]
        return values, tables
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        columns = tuple(dict.fromkeys(str(key) for row in value for key in row))
        rows = tuple(tuple(_cell(row.get(column)) for column in columns) for row in value[:_MOST_ROWS])
        shown = tuple(make_readable_line(column.replace("_", " ")) for column in columns)
        return [], [FileTable(make_readable_line(name), shown, rows, max(0, len(value) - _MOST_ROWS))]
    return [(make_readable_line(name.replace("_", " ")), _cell(value))], []


def _is_estimate(value: object) -> bool:
    return isinstance(value, Mapping) and {"low", "high"} <= set(value) and ("value" in value or "mean" in value)


def _cell(value: object) -> str:
    if isinstance(value, Mapping) and _is_estimate(value):
        middle = value.get("value", value.get("mean"))
        ends = (value["low"], value["high"])
        return _cell(middle) if None in ends else f"{_cell(middle)} [{_cell(ends[0])}, {_cell(ends[1])}]"
    if value is None:
        return NOTHING
    if isinstance(value, float):
        return f"{value:,.3g}".replace("-", "\u2212")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return make_readable_line(", ".join(_cell(one) for one in value), _CELL)
    return make_readable_line(str(value), _CELL)
