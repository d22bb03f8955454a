"""``prefactor rewrite``: cause or correlation, by rewriting one factor and asking the judge again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.measurement import Scores
from prefactor.analysis.rewrite_pairs import (
    ChosenAnswer,
    VersionPair,
    choose_answers,
    contrasted,
    jobs_of,
    pairs_of,
    texts_of_pairs,
)
from prefactor.analysis.rewrite_recorded import NO_SHRINKAGE
from prefactor.analysis.rewrite_results import RewriteSettings
from prefactor.analysis.rewriting import study_rewrites
from prefactor.asking.calls import AskOptions, plan_calls
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.json_file import write_results
from prefactor.cli.judging import JudgingOptions, judging_options, print_judged
from prefactor.cli.logs import read_logs
from prefactor.cli.options import (
    factor_specs,
    factors_option,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.rewritten import print_rewriting, print_study
from prefactor.cli.terminal import line, progress_bar
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError, SettingError
from prefactor.factors import Measurer, load_measurers
from prefactor.interventions.rewrite import (
    Job,
    RewritePrompt,
    Rewriting,
    read_rewrite_prompt,
    rewrite_request,
    rewrite_twice,
)
from prefactor.judges.collecting import Judged, collect
from prefactor.judges.judge_file import SHIPPED
from prefactor.judges.judging import Bench, make_bench, pose
from prefactor.judges.preference_log import write_log
from prefactor.report.command_file import fields_of
from prefactor.study import measure

__all__ = ["rewrite_command"]

_PAIRS = "rewrites.jsonl"


@dataclass(frozen=True, slots=True)
class _Work:
    """All that is to be done: the log, what is rewritten, by whom, and who judges."""

    dataset: Dataset
    scores: Scores
    measurers: tuple[Measurer, ...]
    chosen: tuple[ChosenAnswer, ...]
    jobs: tuple[Job, ...]
    not_applicable: tuple[tuple[str, int], ...]
    prompt: RewritePrompt
    model: str
    bench: Bench
    settings: RewriteSettings

    @property
    def judge(self) -> str:
        return self.bench.name if self.bench.jury else self.bench.seats[0].name


@click.command("rewrite")
@paths_argument
@click.option("--factor", "names", multiple=True, required=True, metavar="NAME", help="To change. May be repeated.")
@click.option(
    "--judge-with",
    default="pairwise",
    show_default=True,
    metavar="FILE|NAME",
    help=f"Who judges the rewrites: {', '.join(SHIPPED)}, or a .toml file of your own.",
)
@click.option("--judge-model", "judge_models", multiple=True, metavar="NAME", help="Its model. [default: --model]")
@click.option("--judge", metavar="NAME", help="Judge of the log that stands beside. [default: the only one]")
@click.option("--instructions", metavar="FILE", help="Your own wording: a .toml of [[factor]] name, more, less.")
@click.option("--naive", is_flag=True, help="Ask about originals against their first rewrite, too, to see the bias.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Folder to write into.")
@click.option("--dry-run", is_flag=True, help="Say what it would take, and ask nothing.")
@factors_option
@judging_options
@reading_options
@workers_option
def rewrite_command(
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    names: tuple[str, ...],
    judge_with: str,
    judge_models: tuple[str, ...],
    judge: str | None,
    instructions: str | None,
    naive: bool,
    out: Path | None,
    dry_run: bool,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    workers: int | None,
) -> int:
    """Tell cause from correlation: rewrite answers in one factor, and ask the judge again.

    PATHS are logs as for 'prefactor explain'. One answer of every comparison (of --limit many) is rewritten by --model
    to have more or less of each --factor, and the rewrite back again, so that the rewriter's own style is in both
    versions; the judge compares these two. What the log says of the same factors stands beside. Ends with status 1
    where calls failed.
    """
    if out is None and not dry_run:
        raise SettingError("--out", expected="a folder to write into", got="none", hint="or --dry-run")
    if len(options.models) != 1:
        raise SettingError("--model", expected="one model that rewrites", got=options.models or "none")
    settings = RewriteSettings(names, judge=judge, limit=options.limit, naive=naive)
    bench = _one_judge(judge_with, judge_models, options)
    prompt = read_rewrite_prompt(instructions)
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    specs = factor_specs(factors)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, specs, workers=workers, progress=progress)
    log = (dataset, scores, load_measurers(specs))
    work = _make_work(*log, prompt=prompt, model=options.models[0], bench=bench, settings=settings)
    _print_plan(work, options)
    if dry_run or out is None:
        line("nothing was asked")
        return 0
    return _carry_out(work, options, out)


def _make_work(
    dataset: Dataset,
    scores: Scores,
    measurers: tuple[Measurer, ...],
    *,
    prompt: RewritePrompt,
    model: str,
    bench: Bench,
    settings: RewriteSettings,
) -> _Work:
    chosen = choose_answers(dataset, limit=settings.limit)
    jobs, not_applicable = jobs_of(chosen, scores, names=settings.factors)
    if not jobs:
        raise FitError("the effect of a rewrite", "no answer of the log has a score on the factors")
    return _Work(dataset, scores, measurers, chosen, jobs, not_applicable, prompt, model, bench, settings)


def _one_judge(spec: str, models: tuple[str, ...], options: JudgingOptions) -> Bench:
    bench = make_bench(spec, models or options.models, asking=options.asking, name=options.name)
    if bench.jury is None and len(bench.seats) > 1:
        raise SettingError("--judge-model", expected="one judge, or a jury", got=models)
    return bench


def _print_plan(work: _Work, options: JudgingOptions) -> None:
    """Print what it will take; what depends on replies is reckoned with the answers in their place."""
    provider, fence = options.make_provider(), options.asking.fence
    rounds = [
        [
            rewrite_request(
                work.prompt, job, text=job.original.text, direction=getattr(job, way), model=work.model, fence=fence
            )
            for job in work.jobs
        ]
        for way in ("away", "back")
    ]
    stand_ins = [
        VersionPair(place, job.factor, job.original, job.original.text, f"{job.original.text}\n{job.factor}")
        for place, job in enumerate(work.jobs)
    ]
    questions, contrasts = pose(texts_of_pairs(stand_ins), work.bench), 2 if work.settings.naive else 1
    first, second, third = (
        plan_calls(provider, requests, options=options.ask) for requests in (*rounds, questions.requests)
    )
    line(
        f"{len(work.chosen):,} answers, {len(work.settings.factors)} factors: {first.distinct:,} calls to rewrite"
        f" ({first.cached:,} answered before), about as many to rewrite back, "
        f"about {third.distinct * contrasts:,} to judge {len(work.jobs) * contrasts:,} pairs"
    )
    plans = [first, second, *([third] * contrasts)]
    cost = ""
    if all(plan.most_price is not None for plan in plans):
        cost = f"; {sum(plan.most_price or 0.0 for plan in plans):,.2f} at most, at the prices given"
    tokens = (sum(plan.input_tokens for plan in plans), sum(plan.most_output_tokens for plan in plans))
    line(f"about {tokens[0]:,} tokens in (4 bytes each), at most {tokens[1]:,} out{cost}")


def _carry_out(work: _Work, options: JudgingOptions, out: Path) -> int:
    ask, priced = options.ask, options.ask.price is not None
    if ask.cache is not None:
        ask.cache.parent.mkdir(parents=True, exist_ok=True)
    rewriting = _rewritten(work, options)
    print_rewriting(rewriting, priced=priced)
    left = ask.calls.budget.without(rewriting.spent)
    pairs, judged = _judged(work, rewriting, options, replace(ask, calls=replace(ask.calls, budget=left)))
    write_log(out / _PAIRS, judged.questions.texts, verdicts=judged.verdicts)
    print_judged(judged, priced=priced)
    study = study_rewrites(
        (work.dataset, work.scores),
        work.chosen,
        rewriting=rewriting,
        measurers=work.measurers,
        judged=contrasted(pairs, judged.verdicts, judge=work.judge),
        judge=work.judge,
        not_applicable=work.not_applicable,
        settings=work.settings,
    )
    results, settings = fields_of(study, without=["settings"]), _settings(work, options)
    file = write_results(out, "rewrite", results=results, settings=settings, sources=work.dataset.sources)
    print_study(study)
    line()
    line(f"also in {file}; the pairs are a log: {out / _PAIRS}", "bold")
    return 1 if rewriting.failures or judged.failures else 0


def _settings(work: _Work, options: JudgingOptions) -> Mapping[str, object]:
    """Return everything that the results depend on; judges by model, name, version and hash of their file."""
    seats = [
        {"model": seat.asking.model, "judge": f"{seat.file.name} {seat.file.version} ({seat.file.digest})"}
        for seat in work.bench.seats
    ]
    return {
        **fields_of(work.settings),
        "rewriter": work.model,
        "prompt": work.prompt.made_by,
        "judges": seats,
        "orders": options.asking.orders,
        "repeat": options.asking.repeat,
        "fence": options.asking.fence,
        "provider": options.provider,
        "joint_prior_scale": NO_SHRINKAGE,
        "measured_by": work.scores.measured_by,
    }


def _rewritten(work: _Work, options: JudgingOptions) -> Rewriting:
    provider = options.make_provider()
    try:
        with calls_bar(priced=options.ask.price is not None) as watch:
            return rewrite_twice(
                work.jobs,
                provider,
                file=work.prompt,
                model=work.model,
                fence=options.asking.fence,
                ask=options.ask,
                watch=watch,
            )
    finally:
        asyncio.run(provider.close())


def _judged(
    work: _Work, rewriting: Rewriting, options: JudgingOptions, ask: AskOptions
) -> tuple[Sequence[VersionPair], Judged]:
    pairs = [*pairs_of(rewriting.done, contrast="both rewritten")]
    if work.settings.naive:
        pairs += pairs_of(rewriting.done, contrast="original and rewrite")
    questions = pose(texts_of_pairs(pairs), work.bench)
    with calls_bar(priced=ask.price is not None) as watch:
        return pairs, collect(questions, options.make_provider(), options=ask, watch=watch)
