"""Renders the findings as Markdown, for a pull request or an issue. Shows no prompt and no response."""

from collections.abc import Iterator, Sequence
from typing import Final

from prefactor.analysis.results import Explanation
from prefactor.report.joint_views import ShareGroup, ShareRow
from prefactor.report.markdown_text import escape_line as _escaped
from prefactor.report.summarise import summarise
from prefactor.report.views import FactorRow, FactorTable, Mark, ReportView

__all__ = ["render_markdown"]

# Marks anywhere; what begins a list or a rule at the start; what GitHub makes a link of without any mark.
_STRONGEST: Final = 12


def render_markdown(explanation: Explanation) -> str:
    """Return the findings as Markdown: sentences, judges, the strongest factors, agreement and checks.

    Parameters
    ----------
    explanation
        What was found.

    Returns
    -------
    str
        Text of any origin in it is escaped: names can form no link, no markup and no HTML.
    """
    view = summarise(explanation)
    return "\n".join(_lines(view)) + "\n"


def _lines(view: ReportView) -> Iterator[str]:
    yield f"# {_escaped(view.title)}"
    yield ""
    yield _escaped(view.lead)
    yield from _findings(view)
    yield from _judges(view)
    for table in view.factors:
        yield from _factors(table, several=len(view.factors) > 1)
    yield from _corrected(view)
    yield from _shares(view)
    yield from _poolings(view)
    yield from _checks(view)
    yield ""
    yield f"Intervals hold {_escaped(view.mass)}. Made with prefactor {_escaped(view.version)}."


def _findings(view: ReportView) -> Iterator[str]:
    yield ""
    yield "## Findings"
    for found in view.findings:
        yield ""
        yield f"**{_escaped(found.judge)}**"
        yield ""
        for headline in found.headlines:
            yield f"- {_escaped(headline.sentence)}"
        if found.nothing:
            yield _escaped(found.nothing)
        if found.dressed:
            yield ""
            yield _escaped(found.dressed)


def _judges(view: ReportView) -> Iterator[str]:
    yield ""
    yield "## Judges"
    yield ""
    columns = (
        *("judge", "kind", "read", "used", "tied", "unreadable", "missing"),
        *("accuracy", "majority", "length", "from coin to ceiling"),
    )
    rows = [
        (
            *(judge.judge, judge.kind, judge.read, judge.used, judge.tied, judge.unreadable, judge.missing),
            *(_mark(judge.accuracy), judge.majority, judge.length, judge.way),
        )
        for judge in view.judges
    ]
    yield from _table(columns, rows)
    for table in view.against:
        yield ""
        yield f"Predicting one annotator of {_escaped(table.people)} at a time, on the same comparisons:"
        yield ""
        head = ("judge", "verdicts", "right", "another annotator", "ceiling", "of the way from a coin")
        yield from _table(
            head, [(row.judge, row.verdicts, row.right, row.another, row.ceiling, row.way) for row in table.rows]
        )


def _factors(table: FactorTable, *, several: bool) -> Iterator[str]:
    rows = [row for group in table.groups for row in group.rows]
    rows.sort(key=lambda row: -abs((row.influence.at if row.influence.at is not None else 50.0) - 50.0))
    yield ""
    yield f"## Factors{f' of {_escaped(table.judge)}' if several else ''}"
    yield ""
    cells = [
        (_named(row), _mark(row.influence), _mark(row.alone), _mark(row.together), row.verdict)
        for row in rows[:_STRONGEST]
    ]
    yield from _table(("factor", "tau14", "P(preferred) alone", "together", "verdict"), cells)
    if len(rows) > _STRONGEST:
        yield ""
        yield f"The {_STRONGEST} strongest of {len(rows)}; all are in `results.json`."
    for note in table.notes:
        yield ""
        yield _escaped(note)


def _named(row: FactorRow) -> str:
    return f"{row.factor.label} ({row.applies})" if row.applies else row.factor.label


def _corrected(view: ReportView) -> Iterator[str]:
    columns = ("factor", "reliability", "tau14 as measured", "corrected", "together, as measured", "corrected")
    for table in view.corrected:
        yield ""
        yield f"## Errors of measurement{f', {_escaped(table.judge)}' if len(view.corrected) > 1 else ''}"
        yield ""
        yield _escaped(" ".join([table.lead, *(f"Mind: {note}." for note in table.notes)]))
        yield ""
        cells = [
            (row.label, row.reliability, row.tau14, row.reason or row.corrected_tau14, row.chance, row.corrected_chance)
            for row in table.rows
        ]
        yield from _table(columns, cells)


def _shares(view: ReportView) -> Iterator[str]:
    if view.shares is None:
        return
    yield ""
    yield "## What the factors explain"
    for one in view.shares.judges:
        yield ""
        if len(view.shares.judges) > 1:
            yield f"**{_escaped(one.judge)}**"
            yield ""
        if one.nothing:
            yield f"Nothing can be divided: {_escaped(one.nothing)}."
            continue
        yield _escaped(one.lead)
        yield ""
        cells = [(group.whole.label, _figures(group.whole), _members(group)) for group in one.groups]
        yield from _table(("group", "share", "factors with a clear share"), cells)
    for sentence in view.together.sentences:
        yield ""
        yield f"{_escaped(sentence)}."


def _members(group: ShareGroup) -> str:
    return ", ".join(f"{row.label} {_figures(row)}" for row in group.rows)


def _figures(row: ShareRow) -> str:
    return f"{row.mark.value} {row.mark.interval}{'' if row.mark.clear else ' (not clear of 0)'}"


def _poolings(view: ReportView) -> Iterator[str]:
    for pooling in view.pooled:
        yield ""
        yield f"## {_escaped(pooling.title)}, pooled"
        yield ""
        yield _escaped(f"{pooling.lead} {pooling.caution}")
        yield ""
        for forest in pooling.forests:
            yield f"- {_escaped(forest.sentence)}"


def _checks(view: ReportView) -> Iterator[str]:
    yield ""
    yield "## Checks"
    yield ""
    for group in view.checks:
        yield f"- **{_escaped(group.code)} {_escaped(group.name)}**: {_escaped(group.tally)}"
        for finding in group.findings:
            if finding.outcome in ("warn", "fail"):
                yield f"  - {_escaped(finding.where)}: {_escaped(finding.message)}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_escaped(cell) for cell in row)} |"


def _mark(mark: Mark) -> str:
    return f"{mark.value} {mark.interval}".strip()
