"""What a call is, how calls are made, and what becomes of them. Knows keys, bytes and costs, not what is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prefactor._validate import check_positive
from prefactor.errors import SettingError
from prefactor.runtime.budget import Budget, Cost

__all__ = ["Call", "CallOptions", "Made", "Outcome", "Standing"]


@dataclass(frozen=True, slots=True)
class Made:
    """What a call brought.

    Parameters
    ----------
    content
        The reply.
    tokens, price
        What it cost.
    meaning
        What the reply was made of, for the caller alone, who need not read it again; None is nothing.
    """

    content: bytes
    tokens: int = 0
    price: float = 0.0
    meaning: object = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call to be made.

    Parameters
    ----------
    key
        Everything that can change its reply, hashed.
    make
        Makes it, once; raises :class:`prefactor.errors.CallError` where there is no reply.
    most
        The most it may cost.
    asked
        Tells what is asked, to be kept for people to read; None keeps nothing.
    label
        Whom it is asked of, for people to read.
    """

    key: bytes
    make: Callable[[], Awaitable[Made]]
    most: Cost = Cost(calls=1)  # noqa: RUF009 -- frozen
    asked: Callable[[], bytes] | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How calls are made.

    Parameters
    ----------
    concurrency
        Most calls in flight; fewer where the server bears no more.
    first
        Calls in flight at the start.
    requests_per_minute, tokens_per_minute
        Most of each in any minute; None is without limit.
    attempts
        How often one call is tried at most.
    budget
        The most that may be spent.
    first_wait, longest_wait
        Seconds: before the second attempt at most (then twice as many each time), and ever. A call whose server asks
        to wait for longer has failed.
    hopeless
        After so many calls in a row without a reply, no more are made.

    Raises
    ------
    SettingError
        A number is out of range.
    """

    concurrency: int = 256
    first: int = 32
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    attempts: int = 8
    budget: Budget = field(default_factory=Budget)
    first_wait: float = 1.0
    longest_wait: float = 120.0
    hopeless: int = 20

    def __post_init__(self) -> None:
        for name in ("concurrency", "first", "attempts", "hopeless"):
            check_positive(name, getattr(self, name))
        for name in ("requests_per_minute", "tokens_per_minute", "first_wait", "longest_wait"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise SettingError(name, expected="a number above 0", got=value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call.

    Parameters
    ----------
    content
        The reply; None where there is none.
    failure
        Why there is none; empty where there is one.
    cached
        Whether the reply was there before, or was paid for by another process.
    attempts
        How often it was tried.
    cost
        What was paid for the reply, now.
    seconds
        How long the attempt that brought it took.
    meaning
        As in :class:`Made`; None where the reply was there before.
    """

    content: bytes | None = None
    failure: str = ""
    cached: bool = False
    attempts: int = 0
    cost: Cost = Cost()  # noqa: RUF009 -- frozen
    seconds: float = 0.0
    meaning: object = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run of calls is.

    Parameters
    ----------
    done, total
        Calls that have ended, and all of them.
    cached, failed
        Those of them that were there before, and those that brought no reply.
    in_flight, limit
        Calls being made, and how many the server bears.
    paid, perhaps_paid
        What was spent, and the most that calls may have cost whose end is not known.
    seconds_left
        Time left at the rate so far; None while there is none.
    """

    done: int
    total: int
    cached: int
    failed: int
    in_flight: int
    limit: int
    paid: Cost
    perhaps_paid: Cost
    seconds_left: float | None
