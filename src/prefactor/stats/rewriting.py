"""Causal effects from pairs of rewrites: the share preferring the version with more, and its effect per unit of change.

Arrays in, frozen results out; knows no judge, no factor and no text.
"""

from dataclasses import dataclass
from math import isfinite, nan, sqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray, IntArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.clusters import check_clusters
from prefactor.stats.difference import paired_difference, separate_difference
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_share
from prefactor.stats.sites import exact_grid
from prefactor.stats.special import normal_quantile, student_quantile, student_two_sided

__all__ = [
    "Disagreement",
    "PerUnit",
    "RewriteEffect",
    "disagree",
    "effect_per_unit",
    "mean_preference",
    "rewrite_effect",
]

SetForm = Literal["between", "outside", "anything", "none"]
"""Form of a confidence set: between its ends, below the lower or above the upper one, the whole line, or none."""

_NEITHER: Final = 0.5
"""Preference between two versions that differ in nothing the judge cares for."""

_MOST: Final = 0.5
"""The farthest that a preference can be from it."""

_MANY: Final = 1e6
"""Degrees of freedom that stand for endless ones."""


@dataclass(frozen=True, slots=True)
class RewriteEffect:
    """What more of a factor does to a judge's preference.

    Parameters
    ----------
    share
        Mean preference for the version with more, in [0, 1]; above a half, more is preferred.
    p_value
        Two-sided, of a half; NaN without an interval.
    from_more, from_less
        The same among originals with more, and among those with less.
    """

    share: Estimate
    p_value: float
    from_more: Estimate
    from_less: Estimate


