"""``prefactor validate``: whether the tool finds known effects, and nothing else, on the user's own comparisons."""

from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.planting import PLANTED_WEIGHTS, Trials
from prefactor.analysis.validation import Validation
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.logs import read_logs
from prefactor.cli.measuring import given_scores, scores_option
from prefactor.cli.options import (
    factors_option,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.config import SEED
from prefactor.questions import validate
from prefactor.report.command_file import fields_of
from prefactor.stats.estimate import Estimate
from prefactor.stats.special import sigmoid

__all__ = ["validate_command"]


@click.command("validate")
@paths_argument
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="Validate on this judge only. May be repeated.")
@click.option("--simulations", type=click.IntRange(min=20), default=200, show_default=True, help="Of each kind.")
@click.option(
    "--effect",
    "effects",
    type=float,
    multiple=True,
    metavar="LOG-ODDS",
    help=f"Weight to plant. May be repeated. [default: {', '.join(map(str, PLANTED_WEIGHTS))}]",
)
@click.option(
    "--plant-on",
    multiple=True,
    metavar="FACTOR",
    help="Plant on this factor. May be repeated. [default: all that differ in half of the comparisons]",
)
@json_option("validate")
@factors_option
@scores_option
@reading_options
@click.option("--seed", type=int, default=SEED, show_default=True)
@workers_option
def validate_command(
    *,
    paths: tuple[str, ...],
    judges: tuple[str, ...],
    simulations: int,
    effects: tuple[float, ...],
    plant_on: tuple[str, ...],
    out: Path | None,
    factors: tuple[str, ...],
    scores_file: Path | None,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    seed: int,
    workers: int | None,
) -> None:
    """Plant known effects in your own comparisons, shuffle their labels, and count what is found.

    Says whether prefactor can be relied on with as many comparisons as you have.
    """
    trials = Trials(simulations=simulations, weights=effects or PLANTED_WEIGHTS, planted_on=plant_on, seed=seed)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = given_scores(dataset, scores_file, factors=factors, workers=workers, progress=progress)
        validations = validate(dataset, scores, judges=judges, trials=trials, workers=workers, progress=progress)
    for validation in validations:
        _print_validation(validation)
    if out is not None:
        settings = {**fields_of(trials), "judges": judges, "factors": scores.measured_by}
        results = [fields_of(validation, without=["trials"]) for validation in validations]
        write_results(out, "validate", results=results, settings=settings, sources=dataset.sources)


def _print_validation(validation: Validation) -> None:
    heading(f"{validation.judge}: can prefactor be relied on here? {validation.reliance}")
    for sentence in validation.words:
        line(f"  {sentence}")
    line()
    runs = f"{len(validation.planted_on):,} factors, {validation.trials.simulations:,} simulations each"
    counts = f"{validation.comparisons:,} comparisons ({validation.strict:,} strict) on {validation.prompts:,} prompts"
    line(f"{counts}; planted on {runs}")
    rows = [
        (
            f"{planted.weight:g} ({100 * float(sigmoid(planted.weight)):.0f} %)",
            f"{planted.tau14.value:.2f}",
            _percent(planted.named),
            _percent(planted.harmless),
            _percent(planted.overlooked),
            _percent(planted.wrong_side),
            _percent(planted.covered.tau14),
            _percent(planted.covered.weight),
        )
        for planted in validation.planted
    ]
    drawn = validation.drawn
    rows.append(("from the prior", "", "", "", "", "", _percent(drawn.tau14), _percent(drawn.weight)))
    rows.append(
        (
            "labels shuffled",
            "",
            f"any: {_percent(validation.any_named)}",
            *("", "", ""),
            _percent(validation.shuffled_tau14),
            "",
        )
    )
    columns = ["true weight", "tau14 ", "named ", "harmless ", "overlooked ", "wrong side "]
    print_table([*columns, "tau14 covered ", "weight covered "], rows)
    smallest, mass = f"{validation.trials.smallest_effect:g}", f"{100 * validation.trials.interval:.0f} %"
    line(f"harmless: said to be, and tau14 is within {smallest}; overlooked: said to be, and tau14 is beyond it")
    line(f"covered: inside the interval, which should hold {mass}")


def _percent(share: Estimate) -> str:
    return f"{100 * share.value:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"
