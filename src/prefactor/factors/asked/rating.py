"""Rating: every factor that is a level or counts errors, of one answer or of the two of a comparison, in one call.

The instructions with all definitions come first and are the same in every call, so that a server's cache of beginnings
holds them; then the query, and the answers last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from prefactor._typing import FloatArray
from prefactor.asking.calls import Asked
from prefactor.errors import SettingError
from prefactor.factors.asked import QUERY_KINDS
from prefactor.factors.asked.base import OUTCOMES, Answer, Query, RateOptions, Ratings, Steps, Subjects, Way, outcome
from prefactor.factors.asked.errors import check_parts
from prefactor.factors.asked.levels import Level, failed
from prefactor.factors.asked.query import Readings, reading_steps, stand_in
from prefactor.factors.asked.sheet import Sheet, read_sheet, sheet_request
from prefactor.factors.base import Factor
from prefactor.llm.records import Request

__all__ = ["WAY"]

_MEASURED: Final = outcome("measured")
_MISSING: Final = outcome("missing")


@dataclass(frozen=True, slots=True)
class _Call:
    """One call to be made, and where its levels go.

    Parameters
    ----------
    request
        The call.
    sheet
        What it asks for.
    rows
        Where the levels of each answer shown go, in the order shown: rows of the ratings, or of the sides of all pairs.
    """

    request: Request
    sheet: Sheet
    rows: tuple[int, ...]


class _Rating:
    """Rates answers, one at a time or the two of a comparison together."""

    def steps(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions) -> Steps:
        """Read the queries where a factor depends on it, then rate."""
        _check(factors, options)
        readings = Readings()
        if any(factor.needs in QUERY_KINDS for factor in factors):
            readings = yield from reading_steps(_queries(subjects), options)
        calls = _calls(subjects, factors, options=options, readings=readings)
        answers = yield [call.request for call in calls]
        return _ratings(subjects, factors, options=options, readings=readings, found=zip(calls, answers, strict=True))

    def later(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions) -> Sequence[Request]:
        """Return the ratings as they would be asked for if every query were of every kind."""
        if not any(factor.needs in QUERY_KINDS for factor in factors):
            return ()
        readings = Readings(dict.fromkeys(_queries(subjects), stand_in()))
        return [call.request for call in _calls(subjects, factors, options=options, readings=readings)]


def _check(factors: Sequence[Factor], options: RateOptions) -> None:
    if options.pack < 0:
        raise SettingError("pack", expected="a whole number of at least 0", got=options.pack)
    for factor in factors:
        if factor.way == "rating" and len(factor.anchors) < 2:
            raise SettingError(factor.name, expected="at least two anchors, from 0 up", got=factor.anchors)
    check_parts([factor for factor in factors if factor.way == "errors"])


def _queries(subjects: Subjects) -> list[Query]:
    return list(dict.fromkeys(answer.query for answer in subjects.answers))


def _calls(subjects: Subjects, factors: Sequence[Factor], *, options: RateOptions, readings: Readings) -> list[_Call]:
    """Return every call, those of one answer or comparison one after another."""
    rated = [factor for factor in factors if factor.way != "errors"]
    counted = [factor for factor in factors if factor.way == "errors"]
    size = options.pack or len(factors)
    parts = [rated[place : place + size] for place in range(0, len(rated), size)] or [[]]
    # Errors are listed once, so all that count them share a call.
    parts[-1] = parts[-1] + counted
    found: list[_Call] = []
    for shown in _shown(subjects, options):
        answers = [subjects.answers[place] for place, _ in shown]
        for part in parts:
            asked = [factor for factor in part if _why_not(factor, answers[0].query, readings) is None]
            if asked:
                sheet = Sheet(tuple(part), tuple(asked), readings.read.get(answers[0].query))
                request = sheet_request(sheet, answers, options=options)
                found.append(_Call(request, sheet, tuple(row for _, row in shown)))
    return found


def _shown(subjects: Subjects, options: RateOptions) -> list[list[tuple[int, int]]]:
    """Return what calls show: places of answers in the order shown, each with the row that its levels go to."""
    if not options.together:
        return [[(place, place)] for place in range(len(subjects.answers))]
    found: list[list[tuple[int, int]]] = []
    for number, pair in enumerate(subjects.pairs):
        shown = [(place, 2 * number + side) for side, place in enumerate(pair)]
        orders = [shown, shown[::-1]]
        if options.orders == "one":
            orders = [orders[_second_first(*(subjects.answers[place] for place in pair))]]
        elif options.orders != "both":
            orders = [orders[options.orders == "ba"]]
        found += orders
    return found


def _second_first(a: Answer, b: Answer) -> int:
    """Say whether the second answer is shown first: by a hash of the texts, the same when the two are swapped."""
    low, high = sorted(each.text.encode("utf-8", "surrogatepass") for each in (a, b))
    digest = blake2b(digest_size=1)
    for text in (a.query.prompt.encode("utf-8", "surrogatepass"), low, high):
        digest.update(len(text).to_bytes(8, "little") + text)
    first = (low, high)[digest.digest()[0] & 1]
    return int(a.text.encode("utf-8", "surrogatepass") != first)


def _why_not(factor: Factor, query: Query, readings: Readings) -> str | None:
    """Return what becomes of a factor that is not asked for on a query; None where it is."""
    if factor.needs in ("source", "reference"):
        return None if getattr(query, factor.needs) else "does not apply"
    if factor.needs not in QUERY_KINDS:
        return None
    reading = readings.read.get(query)
    if reading is None:
        return readings.unread.get(query, "missing")
    return None if reading.has(factor.needs) else "does not apply"


def _ratings(
    subjects: Subjects,
    factors: Sequence[Factor],
    *,
    options: RateOptions,
    readings: Readings,
    found: Iterable[tuple[_Call, Asked]],
) -> Ratings:
    """Put every level where it belongs."""
    pairs = np.array(subjects.pairs, dtype=np.int64).reshape(-1, 2)
    rows = pairs.ravel() if options.together else np.arange(len(subjects.answers))
    table = _Table.empty(len(rows), len(factors))
    for row, place in enumerate(rows):
        for column, factor in enumerate(factors):
            why = _why_not(factor, subjects.answers[place].query, readings)
            if why is not None:
                table.add(row, column, failed(why))
    columns = {factor.name: column for column, factor in enumerate(factors)}
    for call, answer in found:
        levels = read_sheet(call.sheet, answer, sides=len(call.rows))
        for row, of_answer in zip(call.rows, levels, strict=True):
            for factor, level in zip(call.sheet.asked, of_answer, strict=True):
                table.add(row, columns[factor.name], level)
    values, outcomes = table.settled()
    if not options.together:
        return Ratings(values, outcomes)
    by_answer = _Table.empty(len(subjects.answers), len(factors))
    for row, place in enumerate(rows):
        for column in range(len(factors)):
            by_answer.add(int(place), column, Level(values[row, column], int(outcomes[row, column])))
    shape = (len(pairs), 2, len(factors))
    return Ratings(*by_answer.settled(), values.reshape(shape), outcomes.reshape(shape))


@dataclass(frozen=True, slots=True)
class _Table:
    """Sums and numbers of levels, and the first of :data:`OUTCOMES` that any had; each of shape (rows, factors)."""

    sums: FloatArray
    numbers: FloatArray
    outcomes: NDArray[np.int8]

    @classmethod
    def empty(cls, rows: int, columns: int) -> "_Table":
        shape = (rows, columns)
        return cls(np.zeros(shape), np.zeros(shape), np.full(shape, len(OUTCOMES), dtype=np.int8))

    def add(self, row: int, column: int, level: Level) -> None:
        if level.outcome == _MEASURED:
            self.sums[row, column] += level.value
            self.numbers[row, column] += 1
        self.outcomes[row, column] = min(self.outcomes[row, column], level.outcome)

    def settled(self) -> tuple[FloatArray, NDArray[np.int8]]:
        """Return means, NaN where there is no level, and outcomes; what nothing was said of is missing."""
        with np.errstate(invalid="ignore"):
            means = self.sums / self.numbers
        return means, np.where(self.outcomes == len(OUTCOMES), _MISSING, self.outcomes).astype(np.int8)


WAY: Final[Way] = _Rating()
