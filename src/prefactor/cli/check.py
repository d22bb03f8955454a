"""``prefactor check``: the validity checks as a gate, with an exit status."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from prefactor._typing import OnBadRow
from prefactor._validate import check_known
from prefactor.analysis.results import CheckOutcome, Explanation
from prefactor.checks import CHECKS
from prefactor.cli.json_file import json_option, write_json
from prefactor.cli.logs import read_logs
from prefactor.cli.options import (
    factor_specs,
    factors_option,
    judge_is_option,
    judges_that_are_models,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.config import BOOTSTRAPS, SEED
from prefactor.errors import SettingError
from prefactor.study import Fitting, explain, measure

__all__ = ["check_command"]

_ANY: Final = "any"
_STYLES: Final = {"warn": "yellow", "fail": "red", "underpowered": "yellow"}


@dataclass(frozen=True, slots=True)
class _Tally:
    """How many factors of a profile have each verdict."""

    judge: str
    slice: str
    named: int
    harmless: int
    unknown: int


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
@json_option
@judge_is_option
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
    judge_is: tuple[str, ...],
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
    codes = _codes(fail_on, underpowered=fail_on_underpowered)
    models = judges_that_are_models(judge_is)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, factor_specs(factors), workers=workers, progress=progress)
        fitting = Fitting(bootstraps=bootstraps, seed=seed)
        explanation = explain(
            dataset, scores, judges=judges, by=by, fitting=fitting, judge_is=models, progress=progress
        )
    stopping = ("warn", "fail", *(("underpowered", "not measured") if fail_on_underpowered else ()))
    against = [check for check in explanation.checks if check.code in codes and check.outcome in stopping]
    tallies = _tallies(explanation)
    _print_checks(explanation.checks)
    _print_tallies(tallies, smallest=explanation.settings.smallest_effect)
    _print_gate(codes, against)
    if out is not None:
        gate = {"fail_on": codes, "fail_on_underpowered": fail_on_underpowered, "failed_by": against}
        settings = explanation.settings
        write_json(out, {"checks": explanation.checks, "factors": tallies, "gate": gate, "settings": settings})
    context.exit(1 if against else 0)


def _codes(given: Sequence[str], *, underpowered: bool) -> tuple[str, ...]:
    """Codes named with --fail-on, in the order of the registry."""
    names = [name.strip() for part in given for name in part.split(",") if name.strip()]
    if underpowered and not names:
        raise SettingError("--fail-on-underpowered", expected="checks to apply it to", got="none", hint="--fail-on any")
    check_known("check", [name for name in names if name != _ANY], CHECKS)
    return tuple(code for code in CHECKS if code in names or _ANY in names)


def _tallies(explanation: Explanation) -> tuple[_Tally, ...]:
    tallies = []
    for profile in explanation.profiles:
        verdicts = Counter(effect.verdict for effect in profile.effects)
        tallies.append(
            _Tally(
                judge=profile.judge,
                slice=profile.slice,
                named=verdicts["prefers more"] + verdicts["prefers less"],
                harmless=verdicts["makes no difference that matters"],
                unknown=verdicts["too few comparisons to tell"] + verdicts["not identified"],
            )
        )
    return tuple(tallies)


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


def _print_tallies(tallies: Sequence[_Tally], *, smallest: float) -> None:
    heading("factors")
    rows = [
        (tally.judge, tally.slice, f"{tally.named:,}", f"{tally.harmless:,}", f"{tally.unknown:,}") for tally in tallies
    ]
    print_table(["judge", "slice", "move it ", f"shown harmless (within {smallest:g}) ", "cannot tell "], rows)


def _print_gate(codes: Sequence[str], against: Sequence[CheckOutcome]) -> None:
    line()
    if not codes:
        line("no gate: name checks with --fail-on")
        return
    for check in against:
        where = f"{check.judge}, {check.slice}" if check.slice else check.judge
        line(f"gate: {check.code} {check.name}: {check.outcome} ({where})", "red")
    if not against:
        line(f"gate: passed ({', '.join(codes)})", "bold")
