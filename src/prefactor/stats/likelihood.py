"""The tie-aware likelihood of one preference: its value, and the moments of a normal tilted by it.

Pure functions of arrays; know nothing of rows, judges or folds.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray

__all__ = [
    "log_likelihood",
    "log_normaliser",
    "nodes_for",
    "normaliser_moments",
    "solve_tie_parameter",
]

_FEWEST_NODES: Final = 5
_MOST_NODES: Final = 99
_WIDEST_SD: Final = 60.0
_FARTHEST_MEAN: Final = 300.0
_NODES_PER_VARIANCE: Final = 8.2
_MARGIN: Final = 3
"""Nodes on top, since the rate of the error holds only where there are many."""
_NEWTON_STEPS: Final = 24


def log_normaliser(z: ArrayLike, tie: ArrayLike) -> FloatArray:
    """Evaluate log(2 cosh(z / 2) + tie), the logarithm of the sum of the three outcomes' strengths, without overflow.

    Parameters
    ----------
    z
        Log-odds of A against B.
    tie
        Davidson's tie parameter, at least 0; broadcast against ``z``.

    Returns
    -------
    FloatArray
        Numbers of the broadcast shape.

    Examples
    --------
    >>> log_normaliser([0.0, 2000.0], 0.0).round(4).tolist()
    [0.6931, 1000.0]
    """
    half = 0.5 * np.abs(np.asarray(z, dtype=np.float64))
    small = np.exp(-half)
    return np.asarray(half + np.log1p(small * small + np.asarray(tie) * small))


def log_likelihood(z: ArrayLike, label: ArrayLike, *, tie: ArrayLike = 0.0) -> FloatArray:
    """Log-likelihood (y - 1/2) z - log(2 cosh(z / 2) + tie) of a preference y, up to a constant in z.

    At ``tie`` = 0 this is the logistic likelihood with soft labels, y log s(z) + (1 - y) log s(-z). For y in
    {0, 1/2, 1} and ``tie`` > 0 it is the model of Davidson (1970), DOI 10.1080/01621459.1970.10481082, less the
    factor log(tie) of a tie. A soft label between them lies on the line between its neighbours.

    Parameters
    ----------
    z
        Log-odds of A against B.
    label
        Preference in [0, 1].
    tie
        Tie parameter, at least 0.

    Returns
    -------
    FloatArray
        Numbers of the broadcast shape.

    Examples
    --------
    >>> log_likelihood(0.0, [0.0, 0.5, 1.0]).round(4).tolist()
    [-0.6931, -0.6931, -0.6931]
    """
    return np.asarray((np.asarray(label) - 0.5) * np.asarray(z) - log_normaliser(z, tie))


def nodes_for(widest_variance: float) -> int:
    """Return how many Gauss-Hermite nodes integrate the likelihood against a normal of this variance.

    The likelihood has its nearest pole at i pi, so the error falls as exp(-2 pi sqrt(nodes / variance)); this count
    keeps it near 1e-6 up to a variance of 12, beyond which 99 nodes must do.

    Parameters
    ----------
    widest_variance
        Largest variance of the log-odds, at least 0.

    Returns
    -------
    int
        An odd number between 5 and 99.

    Examples
    --------
    >>> nodes_for(0.6), nodes_for(4.0)
    (9, 37)
    """
    wanted = int(np.ceil(_NODES_PER_VARIANCE * min(widest_variance, 1e3))) + _MARGIN
    return int(np.clip(wanted, _FEWEST_NODES, _MOST_NODES)) | 1


def normaliser_moments(
    mean: FloatArray, variance: FloatArray, *, tie: FloatArray, power: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """First two moments of N(mean, variance) tilted by (2 cosh(z / 2) + tie)^-power, on the normal's own scale.

    The label's part exp((y - 1/2) z) only shifts the mean and is left to the caller.

    Parameters
    ----------
    mean, variance
        Of the normal, any one shape.
    tie
        Tie parameter, broadcastable to that shape.
    power
        Exponent in (0, 1], broadcastable; None is 1 everywhere.

    Returns
    -------
    tuple of FloatArray
        ``shift``: (tilted mean - mean) / sd, and ``ratio``: tilted variance / variance, in (0, 1].

    Examples
    --------
    >>> shift, ratio = normaliser_moments(np.zeros(1), np.ones(1), tie=np.zeros(1))
    >>> abs(round(float(shift[0]), 6)), round(float(ratio[0]), 4)
    (0.0, 0.8251)
    """
    count = nodes_for(float(variance.max(initial=0.0)))
    nodes, weights = _hermite(count)
    half_sd = 0.5 * np.minimum(np.sqrt(variance), _WIDEST_SD)
    centre = np.exp(0.5 * np.clip(mean, -_FARTHEST_MEAN, _FARTHEST_MEAN))
    total = weights[0] * _strength(centre, tie, power)
    first = np.zeros_like(total)
    second = np.zeros_like(total)
    for node, weight in zip(nodes[1:], weights[1:], strict=True):
        step = np.exp(half_sd * node)
        above = _strength(centre * step, tie, power)
        below = _strength(centre / step, tie, power)
        first += (weight * node) * (above - below)
        above += below
        total += weight * above
        second += (weight * node * node) * above
    shift = first / total
    return shift, second / total - shift * shift


def solve_tie_parameter(z: FloatArray, weights: FloatArray, *, ties: float) -> float:
    """Maximum-likelihood tie parameter nu of Davidson's model at given log-odds.

    It solves ties = sum(weights * nu / (2 cosh(z / 2) + nu)), where the right-hand side grows with nu.

    Parameters
    ----------
    z
        Log-odds, shape (n,).
    weights
        Weight of each row, ties included, shape (n,).
    ties
        Weight of the exact ties among them.

    Returns
    -------
    float
        0 without ties. Where (nearly) all rows are ties, the value at which half a row would not be one.

    Examples
    --------
    >>> round(solve_tie_parameter(np.zeros(10), np.ones(10), ties=5.0), 6)
    2.0
    """
    if ties <= 0:
        return 0.0
    total = float(weights.sum())
    wanted = min(ties, total - min(0.5, 0.5 * total))
    strength = 2 * np.cosh(0.5 * np.clip(z, -_FARTHEST_MEAN, _FARTHEST_MEAN))
    log_tie = np.log(2 * wanted / (total - wanted))
    for _ in range(_NEWTON_STEPS * 4):
        share = 1 / (1 + strength * np.exp(-log_tie))
        slope = float(np.sum(weights * share * (1 - share)))
        step = float(np.clip((wanted - float(np.sum(weights * share))) / max(slope, 1e-300), -2.0, 2.0))
        log_tie += step
        if abs(step) < 1e-12:
            break
    return float(np.exp(log_tie))


@lru_cache(maxsize=64)
def _hermite(count: int) -> tuple[FloatArray, FloatArray]:
    """Return the non-negative nodes, 0 first, and their weights; ``count`` is odd."""
    nodes, weights = hermegauss(count)
    middle = count // 2
    return np.abs(nodes[middle:]) * (np.arange(middle + 1) > 0), weights[middle:] / weights.sum()


def _strength(odds: FloatArray, tie: FloatArray, power: FloatArray | None) -> FloatArray:
    strength = 1 / odds
    strength += odds
    strength += tie
    np.reciprocal(strength, out=strength)
    return strength if power is None else np.asarray(strength**power)
