"""Making many calls: every one ends in a reply or in a named failure, none is paid for twice, none is lost.

Claims them in the cache, starts them through the gate, tries again what may succeed, and keeps every reply: in the file
before its call counts as ended, on the disk before it is handed on. Knows keys, bytes and costs, not what is asked.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from prefactor.errors import CallError
from prefactor.runtime.budget import Cost, Ledger
from prefactor.runtime.cache import Claim, ReplyCache, StoredReply
from prefactor.runtime.calls import Call, CallOptions, Made, Outcome, Standing
from prefactor.runtime.garbage import left_alone
from prefactor.runtime.interrupt import on_interrupt
from prefactor.runtime.pace import Gate, Spacing

__all__ = ["Watch", "run_calls"]

Watch = Callable[[Standing], None]

_LOAD: Final = frozenset({"rate limit", "overload", "timeout"})
"""Failures that say that a server has too much to do."""

_OF_ONE_CALL: Final = frozenset({"bad request", "unreadable reply"})
"""Failures that say something of one call only, once any other has succeeded."""

_CLAIMED_AT_ONCE: Final = 256
_SECONDS_BETWEEN_LOOKS: Final = 0.25
_SECONDS_BETWEEN_WORDS: Final = 0.2


async def run_calls(
    calls: Sequence[Call],
    *,
    options: CallOptions | None = None,
    cache: ReplyCache | None = None,
    watch: Watch | None = None,
) -> list[Outcome]:
    """Make every call and return what became of each, in order.

    A reply that is in the cache is not paid for again, and one that another process is getting is waited for. Ctrl-C
    lets the calls in flight finish and starts no more; a second Ctrl-C drops them.

    A call is in flight until a kill of the process would not lose its reply, so a kill loses no more replies than there
    may be calls in flight. All replies are on the disk (``fsync``) when this returns, and each of them about a second
    after it came: what a power cut may cost beside.

    Parameters
    ----------
    calls
        With keys that are all different.
    options
        How they are made.
    cache
        Where replies are kept; None keeps none.
    watch
        Told now and then, and at the end, how far it is.

    Raises
    ------
    InputFileError
        The cache cannot be written.
    """
    run = _Run(calls, options or CallOptions(), cache, watch)
    with on_interrupt(run.finish, run.drop), left_alone():
        return await run.all()


class _Run:
    """One run: its calls, what has become of them, and whether it goes on."""

    def __init__(
        self, calls: Sequence[Call], options: CallOptions, cache: ReplyCache | None, watch: Watch | None
    ) -> None:
        self.calls, self.options, self.cache, self.watch = calls, options, cache, watch
        self.outcomes: dict[bytes, Outcome] = {}
        self.claimed: set[bytes] = set()
        self.last_words: dict[bytes, str] = {}
        self.gate = Gate(options.concurrency, first=options.first)
        self.gate.on_open = self._begin
        self.ledger = Ledger(options.budget)
        self.requests = Spacing(options.requests_per_minute)
        self.tokens = Spacing(options.tokens_per_minute)
        self.stopped = ""
        self.stop_now = asyncio.Event()
        self.dropped = False
        self.group = asyncio.TaskGroup()
        self.tasks: set[asyncio.Task[None]] = set()
        self.ready: deque[Call] = deque()
        self.few = 0
        self.few_ready = asyncio.Event()
        self.resting = 0
        self.cached = self.failed = self.failed_in_a_row = 0
        self.began = self.told = time.monotonic()
        self.jitter = random.Random()  # noqa: S311 -- spreads calls in time, guards nothing

    async def all(self) -> list[Outcome]:
        """Make all calls."""
        waiting = self._take_stored()
        asks = bool(waiting)
        try:
            async with self.group:
                await self._start_until_done(waiting)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            if self.cache is not None and asks:
                await self.cache.release(list(self.claimed))
                await self.cache.sync()
        not_asked = Outcome(failure=f"not asked: {self.stopped}")
        for call in self.calls:
            if call.key not in self.outcomes:
                self._end(call, not_asked)
        self._tell(at_the_end=True)
        return [self.outcomes[call.key] for call in self.calls]

    def finish(self) -> None:
        """Start no more calls: the user wants to stop."""
        self._stop("interrupted")

    def drop(self) -> None:
        """Let go of the calls in flight too."""
        self.dropped = True
        for task in tuple(self.tasks):
            task.cancel()

    def _stop(self, reason: str) -> None:
        self.stopped = self.stopped or reason
        self.gate.close()
        self.ready.clear()
        self.few_ready.set()
        self.stop_now.set()

    def _take_stored(self) -> list[Call]:
        """Take the replies that are there, and return the calls that are left."""
        if self.cache is None:
            return list(self.calls)
        found = self.cache.look_up([call.key for call in self.calls])
        for call in self.calls:
            if call.key in found:
                self._end(call, Outcome(found[call.key], cached=True))
        return [call for call in self.calls if call.key not in found]

    async def _start_until_done(self, waiting: Sequence[Call]) -> None:
        """Start all calls, those last that another process has claimed and not made."""
        with self._ending_all():
            while waiting:
                waiting = await self._start_all(waiting)
                if waiting and not await self._rest(_SECONDS_BETWEEN_LOOKS):
                    break
            self.gate.drained = True

    @contextmanager
    def _ending_all(self) -> Iterator[None]:
        """Have an error that is no failure of a call end the run: nothing more may begin while it is taken down."""
        try:
            yield
        except BaseException:
            self._stop("broken off")
            raise

    async def _start_all(self, calls: Sequence[Call]) -> list[Call]:
        """Claim calls and have those started that are ours; return those that another process is making.

        The next ones are claimed while many are still to be started, so that the server never waits for the disk.
        """
        held: list[Call] = []
        for start in range(0, len(calls), _CLAIMED_AT_ONCE):
            part = calls[start : start + _CLAIMED_AT_ONCE]
            for call, claim in zip(part, await self._claim(part), strict=True):
                if claim.content is not None:
                    self._end(call, Outcome(claim.content, cached=True))
                elif claim.held_by_other:
                    held.append(call)
                else:
                    self.ready.append(call)
            if not await self._until_few(_CLAIMED_AT_ONCE):
                return []
        return held if await self._until_few(0) else []

    async def _until_few(self, few: int) -> bool:
        """Begin calls, and wait until so few are left to begin; False where the run has stopped before that."""
        self.few = few
        self._begin()
        while len(self.ready) > few and not self.stopped:
            self.few_ready.clear()
            await self.few_ready.wait()
        if self.stopped:
            self.ready.clear()
        return not self.stopped

    async def _claim(self, calls: Sequence[Call]) -> list[Claim]:
        if self.cache is None:
            return [Claim()] * len(calls)
        claims = await self.cache.claim([call.key for call in calls])
        free = Claim()
        self.claimed.update(call.key for call, claim in zip(calls, claims, strict=True) if claim == free)
        return claims

    def _begin(self) -> None:
        """Begin as many of the calls that are ready as there is room for."""
        while (call := self._next()) is not None:
            task = self.group.create_task(self._carry_on(call))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _next(self) -> Call | None:
        """Let the next call into the gate; None where none is ready, or there is no room.

        While many calls wait to be tried again, no new ones are begun: a server that is down for a minute then costs a
        few calls their attempts, not all of them.
        """
        if not self.ready or self.resting > 2 * self.gate.concurrency.limit + 8 or not self.gate.enter_now():
            return None
        call = self.ready.popleft()
        if len(self.ready) <= self.few:
            self.few_ready.set()
        return call

    async def _carry_on(self, call: Call | None) -> None:
        """Carry calls, the first of which has entered the gate, one after the other for as long as there is room."""
        with self._ending_all():
            while call is not None:
                await self._carry(call)
                call = self._next()
                self._begin()

    async def _carry(self, call: Call) -> None:
        """Try a call, which has entered the gate, until it has ended."""
        attempt, failure = 1, ""
        try:
            while not await self._try(call, attempt):
                attempt += 1
        except CallError as error:
            failure = str(error)
        except _StoppedError as stop:
            failure = f"{stop} (not tried again: {self.stopped})" if str(stop) else ""
        except asyncio.CancelledError:
            if not self.dropped:
                raise
            failure = f"dropped in flight: {self.stopped}"
        if failure:
            self._end(call, Outcome(failure=failure, attempts=attempt))
            if self.cache is not None:  # another process that waits for it may try
                await self.cache.release([call.key])
                self.claimed.discard(call.key)

    async def _try(self, call: Call, attempt: int) -> bool:
        """Make a call once; False where it failed and may be tried again, after waiting for that."""
        try:
            made, seconds = await self._attempt(call)
        except CallError as error:
            wait = self._wait(error, attempt)
            if wait is None:
                raise
            self.last_words[call.key] = str(error)
            if not await self._rest_outside(wait):
                raise _StoppedError(str(error)) from None
            return False
        cost = Cost(1, made.tokens, made.price)
        outcome = Outcome(made.content, attempts=attempt, cost=cost, seconds=seconds, meaning=made.meaning)
        self._end(call, outcome)
        return True

    async def _keep(self, call: Call, made: Made) -> None:
        if self.cache is not None:
            asked = None if call.asked is None else call.asked()
            reply = StoredReply(call.key, made.content, asked, call.label, made.tokens, made.price)
            await self.cache.store(reply)
            self.claimed.discard(call.key)

    async def _attempt(self, call: Call) -> tuple[Made, float]:
        """Make a call once, within budget and pace, keep its reply and leave the gate; return it and its seconds."""
        if not await self._may_begin(call):
            self.gate.leave(replied=False)
            raise _StoppedError(self.last_words.get(call.key, ""))
        began = time.monotonic()
        try:
            made = await call.make()
        except CallError as error:
            cost = call.most if error.maybe_paid else Cost(calls=1)
            self.ledger.settle(call.most, cost, certain=not error.maybe_paid)
            if error.kind in _LOAD:
                self.gate.leave_overloaded(began, wait=self._asked_wait(error))
            else:
                self.gate.leave(replied=False)
            raise
        except BaseException:
            self.ledger.settle(call.most, call.most, certain=False)
            self.gate.leave(replied=False)
            raise
        self.ledger.settle(call.most, Cost(1, made.tokens, made.price))
        self.tokens.correct(made.tokens - call.most.tokens)
        seconds = time.monotonic() - began
        try:
            await self._keep(call, made)
        finally:  # in flight until it is in the file: a kill loses no more calls than may be in flight
            self.gate.leave(replied=True)
        return made, seconds

    async def _may_begin(self, call: Call) -> bool:
        """Set aside what a call may cost and wait for its turn."""
        if not await self.ledger.reserve(call.most):
            self._stop(f"the budget of {self.options.budget} leaves no room for another call")
            return False
        if self.stopped:  # while it waited
            self.ledger.settle(call.most, Cost())
            return False
        now = time.monotonic()
        start = max(self.requests.start_at(now, 1), self.tokens.start_at(now, call.most.tokens))
        if start > now and not await self._rest(start - now):
            self.ledger.settle(call.most, Cost())
            return False
        return True

    def _asked_wait(self, error: CallError) -> float | None:
        return None if error.retry_after is None else min(error.retry_after, self.options.longest_wait)

    def _wait(self, error: CallError, attempt: int) -> float | None:
        """Seconds before a call is tried again; None where it is not.

        Exponential backoff with full jitter: uniform between 0 and the doubled wait, so that calls that failed together
        do not come back together.
        """
        options = self.options
        if not error.retryable or attempt >= options.attempts or (error.retry_after or 0) > options.longest_wait:
            return None
        longest = min(options.first_wait * 2.0 ** (attempt - 1), options.longest_wait)
        if error.retry_after is not None:
            return error.retry_after + self.jitter.uniform(0, min(longest, error.retry_after))
        return self.jitter.uniform(0, longest)

    async def _rest_outside(self, seconds: float) -> bool:
        """Wait outside the gate and enter it again; False where no call may start any more."""
        self.resting += 1
        self._begin()
        try:
            return await self._rest(seconds) and await self.gate.enter()
        finally:
            self.resting -= 1
            self._begin()

    async def _rest(self, seconds: float) -> bool:
        """Wait; False, at once, where the run has stopped."""
        try:
            async with asyncio.timeout(seconds):
                await self.stop_now.wait()
        except TimeoutError:
            return True
        return False

    def _end(self, call: Call, outcome: Outcome) -> None:
        self.outcomes[call.key] = outcome
        self.cached += outcome.cached
        if outcome.failure:
            self.failed += 1
            self._lose_hope(outcome.failure)
        elif not outcome.cached:
            self.failed_in_a_row = 0
        self._tell()

    def _lose_hope(self, failure: str) -> None:
        """Stop where calls fail one after the other: the next thousand would fail as well, and cost time or money."""
        replied = len(self.outcomes) > self.failed
        if replied and failure.partition(":")[0] in _OF_ONE_CALL:
            return
        self.failed_in_a_row += 1
        if self.failed_in_a_row >= self.options.hopeless and not self.stopped:
            self._stop(f"{self.failed_in_a_row} calls in a row failed, the last with {failure}")

    def _tell(self, *, at_the_end: bool = False) -> None:
        now = time.monotonic()
        if self.watch is None or (now - self.told < _SECONDS_BETWEEN_WORDS and not at_the_end):
            return
        self.told = now
        done, total = len(self.outcomes), len(self.calls)
        made = done - self.cached
        left = (total - done) * (now - self.began) / made if made else None
        limit = self.gate.concurrency.limit
        paid, perhaps_paid = self.ledger.paid, self.ledger.perhaps_paid
        standing = Standing(done, total, self.cached, self.failed, self.gate.inside, limit, paid, perhaps_paid, left)
        self.watch(standing)


class _StoppedError(Exception):
    """A call was not begun, because the run has stopped; with what it failed of before, if it was tried."""
