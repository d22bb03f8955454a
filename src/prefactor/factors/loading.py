"""From what a user names (a set, some of its factors, a file of their own) to measurers, and measuring with several.

Knows the families' names and files; how anything is measured is each measurer's own affair.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor._validate import check_known
from prefactor.errors import SettingError, UnknownNameError
from prefactor.factors.base import Factor, Measurer, TextBatch
from prefactor.factors.factor_file import read_entries
from prefactor.factors.lexical import lexical_measurer
from prefactor.factors.rated import is_rated, read_rated
from prefactor.factors.taxonomy import TAXONOMIES, load_taxonomy
from prefactor.factors.word_lists import read_word_lists
from prefactor.registry import Registry

__all__ = ["MEASURERS", "FactorSet", "RenamedMeasurer", "factors_of", "load_factors", "load_measurers", "measure"]

MEASURERS: Final[Registry[Callable[[Sequence[str] | None], Measurer]]] = Registry(
    "set of factors", {"lexical": "prefactor.factors.lexical:lexical_measurer"}
)
"""Sets of factors that ship with the package: name to a function of the factors wanted (None for all)."""

_TOML: Final = ".toml"

_FILES: Final[Registry[Callable[[Path, Sequence[str] | None], Measurer]]] = Registry(
    "kind of factor file",
    {
        _TOML: "prefactor.factors.word_lists:read_word_lists",
        ".py": "prefactor.factors.functions:read_functions",
    },
)


def load_measurers(specs: Sequence[str] = ("lexical",)) -> tuple[Measurer, ...]:
    """Return the measurers that ``specs`` name.

    Parameters
    ----------
    specs
        Each is the name of a set (``"lexical"``), or the path of a ``.toml`` file of word lists or of a ``.py`` file
        of functions; ``":name,name"`` after it picks some of its factors.

    Raises
    ------
    UnknownNameError
        There is no such set, or no such factor in it.
    InputFileError
        A file is not there or cannot be understood.
    SettingError
        Nothing is named, or two of the factors have one name, or what is named takes a model.

    Examples
    --------
    >>> (lexical,) = load_measurers(["lexical:words,list_items"])
    >>> [factor.name for factor in lexical.factors]
    ['words', 'list_items']
    """
    if not specs:
        raise SettingError("factors", expected="at least one set of factors or file", got=[])
    measurers = tuple(_load(spec) for spec in specs)
    _check_distinct(measurers)
    return measurers


@dataclass(frozen=True, slots=True)
class FactorSet:
    """Factors of all kinds, as a user named them.

    Parameters
    ----------
    measurers
        What measures those that take no asking.
    asked
        Those that take a model to ask.
    order
        Names of all, in the order in which they are shown.
    """

    measurers: tuple[Measurer, ...]
    asked: tuple[Factor, ...]
    order: tuple[str, ...]

    @property
    def factors(self) -> tuple[Factor, ...]:
        """All factors, in their order."""
        known = {factor.name: factor for factor in (*factors_of(self.measurers), *self.asked)}
        return tuple(known[name] for name in self.order)


def load_factors(specs: Sequence[str] = ("lexical",)) -> FactorSet:
    """Return the factors that ``specs`` name, taxonomies that take a model included.

    A factor that comes twice with one definition counts once; a measurer that is named by itself measures it.

    Parameters
    ----------
    specs
        As for :func:`load_measurers`, and names of taxonomies (``"dissection"``); ``":name,name"`` picks some. A
        ``.toml`` file may hold ratings beside word lists.

    Raises
    ------
    UnknownNameError, InputFileError, SettingError
        As for :func:`load_measurers`.

    Examples
    --------
    >>> [factor.name for factor in load_factors(["dissection:friendly,long"]).factors]
    ['friendly', 'long']
    """
    if not specs:
        raise SettingError("factors", expected="at least one set of factors or file", got=[])
    own: list[Measurer] = []
    listed: list[Factor] = []
    for spec in specs:
        place, names = _split(spec)
        if place in TAXONOMIES:
            known = {factor.name: factor for factor in load_taxonomy(place)}
            wanted = list(known) if names is None else check_known(f"factor of {place}", names, known)
            listed += [known[name] for name in wanted]
        elif Path(place).suffix == _TOML:
            counted, rated = _split_file(Path(place), names)
            own += [read_word_lists(Path(place), counted)] if counted else []
            listed += read_rated(Path(place), rated)
        else:
            own.append(_load(spec))
    _check_distinct(own)
    taken = factors_of(own)
    listed = _once(listed, taken)
    texts = tuple(factor for factor in listed if factor.way == "text")
    if texts:
        own.append(RenamedMeasurer(texts))
    order = tuple(factor.name for factor in (*taken, *listed))
    return FactorSet(tuple(own), tuple(factor for factor in listed if factor.way != "text"), order)


def _split_file(path: Path, names: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Return the names wanted of a TOML file: those that are counted, and those that a model rates."""
    entries = read_entries(path)
    wanted = list(entries) if names is None else check_known(f"factor of {path}", names, entries)
    rated = [name for name in wanted if is_rated(entries[name])]
    return [name for name in wanted if name not in rated], rated


