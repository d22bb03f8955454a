"""A TOML file of a user's own factors: its entries, checked as far as all kinds of them are alike.

Knows no kind: what is counted is read in ``word_lists``, what a model rates in ``rated``.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from prefactor.errors import InputFileError, shown
from prefactor.factors.base import Factor

__all__ = ["NAME", "Entry", "check_keys", "described", "read_entries", "wrong"]

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
"""Form of a factor's name."""

Entry = Mapping[str, Any]
"""One ``[[factor]]`` table whose name and definition are texts."""


def read_entries(path: Path) -> dict[str, Entry]:
    """Return the ``[[factor]]`` tables of a file by name.

    Raises
    ------
    InputFileError
        The file is not there or is no TOML, holds something else or a name twice, or an entry has no proper name.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(str(path), expected="a TOML file of factors", got=str(error)) from error
    entries = content.get("factor")
    if not isinstance(entries, list) or not entries or len(content) > 1:
        raise InputFileError(
            str(path), expected="only [[factor]] tables, at least one", got=", ".join(content) or "nothing"
        )
    named = {_name(entry, path): entry for entry in entries}
    if len(named) < len(entries):
        raise InputFileError(str(path), expected="every factor once", got="a name that comes twice")
    return named


def _name(entry: object, path: Path) -> str:
    if not isinstance(entry, Mapping):
        raise InputFileError(str(path), expected="[[factor]] tables", got=shown(entry))
    name = entry.get("name", "")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise InputFileError(
            str(path), expected="factor.name of small letters, digits and underscores", got=shown(name)
        )
    return name


def check_keys(entry: Entry, path: Path, *, texts: Sequence[str], lists: Sequence[str], others: Sequence[str]) -> None:
    """Check that an entry has a definition and no key but these, each of its type.

    Parameters
    ----------
    entry, path
        The entry, and where it stands.
    texts, lists
        Keys of texts, and of lists of texts.
    others
        Keys that the caller checks.

    Raises
    ------
    InputFileError
        Names the factor and the key.
    """
    name = entry["name"]
    for key, value in entry.items():
        if key in texts:
            if not isinstance(value, str):
                raise wrong(path, name, key, "a text", shown(value))
        elif key in lists:
            if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
                raise wrong(path, name, key, "a list of texts", shown(value))
        elif key not in others:
            known = ", ".join((*texts, *lists, *others))
            raise wrong(path, name, key, f"one of the keys {known}", "a key that is not known")
    if not entry.get("definition"):
        raise wrong(path, name, "definition", "what is measured, in words", "nothing")


def described(entry: Entry, **further: Any) -> Factor:
    """Return the factor of a checked entry, with what its kind knows of it."""
    label = entry.get("label", entry["name"].replace("_", " "))
    return Factor(
        name=entry["name"],
        label=label,
        more=entry.get("more", f"answer with more {label}"),
        definition=entry["definition"],
        group=entry.get("group", "your own"),
        tasks=tuple(entry.get("tasks", ("any",))),
        **further,
    )


def wrong(path: Path, name: str, key: str, expected: str, got: str) -> InputFileError:
    """Return the error that names file, factor and key."""
    return InputFileError(str(path), expected=f"factor {name!r}, {key}: {expected}", got=got)
