"""How much closer one profile is to a reference than another is, and which factors make the difference.

Arrays in, a frozen result out; knows no factor and no judge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erfc, isnan, nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.correlation import kendall_tau_b, pearson, spearman
from prefactor.stats.estimate import Estimate

__all__ = ["AlignmentGap", "Contribution", "ProfileTriple", "fit_gap"]

_FEWEST: Final = 4
"""Factors below which a gap of two correlations says nothing."""

_NODES, _SHARES = np.polynomial.legendre.leggauss(12)
_STEPS: Final = tuple(zip((_NODES + 1) / 2, _SHARES / 2, strict=True))
"""Places and weights of a quadrature over [0, 1]."""

_REFERENCE, _FIRST, _SECOND = 0, 1, 2
_FLAT: Final = "a profile varies no more between factors than its noise alone would make it"
_UNSURE: Final = "a profile's reliability is not clearly above 0"


@dataclass(frozen=True, slots=True)
class ProfileTriple:
    """Three profiles of d factors, as estimated and from resampled data.

    Parameters
    ----------
    reference, first, second
        Estimates, shape (d,).
    drawn
        The same three, in this order, from resampled data, shape (3, replicates, d): ``drawn[:, r]`` is one resample.
    """

    reference: FloatArray
    first: FloatArray
    second: FloatArray
    drawn: FloatArray


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one factor adds to a gap.

    Parameters
    ----------
    value
        Its part; the parts of all factors sum to the gap.
    p_value
        Two-sided, of a part of 0, which is that of a factor on which the first and second profile are equal.
    """

    value: Estimate
    p_value: float


@dataclass(frozen=True, slots=True)
class AlignmentGap:
    """Alignment of a first profile with a reference, less that of a second with the same reference.

    Parameters
    ----------
    gap
        Difference of Pearson's correlations, the noise of all three profiles taken out, in [-2, 2].
    first, second
        The two correlations it is the difference of, in [-1, 1].
    observed_pearson, observed_spearman, observed_tau_b
        The same difference as it is observed, noise and all; the interval is that of its mean over samples of this
        size.
    contributions
        What each factor adds to ``gap``, in order; empty where there is no gap.
    factors
        d.
    reason
        Why ``gap`` is NaN; empty where it is not.
    """

    gap: Estimate
    first: Estimate
    second: Estimate
    observed_pearson: Estimate
    observed_spearman: Estimate
    observed_tau_b: Estimate
    contributions: tuple[Contribution, ...]
    factors: int
    reason: str = ""


