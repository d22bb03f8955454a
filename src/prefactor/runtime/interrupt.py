"""Ctrl-C while calls are in flight: once to finish them and stop, twice to drop them. Knows no call."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from types import FrameType
from typing import Any

__all__ = ["on_interrupt"]


class _Listening:
    """A handler of Ctrl-C that tells every run that is under way; they may end in any order."""

    def __init__(self) -> None:
        self.before: Any = signal.SIG_DFL
        self.runs: list[Callable[[], None]] = []

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- the shape of a handler
        for press in tuple(self.runs):
            press()


@contextmanager
def on_interrupt(finish: Callable[[], None], drop: Callable[[], None]) -> Iterator[None]:
    """Call ``finish`` at the first Ctrl-C within the block and ``drop`` at every later one, on the running loop.

    Outside the main thread, where Python hands out no signals, nothing changes.

    Parameters
    ----------
    finish
        Starts no more calls.
    drop
        Lets go of those in flight.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    steps = chain([finish], repeat(drop))

    def press() -> None:
        loop.call_soon_threadsafe(next(steps))

    there = signal.getsignal(signal.SIGINT)
    listening = there if isinstance(there, _Listening) else _Listening()
    if listening is not there:
        listening.before = signal.signal(signal.SIGINT, listening)
    listening.runs.append(press)
    try:
        yield
    finally:
        listening.runs.remove(press)
        if not listening.runs:
            signal.signal(signal.SIGINT, listening.before)
