"""What a report shows of factors taken together, as plain frozen data. Knows no markup and computes nothing."""

from dataclasses import dataclass

from prefactor.report.scales import Axis

__all__ = [
    "ClearMark",
    "InflationRow",
    "JudgeShares",
    "ShareGroup",
    "ShareRow",
    "SharesBeside",
    "SharesView",
    "Together",
]


@dataclass(frozen=True, slots=True)
class ClearMark:
    """An estimate in words and on an axis that begins at 0, and whether its interval is clear of 0."""

    value: str
    interval: str
    at: float | None
    low: float | None
    high: float | None
    clear: bool


@dataclass(frozen=True, slots=True)
class ShareRow:
    """The share of one factor, or of one group."""

    label: str
    definition: str
    mark: ClearMark


@dataclass(frozen=True, slots=True)
class ShareGroup:
    """A group, its factors with a clear share, and a line that names the others."""

    whole: ShareRow
    rows: tuple[ShareRow, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class JudgeShares:
    """How what the factors explain divides, for one judge; ``nothing`` says why it does not."""

    judge: str
    lead: str
    nothing: str
    groups: tuple[ShareGroup, ...]


@dataclass(frozen=True, slots=True)
class SharesBeside:
    """Shares of groups for several judges on one axis; ``left_out`` judges did not fit."""

    judges: tuple[str, ...]
    explained: tuple[ClearMark, ...]
    rows: tuple[tuple[str, tuple[ClearMark, ...]], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class SharesView:
    """Shares of all judges, on one axis."""

    axis: Axis
    beside: SharesBeside | None
    judges: tuple[JudgeShares, ...]


@dataclass(frozen=True, slots=True)
class InflationRow:
    """A factor whose weight is less certain because of the others: by how much, and how far that reaches in a bar."""

    label: str
    inflation: str
    width: float


@dataclass(frozen=True, slots=True)
class Together:
    """Factors that cannot be told apart, in sentences, what the data decide, and variance inflation."""

    sentences: tuple[str, ...]
    decided: tuple[str, ...]
    inflation: tuple[InflationRow, ...]
