"""Concurrency finds what a server bears, against simulated servers; limits a minute hold in any minute."""

import asyncio
import heapq
from collections.abc import Callable

import pytest

from prefactor.runtime.pace import Concurrency, Gate, Spacing


def simulate(
    seconds_for: Callable[[int], float], *, most: int, refuses_above: int | None = None, replies: int = 20_000
) -> list[int]:
    """Limits over time against a server that answers in ``seconds_for(calls in flight)``."""
    concurrency, now, limits = Concurrency(most), 0.0, []
    flying: list[tuple[float, float, bool]] = []
    for _ in range(replies):
        while len(flying) < concurrency.limit:
            refused = refuses_above is not None and len(flying) >= refuses_above
            heapq.heappush(flying, (now + (0.01 if refused else seconds_for(len(flying) + 1)), now, refused))
        now, started, refused = heapq.heappop(flying)
        if refused:
            concurrency.overloaded(started, now)
        else:
            concurrency.succeeded(now, full=True)
        limits.append(concurrency.limit)
    return limits


def test_a_server_that_bears_everything_is_given_the_most_in_a_few_rounds() -> None:
    limits = simulate(lambda flying: 0.2, most=1_024)
    assert limits[2_500] == 1_024
    assert max(limits) == 1_024


def test_a_server_with_few_places_is_not_buried() -> None:
    places = 8
    limits = simulate(lambda flying: max(flying, places) * 0.1, most=1_024)
    assert max(limits) <= 64
    assert sorted(limits)[len(limits) // 2] <= 40


def test_a_server_that_refuses_is_kept_near_what_it_bears() -> None:
    limits = simulate(lambda flying: 0.2, most=1_024, refuses_above=100)[5_000:]
    assert 60 < sum(limits) / len(limits) < 120


def test_calls_that_were_under_way_cut_once() -> None:
    concurrency = Concurrency(100)
    for _ in range(10):
        concurrency.overloaded(started=1.0, now=2.0)
    assert concurrency.limit == 22
    concurrency.overloaded(started=2.5, now=3.0)
    assert concurrency.limit == 15


def test_at_least_one_call_is_let_through() -> None:
    concurrency = Concurrency(1)
    for second in range(10):
        concurrency.overloaded(started=second, now=second + 0.5)
    assert concurrency.limit == 1


@pytest.mark.parametrize("per_minute", [1, 7, 60, 300])
def test_no_minute_has_more_than_its_limit(per_minute: int) -> None:
    spacing, now, starts = Spacing(per_minute), 0.0, []
    for step in range(3 * per_minute + 3):
        now = max(now, (step % 50) * 1.7)  # idle now and then
        starts.append(spacing.start_at(now, 1))
        now = starts[-1]
    for start in starts:
        assert sum(start <= other < start + 60 - 1e-6 for other in starts) <= per_minute


def test_a_larger_amount_takes_longer_and_is_corrected() -> None:
    spacing = Spacing(6_000)  # 100 a second
    assert spacing.start_at(0.0, 300) == 0.0
    spacing.correct(-100)
    assert spacing.start_at(0.0, 100) == 2.0
    assert Spacing(None).start_at(5.0, 1e9) == 5.0


def test_a_gate_is_first_come_first_served_and_closes() -> None:
    async def run() -> list[str]:
        gate, said = Gate(1), []

        async def come(name: str) -> None:
            said.append(f"{name} {await gate.enter()}")

        await come("a")
        others = [asyncio.create_task(come(name)) for name in "bcd"]
        await asyncio.sleep(0)
        assert said == ["a True"]
        gate.leave(replied=True)
        await asyncio.sleep(0)
        gate.close()
        await asyncio.gather(*others)
        await come("e")
        return said

    assert asyncio.run(run()) == ["a True", "b True", "c False", "d False", "e False"]


def test_a_gate_waits_for_as_long_as_a_server_asks() -> None:
    async def run() -> float:
        gate, loop = Gate(4), asyncio.get_running_loop()
        assert await gate.enter()
        began = loop.time()
        gate.leave_overloaded(began, wait=0.1)
        assert await gate.enter()
        return loop.time() - began

    assert 0.095 < asyncio.run(run()) < 5


def test_a_gate_lets_in_at_once_only_where_nobody_waits() -> None:
    async def run() -> list[bool]:
        gate, opened = Gate(2), asyncio.Event()
        gate.on_open = opened.set
        found = [gate.enter_now(), gate.enter_now(), gate.enter_now()]
        waiting = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        gate.leave_overloaded(0.0, wait=0.05)  # now one at a time, and after a pause
        gate.leave(replied=False)
        found.append(gate.enter_now())
        await opened.wait()
        found += [await waiting, gate.enter_now(), gate.inside == 1]
        gate.leave(replied=False)
        found.append(gate.enter_now())
        gate.close()
        return [*found, gate.enter_now()]

    assert asyncio.run(run()) == [True, True, False, False, True, False, True, True, False]
