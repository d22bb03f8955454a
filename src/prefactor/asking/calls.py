"""Asking a provider many requests: every one ends in a reply or in a named failure.

The one place where requests become calls: a key, the most they may cost, and bytes to keep.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from prefactor.errors import SettingError
from prefactor.llm.base import Gathering, Provider, Scoring
from prefactor.llm.records import Reply, Request, Usage
from prefactor.runtime.budget import Cost
from prefactor.runtime.cache import ReplyCache
from prefactor.runtime.calls import Call, CallOptions, Made, Outcome, Standing
from prefactor.runtime.progress import Progress, silent
from prefactor.runtime.running import Watch, run_calls

__all__ = [
    "AskOptions",
    "Asked",
    "CallPlan",
    "Price",
    "ask_all",
    "failure_kind",
    "plan_calls",
    "price_of",
    "request_key",
]

Result = TypeVar("Result")

_BYTES_A_TOKEN: Final = 4
"""Bytes of UTF-8 that a token has, about; only the plan is made with it."""

_FEWEST_BYTES_A_TOKEN: Final = 2
"""Fewer are seldom seen over a whole prompt, in any language: what a call may cost at most is reckoned with it."""

_TOKENS_AROUND: Final = 16
"""Tokens that a message may have around its text, at most."""


@dataclass(frozen=True, slots=True)
class Price:
    """Prices of a million tokens.

    Parameters
    ----------
    input, output
        Of tokens read and written, in any one currency.
    """

    input: float
    output: float

    def of(self, usage: Usage) -> float:
        """Return the price of a call.

        Examples
        --------
        >>> Price(2.0, 8.0).of(Usage(1_000_000, 500_000))
        6.0
        """
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How requests are asked.

    Parameters
    ----------
    calls
        Concurrency, limits, attempts and budget.
    cache
        File in which replies are kept; None keeps none.
    keep_prompts
        Whether the requests are kept beside their replies, for people to read.
    repeat
        Number of the repetition: the same request is asked once for each.
    price
        Prices, for the plan and for a budget in money.
    """

    calls: CallOptions = field(default_factory=CallOptions)
    cache: Path | None = None
    keep_prompts: bool = True
    repeat: int = 0
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one request.

    Parameters
    ----------
    reply
        The answer; None where there is none.
    failure
        Why there is none, in words without any key; empty where there is one.
    cached
        Whether the answer was there before; it then costs nothing.
    usage, price
        What was paid for it now. Where the server does not count tokens, an estimate; the price is 0 where none was
        given.
    seconds
        How long the call took.
    attempts
        How often it was tried; 0 where it was not.
    """

    reply: Reply | None
    failure: str = ""
    cached: bool = False
    usage: Usage = field(default_factory=Usage)
    price: float = 0.0
    seconds: float = 0.0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What asking will take.

    Parameters
    ----------
    requests, distinct
        Requests, and those of them that differ.
    cached
        Distinct ones whose reply is there.
    calls
        Distinct ones that will be asked.
    input_tokens
        Tokens that these have, estimated at 4 bytes each.
    most_output_tokens
        Tokens that their replies may have.
    price, most_price
        Price of the estimate with replies of one token, and of the most that all of it may cost; None without prices.
    least_seconds
        Time that the user's own limits a minute make it take; 0 without limits. How fast the server is, is not known
        before it is asked.
    """

    requests: int
    distinct: int
    cached: int
    calls: int
    input_tokens: int
    most_output_tokens: int
    price: float | None
    most_price: float | None
    least_seconds: float


def price_of(text: str) -> Price:
    """Return the prices of a million tokens in and out that ``"IN,OUT"`` says.

    Raises
    ------
    SettingError
        It is not two numbers of at least 0.

    Examples
    --------
    >>> price_of("2.5,10")
    Price(input=2.5, output=10.0)
    """
    parts = text.split(",")
    try:
        prices = tuple(float(part) for part in parts)
    except ValueError:
        prices = ()
    if len(prices) != 2 or not all(0 <= price < float("inf") for price in prices):
        raise SettingError("price", expected="the prices of a million tokens in and out, such as 2.5,10", got=text)
    return Price(prices[0], prices[1])


def failure_kind(failure: str) -> str:
    """Return the kind of a failure; of calls that were not made, why.

    Examples
    --------
    >>> failure_kind("timeout: nothing within 600 s"), failure_kind("not asked: interrupted")
    ('timeout', 'not asked: interrupted')
    """
    return failure if failure.startswith("not asked") else failure.partition(":")[0]


def request_key(provider: Provider, request: Request, *, repeat: int = 0) -> bytes:
    """Return the key under which a reply is kept: a hash of everything that can change it."""
    return _key(_identity(provider, request.model), request, repeat)


