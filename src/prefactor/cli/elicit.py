"""``prefactor elicit``: what a model prefers when it writes, as comparisons."""

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Literal

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.alignment import WHEN_GENERATING
from prefactor.analysis.generated import (
    Generated,
    Scored,
    answers_of,
    compare_answers,
    is_judge,
    score_with_factor,
    score_with_judge,
)
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.elicited import print_elicit_plan, print_elicited, print_generated, print_scored
from prefactor.cli.gathering import gathers
from prefactor.cli.judging import JudgingOptions, judging_options
from prefactor.cli.options import paths_argument, reading_from, reading_options
from prefactor.cli.terminal import heading, line
from prefactor.errors import SettingError
from prefactor.interventions.base import Answer, Task, distinct_tasks
from prefactor.interventions.eliciting import (
    REPAIRS,
    Elicited,
    ElicitOptions,
    elicit_levels,
    sample_answers,
)
from prefactor.interventions.prompt_file import read_prompt_file
from prefactor.judges.base import Asking
from prefactor.judges.preference_log import check_suffix, write_log
from prefactor.llm.records import Sampling
from prefactor.study import Reading, read_recorded, read_tasks

__all__ = ["elicit_command"]

Origin = Literal["levels", "samples", "recorded"]


@dataclass(frozen=True, slots=True)
class _Eliciting:
    """What the options say of answers: where they come from, and what ranks them."""

    levels_in: str
    origin: Origin
    samples: int
    temperature: float
    max_tokens: int | None
    scorer: str
    scorer_model: str
    best: bool
    repairs: int

    def options(self, models: Sequence[str]) -> ElicitOptions:
        """Return how a model is asked."""
        if len(models) != 1:
            raise SettingError("--model", expected="one model that writes", got=models or "none")
        if self.origin == "samples":
            if not self.scorer:
                raise SettingError("--scorer", expected="what ranks samples", got="none", hint="--scorer grade")
            most = self.max_tokens or ElicitOptions("").sampling.max_tokens
            sampling = Sampling(temperature=self.temperature, max_tokens=most)
            return ElicitOptions(models[0], samples=self.samples, sampling=sampling, repairs=self.repairs)
        spec = f"levels-{self.levels_in}" if self.levels_in in ("one", "each") else self.levels_in
        file = read_prompt_file(spec)
        if self.max_tokens is not None:
            file = replace(file, sampling=replace(file.sampling, max_tokens=self.max_tokens))
        return ElicitOptions(models[0], file, repairs=self.repairs)


_OPTIONS = (
    click.option(
        "--levels-in",
        "levels_in",
        default="each",
        show_default=True,
        metavar="one|each|FILE",
        help="All levels of quality in one call, or each in a call of its own; or a .toml file of your own.",
    ),
    click.option(
        "--from",
        "origin",
        type=click.Choice(["levels", "samples", "recorded"]),
        default="levels",
        show_default=True,
        help="Answers at levels of quality; samples ranked by a scorer; or answers and scores that the files hold.",
    ),
    click.option("-n", "samples", type=click.IntRange(min=2), default=5, show_default=True, help="Samples a prompt."),
    click.option("--temperature", type=click.FloatRange(min=0), default=1.0, show_default=True, help="Of samples."),
    click.option(
        "--max-tokens", type=click.IntRange(min=1), help="Most tokens of a reply. [default: as the prompt says]"
    ),
    click.option(
        "--scorer",
        default="",
        metavar="FILE|NAME",
        help="What ranks samples: a judge of single answers (grade, rubric, reward, or a .toml file), or one factor "
        "(lexical:words, or a .py file).",
    ),
    click.option(
        "--scorer-model", default="", metavar="NAME", help="Model of a scorer that is a judge. [default: --model]"
    ),
    click.option(
        "--best", is_flag=True, help="Compare the best sample with the rest (best-of-n), instead of every two."
    ),
    click.option(
        "--repairs",
        type=click.IntRange(min=0),
        default=REPAIRS,
        show_default=True,
        help="Times to ask again for a level.",
    ),
)


