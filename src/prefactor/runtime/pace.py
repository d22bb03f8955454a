"""How many calls may be in flight, and when the next may start: learnt from the server, within the user's limits.

Knows times and counts; no call.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

__all__ = ["Concurrency", "Gate", "Spacing"]

_CUT: Final = 0.7
"""Share of the calls in flight that is kept when a server says that there are too many."""

_WORTH: Final = 1.2
"""Growth of the rate that a doubling must bring to be kept."""

_PATIENCE: Final = 20
"""Rounds after which more calls in flight are tried again, though they brought nothing the last time."""


class Concurrency:
    """The number of calls in flight that a server bears.

    It doubles from round to round (as many replies as there are calls in flight) for as long as that brings more
    replies a second; where it does not, it goes back, and tries again 20 rounds later. Where the server is overloaded
    it falls to 0.7 of itself, once for all calls that were under way, and from then on grows by a sixteenth a round:
    additive increase, multiplicative decrease (Chiu and Jain 1989, doi:10.1016/0169-7552(89)90019-6).

    Parameters
    ----------
    most
        What it never exceeds.
    first
        What it begins with.

    Attributes
    ----------
    limit
        The number at present, at least 1.
    """

    def __init__(self, most: int, *, first: int = 32) -> None:
        self.limit = min(first, most)
        self._most = most
        self._doubles = True
        self._ceiling = most
        self._rate = 0.0
        self._before = self.limit
        self._held = 0
        self._cut_at = float("-inf")
        self._round_began: float | None = None
        self._replies = 0

    def succeeded(self, now: float, *, full: bool) -> None:
        """Take note of a reply.

        Parameters
        ----------
        now
            The time, in seconds.
        full
            Whether there were as many calls in flight as there might be; otherwise a round says nothing.
        """
        if self._round_began is None or not full:
            self._round_began, self._replies = now, 0
            return
        self._replies += 1
        if self._replies >= self.limit:
            self._end_round(self._replies / max(now - self._round_began, 1e-9))
            self._round_began, self._replies = now, 0

    def _end_round(self, rate: float) -> None:
        if self._doubles and self._rate and rate < _WORTH * self._rate:
            self._doubles, self._ceiling, self.limit = False, self._before, self._before
        elif self._doubles:
            self._rate, self._before = rate, self.limit
            self.limit = min(2 * self.limit, self._most)
            self._doubles = self.limit > self._before
        elif self.limit < self._ceiling:
            self.limit = min(self.limit + max(1, self.limit // 16), self._ceiling)
        elif self.limit < self._most:
            self._held += 1
            if self._held >= _PATIENCE:
                self._held, self._doubles, self._rate, self._ceiling = 0, True, 0.0, self._most

    def overloaded(self, started: float, now: float) -> None:
        """Take note that the server refused a call that was sent at ``started``, for too many."""
        if started < self._cut_at:
            return
        self.limit = max(1, int(self.limit * _CUT))
        self._doubles, self._ceiling, self._held = False, self._most, 0
        self._cut_at, self._round_began = now, None


class Spacing:
    """Spreads an amount a minute evenly, so that no minute has more, wherever it is begun.

    Parameters
    ----------
    per_minute
        The most a minute; None is without limit.

    Examples
    --------
    >>> requests = Spacing(60)
    >>> [requests.start_at(100.0, 1) for _ in range(3)]
    [100.0, 101.0, 102.0]
    """

    def __init__(self, per_minute: float | None) -> None:
        self._seconds_each = 60.0 / per_minute if per_minute else 0.0
        self._next = float("-inf")

    def start_at(self, now: float, amount: float) -> float:
        """Return when something of this ``amount`` may start, and keep its time free."""
        start = max(now, self._next)
        self._next = start + amount * self._seconds_each
        return start

    def correct(self, amount: float) -> None:
        """Take note that something was larger by ``amount`` than was said (or smaller, where negative)."""
        self._next += amount * self._seconds_each


class Gate:
    """Lets calls start: first come, first served, no more in flight than the server bears.

    Parameters
    ----------
    most
        Most calls in flight.
    first
        Calls in flight at the start.
    clock
        Gives seconds.

    Attributes
    ----------
    concurrency
        What was learnt of the server.
    inside
        Calls in flight.
    drained
        Whether no more calls are coming, so that fewer in flight say nothing of the server.
    on_open
        Called when a pause that the server asked for is over, after those who wait have been let in.
    """

    def __init__(self, most: int, *, first: int = 32, clock: Callable[[], float] = time.monotonic) -> None:
        self.concurrency = Concurrency(most, first=first)
        self.inside = 0
        self.drained = False
        self.on_open: Callable[[], None] = lambda: None
        self._clock = clock
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._closed = False
        self._pause_until = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self) -> bool:
        """Wait until a call may start; False where no more may, for good."""
        if self.enter_now():
            return True
        if self._closed:
            return False
        place: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        return await place

    def enter_now(self) -> bool:
        """Whether a call may start at once, which then counts as in flight; those who wait come first."""
        if self._closed or self._waiting or not self._is_open():
            return False
        self.inside += 1
        return True

    def leave(self, *, replied: bool) -> None:
        """Say that a call has ended: with a reply, or with a failure that says nothing of load."""
        if replied:
            self.concurrency.succeeded(self._clock(), full=not self.drained)
        self._out()

    def leave_overloaded(self, started: float, *, wait: float | None) -> None:
        """Say that a call was refused for load, and how long the server asked all calls to wait."""
        now = self._clock()
        self.concurrency.overloaded(started, now)
        self._pause_until = max(self._pause_until, now + (wait or 0.0))
        self._out()
        self._await_pause()

    def close(self) -> None:
        """Let nobody in any more."""
        self._closed = True
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(False)

    def _out(self) -> None:
        self.inside -= 1
        self._admit()

    def _is_open(self) -> bool:
        return self.inside < self.concurrency.limit and self._clock() >= self._pause_until

    def _admit(self) -> None:
        while self._waiting and self._is_open():
            place = self._waiting.popleft()
            if not place.done():
                self.inside += 1
                place.set_result(True)

    def _await_pause(self) -> None:
        pause = self._pause_until - self._clock()
        if pause > 0 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(pause, self._end_pause)

    def _end_pause(self) -> None:
        self._timer = None
        self._await_pause()  # it may have become longer
        self._admit()
        self.on_open()
