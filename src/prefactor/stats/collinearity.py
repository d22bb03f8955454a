"""How far factors go together: variance inflation, condition indices, and groups whose effects cannot be told apart.

Arrays in, frozen results out; knows no factor names and no preferences beyond a posterior.
"""

from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.stats.clusters import check_weights
from prefactor.stats.estimate import Estimate
from prefactor.stats.sites import check_features, exact_grid
from prefactor.stats.special import normal_quantile

__all__ = ["Collinearities", "Indistinguishable", "fit_collinearity", "group_indistinguishable", "prior_shares"]

CLOSE: Final = 0.9
"""Correlation of sign features from which two factors say nearly the same."""

ENTANGLED: Final = 0.5
"""Posterior correlation of two weights from which the data fix their sum better than their difference (sds 1 : 1.7)."""

_SINGULAR: Final = 1e-10
"""Eigenvalue of the correlations below which factors are taken to be a copy of others."""


@dataclass(frozen=True, slots=True)
class Collinearities:
    """How far d factors go together.

    Parameters
    ----------
    correlation
        Of the sign features about 0, shape (d, d); 0 beside a factor that never differs.
    inflation
        Variance inflation factor of each, at least 1: how many times the variance of its weight is what it would be
        were it unrelated to the others. Infinite for a copy of others, NaN where it never differs. Shape (d,).
    condition_indices
        sqrt(largest eigenvalue / eigenvalue) of the correlations, the largest first, for the factors that differ.
    """

    correlation: FloatArray
    inflation: FloatArray
    condition_indices: FloatArray

    @property
    def condition_number(self) -> float:
        """The largest condition index; NaN where no factor differs."""
        return float(self.condition_indices[0]) if self.condition_indices.size else float("nan")


@dataclass(frozen=True, slots=True)
class Indistinguishable:
    """Factors whose effects cannot be told apart, and what they do together.

    Parameters
    ----------
    factors
        Their columns, ascending.
    directions
        1 for each that goes along with the first, -1 for each that goes against it.
    effect
        Sum of direction * weight: log-odds of a response that has more of all of them (in their directions).
    """

    factors: tuple[int, ...]
    directions: tuple[int, ...]
    effect: Estimate


def fit_collinearity(features: ArrayLike, *, weights: ArrayLike | None = None) -> Collinearities:
    """Measure how far factors go together, about 0, since the two responses of a comparison have no order.

    With R the matrix of sum(w x_f x_g) / sqrt(sum(w x_f^2) sum(w x_g^2)), the variance inflation of a factor is its
    place on the diagonal of R^-1, which is 1 / (1 - R2) of its regression on the others without intercept; condition
    indices are those of Belsley, Kuh and Welsch (1980, DOI 10.1002/0471725153).

    Parameters
    ----------
    features
        Shape (n, d); NaN (not measured) counts as 0.
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.

    Returns
    -------
    Collinearities
        The same to the bit for any order of rows.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> found = fit_collinearity([[1.0, 1.0], [1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
    >>> found.correlation[0, 1], found.inflation.round(3).tolist(), round(found.condition_number, 3)
    (np.float64(0.5), [1.333, 1.333], 1.732)
    """
    columns = check_features(features).astype(np.float64)
    weighed = exact_grid(check_weights(weights, columns.shape[1]))
    products = (columns * weighed) @ columns.T
    size = np.sqrt(np.diag(products))
    differs = size > 0
    scale = np.where(differs, size, 1.0)
    correlation = np.where(np.outer(differs, differs), products / np.outer(scale, scale), 0.0)
    inflation = np.full(size.shape, np.nan)
    values, vectors = np.linalg.eigh(correlation[np.ix_(differs, differs)])
    inflation[differs] = _inflation(values, vectors)
    with np.errstate(divide="ignore"):
        indices = np.sqrt(values[-1:] / np.where(values > _SINGULAR, values, 0.0))
    return Collinearities(correlation, inflation, indices)


