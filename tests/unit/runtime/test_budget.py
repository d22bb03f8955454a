"""Budgets: read as people write them, reserved before a call and settled after it."""

import asyncio

import pytest

from prefactor.errors import SettingError
from prefactor.runtime.budget import Budget, Cost, Ledger, parse_budget


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("5usd", Budget(price=5)),
        ("$0.50", Budget(price=0.5)),
        ("2.5 EUR", Budget(price=2.5)),
        ("100000tokens", Budget(tokens=100_000)),
        ("1.5m tokens", Budget(tokens=1_500_000)),
        ("1,000 calls", Budget(calls=1_000)),
        ("1call", Budget(calls=1)),
    ],
)
def test_a_budget_is_read(text: str, budget: Budget) -> None:
    assert parse_budget(text) == budget


@pytest.mark.parametrize("text", ["", "5", "usd", "-5usd", "five usd", "5 pounds", "$5usd", "5usd extra"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="5usd, 100000tokens or 200calls"):
        parse_budget(text)


def test_what_is_reserved_leaves_room_for_nothing_else_until_it_is_settled() -> None:
    async def run() -> list[str]:
        ledger, said = Ledger(Budget(tokens=100)), []
        assert await ledger.reserve(Cost(1, 60))

        async def other() -> None:
            said.append(f"got {await ledger.reserve(Cost(1, 60))}")

        waiting = asyncio.create_task(other())
        await asyncio.sleep(0)
        said.append("settled")
        ledger.settle(Cost(1, 60), Cost(1, 10))
        await waiting
        ledger.settle(Cost(1, 60), Cost(1, 60), certain=False)
        said.append(f"then {await ledger.reserve(Cost(1, 60))}")
        assert (ledger.paid, ledger.perhaps_paid, ledger.reserved) == (Cost(1, 10), Cost(1, 60), Cost())
        return said

    assert asyncio.run(run()) == ["settled", "got True", "then False"]
