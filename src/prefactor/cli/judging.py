"""Options and output that every command that asks models shares."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from prefactor.asking.calls import AskOptions, plan_calls, price_of
from prefactor.cli.calls_bar import calls_bar
from prefactor.cli.terminal import heading, line, print_table
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.judges.base import Asking
from prefactor.judges.collecting import Judged, add_verdicts, collect, tally
from prefactor.judges.judge_file import OrderPolicy
from prefactor.judges.judging import Questions, comparison_texts, make_bench, pose
from prefactor.judges.preference_log import write_log
from prefactor.llm.base import Provider
from prefactor.llm.providers import ProviderOptions, make_provider
from prefactor.runtime.budget import Budget, parse_budget
from prefactor.runtime.calls import CallOptions

__all__ = [
    "JudgingOptions",
    "default_cache",
    "judge_into",
    "judging_options",
    "print_judged",
    "print_plan",
    "questions_of",
    "reaching_options",
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

    def make_provider(self) -> Provider:
        """Return the provider."""
        return make_provider(self.provider, options=self.reach)


def judging_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options that say who is asked and how; the command takes them as its first argument."""

    @wraps(command)
    def gathered(**given: Any) -> Result:
        own = {name: given.pop(name) for name in _NAMES}
        return command(_options_from(**own), **given)

    taken: Callable[..., Result] = gathered
    for option in reversed(_OPTIONS):
        taken = option(taken)
    return taken


def reaching_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options that say how models are reached, whatever they are asked; taken as the first argument."""
    names = [name for name in _NAMES if name not in _OF_JUDGES]

    @wraps(command)
    def gathered(**given: Any) -> Result:
        own = {name: given.pop(name) for name in names}
        left: dict[str, Any] = {"models": (), "orders": None, "fence": "on", "repeat": 1, "name": "", "limit": None}
        return command(_options_from(**left, **own), **given)

    taken: Callable[..., Result] = gathered
    for name, option in reversed(list(zip(_NAMES, _OPTIONS, strict=True))):
        taken = option(taken) if name in names else taken
    return taken


def _options_from(
    *,
    models: tuple[str, ...],
    provider: str,
    base_url: str,
    key_variable: str,
    orders: OrderPolicy | None,
    fence: str,
    repeat: int,
    name: str,
    limit: int | None,
    price: str | None,
    budget: str | None,
    concurrency: int | None,
    requests_per_minute: float | None,
    tokens_per_minute: float | None,
    cache: Path | None,
    no_cache: bool,
    forget_prompts: bool,
) -> JudgingOptions:
    calls = CallOptions(
        concurrency=concurrency or CallOptions().concurrency,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        budget=Budget() if budget is None else parse_budget(budget),
    )
    ask = AskOptions(
        calls=calls,
        cache=None if no_cache else cache or default_cache(),
        keep_prompts=not forget_prompts,
        price=None if price is None else price_of(price),
    )
    return JudgingOptions(
        models=models,
        provider=provider,
        reach=ProviderOptions(base_url=base_url, key_variable=key_variable),
        asking=Asking("", orders, fence == "on", repeat),
        name=name,
        limit=limit,
        ask=ask,
    )


_NAMES = (
    *("models", "provider", "base_url", "key_variable", "orders", "fence", "repeat", "name", "limit", "price"),
    *("budget", "concurrency", "requests_per_minute", "tokens_per_minute", "cache", "no_cache", "forget_prompts"),
)
_OF_JUDGES = ("models", "orders", "fence", "repeat", "name", "limit")
_OPTIONS = (
    click.option("--model", "models", multiple=True, metavar="NAME", help="Model to ask. May be repeated."),
    click.option(
        "--provider",
        default="openai",
        show_default=True,
        metavar="NAME[:PLACE]",
        help="How models are reached; 'scripted:FILE' answers from a file (.toml or .py), without a model.",
    ),
    click.option("--base-url", default="", metavar="URL", help="Address of the server."),
    click.option(
        "--key-variable", default="", metavar="NAME", help="Environment variable that holds the key. Never the key."
    ),
    click.option(
        "--orders",
        type=click.Choice(["both", "ab", "random"]),
        help="Presentation orders to ask in. [default: as the judge's file says]",
    ),
    click.option(
        "--fence",
        type=click.Choice(["on", "off"]),
        default="on",
        show_default=True,
        help="Fence texts off from instructions; 'off' is for comparing (PF112).",
    ),
    click.option(
        "--repeat", type=click.IntRange(min=1), default=1, show_default=True, help="Times every question is asked."
    ),
    click.option("--name", default="", metavar="NAME", help="Name for the verdicts. [default: model and judge]"),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help="Judge N comparisons, the same ones every time; a larger N adds to them.",
    ),
    click.option("--price", metavar="IN,OUT", help="Prices of a million tokens in and out, to show what it costs."),
    click.option("--budget", metavar="AMOUNT", help="Stop before more is spent: 5usd, 100000tokens or 200calls."),
    click.option("--concurrency", type=click.IntRange(min=1), metavar="N", help="Most calls in flight. [default: 256]"),
    click.option("--requests-per-minute", type=click.FloatRange(min=0, min_open=True), metavar="N"),
    click.option("--tokens-per-minute", type=click.FloatRange(min=0, min_open=True), metavar="N"),
    click.option(
        "--cache",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Where paid replies are kept, so that nothing is paid for twice. [default: see 'prefactor cache show']",
    ),
    click.option("--no-cache", is_flag=True, help="Keep no replies: what is asked again is paid again."),
    click.option("--forget-prompts", is_flag=True, help="Keep replies without what was asked."),
)


def default_cache() -> Path:
    """Return the file of paid replies: ``$PREFACTOR_CACHE``, or one in the user's folder for caches."""
    named = os.environ.get("PREFACTOR_CACHE")
    if named:
        return Path(named)
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "prefactor" / "replies.sqlite"


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
