"""Comparisons worth reading: both answers, the verdict, and what moved it."""

from collections.abc import Sequence
from math import isfinite
from typing import Final

from prefactor.analysis.joint_results import Attribution
from prefactor.analysis.results import TellingComparison
from prefactor.report.naming import Names, name_line
from prefactor.report.safe_text import make_readable, make_readable_line
from prefactor.report.views import Answer, Bar, Telling
from prefactor.report.wording import decimal, interval, listed, percent
from prefactor.stats.estimate import Estimate

__all__ = ["summarise_telling"]

_MOST_BARS: Final = 8
_WHY: Final = 400


def summarise_telling(telling: Sequence[TellingComparison], names: Names) -> tuple[Telling, ...]:
    """Return the comparisons in their order, each with the factors that speak most for either side."""
    return tuple(_comparison(one, names) for one in telling)


def _comparison(one: TellingComparison, names: Names) -> Telling:
    first = Answer("A", _model(one.model_a), make_readable(one.response_a), preferred=one.preference > 0.5)
    second = Answer("B", _model(one.model_b), make_readable(one.response_b), preferred=one.preference < 0.5)
    return Telling(
        judge=name_line(one.judge),
        why=make_readable_line(one.why, _WHY),
        comparison=name_line(one.comparison),
        prompt=make_readable(one.prompt),
        answers=(first, second),
        verdict=_verdict(one.preference),
        predicted=percent(one.predicted),
        bars=_bars(one, names),
    )


def _model(name: str | None) -> str:
    return name_line(name) if name else ""


def _verdict(preference: float) -> str:
    """Say which answer is preferred, and how strongly where that is not all or nothing."""
    if preference == 0.5:
        return "a tie"
    side, chance = ("A", preference) if preference > 0.5 else ("B", 1 - preference)
    return f"prefers {side}" if chance == 1 else f"prefers {side} with {percent(chance)}"


def _bars(one: TellingComparison, names: Names) -> tuple[Bar, ...]:
    """Return the largest parts; without intervals where the comparison has none."""
    parts = one.attributions or tuple(
        Attribution((factor,), Estimate(value)) for factor, value in one.contributions if value
    )
    shown = parts[:_MOST_BARS]
    ends = [abs(end) for part in shown for end in (part.value.value, part.value.low, part.value.high) if isfinite(end)]
    return tuple(_bar(part, max(ends), names) for part in shown)


def _bar(part: Attribution, largest: float, names: Names) -> Bar:
    value = part.value
    # The axis runs from A on the left to B on the right.
    places = [round(50 - 50 * end / largest, 1) if isfinite(end) else None for end in (value.high, value.low)]
    return Bar(
        label=listed([names.label(factor) for factor in part.factors]),
        side="A" if value.value > 0 else "B",
        width=round(100 * abs(value.value) / largest, 1),
        value=decimal(abs(value.value)),
        low=places[0],
        high=places[1],
        interval=_interval(value),
        clear=value.excludes(0) or places[0] is None,
    )


def _interval(value: Estimate) -> str:
    """Write the interval for the side the part speaks for."""
    return interval(value if value.value > 0 else Estimate(-value.value, -value.high, -value.low))
