"""Templates of what models are told: files of them are checked, and texts are put into their places.

Knows the form of a template, and no prompt.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from prefactor.data.records import Message
from prefactor.errors import InputFileError, shown

__all__ = ["check_table", "filled", "places_in", "turn_by_turn"]

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_SPEAKERS: Final = {"user": "User", "assistant": "Assistant", "system": "System"}


def places_in(template: str) -> list[str]:
    """Return the names of the places in a template, in order.

    Examples
    --------
    >>> places_in("{prompt} and {answer}; {0} and {A} are none")
    ['prompt', 'answer']
    """
    return _PLACE.findall(template)


def filled(template: str, places: Mapping[str, str]) -> str:
    """Return a template with texts in its places; what a text holds is never taken for a place.

    A place without a text is left out.

    Examples
    --------
    >>> filled("{prompt} {other}{source} {A}", {"prompt": "{other}", "other": "x"})
    '{other} x {A}'
    """
    return _PLACE.sub(lambda match: places.get(match[1], ""), template)


def turn_by_turn(conversation: Sequence[Message]) -> str:
    r"""Return a conversation as one text that says who speaks.

    Examples
    --------
    >>> turn_by_turn([Message("user", "Why?"), Message("assistant", "So.")])
    '[User, message 1]\nWhy?\n\n[Assistant, message 2]\nSo.'
    """
    return "\n\n".join(
        f"[{_SPEAKERS.get(said.role, said.role)}, message {number}]\n{said.content}"
        for number, said in enumerate(conversation, start=1)
    )


def check_table(table: object, known: Mapping[str, type | tuple[type, ...]], *, name: str, file: str) -> None:
    """Hold a table of a TOML file to its keys and their types.

    Parameters
    ----------
    table
        What was found.
    known
        Types by key.
    name
        Name of the table; empty for the file itself.
    file
        The file, as the user named it.

    Raises
    ------
    InputFileError
        It is no table, has another key, or a value of another type.
    """
    if not isinstance(table, Mapping):
        raise InputFileError(file, expected=f"{name}: a table", got=shown(table))
    for key, value in table.items():
        place = f"{name}.{key}" if name else key
        if key not in known:
            raise InputFileError(file, expected=f"keys among {', '.join(known)}", got=place)
        kinds = known[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            names = " or ".join(kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
            raise InputFileError(file, expected=f"{place}: {names}", got=shown(value))
