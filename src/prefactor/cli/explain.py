"""``prefactor explain``: the main job."""

from collections.abc import Sequence
from pathlib import Path

import click

from prefactor._typing import OnBadRow, PriorName
from prefactor.analysis.measurement import Scores
from prefactor.analysis.results import Explanation
from prefactor.analysis.scores_file import write_scores
from prefactor.analysis.texts_file import TEXTS_FILE, write_texts
from prefactor.cli.corrected import print_corrected
from prefactor.cli.findings import print_explanation
from prefactor.cli.judging import JudgingOptions, judge_into, judging_options, print_plan, questions_of
from prefactor.cli.logs import read_logs
from prefactor.cli.measuring import MeasuringOptions, measure_into, measuring_options, read_queries_into
from prefactor.cli.options import (
    judge_is_option,
    judges_that_are_models,
    paths_argument,
    prior_options,
    reading_from,
    reading_options,
)
from prefactor.cli.terminal import line, progress_bar
from prefactor.config import BOOTSTRAPS, SEED
from prefactor.data.dataset import Dataset
from prefactor.data.limiting import limit_comparisons
from prefactor.report import ReportFiles, write_report
from prefactor.study import Fitting, correct, explain, preference_table

__all__ = ["explain_command"]


_judge_with = click.option(
    "--judge-with",
    metavar="FILE|NAME",
    help="Ask models first, as 'prefactor judge' does with the options below, and explain their verdicts too.",
)


_reliability = click.option(
    "--reliability",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="reliability.json of 'prefactor validate-factors': correct effects for the error of measurement, too.",
)
_bootstraps = click.option(
    "--bootstraps",
    type=click.IntRange(min=100),
    default=BOOTSTRAPS,
    show_default=True,
    help="Resamples of prompts behind the likeness to published judges; no other number needs any.",
)


_keep_texts = click.option(
    "--keep-texts",
    is_flag=True,
    help="Write texts.parquet too, so that 'prefactor app' can show and search the answers.",
)


@click.command("explain")
@paths_argument
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the report.")
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="Explain this judge only. May be repeated.")
@click.option("--by", multiple=True, metavar="COLUMN", help="Explain every value of this column too. May be repeated.")
@judge_is_option
@_reliability
@_judge_with
@measuring_options
@judging_options
@reading_options
@prior_options
@_bootstraps
@_keep_texts
@click.option("--seed", type=int, default=SEED, show_default=True)
def explain_command(
    measuring: MeasuringOptions,
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    out: Path,
    judge_with: str | None,
    judges: tuple[str, ...],
    by: tuple[str, ...],
    judge_is: tuple[str, ...],
    reliability: Path | None,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    prior: PriorName,
    prior_scale: float,
    bootstraps: int,
    keep_texts: bool,
    seed: int,
) -> int:
    """Explain what the judges of preference logs prefer.

    PATHS are files, folders, quoted globs, '-' for standard input, or hf://OWNER/NAME. Several logs join on the
    comparison. Writes report.html, report.md, results.json, factors.parquet and preferences.parquet into the folder.
    """
    models = judges_that_are_models(judge_is)
    options.check_used(asked=judge_with is not None)
    measuring.check_used()
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
    asked = _ask(dataset, judge_with, by=by, options=options, measuring=measuring, out=out)
    if asked is None:
        return 0
    dataset, scores, failed = asked
    with progress_bar() as progress:
        fitting = Fitting(prior=prior, prior_scale=prior_scale, bootstraps=bootstraps, seed=seed)
        explanation = explain(
            dataset, scores, judges=judges, by=by, fitting=fitting, judge_is=models, progress=progress
        )
        if reliability is not None:
            explanation = correct(explanation, dataset, scores=scores, reliability=reliability)
        files = _write(explanation, dataset, scores=scores, out=out, keep_texts=keep_texts)
    print_explanation(explanation)
    print_corrected(explanation)
    line()
    line(f"report: {files.html}", "bold")
    line(f"also in {out}: {files.markdown.name}, {files.json.name}, factors.parquet, preferences.parquet")
    line(f"to look around in it: prefactor app {out}")
    return 1 if failed else 0


def _ask(
    dataset: Dataset,
    judge: str | None,
    *,
    by: Sequence[str],
    options: JudgingOptions,
    measuring: MeasuringOptions,
    out: Path,
) -> tuple[Dataset, Scores, int] | None:
    """Judge and measure with the models that are named; return how many calls failed. None after a dry run."""
    if judge is None or measuring.model is not None:
        dataset = limit_comparisons(dataset, options.limit)
    failed = 0
    if judge is not None and measuring.dry_run:
        print_plan(questions_of(dataset, judge, options=options), options.make_provider(), options=options.ask)
    elif judge is not None:
        dataset, failed = judge_into(dataset, judge, options=options, out=out / "judged.jsonl")
        line()
    fence = options.asking.fence
    dataset, asking, unread = read_queries_into(dataset, by, options=measuring, asking=options.reaching, fence=fence)
    found = measure_into(dataset, measuring, asking=asking, fence=fence)
    if found is None:
        return None
    scores, unrated = found
    return dataset, scores, failed + unread + unrated


def _write(explanation: Explanation, dataset: Dataset, *, scores: Scores, out: Path, keep_texts: bool) -> ReportFiles:
    files = write_report(explanation, out)
    write_scores(scores, out / "factors.parquet", dataset=dataset)
    preference_table(dataset, scores).write_parquet(out / "preferences.parquet")
    # Texts of an earlier run would be shown beside other results.
    (out / TEXTS_FILE).unlink(missing_ok=True)
    if keep_texts:
        write_texts(dataset, out / TEXTS_FILE)
    return files
