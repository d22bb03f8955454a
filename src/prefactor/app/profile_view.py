"""Profiles of several judges laid over one another: every factor a row, every judge a mark, on one axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Final, Literal

from prefactor.analysis.results import Effect, Profile
from prefactor.app.asked import Asked
from prefactor.app.results import Results
from prefactor.app.tables import Table
from prefactor.config import WHOLE
from prefactor.report.forest import band, number_mark, percent_mark, tone_of, weight_estimate
from prefactor.report.naming import name_line
from prefactor.report.scales import Axis, axis_around, axis_between
from prefactor.report.views import FactorWords, Mark
from prefactor.stats.estimate import Estimate

__all__ = ["MEASURES", "MOST_JUDGES", "SORTS", "Lane", "ProfileRow", "ProfileView", "Series", "view_profiles"]

MOST_JUDGES: Final = 6
"""Judges laid over one another: more marks than this in a row cannot be told apart."""

MEASURES: Final = {
    "tau14": "influence τ",
    "weight": "weight, all factors together",
    "probability": "chance preferred, all factors together",
    "share": "share of what is explained",
}

_SAYS: Final = {
    "tau14": "Share of decided comparisons won by the answer with more of the factor, less the share lost. Other "
    "factors are not held equal; in the grey band a difference is taken not to matter.",
    "weight": "Log-odds of the answer with more of the factor while all other factors are equal.",
    "probability": "How often the answer with more of the factor is preferred while all other factors are equal.",
    "share": "What the factor adds to the others in foreseeing verdicts, averaged over the orders in which they can be "
    "added.",
}

SORTS: Final = {
    "strength": "strongest first",
    "parting": "where judges part most",
    "name": "by name",
    "taxonomy": "as measured",
}


@dataclass(frozen=True, slots=True)
class Series:
    """One judge in the chart: its number picks colour and shape; ``missing`` says why it has no marks."""

    number: int
    judge: str
    name: str
    used: str
    missing: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The mark of one judge in a row, and its height in percent."""

    number: int
    mark: Mark
    y: float


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One factor: a lane for every judge."""

    factor: FactorWords
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class ProfileView:
    """Everything the page of profiles shows; ``cut`` judges did not fit."""

    measure: str
    title: str
    says: str
    kind: Literal["number", "percent"]
    axis: Axis
    band: tuple[float, float] | None
    series: tuple[Series, ...]
    groups: tuple[tuple[str, tuple[ProfileRow, ...]], ...]
    found: int
    cut: int
    table: Table


def view_profiles(results: Results, asked: Asked) -> ProfileView:
    """Return the profiles that a link asks for.

    Parameters
    ----------
    results
        What was explained.
    asked
        ``judge`` (several), ``slice``, ``measure``, ``sort``, ``group`` (``"no"`` for one list) and ``find``.

    Raises
    ------
    UnknownNameError
        There is no such judge, slice, measure or order.
    """
    chosen = asked.choices("judge", results.judges, default=results.judges[:MOST_JUDGES])
    on = asked.choice("slice", results.slices, default=WHOLE)
    measure = asked.choice("measure", MEASURES, default="tau14")
    sort = asked.choice("sort", SORTS, default="strength")
    judges = chosen[:MOST_JUDGES]
    profiles = [results.profile(judge, on=on) for judge in judges]
    values = {
        factor.name: [_estimate(profile, factor.name, measure) for profile in profiles] for factor in results.factors
    }
    axis = _axis(measure, [one for each in values.values() for one in each])
    rows = [_row(name, each, results, measure=measure, axis=axis) for name, each in values.items()]
    words = asked.one("find").strip().casefold()
    rows = [row for row in rows if words in f"{row.factor.label} {row.factor.name} {row.factor.group}".casefold()]
    rows.sort(key=_order(sort, values, centre=axis.centre))
    return ProfileView(
        measure=measure,
        title=MEASURES[measure],
        says=_SAYS[measure],
        kind="percent" if measure in {"probability", "share"} else "number",
        axis=axis,
        band=band(axis, results.settings.smallest_effect) if measure == "tau14" else None,
        series=tuple(_series(place, *pair) for place, pair in enumerate(zip(judges, profiles, strict=True))),
        groups=_grouped(rows, apart=asked.one("group") != "no"),
        found=len(rows),
        cut=len(chosen) - len(judges),
        table=_table(results, judges=judges, on=on, measure=measure, values=values),
    )


def _estimate(profile: Profile | None, factor: str, measure: str) -> Estimate:
    if profile is None:
        return Estimate(float("nan"))
    effect = profile.effect(factor)
    read: dict[str, Callable[[Effect], Estimate]] = {
        "tau14": lambda one: one.tau14,
        "weight": lambda one: weight_estimate(one.weight),
        "probability": lambda one: one.probability,
        "share": lambda one: profile.apportionment.of(one.factor),
    }
    return read[measure](effect)


def _axis(measure: str, values: Sequence[Estimate]) -> Axis:
    ends = [end for one in values for end in (one.value, one.low, one.high)]
    if measure == "share":
        return axis_between(ends, low=0.0, high=1.0, centre=0.0)
    centre, widest = {"tau14": (0.0, 1.0), "weight": (0.0, inf), "probability": (0.5, 0.5)}[measure]
    if widest == inf:
        widest = max([1.0, *(abs(end) for end in ends if isfinite(end))])
    return axis_around(ends, centre=centre, widest=widest)


def _row(name: str, values: Sequence[Estimate], results: Results, *, measure: str, axis: Axis) -> ProfileRow:
    make = percent_mark if measure in {"probability", "share"} else number_mark
    step = 100 / (len(values) + 1)
    lanes = tuple(
        Lane(place + 1, make(one, axis, tone=tone_of(one, axis.centre)), round(step * (place + 1), 2))
        for place, one in enumerate(values)
    )
    return ProfileRow(results.names.words(name), lanes)


def _order(sort: str, values: dict[str, list[Estimate]], *, centre: float) -> Callable[[ProfileRow], tuple[float, str]]:
    taxonomy = {name: float(place) for place, name in enumerate(values)}

    def key(row: ProfileRow) -> tuple[float, str]:
        known = [one.value for one in values[row.factor.name] if isfinite(one.value)]
        if sort == "name" or not known:
            return (0.0 if sort == "name" else inf, row.factor.label.casefold())
        if sort == "taxonomy":
            return (taxonomy[row.factor.name], "")
        if sort == "parting":
            return (min(known) - max(known), row.factor.label)
        return (-max(abs(value - centre) for value in known), row.factor.label)

    return key


def _grouped(rows: Sequence[ProfileRow], *, apart: bool) -> tuple[tuple[str, tuple[ProfileRow, ...]], ...]:
    if not apart:
        return (("", tuple(rows)),) if rows else ()
    groups: dict[str, list[ProfileRow]] = {}
    for row in rows:
        groups.setdefault(row.factor.group, []).append(row)
    return tuple((name, tuple(members)) for name, members in groups.items())


def _series(place: int, judge: str, profile: Profile | None) -> Series:
    missing = "" if profile is not None else "not fitted on this slice"
    if profile is not None and not profile.account.used:
        missing = "no verdict here can be used"
    return Series(place + 1, judge, name_line(judge), f"{profile.account.used:,}" if profile else "0", missing)


def _table(
    results: Results, *, judges: Sequence[str], on: str, measure: str, values: dict[str, list[Estimate]]
) -> Table:
    groups = {factor.name: factor.group for factor in results.factors}
    rows = [
        (judge, on, factor, groups[factor], measure, one.value, one.low, one.high)
        for factor, each in values.items()
        for judge, one in zip(judges, each, strict=True)
    ]
    return Table(("judge", "slice", "factor", "group", "measure", "value", "low", "high"), tuple(rows))
