"""Printing: plain words and tables, progress on anything slow, and no untrusted text that could harm a terminal."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from prefactor.report.safe_text import make_readable, make_readable_line
from prefactor.runtime.progress import Progress as ProgressCallback

__all__ = ["heading", "line", "print_error", "print_table", "progress_bar", "terminal_width"]

_NARROWEST_TABLE = 120
"""Columns of text below which a table is not squeezed; a narrower terminal wraps its lines."""

_PATIENCE = 1.0
"""Seconds of work before a bar is shown."""


def _console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def line(text: str = "", style: str = "") -> None:
    """Print one line; control characters in it are made visible."""
    _console().print(Text(make_readable(text), style=style))


def heading(text: str) -> None:
    """Print a heading with an empty line before it."""
    line()
    line(text, "bold")


def print_error(message: str) -> None:
    """Print an error to standard error."""
    _console(stderr=True).print(Text.assemble(("error: ", "bold red"), make_readable(message)))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; columns whose name ends in a space are aligned to the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        name = Text(make_readable_line(column.strip(), 400))
        table.add_column(name, justify="right" if column.endswith(" ") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(make_readable_line(cell, 400)) for cell in row))
    console = Console(highlight=False)
    console.width = terminal_width()
    console.print(table)


def terminal_width() -> int:
    """Return the columns that a table may take."""
    return max(Console().width, _NARROWEST_TABLE)


@contextmanager
def progress_bar() -> Iterator[ProgressCallback]:
    """Yield a callback that shows a bar on standard error for every stage that takes over a second."""
    console = Console(stderr=True)
    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    tasks: dict[str, TaskID] = {}
    started: dict[str, float] = {}
    begun = time.monotonic()

    def show(stage: str, done: int, total: int | None) -> None:
        if time.monotonic() - started.setdefault(stage, begun) < _PATIENCE:
            return
        if stage not in tasks:
            for task in tasks.values():
                bars.update(task, visible=False)
            tasks[stage] = bars.add_task(make_readable_line(stage, 60), total=total)
        bars.update(tasks[stage], completed=done, total=total)

    with bars:
        yield show
