"""Special functions that NumPy lacks: scaled erfc, log normal CDF, logistic function, normal and Student quantiles.

Pure functions of arrays; know nothing of preferences or clusters.
"""

from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.polynomial import chebyshev
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor._validate import check_fraction

__all__ = [
    "erfcx",
    "gauss_legendre",
    "log1pexp",
    "log_ndtr",
    "ndtr",
    "normal_quantile",
    "sigmoid",
    "student_quantile",
    "student_two_sided",
]

_CENTRE: Final = 3.0
"""The map (x - 3) / (x + 3) takes [0, inf) to [-1, 1) and needs the fewest coefficients of the centres tried."""

_ERFCX: Final = np.array(
    [
        1.17756257419656,
        0.005353904539615826,
        -0.09377550342284209,
        0.05436652555744317,
        -0.018976596707845378,
        0.0044534260614627645,
        -0.0006335531710553077,
        1.76617195232609e-05,
        1.2841532864054094e-05,
        -2.007228565936714e-06,
        -1.8075227909086777e-07,
        7.549828376696155e-08,
        1.885668430290366e-09,
        -2.699519185966892e-09,
        -1.460079168680295e-11,
        1.0361633329125652e-10,
        1.4756018629213942e-12,
        -4.277493914628394e-12,
        -2.0790480448340533e-13,
        1.815436689867056e-13,
        1.9610979506978767e-14,
        -7.207567875866516e-15,
        -1.909583602355269e-15,
        2.9753977059954197e-16,
    ]
)
"""Chebyshev coefficients of (1 + 2x) erfcx(x), the form of Shepherd and Laframboise (1981)."""

_CELLS: Final = 256
_TERMS: Final = 6
"""Cells of the expansion's range, and coefficients of the polynomial in each: off the expansion by 1e-15 at most."""

_NORMAL: Final = NormalDist()
_SQRT_HALF: Final = float(np.sqrt(0.5))
_TAIL: Final = 42.0
"""Where a density has fallen by exp(-42) it no longer shows in a double."""


def erfcx(x: ArrayLike) -> FloatArray:
    """Scaled complementary error function exp(x^2) erfc(x).

    Relative error below 1e-13; infinite below about -26.6, where the true value exceeds the largest double. The
    expansion is that of Shepherd and Laframboise (1981), DOI 10.1090/S0025-5718-1981-0595058-X, refitted.

    Parameters
    ----------
    x
        Finite numbers of any shape.

    Returns
    -------
    FloatArray
        Positive numbers of the same shape.

    Examples
    --------
    >>> erfcx([0.0, 1.0, 100.0]).round(6).tolist()
    [1.0, 0.427584, 0.005642]
    """
    x = np.asarray(x, dtype=np.float64)
    size = np.abs(x)
    upper = _expansion((size - _CENTRE) / (size + _CENTRE)) / (1 + 2 * size)
    if not np.any(x < 0):
        return np.asarray(upper)
    with np.errstate(over="ignore"):
        return np.asarray(np.where(x < 0, 2 * np.exp(np.where(x < 0, x * x, 0.0)) - upper, upper))


def _expansion(position: FloatArray) -> FloatArray:
    """Evaluate the expansion at positions in [-1, 1], by the polynomial of each one's cell: a third of the work."""
    scaled = (position + 1) * (_CELLS / 2)
    cell = np.minimum(scaled.astype(np.intp), _CELLS - 1)
    powers = np.ones((_TERMS, *position.shape))
    powers[1:] = scaled - cell - 0.5
    np.multiply.accumulate(powers, axis=0, out=powers)
    return np.asarray(np.einsum("k...,k...->...", _cell_polynomials()[:, cell], powers))


@lru_cache(maxsize=1)
def _cell_polynomials() -> FloatArray:
    """Coefficients about the middle of each cell, the constant first, shape (terms, cells)."""
    nodes = 0.5 * np.cos(np.pi * (np.arange(_TERMS) + 0.5) / _TERMS)
    places = (np.arange(_CELLS)[:, None] + 0.5 + nodes) * (2 / _CELLS) - 1
    return np.linalg.solve(np.vander(nodes, increasing=True), chebyshev.chebval(places, _ERFCX).T)


def log_ndtr(x: ArrayLike) -> FloatArray:
    """Logarithm of the standard normal distribution function, accurate in both tails.

    Parameters
    ----------
    x
        Finite numbers of any shape.

    Returns
    -------
    FloatArray
        Numbers of at most 0, of the same shape.

    Examples
    --------
    >>> log_ndtr([-40.0, 0.0]).round(4).tolist()
    [-804.6084, -0.6931]
    """
    x = np.asarray(x, dtype=np.float64)
    scaled = 0.5 * erfcx(np.abs(x) * _SQRT_HALF)
    half_square = 0.5 * x * x
    return np.asarray(np.where(x < 0, np.log(scaled) - half_square, np.log1p(-scaled * np.exp(-half_square))))


