"""What steering did, in a terminal: what was written, which factors moved, and how far the judge followed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isnan

from prefactor.analysis.steering import ArmShift, FactorShift
from prefactor.cli.terminal import heading, line, print_table
from prefactor.interventions.steering import Written
from prefactor.judges.collecting import Judged
from prefactor.stats.estimate import Estimate

__all__ = ["print_grading", "print_moves", "print_shifts", "print_written"]


def print_grading(judged: Judged) -> None:
    """Print how many grades there are, and why others are none."""
    said = [one for opinions in judged.verdicts for one in opinions]
    lacking = Counter(one.problem for one in said if one.score_a is None)
    line(f"{len(said) - lacking.total():,} grades of {len(said):,}; paid now: {judged.tokens:,} tokens")
    if lacking:
        line(f"no grade: {', '.join(f'{number:,} {problem}' for problem, number in lacking.most_common())}", "yellow")


def print_written(written: Sequence[Written]) -> None:
    """Print how many answers there are, and why others are none."""
    failed, cut = sum(bool(one.problem) for one in written), sum(one.cut_off for one in written)
    line(f"{len(written) - failed:,} answers written")
    if failed:
        problems = sorted({one.problem for one in written if one.problem})[:3]
        line(f"without an answer: {failed:,} ({'; '.join(problems)})", "bold red")
    if cut:
        line(f"cut off at the limit of tokens, and kept: {cut:,} turns", "yellow")


def print_moves(moved: Sequence[FactorShift], follows: Mapping[str, Mapping[str, Estimate]]) -> None:
    """Print what was asked for, what became of it, and whether the judges went with it."""
    heading("did the factors move, and did the judge go with them?")
    rows = [
        (
            one.arm,
            f"{'more' if one.wished > 0 else 'less'} {one.label}",
            f"{one.plain:,.2f}",
            f"{one.steered:,.2f}",
            _shown(one.change),
            one.moved,
            *(_shown(found[one.factor]) for found in follows.values()),
        )
        for one in moved
        if one.wished
    ]
    names = ["tau14 "] if len(follows) == 1 else [f"tau14, {name} " for name in follows]
    print_table(["arm", "asked for", "plain ", "steered ", "change ", "moved", *names], rows)
    aside = sum(not one.wished and one.change.excludes(0.0) for one in moved)
    line(f"not asked for, and moved all the same: {aside:,} of {sum(not one.wished for one in moved):,}, in the file")


def print_shifts(shifts: Sequence[ArmShift], hold: tuple[str, ...]) -> None:
    """Print how every judge took every arm."""
    for judge in dict.fromkeys(one.judge for one in shifts):
        own = [one for one in shifts if one.judge == judge]
        rate = own[0].scale == "win rate"
        heading(f"{judge}: {own[0].scale}{f' against {own[0].against}, %' if rate else ''}")
        scale, digits = (100.0, 1) if rate else (1.0, 2)
        rows = [
            (
                one.arm if not one.turn else f"{one.arm}, turn {one.turn}",
                f"{one.prompts:,}",
                f"{one.missing:,}",
                _shown(one.level, scale=scale, digits=digits),
                _shown(one.shift, scale=scale, digits=digits, sign=True),
                *([_shown(one.controlled, scale=scale, digits=digits)] if rate else []),
            )
            for one in own
        ]
        held = [f"with {', '.join(hold)} equal "] if rate else []
        print_table(["arm", "prompts ", "without ", f"{own[0].scale} ", "shift ", *held], rows)
        for reason in dict.fromkeys(one.reason for one in own if one.reason):
            line(f"nothing held equal: {reason}", "yellow")


def _shown(estimate: Estimate, *, scale: float = 1.0, digits: int = 2, sign: bool = False) -> str:
    if isnan(estimate.value):
        return ""
    form = f"{'+' if sign else ''}.{digits}f"
    value, low, high = (f"{scale * number:{form}}" for number in (estimate.value, estimate.low, estimate.high))
    return value if isnan(estimate.low) else f"{value} [{low}, {high}]"
