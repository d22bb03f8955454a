"""Options and output that every command that asks models shares."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from prefactor.asking.calls import AskOptions, plan_calls
from prefactor.cli.asking import ASKING, ASKING_NAMES, AskingOptions, asking_from
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.gathering import gathered_options
from prefactor.cli.terminal import heading, line, print_table
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.judges.base import Asking
from prefactor.judges.collecting import Judged, add_verdicts, collect, tally
from prefactor.judges.judge_file import OrderPolicy
from prefactor.judges.judging import Questions, comparison_texts, make_bench, pose
from prefactor.judges.preference_log import write_log
from prefactor.llm.base import Provider
from prefactor.llm.providers import ProviderOptions

__all__ = [
    "JudgingOptions",
    "fence_option",
    "judge_into",
    "judging_options",
    "print_judged",
    "print_plan",
    "questions_of",
    "repeat_option",
]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class JudgingOptions:
    """What the shared options say.

    Parameters
    ----------
    models, provider, reach
        Who is asked, through whom, and how that is reached.
    asking
        Orders, fence and repeats.
    name
        Name for the verdicts; empty for that of model and judge.
    limit
        At most so many comparisons.
    ask
        Cache, concurrency, limits, budget and prices.
    """

    models: tuple[str, ...]
    provider: str
    reach: ProviderOptions
    asking: Asking
    name: str
    limit: int | None
    ask: AskOptions

    def check_used(self, *, asked: bool) -> None:
        """Refuse a model that nobody is going to ask.

        Raises
        ------
        SettingError
            Models are named, and no judge.
        """
        if self.models and not asked:
            raise SettingError("--model", expected="--judge-with beside it", got=self.models[0])

    @property
    def reaching(self) -> AskingOptions:
        """Those that are the same whatever is asked."""
        return AskingOptions(self.provider, self.reach, self.limit, self.ask)

    def make_provider(self) -> Provider:
        """Return the provider."""
        return self.reaching.make_provider()


def judging_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options that say who is asked and how; the command takes them as its first argument."""
    return gathered_options(command, names=(*_NAMES, *ASKING_NAMES), options=(*_OPTIONS, *ASKING), build=_options_from)


def _options_from(
    *, models: tuple[str, ...], orders: OrderPolicy | None, fence: str, repeat: int, name: str, **asking: Any
) -> JudgingOptions:
    reaching = asking_from(asking)
    return JudgingOptions(
        models=models,
        provider=reaching.provider,
        reach=reaching.reach,
        asking=Asking("", orders, fence == "on", repeat),
        name=name,
        limit=reaching.limit,
        ask=reaching.ask,
    )


fence_option = click.option(
    "--fence",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Fence texts off from instructions; 'off' is for comparing (PF112).",
)
repeat_option = click.option(
    "--repeat", type=click.IntRange(min=1), default=1, show_default=True, help="Times every question is asked."
)

_NAMES = ("models", "orders", "fence", "repeat", "name")
_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.option("--model", "models", multiple=True, metavar="NAME", help="Model to ask. May be repeated."),
    click.option(
        "--orders",
        type=click.Choice(["both", "ab", "random"]),
        help="Presentation orders to ask in. [default: as the judge's file says]",
    ),
    fence_option,
    repeat_option,
    click.option("--name", default="", metavar="NAME", help="Name for the verdicts. [default: model and judge]"),
)


def questions_of(dataset: Dataset, spec: str, *, options: JudgingOptions) -> Questions:
    """Return every call that judging a dataset takes."""
    bench = make_bench(spec, options.models, asking=options.asking, name=options.name)
    return pose(comparison_texts(dataset, limit=options.limit), bench)


def judge_into(dataset: Dataset, spec: str, *, options: JudgingOptions, out: Path) -> tuple[Dataset, int]:
    """Judge a dataset and write the log.

    Parameters
    ----------
    dataset
        What is judged.
    spec
        The judge.
    options
        Who is asked and how.
    out
        Log to write.

    Returns
    -------
    tuple
        The dataset with the new verdicts, and the number of calls that failed.
    """
    questions = questions_of(dataset, spec, options=options)
    provider = options.make_provider()
    print_plan(questions, provider, options=options.ask)
    if options.ask.cache is not None:
        options.ask.cache.parent.mkdir(parents=True, exist_ok=True)
    with calls_bar(priced=options.ask.price is not None) as watch:
        judged = collect(questions, provider, options=options.ask, watch=watch)
    write_log(out, questions.texts, verdicts=judged.verdicts)
    print_judged(judged, priced=options.ask.price is not None)
    line(f"written: {out}", "bold")
    return add_verdicts(dataset, judged), sum(number for _, number in judged.failures)


def print_plan(questions: Questions, provider: Provider, *, options: AskOptions) -> None:
    """Print what the calls will take, before the first of them."""
    plan = plan_calls(provider, questions.requests, options=options)
    for seat in questions.bench.seats:
        if seat.asking.fence and not seat.file.fence and seat.file.kind != "reward":
            line(f"{seat.name} shows texts without a fence: its file has no prompt.fence", "yellow")
    names = ", ".join(seat.name for seat in questions.bench.seats)
    before = f", {plan.cached:,} of them answered before" if plan.cached else ""
    line(f"{len(questions.texts):,} comparisons, {plan.distinct:,} calls to {names}{before}")
    if not plan.calls:
        return
    cost = ""
    if plan.price is not None and plan.most_price is not None:
        cost = f"; {plan.price:,.2f} with the shortest replies, {plan.most_price:,.2f} at most, at the prices given"
    line(f"about {plan.input_tokens:,} tokens in (4 bytes each), at most {plan.most_output_tokens:,} out{cost}")
    if plan.least_seconds:
        line(f"at least {plan.least_seconds / 60:,.1f} minutes at the limits given")


def print_judged(judged: Judged, *, priced: bool = False) -> None:
    """Print where the verdicts of every judge went, and what failed."""
    heading("verdicts")
    rows = []
    for one in tally(judged):
        turned = f"{one.turned:,} of {one.both_orders:,}" if one.both_orders else "one order, or none"
        counts = (one.verdicts, one.for_a, one.tied, one.for_b, one.unreadable, one.missing)
        rows.append((one.judge, *(f"{count:,}" for count in counts), turned))
    columns = ["judge", "verdicts ", "for A ", "tied ", "for B ", "unreadable ", "missing ", "turn with the order"]
    print_table(columns, rows)
    for one in tally(judged):
        odd = [f"{number:,} {problem}" for problem, number in one.problems if problem != "missing"]
        if odd:
            line(f"{one.judge}: no clear verdict in {', '.join(odd)}", "yellow")
    price = f" for {judged.price:,.2f}" if priced else ""
    line(f"paid now: {judged.tokens:,} tokens{price}; {judged.cached:,} of {judged.calls:,} calls were answered before")
    if judged.failures:
        total = sum(number for _, number in judged.failures)
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in judged.failures)
        line(f"failed: {total:,} of {judged.calls:,} calls ({kinds}); their verdicts are missing", "bold red")
