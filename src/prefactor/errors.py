"""Every error prefactor raises on purpose.

One base class; each error is also the builtin that fits it, and builds its own message, so a message is worded once.
Nothing here knows of files, frames or statistics.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "BadRow",
    "BadRowsError",
    "CallError",
    "FitError",
    "InputFileError",
    "MissingExtraError",
    "PrefactorError",
    "SettingError",
    "UnknownFormatError",
    "UnknownNameError",
]


class PrefactorError(Exception):
    """The base of every error raised on purpose; the command line shows it without a traceback and exits with 2."""


class SettingError(PrefactorError, ValueError):
    """A setting has a value that cannot work."""

    def __init__(self, setting: str, *, expected: str, got: object, hint: str = "") -> None:
        self.setting = setting
        super().__init__(_sentence(f"{setting}: expected {expected}, got {shown(got)}", hint))


class UnknownNameError(PrefactorError, LookupError):
    """A name that is in no list; the message lists the nearest ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.name = name
        names = sorted(set(known))
        near = get_close_matches(name, names, n=3, cutoff=0.5)
        if near:
            hint = f"did you mean {' or '.join(map(repr, near))}?"
        elif names:
            hint = f"known: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
        else:
            hint = "there are none"
        super().__init__(_sentence(f"unknown {kind} {shown(name)}", hint))


class InputFileError(PrefactorError, ValueError):
    """A file, or one place in it, that cannot be read at all."""

    def __init__(self, file: str, *, expected: str, got: str, hint: str = "", row: int | None = None) -> None:
        self.file = file
        self.row = row
        where = file if row is None else f"{file}:{row}"
        super().__init__(_sentence(f"{where}: expected {expected}, got {got}", hint))


class UnknownFormatError(InputFileError):
    """A file whose rows no reader recognises."""

    def __init__(self, file: str, *, columns: Sequence[str]) -> None:
        found = ", ".join(map(repr, columns[:12])) or "no columns"
        super().__init__(
            file,
            expected="a preference log of a known format",
            got=f"rows with {found}",
            hint="name the columns: --map prompt=COLUMN,response_a=COLUMN,response_b=COLUMN,preference=COLUMN",
        )


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be used: where it stands, what was expected there and what came.

    Parameters
    ----------
    file
        The file as the user named it.
    row
        1-based row: the line of a JSONL or CSV file, the position in a JSON array or a Parquet file.
    field
        The column at fault.
    expected, got
        What the column should hold, and what it holds.
    hint
        What to do about it.
    """

    file: str
    row: int
    field: str
    expected: str
    got: str
    hint: str = ""

    def __str__(self) -> str:
        return _sentence(f"{self.file}:{self.row}: {self.field}: expected {self.expected}, got {self.got}", self.hint)


class BadRowsError(PrefactorError, ValueError):
    """Rows that cannot be used, the first of them named, with their total."""

    def __init__(self, rows: Sequence[BadRow], total: int) -> None:
        self.rows = tuple(rows)
        self.total = total
        lines = [f"{total:,} bad row{'s' if total != 1 else ''}:", *(f"  {row}" for row in rows)]
        if total > len(rows):
            lines.append(f"  ... and {total - len(rows):,} more")
        lines.append("mend the file, or go on without these rows: --on-bad-row skip")
        super().__init__("\n".join(lines))


class FitError(PrefactorError, ArithmeticError):
    """Numbers from which nothing can be estimated."""

    def __init__(self, what: str, why: str, hint: str = "") -> None:
        super().__init__(_sentence(f"cannot fit {what}: {why}", hint))


class CallError(PrefactorError, RuntimeError):
    """A call to a model that brought no reply.

    Parameters
    ----------
    kind
        What went wrong: "rate limit", "overload", "timeout", "connection", "refused key", "bad request", "not found" or
        "unreadable reply".
    what
        What was asked of whom, and what came instead; holds no key.
    retryable
        Whether the same call may succeed later.
    retry_after
        Seconds that the server asked to wait; None where it did not say.
    maybe_paid
        Whether the server may have charged for the call all the same: it was sent, and what became of it is not known.
    """

    KINDS = (
        "rate limit",
        "overload",
        "timeout",
        "connection",
        "refused key",
        "bad request",
        "not found",
        "unreadable reply",
    )

    def __init__(
        self, kind: str, what: str, *, retryable: bool, retry_after: float | None = None, maybe_paid: bool = False
    ) -> None:
        self.kind = kind
        self.retryable = retryable
        self.retry_after = retry_after
        self.maybe_paid = maybe_paid
        super().__init__(f"{kind}: {what}")


class MissingExtraError(PrefactorError, ImportError):
    """A feature whose optional packages are not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{feature} needs the extra {extra!r}: pip install 'prefactor[{extra}]'")


def shown(value: object, limit: int = 80) -> str:
    """Show an untrusted value in a message: escaped, and cut to ``limit`` characters."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"


def _sentence(message: str, hint: str) -> str:
    return f"{message}; {hint}" if hint else message
