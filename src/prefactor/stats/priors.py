"""Priors of one weight: Laplace, normal and horseshoe, with the moments and quantiles of a normal tilted by each.

Pure functions of arrays; knows no likelihood, no rows and no judges.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, sqrt
from typing import ClassVar, Final, Protocol

import numpy as np

from prefactor._typing import FloatArray, PriorName
from prefactor.config import PRIOR_SCALE
from prefactor.errors import SettingError, UnknownNameError
from prefactor.stats.special import erfcx, gauss_legendre, log_ndtr, ndtr

__all__ = ["DEFAULT_PRIOR", "HorseshoePrior", "LaplacePrior", "NormalPrior", "Prior", "make_prior"]

WIDEST: Final = 10.0
"""Scale beyond which the quadrature of the likelihood cannot follow."""

_ASYMPTOTIC: Final = -50.0
"""Below this the half-normal moments cancel in doubles, and their series in 1/z is exact to 1e-9."""
_SQRT_HALF: Final = sqrt(0.5)
_SQRT_TWO_OVER_PI: Final = sqrt(2 / np.pi)
_NEWTON_STEPS: Final = 24
_STANDING: Final = 1e-13
_SCALES: Final = 64
_SLAB: Final = 10.0
_BISECTIONS: Final = 60


class Prior(Protocol):
    """A symmetric prior about 0 of one weight, the same for all weights.

    Attributes
    ----------
    name
        What it is called.
    scale
        Its scale, in log-odds.
    """

    name: ClassVar[PriorName]

    @property
    def scale(self) -> float:
        """Scale in log-odds."""
        ...

    @property
    def variance(self) -> float:
        """Variance in squared log-odds."""
        ...

    def log_density(self, weight: FloatArray) -> FloatArray:
        """Logarithm of the density, up to a constant."""
        ...

    def envelope(self, weight: FloatArray) -> FloatArray:
        """Evaluate the log density where that is concave, else a concave function that falls no faster."""
        ...

    def envelope_fall(self, distance: FloatArray) -> FloatArray:
        """How fast the envelope falls at a distance of at least 0 from 0."""
        ...

    def moments(self, mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of N(mean, variance) times the prior."""
        ...

    def quantile(self, mean: FloatArray, variance: FloatArray, *, probability: FloatArray) -> FloatArray:
        """Quantiles of N(mean, variance) times the prior; the three broadcast."""
        ...


