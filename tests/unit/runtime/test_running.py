"""Runs of calls whose every failure is planned: tries, budgets, interruptions, and totals that add up."""

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from prefactor.errors import CallError, InputFileError, SettingError
from prefactor.runtime.budget import Budget, Cost
from prefactor.runtime.cache import ReplyCache, StoredReply
from prefactor.runtime.calls import Call, CallOptions, Made, Outcome, Standing
from prefactor.runtime.running import run_calls

QUICK = {"first_wait": 0.001, "longest_wait": 0.05}


class Server:
    """Counts calls and answers by a plan: for every call, what its attempts bring; a reply once the plan is used up."""

    def __init__(self, plan: Callable[[int, int], CallError | float] = lambda number, attempt: 0.0) -> None:
        self.plan = plan
        self.attempts: Counter[int] = Counter()
        self.replied: Counter[int] = Counter()

    async def make(self, number: int) -> Made:
        self.attempts[number] += 1
        found = self.plan(number, self.attempts[number])
        if isinstance(found, CallError):
            raise found
        await asyncio.sleep(found)
        self.replied[number] += 1
        return Made(b"reply %d" % number, tokens=10, price=0.5)

    def calls(self, count: int) -> list[Call]:
        most = Cost(1, 20, 1.0)
        return [Call(number.to_bytes(4, "big"), partial(self.make, number), most) for number in range(count)]


def run(
    calls: list[Call], *, path: Path | None = None, watch: Callable[[Standing], None] | None = None, **options: object
) -> list[Outcome]:
    cache = ReplyCache(path) if path else None
    try:
        settings = CallOptions(**{**QUICK, **options})  # type: ignore[arg-type]  # by name
        return asyncio.run(run_calls(calls, options=settings, cache=cache, watch=watch))
    finally:
        if cache is not None:
            cache.close()


def busy(number: int, attempt: int) -> CallError | float:
    return CallError("overload", "busy", retryable=True) if attempt <= number % 4 else 0.0


def test_calls_that_may_succeed_are_tried_again() -> None:
    server = Server(busy)
    outcomes = run(server.calls(40))
    assert [outcome.attempts for outcome in outcomes] == [number % 4 + 1 for number in range(40)]
    assert [outcome.content for outcome in outcomes] == [b"reply %d" % number for number in range(40)]
    assert {outcome.cost for outcome in outcomes} == {Cost(1, 10, 0.5)}


def test_attempts_end() -> None:
    server = Server(lambda number, attempt: CallError("overload", "busy", retryable=True))
    (outcome,) = run(server.calls(1), attempts=3)
    assert (outcome.failure, outcome.attempts, server.attempts[0]) == ("overload: busy", 3, 3)


@pytest.mark.parametrize("wait", [None, 0.01, 99.0])
def test_a_failure_that_is_final_is_not_tried_again(wait: float | None) -> None:
    error = CallError("rate limit", "no more today", retryable=wait is not None, retry_after=wait)
    server = Server(lambda number, attempt: error if attempt == 1 else 0.0)
    (outcome,) = run(server.calls(1))
    assert bool(outcome.failure) is (wait != 0.01)
    assert server.attempts[0] == (2 if wait == 0.01 else 1)


def test_a_reply_is_paid_once_and_a_failure_is_not_kept(tmp_path: Path) -> None:
    def plan(number: int, attempt: int) -> CallError | float:
        return CallError("bad request", "no", retryable=False) if number == 3 and attempt == 1 else 0.0

    server = Server(plan)
    first = run(server.calls(10), path=tmp_path / "c.db")
    assert [outcome.failure for outcome in first if outcome.failure] == ["bad request: no"]
    second = run(server.calls(10), path=tmp_path / "c.db")
    assert [outcome.content for outcome in second] == [b"reply %d" % number for number in range(10)]
    assert [outcome.cached for outcome in second] == [number != 3 for number in range(10)]
    assert sum(outcome.cost.price for outcome in second) == 0.5
    assert set(server.replied.values()) == {1}


