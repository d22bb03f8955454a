"""A waterfall: from even odds, factor by factor, to what a judge's profile gives one comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.attribution import attribute, attributions_of
from prefactor.analysis.joint_results import Attribution
from prefactor.analysis.results import Profile
from prefactor.report.naming import Names
from prefactor.report.scales import Axis, axis_between
from prefactor.report.wording import decimal, interval, listed, percent, percent_interval
from prefactor.stats.estimate import Estimate
from prefactor.stats.special import sigmoid

__all__ = ["Step", "Waterfall", "chance_of", "view_waterfall"]

_MOST_STEPS: Final = 12
_WIDEST: Final = 1e3


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the log-odds.

    Parameters
    ----------
    label
        The factor, or factors that cannot be told apart.
    value, interval
        In words, for the side it speaks for.
    side
        ``"A"`` or ``"B"``; empty for nothing.
    start, width
        Where its bar lies, in percent of the width (A on the left).
    low, high
        Ends of its interval there; None where there is none.
    clear
        Whether the interval leaves out 0.
    total
        Whether it is the sum.
    """

    label: str
    value: str
    interval: str
    side: str
    start: float
    width: float
    low: float | None
    high: float | None
    clear: bool
    total: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The steps of one judge.

    Parameters
    ----------
    zero
        Where even odds lie, in percent of the width.
    steps
        The largest first, their sum last.
    chance, interval
        The chance of A that they come to, in words.
    rows
        The same unrounded: label, value, low, high.
    """

    zero: float
    steps: tuple[Step, ...]
    chance: str
    interval: str
    rows: tuple[tuple[str, float, float, float], ...]


def chance_of(profile: Profile, features: FloatArray, *, mass: float) -> Estimate:
    """Return a profile's P(A preferred) of one comparison, with an interval from the covariance of the weights.

    Parameters
    ----------
    profile
        Of the judge.
    features
        Sign features, shape (factors,), NaN where there is none.
    mass
        Of the interval.
    """
    parts = attribute(features[None, :], profile, interval=mass)
    odds, spread = float(parts.log_odds[0]), float(parts.spread[0])
    low, value, high = sigmoid(np.array([odds - spread, odds, odds + spread]))
    return Estimate(float(value), float(low), float(high))


def view_waterfall(profile: Profile, features: FloatArray, *, names: Names, mass: float) -> Waterfall:
    """Return the waterfall of one judge on one comparison, the largest steps first.

    Parameters
    ----------
    profile
        Of the judge.
    features
        Sign features, shape (factors,), NaN where there is none.
    names
        Names of the factors.
    mass
        Of the intervals.
    """
    parts = attribute(features[None, :], profile, interval=mass)
    found = attributions_of(parts, 0)
    odds, spread = float(parts.log_odds[0]), float(parts.spread[0])
    shown, rest = found[:_MOST_STEPS], found[_MOST_STEPS:]
    steps = [(_label(one, names), one.value) for one in shown]
    if rest:
        steps.append((f"{len(rest)} smaller ones", _together(profile, features, rest, mass=mass)))
    total = Estimate(odds, odds - spread, odds + spread)
    reached = np.cumsum([0.0, *(value.value for _, value in steps)])
    ends = _ends(steps, reached, total)
    axis = axis_between(ends, low=-_WIDEST, high=_WIDEST, centre=0.0)
    chance = chance_of(profile, features, mass=mass)
    bars = [
        _step(label, value, axis, start=float(start)) for (label, value), start in zip(steps, reached, strict=False)
    ]
    sum_step = _step("together", total, axis, start=0.0, total=True)
    return Waterfall(
        round(100 - (axis.place(0.0) or 0.0), 2),
        (*bars, sum_step),
        percent(chance.value),
        percent_interval(chance),
        tuple((label, value.value, value.low, value.high) for label, value in (*steps, ("together", total))),
    )


def _together(profile: Profile, features: FloatArray, rest: Sequence[Attribution], *, mass: float) -> Estimate:
    """Return what some factors add together."""
    names = {factor for one in rest for factor in one.factors}
    only = np.array(
        [value if effect.factor in names else 0.0 for effect, value in zip(profile.effects, features, strict=True)]
    )
    parts = attribute(only[None, :], profile, interval=mass)
    odds, spread = float(parts.log_odds[0]), float(parts.spread[0])
    return Estimate(odds, odds - spread, odds + spread)


def _label(one: Attribution, names: Names) -> str:
    return listed([names.label(factor) for factor in one.factors])


def _ends(steps: Sequence[tuple[str, Estimate]], reached: FloatArray, total: Estimate) -> list[float]:
    ends = [*map(float, reached), total.low, total.high]
    for (_, value), start in zip(steps, reached, strict=False):
        ends += [float(start) + value.low, float(start) + value.high]
    return ends


def _step(label: str, value: Estimate, axis: Axis, *, start: float, total: bool = False) -> Step:
    # A stands on the left of the page, so what speaks for A goes to the left, as in the report.
    ends = sorted(100 - (axis.place(end) or 0.0) for end in (start, start + value.value))
    known = isfinite(value.low) and isfinite(value.high)
    side = "A" if value.value > 0 else "B" if value.value < 0 else ""
    towards = value if value.value > 0 else Estimate(-value.value, -value.high, -value.low)
    return Step(
        label=label,
        value=decimal(abs(value.value)),
        interval=interval(towards),
        side=side,
        start=round(ends[0], 2),
        width=round(ends[1] - ends[0], 2),
        low=round(100 - (axis.place(start + value.high) or 0.0), 2) if known else None,
        high=round(100 - (axis.place(start + value.low) or 0.0), 2) if known else None,
        clear=value.excludes(0) or not known,
        total=total,
    )
