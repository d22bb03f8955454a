"""Trees and matrices of judges in a terminal."""

from collections.abc import Sequence
from math import isnan

from prefactor.analysis.trees import JudgeTree, TreeMerge
from prefactor.cli.terminal import line, print_table, terminal_width
from prefactor.report.safe_text import make_readable_line
from prefactor.stats.estimate import Estimate

__all__ = ["print_matrix", "print_tree"]

_NAME = 40


def print_tree(tree: JudgeTree) -> None:
    """Print a tree: every merge with its similarity and, where known, its stability, its members below it."""
    if tree.reason:
        line(f"  no tree: {tree.reason}")
        return
    parts = {merge.judges: merge for merge in tree.merges}
    _print_branch(tree.merges[-1], parts, stem="  ", here="  ")
    if tree.left_out:
        names = ", ".join(make_readable_line(name, _NAME) for name in tree.left_out)
        line(f"  left out, as they share too few comparisons with others: {names}")


def _print_branch(merge: TreeMerge, parts: dict[tuple[str, ...], TreeMerge], *, stem: str, here: str) -> None:
    everybody = len(merge.judges) == max(map(len, parts))
    told = "" if everybody or isnan(merge.stability) else f", together in {100 * merge.stability:.0f} % of resamples"
    line(f"{here}{merge.similarity:.2f}{told}")
    halves = _halves(merge, parts)
    for number, half in enumerate(halves):
        last = number == len(halves) - 1
        branch, below = (f"{stem}└─ ", f"{stem}   ") if last else (f"{stem}├─ ", f"{stem}│  ")
        if isinstance(half, TreeMerge):
            _print_branch(half, parts, stem=below, here=branch)
        else:
            line(f"{branch}{make_readable_line(half, _NAME)}")


def _halves(merge: TreeMerge, parts: dict[tuple[str, ...], TreeMerge]) -> tuple[TreeMerge | str, ...]:
    """Return the two parts of a cluster: its members stand in order, so that a part is a run from either end."""
    for cut in range(1, len(merge.judges)):
        first, second = merge.judges[:cut], merge.judges[cut:]
        if all(len(side) == 1 or side in parts for side in (first, second)):
            return tuple(side[0] if len(side) == 1 else parts[side] for side in (first, second))
    return merge.judges


def print_matrix(judges: Sequence[str], values: Sequence[Sequence[Estimate]], *, percent: bool = False) -> bool:
    """Print a matrix with values below the diagonal and their intervals above it, as far as the terminal is wide.

    Where it is too narrow for the intervals, a line says so, and where it is too narrow for the values, nothing is
    printed.

    Parameters
    ----------
    judges
        Names of rows and columns.
    values
        One row per judge.
    percent
        Whether values are shares, written in percent.

    Returns
    -------
    bool
        Whether the values fit.
    """
    names = [make_readable_line(name, _NAME) for name in judges]
    places = range(len(names))
    cells = [[_cell(values[row][column], row - column, percent=percent) for column in places] for row in places]
    without = [[cell if column <= row else "" for column, cell in enumerate(line)] for row, line in enumerate(cells)]
    for table in (cells, without):
        rows = [[f"{row + 1} {name}", *table[row]] for row, name in enumerate(names)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(names) + 1)]
        if sum(widths) + 3 * len(names) <= terminal_width():
            print_table(["", *(f"{column + 1} " for column in places)], rows)
            if table is without and any(not isnan(estimate.low) for row in values for estimate in row):
                line("  too wide for the intervals, which are in the file")
            return True
    return False


def _cell(estimate: Estimate, below: int, *, percent: bool) -> str:
    """Write what stands so many rows below the diagonal."""
    if isnan(estimate.value) or not below:
        return "-" if below else "·"
    if below > 0:
        return _number(estimate.value, percent=percent)
    if isnan(estimate.low):
        return ""
    return f"{_number(estimate.low, percent=percent)},{_number(estimate.high, percent=percent)}"


def _number(value: float, *, percent: bool) -> str:
    """Write a number without the zero before the point.

    Examples
    --------
    >>> _number(0.834, percent=False), _number(-0.02, percent=False), _number(-0.001, percent=False)
    ('.83', '-.02', '.00')
    """
    if percent:
        return f"{100 * value:.0f}"
    text = f"{value:z.2f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
