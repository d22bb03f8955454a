"""``prefactor judge``: preferences from models, on any comparisons."""

import shlex
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.cli.judging import JudgingOptions, judging_options, print_judged, print_plan, questions_of
from prefactor.cli.logs import read_logs
from prefactor.cli.options import paths_argument, reading_from, reading_options
from prefactor.cli.terminal import heading, line, progress_bar
from prefactor.errors import SettingError
from prefactor.judges.collecting import collect
from prefactor.judges.judge_file import SHIPPED
from prefactor.judges.preference_log import check_suffix, write_log

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
@judging_options
@reading_options
def judge_command(
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    spec: str,
    out: Path | None,
    dry_run: bool,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Ask models which answer they prefer, and write a preference log.

    PATHS are logs as for 'prefactor explain'; verdicts they hold are left alone. Ends with status 1 where calls failed:
    everything that was got is written all the same.
    """
    if out is None and not dry_run:
        raise SettingError("--out", expected="a file to write", got="none", hint="or --dry-run")
    if out is not None:
        check_suffix(out)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        questions = questions_of(dataset, spec, options=options)
        print_plan(questions, options.prices)
        if out is None or dry_run:
            line("nothing was asked")
            return 0
        judged = collect(questions, options.make_provider(), progress=progress)
        write_log(out, questions.texts, verdicts=judged.verdicts)
    print_judged(judged)
    line(f"written: {out}", "bold")
    heading("next")
    # A format or a mapping is said of all logs: the new one is of another format than those it was made from.
    beside = () if format_name or mapping else paths
    line(f"  {shlex.join(['prefactor', 'explain', str(out), *beside, '--out', 'report'])}")
    return 1 if judged.failures else 0
