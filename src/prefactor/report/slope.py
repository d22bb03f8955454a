"""A slope chart: every factor a line from people over judging to writing. Geometry only, in pixels, without markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final, Literal

from prefactor.analysis.alignment import FactorGap
from prefactor.report.scales import Axis, axis_between
from prefactor.report.wording import decimal
from prefactor.stats.estimate import Estimate

__all__ = ["SlopeChart", "SlopeLine", "slope_chart"]

_MOST_LABELLED: Final = 12
_WIDTH: Final = 860
_SIDE: Final = 190
_TOP, _BOTTOM = 40, 24
_LINE: Final = 19
"""Pixels that a label takes."""


@dataclass(frozen=True, slots=True)
class SlopeLine:
    """One factor.

    Parameters
    ----------
    label, title
        Its name, and what is said of it when pointed at.
    points
        Places of its tau14 with each judge.
    whiskers
        For each of them, place, upper and lower end of the interval.
    tone
        ``"more"`` and ``"less"`` for a factor that makes the gap, by whether writing leans more to it; else ``"rest"``.
    labelled
        Whether its name stands at both ends, at ``left`` and ``right``.
    """

    label: str
    title: str
    points: tuple[tuple[float, float], ...]
    whiskers: tuple[tuple[float, float, float], ...]
    tone: Literal["more", "less", "rest"]
    labelled: bool
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class SlopeChart:
    """The chart.

    Parameters
    ----------
    width, height
        Its size.
    columns
        Name and place of every judge.
    ticks
        Label and place of the ticks of tau14.
    zero
        Place of 0.
    lines
        The factors, those that stand out last, so that they lie on top.
    hidden
        How many lines bear no name.
    """

    width: int
    height: int
    columns: tuple[tuple[str, float], ...]
    ticks: tuple[tuple[str, float], ...]
    zero: float
    lines: tuple[SlopeLine, ...]
    hidden: int


def slope_chart(factors: Sequence[FactorGap], columns: Sequence[str]) -> SlopeChart:
    """Place every factor; at most twelve bear their names: those that make the gap, then those that add most to it.

    Parameters
    ----------
    factors
        Those of a table, in its order.
    columns
        What the judges are called.
    """
    chosen = sorted(factors, key=lambda each: not each.named)[:_MOST_LABELLED]
    height = max(300, 30 * len(chosen) + _TOP + _BOTTOM)
    inside = [place for each in factors for place in _estimates(each)]
    ends = [end for each in inside for end in (each.low, each.high, each.value)]
    axis = axis_between(ends, low=-1.0, high=1.0, centre=0.0)
    xs = [_SIDE + number * (_WIDTH - 2 * _SIDE) / max(len(columns) - 1, 1) for number in range(len(columns))]
    lines = [_line(each, axis, xs, height=height, labelled=each in chosen) for each in factors]
    spread = _spread(lines, height)
    rest = [each for each in spread if not each.labelled]
    shown = [each for each in spread if each.labelled]
    return SlopeChart(
        width=_WIDTH,
        height=height,
        columns=tuple(zip(columns, xs, strict=True)),
        ticks=tuple((decimal(tick.value, 1), _down(axis, tick.value, height)) for tick in axis.ticks),
        zero=_down(axis, 0.0, height),
        lines=(*rest, *sorted(shown, key=lambda each: each.tone != "rest")),
        hidden=len(rest),
    )


def _estimates(each: FactorGap) -> list[Estimate]:
    return [place.tau14 for place in (each.human, each.evaluates, each.generates) if place]


def _down(axis: Axis, value: float, height: int) -> float:
    at = axis.place(value)
    return round(height - _BOTTOM - (50.0 if at is None else at) / 100 * (height - _TOP - _BOTTOM), 1)


def _line(each: FactorGap, axis: Axis, xs: Sequence[float], *, height: int, labelled: bool) -> SlopeLine:
    found = _estimates(each)
    numbers = ", ".join(decimal(one.value) for one in found)
    tone: Literal["more", "less", "rest"] = "rest"
    if each.named:
        tone = "more" if each.difference.value < 0 else "less"
    return SlopeLine(
        label=each.label,
        title=f"{each.label}: {numbers}",
        points=tuple((round(x, 1), _down(axis, one.value, height)) for x, one in zip(xs, found, strict=True)),
        whiskers=tuple(
            (round(x, 1), _down(axis, one.high, height), _down(axis, one.low, height))
            for x, one in zip(xs, found, strict=True)
            if not isnan(one.low)
        ),
        tone=tone,
        labelled=labelled,
    )


def _spread(lines: Sequence[SlopeLine], height: int) -> list[SlopeLine]:
    """Move labels apart at both ends."""
    named = [number for number, each in enumerate(lines) if each.labelled]
    left = _apart([lines[number].points[0][1] for number in named], height)
    right = _apart([lines[number].points[-1][1] for number in named], height)
    ends = dict(zip(named, zip(left, right, strict=True), strict=True))
    return [
        SlopeLine(
            each.label, each.title, each.points, each.whiskers, each.tone, each.labelled, *ends.get(number, (0.0, 0.0))
        )
        for number, each in enumerate(lines)
    ]


def _apart(places: Sequence[float], height: int) -> list[float]:
    """Return places that lie at least a line apart, as near to those given as one pass down and one up can make it."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    low = float(_TOP)
    for number in order:
        moved[number] = max(moved[number], low)
        low = moved[number] + _LINE
    high = float(height - _BOTTOM + _LINE / 2)
    for number in reversed(order):
        moved[number] = min(moved[number], high)
        high = moved[number] - _LINE
    return [round(each, 1) for each in moved]
