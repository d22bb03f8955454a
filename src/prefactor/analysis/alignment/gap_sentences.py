"""A generation-evaluation gap in words. Knows the numbers of the gap and nothing of how they were got."""

from prefactor.analysis.alignment.gap_results import FactorGap, GapTable
from prefactor.factors.base import Factor

__all__ = ["factor_sentence", "gap_sentences"]

_MOST_NAMED = 5


def factor_sentence(gap: FactorGap, factor: Factor) -> str:
    """Say how writing and judging part on one factor, and what that does.

    Parameters
    ----------
    gap
        Its numbers; somebody generates.
    factor
        What it is called.
    """
    writes = gap.generates.tau14.value if gap.generates else 0.0
    way = "more" if gap.difference.value < 0 else "less"
    what = "widens" if gap.contribution.value > 0 else "narrows"
    return (
        f"writing leans {way} to the {factor.more}: tau14 {writes:.2f}, against {gap.evaluates.tau14.value:.2f} when "
        f"it judges and {gap.human.tau14.value:.2f} of people; that {what} the gap by "
        f"{abs(gap.contribution.value):.2f}{_interval(gap)}"
    )


def _interval(gap: FactorGap) -> str:
    low, high = gap.contribution.low, gap.contribution.high
    ends = (low, high) if gap.contribution.value > 0 else (-high, -low)
    return f" [{ends[0]:.2f}, {ends[1]:.2f}]"


def gap_sentences(table: GapTable) -> tuple[str, ...]:
    """Return the findings of one table: how its judging and its writing go with people, the gap, and what makes it.

    Parameters
    ----------
    table
        Its numbers.
    """
    gap = table.gap
    if gap.reason:
        return (f"no gap can be told: {gap.reason}",)
    judge = table.profiles[1].judge
    first = (
        f"over {gap.factors} factors, the profile of {judge} goes with that of people by {gap.first} when it judges, "
        f"and by {gap.second} when it writes (Pearson's correlation of tau14, the noise taken out)"
    )
    said = [first]
    if not gap.gap.excludes(0):
        said.append(f"the generation-evaluation gap is {gap.gap}: it may be none")
    else:
        doing, other = ("judges", "writes") if gap.gap.value > 0 else ("writes", "judges")
        said.append(f"the generation-evaluation gap is {gap.gap}: it {doing} more like people than it {other}")
    said += [f"{each.label}: {each.sentence}" for each in table.named[:_MOST_NAMED]]
    more = len(table.named) - _MOST_NAMED
    if more > 0:
        said.append(f"{more} more factors make it, see the table")
    if not table.named:
        said.append("no single factor surely makes it")
    return tuple(said)
