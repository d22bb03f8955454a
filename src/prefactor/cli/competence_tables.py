"""What competence of answerers and evaluators looks like in a terminal."""

from collections.abc import Callable, Sequence
from math import isnan

from prefactor.analysis.competence import Competence, Evaluator
from prefactor.analysis.competence.pairs import PairCompetence, PairStanding
from prefactor.analysis.competence.results import AnswererStanding, SliceStanding
from prefactor.cli.terminal import heading, line, print_table
from prefactor.stats.estimate import Estimate

__all__ = ["print_competence", "print_pairs"]

_STYLES = {"trust": "green", "trust where it knows": "yellow", "don't trust": "red", "underpowered": ""}
_SHOWN = 6


def print_competence(found: Competence) -> None:
    """Print what was found."""
    out = "".join(f", {number:,} {why} left out" for why, number in found.left_out)
    by = ", ".join(f"{number:,} by {who}" for who, number in sorted(found.truth.items()))
    line(f"{found.questions:,} questions{out}; answers graded: {by}")
    heading("answering")
    columns = ["answerer", "answers ", "right ", "wrong ", "abstained ", "missing ", "ungraded ", "% right ", "words "]
    print_table(columns, [_answerer(each) for each in found.answerers])
    _print_corrections(found)
    _print_graders(found)
    if found.evaluators:
        _print_matrix(found)
        for each in found.evaluators:
            _print_evaluator(each)
    _print_slices(found.slices, "answering, by")
    _print_slices([part for each in found.evaluators for part in each.slices], "grading, by")


def print_pairs(found: PairCompetence) -> None:
    """Print what was found of judges of pairs."""
    line(f"{found.pairs:,} pairs, {found.labelled:,} of them with a label")
    heading("judges against the labels")
    columns = ["judge", "pairs ", "% right ", "both orders together ", "same in both orders "]
    print_table(
        columns,
        [
            [each.judge, f"{each.whole.pairs:,}"]
            + [_percent(part) for part in (each.whole.accuracy, each.whole.joined, each.consistency)]
            for each in found.judges
        ],
    )
    heading("% right by order")
    columns = ["judge", "A first ", "B first ", "better one first ", "better one second "]
    print_table(columns, [[each.judge, *_orders(each.whole)] for each in found.judges])
    for each in found.judges:
        if each.unreadable or each.missing:
            line(f"{each.judge}: no verdict in {each.unreadable:,} unreadable, {each.missing:,} missing", "yellow")
    for column in dict.fromkeys(part.column for each in found.judges for part in each.slices):
        heading(f"both together, by {column}")
        values = sorted({part.value for each in found.judges for part in each.slices if part.column == column})
        rows = []
        for each in found.judges:
            known = {part.value: part for part in each.slices if part.column == column}
            rows.append([each.judge, *(_percent(known[value].joined) if value in known else "" for value in values)])
        print_table(["judge", *(f"{value} " for value in values)], rows)
    heading("to be trusted?")
    for each in found.judges:
        line(f"{each.judge}: {each.conclusion}. {each.sentence}", _STYLES[each.conclusion])


def _orders(standing: PairStanding) -> list[str]:
    return [_percent(part) for part in (standing.ab, standing.ba, standing.first_shown, standing.second_shown)]


def _answerer(each: AnswererStanding) -> list[str]:
    counts = (each.read, each.right, each.wrong, each.abstained, each.missing, each.ungraded)
    return [each.answerer, *(f"{count:,}" for count in counts), _percent(each.accuracy, digits=2), f"{each.words:.1f}"]


def _print_corrections(found: Competence) -> None:
    rows = [
        [
            each.answerer,
            part.grader,
            f"{part.labelled:,}",
            f"{part.rest:,}",
            _percent(part.counted),
            _percent(part.corrected),
            part.reason or ("errors seen on its own answers" if part.rates_from == "own" else "errors seen on all"),
        ]
        for each in found.answerers
        for part in each.corrections
        if part.rest and part.labelled
    ]
    if not found.graders:
        line("errors of the grader: not known, since people looked at no answer", "yellow")
    if rows:
        heading("accuracy by graders, corrected for their errors")
        columns = ["answerer", "grader", "labelled ", "not ", "% as counted ", "% corrected ", "note"]
        print_table(columns, rows)


def _print_graders(found: Competence) -> None:
    if not found.graders:
        return
    heading("graders against people")
    columns = ["grader", "answers of", "both ", "% alike ", "% of right found right ", "% of wrong found wrong "]
    print_table(
        columns,
        [
            [each.grader, each.answerer or "all", f"{each.labelled:,}"]
            + [_percent(part) for part in (each.accuracy, each.sensitivity, each.specificity)]
            for each in found.graders
        ],
    )


def _print_matrix(found: Competence) -> None:
    names = [each.answerer for each in found.answerers]
    for title, part in (
        ("verdicts that are true, % (evaluator by answerer; * its own answers)", _accuracy),
        ("accuracy that each evaluator would report, % (true one in brackets)", _reported),
    ):
        heading(title)
        rows = [[each.name, *_cells(each, names, part)] for each in found.evaluators if each.cells]
        print_table(["evaluator", *(f"{name} " for name in names)], rows)


def _cells(each: Evaluator, names: Sequence[str], part: Callable[[Evaluator, int], str]) -> list[str]:
    places = {cell.answerer: place for place, cell in enumerate(each.cells)}
    return [part(each, places[name]) if name in places else "" for name in names]


