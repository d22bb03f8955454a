"""Reads the descriptions of factors that are kept as data beside this file. Knows nothing of how they are measured.

A taxonomy lists names by group; what each of them is stands once, in the file of definitions or with the lexical
factors.
factors.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from prefactor.factors.base import Factor

__all__ = ["TAXONOMIES", "Taxonomy", "load_taxonomy", "rating_fields", "read_taxonomy"]

TAXONOMIES: Final = ("dissection", "profile-summarization", "profile-helpful", "profile-document-qa")
"""Names of the taxonomies whose factors take a model to measure."""

_LEXICAL: Final = "lexical"
_TUPLES: Final = ("tasks", "anchors")


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Factors that belong together.

    Parameters
    ----------
    name
        Its name.
    about
        What it is for, in a sentence, with its source.
    factors
        Its factors, each with the group that it has here.
    """

    name: str
    about: str
    factors: tuple[Factor, ...]


def load_taxonomy(name: str) -> tuple[Factor, ...]:
    """Return the factors of the taxonomy called ``name``, in its order.

    Examples
    --------
    >>> load_taxonomy("lexical")[0].more
    'longer answer (words)'
    """
    return read_taxonomy(name).factors


@cache
def read_taxonomy(name: str) -> Taxonomy:
    """Return the taxonomy called ``name``."""
    content = _content(name)
    if "factor" in content:
        return Taxonomy(name, content.get("about", ""), tuple(_factor(entry) for entry in content["factor"]))
    known = {entry["name"]: {**entry, "part": entry["name"]} for entry in _content(_LEXICAL)["factor"]}
    known |= {entry["name"]: entry for entry in _content("definitions")["factor"]}
    factors = [
        _factor({**known[each], "group": group["name"]}) for group in content["group"] for each in group["factors"]
    ]
    return Taxonomy(name, content["about"], tuple(factors))


def rating_fields(anchors: Sequence[str]) -> dict[str, str]:
    """Return the way and the unit of a factor that has these anchors.

    Examples
    --------
    >>> rating_fields(["none", "some", "much"])
    {'way': 'rating', 'unit': 'rating 0-2'}
    """
    return {"way": "rating", "unit": f"rating 0-{len(anchors) - 1}"}


def _content(name: str) -> dict[str, Any]:
    text = files("prefactor.factors").joinpath("taxonomies", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _factor(entry: Mapping[str, Any]) -> Factor:
    implied = rating_fields(entry["anchors"]) if "anchors" in entry else {}
    fields: dict[str, Any] = {key: tuple(value) if key in _TUPLES else value for key, value in entry.items()}
    return Factor(**{**implied, **fields})
