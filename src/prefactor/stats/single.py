"""Weights of one factor alone, and of every two factors together: what a factor's joint weight is compared with.

Works on sign features and their sufficient statistics; knows no factor names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import AnyArray, BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.stats.ep import Problem, cold_start, propagate
from prefactor.stats.likelihood import log_normaliser, solve_tie_parameter
from prefactor.stats.posterior import MAX_ITERATIONS, TIE, TOLERANCE, check_tie_parameter
from prefactor.stats.priors import DEFAULT_PRIOR, Prior
from prefactor.stats.sites import Labels, check_features, check_labels, exact_grid
from prefactor.stats.special import gauss_legendre

__all__ = ["SinglePosterior", "fit_pairs", "fit_single"]

_NODES: Final = 64
_BISECTIONS: Final = 60
_NEGLIGIBLE: Final = 45.0
"""A density exp(-45) below its peak adds nothing to an integral in doubles."""
_BLOCK: Final = 65_536


@dataclass(frozen=True, slots=True)
class SinglePosterior:
    """Posterior of each factor's weight in a model that has this factor only.

    Shapes are ([J,] d); the axis J is there only when several judges were given.

    Parameters
    ----------
    mean, sd
        Log-odds of A being preferred when it has more of the factor.
    low, high
        Ends of the central interval.
    identified
        False where the factor is 0 in every row used; the weight is then its prior.
    prior, interval
        Settings that produced it.
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    identified: BoolArray
    prior: Prior
    interval: float


def fit_single(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    prior: Prior = DEFAULT_PRIOR,
    tie_parameter: ArrayLike | None = None,
    interval: float = INTERVAL,
) -> SinglePosterior:
    """Fit every factor alone, by quadrature, to about ten digits.

    With signs as features the log posterior of a weight b is A b - N log(2 cosh(b / 2) + nu) - |b| / scale, where N is
    the number of rows in which the factor differs and A the sum of (y - 1/2) x over them.

    Parameters
    ----------
    features
        Shape (n, d), in {-1, 0, 1} or NaN (not measured, counts as 0).
    preference
        P(A preferred) in [0, 1], shape (n,) or (J, n).
    weights
        Copies each row stands for, shape (n,) or (J, n); None is 1 everywhere.
    prior
        Of every weight, from :mod:`prefactor.stats.priors`.
    tie_parameter
        Davidson's nu, a number or shape (J,), best that of the joint fit; None takes the share of ties as that between
        equal responses.
    interval
        Mass of the central interval.

    Returns
    -------
    SinglePosterior
        Means, sds and intervals.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> single = fit_single([[1.0], [-1.0], [1.0]] * 20, [1.0, 0.0, 0.0] * 20)
    >>> single.mean.round(3).tolist()
    [0.175]
    """
    check_fraction("interval", interval)
    data = _statistics(features, preference, weights, tie_parameter=tie_parameter)

    linear, counts, ties = data.linear[..., None], data.counts[..., None], data.tie[:, None, None]

    def log_likelihood(b: FloatArray) -> FloatArray:
        return np.asarray(linear * b - counts * log_normaliser(b, ties))

    extent = _extent(lambda b: log_likelihood(b) + prior.envelope(b), data, prior)
    halves = _Halves(lambda b: log_likelihood(b) + prior.log_density(b), *extent)
    mean, sd = halves.moments()
    tail = 0.5 * (1 - interval)
    shape = mean.shape[1:] if data.single else mean.shape
    return SinglePosterior(
        mean=mean.reshape(shape),
        sd=sd.reshape(shape),
        low=halves.quantile(tail).reshape(shape),
        high=halves.quantile(1 - tail).reshape(shape),
        identified=(data.counts > 0).reshape(shape),
        prior=prior,
        interval=interval,
    )


