"""Factors of a user's own that a model rates: a definition and the levels of a scale, in a TOML file.

Knows that file; how models are asked is the affair of the ways of asking.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, get_args

from prefactor.errors import shown
from prefactor.factors.asked import QUERY_KINDS
from prefactor.factors.base import Factor, FeatureRule
from prefactor.factors.factor_file import Entry, check_keys, described, read_entries, wrong
from prefactor.factors.taxonomy import rating_fields

__all__ = ["MOST_LEVELS", "is_rated", "read_rated"]

MOST_LEVELS: Final = 11
"""Levels that a scale may have."""

_TEXTS: Final = ("name", "label", "more", "definition", "group", "needs", "feature")
_LISTS: Final = ("anchors", "tasks")
_NEEDS: Final = ("source", "reference", *QUERY_KINDS)
_FEATURES: Final = tuple(rule for rule in get_args(FeatureRule) if rule != "length")


def is_rated(entry: Entry) -> bool:
    """Whether an entry is a rating: it has the anchors or the number of levels of a scale."""
    return "anchors" in entry or "scale" in entry


def read_rated(path: Path, names: Sequence[str] | None = None) -> tuple[Factor, ...]:
    """Read the factors of a TOML file that a model rates.

    Every such ``[[factor]]`` has a ``name``, a ``definition``, and either ``anchors`` (what each level means, from 0
    up) or ``scale`` (the number of levels); ``label``, ``more``, ``needs`` (what the prompt must have: ``"source"``,
    ``"reference"`` or a kind of query), ``feature`` (``"more"``, ``"fewer"`` or ``"any"``), ``group`` and ``tasks`` are
    optional.

    Parameters
    ----------
    path
        The file; entries that are no ratings are left alone.
    names
        The factors wanted; all by default.

    Raises
    ------
    InputFileError
        The file cannot be read, or an entry is not as described; the message names its key.
    """
    entries = read_entries(path)
    wanted = [name for name, entry in entries.items() if is_rated(entry)] if names is None else names
    return tuple(_read(entries[name], path) for name in wanted)


def _read(entry: Entry, path: Path) -> Factor:
    check_keys(entry, path, texts=_TEXTS, lists=_LISTS, others=("scale",))
    for key, known in (("needs", _NEEDS), ("feature", _FEATURES)):
        if entry.get(key, known[0]) not in known:
            raise wrong(path, entry["name"], key, f"one of {', '.join(known)}", shown(entry[key]))
    anchors = _anchors(entry, path)
    return described(
        entry,
        anchors=anchors,
        needs=entry.get("needs", ""),
        feature=entry.get("feature", "more"),
        **rating_fields(anchors),
    )


def _anchors(entry: Entry, path: Path) -> tuple[str, ...]:
    name = entry["name"]
    if "anchors" in entry and "scale" in entry:
        raise wrong(path, name, "scale", "either anchors or scale", "both")
    if "anchors" in entry:
        if not _fits(len(entry["anchors"])):
            raise wrong(path, name, "anchors", f"2 to {MOST_LEVELS} levels", f"{len(entry['anchors'])}")
        return tuple(entry["anchors"])
    levels = entry["scale"]
    if isinstance(levels, bool) or not isinstance(levels, int) or not _fits(levels):
        raise wrong(path, name, "scale", f"a number of levels from 2 to {MOST_LEVELS}", shown(levels))
    between = (f"{level} of {levels - 1}" for level in range(1, levels - 1))
    return ("not at all", *between, "as much as can be")


def _fits(levels: int) -> bool:
    return 2 <= levels <= MOST_LEVELS
