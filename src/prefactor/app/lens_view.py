"""One comparison under the lens: both answers, every factor, what moved each judge, and what if a factor were other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.attribution import attribute
from prefactor.analysis.complete import as_floats
from prefactor.analysis.measurement import DOES_NOT_APPLY, MISSING
from prefactor.analysis.results import Profile
from prefactor.app.asked import Asked
from prefactor.app.comparisons import Chances
from prefactor.app.differences import Differences, mark_differences
from prefactor.app.opened import Opened
from prefactor.app.tables import Table
from prefactor.app.waterfall import Waterfall, chance_of, view_waterfall
from prefactor.errors import UnknownNameError
from prefactor.report.naming import name_line
from prefactor.report.safe_text import make_readable
from prefactor.report.views import FactorWords
from prefactor.report.wording import NOTHING, decimal, interval, percent, percent_interval
from prefactor.stats.estimate import Estimate

__all__ = ["STANDS", "LensView", "Moved", "Side", "Slider", "Verdict", "view_lens"]

STANDS: Final = {-1: "B has more", 0: "equal", 1: "A has more"}
_MOST_JUDGES: Final = 6
_MOST_PROMPT: Final = 8_000


@dataclass(frozen=True, slots=True)
class Side:
    """One answer: who wrote it."""

    letter: str
    model: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one judge said, and whether it preferred A, B or neither."""

    judge: str
    said: str
    side: str


@dataclass(frozen=True, slots=True)
class Slider:
    """One factor: both scores, who has more, and where the slider stands; ``why`` says why it cannot be moved."""

    factor: FactorWords
    a: str
    b: str
    stands: int
    measured: int
    words: str
    why: str

    @property
    def moved(self) -> bool:
        """Whether the slider is somewhere else than the answers are."""
        return not self.why and self.stands != self.measured


@dataclass(frozen=True, slots=True)
class Moved:
    """One judge: the waterfall, and what the sliders change."""

    judge: str
    name: str
    said: str
    waterfall: Waterfall
    before: str
    before_interval: str
    change: str
    change_interval: str


@dataclass(frozen=True, slots=True)
class LensView:
    """Everything the lens shows of one comparison."""

    comparison: str
    shown: str
    columns: tuple[tuple[str, str], ...]
    prompt: str
    kept: bool
    sides: tuple[Side, Side]
    differences: Differences
    verdicts: tuple[Verdict, ...]
    sliders: tuple[Slider, ...]
    asked_if: bool
    moved: tuple[Moved, ...]
    notes: tuple[str, ...]
    table: Table


def view_lens(opened: Opened, asked: Asked) -> LensView:
    """Return the comparison that a link asks for.

    Parameters
    ----------
    opened
        The folder.
    asked
        ``comparison`` (the first of the log by default), ``judge`` (several) and ``f.FACTOR`` (-1, 0, 1) for each
        slider that was moved.

    Raises
    ------
    UnknownNameError
        There is no such comparison or judge.
    """
    comparisons, results = opened.comparisons, opened.results
    comparison = asked.one("comparison") or comparisons.table["comparison_id"][0]
    row = comparisons.row(comparison)
    if row is None:
        raise UnknownNameError("comparison", comparison, comparisons.table["comparison_id"].head(500).to_list())
    of_row = comparisons.table.row(row, named=True)
    judges = asked.choices("judge", results.judges, default=_who_judged(opened, row))[:_MOST_JUDGES]
    sliders = _sliders(opened, row, asked.under("f."))
    features = as_floats(comparisons.signs[row])
    what_if = np.array(
        [one.stands if one.moved else value for one, value in zip(sliders, features, strict=True)], dtype=np.float64
    )
    texts = opened.texts.of([of_row[name] for name in ("prompt_id", "response_a", "response_b")])
    moved = tuple(
        _moved(opened, profile, features=features, what_if=what_if, row=row)
        for profile in (results.profile(judge) for judge in judges)
        if profile is not None
    )
    return LensView(
        comparison=comparison,
        shown=name_line(comparison),
        columns=tuple(
            (name_line(name), name_line(str(of_row[name])))
            for name in comparisons.slicing
            if of_row.get(name) and name not in {"model_a", "model_b"}
        ),
        prompt=_cut(texts.get(of_row["prompt_id"], "")),
        kept=opened.texts.kept,
        sides=(_side("A", of_row.get("model_a")), _side("B", of_row.get("model_b"))),
        differences=mark_differences(texts.get(of_row["response_a"], ""), texts.get(of_row["response_b"], "")),
        verdicts=tuple(_said(judge, preference, row) for judge, preference in comparisons.preferences.items()),
        sliders=sliders,
        asked_if=any(one.moved for one in sliders),
        moved=moved,
        notes=_notes(opened, row),
        table=_table(comparison, moved),
    )


