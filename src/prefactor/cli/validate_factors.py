"""``prefactor validate-factors``: whether the measurement of factors by a model is any good."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.measuring_plan import plan_assessing
from prefactor.analysis.measuring_quality import QualityTests, assess_measuring
from prefactor.analysis.measuring_results import MeasuringQuality
from prefactor.analysis.measuring_sample import RepeatedRater, Sample, Spent, choose_sample
from prefactor.cli.asking import AskingOptions, asking_options
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.gathering import gathered_options
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.logs import read_logs
from prefactor.cli.options import paths_argument, reading_from, reading_options
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.config import SEED
from prefactor.data.limiting import limit_comparisons
from prefactor.errors import SettingError
from prefactor.factors.asked.base import RateOptions
from prefactor.factors.base import Factor
from prefactor.factors.loading import load_factors
from prefactor.readers.factor_labels import read_factor_labels
from prefactor.report.measuring_tables import QualityTable, quality_markdown, quality_tables
from prefactor.runtime.running import Watch

__all__ = ["validate_factors_command"]


@dataclass(frozen=True, slots=True)
class _Study:
    """What is asked of whom."""

    factors: tuple[Factor, ...]
    options: RateOptions
    answers: int
    against: tuple[str, ...]
    human: Path | None
    tests: QualityTests
    dry_run: bool


_OPTIONS = (
    click.option(
        "--measure-with", "model", required=True, metavar="MODEL", help="The model whose measuring is tested."
    ),
    click.option(
        "--factors",
        "--taxonomy",
        "factors",
        multiple=True,
        required=True,
        metavar="NAME|FILE",
        help="Factors that a model measures: 'dissection', 'dissection:friendly,clear', a .toml file. May be repeated.",
    ),
    click.option("--repeats", type=click.IntRange(min=2), default=2, show_default=True, help="Times each is measured."),
    click.option("--answers", type=click.IntRange(min=4), default=200, show_default=True, help="Answers, about."),
    click.option(
        "--temperature",
        type=click.FloatRange(min=0),
        default=1.0,
        show_default=True,
        help="How replies are drawn: at 0 a repeat may be the same reply, errors and all.",
    ),
    click.option("--together", is_flag=True, help="Show both answers of a comparison in one call."),
    click.option("--against", multiple=True, metavar="MODEL", help="Compare with this model, too. May be repeated."),
    click.option(
        "--human",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="People's scores, CSV or JSON lines: response_id or response, factor, score.",
    ),
    click.option("--sensitivity", is_flag=True, help="Plant changes that are known to move one factor."),
    click.option("--dry-run", is_flag=True, help="Say what it would take, and ask nothing."),
    click.option("--orders", is_flag=True, help="Show both answers together, in both orders, and compare."),
)
_NAMES = (
    *("model", "factors", "repeats", "answers", "temperature", "together", "against", "human", "sensitivity"),
    *("dry_run", "orders"),
)


def _study_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say what is asked of whom; the command takes them as ``study``."""
    return gathered_options(command, names=_NAMES, options=_OPTIONS, build=_study_from, keyword="study")


def _study_from(
    *,
    model: str,
    factors: tuple[str, ...],
    repeats: int,
    answers: int,
    temperature: float,
    together: bool,
    against: tuple[str, ...],
    human: Path | None,
    sensitivity: bool,
    dry_run: bool,
    orders: bool,
) -> _Study:
    return _Study(
        factors=_asked(factors),
        options=RateOptions(model=model, together=together, temperature=temperature),
        answers=answers,
        against=against,
        human=human,
        tests=QualityTests(repeats=repeats, sensitivity=sensitivity, orders=orders),
        dry_run=dry_run,
    )


