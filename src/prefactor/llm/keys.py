"""Keys of servers: read from the environment when a call is made, shown nowhere. Knows no provider."""

import os
from typing import Final

from prefactor.errors import SettingError

__all__ = ["Key"]

_SHORTEST: Final = 12
"""Characters of the shortest key that is taken to be a secret."""


class Key:
    """The key in one environment variable.

    The variable is read at every call; the key is kept in no attribute, so that nothing that prints or stores an
    object can show it.

    Parameters
    ----------
    variable
        Name of the environment variable; empty for a server that wants no key.
    """

    __slots__ = ("variable",)

    def __init__(self, variable: str) -> None:
        self.variable = variable

    def __repr__(self) -> str:
        return f"Key({self.variable!r})"

    def read(self) -> str:
        """Return the key, or nothing where the variable is not set.

        Raises
        ------
        SettingError
            What is there cannot be sent; it is not shown.
        """
        key = os.environ.get(self.variable, "").strip() if self.variable else ""
        if not (key.isascii() and key.isprintable()):
            got = f"{len(key)} characters, not all of them so"
            raise SettingError(f"${self.variable}", expected="a key of printable ASCII", got=got)
        return key

    def scrub(self, body: bytes, key: str | None = None) -> bytes:
        """Return ``body`` with the key taken out: a server may repeat it in its words.

        Keys of fewer than 12 characters stay: they are words such as "none" that a server of one's own is content with,
        and taking them out would change answers.

        Parameters
        ----------
        body
            What a server said.
        key
            The key that it was sent, if that is at hand; otherwise the variable is read again.

        Examples
        --------
        >>> os.environ["A_KEY"] = "open-sesame-1234"
        >>> Key("A_KEY").scrub(b"no such key: open-sesame-1234")
        b'no such key: [key]'
        >>> del os.environ["A_KEY"]
        """
        key = self.read() if key is None else key
        return body.replace(key.encode(), b"[key]") if len(key) >= _SHORTEST else body
