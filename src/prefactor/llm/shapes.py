"""Taking apart what a server sent: every value is typed at the border, and what is not as expected is named.

Knows JSON and no provider.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import orjson

from prefactor.errors import CallError, SettingError, shown

__all__ = ["Wire", "merge_extra", "read_json", "read_object", "unreadable"]

Kind = TypeVar("Kind")

_WORDS: Final = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "an object"}


class Wire:
    """A JSON object as a server sent it, whose fields are taken out by type.

    Parameters
    ----------
    fields
        The object.
    path
        Where it stands, for messages.

    Examples
    --------
    >>> Wire({"choices": []}).take("model", str)
    Traceback (most recent call last):
    ...
    prefactor.errors.CallError: unreadable reply: model: expected text, got None
    """

    __slots__ = ("fields", "path")

    def __init__(self, fields: Mapping[str, Any], path: str = "") -> None:
        self.fields = fields
        self.path = path

    def take(self, name: str, kind: type[Kind]) -> Kind:
        """Return the field called ``name``.

        Raises
        ------
        CallError
            It is not there, or of another type.
        """
        value = self.fields.get(name)
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
        raise unreadable(f"{self.path}{name}", expected=_WORDS[kind], got=value)

    def take_or(self, name: str, default: Kind) -> Kind:
        """Return the field called ``name``, or ``default`` where it is null or not there.

        Raises
        ------
        CallError
            It is of another type than ``default``.
        """
        return default if self.fields.get(name) is None else self.take(name, type(default))

    def number(self, name: str) -> float:
        """Return the field called ``name`` as a number, whole or not.

        Raises
        ------
        CallError
            It is no number.
        """
        value = self.fields.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        raise unreadable(f"{self.path}{name}", expected="a number", got=value)

    def inner(self, name: str) -> "Wire":
        """Return the object called ``name``.

        Raises
        ------
        CallError
            It is none.
        """
        return Wire(self.take(name, dict), f"{self.path}{name}.")

    def inner_or_empty(self, name: str) -> "Wire":
        """Return the object called ``name``, or an empty one where it is null or not there.

        Raises
        ------
        CallError
            It is something else.
        """
        return Wire({}, f"{self.path}{name}.") if self.fields.get(name) is None else self.inner(name)

    def objects(self, name: str) -> list["Wire"]:
        """Return the objects of the list called ``name``.

        Raises
        ------
        CallError
            It is no list of objects.
        """
        return list(self._objects(name, self.take(name, list)))

    def _objects(self, name: str, values: Iterable[object]) -> Iterable["Wire"]:
        for place, value in enumerate(values):
            if not isinstance(value, dict):
                raise unreadable(f"{self.path}{name}[{place}]", expected="an object", got=value)
            yield Wire(value, f"{self.path}{name}[{place}].")


def read_json(body: bytes) -> Wire:
    """Return the JSON object that ``body`` holds.

    Raises
    ------
    CallError
        It is no JSON (which another try may mend), or no object.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", "replace")
        raise unreadable("body", expected="JSON", got=text, retryable=True) from None
    if not isinstance(found, dict):
        raise unreadable("body", expected="an object", got=found)
    return Wire(found)


def unreadable(place: str, *, expected: str, got: object, retryable: bool = False) -> CallError:
    """Return the error for a reply that is not as expected: what was, and what came.

    Parameters
    ----------
    place
        Field at fault.
    expected, got
        What it should hold, and what it holds.
    retryable
        Whether another try may bring a better one.
    """
    what = f"{place}: expected {expected}, got {shown(got)}"
    return CallError("unreadable reply", what, retryable=retryable, maybe_paid=True)


def merge_extra(fields: Mapping[str, Any], extra: str) -> dict[str, Any]:
    """Return the fields of a request with those of ``extra`` put over them; a null there takes a field out.

    Parameters
    ----------
    fields
        What is sent otherwise.
    extra
        JSON text of an object; empty for none.

    Raises
    ------
    SettingError
        ``extra`` is no JSON object.

    Examples
    --------
    >>> merge_extra({"temperature": 0, "max_tokens": 9}, '{"temperature": null, "n": 1}')
    {'max_tokens': 9, 'n': 1}
    """
    if not extra:
        return dict(fields)
    added = read_object("extra fields of a request", extra)
    merged = {**fields, **added}
    return {name: value for name, value in merged.items() if name not in added or value is not None}


def read_object(setting: str, text: str) -> dict[str, Any]:
    """Return the object that a setting holds as JSON text.

    Raises
    ------
    SettingError
        It is no JSON object.
    """
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise SettingError(setting, expected="the JSON text of an object", got=text)
    return found
