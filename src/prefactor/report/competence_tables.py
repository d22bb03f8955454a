"""The tables of a page about competence: answering, the matrix, own knowledge, what fools whom, graders, slices."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Final

from prefactor.analysis.competence import Competence, Evaluator
from prefactor.analysis.competence.pairs import PairCompetence, PairStanding
from prefactor.analysis.competence.results import Cell, SliceStanding
from prefactor.report.competence_views import Grid, GridCell
from prefactor.report.forest import percent_mark
from prefactor.report.scales import Axis, axis_between
from prefactor.report.views import Tone
from prefactor.report.wording import NOTHING, decimal, interval, percent, percent_interval
from prefactor.stats.estimate import Estimate

__all__ = ["competence_tables", "pair_tables", "share_words"]

Section = tuple[str, str, tuple[Grid, ...]]
FACTORS: Final = 12
"""Factors shown of every evaluator."""


def share_words(estimate: Estimate) -> str:
    """Write a share in percent with its interval."""
    return f"{percent(estimate.value, 1)} {percent_interval(estimate, 1)}".strip()


def competence_tables(found: Competence) -> tuple[Section, ...]:
    """Return every section of tables that has something to show."""
    sections = (
        ("answering", "Answering", [_answering(found), _corrections(found)]),
        ("matrix", "Matrix", _matrices(found)),
        ("knowing", "Knowing", [_knowing(found), _following(found)]),
        ("fooled", "What fools them", [_fooled(each) for each in found.evaluators]),
        ("graders", "Graders", [_graders(found)]),
        ("calibration", "Chances", [_calibration(each) for each in found.evaluators if each.calibration]),
        ("slices", "Slices", _slices(found)),
    )
    filled = ((anchor, name, tuple(grid for grid in grids if grid.rows)) for anchor, name, grids in sections)
    return tuple((anchor, name, grids) for anchor, name, grids in filled if grids)


def pair_tables(found: PairCompetence) -> tuple[Section, ...]:
    """Return the tables of judges of pairs."""
    parts = ("accuracy", "A first", "B first", "better one first", "better one second", "both together")
    whole = Grid(
        "Judges against the labels",
        "Share of verdicts for the better response, in percent with intervals.",
        ("Judge", "pairs", *parts, "same in both orders"),
        tuple(
            (each.judge, (GridCell(f"{each.whole.pairs:,}"), *_pair(each.whole), _share(each.consistency)))
            for each in found.judges
        ),
    )
    grids = []
    for column in dict.fromkeys(part.column for each in found.judges for part in each.slices):
        values = sorted({part.value for each in found.judges for part in each.slices if part.column == column})
        rows = []
        for each in found.judges:
            known = {part.value: part for part in each.slices if part.column == column}
            cells = (
                _heat(known[value].joined, known[value].pairs) if value in known else GridCell("") for value in values
            )
            rows.append((each.judge, tuple(cells)))
        note = "Both orders together. Blue is better than a coin, orange worse; pale where the interval holds one half."
        grids.append(Grid(f"By {column}", note, ("Judge", *values), tuple(rows), heat=True))
    sections: list[Section] = [("matrix", "Accuracy", (whole,))]
    return (*sections, *([("slices", "Slices", tuple(grids))] if grids else []))


def _pair(standing: PairStanding) -> tuple[GridCell, ...]:
    parts = (standing.accuracy, standing.ab, standing.ba, standing.first_shown, standing.second_shown, standing.joined)
    return tuple(map(_share, parts))


def _answering(found: Competence) -> Grid:
    axis = _axis([each.accuracy for each in found.answerers])
    names = (
        "Answerer",
        "right",
        "",
        "right answers",
        "wrong",
        "abstained",
        "missing",
        "ungraded",
        "by people",
        "words",
    )
    rows = []
    for each in sorted(found.answerers, key=lambda one: -_known(one.accuracy.value)):
        counts = (each.right, each.wrong, each.abstained, each.missing, each.ungraded, each.by_people)
        mark = GridCell("", mark=percent_mark(each.accuracy, axis, tone="more"))
        cells = (_share(each.accuracy, digits=2), mark, *(GridCell(f"{count:,}") for count in counts))
        rows.append((each.answerer, (*cells, GridCell(decimal(each.words, 1)))))
    note = "Share right of the answers that are right, wrong or abstentions; words are those of an answer on average."
    return Grid("Who answers well", note, names, tuple(rows), axis)


def _corrections(found: Competence) -> Grid:
    rows = []
    for each in found.answerers:
        for part in each.corrections:
            if part.rest and part.labelled:
                source = {"own": "its own answers", "all": "those of all"}.get(part.rates_from, part.reason)
                labels = (GridCell(f"{part.labelled:,}"), GridCell(f"{part.rest:,}"))
                cells = (GridCell(part.grader), *labels, _share(part.counted), _share(part.corrected), GridCell(source))
                rows.append((each.answerer, cells))
    note = "Graders err: where people labelled some of the answers, their errors are seen and allowed for."
    heads = ("Answerer", "grader", "labelled", "not", "as counted", "corrected", "errors seen on")
    return Grid("Accuracy corrected for graders' errors", note, heads, tuple(rows))


def _matrices(found: Competence) -> list[Grid]:
    names = tuple(each.answerer for each in found.answerers)
    true, reported, rejected = [], [], []
    for each in found.evaluators:
        cells = {cell.answerer: cell for cell in each.cells}
        true.append((each.name, tuple(_of(cells, name, _true_cell) for name in names)))
        reported.append((each.name, tuple(_of(cells, name, _reported_cell) for name in names)))
        rejected.append((each.name, tuple(_of(cells, name, _rejected_cell) for name in names)))
    heads = ("Evaluator", *names)
    return [
        Grid(
            "Verdicts that are true",
            "Evaluator by answerer. Blue is better than a coin, orange worse. “own” marks an evaluator's own answers.",
            heads,
            tuple(true),
            heat=True,
        ),
        Grid(
            "Accuracy that each evaluator would report",
            "The true one below it: an evaluator that misgrades one answerer more than another changes their order.",
            heads,
            tuple(reported),
        ),
        Grid(
            "Misgraded, by answerer",
            "Share of right answers that are rejected; below it, of wrong ones that are accepted.",
            heads,
            tuple(rejected),
        ),
    ]


def _of(cells: dict[str, Cell], name: str, make: Callable[[Cell], GridCell]) -> GridCell:
    return make(cells[name]) if name in cells else GridCell("")


def _true_cell(cell: Cell) -> GridCell:
    return _heat(cell.accuracy, cell.rows, own=cell.own)


def _reported_cell(cell: Cell) -> GridCell:
    return GridCell(share_words(cell.accepted), f"true: {percent(cell.accuracy_true.value, 1)}")


def _rejected_cell(cell: Cell) -> GridCell:
    return GridCell(share_words(cell.wrongly_rejected), f"accepted: {share_words(cell.wrongly_accepted)}")


def _heat(estimate: Estimate, rows: int, *, own: bool = False) -> GridCell:
    under = f"{percent_interval(estimate)} of {rows:,}{', own' if own else ''}"
    return GridCell(percent(estimate.value, 1), under, _shade(estimate))


def _shade(estimate: Estimate) -> str:
    """Return the shade of a share beside one half, deeper in four steps, pale where the interval holds one half."""
    if not isfinite(estimate.value):
        return "z"
    sign = "p" if estimate.value > 0.5 else "n"
    depth = min(1 + int(abs(estimate.value - 0.5) * 8), 4)
    return f"{sign}{depth}" if estimate.excludes(0.5) else f"{sign}u"


def _knowing(found: Competence) -> Grid:
    rows = []
    for each in found.evaluators:
        for part in each.knowing:
            counts = (part.can_true, part.can_false, part.cannot_true, part.cannot_false)
            shares = (part.paradox, part.unfaithful, part.true_if_can, part.true_if_cannot, part.difference)
            name = f"{each.name}: {part.answerer or 'all answers'}"
            balanced = (_share(part.balanced_if_can), _share(part.balanced_if_cannot))
            rows.append((name, (*(GridCell(f"{count:,}") for count in counts), *map(_share, shares), *balanced)))
    heads = ("Evaluator: answers of", "can, true", "can, false", "cannot, true", "cannot, false", "paradox")
    further = ("unfaithful", "true if can", "true if cannot", "difference", "balanced if can", "balanced if cannot")
    note = "Whether it answers the question right itself, by whether its verdict is true; shares in percent."
    return Grid("Grading beside knowing", note, (*heads, *further), tuple(rows))


def _following(found: Competence) -> Grid:
    rows = []
    for each in found.evaluators:
        own, follow = each.generation, each.following
        if own is None:
            continue
        p = NOTHING if not isfinite(own.p_exact) else f"{own.p_exact:.2g}"
        cells = [_share(own.generated), _share(own.evaluated), _share(own.difference), GridCell(p)]
        if follow is not None:
            moved = (_share(follow.of_truth), _share(follow.of_own))
            cells += [*moved, GridCell(f"{follow.parted:,}"), _share(follow.with_own)]
        else:
            cells += [GridCell("")] * 4
        rows.append((each.name, (*cells, _share(each.self_preference))))
    heads = (
        "Evaluator",
        "answers right",
        "grades truly",
        "difference",
        "exact p",
        "moved by truth",
        "moved by own answer",
    )
    note = "Moved by: how much more often an answer is accepted that is right, or that agrees with the judge's own."
    last = ("truth and own part", "then with own", "own answers accepted more")
    return Grid("Answering beside grading, and what verdicts follow", note, (*heads, *last), tuple(rows))


def _fooled(each: Evaluator) -> Grid:
    shown = [part for part in each.fooled if part.named][:FACTORS]
    axis = _axis([part.difference for part in shown], low=-1.0, centre=0.0)
    rows = []
    for part in shown:
        tone: Tone = "more" if part.difference.value > 0 else "less"
        shares = (GridCell(percent(part.high, 1)), GridCell(percent(part.low, 1)), _share(part.difference))
        mark = GridCell("", mark=percent_mark(part.difference, axis, tone=tone))
        within = GridCell(f"{decimal(part.within.value)} {interval(part.within)}".strip(), f"{part.pairs:,} pairs")
        joint = GridCell(f"{decimal(part.joint.value)} {interval(part.joint)}".strip())
        rows.append((part.label, (GridCell(part.error), *shares, mark, within, joint)))
    heads = (
        "Factor",
        "answers are",
        "with more of it",
        "with less",
        "difference",
        "",
        "within questions (tau)",
        "all together (log-odds)",
    )
    named = sum(part.named for part in each.fooled)
    note = f"The {len(shown)} strongest of {named} named." if named > len(shown) else ""
    return Grid(f"{each.name}: errors by factors of the answer", note, heads, tuple(rows), axis)


def _graders(found: Competence) -> Grid:
    rows = tuple(
        (
            each.grader,
            (
                GridCell(each.answerer or "all"),
                GridCell(f"{each.labelled:,}"),
                *map(_share, (each.accuracy, each.sensitivity, each.specificity)),
            ),
        )
        for each in found.graders
    )
    heads = ("Grader", "answers of", "labelled by both", "alike", "of right found right", "of wrong found wrong")
    return Grid("Graders against people", "", heads, rows)


def _calibration(each: Evaluator) -> Grid:
    scores = each.calibration
    bins = scores.bins if scores is not None else ()
    rows = tuple(
        (percent(part.stated, 1), (GridCell(percent(part.came_true, 1)), GridCell(f"{part.rows:,}"))) for part in bins
    )
    words = "" if scores is None else f"Calibration error {share_words(scores.error)}; Brier score {scores.brier}."
    return Grid(f"{each.name}: stated chances", words, ("stated", "came true", "answers"), rows)


def _slices(found: Competence) -> list[Grid]:
    grading = [part for each in found.evaluators for part in each.slices]
    return _by_column(found.slices, "Answering by") + _by_column(grading, "Grading by")


def _by_column(parts: Sequence[SliceStanding], title: str) -> list[Grid]:
    grids = []
    for column in dict.fromkeys(each.column for each in parts):
        rows = tuple(
            (
                part.value,
                (GridCell(part.name), GridCell(f"{part.rows:,}"), _share(part.accuracy), _share(part.balanced)),
            )
            for part in parts
            if part.column == column
        )
        grids.append(Grid(f"{title} {column}", "", ("Value", "who", "rows", "right or true", "balanced"), rows))
    return grids


def _share(estimate: Estimate, *, digits: int = 1) -> GridCell:
    return GridCell(percent(estimate.value, digits), percent_interval(estimate, digits))


def _axis(estimates: Iterable[Estimate], *, low: float = 0.0, centre: float = 0.5) -> Axis:
    values = [number for each in estimates for number in (each.value, each.low, each.high)]
    return axis_between(values, low=low, high=1.0, centre=centre)


def _known(value: float) -> float:
    return value if isfinite(value) else -1.0