def _accuracy(each: Evaluator, place: int) -> str:
    cell = each.cells[place]
    return _percent(cell.accuracy) + ("*" if cell.own else "")


def _reported(each: Evaluator, place: int) -> str:
    cell = each.cells[place]
    return f"{_value(cell.accepted)} ({_value(cell.accuracy_true)})"


def _print_evaluator(each: Evaluator) -> None:
    heading(f"{each.name}: {each.conclusion}")
    line(each.sentence, _STYLES[each.conclusion])
    account = each.account
    odd = (
        (account.unknown, "say it does not know"),
        (account.unreadable, "unreadable"),
        (account.missing, "missing"),
        (account.not_applicable, "where its rule does not apply"),
        (account.untold, "on abstentions, or on answers nobody graded"),
    )
    left = "".join(f"; {count:,} {why}" for count, why in odd if count)
    line(f"{account.read:,} verdicts, {account.used:,} used{left}")
    if not each.cells:
        return
    line(
        f"true {_percent(each.accuracy)} %; right answers accepted {_percent(each.sensitivity)} %, "
        f"wrong ones rejected {_percent(each.specificity)} %"
    )
    print_table(
        [
            "answers of",
            "right accepted ",
            "right rejected ",
            "wrong accepted ",
            "wrong rejected ",
            "% of right rejected ",
            "% of wrong accepted ",
        ],
        [
            [cell.answerer + ("*" if cell.own else "")]
            + [f"{n:,}" for n in (cell.right_accepted, cell.right_rejected, cell.wrong_accepted, cell.wrong_rejected)]
            + [_percent(cell.wrongly_rejected), _percent(cell.wrongly_accepted)]
            for cell in each.cells
        ],
    )
    _print_knowing(each)
    for part in each.consistency:
        line(f"same verdict on {part.kind}: {_percent(part.same)} % of {part.pairs:,} pairs")
    if each.calibration is not None:
        scores = each.calibration
        line(f"chances: Brier {scores.brier}, calibration error {scores.error}, mean excess {scores.excess}")
    _print_fooled(each)


def _print_knowing(each: Evaluator) -> None:
    if not each.knowing:
        line("own answers: none known, so whether it grades by knowing cannot be told")
        return
    line()
    columns = [
        "graded answers of",
        "can, true ",
        "can, false ",
        "cannot, true ",
        "cannot, false ",
        "if can less if not ",
    ]
    print_table(
        columns,
        [
            [part.answerer or "all"]
            + [f"{n:,}" for n in (part.can_true, part.can_false, part.cannot_true, part.cannot_false)]
            + [_percent(part.difference)]
            for part in each.knowing
        ],
    )
    whole = each.knowing[0]
    line(
        f"true verdicts: {_percent(whole.true_if_can)} % where it can answer, {_percent(whole.true_if_cannot)} % "
        "where it cannot"
    )
    line(
        f"paradox (can answer, false verdict) {_percent(whole.paradox)} %, unfaithful (cannot, true verdict) "
        f"{_percent(whole.unfaithful)} %"
    )
    own = each.generation
    if own is not None:
        exact = "" if isnan(own.p_exact) else f", McNemar p = {own.p_exact:.2g}"
        line(
            f"answers {_percent(own.generated)} % right, grades {_percent(own.evaluated)} % truly on "
            f"{own.questions:,} questions: {_percent(own.difference)} points{exact}"
        )
    follow = each.following
    if follow is not None:
        line(
            f"verdicts move with the truth by {_percent(follow.of_truth)} points, with agreement with its own answer "
            f"by {_percent(follow.of_own)}; where the two part ({follow.parted:,}) it goes with its own in "
            f"{_percent(follow.with_own)} %"
        )
    if not isnan(each.self_preference.value):
        line(f"accepts its own answers more often than others as right, by {_percent(each.self_preference)} points")


def _print_fooled(each: Evaluator) -> None:
    named = [part for part in each.fooled if part.named]
    if not named:
        if each.fooled:
            line("no measured factor goes with its errors so clearly that it is named")
        return
    line()
    print_table(
        ["errors with", "are", "% of errors in more ", "in less ", "difference ", "within questions ", "pairs "],
        [
            [
                *(part.label, part.error, f"{100 * part.high:.1f}", f"{100 * part.low:.1f}"),
                *(_percent(part.difference), _number(part.within), f"{part.pairs:,}"),
            ]
            for part in named[:_SHOWN]
        ],
    )
    if len(named) > _SHOWN:
        line(f"and {len(named) - _SHOWN:,} more factors: see the page")


def _print_slices(slices: Sequence[SliceStanding], title: str) -> None:
    for column in dict.fromkeys(each.column for each in slices):
        heading(f"{title} {column}")
        print_table(
            ["value", "who", "rows ", "% right or true ", "% balanced "],
            [
                [part.value, part.name, f"{part.rows:,}", _percent(part.accuracy), _percent(part.balanced)]
                for part in slices
                if part.column == column
            ],
        )


def _value(estimate: Estimate) -> str:
    return "" if isnan(estimate.value) else f"{100 * estimate.value:.1f}"


def _percent(estimate: Estimate, *, digits: int = 1) -> str:
    if isnan(estimate.value):
        return ""
    value, low, high = (f"{100 * number:.{digits}f}" for number in (estimate.value, estimate.low, estimate.high))
    return value if isnan(estimate.low) else f"{value} [{low}, {high}]"


def _number(estimate: Estimate) -> str:
    return "" if isnan(estimate.value) else str(estimate)
