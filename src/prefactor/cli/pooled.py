"""What pooled slices, and pooled judges, look like in a terminal."""

from collections.abc import Mapping, Sequence
from math import isfinite

from prefactor.analysis.pooled import PooledFactor, PooledWeight, Pooling
from prefactor.cli.terminal import heading, line
from prefactor.report.pooling_tables import pooling_lead
from prefactor.stats.estimate import Estimate

__all__ = ["pooled_cells", "print_poolings"]

_STRONGEST = 5
_IN_A_CELL = 2


def print_poolings(poolings: Sequence[Pooling]) -> None:
    """Print, for each pooling, which factors are the same in all groups, which are not, and what stays open."""
    for pooling in poolings:
        whose = f"of {pooling.judge} " if pooling.judge else ""
        what = f"slices {whose}by {pooling.column}" if pooling.column else "judges"
        heading(f"{what}, pooled")
        line(f"  {pooling_lead(pooling)}")
        told = [one for one in pooling.factors if one.verdict in ("the same everywhere", "not the same everywhere")]
        for factor in sorted(told, key=_strength, reverse=True)[:_STRONGEST]:
            line(f"  {'=' if factor.verdict == 'the same everywhere' else '~'} {factor.sentence}")
        if len(told) > _STRONGEST:
            line(f"  and {len(told) - _STRONGEST} more, in the report")
        untold = [one for one in pooling.factors if one.verdict == "too few comparisons to tell"]
        strongest = sorted(untold, key=_strength, reverse=True)[:_STRONGEST]
        if strongest:
            chances = "; ".join(f"{one.factor} {_chance(one.common_probability)}" for one in strongest)
            line(f"  ? on average chosen in %, all else equal: {chances}")
        if not pooling.fit.converged:
            line("  the chains have not settled: take these numbers as rough", "yellow")


def pooled_cells(judge: str, name: str, *, pooled: Mapping[tuple[str, str, str], PooledWeight]) -> tuple[str, str]:
    """Return the strongest pooled factors of one slice whose interval excludes even chances, and their own share."""
    own = [(factor, one) for (who, where, factor), one in pooled.items() if (who, where) == (judge, name)]
    clear = [(factor, one) for factor, one in own if one.probability.excludes(0.5)]
    clear.sort(key=lambda pair: -abs(pair[1].weight.mean))
    strongest = clear[:_IN_A_CELL]
    if not strongest:
        return ("no clear taste" if own else "not pooled"), ""
    share = sum(one.own_share for _, one in strongest) / len(strongest)
    return "; ".join(f"{factor} {_chance(one.probability)}" for factor, one in strongest), f"{100 * share:.0f} %"


def _chance(chance: Estimate) -> str:
    return f"{100 * chance.value:.0f} [{100 * chance.low:.0f}, {100 * chance.high:.0f}]"


def _strength(factor: PooledFactor) -> float:
    return abs(factor.common.mean) if isfinite(factor.common.mean) else -1.0