def test_no_more_replies_than_places_can_be_lost_and_none_is_handed_on_before_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, said = 7, Counter[str]()
    store, sync = ReplyCache.store, ReplyCache.sync
    at_risk: list[int] = []
    server = Server(lambda number, attempt: 0.001 * (number % 5))

    async def slow_store(self: ReplyCache, reply: StoredReply) -> None:
        await asyncio.sleep(0.003)
        at_risk.append(server.attempts.total() - said["stored"])
        await store(self, reply)
        said["stored"] += 1

    async def counted_sync(self: ReplyCache) -> None:
        await sync(self)
        said["on the disk"] = said["stored"]

    monkeypatch.setattr(ReplyCache, "store", slow_store)
    monkeypatch.setattr(ReplyCache, "sync", counted_sync)
    seen: list[Standing] = []
    run(server.calls(200), path=tmp_path / "c.db", concurrency=places, watch=seen.append)
    assert max(at_risk) <= places
    assert said == {"stored": 200, "on the disk": 200}
    assert all(standing.in_flight <= places for standing in seen)


def test_two_runs_at_once_pay_once(tmp_path: Path) -> None:
    server = Server(lambda number, attempt: 0.05)

    async def both() -> list[list[Outcome]]:
        caches = [ReplyCache(tmp_path / "c.db") for _ in range(2)]
        calls = server.calls(300)
        found = await asyncio.gather(*(run_calls(calls, cache=cache) for cache in caches))
        for cache in caches:
            cache.close()
        return found

    one, other = asyncio.run(both())
    assert [outcome.content for outcome in one] == [outcome.content for outcome in other]
    assert all(outcome.content for outcome in one)
    assert server.replied == Counter(range(300))
    assert sum(outcome.cost.price for outcome in one + other) == 150
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("budget", "replies"),
    [(Budget(calls=7), 7), (Budget(tokens=105), 9), (Budget(price=3.0), 5), (Budget(calls=0), 0)],
)
def test_a_budget_is_never_exceeded_and_used_up(budget: Budget, replies: int) -> None:
    # A call costs 10 tokens and 0.5 and may cost 20 and 1.0: the last one must find room for the most.
    server = Server(lambda number, attempt: 0.01)
    outcomes = run(server.calls(50), budget=budget)
    assert sum(outcome.content is not None for outcome in outcomes) == replies
    left = {outcome.failure for outcome in outcomes if outcome.failure}
    assert left == {f"not asked: the budget of {budget} leaves no room for another call"}


def test_what_may_have_been_paid_counts_as_spent() -> None:
    error = CallError("timeout", "who knows", retryable=True, maybe_paid=True)
    server = Server(lambda number, attempt: error if attempt == 1 else 0.0)
    seen: list[Standing] = []
    outcomes = run(server.calls(10), budget=Budget(price=4.0), concurrency=1, watch=seen.append)
    assert (seen[-1].paid.price, seen[-1].perhaps_paid.price) in {(0.5, 3.0), (1.0, 3.0), (1.0, 2.0), (0.0, 4.0)}
    assert seen[-1].paid.price + seen[-1].perhaps_paid.price <= 4.0
    assert any("not tried again: the budget" in outcome.failure for outcome in outcomes)


def test_a_failed_call_is_free_for_others_at_once(tmp_path: Path) -> None:
    async def both() -> tuple[list[Outcome], list[Outcome]]:
        caches = [ReplyCache(tmp_path / "c.db") for _ in range(2)]
        slow = Server(lambda number, attempt: 3.0 if number else CallError("bad request", "no", retryable=False))
        one = asyncio.create_task(run_calls(slow.calls(2), cache=caches[0]))
        await asyncio.sleep(0.3)
        other = await run_calls(Server().calls(1), cache=caches[1])
        ended_first = not one.done()
        found = await one, other
        for cache in caches:
            cache.close()
        assert ended_first
        return found

    one, other = asyncio.run(both())
    assert one[0].failure == "bad request: no"
    assert other[0].content == b"reply 0"


