"""What resampled rows would do to the weights of a fit, without refitting.

Arrays in, arrays out; knows no judge and no factor's name.
"""

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor.stats.resampling import ClusterDraws
from prefactor.stats.sites import check_labels, check_matrix

__all__ = ["resample_weights"]


def resample_weights(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    mean: FloatArray,
    covariance: FloatArray,
    clusters: ArrayLike,
    draws: ClusterDraws,
    weights: ArrayLike | None = None,
    tie_parameter: float = 0.0,
) -> FloatArray:
    """Posterior means of one judge's weights in every resample of the clusters.

    A row moves the posterior mean by the posterior covariance times its score, the gradient of its log-likelihood
    (Giordano and Broderick 2023, arXiv 2305.06466). Deviations are widened by sqrt(G / (G - 1)), G being the clusters
    of the rows. Against refits on simulated comparisons (150 and 600 rows, 12 factors) their sds are 0.83 to 1.05 times
    as large.

    Parameters
    ----------
    features
        Shape (n, d); NaN counts as 0.
    preference
        P(A preferred) in [0, 1], shape (n,).
    mean, covariance
        Of the posterior of these rows, shapes (d,) and (d, d).
    clusters
        Cluster of each row, shape (n,).
    draws
        The resamples.
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    tie_parameter
        Davidson's nu of the fit.

    Returns
    -------
    FloatArray
        Shape (B, d).

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> from prefactor.stats.posterior import fit_posterior
    >>> x, y, prompt = np.tile([[1.0], [-1.0]], (50, 1)), np.tile([1.0, 0.0, 0.0, 0.0], 25), np.arange(100)
    >>> fit, draws = fit_posterior(x, y), ClusterDraws.of(prompt, bootstraps=500)
    >>> drawn = resample_weights(x, y, mean=fit.mean, covariance=fit.covariance, clusters=prompt, draws=draws)
    >>> drawn.shape, bool(0.7 < drawn.std() / fit.sd[0] < 1.1)
    ((500, 1), True)
    """
    known = np.nan_to_num(check_matrix(features).astype(np.float64))
    labels = check_labels(np.ravel(preference), weights, rows=len(known))
    log_odds = np.zeros(len(known))
    # Column by column, since a matrix product may round a row differently with its place.
    for column, slope in zip(known.T, mean, strict=True):
        log_odds += column * slope
    half = 0.5 * np.clip(log_odds, -600.0, 600.0)
    score = labels.weights[0] * (labels.preference[0] - 0.5 - np.sinh(half) / (2 * np.cosh(half) + tie_parameter))
    whole, drawn = draws.totals(score[:, None] * known, clusters)
    groups = len(np.unique(np.asarray(clusters)))
    widen = float(np.sqrt(groups / max(groups - 1, 1)))
    return np.asarray(mean + widen * (drawn - whole) @ covariance)