def fit_pairs(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    prior: Prior = DEFAULT_PRIOR,
    tie_parameter: ArrayLike | None = None,
) -> FloatArray:
    """Posterior mean of every factor's weight in the model of this factor and one other.

    By expectation propagation on the four distinct rows of two sign features, (1, 0), (0, 1), (1, 1) and (1, -1): the
    cost after counting does not depend on n.

    Parameters
    ----------
    features
        Shape (n, d), in {-1, 0, 1} or NaN (not measured, counts as 0).
    preference
        P(A preferred) in [0, 1], shape (n,) or (J, n).
    weights
        Copies each row stands for, shape (n,) or (J, n); None is 1 everywhere.
    prior
        Of every weight, from :mod:`prefactor.stats.priors`.
    tie_parameter
        As in :func:`fit_single`.

    Returns
    -------
    FloatArray
        Shape ([J,] d, d): [f, g] is the weight of f beside g; on the diagonal that of f alone.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> x = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]] * 30)
    >>> pairs = fit_pairs(x, [1.0, 1.0, 0.5, 0.0] * 30, tie_parameter=0.0)
    >>> bool(pairs[1, 1] > 4 * pairs[1, 0])
    True
    """
    columns = check_features(features, signs=True)
    labels = check_labels(preference, weights, rows=columns.shape[1])
    single = fit_single(columns.T, preference, weights=weights, prior=prior, tie_parameter=tie_parameter)
    tie = _tie(labels, tie_parameter)
    alone = np.atleast_2d(single.mean)
    matrices = np.stack([_judge_pairs(columns, labels, judge, tie[judge], prior) for judge in range(tie.size)])
    diagonal = np.arange(columns.shape[0])
    matrices[:, diagonal, diagonal] = alone
    return matrices[0] if labels.single else matrices


@dataclass(frozen=True, slots=True)
class _Statistics:
    linear: FloatArray
    counts: FloatArray
    tie: FloatArray
    single: bool


def _statistics(
    features: ArrayLike,
    preference: ArrayLike,
    weights: ArrayLike | None,
    *,
    tie_parameter: ArrayLike | None,
) -> _Statistics:
    columns = check_features(features, signs=True)
    labels = check_labels(preference, weights, rows=columns.shape[1])
    weighed = exact_grid(labels.weights)
    linear = _products(exact_grid(weighed * (labels.preference - TIE)), columns)
    return _Statistics(linear, _products(weighed, columns, size=True), _tie(labels, tie_parameter), labels.single)


def _tie(labels: Labels, tie_parameter: ArrayLike | None) -> FloatArray:
    judges = labels.preference.shape[0]
    if tie_parameter is not None:
        given = np.asarray(tie_parameter, dtype=np.float64)
        for value in given.ravel().tolist():
            check_tie_parameter(value)
        return np.broadcast_to(given, judges)
    totals = labels.weights.sum(axis=1)
    ties = (labels.weights * (labels.preference == TIE)).sum(axis=1)
    none = np.zeros(1)
    return np.array([solve_tie_parameter(none, totals[j : j + 1], ties=float(ties[j])) for j in range(judges)])


def _products(values: FloatArray, columns: AnyArray, *, size: bool = False) -> FloatArray:
    """Sum values (J, n) times features, or their sizes, over the rows: shape (J, d)."""
    total = np.zeros((values.shape[0], columns.shape[0]))
    for start in range(0, columns.shape[1], _BLOCK):
        part = columns[:, start : start + _BLOCK].astype(np.float64)
        total += values[:, start : start + _BLOCK] @ (np.abs(part) if size else part).T
    return total


