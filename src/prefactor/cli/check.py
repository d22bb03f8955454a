"""``prefactor check``: the validity checks as a gate, with an exit status."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.results import CheckOutcome, Explanation, Shown
from prefactor.checks.gate import FactorTally, Gate, GateResult
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.logs import read_logs, read_queries
from prefactor.cli.measuring import given_scores, scores_option
from prefactor.cli.options import (
    factors_option,
    judge_is_option,
    judges_that_are_models,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.config import SEED
from prefactor.questions import check
from prefactor.report.command_file import fields_of
from prefactor.study import Fitting, explain

__all__ = ["check_command"]

_STYLES: Final = {"warn": "yellow", "fail": "red", "underpowered": "yellow"}


@click.command("check")
@paths_argument
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="Check this judge only. May be repeated.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Check every value of this column too. May be repeated.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="CODE,...|any",
    help="End with exit status 1 if one of these checks warns or fails. May be repeated.",
)
@click.option(
    "--fail-on-underpowered",
    is_flag=True,
    help="End with exit status 1, too, if one of them could not tell: underpowered, or not measured.",
)
@click.option(
    "--require-shown",
    multiple=True,
    metavar="CODE,...|any",
    help="End with exit status 1 unless each of these checks shows that there is no fault, or none that matters. May "
    "be repeated.",
)
@json_option("check")
@judge_is_option
@factors_option
@scores_option
@reading_options
@click.option("--seed", type=int, default=SEED, show_default=True)
@workers_option
@click.pass_context
def check_command(
    context: click.Context,
    *,
    paths: tuple[str, ...],
    judges: tuple[str, ...],
    by: tuple[str, ...],
    fail_on: tuple[str, ...],
    fail_on_underpowered: bool,
    require_shown: tuple[str, ...],
    out: Path | None,
    judge_is: tuple[str, ...],
    factors: tuple[str, ...],
    scores_file: Path | None,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    seed: int,
    workers: int | None,
) -> None:
    """Run the validity checks on preference logs.

    The exit status is 0, or 1 when a check named with --fail-on warns or fails or one named with --require-shown does
    not show that the fault is absent or harmless, or 2 on an error. Without these options it is 0 whatever is found.
    """
    gate = Gate(_named(fail_on), fail_on_underpowered, _named(require_shown))
    models = judges_that_are_models(judge_is)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_queries(read_logs(paths, reading, progress=progress), by)
        scores = given_scores(dataset, scores_file, factors=factors, workers=workers, progress=progress)
        fitting = Fitting(seed=seed)
        explanation = explain(
            dataset, scores, judges=judges, by=by, fitting=fitting, judge_is=models, progress=progress
        )
    context.exit(0 if _tell(explanation, check(explanation, gate), out=out) else 1)


def _tell(explanation: Explanation, found: GateResult, *, out: Path | None) -> bool:
    """Print what was found, write it where it is to be kept, and return whether the gate was passed."""
    _print_checks(found.checks)
    _print_tallies(found.factors, smallest=explanation.settings.smallest_effect)
    _print_gate(found)
    if out is not None:
        settings = fields_of(explanation.settings, without=["version"])
        write_results(out, "check", results=_results(found), settings=settings, sources=explanation.sources)
    return found.passed


def _named(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for part in given for name in part.split(",") if name.strip())


def _results(found: GateResult) -> dict[str, object]:
    gate = {
        "fail_on": found.gate.fail_on,
        "fail_on_underpowered": found.gate.fail_on_underpowered,
        "require_shown": found.gate.require_shown,
        "passed": found.passed,
        "failed_by": _with_shown(found.failed_by),
    }
    return {"checks": _with_shown(found.checks), "factors": found.factors, "gate": gate}


def _with_shown(checks: Sequence[CheckOutcome]) -> list[dict[str, object]]:
    return [{**asdict(each), "shown": each.shown} for each in checks]


def _print_checks(checks: Sequence[CheckOutcome]) -> None:
    rows = [(check.code, check.name, check.outcome, check.judge, check.slice, check.message) for check in checks]
    print_table(["code", "check", "outcome", "judge", "slice", "found"], rows)
    advised = {check.code: check for check in checks if check.advice}
    if advised:
        heading("what to do")
        for code, check in advised.items():
            line(f"  {code} {check.name}: {check.advice}", _STYLES.get(check.outcome, ""))
    if any(check.outcome == "underpowered" for check in checks):
        line("underpowered is no pass: neither the fault nor its absence is shown")
    _print_shown(checks)


def _print_shown(checks: Sequence[CheckOutcome]) -> None:
    """Tell what is shown to be harmless from what is not shown either way."""
    heading("what is shown")
    words: tuple[tuple[Shown, str], ...] = (
        ("fault", "a fault"),
        ("neither", "neither a fault nor that there is none"),
        ("harmless", "no fault, or none that matters"),
    )
    for shown, said in words:
        where = Counter(check.code for check in checks if check.shown == shown)
        several = max(Counter(check.code for check in checks).values(), default=0) > 1
        codes = [f"{code} ({number:,})" if several else code for code, number in where.items()]
        line(f"  {said}: {', '.join(codes) or 'nothing'}", "yellow" if shown != "harmless" and codes else "")


def _print_tallies(tallies: Sequence[FactorTally], *, smallest: float) -> None:
    heading("factors")
    rows = [
        (tally.judge, tally.slice, f"{tally.named:,}", f"{tally.harmless:,}", f"{tally.unknown:,}") for tally in tallies
    ]
    print_table(["judge", "slice", "move it ", f"shown harmless (within {smallest:g}) ", "cannot tell "], rows)


def _print_gate(found: GateResult) -> None:
    line()
    if not found.gate.codes:
        line("no gate: name checks with --fail-on or --require-shown")
        return
    for each in found.failed_by:
        where = f"{each.judge}, {each.slice}" if each.slice else each.judge
        line(f"gate: {each.code} {each.name}: {each.outcome} ({where})", "red")
    if found.passed:
        line(f"gate: passed ({', '.join(found.gate.codes)})", "bold")
