"""What a link asks for: the query of a URL, read strictly, and links that keep it while one thing changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from prefactor.errors import UnknownNameError

__all__ = ["Asked"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a URL.

    Parameters
    ----------
    path
        The page.
    pairs
        Names and values, in their order.
    """

    path: str
    pairs: tuple[tuple[str, str], ...] = ()

    def one(self, name: str, default: str = "") -> str:
        """Return the last value of a name."""
        return next((value for key, value in reversed(self.pairs) if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a name, each once."""
        return tuple(dict.fromkeys(value for key, value in self.pairs if key == name and value))

    def choice(self, name: str, known: Collection[str], *, default: str) -> str:
        """Return the value of a name that must be one of some.

        Raises
        ------
        UnknownNameError
            It is another.
        """
        value = self.one(name) or default
        if value not in known:
            raise UnknownNameError(name, value, known)
        return value

    def choices(self, name: str, known: Sequence[str], *, default: Sequence[str]) -> tuple[str, ...]:
        """Return the values of a name, each of which must be one of some.

        Raises
        ------
        UnknownNameError
            One is another.
        """
        values = self.all(name) or tuple(default)
        for value in values:
            if value not in known:
                raise UnknownNameError(name, value, known)
        return values

    def number(self, name: str, *, default: int, most: int) -> int:
        """Return a whole number from 1 to ``most``; what is none is the default."""
        text = self.one(name)
        return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 10 else default

    def under(self, prefix: str) -> Mapping[str, str]:
        """Return the values of names that begin so, by the rest of the name."""
        return {key.removeprefix(prefix): value for key, value in self.pairs if key.startswith(prefix)}

    def link(self, path: str = "", *, changes: Mapping[str, str]) -> str:
        """Return a link to a page with the same query but for some names; an empty value takes the name away.

        Examples
        --------
        >>> Asked("/profiles", (("judge", "a b"), ("sort", "name"))).link(changes={"sort": "", "slice": "all"})
        '/profiles?judge=a+b&slice=all'
        """
        kept = [(key, value) for key, value in self.pairs if key not in changes and value]
        query = urlencode([*kept, *((key, value) for key, value in changes.items() if value)], errors="replace")
        return f"{path or self.path}?{query}" if query else path or self.path