@click.command("elicit")
@paths_argument
@gathers("wanted", _Eliciting, options=_OPTIONS)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Log to write: .jsonl or .parquet."
)
@click.option("--dry-run", is_flag=True, help="Say what it would take, and ask nothing.")
@judging_options
@reading_options
def elicit_command(
    options: JudgingOptions,
    *,
    paths: tuple[str, ...],
    wanted: _Eliciting,
    out: Path | None,
    dry_run: bool,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
) -> int:
    """Have a model write answers that it ranks itself by writing them, and write a preference log.

    PATHS are logs as for 'prefactor explain', of which every distinct prompt is taken, or files of prompts: one a line
    (.txt), or a column of prompts (JSONL, CSV, Parquet), with documents where there are any. The judge of the log is
    'MODEL when generating'. Ends with status 1 where calls failed: everything that was got is written all the same.
    """
    if out is None and not dry_run:
        raise SettingError("--out", expected="a file to write", got="none", hint="or --dry-run")
    if out is not None:
        check_suffix(out)
    if options.asking.orders is not None or options.asking.repeat != 1:
        raise SettingError("--orders, --repeat", expected="nothing: they are for judging", got="given")
    if not options.asking.fence and not wanted.scorer:
        raise SettingError("--fence", expected="on: prompts for answers always have one", got="off")
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    if wanted.origin == "recorded":
        return _from_recorded(paths, reading, options=options, wanted=wanted, out=out)
    elicit = wanted.options(options.models)
    tasks = distinct_tasks(read_tasks(paths, reading), limit=options.limit)
    print_elicit_plan(tasks, elicit, provider=options.make_provider(), ask=options.ask)
    if dry_run or out is None:
        line("nothing was asked")
        return 0
    return _elicit_into(tasks, elicit, options=options, wanted=wanted, out=out)


def _elicit_into(
    tasks: Sequence[Task], elicit: ElicitOptions, *, options: JudgingOptions, wanted: _Eliciting, out: Path
) -> int:
    if options.ask.cache is not None:
        options.ask.cache.parent.mkdir(parents=True, exist_ok=True)
    provider = options.make_provider()
    priced = options.ask.price is not None
    ask_for = sample_answers if elicit.file is None else elicit_levels
    try:
        with calls_bar(priced=priced) as watch:
            elicited = ask_for(tasks, provider, options=elicit, ask=options.ask, watch=watch)
    finally:
        asyncio.run(provider.close())
    scored = None
    if elicit.file is None:
        left = replace(options, ask=elicited.spent.left_of(options.ask) or options.ask)
        scored = _scored(elicited.tasks, elicited.answers, options=left, wanted=wanted)
    generated = compare_answers(
        elicited.tasks,
        elicited.answers,
        model=elicit.model,
        judge=_name(options, wanted, elicited=elicited),
        made_by=elicit.file.made_by if elicit.file else f"{elicit.samples} samples ranked by {wanted.scorer}",
        scores=scored.scores if scored else None,
        best=wanted.best,
    )
    print_elicited(elicited, priced=priced)
    if scored:
        print_scored(scored)
    _write(generated, out)
    return 1 if elicited.spent.failures or (scored and scored.failures) else 0


def _from_recorded(
    paths: Sequence[str], reading: Reading, *, options: JudgingOptions, wanted: _Eliciting, out: Path | None
) -> int:
    tasks, answers, scores = answers_of(read_recorded(paths, reading))
    scored = _scored(tasks, answers, options=options, wanted=wanted) if wanted.scorer else None
    unscored = sum(isnan(score) for known in scores for score in known)
    model = options.models[0] if options.models else ""
    name = options.name or _name(options, wanted, elicited=None)
    line(f"{len(tasks):,} prompts, {sum(map(len, answers)):,} recorded answers")
    generated = compare_answers(
        tasks,
        answers,
        model=model,
        judge=name,
        made_by="recorded answers",
        scores=scored.scores if scored else scores,
        best=wanted.best,
    )
    print_scored(scored or Scored(scores, (("no score in the file", unscored),) if unscored else ()))
    _write(generated, out)
    return 1 if scored and scored.failures else 0


def _scored(
    tasks: Sequence[Task], answers: Sequence[Sequence[Answer]], *, options: JudgingOptions, wanted: _Eliciting
) -> Scored:
    if not is_judge(wanted.scorer):
        return score_with_factor(tasks, answers, spec=wanted.scorer)
    model = wanted.scorer_model or (options.models[0] if options.models else "")
    with calls_bar(priced=options.ask.price is not None) as watch:
        return score_with_judge(
            tasks,
            answers,
            judge=wanted.scorer,
            asking=Asking(model, fence=options.asking.fence),
            provider=options.make_provider(),
            ask=options.ask,
            watch=watch,
        )


def _name(options: JudgingOptions, wanted: _Eliciting, *, elicited: Elicited | None) -> str:
    """Return the name of the judge: of levels the model's own, of samples with what ranked them."""
    if options.name:
        return options.name
    model = options.models[0] if options.models else "recorded answers"
    if elicited is not None and elicited.options.file is not None:
        return f"{model}{WHEN_GENERATING}"
    return f"{model} {'best of samples' if wanted.best else 'samples'} by {wanted.scorer or 'recorded scores'}"


def _write(generated: Generated, out: Path | None) -> None:
    if out is None:
        line("nothing was written: no --out")
        return
    write_log(out, generated.texts, verdicts=generated.verdicts)
    print_generated(generated)
    line(f"written: {out}", "bold")
    heading("next")
    line(f"  {shlex.join(['prefactor', 'explain', str(out), '--out', 'report'])}")
    line(f"  {shlex.join(['prefactor', 'align', str(out), 'HUMAN AND JUDGED LOGS', '--gap', '--out', 'gap'])}")
