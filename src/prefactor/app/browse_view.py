"""Finding comparisons: by judge, verdict, disagreement, factor, slice and text; a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from prefactor._typing import BoolArray, IntArray
from prefactor.analysis.attribution import attribute
from prefactor.analysis.complete import as_floats
from prefactor.analysis.measurement import DOES_NOT_APPLY, MISSING
from prefactor.app.asked import Asked
from prefactor.app.comparisons import Chances, Comparisons
from prefactor.app.opened import Opened
from prefactor.app.tables import Table
from prefactor.report.naming import name_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.wording import percent, percent_interval
from prefactor.stats.estimate import Estimate
from prefactor.stats.special import sigmoid

__all__ = ["AGAINST", "HAS", "PAGE", "SORTS", "VERDICTS", "BrowseView", "Found", "view_browse"]

PAGE: Final = 25
MOST_IN_FILE: Final = 10_000

VERDICTS: Final = {"": "any verdict", "A": "prefers A", "B": "prefers B", "tie": "a tie", "none": "no verdict"}
AGAINST: Final = {
    "": "whatever the other says",
    "disagree": "prefer opposite answers",
    "agree": "prefer the same answer",
}
HAS: Final = {
    "": "anywhere",
    "preferred": "the preferred answer has more",
    "other": "the other answer has more",
    "A": "A has more",
    "B": "B has more",
    "equal": "equal in both",
    "unmeasured": "could not be measured",
}
SORTS: Final = {
    "": "as in the log",
    "surprise": "verdicts the profile expects least",
    "sure": "where the profile is surest",
    "parting": "where judges part most",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One comparison in the list: what it says, who prefers what, and what the profile expected."""

    comparison: str
    shown: str
    prompt: str
    models: str
    verdict: str
    other: str
    expected: str
    interval: str
    side: str
    factor: str


@dataclass(frozen=True, slots=True)
class BrowseView:
    """A page of what was found."""

    judge: str
    other: str
    total: int
    of: int
    page: int
    pages: int
    rows: tuple[Found, ...]
    note: str
    table: Table