def _once(listed: Sequence[Factor], taken: Sequence[Factor]) -> list[Factor]:
    """Leave out factors that are there already; one name with two definitions is an error."""
    known = {factor.name: factor for factor in taken}
    kept = []
    for factor in listed:
        there = known.setdefault(factor.name, factor)
        if there is factor:
            kept.append(factor)
        elif there.definition != factor.definition:
            hint = f"one is {there.definition!r}, the other {factor.definition!r}"
            raise SettingError("factors", expected="one factor of every name", got=factor.name, hint=hint)
    return kept


@dataclass(frozen=True)
class RenamedMeasurer:
    """Measures factors of a taxonomy that are lexical factors under another name, or with another rule.

    Parameters
    ----------
    factors
        Their ``part`` is the lexical factor.
    name
        Name of the set.
    """

    factors: tuple[Factor, ...]
    name: str = "lexical, as the taxonomy compares them"

    def measure(self, batch: TextBatch) -> FloatArray:
        """Return scores of shape (responses, factors)."""
        parts = [factor.part for factor in self.factors]
        distinct = list(dict.fromkeys(parts))
        return lexical_measurer(distinct).measure(batch)[:, [distinct.index(part) for part in parts]]


def factors_of(measurers: Sequence[Measurer]) -> tuple[Factor, ...]:
    """Return all factors, in the order of the columns of :func:`measure`."""
    return tuple(factor for measurer in measurers for factor in measurer.factors)


def measure(measurers: Sequence[Measurer], batch: TextBatch) -> FloatArray:
    """Return scores of shape (responses, factors of all measurers); NaN where a factor does not apply.

    Raises
    ------
    SettingError
        The sequences of the batch differ in length.

    Examples
    --------
    >>> measure(load_measurers(["lexical:words"]), TextBatch(["One.", ""], ["Why?", "Why?"], [None, None])).tolist()
    [[1.0], [0.0]]
    """
    lengths = {len(batch.responses), len(batch.prompts), len(batch.sources)}
    if len(lengths) > 1:
        raise SettingError("batch", expected="as many prompts and sources as responses", got=sorted(lengths))
    return np.hstack([np.empty((len(batch), 0)), *(measurer.measure(batch) for measurer in measurers)])


def _load(spec: str) -> Measurer:
    place, names = _split(spec)
    suffix = Path(place).suffix
    if suffix in tuple(_FILES):
        return _FILES[suffix](Path(place), names)
    if place in TAXONOMIES:
        expected = "factors that are measured without a model"
        raise SettingError("factors", expected=expected, got=place, hint="it takes a model: --measure-with")
    if place not in tuple(MEASURERS):
        raise UnknownNameError("set of factors (nor a .toml or .py file)", place, MEASURERS)
    return MEASURERS[place](names)


def _split(spec: str) -> tuple[str, list[str] | None]:
    """Take the names after the last colon off a spec; the colon after the letter of a drive is none of these."""
    place, colon, rest = spec.rpartition(":")
    if not colon or "/" in rest or "\\" in rest:
        return spec, None
    return place, [name.strip() for name in rest.split(",") if name.strip()]


def _check_distinct(measurers: Sequence[Measurer]) -> None:
    owners: dict[str, str] = {}
    for measurer in measurers:
        for factor in measurer.factors:
            if factor.name in owners:
                raise SettingError(
                    "factors",
                    expected="every factor once",
                    got=factor.name,
                    hint=f"it is in {owners[factor.name]} and in {measurer.name}",
                )
            owners[factor.name] = measurer.name
