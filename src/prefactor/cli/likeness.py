"""What an alignment looks like in a terminal."""

from collections import Counter
from collections.abc import Sequence
from math import isnan
from typing import Final

from prefactor.analysis.alignment import Alignment, PairAlignment, SliceAlignment
from prefactor.analysis.reference import PublishedLikeness
from prefactor.analysis.sentences import percent
from prefactor.cli.judge_differences import print_differences, print_reference_table
from prefactor.cli.terminal import heading, line, print_table
from prefactor.cli.trees import print_matrix, print_tree
from prefactor.report.safe_text import make_readable_line
from prefactor.stats.correlation import ProfileCorrelation
from prefactor.stats.estimate import Estimate

__all__ = ["print_alignment", "print_near_judges"]

_FEW_PAIRS: Final = 7
"""Pairs up to which each has its own line of correlations; more are shown as matrices."""

_MOST_SLICES: Final = 20
_MOST_NAMED: Final = 12
_MOST_NEAR: Final = 3


def print_alignment(alignment: Alignment) -> None:
    """Print agreement, likeness of profiles, where judges part, likeness within slices, and published judges."""
    judges = alignment.similarity[0].judges if alignment.similarity else alignment.judges
    numbers = {name: number for number, name in enumerate(judges, start=1)}
    kinds = dict(zip(alignment.judges, alignment.kinds, strict=True))
    heading("judges")
    for name, number in numbers.items():
        kind = "" if kinds[name] == "unknown" else f" ({kinds[name]})"
        line(f"  {number} {make_readable_line(name)}{kind}")
    if alignment.apart:
        line(f"  share no comparison: {len(alignment.apart):,} pairs", "yellow")
    if not alignment.pairs:
        line("nothing can be said of judges that share no comparison")
        return
    if alignment.against is None and len(alignment.pairs) > _FEW_PAIRS:
        _print_matrices(alignment)
    else:
        _print_pairs(alignment, numbers)
    if alignment.against is None and len(judges) > 2:
        heading("judges whose weights are alike")
        line("  where two branches meet stands the mean of Pearson's correlations between their judges")
        print_tree(alignment.tree)
    if alignment.against is None:
        print_differences(alignment)
    else:
        print_reference_table(alignment, numbers)
    for column in alignment.by:
        _print_slices(alignment, column, numbers)
    print_near_judges(alignment.published)


def _print_pairs(alignment: Alignment, numbers: dict[str, int]) -> None:
    heading("agreement")
    rows = [
        (
            _pair(pair, numbers),
            f"{pair.strict:,}",
            percent(pair.agreement) if pair.strict else "-",
            _shown(pair.kappa),
            _shown(pair.alpha),
        )
        for pair in alignment.pairs
    ]
    print_table(["judges", "both strict ", "agree on", "kappa", "alpha, with ties"], rows)
    _print_alpha(alignment)
    for title, correlations in (
        ("profiles, each factor alone (tau14)", [pair.tau14 for pair in alignment.pairs]),
        ("profiles, all factors together (weights)", [pair.weights for pair in alignment.pairs]),
    ):
        heading(title)
        _print_correlations(alignment.pairs, correlations, numbers)


def _pair(pair: PairAlignment, numbers: dict[str, int]) -> str:
    return f"{numbers[pair.first]} ~ {numbers[pair.second]}"


def _print_correlations(
    pairs: Sequence[PairAlignment], correlations: Sequence[ProfileCorrelation], numbers: dict[str, int]
) -> None:
    rows = [
        (
            _pair(pair, numbers),
            f"{each.entries:,}",
            *map(_shown, (each.kendall_tau_b, each.spearman, each.pearson)),
            f"{_plain(each.reliability_first)}, {_plain(each.reliability_second)}",
            _shown(each.corrected),
        )
        for pair, each in zip(pairs, correlations, strict=True)
    ]
    print_table(["judges", "factors ", "tau_b", "Spearman", "Pearson", "reliability", "noise taken out"], rows)
    _print_reasons([each.reason for each in correlations])


