"""Factors that an answer can be given without saying anything else: its length, its formatting and its tone.

The one list of them; knows no score and no judge.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["CONTENT_FREE"]

_ALONE: Final = (
    *("paragraphs", "list_items", "headings", "bold", "tables", "code_blocks", "links", "quotations", "emoji"),
    *("first_person", "second_person", "questions", "exclamations", "hedges", "certainty", "politeness", "informal"),
    *("well_formatted", "friendly", "polite", "authoritative", "funny", "rhetorical_devices", "complex_wording"),
    "informal_language",
)

CONTENT_FREE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"length": ("words", "characters", "sentences", "long"), **{name: (name,) for name in _ALONE}}
)
"""What can be moved, each with the factors that then move with it: a longer answer has more words and characters."""
