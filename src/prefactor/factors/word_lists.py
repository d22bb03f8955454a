"""Factors of a user's own, from a TOML file of words, phrases or regular expressions that are counted.

Knows that file and Python's regular expressions; rates are per 100 words as the lexical factors count them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor._validate import check_known
from prefactor.errors import InputFileError, shown
from prefactor.factors.base import Factor, TextBatch
from prefactor.factors.factor_file import Entry, check_keys, described, read_entries, wrong
from prefactor.factors.lexical import lexical_measurer
from prefactor.factors.rated import is_rated

__all__ = ["WordListMeasurer", "read_word_lists"]

_RATE, _COUNT = "per 100 words", "count"
_TEXTS: Final = ("name", "label", "more", "definition", "unit", "group", "regex")
_LISTS: Final = ("words", "phrases", "tasks")
_APOSTROPHES: Final = str.maketrans("\u2019\uff07", "''")


@dataclass(frozen=True)
class WordListMeasurer:
    """Counts matches of one pattern per factor; make one with :func:`read_word_lists`.

    Parameters
    ----------
    name
        The file, as the user named it.
    factors
        The factors, in the order of the columns.
    patterns
        The regular expression of each factor; matching ignores case.
    """

    name: str
    factors: tuple[Factor, ...]
    patterns: tuple[str, ...]

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern, re.IGNORECASE) for pattern in self.patterns)

    def measure(self, batch: TextBatch) -> FloatArray:
        """Return scores of shape (responses, factors); a rate is 0 where a response has no words."""
        scores = np.empty((len(batch), len(self.factors)))
        texts = [response.translate(_APOSTROPHES) for response in batch.responses]
        for column, pattern in enumerate(self._compiled):
            scores[:, column] = [sum(1 for _ in pattern.finditer(text)) for text in texts]
        rates = [factor.unit == _RATE for factor in self.factors]
        if any(rates):
            words = lexical_measurer(["words"]).measure(batch)
            scores[:, rates] *= 100 / np.maximum(words, 1)
        return scores


def read_word_lists(path: Path, names: Sequence[str] | None = None) -> WordListMeasurer:
    """Read a TOML file of factors.

    Every ``[[factor]]`` has a ``name``, a ``definition``, and ``words`` and ``phrases`` or a ``regex``; ``label``,
    ``more``, ``unit`` (``"per 100 words"``, the default, or ``"count"``), ``group`` and ``tasks`` are optional.

    Parameters
    ----------
    path
        The file.
    names
        The factors wanted; all by default.

    Raises
    ------
    InputFileError
        The file is not there or is no TOML, or an entry wanted is not as described, or a rating; the message names its
        key.
    UnknownNameError
        A factor wanted is not in the file.
    """
    entries = read_entries(path)
    wanted = list(entries) if names is None else check_known(f"factor of {path}", names, entries)
    rated = [name for name in wanted if is_rated(entries[name])]
    if rated:
        raise InputFileError(
            str(path),
            expected="factors that are counted",
            got=f"a rating, {', '.join(rated)}",
            hint="it takes a model: --measure-with",
        )
    read = [_read(entries[name], path) for name in wanted]
    return WordListMeasurer(str(path), tuple(factor for factor, _ in read), tuple(pattern for _, pattern in read))


def _read(entry: Entry, path: Path) -> tuple[Factor, str]:
    check_keys(entry, path, texts=_TEXTS, lists=_LISTS, others=())
    unit = entry.get("unit", _RATE)
    if unit not in {_RATE, _COUNT}:
        raise wrong(path, entry["name"], "unit", f"{_RATE!r} or {_COUNT!r}", shown(unit))
    return described(entry, unit=unit), _pattern(entry, entry["name"], path)


def _pattern(entry: Entry, name: str, path: Path) -> str:
    regex, words, phrases = (entry.get(key) for key in ("regex", "words", "phrases"))
    if isinstance(regex, str) and not words and not phrases:
        try:
            re.compile(regex, re.IGNORECASE)
        except re.error as error:
            raise wrong(path, name, "regex", "a regular expression", str(error)) from error
        return regex
    listed = [each for given in (words, phrases) if isinstance(given, list) for each in given]
    if regex is not None or not listed:
        raise wrong(path, name, "words", "words and phrases, or else a regex", "both" if regex else "neither")
    # The longest first, so that a phrase is not cut short by its own beginning.
    spelt = sorted((each.translate(_APOSTROPHES).split() for each in listed), key=lambda parts: -len(" ".join(parts)))
    choices = "|".join(r"\s+".join(map(re.escape, parts)) for parts in spelt)
    return rf"(?<!\w)(?:{choices})(?!\w)"