def fit_gap(profiles: ProfileTriple, *, interval: float = INTERVAL) -> AlignmentGap:
    """Say how much better the first profile goes with the reference than the second does, and which factors make it.

    With e, g and h the true first, second and reference profiles, the gap is r(e, h) - r(g, h), r being Pearson's
    correlation over factors. Estimates carry noise, which pulls correlations to 0, and shared noise, which pushes them
    up; every product (a_f - mean a) b_f is therefore less its expectation under the noise that the replicates show, as
    in the correction for attenuation (Spearman 1904, DOI 10.2307/1412159), with which no product is biased. Intervals
    are percentiles over samples whose noise is that of the replicates, around profiles that vary as much as the true
    ones are estimated to: around the estimates, which hold noise already, they would come out too wide. Those of parts
    are percentiles over the replicates as they are, and do come out wide for parts of 0.

    The gap is shared out by the path integral of Aumann and Shapley (1974): along x(t) = g + t (e - g) a factor adds
    the integral of (e_f - g_f) dr(x, h) / dx_f over t in [0, 1]. These parts sum to the gap, and a factor on which both
    profiles are equal adds exactly 0, whatever the others do.

    Parameters
    ----------
    profiles
        The three, with replicates.
    interval
        Mass of the intervals.

    Returns
    -------
    AlignmentGap
        NaN with a reason with fewer than four factors, or where a profile's variance is not clearly more than noise.

    Raises
    ------
    SettingError
        Shapes do not fit, or a number is not finite.

    Examples
    --------
    >>> human = np.array([0.1, 0.4, 0.3, -0.3, -0.2, 0.0])
    >>> writes = human + [0.6, 0, 0, 0, 0, 0]
    >>> noise = np.random.default_rng(0).normal(0, 0.02, (3, 400, 6))
    >>> drawn = np.stack([human, human, writes])[:, None] + noise
    >>> found = fit_gap(ProfileTriple(human, human, writes, drawn))
    >>> print(found.gap, [round(each.value.value, 2) for each in found.contributions])
    0.23 [0.18, 0.27] [0.23, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    check_fraction("interval", interval)
    whole, drawn = _checked(profiles)
    observed = [_observed_gap(measure, whole, drawn, interval) for measure in (pearson, spearman, kendall_tau_b)]
    if whole.shape[1] < _FEWEST:
        return _without(observed, whole.shape[1], f"fewer than {_FEWEST} factors differ")
    noise = _noise(drawn)
    parts = _products(whole[:, None], noise)
    if not _usable(parts).all():
        return _without(observed, whole.shape[1], _FLAT)
    replicates = _around_corrected(whole, drawn, parts.sum(axis=1)[0], noise)
    usable = _usable(replicates)
    if np.mean(~usable) > (1 - interval) / 2:
        return _without(observed, whole.shape[1], _UNSURE)
    replicates = replicates[usable]
    first, second = (float(_correlation(parts, which)[0]) for which in (_FIRST, _SECOND))
    of_first, of_second = (_correlation(replicates, which) for which in (_FIRST, _SECOND))
    return AlignmentGap(
        gap=_percentile(first - second, of_first - of_second, interval),
        first=_percentile(first, of_first, interval),
        second=_percentile(second, of_second, interval),
        observed_pearson=observed[0],
        observed_spearman=observed[1],
        observed_tau_b=observed[2],
        contributions=_contributions(whole, drawn, parts, noise=noise, interval=interval),
        factors=whole.shape[1],
    )


def _checked(profiles: ProfileTriple) -> tuple[FloatArray, FloatArray]:
    whole = np.stack([np.asarray(each, dtype=np.float64) for each in _members(profiles)])
    drawn = np.asarray(profiles.drawn, dtype=np.float64)
    if whole.ndim != 2 or drawn.ndim != 3 or drawn.shape[::2] != whole.shape or drawn.shape[1] < 2:
        expected = f"replicates of shape (3, at least 2, {whole.shape[-1]})"
        raise SettingError("drawn", expected=expected, got=drawn.shape)
    if not (np.isfinite(whole).all() and np.isfinite(drawn).all()):
        raise SettingError("profiles", expected="finite numbers", got=nan)
    return whole, drawn


def _members(profiles: ProfileTriple) -> tuple[ArrayLike, ArrayLike, ArrayLike]:
    return profiles.reference, profiles.first, profiles.second


def _noise(drawn: FloatArray) -> FloatArray:
    """Return the expectation of (a_f - mean a) b_f under the noise alone, shape (d, 3, 3)."""
    apart = drawn - drawn.mean(axis=1, keepdims=True)
    centred = apart - apart.mean(axis=2, keepdims=True)
    return np.asarray(np.einsum("arf,brf->fab", centred, apart) / drawn.shape[1])


def _products(profiles: FloatArray, noise: FloatArray) -> FloatArray:
    """Corrected products of every factor and two profiles, shape (replicates, d, 3, 3), from (3, replicates, d)."""
    centred = profiles - profiles.mean(axis=2, keepdims=True)
    products = np.einsum("arf,brf->rfab", centred, profiles)
    return np.asarray((products - noise) / (profiles.shape[2] - 1))


def _on_path(products: FloatArray, at: float) -> tuple[FloatArray, FloatArray]:
    """Variance of the profile at ``at`` between second and first, and its covariance with the reference."""
    sums = products.sum(axis=1)
    ends = np.array([1 - at, at])
    within = np.einsum("a,rab,b->r", ends, sums[:, [_SECOND, _FIRST]][:, :, [_SECOND, _FIRST]], ends)
    return np.asarray(within), np.asarray(sums[:, _REFERENCE][:, [_SECOND, _FIRST]] @ ends)


def _usable(products: FloatArray) -> BoolArray:
    """Whether all variances are positive, those along the path included."""
    good = products.sum(axis=1)[:, _REFERENCE, _REFERENCE] > 0
    for at in (0.0, *(at for at, _ in _STEPS), 1.0):
        good &= _on_path(products, at)[0] > 0
    return np.asarray(good)


def _around_corrected(whole: FloatArray, drawn: FloatArray, corrected: FloatArray, noise: FloatArray) -> FloatArray:
    """Products of samples around profiles that vary as the corrected ones do, the noise taken out.

    Samples around the estimates would vary too much, since these hold noise of their own: the estimates are first
    drawn in by the linear map that turns their covariance into the corrected one and moves them least. Shape
    (replicates, d, 3, 3).
    """
    # In units of each profile's own spread, so that the scale of a profile does not matter.
    scale = whole.std(axis=1, ddof=1)
    both = np.outer(scale, scale)
    whole, drawn, noise = whole / scale[:, None], drawn / scale[:, None, None], noise / both
    centred = whole - whole.mean(axis=1, keepdims=True)
    spread = centred @ centred.T / (whole.shape[1] - 1)
    root = _root(corrected / both)
    drawn_in = (root @ _root(root @ spread @ root, -0.5) @ root @ centred)[:, None]
    # Few factors say little of how profiles vary: without this, simulated intervals are 3 to 7 % too narrow.
    widen = whole.shape[1] / (whole.shape[1] - 1)
    samples = drawn_in + np.sqrt(widen) * (drawn - drawn.mean(axis=1, keepdims=True))
    return _products(samples, widen * noise)


def _root(matrix: FloatArray, power: float = 0.5) -> FloatArray:
    """Power of a symmetric matrix, its negative eigenvalues taken for next to nothing."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    floor = 1e-9 * max(float(values.max()), 1e-300)
    return np.asarray(vectors * np.maximum(values, floor) ** power @ vectors.T)


