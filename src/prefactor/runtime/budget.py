"""What calls may cost and what they have cost: reserved before a call, settled after it. Knows no call."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from prefactor.errors import SettingError

__all__ = ["Budget", "Cost", "Ledger", "parse_budget"]

_UNITS: Final = {
    "call": "calls",
    "calls": "calls",
    "token": "tokens",
    "tokens": "tokens",
    "usd": "price",
    "$": "price",
    "eur": "price",
}
_THOUSANDS: Final = {"": 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class Cost:
    """What calls cost.

    Parameters
    ----------
    calls
        How often a server was asked, failures included.
    tokens
        Read and written.
    price
        In the currency of the prices given.
    """

    calls: int = 0
    tokens: int = 0
    price: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.calls + other.calls, self.tokens + other.tokens, self.price + other.price)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.calls - other.calls, self.tokens - other.tokens, self.price - other.price)


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent; None is without end.

    Parameters
    ----------
    calls, tokens, price
        As in :class:`Cost`.
    """

    calls: int | None = None
    tokens: int | None = None
    price: float | None = None

    def holds(self, cost: Cost) -> bool:
        """Whether ``cost`` is within it."""
        limits = ((self.calls, cost.calls), (self.tokens, cost.tokens), (self.price, cost.price))
        return all(limit is None or spent <= limit for limit, spent in limits)

    def without(self, cost: Cost) -> "Budget":
        """Return what is left of it once ``cost`` is spent.

        Examples
        --------
        >>> Budget(calls=10).without(Cost(calls=4))
        Budget(calls=6, tokens=None, price=None)
        """
        return Budget(
            None if self.calls is None else max(0, self.calls - cost.calls),
            None if self.tokens is None else max(0, self.tokens - cost.tokens),
            None if self.price is None else max(0.0, self.price - cost.price),
        )

    def __str__(self) -> str:
        parts = [f"{self.calls:,} calls"] if self.calls is not None else []
        parts += [f"{self.tokens:,} tokens"] if self.tokens is not None else []
        parts += [f"a price of {self.price:g}"] if self.price is not None else []
        return " and ".join(parts) or "no limit"


def parse_budget(text: str) -> Budget:
    """Return the budget that a user wrote.

    Raises
    ------
    SettingError
        It is not a number with a unit.

    Examples
    --------
    >>> parse_budget("5usd"), parse_budget("100k tokens")
    (Budget(calls=None, tokens=None, price=5.0), Budget(calls=None, tokens=100000, price=None))
    """
    match = re.fullmatch(r"(\$?)\s*(\d[\d_,]*(?:\.\d+)?)\s*([km]?)\s*([a-z$]*)", text.strip().lower())
    unit = _UNITS.get(match[1] or match[4]) if match else None
    if match is None or unit is None or (match[1] and match[4]):
        expected = "a number with a unit, such as 5usd, 100000tokens or 200calls"
        raise SettingError("--budget", expected=expected, got=text)
    amount = float(re.sub("[_,]", "", match[2])) * _THOUSANDS[match[3]]
    if unit == "price":
        return Budget(price=amount)
    return Budget(calls=int(amount)) if unit == "calls" else Budget(tokens=int(amount))


class Ledger:
    """Keeps what was spent within a budget: no call is made whose most does not fit beside what is reserved.

    Parameters
    ----------
    budget
        The most that may be spent.

    Attributes
    ----------
    paid
        Cost of calls that brought a reply, and the number of all others that were made.
    perhaps_paid
        The most that calls may have cost whose end is not known (timeouts, broken connections); it counts as spent.
    reserved
        The most that the calls in flight may cost.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.paid = Cost()
        self.perhaps_paid = Cost()
        self.reserved = Cost()
        self._limited = budget != Budget()
        self._settled = asyncio.Event()

    async def reserve(self, most: Cost) -> bool:
        """Set ``most`` aside, waiting for calls in flight where only those leave no room; False where there is none."""
        while self._limited and not self.budget.holds(self.paid + self.perhaps_paid + self.reserved + most):
            if self.reserved == Cost():
                return False
            self._settled.clear()
            await self._settled.wait()
        self.reserved += most
        return True

    def settle(self, most: Cost, actual: Cost, *, certain: bool = True) -> None:
        """Replace what was set aside by what the call has cost, or may have where that is not certain."""
        self.reserved -= most
        if self.reserved.calls == 0:
            self.reserved = Cost()  # without the rounding that sums of prices leave
        if certain:
            self.paid += actual
        else:
            self.perhaps_paid += actual
        self._settled.set()
