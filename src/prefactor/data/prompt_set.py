"""Prompts to be answered: the turns of each, its columns, and answers to set beside new ones. Knows no file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prefactor.data.records import ColumnValue

__all__ = ["OpenPrompt"]


@dataclass(frozen=True, slots=True)
class OpenPrompt:
    """One prompt that a model is to answer.

    Parameters
    ----------
    identity
        What tells it from the others: its id in the file, or its place.
    turns
        What the user says, turn by turn; at least one.
    columns
        Further fields, to slice by.
    answer, model
        An answer that is there already, and who wrote it; None where there is none.
    """

    identity: str
    turns: tuple[str, ...]
    columns: Mapping[str, ColumnValue] = field(default_factory=dict)
    answer: str | None = None
    model: str | None = None