def ndtr(x: ArrayLike) -> FloatArray:
    """Evaluate the standard normal distribution function.

    Parameters
    ----------
    x
        Finite numbers of any shape.

    Returns
    -------
    FloatArray
        Probabilities of the same shape.

    Examples
    --------
    >>> ndtr([-1.0, 0.0, 1.0]).round(4).tolist()
    [0.1587, 0.5, 0.8413]
    """
    return np.asarray(np.exp(log_ndtr(x)))


def sigmoid(x: ArrayLike) -> FloatArray:
    """Logistic function 1 / (1 + exp(-x)) without overflow.

    Parameters
    ----------
    x
        Log-odds of any shape.

    Returns
    -------
    FloatArray
        Probabilities of the same shape.

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1.0]).round(4).tolist()
    [0.0, 0.5, 0.7311]
    """
    x = np.asarray(x, dtype=np.float64)
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x < 0, small, 1.0) / (1 + small))


def log1pexp(x: ArrayLike) -> FloatArray:
    """Evaluate log(1 + exp(x)) without overflow: minus the log of the probability of the other side.

    Parameters
    ----------
    x
        Log-odds of any shape.

    Returns
    -------
    FloatArray
        Positive numbers of the same shape.

    Examples
    --------
    >>> log1pexp([-1.0, 0.0, 1000.0]).round(4).tolist()
    [0.3133, 0.6931, 1000.0]
    """
    return np.asarray(np.logaddexp(0.0, np.asarray(x, dtype=np.float64)))


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal distribution.

    Parameters
    ----------
    probability
        Strictly between 0 and 1.

    Returns
    -------
    float
        The value below which that mass lies.

    Raises
    ------
    SettingError
        ``probability`` is not strictly between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.6449
    """
    return _NORMAL.inv_cdf(check_fraction("probability", probability))


def student_two_sided(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """Two-sided p-value of a Student statistic: P(|T| >= |statistic|).

    With T = sqrt(df) tan(angle) the density is proportional to cos(angle)^(df - 1), whose tail is integrated by
    Gauss-Legendre; absolute error below 1e-6 at df = 1.5 and below 1e-12 from df = 3 on.

    Parameters
    ----------
    statistic
        Finite numbers.
    df
        Degrees of freedom, at least 1, not necessarily whole; same shape or broadcastable.

    Returns
    -------
    FloatArray
        p-values in [0, 1].

    Examples
    --------
    >>> student_two_sided([2.131847, -1.0], [4.0, 1.0]).round(4).tolist()
    [0.1, 0.5]
    """
    statistic, df = np.broadcast_arrays(np.asarray(statistic, np.float64), np.asarray(df, np.float64))
    return _angle_tail(np.arctan(np.abs(statistic) / np.sqrt(df)), df)


def student_quantile(mass: float, df: ArrayLike) -> FloatArray:
    """Half-width of the central interval of a Student distribution: t with P(|T| <= t) = ``mass``.

    Parameters
    ----------
    mass
        Mass of the interval, strictly between 0 and 1.
    df
        Degrees of freedom, at least 1, not necessarily whole.

    Returns
    -------
    FloatArray
        Positive numbers of the shape of ``df``.

    Raises
    ------
    SettingError
        ``mass`` is not strictly between 0 and 1.

    Examples
    --------
    >>> student_quantile(0.9, [4.0, 1e9]).round(4).tolist()
    [2.1318, 1.6449]
    """
    check_fraction("mass", mass)
    given = np.asarray(df, dtype=np.float64)
    df, place = np.unique(given, return_inverse=True)
    low, high = np.zeros_like(df), np.full_like(df, np.pi / 2)
    for _ in range(52):
        middle = 0.5 * (low + high)
        outside = _angle_tail(middle, df) > 1 - mass
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    quantiles = np.sqrt(df) * np.tan(0.5 * (low + high))
    return np.asarray(quantiles[place].reshape(given.shape))


@lru_cache(maxsize=8)
def gauss_legendre(count: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre quadrature on [0, 1].

    Parameters
    ----------
    count
        Number of nodes.

    Returns
    -------
    tuple of FloatArray
        Nodes and weights, each of shape (count,).

    Examples
    --------
    >>> nodes, weights = gauss_legendre(4)
    >>> round(float(weights @ nodes**7), 12)
    0.125
    """
    nodes, weights = leggauss(count)
    return 0.5 * (nodes + 1), 0.5 * weights


def _angle_tail(angle: FloatArray, df: FloatArray) -> FloatArray:
    power = df - 1
    log_peak = np.log(np.cos(angle))
    logs = np.stack([np.zeros_like(log_peak), log_peak])
    start = np.stack([np.zeros_like(angle), angle])
    with np.errstate(divide="ignore"):
        stop = np.arccos(np.exp(logs - _TAIL / power))
    nodes, weights = gauss_legendre(64)
    width = (stop - start)[..., None]
    values = np.exp(power[..., None] * (np.log(np.cos(start[..., None] + width * nodes)) - logs[..., None]))
    whole, tail = width[..., 0] * (values @ weights)
    return np.asarray(np.minimum(tail / whole * np.exp(power * log_peak), 1.0))