@dataclass(frozen=True, slots=True)
class LaplacePrior:
    """Density exp(-|w| / scale) / (2 scale): that of Li et al. 2024, arXiv 2402.11296.

    Parameters
    ----------
    scale
        Mean size of a weight, in log-odds; the standard deviation is sqrt(2) times it.

    Examples
    --------
    >>> mean, variance = LaplacePrior(0.1).moments(np.zeros(1), np.full(1, 1e12))
    >>> round(float(mean[0]), 9), round(float(variance[0]), 6)
    (0.0, 0.02)
    """

    scale: float
    name: ClassVar[PriorName] = "Laplace"

    def __post_init__(self) -> None:
        _check_scale(self.scale)

    @property
    def variance(self) -> float:
        """Variance in squared log-odds."""
        return 2 * self.scale**2

    def log_density(self, weight: FloatArray) -> FloatArray:
        """Logarithm of the density, up to a constant."""
        return np.asarray(-np.abs(weight) / self.scale)

    def envelope(self, weight: FloatArray) -> FloatArray:
        """Return the log density, which is concave."""
        return self.log_density(weight)

    def envelope_fall(self, distance: FloatArray) -> FloatArray:
        """How fast the log density falls."""
        return np.full(distance.shape, 1 / self.scale)

    def moments(self, mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Exact mean and variance of the product: a mixture of two half-normals, left and right of 0."""
        sd = np.sqrt(variance)
        halves = _halves(mean, variance, sd, self.scale)
        tail = _scaled_tail(halves)
        share = 1 / (1 + tail[1] / tail[0])
        first, second = _half_normal_moments(halves, tail)
        whole = share * first[0] - (1 - share) * first[1]
        square = share * second[0] + (1 - share) * second[1]
        return whole * sd, (square - whole * whole) * variance

    def quantile(self, mean: FloatArray, variance: FloatArray, *, probability: FloatArray) -> FloatArray:
        """Exact quantiles of the product, by Newton's method on the half in which each lies."""
        sd = np.sqrt(variance)
        right, left = _halves(mean, variance, sd, self.scale)
        tail = _scaled_tail(np.stack([right, left]))
        share = 1 / (1 + tail[1] / tail[0])
        positive = share > 1 - probability
        # The upper tail of one half, as a share of that half's mass: the other half's mass lies wholly on one side.
        beyond = np.where(
            positive, (1 - probability) / np.maximum(share, 1e-300), probability / np.maximum(1 - share, 1e-300)
        )
        distance = _upper_quantile(np.where(positive, right, left), np.clip(beyond, 1e-300, 1.0))
        return np.where(positive, 1.0, -1.0) * sd * distance


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """Normal density about 0.

    Parameters
    ----------
    scale
        Standard deviation of a weight, in log-odds.

    Examples
    --------
    >>> mean, variance = NormalPrior(1.0).moments(np.full(1, 2.0), np.ones(1))
    >>> float(mean[0]), float(variance[0])
    (1.0, 0.5)
    """

    scale: float
    name: ClassVar[PriorName] = "normal"

    def __post_init__(self) -> None:
        _check_scale(self.scale)

    @property
    def variance(self) -> float:
        """Variance in squared log-odds."""
        return self.scale**2

    def log_density(self, weight: FloatArray) -> FloatArray:
        """Logarithm of the density, up to a constant."""
        return np.asarray(-0.5 * (weight / self.scale) ** 2)

    def envelope(self, weight: FloatArray) -> FloatArray:
        """Return the log density, which is concave."""
        return self.log_density(weight)

    def envelope_fall(self, distance: FloatArray) -> FloatArray:
        """How fast the log density falls."""
        return np.asarray(distance / self.scale**2)

    def moments(self, mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Exact mean and variance of the product, which is normal."""
        keep = self.variance / (self.variance + variance)
        return mean * keep, variance * keep

    def quantile(self, mean: FloatArray, variance: FloatArray, *, probability: FloatArray) -> FloatArray:
        """Exact quantiles of the product."""
        centre, spread = self.moments(mean, variance)
        # The positive half of a standard normal, whose tail beyond the quantile is twice that of the whole.
        distance = _upper_quantile(np.zeros(1), np.clip(2 * np.minimum(probability, 1 - probability), 1e-300, 1.0))
        return np.asarray(centre + np.sqrt(spread) * np.sign(probability - 0.5) * distance)


@dataclass(frozen=True, slots=True)
class HorseshoePrior:
    """Regularised horseshoe with a fixed global scale: most weights near 0, a few left alone.

    w is N(0, v) with 1 / v = 1 / (scale * u)^2 + 1 / (10 scale)^2 and u half-Cauchy: Piironen and Vehtari 2017,
    DOI 10.1214/17-EJS1337SI, with a slab of ten times the scale, which keeps every moment finite where factors
    separate the preferences. Computed as a mixture of 64 normals on a Gauss-Legendre grid of arctan(u).

    Parameters
    ----------
    scale
        Global scale, in log-odds.

    Examples
    --------
    >>> near, far = HorseshoePrior(0.1).moments(np.array([0.05, 0.9]), np.full(2, 0.01))[0]
    >>> bool(near < 0.6 * 0.05), bool(far > 0.9 * 0.9)
    (True, True)
    """

    scale: float
    name: ClassVar[PriorName] = "horseshoe"

    def __post_init__(self) -> None:
        _check_scale(self.scale)

    @property
    def variance(self) -> float:
        """Variance in squared log-odds."""
        variances, shares = _horseshoe_mixture()
        return float(shares @ variances) * self.scale**2

    def log_density(self, weight: FloatArray) -> FloatArray:
        """Logarithm of the density of the mixture."""
        variances, shares = _horseshoe_mixture()
        square = (np.asarray(weight) / self.scale) ** 2
        logs = _along(np.log(shares) - 0.5 * np.log(variances), square) - 0.5 * square / _along(variances, square)
        peak = logs.max(axis=0)
        return np.asarray(peak + np.log(np.exp(logs - peak).sum(axis=0)))

    def envelope(self, weight: FloatArray) -> FloatArray:
        """Return the log density of the slab."""
        return np.asarray(-0.5 * (weight / (_SLAB * self.scale)) ** 2)

    def envelope_fall(self, distance: FloatArray) -> FloatArray:
        """How fast the log density of the slab falls."""
        return np.asarray(distance / (_SLAB * self.scale) ** 2)

    def moments(self, mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of the product, a mixture of normals."""
        shares, keep = self._parts(mean, variance)
        means = keep * mean
        first = (shares * means).sum(axis=0)
        second = (shares * (keep * variance + means * means)).sum(axis=0)
        return first, second - first * first

    def quantile(self, mean: FloatArray, variance: FloatArray, *, probability: FloatArray) -> FloatArray:
        """Quantiles of the product, by bisection."""
        shares, keep = self._parts(mean, variance)
        means, sds = keep * mean, np.sqrt(keep * variance)
        shape = np.broadcast_shapes(mean.shape, probability.shape)
        low, high = np.broadcast_to((means - 9 * sds).min(axis=0), shape), (means + 9 * sds).max(axis=0)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            below = sum(share * ndtr((middle - m) / sd) for share, m, sd in zip(shares, means, sds, strict=True))
            low, high = np.where(below < probability, middle, low), np.where(below < probability, high, middle)
        return np.asarray(0.5 * (low + high))

    def _parts(self, mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Share of each normal in the product, and how much of the mean it keeps: shape (64, ...)."""
        variances, shares = _horseshoe_mixture()
        prior = _along(variances * self.scale**2, mean)
        total = prior + variance
        logs = _along(np.log(shares), mean) - 0.5 * np.log(total) - 0.5 * mean * mean / total
        weights = np.exp(logs - logs.max(axis=0))
        return weights / weights.sum(axis=0), prior / total


def make_prior(name: PriorName = "Laplace", scale: float = PRIOR_SCALE) -> Prior:
    """Return the prior of that name and scale.

    Parameters
    ----------
    name
        "Laplace", "normal" or "horseshoe".
    scale
        In log-odds, in (0, 10].

    Raises
    ------
    UnknownNameError
        There is no such prior.
    SettingError
        The scale is outside its range.

    Examples
    --------
    >>> make_prior("normal", 0.5).variance
    0.25
    """
    priors: dict[str, type[LaplacePrior | NormalPrior | HorseshoePrior]] = {
        each.name: each for each in (LaplacePrior, NormalPrior, HorseshoePrior)
    }
    if name not in priors:
        raise UnknownNameError("prior", name, priors)
    return priors[name](scale)


@lru_cache(maxsize=1)
def _horseshoe_mixture() -> tuple[FloatArray, FloatArray]:
    """Variances of the normals for scale 1, and their shares: arctan of a half-Cauchy is uniform on (0, pi / 2)."""
    nodes, weights = gauss_legendre(_SCALES)
    square = np.tan(0.5 * np.pi * nodes) ** 2
    return square / (1 + square / _SLAB**2), weights / weights.sum()


def _along(values: FloatArray, like: FloatArray) -> FloatArray:
    """Put a vector along a new first axis of an array of the other's dimensions."""
    return values.reshape(-1, *(1,) * np.ndim(like))


def _halves(mean: FloatArray, variance: FloatArray, sd: FloatArray, scale: float) -> FloatArray:
    """Means of the half-normals right and left of 0, in sd and away from 0: shape (2, ...)."""
    return np.stack([(mean - variance / scale) / sd, -(mean + variance / scale) / sd])


def _scaled_tail(z: FloatArray) -> FloatArray:
    # exp(36^2 / 2) is the largest that fits; the other half is then at most exp(-648) as heavy.
    return erfcx(-np.minimum(z, 36.0) * _SQRT_HALF)


def _half_normal_moments(z: FloatArray, tail: FloatArray) -> tuple[FloatArray, FloatArray]:
    """E[x] and E[x^2] under a density proportional to exp(z x - x^2 / 2) on x > 0."""
    first = z + _SQRT_TWO_OVER_PI / tail
    second = 1 + z * first
    far = z < _ASYMPTOTIC
    if far.any():
        t = np.where(far, -z, -_ASYMPTOTIC)
        u = 1 / (t * t)
        first = np.where(far, (1 - u * (2 - u * (10 - u * (74 - u * 706)))) / t, first)
        second = np.where(far, u * (2 - u * (10 - u * (74 - u * 706))), second)
    return first, second


def _upper_quantile(z: FloatArray, tail: FloatArray) -> FloatArray:
    """Solve P(X > x) = ``tail`` for X with density proportional to exp(z x - x^2 / 2) on x > 0."""
    wanted = np.log(tail)
    scaled_whole, whole = _scaled_tail(z), log_ndtr(z)
    # The log survival function is concave, so Newton comes down on the root from above, and from the mode in few steps.
    x = np.broadcast_to(np.maximum(z, 0.0), np.broadcast_shapes(z.shape, tail.shape))
    for _ in range(_NEWTON_STEPS):
        scaled = _scaled_tail(z - x)
        # Far left of 0 the two survival functions are alike and tiny: their ratio, not their difference, is accurate.
        near = np.log(scaled / scaled_whole) + x * (z - 0.5 * x)
        far = np.log(0.5 * scaled) - 0.5 * (x - z) ** 2 - whole
        step = (np.where(z < 0, near, far) - wanted) * scaled / _SQRT_TWO_OVER_PI
        x = np.maximum(x + step, 0.0)
        if float(np.abs(step).max(initial=0.0)) < _STANDING:
            break
    return x


def _check_scale(scale: float) -> None:
    if not (isfinite(scale) and 0 < scale <= WIDEST):
        raise SettingError("prior_scale", expected=f"a number in (0, {WIDEST:g}]", got=scale)


DEFAULT_PRIOR: Final[Prior] = LaplacePrior(PRIOR_SCALE)
"""That of the published model."""
