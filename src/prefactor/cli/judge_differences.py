"""Where judges part, factor by factor, in a terminal."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Final

from prefactor.analysis.alignment import Alignment, Difference, PairAlignment
from prefactor.cli.terminal import heading, line, print_table
from prefactor.data.records import JudgeKind
from prefactor.report.safe_text import make_readable_line

__all__ = ["print_differences", "print_reference_table"]

_MOST_DIFFERENCES: Final = 5
_FEW_PAIRS: Final = 7
_MOST_PAIRS: Final = 3
_MOST_FACTORS: Final = 15
_JUDGES_ABREAST: Final = 4
_NAME: Final = 20
_NAMED: Final = ("leans more to it", "leans less to it")
_KINDS: Final[Mapping[JudgeKind, str]] = {"human": " (people)", "label": " (the objective label)"}


def print_differences(alignment: Alignment) -> None:
    """Print, pair by pair, the factors that move one judge more than the other."""
    kinds = dict(zip(alignment.judges, alignment.kinds, strict=True))
    pairs, smallest = alignment.pairs, alignment.settings.smallest_effect
    if len(pairs) <= _FEW_PAIRS:
        for pair in pairs:
            _print_pair(pair, kinds, smallest=smallest)
        return
    # Of many pairs those that part most; of equal ones, the first.
    told = sorted((pair for pair in pairs if pair.discoveries.named), key=lambda pair: -pair.discoveries.named)
    for pair in told[:_MOST_PAIRS]:
        _print_pair(pair, kinds, smallest=smallest)
    line()
    shown = f"; shown: the {_MOST_PAIRS} with most" if len(told) > _MOST_PAIRS else ""
    line(f"some factor is named as different in {len(told):,} of {len(pairs):,} pairs{shown}")
    line("--against JUDGE shows one judge beside all others; every pair is in alignment.json")


def _print_pair(pair: PairAlignment, kinds: Mapping[str, JudgeKind], *, smallest: float) -> None:
    heading(f"{pair.first} minus {pair.second}{_KINDS.get(kinds[pair.second], '')}, factor by factor")
    if pair.reason:
        line(f"  nothing can be said: {pair.reason}")
        return
    named = _named(pair)
    for each in named[:_MOST_DIFFERENCES]:
        beyond = f"beyond {smallest:g} with probability {each.probability:.2f}"
        q_value = "below 0.001" if each.q_value < 0.001 else f"{each.q_value:.3f}"
        line(f"  {each.sentence}; q {q_value}, {beyond}")
    if len(named) > _MOST_DIFFERENCES:
        line(f"  and {len(named) - _MOST_DIFFERENCES} more, in alignment.json")
    _print_discoveries(pair, smallest=smallest)
    alike = sum(each.verdict == "alike" for each in pair.differences)
    open_ones = sum(each.verdict == "too few comparisons to tell" for each in pair.differences)
    line(
        f"  factors that differ: {len(named)}; alike within {smallest:g}: {alike}; "
        f"not to be told with {pair.strict:,} comparisons: {open_ones}"
    )


def _named(pair: PairAlignment) -> list[Difference]:
    return sorted(
        (each for each in pair.differences if each.verdict in _NAMED), key=lambda each: -abs(each.difference.value)
    )


def _print_discoveries(pair: PairAlignment, *, smallest: float) -> None:
    """Say how many of the factors named are expected to differ too little to matter, and which surely do not."""
    found = pair.discoveries
    if found.named:
        share = 100 * found.expected_within / found.named
        which = "this one" if found.named == 1 else f"these {found.named}"
        line(
            f"  of {which}, {found.expected_within:.1f} ({share:.0f} %) expected to differ by no more than {smallest:g}"
        )
    if found.beyond:
        line(
            f"  by more than {smallest:g} differ, {found.expected_false:.2f} of them expected not to: "
            f"{', '.join(found.beyond)}"
        )


def print_reference_table(alignment: Alignment, numbers: Mapping[str, int]) -> None:
    """Print judge minus reference, one row per factor and one column per judge."""
    kinds = dict(zip(alignment.judges, alignment.kinds, strict=True))
    reference, smallest = alignment.against or "", alignment.settings.smallest_effect
    rate = 100 * alignment.settings.false_discovery_rate
    heading(f"judge minus {reference}{_KINDS.get(kinds[reference], '')}, factor by factor (difference of tau14)")
    pairs = [pair for pair in alignment.pairs if not pair.reason]
    for pair in alignment.pairs:
        if pair.reason:
            line(f"  {pair.first}: nothing can be said: {pair.reason}", "yellow")
    if not pairs:
        return
    order = _largest_first(pairs)
    for start in range(0, len(pairs), _JUDGES_ABREAST):
        abreast = pairs[start : start + _JUDGES_ABREAST]
        rows = [
            [pairs[0].differences[row].factor, *(_cell(pair.differences[row]) for pair in abreast)]
            for row in order[:_MOST_FACTORS]
        ]
        print_table(
            ["factor", *(f"{numbers[pair.first]} {make_readable_line(pair.first, _NAME)}" for pair in abreast)], rows
        )
        line()
    line(
        f"  * named as different, false discoveries at {rate:.0f} % within a judge; = alike within {smallest:g}; "
        "~ neither is shown"
    )
    if len(order) > _MOST_FACTORS:
        line(f"  and {len(order) - _MOST_FACTORS:,} factors that differ less, in alignment.json")
    for pair in pairs:
        if pair.discoveries.named or pair.discoveries.beyond:
            line(f"{pair.first}: {pair.discoveries.named} named")
            _print_discoveries(pair, smallest=smallest)


def _largest_first(pairs: Sequence[PairAlignment]) -> list[int]:
    """Places of the factors: those named for any judge first, then by their largest difference."""

    def key(row: int) -> tuple[bool, float]:
        cells = [pair.differences[row] for pair in pairs]
        sizes = [abs(each.difference.value) for each in cells if not isnan(each.difference.value)]
        return not any(each.verdict in _NAMED for each in cells), -max(sizes, default=-1.0)

    return sorted(range(len(pairs[0].differences)), key=key)


def _cell(each: Difference) -> str:
    if isnan(each.difference.value):
        return "-"
    mark = "*" if each.verdict in _NAMED else "=" if each.verdict == "alike" else "~"
    return f"{each.difference} {mark}"