def prior_shares(information: FloatArray, *, prior_variance: float) -> FloatArray:
    """Say how much of what is known of the weights comes from the prior, direction by direction.

    In a direction in which the likelihood has information h, a prior of variance v holds the share
    (1 / v) / (h + 1 / v) of the precision. What is left to the data, summed, is the number of weights they
    decide (effective degrees of freedom).

    Parameters
    ----------
    information
        Of the likelihood at the posterior mean, shape (d, d).
    prior_variance
        Variance of the prior of each weight.

    Returns
    -------
    FloatArray
        Shares in (0, 1], the largest first, shape (d,).

    Examples
    --------
    >>> prior_shares(np.diag([150.0, 0.0]), prior_variance=0.02).round(3).tolist()
    [1.0, 0.25]
    """
    precision = 1 / prior_variance
    return np.asarray(precision / (np.maximum(np.linalg.eigvalsh(information), 0.0) + precision))


def group_indistinguishable(
    correlation: FloatArray, *, mean: FloatArray, covariance: FloatArray, interval: float = INTERVAL
) -> tuple[Indistinguishable, ...]:
    """Find groups of factors of which the data cannot say which one moves the judge.

    Two factors are linked where they correlate at 0.9 or more in size, or their weights do in the posterior at 0.5 or
    more, and the interval of the difference of their weights (in the direction in which they go together) holds 0.
    Groups are the connected components. What a group does together is the sum of its weights, which is well determined
    where their split is not.

    Parameters
    ----------
    correlation
        Of the sign features, shape (d, d).
    mean, covariance
        Of the posterior, shapes (d,) and (d, d).
    interval
        Mass of the intervals, which are normal.

    Returns
    -------
    tuple of Indistinguishable
        In the order of their first factors.

    Examples
    --------
    >>> correlation = np.array([[1.0, 0.95], [0.95, 1.0]])
    >>> covariance = np.array([[0.02, -0.018], [-0.018, 0.02]])
    >>> (group,) = group_indistinguishable(correlation, mean=np.array([0.2, 0.3]), covariance=covariance)
    >>> group.factors, str(group.effect)
    ((0, 1), '0.50 [0.40, 0.60]')
    """
    check_fraction("interval", interval)
    z = normal_quantile(0.5 * (1 + interval))
    links = _links(correlation, mean, covariance, z)
    groups, placed = [], np.zeros(mean.size, dtype=np.bool_)
    for first in range(mean.size):
        if placed[first] or not links[first].any():
            continue
        direction = _component(links, first)
        placed |= direction != 0
        effect, sd = float(direction @ mean), float(np.sqrt(direction @ covariance @ direction))
        members = np.flatnonzero(direction)
        groups.append(
            Indistinguishable(
                tuple(members.tolist()),
                tuple(direction[members].astype(np.int64).tolist()),
                Estimate(effect, effect - z * sd, effect + z * sd),
            )
        )
    return tuple(groups)


def _inflation(values: FloatArray, vectors: FloatArray) -> FloatArray:
    singular = values <= _SINGULAR
    copied = (vectors[:, singular] ** 2).sum(axis=1) > _SINGULAR
    found = (vectors[:, ~singular] ** 2 / values[~singular]).sum(axis=1)
    return np.where(copied, inf, np.maximum(found, 1.0))


def _links(correlation: FloatArray, mean: FloatArray, covariance: FloatArray, z: float) -> FloatArray:
    """1 where two factors are linked and go along, -1 where they are linked and go against each other, else 0."""
    variance = np.diag(covariance)
    posterior = covariance / np.sqrt(np.outer(variance, variance))
    close: BoolArray = np.abs(correlation) >= CLOSE
    # Features that go along leave weights that trade off against each other.
    direction = np.where(close, np.sign(correlation), -np.sign(posterior))
    apart = mean[:, None] - direction * mean
    spread = np.sqrt(np.maximum(variance[:, None] + variance - 2 * direction * covariance, 0.0))
    linked = (close | (np.abs(posterior) >= ENTANGLED)) & (np.abs(apart) <= z * spread)
    np.fill_diagonal(linked, val=False)
    return np.where(linked, direction, 0.0)


def _component(links: FloatArray, first: int) -> FloatArray:
    """Directions, relative to the first, of all factors connected with it; 0 for the others."""
    direction = np.zeros(len(links))
    direction[first] = 1.0
    queue = [first]
    while queue:
        here = queue.pop(0)
        for other in np.flatnonzero((links[here] != 0) & (direction == 0)).tolist():
            direction[other] = direction[here] * links[here, other]
            queue.append(other)
    return direction
