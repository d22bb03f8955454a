"""Options of every command that asks models, whatever it asks them: who, how they are reached, what it may cost."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from prefactor.asking.calls import AskOptions, price_of
from prefactor.cli.gathering import gathered_options
from prefactor.llm.base import Provider
from prefactor.llm.providers import ProviderOptions, make_provider
from prefactor.runtime.budget import Budget, Cost, parse_budget
from prefactor.runtime.calls import CallOptions

__all__ = ["AskingOptions", "asking_options", "default_cache"]

Gathered = TypeVar("Gathered")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class AskingOptions:
    """What the options say.

    Parameters
    ----------
    provider, reach
        Through whom models are asked, and how that is reached.
    limit
        At most so many comparisons.
    ask
        Cache, concurrency, limits, budget and prices.
    """

    provider: str
    reach: ProviderOptions
    limit: int | None
    ask: AskOptions

    def make_provider(self) -> Provider:
        """Return the provider."""
        return make_provider(self.provider, options=self.reach)

    def without(self, cost: Cost) -> "AskingOptions":
        """Return the same with what is left of the budget once ``cost`` is spent."""
        calls = replace(self.ask.calls, budget=self.ask.calls.budget.without(cost))
        return replace(self, ask=replace(self.ask, calls=calls))


def asking_options(command: Callable[..., Result]) -> Callable[..., Result]:
    """Add the options that say how models are reached; the command takes them as an argument."""
    return gathered_options(command, names=ASKING_NAMES, options=ASKING, build=_asking_from)


def _asking_from(
    *,
    provider: str,
    base_url: str,
    key_variable: str,
    limit: int | None,
    price: str | None,
    budget: str | None,
    concurrency: int | None,
    requests_per_minute: float | None,
    tokens_per_minute: float | None,
    cache: Path | None,
    no_cache: bool,
    forget_prompts: bool,
) -> AskingOptions:
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
    return AskingOptions(provider, ProviderOptions(base_url=base_url, key_variable=key_variable), limit, ask)


def asking_from(given: Mapping[str, Any]) -> AskingOptions:
    """Put together what the options of :data:`ASKING` say.

    Parameters
    ----------
    given
        Their values by the names of :data:`ASKING_NAMES`.
    """
    return _asking_from(**given)


def default_cache() -> Path:
    """Return the file of paid replies: ``$PREFACTOR_CACHE``, or one in the user's folder for caches."""
    named = os.environ.get("PREFACTOR_CACHE")
    if named:
        return Path(named)
    folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(folder) / "prefactor" / "replies.sqlite"


ASKING_NAMES = (
    *("provider", "base_url", "key_variable", "limit", "price", "budget", "concurrency", "requests_per_minute"),
    *("tokens_per_minute", "cache", "no_cache", "forget_prompts"),
)
ASKING: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
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
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help="Take N comparisons, the same ones every time; a larger N adds to them.",
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
