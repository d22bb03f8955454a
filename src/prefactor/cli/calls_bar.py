"""The bar that shows how calls to models get on: how many are done, what they cost, how long it takes."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from prefactor.report.safe_text import make_readable_line
from prefactor.runtime.calls import Standing
from prefactor.runtime.running import Watch

__all__ = ["calls_bar", "standing_words"]


def standing_words(standing: Standing, *, priced: bool) -> str:
    """Say what was spent, how many are in flight and how long the rest will take.

    Examples
    --------
    >>> from prefactor.runtime.budget import Cost
    >>> now = Standing(60, 100, 10, 2, 8, 64, Cost(52, 9_000, 0.25), Cost(), 95.0)
    >>> standing_words(now, priced=True)
    '0.25 spent, 9,000 tokens, 2 failed, 8 in flight, 1:35 left'
    """
    parts = [f"{standing.paid.price:,.2f} spent"] if priced else []
    parts.append(f"{standing.paid.tokens:,} tokens")
    if standing.failed:
        parts.append(f"{standing.failed:,} failed")
    parts.append(f"{standing.in_flight:,} in flight")
    if standing.seconds_left is not None:
        minutes, seconds = divmod(round(standing.seconds_left), 60)
        parts.append(f"{minutes:,}:{seconds:02} left")
    return ", ".join(parts)


@contextmanager
def calls_bar(*, priced: bool) -> Iterator[Watch]:
    """Yield what :func:`prefactor.asking.calls.ask_all` tells, and show it on standard error."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("asking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    task = bar.add_task("", total=None)

    def show(standing: Standing) -> None:
        words = make_readable_line(standing_words(standing, priced=priced))
        bar.update(task, completed=standing.done, total=standing.total, description=words)

    with bar:
        yield show
