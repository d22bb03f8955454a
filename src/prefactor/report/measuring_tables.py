"""How well factors are measured, as tables for a terminal and Markdown. Knows no answer's text."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prefactor.analysis.measuring_results import RELIABLE, UNUSABLE, MeasuringQuality
from prefactor.config import FALSE_DISCOVERY_RATE
from prefactor.report.markdown_text import escape_line
from prefactor.report.wording import decimal, interval, percent, percent_interval
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.special import normal_quantile, student_two_sided

__all__ = ["QualityTable", "quality_markdown", "quality_tables"]

_STRONGEST_HALO = 8


@dataclass(frozen=True, slots=True)
class QualityTable:
    """One table.

    Parameters
    ----------
    title
        What it shows.
    columns
        Their names; those that end in a space hold numbers.
    rows
        Cells in words.
    notes
        Sentences below it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def quality_tables(quality: MeasuringQuality) -> tuple[QualityTable, ...]:
    """Return the tables that have rows, the most important first."""
    tables = (_factors(quality), _halo(quality), _agreements(quality), _planted(quality), _orders(quality))
    return tuple(table for table in tables if table.rows)


def quality_markdown(quality: MeasuringQuality, tables: Sequence[QualityTable]) -> str:
    """Return the tables as Markdown; names in it are escaped."""
    lines = [
        f"# How well {escape_line(quality.model)} measures",
        "",
        f"{_sample(quality)}. Intervals hold {percent(quality.interval)}.",
    ]
    for table in tables:
        lines += ["", f"## {escape_line(table.title)}", "", f"| {' | '.join(table.columns)} |"]
        lines += ["|" + "---|" * len(table.columns)]
        lines += [f"| {' | '.join(map(escape_line, row))} |" for row in table.rows]
        lines += [line for note in table.notes for line in ("", f"{escape_line(note)}.")]
    return "\n".join(lines) + "\n"


def _sample(quality: MeasuringQuality) -> str:
    comparisons = f"{quality.comparisons:,} comparisons on {quality.prompts:,} prompts"
    return f"{quality.answers:,} answers of {comparisons}, {quality.repeats} times"


def _factors(quality: MeasuringQuality) -> QualityTable:
    rows = tuple(
        (
            one.factor,
            _number(one.reliability),
            _share(one.flips),
            _share(one.tie_changes),
            _share(one.exact),
            _number(one.concordance),
            ", ".join(f"{number:,} {problem}" for problem, number in one.unmeasured) or "none",
            one.sentence,
        )
        for one in quality.factors
    )
    people = [one for one in quality.factors if one.by_people_reliability and one.by_people_slope]
    notes = [
        f"reliability: of the signs that profiles use; reliable from {RELIABLE:g}, unusable below {UNUSABLE:g}",
        "turned, tied once: of comparisons whose answers differ; same score, beyond chance: of single answers (ICC)",
    ]
    notes += [
        f"{one.factor} against people: reliability {_number(one.by_people_reliability)}, effects are measured at "
        f"{_number(one.by_people_slope)} of their size"
        for one in people
        if one.by_people_reliability and one.by_people_slope
    ]
    columns = (
        "factor",
        "reliability ",
        "turned ",
        "tied once ",
        "same score ",
        "beyond chance ",
        "unmeasured",
        "verdict",
    )
    return QualityTable("measured again", columns, rows, tuple(notes))


def _halo(quality: MeasuringQuality) -> QualityTable:
    names, halo = quality.halo.factors, quality.halo
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names)) if halo.error[i][j] > 0]
    clear = [abs(halo.correlation[i][j]) / halo.error[i][j] for i, j in pairs]
    q_values = benjamini_hochberg(student_two_sided(np.array(clear), np.full(len(pairs), 1e9)))
    found = sorted(zip(q_values.tolist(), pairs, strict=True))
    reach = normal_quantile(0.5 + quality.interval / 2)
    rows = []
    for q_value, (i, j) in found[:_STRONGEST_HALO]:
        value, half = halo.correlation[i][j], reach * halo.error[i][j]
        ends = Estimate(value, max(value - half, -1.0), min(value + half, 1.0))
        if q_value <= FALSE_DISCOVERY_RATE:
            rows.append((names[i], names[j], _number(ends), decimal(q_value, 3)))
    note = "correlations of what changes between measurements: what is true of the answers cancels; q over all pairs"
    return QualityTable(
        "halo: errors that go together", ("factor", "factor", "correlation ", "q "), tuple(rows), (note,)
    )


def _agreements(quality: MeasuringQuality) -> QualityTable:
    rows = tuple(
        (one.other, one.factor, f"{one.answers:,}", _share(one.exact), _number(one.concordance), _number(one.bias))
        for one in quality.agreements
    )
    columns = ("with", "factor", "answers ", "same score ", "beyond chance ", "bias ")
    return QualityTable(
        "agreement",
        columns,
        rows,
        ("bias: mean score minus theirs, in units of the scale; confusions are in the JSON",),
    )


def _planted(quality: MeasuringQuality) -> QualityTable:
    shown = [one for one in quality.planted if one.expected in ("more", "less") or one.found == "spilt over"]
    rows = tuple(
        (
            one.change,
            one.factor,
            one.expected if one.expected != "none" else "should keep still",
            f"{one.answers:,}",
            _number(one.shift),
            _number(one.towards),
            decimal(one.q_value, 3),
            one.found,
        )
        for one in shown
    )
    still = sum(one.found == "kept still" for one in quality.planted)
    should = sum(one.expected == "none" for one in quality.planted)
    notes = (
        f"{still:,} of {should:,} factors that a change should not move kept still",
        "towards: share of answers with more of the factor minus share with less, once changed; shift in scale units",
        "q over all changes and factors (Benjamini-Hochberg)",
    )
    columns = ("planted change", "factor", "expected", "answers ", "shift ", "towards ", "q ", "found")
    return QualityTable("planted changes", columns, rows, notes)


def _orders(quality: MeasuringQuality) -> QualityTable:
    rows = tuple(
        (one.factor, f"{one.answers:,}", _number(one.shift), _share(one.turned), decimal(one.q_value, 3))
        for one in quality.orders
    )
    note = "shift: score when shown first minus when shown second; turned: the two orders say the opposite"
    return QualityTable("order", ("factor", "answers ", "shift ", "turned ", "q "), rows, (note,))


def _number(estimate: Estimate | None) -> str:
    return "" if estimate is None else f"{decimal(estimate.value)} {interval(estimate)}".strip()


def _share(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} {percent_interval(estimate)}".strip()
