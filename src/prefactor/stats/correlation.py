"""How alike two profiles are: correlations of vectors that are themselves estimates, and what their noise does to them.

Arrays in, frozen results out; knows no factor and no judge.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.estimate import Estimate

__all__ = [
    "ProfileCorrelation",
    "correlate_profiles",
    "kendall_tau_b",
    "pearson",
    "pooled_exceedance",
    "spearman",
]

_CELLS: Final = 4_000_000
"""Signs of pairs of entries that are held at once."""

_FEWEST: Final = 3
"""Entries below which a correlation says nothing."""


@dataclass(frozen=True, slots=True)
class ProfileCorrelation:
    """Correlations of two profiles, with what the noise of the profiles does to them.

    Parameters
    ----------
    kendall_tau_b, spearman, pearson
        As observed, in [-1, 1], noise and all; the interval is that of the mean over samples of this size.
    corrected
        Pearson's with the noise of both profiles taken out, as it would be with endless comparisons.
    reliability_first, reliability_second
        Share of a profile's variance between factors that is not noise; at most 1, and 0 or less where all is noise
        (the interval is cut at -1).
    entries
        Factors compared.
    reason
        Why a number is NaN; empty where none is.
    """

    kendall_tau_b: Estimate
    spearman: Estimate
    pearson: Estimate
    corrected: Estimate
    reliability_first: Estimate
    reliability_second: Estimate
    entries: int
    reason: str


def pearson(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Pearson's correlation of vectors along the last axis.

    Parameters
    ----------
    first, second
        Finite numbers of one shape, (..., d).

    Returns
    -------
    FloatArray
        In [-1, 1], shape (...); NaN where a vector is constant or has fewer than two entries.

    Raises
    ------
    SettingError
        Shapes differ, or a number is not finite.

    Examples
    --------
    >>> float(pearson([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]).round(4))
    0.5
    """
    one, two = _checked(first, second)
    if one.shape[-1] < 2:
        return np.full(one.shape[:-1], nan)
    varies = (np.ptp(one, axis=-1) > 0) & (np.ptp(two, axis=-1) > 0)
    one, two = (each - each.mean(axis=-1, keepdims=True) for each in (one, two))
    scale = np.sqrt((one * one).sum(axis=-1)) * np.sqrt((two * two).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.clip((one * two).sum(axis=-1) / scale, -1.0, 1.0)
    return np.asarray(np.where(varies, found, nan))


def spearman(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Spearman's rank correlation along the last axis: Pearson's of the ranks, equal entries sharing their mean rank.

    Spearman (1904), DOI 10.2307/1412159. The mean rank of an entry is (d + 1) / 2 plus half the sum of the signs of
    its differences from all entries.

    Parameters
    ----------
    first, second
        Finite numbers of one shape, (..., d).

    Returns
    -------
    FloatArray
        In [-1, 1], shape (...); NaN where a vector is constant or has fewer than two entries.

    Raises
    ------
    SettingError
        Shapes differ, or a number is not finite.

    Examples
    --------
    >>> float(spearman([1.0, 2.0, 30.0], [1.0, 30.0, 2.0]).round(4))
    0.5
    """

    def ranked(one: FloatArray, two: FloatArray) -> FloatArray:
        return pearson(_signs(one).sum(axis=-1, dtype=np.float64), _signs(two).sum(axis=-1, dtype=np.float64))

    return _in_parts(ranked, *_checked(first, second))


def kendall_tau_b(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Kendall's tau_b along the last axis, which allows for equal entries.

    (C - D) / sqrt((pairs that differ in the first) (pairs that differ in the second)): Kendall (1945),
    DOI 10.1093/biomet/33.3.239.

    Parameters
    ----------
    first, second
        Finite numbers of one shape, (..., d).

    Returns
    -------
    FloatArray
        In [-1, 1], shape (...); NaN where a vector is constant or has fewer than two entries.

    Raises
    ------
    SettingError
        Shapes differ, or a number is not finite.

    Examples
    --------
    >>> float(kendall_tau_b([1.0, 2.0, 2.0], [1.0, 2.0, 3.0]).round(4))
    0.8165
    """

    def concordance(one: FloatArray, two: FloatArray) -> FloatArray:
        signs_one, signs_two = _signs(one), _signs(two)
        agree, differ_one, differ_two = (
            each.sum(axis=(-2, -1), dtype=np.int64).astype(np.float64)
            for each in (signs_one * signs_two, np.abs(signs_one), np.abs(signs_two))
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(agree / np.sqrt(differ_one * differ_two))

    return _in_parts(concordance, *_checked(first, second))


def correlate_profiles(
    first: ArrayLike,
    second: ArrayLike,
    *,
    replicates_first: ArrayLike,
    replicates_second: ArrayLike,
    interval: float = INTERVAL,
) -> ProfileCorrelation:
    """Correlate two profiles of d factors that carry estimation noise, which the two may share.

    With S the covariance of the two profiles across factors, and N the mean over replicates of that of the replicates'
    deviations, a profile's reliability is (S_11 - N_11) / S_11, and the corrected correlation is
    (S_12 - N_12) / sqrt((S_11 - N_11) (S_22 - N_22)): the correction for attenuation of Spearman (1904, DOI
    10.2307/1412159), with N_12 for errors that both share because they come from the same comparisons. Shared errors
    make the observed correlation too large, separate ones too small. The corrected value is cut at -1 and 1, and NaN
    where a reliability is not positive.

    Replicates carry noise twice, that of the data and that of resampling. The interval of an observed correlation is
    therefore the percentile interval of the replicates moved so that its median is the observed value: it covers what
    two such samples show on average, not the correlation of the true profiles, from which noise moves it. Each
    replicate of the corrected one takes out 2 N. Where more replicates have no positive reliability than an interval
    leaves out at one end, the corrected correlation is NaN too.

    Parameters
    ----------
    first, second
        Estimates, shape (d,).
    replicates_first, replicates_second
        The same from resampled data, shape (replicates, d): one row of both comes from one resample.
    interval
        Mass of the intervals.

    Returns
    -------
    ProfileCorrelation
        NaN with a reason where d < 3, or a profile does not vary.

    Raises
    ------
    SettingError
        Shapes do not fit, or a number is not finite.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(0, 0.2, (2, 500, 5))
    >>> one, two = np.array([0.1, 0.4, 0.9, -0.6, -0.3]), np.array([0.3, 0.2, 0.9, -0.1, -0.8])
    >>> found = correlate_profiles(one, two, replicates_first=one + noise[0], replicates_second=two + noise[1])
    >>> print(found.pearson.value.__round__(2), found.corrected.value.__round__(2))
    0.8 0.9
    """
    check_fraction("interval", interval)
    one, two = _checked(first, second)
    drawn_one, drawn_two = _checked(replicates_first, replicates_second)
    if one.ndim != 1 or drawn_one.ndim != 2 or drawn_one.shape[1] != one.size or len(drawn_one) < 2:
        expected = f"vectors (d,) and replicates (at least 2, d), not {one.shape}"
        raise SettingError("replicates_first", expected=expected, got=drawn_one.shape)
    tau_b, ranks, linear = (
        _shifted(float(measure(one, two)), measure(drawn_one, drawn_two), interval)
        for measure in (kendall_tau_b, spearman, pearson)
    )
    if one.size < _FEWEST:
        return ProfileCorrelation(*(Estimate(nan),) * 6, entries=one.size, reason="fewer than three factors differ")
    noise = _covariances(drawn_one - drawn_one.mean(axis=0), drawn_two - drawn_two.mean(axis=0)).mean(axis=-1)
    spread = _covariances(one, two)
    drawn = _covariances(drawn_one, drawn_two)
    of_first, of_second = (_reliability(spread[each], noise[each], drawn[each], interval) for each in (0, 1))
    corrected, reason = _corrected(spread - noise, drawn.T - 2 * noise, interval)
    return ProfileCorrelation(tau_b, ranks, linear, corrected, of_first, of_second, entries=one.size, reason=reason)


def pooled_exceedance(differences: FloatArray, errors: FloatArray, *, threshold: float) -> FloatArray:
    """P(|true difference| > threshold) of every factor, each drawn towards 0 as far as all of them together say.

    True differences in [-2, 2] have a Cauchy prior about 0, cut there, whose scale all factors share and which is
    averaged over a uniform prior on (0, 1]: a factor that stands out keeps its size. The estimates are normal about
    the true ones with the errors given, independent of one another (factors that go together make the scale a little
    too certain). A hierarchical model as in Gelman et al. 2013 (Bayesian Data Analysis, 3rd edition, chapters 5, 17),
    summed over a grid.

    Parameters
    ----------
    differences, errors
        Estimates and their positive standard errors, shape (d,).
    threshold
        Size beyond which a difference matters.

    Returns
    -------
    FloatArray
        Probabilities, shape (d,).

    Examples
    --------
    >>> pooled_exceedance(np.array([0.3, 0.01, -0.02]), np.full(3, 0.04), threshold=0.1).round(2).tolist()
    [1.0, 0.01, 0.01]
    """
    if not differences.size:
        return np.empty(0)
    grid, scales = np.linspace(-2.0, 2.0, 1601), np.linspace(0.0, 1.0, 101)[1:, None]
    prior = scales / (scales**2 + grid**2)
    prior /= prior.sum(axis=1, keepdims=True)
    distance = (differences - grid[:, None]) / np.maximum(errors, (grid[1] - grid[0]) / 2)
    likelihood = np.exp(-0.5 * (distance**2 - (distance**2).min(axis=0)))
    evidence = prior @ likelihood
    beyond = prior @ (likelihood * (np.abs(grid) > threshold)[:, None]) / evidence
    share = np.log(evidence).sum(axis=1)
    share = np.exp(share - share.max())
    return np.asarray((share / share.sum()) @ beyond)


def _checked(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != two.shape or one.ndim == 0:
        raise SettingError("second", expected=f"an array of the shape of the first, {one.shape}", got=two.shape)
    if not (np.isfinite(one).all() and np.isfinite(two).all()):
        raise SettingError("first, second", expected="finite numbers", got=nan)
    return one, two


def _signs(values: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    """Signs of the differences of every two entries, shape (..., d, d)."""
    left, right = values[..., :, None], values[..., None, :]
    return (left > right).astype(np.int8) - (left < right).astype(np.int8)


def _in_parts(
    measure: Callable[[FloatArray, FloatArray], FloatArray], first: FloatArray, second: FloatArray
) -> FloatArray:
    """Carry out ``measure`` on some leading rows at a time."""
    entries = first.shape[-1]
    if entries < 2:
        return np.full(first.shape[:-1], nan)
    rows_first, rows_second = first.reshape(-1, entries), second.reshape(-1, entries)
    step = max(1, _CELLS // entries**2)
    parts = [
        measure(rows_first[start : start + step], rows_second[start : start + step])
        for start in range(0, len(rows_first), step)
    ]
    return np.concatenate([np.empty(0), *parts]).reshape(first.shape[:-1])


def _covariances(first: FloatArray, second: FloatArray) -> FloatArray:
    """Variance of each and their covariance over the last axis, shape (3, ...)."""
    one, two = (each - each.mean(axis=-1, keepdims=True) for each in (first, second))
    products = (one * one, two * two, one * two)
    return np.stack([np.asarray(each.sum(axis=-1)) / max(first.shape[-1] - 1, 1) for each in products])


def _shifted(value: float, replicates: FloatArray, interval: float) -> Estimate:
    """Percentile interval moved so that its median is ``value``."""
    known = replicates[~np.isnan(replicates)]
    if np.isnan(value) or len(known) < len(replicates) / 2 or len(known) < 2:
        return Estimate(value)
    tail = (1 - interval) / 2
    low, middle, high = np.quantile(known, [tail, 0.5, 1 - tail])
    return Estimate(value, float(max(value + low - middle, -1.0)), float(min(value + high - middle, 1.0)))


def _reliability(spread: FloatArray, noise: FloatArray, drawn: FloatArray, interval: float) -> Estimate:
    """Share of a profile's variance that is not noise; its replicates, cut at -1, hold the noise twice."""
    if not spread > 0:
        return Estimate(nan)
    once = drawn - noise
    replicates = np.where(once > noise / 2, 1 - noise / np.maximum(once, noise / 2 + 1e-300), -1.0)
    tail = (1 - interval) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    value = float(1 - noise / spread)
    return Estimate(value, min(float(low), value), max(float(high), value))


def _corrected(parts: FloatArray, replicates: FloatArray, interval: float) -> tuple[Estimate, str]:
    """Corrected correlation from (variance, variance, covariance), or why there is none."""
    if (parts[:2] <= 0).any():
        return Estimate(nan), "a profile varies no more between factors than its noise alone would make it"
    usable = (replicates[:, :2] > 0).all(axis=1)
    tail = (1 - interval) / 2
    if np.mean(~usable) > tail:
        return Estimate(nan), "a profile's reliability is not clearly above 0"
    value = float(np.clip(parts[2] / np.sqrt(parts[0] * parts[1]), -1.0, 1.0))
    known = replicates[usable]
    found = np.clip(known[:, 2] / np.sqrt(known[:, 0] * known[:, 1]), -1.0, 1.0)
    low, high = np.quantile(found, [tail, 1 - tail])
    return Estimate(value, min(float(low), value), max(float(high), value)), ""
