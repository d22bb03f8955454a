"""The page of a generation-evaluation gap: what it shows, as plain data, and the page itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import isnan
from typing import Final

from prefactor.analysis.alignment import WHEN_GENERATING, FactorGap, Gap, GapTable, Place
from prefactor.report.html import render_page
from prefactor.report.naming import name_line
from prefactor.report.slope import SlopeChart, slope_chart
from prefactor.report.wording import counted, decimal, interval, listed, percent, percent_interval
from prefactor.stats.estimate import Estimate

__all__ = ["render_gap"]

_COLUMNS: Final = ("People", "When it judges", "When it writes")


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it is written, with its interval."""

    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class _Profile:
    """One judge: who, on what, and how alike people."""

    role: str
    judge: str
    counts: str
    numbers: tuple[_Number, ...]
    agreement: _Number
    reason: str


@dataclass(frozen=True, slots=True)
class _Row:
    """One factor: tau14 and rank with each judge, and what it adds to the gap."""

    label: str
    factor: str
    places: tuple[tuple[_Number, str], ...]
    difference: _Number
    contribution: _Number
    named: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class _Part:
    """One table of the page."""

    anchor: str
    title: str
    sentences: tuple[str, ...]
    profiles: tuple[_Profile, ...]
    chart: SlopeChart | None
    rows: tuple[_Row, ...]
    columns: tuple[str, ...]
    gaps: tuple[tuple[str, _Number], ...]
    notes: tuple[str, ...]


def render_gap(gap: Gap) -> str:
    """Return the page of a gap: self-contained, without scripts.

    Parameters
    ----------
    gap
        What was found.
    """
    parts = tuple(_part(number, table) for number, table in enumerate(gap.tables))
    values: dict[str, object] = {
        "version": version("prefactor"),
        "title": _title(gap),
        "mass": percent(gap.settings.interval),
        "parts": parts,
        "settings": gap.settings,
        "sources": gap.sources,
        "sections": [(part.anchor, part.title) for part in parts] + [("methods", "Methods")],
    }
    return render_page("gap.html.j2", values)


def _title(gap: Gap) -> str:
    if not gap.generates:
        return f"{name_line(gap.human)} and {name_line(gap.evaluates)}"
    model = gap.generates.removesuffix(WHEN_GENERATING) or gap.evaluates
    return f"What {name_line(model)} rates and what it writes"


def _part(number: int, table: GapTable) -> _Part:
    title = table.task or ("All comparisons" if table.slice == "all" else table.slice)
    if table.task and table.slice != "all":
        title = f"{table.task}, {table.slice}"
    notes = [] if table.paired else ["People and the model judge too few comparisons together: each on its own."]
    if table.left_out:
        notes.append(f"Left out, as they differ in fewer than two prompts for a judge: {listed(table.left_out)}.")
    if table.reason:
        notes = [f"Nothing can be said: {table.reason}."]
    return _Part(
        anchor=f"table-{number}",
        title=title,
        sentences=tuple(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in table.sentences),
        profiles=tuple(_profile(name, table, place) for place, name in enumerate(_COLUMNS[: len(table.profiles)])),
        chart=slope_chart(table.factors, _COLUMNS[: len(table.profiles)]) if table.factors else None,
        rows=tuple(map(_row, table.factors)),
        columns=_COLUMNS[: len(table.profiles)],
        gaps=_gaps(table),
        notes=tuple(notes),
    )


def _gaps(table: GapTable) -> tuple[tuple[str, _Number], ...]:
    gap = table.gap
    named = (
        ("gap, noise taken out", gap.gap),
        ("gap of Pearson, as observed", gap.observed_pearson),
        ("gap of Spearman, as observed", gap.observed_spearman),
        ("gap of tau_b, as observed", gap.observed_tau_b),
    )
    return tuple((name, _number(each)) for name, each in named) if not gap.reason else ()


def _profile(role: str, table: GapTable, place: int) -> _Profile:
    profile = table.profiles[place]
    aligned = profile.alignment
    numbers = () if aligned is None else (aligned.kendall_tau_b, aligned.spearman, aligned.pearson, aligned.corrected)
    agreement = _Number("", "")
    if aligned is not None and not isnan(profile.agreement.value):
        agreement = _Number(percent(profile.agreement.value), percent_interval(profile.agreement))
    return _Profile(
        role=role,
        judge=name_line(profile.judge),
        counts=f"{counted(profile.strict, 'strict preference')}, {counted(profile.prompts, 'prompt')}",
        numbers=tuple(map(_number, numbers)) or (_Number("", ""),) * 4,
        agreement=agreement,
        reason=profile.reason if aligned is not None else "",
    )


def _number(estimate: Estimate) -> _Number:
    return _Number(decimal(estimate.value), interval(estimate))


def _row(each: FactorGap) -> _Row:
    places: Sequence[Place] = [place for place in (each.human, each.evaluates, each.generates) if place]
    return _Row(
        label=each.label,
        factor=each.factor,
        places=tuple((_number(place.tau14), _rank(place)) for place in places),
        difference=_number(each.difference),
        contribution=_number(each.contribution),
        named=each.named,
        sentence=each.sentence,
    )


def _rank(place: Place) -> str:
    return f"{place.rank.value:.0f} ({place.rank.low:.0f}–{place.rank.high:.0f})"
