"""What goes into a hierarchy of weights over groups of comparisons, and what comes out: arrays in frozen dataclasses.

Knows no algorithm.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL, PRIOR_SCALE, SEED, SMALLEST_SHIFT
from prefactor.errors import SettingError

__all__ = ["GroupedRows", "Hierarchy", "HierarchyOptions", "Summary"]

SPREAD_SCALE: Final = 0.1
"""Scale of the half-normal prior of the typical spread, as that of the common weights."""

_SMALLEST_LOG_ODDS: Final = float(np.log((0.5 + SMALLEST_SHIFT) / (0.5 - SMALLEST_SHIFT)))


@dataclass(frozen=True, slots=True)
class HierarchyOptions:
    """How groups are pooled.

    Parameters
    ----------
    prior_scale
        Scale of the Laplace prior of the common weights.
    spread_scale
        Scale of the half-normal prior of the typical spread.
    smallest_spread
        Standard deviation of the groups' weights, in log-odds, above which they differ by more than matters. By
        default 0.1: two standard deviations are then 5 points of P(preferred).
    interval
        Mass of the central intervals.
    seed
        Seed of the chains.
    """

    prior_scale: float = PRIOR_SCALE
    spread_scale: float = SPREAD_SCALE
    smallest_spread: float = _SMALLEST_LOG_ODDS / 2
    interval: float = INTERVAL
    seed: int = SEED

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        for name in ("prior_scale", "spread_scale", "smallest_spread"):
            value = getattr(self, name)
            if not (isfinite(value) and value > 0):
                raise SettingError(name, expected="a positive number", got=value)


@dataclass(frozen=True, slots=True)
class Summary:
    """Summary of a posterior, arrays of one shape.

    Parameters
    ----------
    mean, sd
        Mean and standard deviation.
    low, high
        Ends of the central interval.
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Pooled weights of G groups and d factors.

    Parameters
    ----------
    weight
        Of each group, shape (G, d), in log-odds per unit of the feature.
    own_share
        How much of a pooled weight comes from the group's own rows, in [0, 1], shape (G, d):
        1 - Var(w | all groups) / Var(w | the other groups).
    common
        The weight about which the groups lie, shape (d,).
    spread
        Standard deviation of the distribution that the groups come from, shape (d,).
    difference
        Standard deviation of the weights of these very groups, shape (d,).
    differ
        P(``difference`` exceeds ``options.smallest_spread``), shape (d,).
    detectable
        Standard deviation of the groups' weights that a factor's own rows would just tell from 0 (one-sided, at 5 %):
        what is said of a smaller one rests on the other factors. Shape (d,).
    identified
        Whether a factor differs in any row; where not, all its numbers are NaN. Shape (d,).
    likeness
        Intraclass correlation of rows of one cluster and group, for which their weights were reduced.
    sharing
        Share of a group's noise that the other groups have too, since they have rows of the same clusters.
    effective_rows
        Weight of each group's rows, those of one cluster being alike, shape (G,).
    draws, effective, r_hat
        Draws kept, the fewest effective ones of any common weight or spread, and the largest split R-hat.
    converged
        Whether the Gaussian likelihoods stood still, ``effective`` is at least 100 and ``r_hat`` at most 1.05.
    options
        Settings that produced it.
    """

    weight: Summary
    own_share: FloatArray
    common: Summary
    spread: Summary
    difference: Summary
    differ: FloatArray
    detectable: FloatArray
    identified: BoolArray
    likeness: float
    sharing: float
    effective_rows: FloatArray
    draws: int
    effective: float
    r_hat: float
    converged: bool
    options: HierarchyOptions


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """Rows of several groups.

    Parameters
    ----------
    features
        Shape (n, d), usually signs of score differences; NaN (not measured) counts as 0.
    preference
        P(A preferred) in [0, 1], shape (n,).
    group
        Number of each row's group, from 0, shape (n,).
    clusters
        Whole numbers, shape (n,): rows with the same number may be alike. None: all rows are independent.
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    """

    features: ArrayLike
    preference: ArrayLike
    group: ArrayLike
    clusters: ArrayLike | None = None
    weights: ArrayLike | None = None
