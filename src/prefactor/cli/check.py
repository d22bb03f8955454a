"""``prefactor check``: the validity checks as a gate, with an exit status."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.results import CheckOutcome
from prefactor.checks.gate import FactorTally, Gate, GateResult
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.logs import read_logs
from prefactor.cli.options import (
    factor_specs,
    factors_option,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.config import BOOTSTRAPS, SEED
from prefactor.questions import check
from prefactor.report.command_file import fields_of
from prefactor.study import Fitting, explain, measure

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
@json_option("check")
@factors_option
@reading_options
@click.option("--bootstraps", type=click.IntRange(min=100), default=BOOTSTRAPS, show_default=True)
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
    out: Path | None,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    bootstraps: int,
    seed: int,
    workers: int | None,
) -> None:
    """Run the validity checks on preference logs.

    The exit status is 0, or 1 when a check named with --fail-on warns or fails, or 2 on an error. Without --fail-on
    it is 0 whatever the checks find.
    """
    codes = [name.strip() for part in fail_on for name in part.split(",") if name.strip()]
    gate = Gate(tuple(codes), fail_on_underpowered)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, factor_specs(factors), workers=workers, progress=progress)
        fitting = Fitting(bootstraps=bootstraps, seed=seed)
        explanation = explain(dataset, scores, judges=judges, by=by, fitting=fitting, progress=progress)
    found = check(explanation, gate)
    _print_checks(found.checks)
    _print_tallies(found.factors, smallest=explanation.settings.smallest_effect)
    _print_gate(found)
    if out is not None:
        settings = fields_of(explanation.settings, without=["version"])
        write_results(out, "check", results=_results(found), settings=settings, sources=explanation.sources)
    context.exit(0 if found.passed else 1)


def _results(found: GateResult) -> dict[str, object]:
    gate = {
        "fail_on": found.gate.codes,
        "fail_on_underpowered": found.gate.fail_on_underpowered,
        "passed": found.passed,
        "failed_by": found.failed_by,
    }
    return {"checks": found.checks, "factors": found.factors, "gate": gate}


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


def _print_tallies(tallies: Sequence[FactorTally], *, smallest: float) -> None:
    heading("factors")
    rows = [
        (tally.judge, tally.slice, f"{tally.named:,}", f"{tally.harmless:,}", f"{tally.unknown:,}") for tally in tallies
    ]
    print_table(["judge", "slice", "move it ", f"shown harmless (within {smallest:g}) ", "cannot tell "], rows)


def _print_gate(found: GateResult) -> None:
    line()
    if not found.gate.codes:
        line("no gate: name checks with --fail-on")
        return
    for each in found.failed_by:
        where = f"{each.judge}, {each.slice}" if each.slice else each.judge
        line(f"gate: {each.code} {each.name}: {each.outcome} ({where})", "red")
    if found.passed:
        line(f"gate: passed ({', '.join(found.gate.codes)})", "bold")
