"""Reads a file of labels that somebody drops on the page: which answer of which comparison a new judge prefers."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import orjson

from prefactor.data.preference import preference_from_word
from prefactor.errors import SettingError

__all__ = ["Labels", "read_labels"]

_IDS: Final = ("comparison_id", "comparison", "id")
_PREFERENCES: Final = ("preference", "label", "winner", "verdict")
_EXPECTED: Final = "CSV, JSON or JSON lines with the columns comparison_id and preference"


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file of labels holds.

    Parameters
    ----------
    preferences
        P(A preferred) by id of the comparison; several labels of one comparison are averaged.
    rows, unreadable, repeated
        Rows of the file, those whose preference could not be read, and those on a comparison that had one already.
    """

    preferences: Mapping[str, float]
    rows: int
    unreadable: int
    repeated: int


def read_labels(content: bytes) -> Labels:
    r"""Read a file of labels: a column ``comparison_id`` and a column ``preference``.

    A preference is P(A preferred) between 0 and 1, or a word for the side ("A", "B", "tie"). Anything else is counted
    as unreadable and is never a tie.

    Parameters
    ----------
    content
        CSV (commas, semicolons or tabs), a JSON array of objects, or JSON lines.

    Raises
    ------
    SettingError
        It is none of these, or lacks one of the two columns.

    Examples
    --------
    >>> read_labels(b"comparison_id,preference\nc1,A\nc2,0.25\nc2,tie\nc3,dunno\n")
    Labels(preferences={'c1': 1.0, 'c2': 0.375}, rows=4, unreadable=1, repeated=1)
    """
    found: dict[str, list[float]] = {}
    rows = unreadable = 0
    for row in _rows(content):
        comparison, given = (next((row[name] for name in names if name in row), None) for names in (_IDS, _PREFERENCES))
        if comparison is None or given is None:
            raise SettingError("labels", expected=_EXPECTED, got=", ".join(map(str, row)) or "no columns")
        rows += 1
        preference = _preference(given)
        if preference is None:
            unreadable += 1
        else:
            found.setdefault(str(comparison), []).append(preference)
    if not rows:
        raise SettingError("labels", expected=_EXPECTED, got="no rows")
    means = {comparison: sum(each) / len(each) for comparison, each in found.items()}
    return Labels(means, rows, unreadable, repeated=rows - unreadable - len(means))


def _rows(content: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip()[:1] == "[":
            rows = orjson.loads(text)
        elif text.lstrip()[:1] == "{":
            rows = [orjson.loads(line) for line in text.splitlines() if line.strip()]
        else:
            delimiter = max(",;\t", key=text.partition("\n")[0].count)
            rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    except (UnicodeDecodeError, orjson.JSONDecodeError, csv.Error) as error:
        raise SettingError("labels", expected=_EXPECTED, got=f"a file that is not: {error}") from error
    for row in rows:
        if not isinstance(row, dict):
            raise SettingError("labels", expected=_EXPECTED, got=row)
        yield row


def _preference(given: object) -> float | None:
    if isinstance(given, (bool, dict, list)):
        return None
    try:
        number = float(str(given))
    except ValueError:
        return preference_from_word(str(given))
    return number if isfinite(number) and 0 <= number <= 1 else None