def test_a_call_that_waits_for_the_budget_is_not_made_after_an_interruption() -> None:
    def plan(number: int, attempt: int) -> CallError | float:
        signal.raise_signal(signal.SIGINT)
        return 0.05

    server = Server(plan)
    outcomes = run(server.calls(10), budget=Budget(price=1.2))
    assert server.attempts.total() == 1
    assert [outcome.failure for outcome in outcomes[1:]] == ["not asked: interrupted"] * 9


def test_totals_reconcile_to_the_call() -> None:
    server = Server(busy)
    seen: list[Standing] = []
    outcomes = run(server.calls(100), watch=seen.append)
    last = seen[-1]
    assert (last.done, last.total, last.failed, last.in_flight) == (100, 100, 0, 0)
    assert last.paid.calls == server.attempts.total()
    assert last.paid.price == sum(outcome.cost.price for outcome in outcomes) == 50
    assert last.paid.tokens == 1_000


@pytest.mark.parametrize("kind", ["refused key", "connection", "bad request"])
def test_calls_that_all_fail_are_given_up(kind: str) -> None:
    server = Server(lambda number, attempt: CallError(kind, "no", retryable=False))
    outcomes = run(server.calls(500), concurrency=4)
    assert server.attempts.total() < 30
    assert outcomes[-1].failure == f"not asked: 20 calls in a row failed, the last with {kind}: no"
    assert all(outcome.failure for outcome in outcomes)


def test_calls_that_fail_of_themselves_stop_nobody_else() -> None:
    def plan(number: int, attempt: int) -> CallError | float:
        return CallError("bad request", "too long", retryable=False) if 10 <= number < 90 else 0.0

    outcomes = run(Server(plan).calls(100), concurrency=1)
    assert [outcome.failure for outcome in outcomes if outcome.failure] == ["bad request: too long"] * 80


def test_a_mistake_in_the_code_ends_the_run(tmp_path: Path) -> None:
    async def make() -> Made:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run([*Server(lambda number, attempt: 9.0).calls(3), Call(b"bad", make)], path=tmp_path / "c.db")


def test_a_reply_that_cannot_be_kept_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def store(self: ReplyCache, reply: object) -> Awaitable[None]:
        raise InputFileError("c.db", expected="a cache that can be written", got="disk full")

    monkeypatch.setattr(ReplyCache, "store", store)
    with pytest.raises(InputFileError, match="disk full"):
        run(Server().calls(3), path=tmp_path / "c.db")


def test_requests_are_spread_over_a_minute() -> None:
    server = Server()
    began = asyncio.new_event_loop()
    try:
        before = began.time()
        run(server.calls(6), requests_per_minute=600)
        assert began.time() - before >= 0.5
    finally:
        began.close()


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals come to the main thread")
@pytest.mark.parametrize("presses", [1, 2])
def test_interrupting_finishes_what_is_in_flight_or_drops_it(presses: int, tmp_path: Path) -> None:
    pressed: list[int] = []

    def plan(number: int, attempt: int) -> CallError | float:
        if number == 20 and not pressed:
            for _ in range(presses):
                signal.raise_signal(signal.SIGINT)
                pressed.append(number)
        return 0.2

    server = Server(plan)
    outcomes = run(server.calls(400), path=tmp_path / "c.db", concurrency=25)
    replied = [outcome for outcome in outcomes if outcome.content is not None]
    dropped = [outcome for outcome in outcomes if outcome.failure.startswith("dropped in flight")]
    assert len(pressed) == presses
    assert (len(replied) > 0) is (presses == 1)
    assert (len(dropped) > 0) is (presses == 2)
    assert outcomes[-1].failure == "not asked: interrupted"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    again = run(server.calls(400), path=tmp_path / "c.db")
    assert sum(outcome.cached for outcome in again) == len(replied)
    assert all(outcome.content for outcome in again)


@pytest.mark.parametrize("bad", [{"concurrency": 0}, {"attempts": 0}, {"requests_per_minute": 0}, {"first_wait": -1}])
def test_options_that_cannot_work_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(SettingError, match=next(iter(bad))):
        CallOptions(**bad)  # type: ignore[arg-type]  # by name
