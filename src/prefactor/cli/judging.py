"""Options and output that every command that asks models shares."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from prefactor.cli.terminal import heading, line, print_table
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.judges.base import Asking
from prefactor.judges.collecting import Judged, Plan, add_verdicts, collect, plan_of, price_of, tally
from prefactor.judges.judge_file import OrderPolicy
from prefactor.judges.judging import Questions, comparison_texts, make_bench, pose
from prefactor.judges.preference_log import write_log
from prefactor.llm.base import Provider
from prefactor.llm.providers import ProviderOptions, make_provider
from prefactor.runtime.progress import Progress

__all__ = ["JudgingOptions", "judge_into", "judging_options", "print_judged", "print_plan", "questions_of"]

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
    prices
        Of a million tokens in and out; None where they are not known.
    """

    models: tuple[str, ...]
    provider: str
    reach: ProviderOptions
    asking: Asking
    name: str
    limit: int | None
    prices: tuple[float, float] | None

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
) -> JudgingOptions:
    return JudgingOptions(
        models=models,
        provider=provider,
        reach=ProviderOptions(base_url=base_url, key_variable=key_variable),
        asking=Asking("", orders, fence == "on", repeat),
        name=name,
        limit=limit,
        prices=None if price is None else price_of(price),
    )


_NAMES = ("models", "provider", "base_url", "key_variable", "orders", "fence", "repeat", "name", "limit", "price")
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
)


def questions_of(dataset: Dataset, spec: str, *, options: JudgingOptions) -> Questions:
    """Return every call that judging a dataset takes."""
    bench = make_bench(spec, options.models, asking=options.asking, name=options.name)
    return pose(comparison_texts(dataset, limit=options.limit), bench)


def judge_into(
    dataset: Dataset, spec: str, *, options: JudgingOptions, out: Path, progress: Progress
) -> tuple[Dataset, int]:
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
    progress
        Told how many calls are done.

    Returns
    -------
    tuple
        The dataset with the new verdicts, and the number of calls that failed.
    """
    questions = questions_of(dataset, spec, options=options)
    print_plan(questions, options.prices)
    judged = collect(questions, options.make_provider(), progress=progress)
    write_log(out, questions.texts, verdicts=judged.verdicts)
    print_judged(judged)
    line(f"written: {out}")
    line()
    return add_verdicts(dataset, judged), sum(number for _, number in judged.failures)


def print_plan(questions: Questions, prices: tuple[float, float] | None) -> Plan:
    """Print what the calls will take, before the first of them."""
    plan = plan_of(questions)
    for seat in questions.bench.seats:
        if seat.asking.fence and not seat.file.fence:
            line(f"{seat.name} shows texts without a fence: its file has no prompt.fence", "yellow")
    names = ", ".join(seat.name for seat in questions.bench.seats)
    line(f"{plan.comparisons:,} comparisons, {plan.calls:,} calls to {names}")
    cost = "" if prices is None else f"; {plan.price(prices):,.2f} at most, at the prices given"
    line(f"about {plan.input_tokens:,} tokens in (4 characters each), at most {plan.output_tokens:,} out{cost}")
    return plan


def print_judged(judged: Judged) -> None:
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
    if judged.failures:
        total = sum(number for _, number in judged.failures)
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in judged.failures)
        line(f"failed: {total:,} of {judged.calls:,} calls ({kinds}); their verdicts are missing", "bold red")