@dataclass(frozen=True, slots=True)
class _Halves:
    """A density with a kink or a pole at 0, integrated on each side of it; ``left`` and ``right`` are edges."""

    log_density: Callable[[FloatArray], FloatArray]
    peak: FloatArray
    left: tuple[FloatArray, FloatArray]
    right: tuple[FloatArray, FloatArray]

    def integrals(self, start: FloatArray, stop: FloatArray) -> FloatArray:
        """Integrals of 1, b and b^2 from ``start`` to ``stop``: shape (3, ...)."""
        even, weights = gauss_legendre(_NODES)
        # Nodes crowd at both ends, which tames a pole there.
        nodes, weights = even * even * (3 - 2 * even), weights * 6 * even * (1 - even)
        width = stop - start
        b = start[..., None] + width[..., None] * nodes
        density = np.exp(self.log_density(b) - self.peak[..., None])
        return np.stack([(density * b**power) @ weights * width for power in range(3)])

    def moments(self) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation."""
        mass, first, second = self.integrals(*self.left) + self.integrals(*self.right)
        mean = first / mass
        return mean, np.sqrt(second / mass - mean * mean)

    def quantile(self, probability: float) -> FloatArray:
        """Value below which that mass lies, by bisection."""
        below, above = self.integrals(*self.left)[0], self.integrals(*self.right)[0]
        wanted = probability * (below + above)
        on_left = wanted < below
        start = np.where(on_left, self.left[0], self.right[0])
        low, high = start, np.where(on_left, self.left[1], self.right[1])
        wanted = np.where(on_left, wanted, wanted - below)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (low + high)
            less = self.integrals(start, middle)[0] < wanted
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        return 0.5 * (low + high)


def _extent(
    log_density: Callable[[FloatArray], FloatArray], data: _Statistics, prior: Prior
) -> tuple[FloatArray, tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Find the peak of a log-concave density, and on each side of 0 where it is within exp(-45) of it."""

    def at(b: FloatArray) -> FloatArray:
        return log_density(b[..., None])[..., 0]

    mode = _mode(data, prior)
    peak = at(mode)
    # A concave function falls ever faster beyond its peak, so doubling the distance soon gets far enough.
    ends = []
    for side in (-1.0, 1.0):
        near = mode
        far = mode + side * prior.scale
        while bool(np.any(at(far) > peak - _NEGLIGIBLE)):
            far = np.where(at(far) > peak - _NEGLIGIBLE, mode + 2 * (far - mode), far)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (near + far)
            inside = at(middle) > peak - _NEGLIGIBLE
            near, far = np.where(inside, middle, near), np.where(inside, far, middle)
        ends.append(far)
    low, high = ends
    left = (np.minimum(low, 0.0), np.minimum(high, 0.0))
    right = (np.maximum(low, 0.0), np.maximum(high, 0.0))
    return peak, left, right


def _mode(data: _Statistics, prior: Prior) -> FloatArray:
    """Peak under the prior's envelope: 0 unless the label sum outweighs it, else where the slope on its side is 0."""
    side = np.sign(data.linear)
    pull = np.abs(data.linear)
    tie = data.tie[:, None]
    low, high = np.zeros_like(pull), np.full_like(pull, 1.0)

    def slope(b: FloatArray) -> FloatArray:
        small = np.exp(-0.5 * b)
        share = (1 - small * small) / (1 + small * small + tie * small)
        return np.asarray(pull - 0.5 * data.counts * share - prior.envelope_fall(b))

    while bool(np.any(slope(high) > 0)) and float(high.max()) < 1e6:
        high = np.where(slope(high) > 0, 2 * high, high)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        rising = slope(middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return np.asarray(np.where(slope(np.zeros_like(pull)) > 0, side * 0.5 * (low + high), 0.0))


def _judge_pairs(columns: AnyArray, labels: Labels, judge: int, tie: float, prior: Prior) -> FloatArray:
    """Weights (d, d) of the first of every ordered pair of factors, for one judge; 0 on the diagonal."""
    size = columns.shape[0]
    weighed = exact_grid(labels.weights[judge])
    linear = _products(exact_grid(weighed * (labels.preference[judge] - TIE))[None], columns)[0]
    both, aligned = np.zeros((size, size)), np.zeros((size, size))
    for start in range(0, columns.shape[1], _BLOCK):
        part = columns[:, start : start + _BLOCK].astype(np.float64)
        scaled = part * weighed[start : start + _BLOCK]
        aligned += scaled @ part.T
        both += np.abs(scaled) @ np.abs(part).T
    first, second = np.triu_indices(size, 1)
    alone = both.diagonal()
    shared, agreeing = both[first, second], aligned[first, second]
    counts = np.stack([alone[first] - shared, alone[second] - shared, (shared + agreeing) / 2, (shared - agreeing) / 2])
    problem = Problem(
        rows=np.array([[1, 0, 1, 1], [0, 1, 1, -1]], dtype=np.int8),
        counts=np.maximum(counts.T, 0.0),
        linear=np.stack([linear[first], linear[second]], axis=1),
        tie=np.full(first.size, tie),
        prior=prior,
    )
    matrix = np.zeros((size, size))
    if first.size:
        fitted = propagate(problem, cold_start(problem), tolerance=TOLERANCE, max_iterations=MAX_ITERATIONS)
        matrix[first, second], matrix[second, first] = fitted.mean.T
    return matrix
