"""Tables behind the charts, and how they are written as CSV that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from prefactor.report.safe_text import make_readable

__all__ = ["Table", "render_csv"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of plain values."""

    columns: tuple[str, ...]
    rows: tuple[Sequence[object], ...]


def render_csv(table: Table) -> str:
    r"""Write a table as CSV: numbers unrounded, an empty cell where there is none, texts with a quote before a formula.

    Parameters
    ----------
    table
        What to write.

    Examples
    --------
    >>> render_csv(Table(("name", "value"), (("=1+1", 0.5), ("b", float("nan")))))
    "name,value\r\n'=1+1,0.5\r\nb,\r\n"
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return value if isfinite(value) else ""
    if isinstance(value, str):
        text = make_readable(value)
        return f"'{text}" if text.startswith(_FORMULA) else text
    return "" if value is None else value
