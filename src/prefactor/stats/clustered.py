"""What a posterior that takes rows as independent leaves out where rows come in clusters.

Arrays in, arrays out; knows no preference's judge and no factor's name.
"""

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor.stats.clusters import check_clusters, check_weights
from prefactor.stats.sites import check_matrix, exact_grid

__all__ = ["cluster_excess", "sandwich", "widen"]


def cluster_excess(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    mean: FloatArray,
    covariance: FloatArray,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    tie_parameter: float = 0.0,
) -> FloatArray:
    """Variance that clustering adds to each weight's posterior, at least 0.

    With C the posterior covariance, J the sum over clusters of the outer product of their score, and H the information
    of the likelihood, the sandwich C J C is how much the posterior mean varies from sample to sample of clusters, and
    C H C what the posterior takes it to be; the excess is the diagonal of C (J G / (G - 1) - H) C where positive (after
    Liang and Zeger 1986, DOI 10.1093/biomet/73.1.13).

    Parameters
    ----------
    features
        Shape (n, d); NaN counts as 0.
    preference
        P(A preferred) in [0, 1], shape (n,).
    mean, covariance
        Of the posterior, shapes (d,) and (d, d).
    clusters
        Whole numbers, shape (n,).
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    tie_parameter
        Davidson's nu of the fit.

    Returns
    -------
    FloatArray
        Shape (d,); 0 with fewer than two clusters, where there is nothing to learn it from.

    Raises
    ------
    SettingError
        An argument of a wrong shape.

    Examples
    --------
    >>> x = np.tile([[1.0], [1.0], [-1.0]], (20, 1))
    >>> y = np.tile([1.0, 0.0, 0.0], 20)
    >>> apart = cluster_excess(x, y, mean=np.zeros(1), covariance=np.eye(1) / 15, clusters=np.arange(60))
    >>> together = cluster_excess(x, y, mean=np.zeros(1), covariance=np.eye(1) / 15, clusters=np.arange(60) // 20)
    >>> bool(apart[0] < 0.01 < together[0])
    True
    """
    excess, _ = sandwich(
        features,
        preference,
        mean=mean,
        covariance=covariance,
        clusters=clusters,
        weights=weights,
        tie_parameter=tie_parameter,
    )
    return np.maximum(np.diag(excess), 0.0)


def sandwich(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    mean: FloatArray,
    covariance: FloatArray,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    tie_parameter: float = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """Return C (J G / (G - 1) - H) C, and the information H of the likelihood at the mean, both of shape (d, d).

    With fewer than two clusters the first is 0.

    Parameters
    ----------
    features, preference, mean, covariance, clusters, weights, tie_parameter
        As for :func:`cluster_excess`.

    Raises
    ------
    SettingError
        An argument of a wrong shape.

    Examples
    --------
    >>> x, y = [[1.0], [-1.0]], [1.0, 0.0]
    >>> excess, information = sandwich(x, y, mean=np.zeros(1), covariance=np.eye(1), clusters=[0, 0])
    >>> excess.tolist(), information.tolist()
    ([[0.0]], [[0.5]])
    """
    rows = np.nan_to_num(check_matrix(features).astype(np.float64))
    labels = np.asarray(preference, dtype=np.float64)
    index = check_clusters(clusters, len(rows))
    weighed = check_weights(weights, len(rows))
    groups = int(index.max(initial=-1)) + 1
    log_odds = np.zeros(len(rows))
    # Column by column, since a matrix product may round a row differently with its place.
    for column, slope in zip(rows.T, mean, strict=True):
        log_odds += column * slope
    half = 0.5 * np.clip(log_odds, -600.0, 600.0)
    strength = 2 * np.cosh(half) + tie_parameter
    curvature = exact_grid(weighed * (1 + 0.5 * tie_parameter * np.cosh(half)) / strength**2)
    information = (rows * curvature[:, None]).T @ rows
    if groups < 2:
        return np.zeros_like(information), information
    score = weighed * (labels - 0.5 - np.sinh(half) / strength)
    # Sums on a grid are the same for any order of rows.
    sums = np.stack([np.bincount(index, weights=exact_grid(score * column), minlength=groups) for column in rows.T], 1)
    between = sums.T @ sums * groups / (groups - 1)
    return covariance @ (between - information) @ covariance, information


def widen(end: FloatArray, *, mean: FloatArray, sd: FloatArray, excess: FloatArray) -> FloatArray:
    """Move the end of an interval away from the mean as far as the excess variance asks.

    Parameters
    ----------
    end
        Ends of intervals, shape (d,).
    mean, sd
        Of the posterior.
    excess
        Variance to be added.

    Examples
    --------
    >>> widen(np.array([2.0]), mean=np.zeros(1), sd=np.ones(1), excess=np.array([3.0])).tolist()
    [4.0]
    """
    return np.asarray(mean + (end - mean) * np.sqrt(1 + excess / sd**2))
