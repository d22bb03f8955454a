"""The ceiling of accuracy on a page: its row, its line on the axis, and judges against single annotators."""

import math
from collections.abc import Sequence

from prefactor.analysis.ceiling import ceiling_words, repeated_words
from prefactor.analysis.evidence import AgainstAnnotators, Ceiling
from prefactor.report.naming import name_line
from prefactor.report.views import AgainstRow, AgainstTable
from prefactor.report.wording import NOTHING, percent, percent_interval
from prefactor.stats.estimate import Estimate

__all__ = ["say_ceiling", "say_way", "summarise_against"]


def say_ceiling(ceiling: Ceiling) -> str:
    """Say in sentences how far between coin and ceiling a profile is, and what the ceiling comes from."""
    words = ceiling_words(ceiling)
    said = f"{words[0].upper()}{words[1:]}."
    comes_from = repeated_words(ceiling)
    return f"{said} {comes_from[0].upper()}{comes_from[1:]}." if comes_from else said


def say_way(ceiling: Ceiling) -> str:
    """Write the share of the way to the ceiling; say that it is not known where it is not."""
    if not math.isfinite(ceiling.way.low):
        return "ceiling not known"
    return "all the way" if ceiling.way.low > 1 else _figures(ceiling.way)


def summarise_against(found: Sequence[AgainstAnnotators]) -> tuple[AgainstTable, ...]:
    """Return one table per judge with several annotators: how well the other judges predict one of them at a time."""
    people = dict.fromkeys(one.annotators_of for one in found)
    return tuple(
        AgainstTable(name_line(name), tuple(_row(one) for one in found if one.annotators_of == name)) for name in people
    )


def _row(one: AgainstAnnotators) -> AgainstRow:
    return AgainstRow(
        judge=name_line(one.judge),
        verdicts=f"{one.verdicts:,}",
        right=_figures(one.agreement),
        another=_figures(one.one_another),
        ceiling=_figures(one.ceiling),
        way=_figures(one.way) if math.isfinite(one.way.low) else "cannot be told",
        better=_compared(one.gap),
    )


def _compared(gap: Estimate) -> str:
    if not math.isfinite(gap.low):
        return NOTHING
    if gap.excludes(0.0):
        return "better than another annotator" if gap.value > 0 else "worse than another annotator"
    return "neither better nor worse than another annotator is shown"


def _figures(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} {percent_interval(estimate)}".strip()
