"""``prefactor measure``: scores of every distinct response, as Parquet."""

from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.scores_file import write_scores
from prefactor.cli.asking import AskingOptions, asking_options
from prefactor.cli.logs import read_logs
from prefactor.cli.measuring import MeasuringOptions, measure_into, measuring_options
from prefactor.cli.options import paths_argument, reading_from, reading_options
from prefactor.cli.terminal import line, progress_bar
from prefactor.data.limiting import limit_comparisons

__all__ = ["measure_command"]


@click.command("measure")
@paths_argument
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Parquet file to write.")
@measuring_options
@asking_options
@reading_options
def measure_command(
    options: MeasuringOptions,
    asking: AskingOptions,
    *,
    paths: tuple[str, ...],
    out: Path,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Measure factors of every distinct response of the logs.

    Writes one row per response: response_id, prompt_id, and one column per factor (null where it does not apply, NaN
    where measuring failed); --scores of other commands reads it. Ends with status 1 where calls failed: everything that
    was got is written all the same.
    """
    options.check_used()
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = limit_comparisons(read_logs(paths, reading, progress=progress), asking.limit)
    found = measure_into(dataset, options, asking=asking)
    if found is None:
        return 0
    scores, failed = found
    write_scores(scores, out, dataset=dataset)
    line(f"{dataset.n_responses:,} distinct responses, {len(scores.factors)} factors: {out}")
    return 1 if failed else 0