def plan_calls(provider: Provider, requests: Sequence[Request], *, options: AskOptions | None = None) -> CallPlan:
    """Return what asking will take, asking nobody.

    Parameters
    ----------
    provider
        Who would be asked.
    requests
        What would be asked.
    options
        How.

    Raises
    ------
    InputFileError
        The cache is none.

    Examples
    --------
    >>> from prefactor.llm.scripted import ScriptedProvider
    >>> plan = plan_calls(ScriptedProvider(lambda request: "A"), [Request("m", prompt="x" * 40)] * 2)
    >>> plan.calls, plan.input_tokens
    (1, 10)
    """
    options = options or AskOptions()
    distinct = dict(zip(_keys(provider, requests, options.repeat), requests, strict=True))
    cached: set[bytes] = set()
    if options.cache is not None and options.cache.exists():
        with closing(ReplyCache(options.cache)) as cache:
            cached = set(cache.look_up(list(distinct)))
    left = [request for key, request in distinct.items() if key not in cached]
    read = sum(_size(request) // _BYTES_A_TOKEN for request in left)
    written = sum(request.sampling.max_tokens for request in left)
    most = sum(_most(request, options.price).price for request in left)
    limits = options.calls
    waits = [len(left) / limits.requests_per_minute] if limits.requests_per_minute else []
    waits += [(read + written) / limits.tokens_per_minute] if limits.tokens_per_minute else []
    return CallPlan(
        requests=len(requests),
        distinct=len(distinct),
        cached=len(cached),
        calls=len(left),
        input_tokens=read,
        most_output_tokens=written,
        price=options.price.of(Usage(read, len(left))) if options.price else None,
        most_price=most if options.price else None,
        least_seconds=60 * max(waits, default=0.0),
    )


def ask_all(
    provider: Provider,
    requests: Sequence[Request],
    *,
    options: AskOptions | None = None,
    progress: Progress = silent,
    watch: Watch | None = None,
) -> tuple[Asked, ...]:
    """Ask every request and return what became of each, in order.

    Parameters
    ----------
    provider
        Who is asked; it stays open.
    requests
        What is asked; equal requests are asked once.
    options
        How: cache, concurrency, limits, budget.
    progress
        Told how many are done.
    watch
        Told more: failures, what was spent, the time left.

    Raises
    ------
    SettingError
        There is a budget in money and no price, or scores are asked of who gives none.
    InputFileError
        The cache is none, or cannot be written.
    """
    options = options or AskOptions()
    if options.calls.budget.price is not None and options.price is None:
        raise SettingError(
            "--budget", expected="prices beside a budget in money", got=None, hint="--price INPUT,OUTPUT"
        )
    if any(request.wants == "score" for request in requests) and not isinstance(provider, Scoring):
        expected = "one that gives scores, for a reward model: transformers, reward-server or scripted"
        raise SettingError("--provider", expected=expected, got=provider.identity)
    if isinstance(provider, Gathering):
        gathered = replace(options.calls, concurrency=provider.at_once, first=provider.at_once)
        options = replace(options, calls=gathered)
    keys = _keys(provider, requests, options.repeat)
    calls = _calls(provider, dict(zip(keys, requests, strict=True)), options)

    def tell(standing: Standing) -> None:
        progress("asking", standing.done, standing.total)
        if watch is not None:
            watch(standing)

    with closing(ReplyCache(options.cache)) if options.cache else nullcontext() as cache:
        outcomes = _run(run_calls(calls, options=options.calls, cache=cache, watch=tell))
    asked = {call.key: _asked(outcome) for call, outcome in zip(calls, outcomes, strict=True)}
    return tuple(asked[key] for key in keys)


def _keys(provider: Provider, requests: Sequence[Request], repeat: int) -> list[bytes]:
    identities = {model: _identity(provider, model) for model in {request.model for request in requests}}
    return [_key(identities[request.model], request, repeat) for request in requests]


def _calls(provider: Provider, distinct: Mapping[bytes, Request], options: AskOptions) -> list[Call]:
    """Return the calls that requests become. Their text is made again where it is to be kept: all at once is much."""
    return [
        Call(
            key,
            partial(_make, provider, request, options.price),
            _most(request, options.price),
            request.to_bytes if options.keep_prompts else None,
            f"{provider.identity} {request.model}",
        )
        for key, request in distinct.items()
    ]


def _identity(provider: Provider, model: str) -> str:
    return provider.identity_of(model) if isinstance(provider, Gathering) else provider.identity


def _key(identity: str, request: Request, repeat: int) -> bytes:
    content = request.to_bytes()
    head = f"{identity}\0{repeat}\0{len(content)}\0".encode()
    return hashlib.sha256(head + content).digest()


async def _make(provider: Provider, request: Request, price: Price | None) -> Made:
    reply = await provider.ask(request)
    if not reply.usage.input_tokens:
        written = len(reply.text.encode()) // _BYTES_A_TOKEN + 1
        reply = replace(reply, usage=Usage(_size(request) // _BYTES_A_TOKEN, written))
    usage = reply.usage
    cost = price.of(usage) if price else 0.0
    return Made(reply.to_bytes(), usage.input_tokens + usage.output_tokens, cost, reply)


def _asked(outcome: Outcome) -> Asked:
    if outcome.content is None:
        return Asked(None, outcome.failure, attempts=outcome.attempts)
    reply = outcome.meaning if isinstance(outcome.meaning, Reply) else Reply.from_bytes(outcome.content)
    if outcome.cached:
        return Asked(reply, cached=True)
    return Asked(
        reply,
        usage=reply.usage,
        price=outcome.cost.price,
        seconds=outcome.seconds,
        attempts=outcome.attempts,
    )


def _size(request: Request) -> int:
    """Bytes of everything that a model reads."""
    return sum(len(message.content.encode()) for message in request.messages) + len(request.prompt.encode())


def _most(request: Request, price: Price | None) -> Cost:
    """Return the most that a call may cost."""
    around = _TOKENS_AROUND * (len(request.messages) + 1) + len(request.schema.encode())
    usage = Usage(_size(request) // _FEWEST_BYTES_A_TOKEN + around, request.sampling.max_tokens)
    return Cost(1, usage.input_tokens + usage.output_tokens, price.of(usage) if price else 0.0)


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run ``work`` to its end: here, or on a thread of its own where a loop is running already (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        run: Callable[[Coroutine[Any, Any, Result]], Result] = asyncio.run
        return pool.submit(run, work).result()
