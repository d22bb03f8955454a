"""The grader of numbers and dates: equal values in another form are equal. Knows English words for numbers alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prefactor.data.question_set import Question
from prefactor.graders.base import Grader

__all__ = ["dates_in", "make", "numbers_in"]

_ONES: Final = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS: Final = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SCALES: Final = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_MONTHS: Final = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_MONTH: Final = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<number>\d{1,2})-(?P<day>\d{1,2})\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+(?P<year>\d{{4}})\b",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b",
    )
)
_NUMBER: Final = re.compile(
    rf"(?<![\w.])[-\u2212]?\d+(?:,\d{{3}})*(?:\.\d+)?(?:\s*(?:{'|'.join(_SCALES)})\b)?|\b[a-z]+(?:[\s-]+[a-z]+)*\b",
    re.IGNORECASE,
)
_CLOSE: Final = 1e-9
"""Relative difference below which two numbers are one."""


@dataclass(frozen=True)
class _Numbers:
    """Right where the answer has the number, or the date, that a wording of the key is."""

    name: str = "number"
    label: str = "has the number or date of the key"

    def grade(self, text: str, question: Question) -> bool | None:
        """Return whether a value of the key is in the answer; None where the key is neither number nor date."""
        dates = {date for wording in question.key for date in dates_in(wording)}
        if dates:
            return not dates.isdisjoint(dates_in(text))
        wanted = [number for wording in question.key for number in numbers_in(wording)]
        if not wanted:
            return None
        found = numbers_in(text)
        return any(abs(one - other) <= _CLOSE * max(abs(one), abs(other)) for one in wanted for other in found)


def dates_in(text: str) -> tuple[tuple[int, int, int], ...]:
    """Return the whole dates in a text as (year, month, day).

    Dates of numbers parted by slashes are not read, since they mean different days in different countries.

    Examples
    --------
    >>> dates_in("born 12th May 1999"), dates_in("May 12, 1999"), dates_in("1999-05-12"), dates_in("5/12/1999")
    (((1999, 5, 12),), ((1999, 5, 12),), ((1999, 5, 12),), ())
    """
    found = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["number"]) if parts.get("number") else _MONTHS[parts["month"][:3].lower()]
            found.append((int(parts["year"]), month, int(parts["day"])))
    return tuple(found)


def numbers_in(text: str) -> tuple[float, ...]:
    """Return the numbers in a text, in digits or in English words.

    Examples
    --------
    >>> numbers_in("18 million"), numbers_in("eighteen million"), numbers_in("Sixty-one, or 1,200.5")
    ((18000000.0,), (18000000.0,), (61.0, 1200.5))
    """
    return tuple(_read_numbers(text))


def _read_numbers(text: str) -> Iterator[float]:
    for match in _NUMBER.finditer(text):
        written = match.group().lower()
        if written[0].isalpha():
            yield from _from_words(re.split(r"[\s-]+", written))
            continue
        digits, _, scale = written.replace(",", "").replace("\u2212", "-").partition(" ")
        digits = digits.strip()
        for word, value in _SCALES.items():
            if digits.endswith(word):
                digits, scale = digits.removesuffix(word), word
            if scale.strip() == word:
                yield float(digits) * value
                break
        else:
            yield float(digits)


def _from_words(words: list[str]) -> Iterator[float]:
    """Read every run of number words: hundreds multiply what stands before them, higher scales close a part."""
    total, part, inside = 0.0, 0.0, False
    for word in [*words, ""]:
        if word in _ONES or word in _TENS:
            part, inside = part + _ONES.get(word, 0) + _TENS.get(word, 0), True
        elif inside and word == "hundred":
            part *= 100
        elif inside and word in _SCALES:
            total, part = total + part * _SCALES[word], 0.0
        elif not (inside and word == "and"):
            if inside:
                yield total + part
            total, part, inside = 0.0, 0.0, False


def make(setting: str = "") -> Grader:  # noqa: ARG001  (every maker takes a setting)
    """Return the grader of numbers and dates."""
    return _Numbers()
