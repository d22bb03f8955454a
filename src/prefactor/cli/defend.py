"""``prefactor defend``: the same comparisons judged as they are, with a warning and by a jury."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.control import Control, ControlSettings, control_preferences
from prefactor.analysis.defence import Defence, compare_defences
from prefactor.analysis.manipulability import Manipulability, manipulability_sentence
from prefactor.analysis.measurement import Scores
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.judging import JudgingOptions, judging_options, print_judged, print_plan
from prefactor.cli.logs import read_logs
from prefactor.cli.options import factor_specs, factors_option, paths_argument, reading_from, reading_options
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError, SettingError
from prefactor.judges.collecting import add_verdicts, collect
from prefactor.judges.judging import Bench, Seat, comparison_texts, make_bench, pose
from prefactor.judges.preference_log import write_log
from prefactor.judges.warning import warned_judge, warning_text
from prefactor.stats.estimate import Estimate
from prefactor.study import measure

__all__ = ["defend_command"]


@click.command("defend")
@paths_argument
@json_option("defend", required=True)
@click.option("--judge-with", default="pairwise", show_default=True, metavar="FILE|NAME", help="The judge to defend.")
@click.option("--jury", metavar="FILE|NAME", help="Judge with this jury, too.")
@click.option("--jury-model", multiple=True, metavar="NAME", help="Its models. [default: --model] May be repeated.")
@click.option("--people", metavar="NAME", help="Judge of the log whose agreement counts, such as 'human'.")
@click.option("--moves", type=click.IntRange(min=1), default=3, show_default=True, help="Content-free moves looked at.")
@judging_options
@factors_option
@reading_options
def defend_command(
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    out: Path,
    judge_with: str,
    jury: str | None,
    jury_model: tuple[str, ...],
    people: str | None,
    moves: int,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Judge comparisons as they are, with a warning of the judge's own bias, and by a jury.

    PATHS are logs as for 'prefactor judge'. The moves that buy most from the judge as it is are what the warning names.
    Says for each defence how far the judge can still be moved, what it costs in agreement with people, and what holding
    the factors equal does to the win rates of the log's models.
    """
    if len(options.models) != 1:
        raise SettingError("--model", expected="one model", got=", ".join(options.models) or "none")
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, factor_specs(factors), progress=progress)
    folder = out.parent if out.suffix == ".json" else out
    bench = make_bench(judge_with, options.models, asking=options.asking, name=options.name)
    if bench.jury is not None:
        raise SettingError("--judge-with", expected="a judge that is no jury", got=judge_with)
    (seat,) = bench.seats
    judged, failed = _judged(dataset, bench, options=options, out=folder / "as-is.jsonl")
    (plain,) = compare_defences(judged, scores, judge=seat.name, defended=(), most=moves)
    benches = _defended(seat, plain.manipulability)
    if jury is not None:
        benches["jury"] = make_bench(jury, jury_model or options.models, asking=options.asking)
    for kind, defended in benches.items():
        judged, more = _judged(judged, defended, options=options, out=folder / f"{kind}.jsonl")
        failed += more
    names = [each.name or each.seats[0].name for each in benches.values()]
    found = compare_defences(judged, scores, judge=seat.name, defended=names, people=people, most=moves)
    held = [factor for move in plain.manipulability.moves for factor in move.factors[:1]]
    controlled, why_not = _controlled(judged, scores, seat.name, held)
    _print(found, controlled, why_not, people=people)
    results = {"defences": found, "controlled": controlled, "not_controlled": why_not}
    warned = {"digest": benches["warned"].seats[0].file.digest, "text": warning_text(_biases(plain.manipulability))}
    settings = {"judge": seat.name, "moves": moves, "people": people, "jury": jury, "held": held, "warned": warned}
    file = write_results(out, "defend", results=results, settings=settings, sources=dataset.sources)
    line()
    line(f"also in {file}", "bold")
    return 1 if failed else 0


def _biases(found: Manipulability) -> list[tuple[str, int]]:
    return [(move.label, move.direction) for move in found.moves]


def _defended(seat: Seat, found: Manipulability) -> dict[str, Bench]:
    """Return the judge warned of what moves it most."""
    if not found.moves:
        raise FitError(f"a warning for {seat.name}", found.reason)
    file = warned_judge(seat.file, _biases(found))
    return {"warned": Bench((Seat(f"{seat.name}, warned", file, seat.asking),))}


def _judged(dataset: Dataset, bench: Bench, *, options: JudgingOptions, out: Path) -> tuple[Dataset, int]:
    questions = pose(comparison_texts(dataset, limit=options.limit), bench)
    provider = options.make_provider()
    print_plan(questions, provider, options=options.ask)
    if options.ask.cache is not None:
        options.ask.cache.parent.mkdir(parents=True, exist_ok=True)
    priced = options.ask.price is not None
    with calls_bar(priced=priced) as watch:
        judged = collect(questions, provider, options=options.ask, watch=watch)
    write_log(out, questions.texts, verdicts=judged.verdicts)
    print_judged(judged, priced=priced)
    return add_verdicts(dataset, judged), sum(number for _, number in judged.failures)


def _controlled(dataset: Dataset, scores: Scores, judge: str, held: Sequence[str]) -> tuple[Control | None, str]:
    try:
        (found,) = control_preferences(dataset, scores, settings=ControlSettings(tuple(held), judges=(judge,)))
    except (FitError, SettingError) as error:
        return None, str(error)
    return found, ""


def _print(found: Sequence[Defence], controlled: Control | None, why_not: str, *, people: str | None) -> None:
    heading("how far dressing moves the judge")
    rows = [
        (
            each.judge,
            f"{each.comparisons:,}",
            _shown(each.manipulability.towards, scale=100, digits=0),
            _shown(each.change, digits=2),
            *((_shown(each.agreement, scale=100), _shown(each.agreement_change, scale=100)) if people else ()),
        )
        for each in found
    ]
    beside = [f"agrees with {people}, % ", "cost, points "] if people else []
    print_table(["judge", "comparisons ", "dressed wins, % ", "same moves, log-odds ", *beside], rows)
    for each in found:
        line(f"{each.judge}: {manipulability_sentence(each.manipulability)}")
    if controlled is None:
        line(f"nothing held equal: {why_not}", "yellow")
        return
    held = ", ".join(factor.factor for factor in controlled.held)
    heading(f"{controlled.judge}: {controlled.kind} as they are, and with {held} equal")
    rate = controlled.kind == "win rates"
    print_table(
        ["model", "as it is ", "held equal "],
        [
            (
                each.model,
                _shown(each.win_rate if rate else each.rating, scale=100 if rate else 1),
                _shown(each.controlled_win_rate if rate else each.controlled_rating, scale=100 if rate else 1),
            )
            for each in controlled.standings
        ],
    )
    line("single verdicts stay as they are, so agreement with people does, too")


def _shown(estimate: Estimate, *, scale: float = 1.0, digits: int = 1) -> str:
    if isnan(estimate.value):
        return ""
    value, low, high = (f"{scale * number:.{digits}f}" for number in (estimate.value, estimate.low, estimate.high))
    return value if isnan(estimate.low) else f"{value} [{low}, {high}]"
