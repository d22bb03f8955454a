"""``prefactor judge``: preferences from models, on any comparisons."""

import shlex
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.cli.batches import run_batch
from prefactor.cli.judging import JudgingOptions, judge_into, judging_options, print_plan, questions_of
from prefactor.cli.logs import read_logs
from prefactor.cli.options import paths_argument, reading_from, reading_options
from prefactor.cli.terminal import heading, line, progress_bar
from prefactor.errors import SettingError
from prefactor.judges.judge_file import SHIPPED
from prefactor.judges.preference_log import check_suffix

__all__ = ["judge_command"]


@click.command("judge")
@paths_argument
@click.option(
    "--judge",
    "spec",
    default="pairwise",
    show_default=True,
    metavar="FILE|NAME",
    help=f"A judge that ships with prefactor ({', '.join(SHIPPED)}), or a .toml file of your own.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Log to write: .jsonl or .parquet."
)
@click.option("--dry-run", is_flag=True, help="Say what it would take, and ask nothing.")
@click.option(
    "--batch",
    metavar="submit|NAME",
    help="Send the calls as one batch (openai), or collect one; then leave this out to write the log.",
)
@judging_options
@reading_options
def judge_command(
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    spec: str,
    out: Path | None,
    dry_run: bool,
    batch: str | None,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Ask models which answer they prefer, and write a preference log.

    PATHS are logs as for 'prefactor explain'; verdicts they hold are left alone. Ends with status 1 where calls failed:
    everything that was got is written all the same.
    """
    if out is None and not dry_run and batch is None:
        raise SettingError("--out", expected="a file to write", got="none", hint="or --dry-run")
    if out is not None:
        check_suffix(out)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
    if batch is not None and not dry_run:
        return run_batch(batch, questions_of(dataset, spec, options=options), options=options)
    if out is None or dry_run:
        print_plan(questions_of(dataset, spec, options=options), options.make_provider(), options=options.ask)
        line("nothing was asked")
        return 0
    _, failed = judge_into(dataset, spec, options=options, out=out)
    heading("next")
    # A format or a mapping is said of all logs: the new one is of another format than those it was made from.
    beside = () if format_name or mapping else paths
    line(f"  {shlex.join(['prefactor', 'explain', str(out), *beside, '--out', 'report'])}")
    return 1 if failed else 0