def view_browse(opened: Opened, asked: Asked, *, whole: bool = False) -> BrowseView:
    """Return the page of comparisons that a link asks for.

    Parameters
    ----------
    opened
        The folder.
    asked
        ``judge``, ``verdict``, ``other``, ``against``, ``factor``, ``has``, ``slice`` (COLUMN=VALUE), ``text``,
        ``sort`` and ``page``.
    whole
        Whether the table is to hold everything found (for a file, at most 10,000) instead of the page.

    Raises
    ------
    UnknownNameError
        There is no such judge, factor, slice or choice.
    """
    comparisons = opened.comparisons
    judges = list(comparisons.preferences)
    judge = asked.choice("judge", judges, default=judges[0]) if judges else ""
    other = asked.choice("other", ["", *judges], default="")
    chosen, note = _chosen(opened, asked, judge=judge, other=other)
    rows = np.flatnonzero(chosen)
    pages = max(1, -(-len(rows) // PAGE))
    page = asked.number("page", default=1, most=pages)
    upto = MOST_IN_FILE if whole else page * PAGE
    ordered = _ordered(opened, rows, sort=asked.choice("sort", SORTS, default=""), judge=judge, upto=upto)
    shown = ordered[:upto] if whole else ordered[(page - 1) * PAGE : page * PAGE]
    found = _found(opened, shown, judge=judge, other=other, factor=asked.one("factor"), texts=not whole)
    return BrowseView(
        judge=name_line(judge),
        other=name_line(other) if other else "",
        total=len(rows),
        of=len(comparisons),
        page=page,
        pages=pages,
        rows=found,
        note=note,
        table=_table(comparisons, shown, judges=judges, found=found),
    )


def _chosen(opened: Opened, asked: Asked, *, judge: str, other: str) -> tuple[BoolArray, str]:
    comparisons, note = opened.comparisons, ""
    mine = comparisons.preferences[judge] if judge else np.full(len(comparisons), np.nan, dtype=np.float32)
    chosen = _by_verdict(mine, asked.choice("verdict", VERDICTS, default=""))
    against = asked.choice("against", AGAINST, default="")
    if other and against:
        product = (mine - 0.5) * (comparisons.preferences[other] - 0.5)
        chosen &= product < 0 if against == "disagree" else product > 0
    elif against:
        note = "Name the other judge to compare with."
    names = [factor.name for factor in comparisons.factors]
    if factor := asked.choice("factor", ["", *names], default=""):
        chosen &= _by_factor(comparisons, mine, factor, has=asked.choice("has", HAS, default=""))
    slices = [f"{name}={value}" for name, values in comparisons.slicing.items() for value in values]
    if wanted := asked.choice("slice", ["", *slices], default=""):
        chosen &= _by_slice(comparisons, wanted)
    words = asked.one("text").strip()
    if words and not opened.texts.kept:
        note = "The texts were not kept, so they cannot be searched: run explain with --keep-texts."
    elif words:
        chosen &= _by_text(opened, words)
    return chosen, note


def _by_verdict(mine: Chances, verdict: str) -> BoolArray:
    ways = {"A": mine > 0.5, "B": mine < 0.5, "tie": mine == 0.5, "none": np.isnan(mine)}
    return np.asarray(ways.get(verdict, np.ones(len(mine), dtype=np.bool_)))


def _by_factor(comparisons: Comparisons, mine: Chances, factor: str, *, has: str) -> BoolArray:
    names = [one.name for one in comparisons.factors]
    sign = comparisons.signs[:, names.index(factor)]
    if has in {"preferred", "other"}:
        strict = np.sign(np.nan_to_num(mine - 0.5)).astype(np.int8)
        return np.asarray((sign != 0) & (strict != 0) & (sign == (strict if has == "preferred" else -strict)))
    ways = {"A": sign == 1, "B": sign == -1, "equal": sign == 0, "unmeasured": sign == MISSING}
    return np.asarray(ways.get(has, sign != DOES_NOT_APPLY))


def _by_slice(comparisons: Comparisons, wanted: str) -> BoolArray:
    # The name of a column may hold an equals sign, too.
    column = next(name for name, values in comparisons.slicing.items() if wanted in {f"{name}={one}" for one in values})
    value = wanted.removeprefix(f"{column}=")
    return (comparisons.table[column] == value).fill_null(value=False).to_numpy()


def _by_text(opened: Opened, words: str) -> BoolArray:
    held = opened.texts.holding(words).implode()
    columns = ("prompt_id", "response_a", "response_b")
    return opened.comparisons.table.select(
        pl.any_horizontal(*(pl.col(column).is_in(held) for column in columns)).alias("held")
    )["held"].to_numpy()


def _ordered(opened: Opened, rows: IntArray, *, sort: str, judge: str, upto: int) -> IntArray:
    """Put the first ``upto`` of the rows in order, equal ones as in the log."""
    if not sort or not judge:
        return rows[:upto]
    comparisons = opened.comparisons
    if sort == "parting":
        seen = np.stack([preference[rows] for preference in comparisons.preferences.values()])
        most, least = (np.nan_to_num(each, nan=0.5) for each in (np.fmax.reduce(seen), np.fmin.reduce(seen)))
        key = least - most
    else:
        odds = opened.odds(judge)[rows]
        mine = comparisons.preferences[judge][rows]
        key = odds * np.sign(np.nan_to_num(mine - 0.5)) if sort == "surprise" else -np.abs(odds)
    if upto < len(rows):
        # Sorting a million to show the first page would take most of the time there is.
        worst = np.partition(key, upto - 1)[upto - 1]
        near = np.flatnonzero(key <= worst)
        rows, key = rows[near], key[near]
    return np.asarray(rows[np.argsort(key, kind="stable")][:upto])


def _found(opened: Opened, rows: IntArray, *, judge: str, other: str, factor: str, texts: bool) -> tuple[Found, ...]:
    comparisons = opened.comparisons
    table = comparisons.table[rows]
    prompts = opened.texts.of(table["prompt_id"].to_list()) if texts else {}
    chances = _chances(opened, rows, judge)
    names = [one.name for one in comparisons.factors]
    signs = comparisons.signs[rows, names.index(factor)] if factor in names else None
    return tuple(
        Found(
            comparison=row["comparison_id"],
            shown=name_line(row["comparison_id"]),
            prompt=_beginning(prompts.get(row["prompt_id"], "")),
            models=" · ".join(name_line(row[side]) for side in ("model_a", "model_b") if row.get(side)),
            verdict=_verdict(comparisons.preferences.get(judge), rows[place]),
            other=_verdict(comparisons.preferences.get(other), rows[place]) if other else "",
            expected=percent(chances[place].value),
            interval=percent_interval(chances[place]),
            side="A" if chances[place].value > 0.5 else "B",
            factor="" if signs is None else _side(int(signs[place])),
        )
        for place, row in enumerate(table.iter_rows(named=True))
    )


def _chances(opened: Opened, rows: IntArray, judge: str) -> Sequence[Estimate]:
    """Return the profile's P(A preferred) of some comparisons."""
    profile = opened.results.profile(judge)
    if profile is None or not len(rows):
        return [Estimate(float("nan"))] * len(rows)
    parts = attribute(as_floats(opened.comparisons.signs[rows]), profile, interval=opened.results.settings.interval)
    ends = (parts.log_odds, parts.log_odds - parts.spread, parts.log_odds + parts.spread)
    return [Estimate(*map(float, one)) for one in zip(*(sigmoid(end) for end in ends), strict=True)]


def _beginning(text: str) -> str:
    """Return how a prompt begins, on one line."""
    words = " ".join(text[:1_000].split())
    return make_readable_line(f"{words[:160]}…" if len(words) > 160 else words, 200)


def _verdict(preference: Chances | None, row: int) -> str:
    value = np.nan if preference is None else float(preference[row])
    if np.isnan(value):
        return "–"
    if value == 0.5:
        return "tie"
    side, chance = ("A", value) if value > 0.5 else ("B", 1 - value)
    return side if chance == 1 else f"{side} {percent(chance)}"


def _side(sign: int) -> str:
    return {1: "A", -1: "B", 0: "equal", MISSING: "not measured"}.get(sign, "does not apply")


def _table(comparisons: Comparisons, rows: IntArray, *, judges: Sequence[str], found: Sequence[Found]) -> Table:
    ids = comparisons.table[rows].select("comparison_id", "prompt_id", "response_a", "response_b").rows()
    preferences = (
        np.stack([comparisons.preferences[judge][rows] for judge in judges]) if judges else np.empty((0, len(rows)))
    )
    return Table(
        ("comparison_id", "prompt_id", "response_a", "response_b", *(f"P(A) {judge}" for judge in judges), "expected"),
        tuple(
            (*row, *(float(value) for value in preferences[:, place]), found[place].expected)
            for place, row in enumerate(ids)
        ),
    )