def _who_judged(opened: Opened, row: int) -> Sequence[str]:
    """Return the first judges that judged it, the first of all where none did."""
    judged = [name for name, one in opened.comparisons.preferences.items() if not np.isnan(one[row])]
    return (judged or list(opened.results.judges))[:3]


def _sliders(opened: Opened, row: int, asked: Mapping[str, str]) -> tuple[Slider, ...]:
    a, b = opened.comparisons.scores_of(row)
    found = []
    for column, factor in enumerate(opened.comparisons.factors):
        sign = int(opened.comparisons.signs[row, column])
        why = {DOES_NOT_APPLY: "does not apply here", MISSING: "could not be measured"}.get(sign, "")
        measured = 0 if why else sign
        wanted = asked.get(factor.name, "")
        stands = int(wanted) if wanted in {"-1", "0", "1"} and not why else measured
        words = opened.results.names.words(factor.name)
        found.append(Slider(words, _score(a[column]), _score(b[column]), stands, measured, why or STANDS[stands], why))
    return tuple(found)


def _score(value: float) -> str:
    if not np.isfinite(value):
        return NOTHING
    return f"{value:,.0f}" if value == round(value) else decimal(float(value))


def _moved(opened: Opened, profile: Profile, *, features: FloatArray, what_if: FloatArray, row: int) -> Moved:
    mass = opened.results.settings.interval
    before = chance_of(profile, features, mass=mass)
    parts = attribute((np.nan_to_num(what_if) - np.nan_to_num(features))[None, :], profile, interval=mass)
    odds, spread = float(parts.log_odds[0]), float(parts.spread[0])
    change = Estimate(odds, odds - spread, odds + spread)
    preference = opened.comparisons.preferences.get(profile.judge)
    return Moved(
        judge=profile.judge,
        name=name_line(profile.judge),
        said=_said(profile.judge, preference, row).said if preference is not None else "",
        waterfall=view_waterfall(profile, what_if, names=opened.results.names, mass=mass),
        before=percent(before.value),
        before_interval=percent_interval(before),
        change=decimal(change.value),
        change_interval=interval(change),
    )


def _said(judge: str, preference: Chances, row: int) -> Verdict:
    value = float(preference[row])
    if np.isnan(value):
        return Verdict(name_line(judge), "no verdict", "")
    if value == 0.5:
        return Verdict(name_line(judge), "a tie", "")
    side, chance = ("A", value) if value > 0.5 else ("B", 1 - value)
    return Verdict(name_line(judge), f"prefers {side}" if chance == 1 else f"prefers {side}, {percent(chance)}", side)


def _side(letter: str, model: str | None) -> Side:
    return Side(letter, name_line(model) if model else "")


def _cut(text: str) -> str:
    left = len(text) - _MOST_PROMPT
    return make_readable(text if left <= 0 else f"{text[:_MOST_PROMPT]}\n[… {left:,} more characters are not shown]")


def _notes(opened: Opened, row: int) -> tuple[str, ...]:
    comparisons = opened.comparisons
    failed = [
        opened.results.names.label(factor.name)
        for factor, sign in zip(comparisons.factors, comparisons.signs[row], strict=True)
        if sign == MISSING
    ]
    if not failed:
        return ()
    return (f"Counted as equal, because they could not be measured here: {', '.join(failed)}.",)


def _table(comparison: str, moved: Sequence[Moved]) -> Table:
    rows = [(comparison, one.judge, *step) for one in moved for step in one.waterfall.rows]
    return Table(("comparison_id", "judge", "factor", "log_odds_for_A", "low", "high"), tuple(rows))
