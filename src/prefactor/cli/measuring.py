"""Options and output of every command that measures factors with a model, or uses scores measured before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from prefactor.analysis.measurement import Scores, join_scores
from prefactor.analysis.queries import classify_by_asking, lacks_query_columns
from prefactor.analysis.rating import Rater, measure_factors, subjects_of
from prefactor.analysis.scores_file import read_scores
from prefactor.asking.calls import CallPlan
from prefactor.cli.asking import AskingOptions
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.gathering import gathered_options
from prefactor.cli.logs import read_queries, said_queries
from prefactor.cli.options import factor_specs
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.factors.asked.base import RateOptions
from prefactor.factors.asked.measuring import Measured, plan_measuring
from prefactor.factors.loading import FactorSet, load_factors
from prefactor.factors.taxonomy import TAXONOMIES
from prefactor.runtime.budget import Cost
from prefactor.runtime.progress import Progress
from prefactor.study import measure

__all__ = [
    "MeasuringOptions",
    "given_scores",
    "measure_into",
    "measuring_options",
    "print_unmeasured",
    "read_queries_into",
    "scores_option",
]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class MeasuringOptions:
    """What the options say.

    Parameters
    ----------
    specs
        What is measured, as for :func:`prefactor.factors.loading.load_factors`.
    model
        Who measures what takes a model; None where nobody does.
    together
        Whether both answers of a comparison are shown in one call.
    dry_run
        Whether only the plan is wanted.
    scores
        A file of scores measured before.
    workers
        Threads for what takes no model.
    """

    specs: tuple[str, ...]
    model: str | None
    together: bool
    dry_run: bool
    scores: Path | None
    workers: int | None

    def check_used(self) -> None:
        """Refuse options that need a model where there is none.

        Raises
        ------
        SettingError
            There is none.
        """
        for option, given in (("--together", self.together), ("--dry-run", self.dry_run)):
            if given and self.model is None:
                raise SettingError(option, expected="--measure-with beside it", got="none")


scores_option = click.option(
    "--scores",
    "scores_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Use the scores that 'prefactor measure' or 'explain' wrote instead of measuring; --factors adds to them.",
)


def measuring_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options that say what is measured and by whom; the command takes them as an argument."""
    return gathered_options(command, names=_NAMES, options=_OPTIONS, build=_options_from)


def _options_from(
    *,
    factors: tuple[str, ...],
    taxonomy: tuple[str, ...],
    measure_with: str | None,
    together: bool,
    dry_run: bool,
    scores_file: Path | None,
    workers: int | None,
) -> MeasuringOptions:
    specs = (*factors, *taxonomy)
    specs = specs if scores_file is not None else factor_specs(specs)
    return MeasuringOptions(specs, measure_with, together, dry_run, scores_file, workers)


_NAMES = ("factors", "taxonomy", "measure_with", "together", "dry_run", "scores_file", "workers")
_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option(
        "--factors",
        "factors",
        multiple=True,
        metavar="FILE|NAME",
        help="A .toml or .py file of your own factors, measured beside the lexical ones; 'lexical:words,list_items' "
        "picks some of those. May be repeated.",
    ),
    click.option(
        "--taxonomy",
        multiple=True,
        type=click.Choice(TAXONOMIES),
        help="Measure the factors of this taxonomy instead of the lexical ones; they take a model. May be repeated.",
    ),
    click.option(
        "--measure-with",
        metavar="MODEL",
        help="Model that measures factors which take one, reached as the options below say.",
    ),
    click.option("--together", is_flag=True, help="Show it both answers of a comparison in one call, not one alone."),
    click.option("--dry-run", is_flag=True, help="Say what measuring would take, and ask nothing."),
    scores_option,
    click.option(
        "--workers", type=click.IntRange(min=1), help="Threads to measure with. [default: all usable processors]"
    ),
)


def given_scores(
    dataset: Dataset, scores: Path | None, *, factors: Sequence[str], workers: int | None, progress: Progress
) -> Scores:
    """Read scores and measure what is named beside them; without a file measure as always.

    Parameters
    ----------
    dataset
        The comparisons.
    scores
        The file.
    factors
        What the user named to be measured; the lexical factors are added where there is no file.
    workers, progress
        As for :func:`prefactor.study.measure`.
    """
    if scores is None:
        return measure(dataset, factor_specs(tuple(factors)), workers=workers, progress=progress)
    read = read_scores(scores, dataset=dataset)
    return _beside(read, measure(dataset, factors, workers=workers, progress=progress)) if factors else read


def measure_into(
    dataset: Dataset, options: MeasuringOptions, *, asking: AskingOptions, fence: bool = True
) -> tuple[Scores, int] | None:
    """Measure a dataset, with a model where factors take one: say what it takes, do it, say what came of it.

    Parameters
    ----------
    dataset
        The comparisons.
    options
        What is measured and by whom.
    asking
        How the model is reached.
    fence
        Whether texts are fenced off from instructions.

    Returns
    -------
    tuple
        The scores, and the number of calls that failed; None after a dry run.
    """
    read = None if options.scores is None else read_scores(options.scores, dataset=dataset)
    if read is not None and not options.specs:
        return read, 0
    factors = load_factors(options.specs)
    if options.model is None or not factors.asked:
        with progress_bar() as progress:
            scores, _ = measure_factors(dataset, factors, workers=options.workers, progress=progress)
        return (scores if read is None else _beside(read, scores)), 0
    rate = RateOptions(options.model, together=options.together, fence=fence)
    _print_plan(dataset, factors, rate=rate, asking=asking)
    if options.dry_run:
        line("nothing was asked")
        return None
    _make_cache_folder(asking)
    priced = asking.ask.price is not None
    with calls_bar(priced=priced) as watch:
        rater = Rater(asking.make_provider(), rate, asking.ask, watch)
        scores, measured = measure_factors(dataset, factors, rater=rater, workers=options.workers)
    if measured is not None:
        _print_measured(measured, scores, priced=priced)
    failed = 0 if measured is None else sum(number for _, number in measured.failures)
    return (scores if read is None else _beside(read, scores)), failed


