"""Keys of servers: read from the environment when a call is made, shown nowhere. Knows no provider."""

import os

__all__ = ["Key"]


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
        """Return the key, or nothing where the variable is not set."""
        return os.environ.get(self.variable, "").strip() if self.variable else ""

    def scrub(self, body: bytes) -> bytes:
        """Return ``body`` with the key taken out: a server may repeat it in its words.

        Examples
        --------
        >>> os.environ["A_KEY"] = "opensesame"
        >>> Key("A_KEY").scrub(b"no such key: opensesame")
        b'no such key: [key]'
        >>> del os.environ["A_KEY"]
        """
        key = self.read()
        return body.replace(key.encode(), b"[key]") if key else body
