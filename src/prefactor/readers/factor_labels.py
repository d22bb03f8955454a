"""People's scores of single answers, from CSV or JSON lines: which answer, which factor, what score.

Knows no dataset; names of factors and answers are looked up elsewhere.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from prefactor.errors import InputFileError, shown

__all__ = ["FactorLabel", "read_factor_labels"]

_FORM = "a row with response_id or response, and factor and score"


@dataclass(frozen=True, slots=True)
class FactorLabel:
    """One score that somebody gave.

    Parameters
    ----------
    row
        1-based line in the file.
    response_id, response
        The answer, by its id (as ``prefactor measure`` writes it) or by its text; one of the two is empty.
    factor
        Name of the factor.
    score
        On the factor's scale.
    """

    row: int
    response_id: str
    response: str
    factor: str
    score: float


def read_factor_labels(path: Path) -> tuple[FactorLabel, ...]:
    """Read people's scores of answers.

    Parameters
    ----------
    path
        A ``.csv`` file with a header, or JSON lines; columns ``response_id`` or ``response``, ``factor`` and ``score``.

    Raises
    ------
    InputFileError
        The file is not there, or a row is not of that form; the message names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(str(path), expected="a CSV file or JSON lines in UTF-8", got=str(error)) from error
    rows = _csv_rows(text) if path.suffix.lower() == ".csv" else _json_rows(text, path)
    labels = tuple(_label(path, number, row) for number, row in rows)
    if not labels:
        raise InputFileError(str(path), expected=_FORM, got="no row")
    return labels


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    for row in reader:
        yield reader.line_num, dict(row)


def _json_rows(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputFileError(str(path), expected="a JSON object", got=str(error), row=number) from error
        if not isinstance(row, dict):
            raise InputFileError(str(path), expected="a JSON object", got=shown(row), row=number)
        yield number, row


def _label(path: Path, number: int, row: Mapping[str, object]) -> FactorLabel:
    texts = {name: str(row.get(name) or "") for name in ("response_id", "response", "factor")}
    if not texts["factor"].strip() or not (texts["response_id"] or texts["response"]):
        raise InputFileError(str(path), expected=_FORM, got=shown(sorted(map(str, row))), row=number)
    given = row.get("score")
    try:
        score = float(given) if isinstance(given, (str, int, float)) and not isinstance(given, bool) else float("nan")
    except ValueError:
        score = float("nan")
    if not isfinite(score):
        raise InputFileError(str(path), expected="a number as score", got=shown(given), row=number)
    return FactorLabel(number, texts["response_id"], texts["response"], texts["factor"].strip(), score)