def read_queries_into(
    dataset: Dataset, by: Sequence[str], *, options: MeasuringOptions, asking: AskingOptions, fence: bool = True
) -> tuple[Dataset, AskingOptions, int]:
    """Read scenario and kinds of the prompts where slices by them are wanted, with the model that measures or by rules.

    Parameters
    ----------
    dataset
        The comparisons.
    by
        Columns to make slices of.
    options, asking, fence
        As for :func:`measure_into`, which makes the same calls where factors need them, and then finds them answered.

    Returns
    -------
    tuple
        The dataset with the columns, how the model may be reached with what is left of the budget, and the number of
        calls that failed.
    """
    if options.model is None or options.dry_run or not lacks_query_columns(dataset, by):
        return read_queries(dataset, by), asking, 0
    _make_cache_folder(asking)
    rate = RateOptions(options.model, together=options.together, fence=fence)
    with calls_bar(priced=asking.ask.price is not None) as watch:
        rater = Rater(asking.make_provider(), rate, asking.ask, watch)
        dataset, spent = classify_by_asking(dataset, rater)
    said_queries(dataset, by)
    cost = Cost(spent.calls - spent.cached, spent.input_tokens + spent.output_tokens, spent.price)
    return dataset, asking.without(cost), sum(number for _, number in spent.failures)


def _make_cache_folder(asking: AskingOptions) -> None:
    if asking.ask.cache is not None:
        asking.ask.cache.parent.mkdir(parents=True, exist_ok=True)


def _beside(read: Scores, measured: Scores) -> Scores:
    order = [factor.name for factor in (*read.factors, *measured.factors)]
    twice = [name for name in dict.fromkeys(order) if order.count(name) > 1]
    if twice:
        raise SettingError("--factors", expected="factors that are not in the file of --scores", got=twice[0])
    return join_scores([read, measured], order)


def _print_plan(dataset: Dataset, factors: FactorSet, *, rate: RateOptions, asking: AskingOptions) -> None:
    provider = asking.make_provider()
    plan = plan_measuring(subjects_of(dataset), factors.asked, provider=provider, options=rate, ask=asking.ask)
    line(
        f"{len(dataset.comparisons):,} comparisons, {dataset.n_responses:,} distinct answers: {len(factors.asked):,} "
        f"factors measured by {rate.model}, {'both answers together' if rate.together else 'each answer alone'}"
    )
    line(f"first: {_plan_words(plan.first)}")
    if plan.later.distinct:
        line(f"then, an estimate: {_plan_words(plan.later)}")


def _plan_words(plan: CallPlan) -> str:
    before = f", {plan.cached:,} of them answered before" if plan.cached else ""
    words = f"{plan.distinct:,} calls{before}"
    if not plan.calls:
        return words
    words += f"; about {plan.input_tokens:,} tokens in (4 bytes each), at most {plan.most_output_tokens:,} out"
    if plan.price is not None and plan.most_price is not None:
        words += f"; {plan.price:,.2f} with the shortest replies, {plan.most_price:,.2f} at most, at the prices given"
    return words


def _print_measured(measured: Measured, scores: Scores, *, priced: bool) -> None:
    print_unmeasured(scores)
    tokens, price = measured.input_tokens + measured.output_tokens, f" for {measured.price:,.2f}" if priced else ""
    line(f"paid now: {tokens:,} tokens{price}; {measured.cached:,} of {measured.calls:,} calls were answered before")
    if measured.failures:
        total = sum(number for _, number in measured.failures)
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in measured.failures)
        line(
            f"failed: {total:,} of {measured.calls:,} calls ({kinds}); what they would have told is missing", "bold red"
        )


def print_unmeasured(scores: Scores) -> None:
    """Say how much was measured, and which factors are missing where."""
    frames = [scores.table] if scores.sides is None else list(scores.sides)
    rows, total = [], [0, 0, 0]
    for factor in scores.factors:
        columns = [frame[factor.name] for frame in frames if factor.name in frame.columns]
        columns = columns or [scores.table[factor.name]]
        apart = sum(column.null_count() for column in columns)
        missing = sum(int(column.is_nan().sum() or 0) for column in columns)
        counts = (sum(map(len, columns)) - apart - missing, apart, missing)
        total = [one + more for one, more in zip(total, counts, strict=True)]
        if missing:
            why = ", ".join(f"{one.number:,} {one.problem}" for one in scores.unmeasured if one.factor == factor.name)
            rows.append((factor.name, *(f"{count:,}" for count in counts), why))
    heading("measured")
    line(f"{total[0]:,} scores of {len(scores.factors):,} factors; {total[1]:,} do not apply, {total[2]:,} are missing")
    if rows:
        print_table(["factor", "measured ", "does not apply ", "missing ", "why"], rows)
