"""``prefactor control``: win rates and ratings of models with factors held equal."""

from math import isnan
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.control import Control, ControlSettings, ModelStanding
from prefactor.analysis.scores_file import scored_factors
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.logs import read_logs
from prefactor.cli.measuring import given_scores, scores_option
from prefactor.cli.options import factors_option, paths_argument, reading_from, reading_options, workers_option
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.factors import LEXICAL, factors_of, load_measurers
from prefactor.questions import control
from prefactor.report.command_file import fields_of
from prefactor.stats.estimate import Estimate

__all__ = ["control_command"]


@click.command("control")
@paths_argument
@click.option("--hold", required=True, metavar="FACTOR,...", help="Factors to hold equal, such as words,list_items.")
@json_option("control", required=True)
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="This judge only. May be repeated.")
@click.option("--baseline", metavar="MODEL", help="Model to compare with. [default: the one in every comparison]")
@factors_option
@scores_option
@reading_options
@workers_option
def control_command(
    *,
    paths: tuple[str, ...],
    hold: str,
    out: Path,
    judges: tuple[str, ...],
    baseline: str | None,
    factors: tuple[str, ...],
    scores_file: Path | None,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    workers: int | None,
) -> None:
    """Win rates of models, as they are and with factors held equal in both answers.

    PATHS are logs that name the models. Where one model is in every comparison the others get win rates against it;
    otherwise every model gets a Bradley-Terry rating on the Elo scale. Intervals hold 90 % and are clustered by prompt.
    """
    held = tuple(name.strip() for name in hold.split(",") if name.strip())
    settings = ControlSettings(held, judges=judges, baseline=baseline)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        known = () if scores_file is None else scored_factors(scores_file)
        specs = _specs(held, factors, known=known)
        scores = given_scores(dataset, scores_file, factors=specs, workers=workers, progress=progress)
        found = control(dataset, scores, settings=settings)
    results = [fields_of(each, without=["settings"]) for each in found]
    asked = {**fields_of(settings), "factors": scores.measured_by}
    file = write_results(out, "control", results=results, settings=asked, sources=dataset.sources)
    for each in found:
        _print_control(each)
    line()
    line(f"also in {file}", "bold")


def _specs(held: tuple[str, ...], files: tuple[str, ...], *, known: tuple[str, ...]) -> tuple[str, ...]:
    """Measure what the user's files hold, and of the lexical factors only those that are held and not ``known``."""
    own = {*known, *(factor.name for factor in factors_of(load_measurers(files)))} if files else {*known}
    lexical = [name for name in held if name not in own]
    return (*files, *([f"{LEXICAL}:{','.join(lexical)}"] if lexical else []))


def _print_control(found: Control) -> None:
    heading(f"{found.judge}: {found.kind}")
    account = found.account
    line(
        f"{account.read:,} read: {account.used:,} used ({account.tied:,} tied), {account.unreadable:,} unreadable, "
        f"{account.missing:,} missing; {found.prompts:,} prompts"
    )
    left_out = (
        (found.unnamed, "name no model"),
        (found.same_model, "compare a model with itself"),
        (found.unmeasured, "have a held factor that does not apply, or was not measured"),
    )
    for count, why in left_out:
        if count:
            line(f"left out: {count:,} that {why}", "yellow")
    for factor in found.held:
        slope = _shown(factor.slope, digits=2)
        line(f"held equal: {factor.factor} (slope {slope} log-odds, spread {factor.spread:,.4g})")
    if found.kind == "win rates":
        line(f"baseline: {found.baseline}; spread of the prompts: {found.prompt_sd:.2f} log-odds")
    else:
        line(f"1,000 points: {found.baseline or 'the mean of all models'}")
    line()
    held = ", ".join(factor.factor for factor in found.held) if len(found.held) < 3 else "them"
    if found.kind == "win rates":
        columns = ["model", "comparisons ", "win rate % ", f"with {held} equal % ", "note"]
    else:
        columns = ["model", "comparisons ", "win rate % ", "rating ", f"with {held} equal ", "note"]
    print_table(columns, [_row(standing, found) for standing in found.standings])


def _row(standing: ModelStanding, found: Control) -> list[str]:
    start = [standing.model, f"{standing.comparisons:,}", _shown(standing.win_rate, scale=100)]
    if found.kind == "win rates":
        return [*start, _shown(standing.controlled_win_rate, scale=100), standing.reason]
    return [
        *start,
        *(_shown(each, digits=0) for each in (standing.rating, standing.controlled_rating)),
        standing.reason,
    ]


def _shown(estimate: Estimate, *, scale: float = 1.0, digits: int = 1) -> str:
    if isnan(estimate.value):
        return ""
    value, low, high = (f"{scale * number:.{digits}f}" for number in (estimate.value, estimate.low, estimate.high))
    return value if isnan(estimate.low) or low == high else f"{value} [{low}, {high}]"