@dataclass(frozen=True, slots=True)
class PerUnit:
    """An effect per unit of what really changed.

    Parameters
    ----------
    value
        Mean effect over mean change; NaN where there is none.
    low, high
        Ends of the confidence set; infinite where it is ``"anything"``, NaN where there is none.
    form
        How the ends are to be read: with a weak change the set is not an interval.
    """

    value: float
    low: float = nan
    high: float = nan
    form: SetForm = "none"

    def holds(self, value: float) -> bool:
        """Whether ``value`` is in the set.

        Examples
        --------
        >>> PerUnit(2.0, -1.0, 1.0, "outside").holds(0.0), PerUnit(0.5, 0.0, 1.0, "between").holds(0.0)
        (False, True)
        """
        if self.form == "between":
            return self.low <= value <= self.high
        return self.form == "anything" or (self.form == "outside" and not self.low < value < self.high)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How far a causal effect is from a correlational one.

    Parameters
    ----------
    difference
        Causal less correlational, in [-1, 1].
    p_value
        Two-sided, of no difference; NaN where one of the two has no interval.
    """

    difference: Estimate
    p_value: float


def rewrite_effect(
    preference: ArrayLike, *, had_more: ArrayLike, clusters: ArrayLike, interval: float = INTERVAL
) -> RewriteEffect:
    """Mean preference for the version with more of a factor over pairs of rewrites.

    The estimator of arXiv 2410.11348 (RATE) with preferences for rewards: an original with more is rewritten to less
    and back, and the second rewrite is compared with the first; an original with less to more and back, and the first
    is compared with the second. ``from_more`` is the effect on those with more (ATT), ``from_less`` that on those with
    less (ATU), ``share`` that on all (ATE), each less a half. Intervals are those of
    :func:`prefactor.stats.clusters.bounded_interval`.

    Parameters
    ----------
    preference
        For the version with more, in [0, 1], shape (n,).
    had_more
        Whether the original has more, shape (n,).
    clusters
        Prompts, whole numbers, shape (n,).
    interval
        Mass of the intervals.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> effect = rewrite_effect([1.0, 1.0, 0.5, 1.0] * 10, had_more=[True, False] * 20, clusters=range(40))
    >>> str(effect.share), effect.from_more.value, effect.from_less.value
    ('0.88 [0.79, 0.91]', 0.75, 1.0)
    """
    given = np.asarray(preference, dtype=np.float64)
    more = np.asarray(had_more, dtype=np.bool_)
    labels = np.asarray(clusters)
    if more.shape != given.shape:
        raise SettingError("had_more", expected=f"{given.size} truth values", got=more.shape)
    sides = [cluster_share(given[side], clusters=labels[side], interval=interval) for side in (more, ~more)]
    difference = paired_difference(2 * given - 1, clusters=labels, interval=interval)
    return RewriteEffect(
        cluster_share(given, clusters=labels, interval=interval), _two_sided(difference.p_below), sides[0], sides[1]
    )


def effect_per_unit(
    outcome: ArrayLike, change: ArrayLike, *, clusters: ArrayLike, interval: float = INTERVAL
) -> PerUnit:
    r"""Effect per unit of change: the Wald ratio with an instrument that was set by whoever asked for the change.

    The value is b = mean(outcome) / mean(change). The set holds every b for which mean(outcome - b change) is not told
    from 0, by a cluster-robust Student test: that of Anderson and Rubin (1949, DOI 10.1214/aoms/1177730090), which for
    one ratio is Fieller's (1954, DOI 10.1111/j.2517-6161.1954.tb00159.x). It keeps its level however weakly the change
    was brought about. It is the set of solutions of a quadratic inequality, and where mean(change) is not told from 0
    it is unbounded: ``"outside"`` two ends, or ``"anything"``.

    The variance of the mean outcome is that found plus that of one cluster in which the judge is sure: where it never
    prefers either version, the rows would otherwise seem to leave nothing open.

    It is the effect of the factor only if what else the rewrites changed does not move the judge.

    Parameters
    ----------
    outcome
        Preference less a half, shape (n,), in [-0.5, 0.5].
    change
        Finite numbers, shape (n,): what was measured to have changed.
    clusters
        Prompts, whole numbers, shape (n,).
    interval
        Mass of the set.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> change = np.array([1.0, 2.0, 3.0, 2.0])
    >>> found = effect_per_unit(0.1 * change, change, clusters=range(4))
    >>> round(found.value, 3), found.form
    (0.1, 'between')
    >>> effect_per_unit([0.1, -0.1, 0.2, 0.0], [1.0, -1.0, 0.5, -0.4], clusters=range(4)).form
    'anything'
    """
    check_fraction("interval", interval)
    y, x = (np.asarray(each, dtype=np.float64) for each in (outcome, change))
    if y.ndim != 1 or y.shape != x.shape or not ((np.abs(y) <= _MOST).all() and np.isfinite(x).all()):
        raise SettingError("outcome and change", expected="vectors, in [-0.5, 0.5] and finite", got=(y.shape, x.shape))
    index = check_clusters(clusters, y.size)
    means, covariance, freedom = _means(np.stack([y, x], axis=1), index)
    if not y.size or means[1] == 0:
        return PerUnit(nan)
    value = float(means[0] / means[1])
    if freedom < 1:
        return PerUnit(value)
    covariance[0, 0] += (_MOST / (freedom + 1)) ** 2
    reach = float(student_quantile(interval, freedom)) ** 2
    # a b^2 - 2 h b + c <= 0
    a = float(means[1] ** 2 - reach * covariance[1, 1])
    h = float(means[0] * means[1] - reach * covariance[0, 1])
    c = float(means[0] ** 2 - reach * covariance[0, 0])
    root = h * h - a * c
    if a > 0:
        half = sqrt(max(root, 0.0))
        return PerUnit(value, (h - half) / a, (h + half) / a, "between")
    if root <= 0 or a == 0:
        return PerUnit(value, -np.inf, np.inf, "anything")
    half = sqrt(root)
    return PerUnit(value, (h + half) / a, (h - half) / a, "outside")


def _means(values: FloatArray, index: IntArray) -> tuple[FloatArray, FloatArray, float]:
    """Return means of columns, their cluster-robust covariance, and its degrees of freedom (below 1: none)."""
    groups = int(index.max(initial=-1)) + 1
    rows = max(len(values), 1)
    gridded = np.stack([exact_grid(column) for column in values.T], axis=1)
    means = gridded.sum(axis=0) / rows
    sizes = np.bincount(index, minlength=groups)
    sums = np.stack([np.bincount(index, weights=column, minlength=groups) for column in gridded.T], axis=1)
    residuals = sums - sizes[:, None] * means
    freedom = rows**2 / max(float(sizes @ sizes), 1.0) - 1  # the number of clusters they are worth, less one
    if groups < 2:
        return means, np.zeros((2, 2)), 0.0
    freedom = max(freedom, 1.0)
    return means, residuals.T @ residuals / rows**2 * (freedom + 1) / freedom, freedom


def mean_preference(weight: Estimate, *, tie_parameter: float) -> Estimate:
    """Return the mean preference, ties counted as half, that a weight stands for where nothing else differs.

    1/2 + sinh(w / 2) / (2 cosh(w / 2) + nu), on the same scale as shares of preferences.

    Parameters
    ----------
    weight
        In log-odds, with its interval.
    tie_parameter
        Davidson's nu of the fit.

    Examples
    --------
    >>> round(mean_preference(Estimate(1.0), tie_parameter=0.0).value, 3)
    0.731
    """
    half = 0.5 * np.clip(np.array([weight.value, weight.low, weight.high]), -600.0, 600.0)
    found = _NEITHER + np.sinh(half) / (2 * np.cosh(half) + tie_parameter)
    return Estimate(*(float(each) for each in found))


def disagree(causal: Estimate, correlational: Estimate, *, interval: float = INTERVAL) -> Disagreement:
    """Return how far two shares are apart, as :func:`prefactor.stats.difference.separate_difference` has it.

    The p-value is that of the normal distribution with the standard error that fits the side of the interval that faces
    0, so that the two never contradict each other.

    The two are taken as independent. They share prompts where the rewritten answers are of the log; what a prompt adds
    to both then makes the interval somewhat too wide.

    Examples
    --------
    >>> found = disagree(Estimate(0.5, 0.45, 0.55), Estimate(0.7, 0.66, 0.74))
    >>> str(found.difference), found.p_value < 0.001
    ('-0.20 [-0.26, -0.14]', True)
    """
    found = separate_difference(causal, correlational, interval=interval)
    value, low, high = found.estimate.value, found.estimate.low, found.estimate.high
    facing = value - low if value > 0 else high - value
    if not isfinite(facing):
        return Disagreement(found.estimate, nan)
    statistic = abs(value) / facing * normal_quantile(0.5 + interval / 2) if facing > 0 else 0.0
    return Disagreement(found.estimate, float(student_two_sided([statistic], [_MANY])[0]))


def _two_sided(p_below: float) -> float:
    return min(1.0, 2 * min(p_below, 1 - p_below)) if isfinite(p_below) else nan
