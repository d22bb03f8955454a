"""What pooling slices, or judges, comes to: frozen results, one weight per factor and group with its shrinkage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from prefactor.analysis.joint_results import NOTHING_FITTED, JointRows
from prefactor.stats.estimate import Estimate, Weight

__all__ = ["PooledFactor", "PooledGroup", "PooledWeight", "Pooling", "PoolingFit", "PoolingVerdict", "pooled_weights"]

PoolingVerdict = Literal[
    "the same everywhere", "not the same everywhere", "too few comparisons to tell", "not identified"
]


@dataclass(frozen=True, slots=True)
class PooledWeight:
    """The weight of one factor in one group, informed by all groups.

    Parameters
    ----------
    weight, probability
        Log-odds with all other factors held equal, and sigmoid of it.
    own_share
        How much of it comes from the group's own comparisons, in [0, 1]: 0 is all from the other groups.
    """

    weight: Weight
    probability: Estimate
    own_share: float


@dataclass(frozen=True, slots=True)
class PooledFactor:
    """One factor over all groups.

    Parameters
    ----------
    factor
        Name of the factor.
    common, common_probability
        The weight about which the groups lie, and sigmoid of it.
    spread
        Standard deviation, in log-odds, of the distribution that the groups are taken to come from.
    difference
        Standard deviation of the weights of these very groups.
    differ
        P(``difference`` is larger than matters).
    detectable
        The smallest ``difference`` that the factor's own comparisons could tell from none.
    verdict
        What may be said of it. The first two take a ``differ`` that is small, or large, enough for the settings, and
        comparisons that could have told: a ``detectable`` no larger than matters, or than the ``difference``.
    sentence
        The finding in words, with numbers.
    groups
        One per group of the pooling, in its order.
    """

    factor: str
    common: Weight
    common_probability: Estimate
    spread: Estimate
    difference: Estimate
    differ: float
    detectable: float
    verdict: PoolingVerdict
    sentence: str
    groups: tuple[PooledWeight, ...]


@dataclass(frozen=True, slots=True)
class PooledGroup:
    """One slice, or one judge.

    Parameters
    ----------
    name
        Name of the slice or the judge.
    used
        Comparisons that entered.
    effective
        What they count for, those of one prompt being alike.
    """

    name: str
    used: int
    effective: float


@dataclass(frozen=True, slots=True)
class PoolingFit:
    """How the pooling went, and what it was made with.

    Parameters
    ----------
    converged
        Whether its chains mixed (fewest effective draws at least 100, split R-hat at most 1.05) and its Gaussians
        stood still.
    draws, effective, r_hat
        Draws kept, the fewest effective ones, the largest split R-hat.
    likeness
        Intraclass correlation of comparisons of one prompt in one group, for which they count less.
    sharing
        Share of a group's noise that the other groups have too, as judges do who saw the same comparisons.
    spread_scale
        Scale of the half-normal prior of the typical spread.
    smallest_difference
        Standard deviation of the groups' weights above which they differ by more than matters.
    """

    converged: bool
    draws: int
    effective: float
    r_hat: float
    likeness: float
    sharing: float
    spread_scale: float
    smallest_difference: float


@dataclass(frozen=True, slots=True)
class Pooling:
    """Groups pooled as much as their data ask for.

    Parameters
    ----------
    between
        What the groups are.
    judge
        Whose slices they are; empty between judges.
    column
        The column that makes the slices; empty between judges.
    groups
        The slices or judges, the largest first, or as in the log.
    factors
        One per measured factor, in their order.
    fit
        How it went.
    joint
        Comparisons and factors that it was made from.
    """

    between: Literal["slices", "judges"]
    judge: str
    column: str
    groups: tuple[PooledGroup, ...]
    factors: tuple[PooledFactor, ...]
    fit: PoolingFit
    joint: JointRows = NOTHING_FITTED


def pooled_weights(poolings: Iterable[Pooling]) -> Mapping[tuple[str, str, str], PooledWeight]:
    """Return the pooled weights of slices by judge, slice and factor; those between judges are left out."""
    return {
        (pooling.judge, group.name, factor.factor): weight
        for pooling in poolings
        if pooling.between == "slices"
        for factor in pooling.factors
        for group, weight in zip(pooling.groups, factor.groups, strict=True)
    }