def _correlation(products: FloatArray, which: int) -> FloatArray:
    sums = products.sum(axis=1)
    scale = np.sqrt(sums[:, which, which] * sums[:, _REFERENCE, _REFERENCE])
    return np.asarray(np.clip(sums[:, _REFERENCE, which] / scale, -1.0, 1.0))


def _shares(products: FloatArray) -> FloatArray:
    """Parts of the gap, shape (replicates, d)."""
    reference = products.sum(axis=1)[:, _REFERENCE, _REFERENCE]
    steep = products[:, :, _REFERENCE, _FIRST] - products[:, :, _REFERENCE, _SECOND]
    total = np.zeros(products.shape[:2])
    for at, share in _STEPS:
        variance, covariance = _on_path(products, at)
        onward = products[:, :, :, _FIRST] - products[:, :, :, _SECOND]
        along = (1 - at) * onward[:, :, _SECOND] + at * onward[:, :, _FIRST]
        scale = np.sqrt(variance * reference)
        total += share * (steep / scale[:, None] - along * (covariance / (scale * variance))[:, None])
    return total


def _percentile(value: float, replicates: FloatArray, interval: float) -> Estimate:
    tail = (1 - interval) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return Estimate(float(value), min(float(low), float(value)), max(float(high), float(value)))


def _contributions(
    whole: FloatArray, drawn: FloatArray, parts: FloatArray, *, noise: FloatArray, interval: float
) -> tuple[Contribution, ...]:
    """Parts of the gap; a part is 0 where the two profiles are equal, and that is what is tested.

    A part hangs on the profiles at its factor, which drawing in would move: its samples are the replicates as they
    are, with their noise, which is there twice, taken out.
    """
    replicates = _products(drawn, 2 * noise)
    usable = _usable(replicates)
    enough = np.mean(~usable) <= (1 - interval) / 2
    samples = _shares(replicates[usable])
    apart, spread = whole[_FIRST] - whole[_SECOND], (drawn[_FIRST] - drawn[_SECOND]).std(axis=0)
    return tuple(
        Contribution(
            _percentile(value, column, interval) if enough else Estimate(value), _two_sided(distance, deviation)
        )
        for value, column, distance, deviation in zip(
            _shares(parts)[0].tolist(), samples.T, apart.tolist(), spread.tolist(), strict=True
        )
    )


def _two_sided(distance: float, deviation: float) -> float:
    return erfc(abs(distance) / deviation / sqrt(2)) if deviation > 0 else float(distance == 0)


def _observed_gap(
    measure: Callable[[FloatArray, FloatArray], FloatArray], whole: FloatArray, drawn: FloatArray, interval: float
) -> Estimate:
    """Difference of two observed correlations; the interval is that of the replicates about their median, moved."""
    value = float(measure(whole[_FIRST], whole[_REFERENCE]) - measure(whole[_SECOND], whole[_REFERENCE]))
    found = measure(drawn[_FIRST], drawn[_REFERENCE]) - measure(drawn[_SECOND], drawn[_REFERENCE])
    known = found[~np.isnan(found)]
    if isnan(value) or len(known) < len(found) / 2 or len(known) < 2:
        return Estimate(value)
    tail = (1 - interval) / 2
    low, middle, high = np.quantile(known, [tail, 0.5, 1 - tail])
    return Estimate(value, max(value + float(low - middle), -2.0), min(value + float(high - middle), 2.0))


def _without(observed: Sequence[Estimate], factors: int, reason: str) -> AlignmentGap:
    none = Estimate(nan)
    linear, ranks, tau_b = observed
    return AlignmentGap(none, none, none, linear, ranks, tau_b, contributions=(), factors=factors, reason=reason)
