"""What a link asks for: the query of a URL, read strictly, and links that keep it while one thing changes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from prefactor.errors import UnknownNameError
from prefactor.report.safe_text import make_readable

__all__ = ["Asked", "means"]


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
        return _meant(name, value, known)

    def choices(self, name: str, known: Sequence[str], *, default: Sequence[str]) -> tuple[str, ...]:
        """Return the values of a name, each of which must be one of some.

        Raises
        ------
        UnknownNameError
            One is another.
        """
        values = self.all(name) or tuple(default)
        return tuple(_meant(name, value, known) for value in values)

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


def means(given: str, name: str) -> bool:
    r"""Return whether a value of a form stands for a name: the page shows what cannot be seen in it, and sends that.

    Parameters
    ----------
    given
        What came.
    name
        What is known.

    Examples
    --------
    >>> means("gpt␀", "gpt\x00"), means("gpt", "gpt\x00")
    (True, False)
    """
    return given == name or make_readable(given) == make_readable(name)


def _meant(kind: str, value: str, known: Collection[str]) -> str:
    if value in known:
        return value
    found = next((name for name in known if means(value, name)), None)
    if found is None:
        raise UnknownNameError(kind, value, known)
    return found