@click.command("validate-factors")
@paths_argument
@asking_options
@_study_options
@json_option("validate-factors", required=True)
@reading_options
@click.option("--seed", type=int, default=SEED, show_default=True, help="Of the choice of answers.")
def validate_factors_command(
    reached: AskingOptions,
    *,
    paths: tuple[str, ...],
    study: _Study,
    out: Path,
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    seed: int,
) -> int:
    """Measure some answers again and again, and say how well a model measures each factor.

    Writes reliability.json, which 'prefactor explain --reliability' takes to correct effects, and reliability.md.
    """
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    labels = () if study.human is None else read_factor_labels(study.human)
    with progress_bar() as progress:
        dataset = limit_comparisons(read_logs(paths, reading, progress=progress), reached.limit)
    file = str(study.human)
    sample = choose_sample(dataset, study.factors, answers=study.answers, labels=labels, file=file, seed=seed)
    if not _print_plan(sample, study, reached):
        return 0
    quality, spent = _assess(sample, study, reached)
    tables = quality_tables(quality)
    _print(quality, tables)
    _print_spent(spent, priced=reached.ask.price is not None)
    settings = {
        "options": study.options,
        "tests": study.tests,
        "answers": study.answers,
        "against": study.against,
        "limit": reached.limit,
        "human": None if study.human is None else study.human.name,
        "seed": seed,
    }
    path = write_results(out, "validate-factors", results=quality, settings=settings, sources=dataset.sources)
    markdown = path.with_suffix(".md")
    markdown.write_text(quality_markdown(quality, tables), encoding="utf-8")
    line(f"written: {path} and {markdown.name}; next: prefactor explain ... --reliability {path}", "bold")
    return 1 if spent.failed else 0


def _asked(specs: tuple[str, ...]) -> tuple[Factor, ...]:
    found = load_factors(specs).asked
    if not found:
        raise SettingError("--factors", expected="factors that a model measures", got=", ".join(specs))
    return found


def _raters(study: _Study, reached: AskingOptions, watch: Watch | None) -> list[RepeatedRater]:
    """Return who measures: whose measurement is tested, and with whom it is compared."""
    rater = RepeatedRater(reached.make_provider, study.options, reached.ask, watch)
    return [rater, *(replace(rater, options=replace(study.options, model=name)) for name in study.against)]


def _print_plan(sample: Sample, study: _Study, reached: AskingOptions) -> bool:
    """Print what it will take; say whether to go on."""
    rater, *others = _raters(study, reached, None)
    plan = plan_assessing(sample, study.factors, rater=rater, others=others, tests=study.tests)
    before = f", and {plan.cached:,} answered before" if plan.cached else ""
    answers = len(sample.subjects.answers)
    line(f"{answers:,} answers, {plan.measurements:,} measurements: about {plan.calls:,} calls{before}")
    cost = ""
    if plan.price is not None and plan.most_price is not None:
        cost = f"; {plan.price:,.2f} with the shortest replies, {plan.most_price:,.2f} at most, at the prices given"
    line(f"about {plan.input_tokens:,} tokens in (4 bytes each), at most {plan.most_output_tokens:,} out{cost}")
    if study.dry_run:
        line("nothing was asked")
    return not study.dry_run


def _assess(sample: Sample, study: _Study, reached: AskingOptions) -> tuple[MeasuringQuality, Spent]:
    if reached.ask.cache is not None:
        reached.ask.cache.parent.mkdir(parents=True, exist_ok=True)
    with calls_bar(priced=reached.ask.price is not None) as watch:
        rater, *others = _raters(study, reached, watch)
        found = assess_measuring(sample, study.factors, rater=rater, others=others, tests=study.tests)
    return found, rater.spent


def _print(quality: MeasuringQuality, tables: tuple[QualityTable, ...]) -> None:
    shown = "both of a comparison together" if quality.together else "one at a time"
    line(
        f"{quality.model} measured {quality.answers:,} answers ({shown}), of {quality.comparisons:,} comparisons on "
        f"{quality.prompts:,} prompts, {quality.repeats} times"
    )
    for table in tables:
        heading(table.title)
        print_table(table.columns, table.rows)
        for note in table.notes:
            line(f"  {note}")
    line()


def _print_spent(spent: Spent, *, priced: bool) -> None:
    price = f" for {spent.price:,.2f}" if priced else ""
    line(f"paid now: {spent.tokens:,} tokens{price}; {spent.cached:,} of {spent.calls:,} calls were answered before")
    if spent.failed:
        line(f"failed: {spent.failed:,} of {spent.calls:,} calls; what they would have measured is missing", "bold red")
