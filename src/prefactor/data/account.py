"""The one account of rows, the same for every judge and factor: read, tied, unreadable, missing, inapplicable, used."""

from dataclasses import dataclass

__all__ = ["Account"]


@dataclass(frozen=True, slots=True)
class Account:
    """Where the rows went.

    Parameters
    ----------
    read
        Rows that were read: ``used + unreadable + missing + inapplicable``.
    used
        Rows that entered the fit.
    tied
        Those of the used rows that are ties; tau14 leaves them out.
    unreadable
        Rows whose value could not be understood.
    missing
        Rows that hold no value.
    inapplicable
        Rows to which the question does not apply: a factor that has no meaning for an answer.

    Raises
    ------
    ValueError
        The numbers do not add up.

    Examples
    --------
    >>> Account(read=10, used=8, tied=3, unreadable=1, missing=1).dropped
    2
    """

    read: int
    used: int
    tied: int = 0
    unreadable: int = 0
    missing: int = 0
    inapplicable: int = 0

    def __post_init__(self) -> None:
        dropped = self.unreadable + self.missing + self.inapplicable
        adds_up = self.read == self.used + dropped and self.tied <= self.used
        if not adds_up or min(self.used, self.tied, self.unreadable, self.missing, self.inapplicable) < 0:
            message = f"rows that do not add up: {self}"
            raise ValueError(message)

    @property
    def dropped(self) -> int:
        """Rows that were read and not used."""
        return self.read - self.used

    @property
    def strict(self) -> int:
        """Used rows that are not ties."""
        return self.used - self.tied

    def __add__(self, other: "Account") -> "Account":
        return Account(
            read=self.read + other.read,
            used=self.used + other.used,
            tied=self.tied + other.tied,
            unreadable=self.unreadable + other.unreadable,
            missing=self.missing + other.missing,
            inapplicable=self.inapplicable + other.inapplicable,
        )
