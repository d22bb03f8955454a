"""``prefactor check``: the validity checks as a gate, with an exit status."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click

from prefactor._typing import OnBadRow
from prefactor._validate import check_known
from prefactor.analysis.results import CheckOutcome, Explanation, Shown
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


@dataclass(frozen=True, slots=True)
class _Gate:
    """What ends with exit status 1: what is shown by checks in ``fail_on``, and what is not by ``require_shown``."""

    fail_on: tuple[str, ...]
    require_shown: tuple[str, ...]
    stopping: tuple[Shown, ...]

    def stopped_by(self, check: CheckOutcome) -> bool:
        if check.code in self.require_shown and check.shown in ("fault", "neither"):
            return True
        return check.code in self.fail_on and check.shown in self.stopping


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
    require_shown: tuple[str, ...],
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

    The exit status is 0, or 1 when a check named with --fail-on warns or fails or one named with --require-shown does
    not show that the fault is absent or harmless, or 2 on an error. Without these options it is 0 whatever is found.
    """
    gate = _gate(fail_on, require_shown, underpowered=fail_on_underpowered)
    models = judges_that_are_models(judge_is)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, factor_specs(factors), workers=workers, progress=progress)
        fitting = Fitting(bootstraps=bootstraps, seed=seed)
        explanation = explain(
            dataset, scores, judges=judges, by=by, fitting=fitting, judge_is=models, progress=progress
        )
    context.exit(0 if _tell(explanation, gate, out=out) else 1)


def _tell(explanation: Explanation, gate: _Gate, *, out: Path | None) -> bool:
    """Print what was found, write it where it is to be kept, and return whether the gate was passed."""
    against = [check for check in explanation.checks if gate.stopped_by(check)]
    tallies = _tallies(explanation)
    _print_checks(explanation.checks)
    _print_tallies(tallies, smallest=explanation.settings.smallest_effect)
    _print_gate(gate, against)
    if out is not None:
        told = {
            "fail_on": gate.fail_on,
            "fail_on_underpowered": "neither" in gate.stopping,
            "require_shown": gate.require_shown,
            "failed_by": _with_shown(against),
        }
        checks, settings = _with_shown(explanation.checks), explanation.settings
        write_json(out, {"checks": checks, "factors": tallies, "gate": told, "settings": settings})
    return not against


def _gate(fail_on: Sequence[str], require_shown: Sequence[str], *, underpowered: bool) -> _Gate:
    codes, required = _codes(fail_on), _codes(require_shown)
    if underpowered and not codes:
        raise SettingError("--fail-on-underpowered", expected="checks to apply it to", got="none", hint="--fail-on any")
    stopping: tuple[Shown, ...] = ("fault", "neither") if underpowered else ("fault",)
    return _Gate(codes, required, stopping)


def _codes(given: Sequence[str]) -> tuple[str, ...]:
    """Codes that were named, in the order of the registry."""
    names = [name.strip() for part in given for name in part.split(",") if name.strip()]
    check_known("check", [name for name in names if name != _ANY], CHECKS)
    return tuple(code for code in CHECKS if code in names or _ANY in names)


def _with_shown(checks: Sequence[CheckOutcome]) -> list[dict[str, object]]:
    return [{**asdict(check), "shown": check.shown} for check in checks]


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


def _print_tallies(tallies: Sequence[_Tally], *, smallest: float) -> None:
    heading("factors")
    rows = [
        (tally.judge, tally.slice, f"{tally.named:,}", f"{tally.harmless:,}", f"{tally.unknown:,}") for tally in tallies
    ]
    print_table(["judge", "slice", "move it ", f"shown harmless (within {smallest:g}) ", "cannot tell "], rows)


def _print_gate(gate: _Gate, against: Sequence[CheckOutcome]) -> None:
    line()
    codes = [code for code in CHECKS if code in gate.fail_on + gate.require_shown]
    if not codes:
        line("no gate: name checks with --fail-on or --require-shown")
        return
    for check in against:
        where = f"{check.judge}, {check.slice}" if check.slice else check.judge
        line(f"gate: {check.code} {check.name}: {check.outcome} ({where})", "red")
    if not against:
        line(f"gate: passed ({', '.join(codes)})", "bold")
