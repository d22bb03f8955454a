"""``prefactor predict``: what a change of factors does to a win rate, before anybody judges it."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.measurement import Scores
from prefactor.analysis.versions import CHANGEABLE, VersionPrediction, VersionSettings, predict_version
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.logs import read_logs
from prefactor.cli.options import factors_option, paths_argument, reading_from, reading_options, workers_option
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.data.dataset import Dataset
from prefactor.factors import LEXICAL, factors_of, load_measurers
from prefactor.report.command_file import fields_of
from prefactor.stats.estimate import Estimate
from prefactor.study import measure

__all__ = ["predict_command"]


@click.command("predict")
@paths_argument
@click.option("--from", "base", required=True, metavar="LOG", help="Log of the version that is known.")
@click.option("--to", "variant", required=True, metavar="LOG", help="Log of the version to predict, judged or not.")
@json_option("predict", required=True)
@click.option("--judge", metavar="NAME", help="Whose preferences. [default: the only judge of the logs]")
@click.option("--baseline", metavar="MODEL", help="Model that others are compared with. [default: the one in all]")
@click.option(
    "--change",
    metavar="FACTOR,...",
    default=",".join(CHANGEABLE),
    show_default=True,
    help="Factors whose change is looked at.",
)
@factors_option
@reading_options
@workers_option
def predict_command(
    *,
    paths: tuple[str, ...],
    base: str,
    variant: str,
    out: Path,
    judge: str | None,
    baseline: str | None,
    change: str,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    workers: int | None,
) -> None:
    """Predict the win rate of a version of a model's answers that differs in factors such as length and lists.

    PATHS are logs of other models that the same judge has judged; the two versions are left out of them. What factors
    are worth is learnt from those, the level of the model from the log that --from names. Preferences in the log that
    --to names are only set beside the prediction.
    """
    names = tuple(name.strip() for name in change.split(",") if name.strip())
    settings = VersionSettings(names, judge=judge, baseline=baseline)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    own = {factor.name for factor in factors_of(load_measurers(factors))} if factors else set()
    lexical = [name for name in names if name not in own]
    specs = (*factors, *([f"{LEXICAL}:{','.join(lexical)}"] if lexical else []))

    with progress_bar() as progress:

        def measured(logs: Sequence[str]) -> tuple[Dataset, Scores]:
            dataset = read_logs(logs, reading, progress=progress)
            return dataset, measure(dataset, specs, workers=workers, progress=progress)

        learnt, known, new = measured(paths), measured([base]), measured([variant])
        found = predict_version(learnt, base=known, variant=new, settings=settings)
    results = fields_of(found, without=["settings"])
    sources = [each for dataset, _ in (learnt, known, new) for each in dataset.sources]
    file = write_results(out, "predict", results=results, settings=fields_of(settings), sources=sources)
    _print_prediction(found)
    line()
    line(f"also in {file}", "bold")


def _print_prediction(found: VersionPrediction) -> None:
    heading(f"{found.base} to {found.variant}, as {found.judge} would judge it")
    line(f"learnt from {found.learnt_from:,} comparisons of {found.models:,} other models")
    if found.unmeasured:
        line(f"left out: {found.unmeasured:,} comparisons in which a factor has no score", "yellow")
    if found.new_prompts:
        line(f"{found.new_prompts:,} comparisons are on prompts that were not learnt from", "yellow")
    if isnan(found.multiplier_sd):
        line("fewer than 5 models: how far models differ in this is not known, and not in the interval", "yellow")
    else:
        line(f"what a change is worth differs between models by {found.multiplier_sd:.0%} (one standard deviation)")
    columns = ["factor", found.base, found.variant, "log-odds a step ", "adds to the win rate, points"]
    rows = [
        (
            move.label,
            f"{move.base:,.2f}",
            f"{move.variant:,.2f}",
            _shown(move.slope, digits=2),
            _shown(move.contribution, scale=100, digits=2),
        )
        for move in found.moves
    ]
    line()
    print_table(columns, rows)
    line()
    known = "recorded" if found.base_judged else "not recorded; expected of a model like those learnt from"
    line(f"win rate of {found.base}: {_shown(found.base_rate, scale=100, digits=2)} % ({known})")
    line(f"win rate of {found.variant}, predicted: {_shown(found.predicted, scale=100, digits=2)} %", "bold")
    line(f"change, predicted: {_shown(found.change, scale=100, digits=2, sign=True)} points")
    if found.recorded is not None:
        place = "inside" if found.inside else "outside"
        style = "green" if found.inside else "red"
        line(f"recorded: {_shown(found.recorded, scale=100, digits=2)} %, {place} the predicted interval", style)
    if found.recorded_change is not None:
        line(f"change, recorded: {_shown(found.recorded_change, scale=100, digits=2, sign=True)} points")


def _shown(estimate: Estimate, *, scale: float = 1.0, digits: int = 1, sign: bool = False) -> str:
    form = f"{'+' if sign else ''}.{digits}f"
    value, low, high = (f"{scale * number:{form}}" for number in (estimate.value, estimate.low, estimate.high))
    return value if isnan(estimate.low) else f"{value} [{low}, {high}]"