def _print_matrices(alignment: Alignment) -> None:
    """Print all pairs as matrices, in the order of the tree."""
    line()
    line("in each matrix: values below the diagonal, their 90 % intervals above it, - where two share too little")
    for similarity in alignment.similarity:
        share = similarity.measure == "agreement"
        heading("agreement on strict preferences, %" if share else similarity.measure)
        cells = [
            estimate
            for row, values in enumerate(similarity.values)
            for column, estimate in enumerate(values)
            if row != column and not isnan(estimate.value)
        ]
        if not cells:
            line("  no two judges have one")
        elif not print_matrix(similarity.judges, similarity.values, percent=share):
            line(f"  {len(similarity.judges):,} judges do not fit this terminal: see alignment.json")
        if share:
            _print_alpha(alignment)
        if similarity.measure == "Pearson of weights, noise taken out":
            _print_reasons([pair.weights.reason for pair in alignment.pairs])


def _print_alpha(alignment: Alignment) -> None:
    if len(alignment.judges) > 2:
        line(f"all {len(alignment.judges)} judges: Krippendorff's alpha {_shown(alignment.alpha)}")


def _print_reasons(reasons: Sequence[str]) -> None:
    """Say why numbers are missing."""
    for reason, count in Counter(reason for reason in reasons if reason).items():
        line(f"  - {reason}" + (f" ({count:,} of {len(reasons):,})" if len(reasons) > 1 else ""))


def _print_slices(alignment: Alignment, column: str, numbers: dict[str, int]) -> None:
    """Print the averages over the slices of a column, each slice where there is one pair, and what was left out."""
    heading(f"within slices of {column}, averaged over slices")
    sliced = [(pair, each) for pair in alignment.pairs for each in pair.by if each.column == column]
    rows = [
        (
            _pair(pair, numbers),
            f"{each.weights.slices:,} of {len(each.slices):,}",
            *map(_shown, (each.tau14.kendall_tau_b, each.tau14.pearson, each.weights.pearson, each.weights.corrected)),
        )
        for pair, each in sliced
    ]
    columns = ["judges", "slices ", "tau_b of tau14", "Pearson of tau14", "Pearson of weights", "noise taken out"]
    print_table(columns, rows)
    _print_reasons([each.weights.reason for _, each in sliced])
    parts = [part for _, each in sliced for part in each.slices]
    _print_left_out(parts, pairs=len(sliced), column=column)
    if len(sliced) == 1:
        _print_each_slice(parts, column)
    else:
        line("  slice by slice, agreement too: in alignment.json, and here where there are two judges")


def _print_left_out(parts: Sequence[SliceAlignment], *, pairs: int, column: str) -> None:
    for reason in dict.fromkeys(part.reason for part in parts if part.reason):
        counts = Counter(part.slice.removeprefix(f"{column}=") for part in parts if part.reason == reason)
        told = [
            make_readable_line(name, 40) + ("" if count == pairs else f" ({count:,} of {pairs:,} pairs)")
            for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        more = f", and {len(told) - _MOST_NAMED:,} more, in alignment.json" if len(told) > _MOST_NAMED else ""
        line(f"  left out, {reason}: {', '.join(told[:_MOST_NAMED])}{more}", "yellow")


def _print_each_slice(parts: Sequence[SliceAlignment], column: str) -> None:
    line()
    rows = [
        (
            part.slice.removeprefix(f"{column}="),
            f"{part.strict:,}",
            percent(part.agreement) if part.strict else "-",
            _shown(part.tau14),
            _shown(part.weights),
        )
        for part in parts[:_MOST_SLICES]
    ]
    print_table([column, "both strict ", "agree on", "Pearson of tau14", "Pearson of weights"], rows)
    if len(parts) > _MOST_SLICES:
        line(f"  and {len(parts) - _MOST_SLICES:,} smaller slices, in alignment.json")


def print_near_judges(published: Sequence[PublishedLikeness]) -> None:
    """Print the published judges that each judge is nearest to; nothing where no published property is measured."""
    if not published:
        return
    heading("nearest published judges (29 properties; arXiv 2402.11296)")
    rows = [
        (each.judge, near.judge, _shown(near.similarity), f"{100 * near.nearest:.0f} %")
        for each in published
        for near in each.near[:_MOST_NEAR]
    ]
    if rows:
        print_table(["judge", "published judge", "similarity", "the nearest in so many resamples "], rows)
    _print_reasons([each.reason for each in published])


def _shown(estimate: Estimate) -> str:
    return "-" if isnan(estimate.value) else str(estimate)


def _plain(estimate: Estimate) -> str:
    return "-" if isnan(estimate.value) else f"{estimate.value:.2f}"
