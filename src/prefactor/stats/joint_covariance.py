"""The posterior covariance of all weights with what clustering adds, and the information in the likelihood.

Arrays in, arrays out; knows no factor names. Its diagonal is that of :mod:`prefactor.stats.clustered`, but for the
directions in which clustering takes something away.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor.stats.clustered import sandwich

__all__ = ["JointCovariance", "fit_joint_covariance"]


@dataclass(frozen=True, slots=True)
class JointCovariance:
    """What is known of d weights together.

    Parameters
    ----------
    covariance
        Of the posterior, widened in every direction in which comparisons of one prompt are alike, shape (d, d).
    information
        Of the likelihood at the posterior mean, shape (d, d).
    """

    covariance: FloatArray
    information: FloatArray


def fit_joint_covariance(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    mean: FloatArray,
    covariance: FloatArray,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    tie_parameter: float = 0.0,
) -> JointCovariance:
    """Widen a posterior covariance by the variance that clustering adds, in whatever direction.

    With C the posterior covariance, J the sum over clusters of the outer product of their score, and H the information
    of the likelihood, the positive part of C (J G / (G - 1) - H) C is added to C (after Liang and Zeger 1986, DOI
    10.1093/biomet/73.1.13): an interval of any combination of weights is widened, and none is narrowed.

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
    JointCovariance
        The covariance as it is where there are fewer than two clusters.

    Raises
    ------
    SettingError
        An argument of a wrong shape.

    Examples
    --------
    >>> x = np.tile([[1.0, 1.0], [1.0, 0.0], [-1.0, 1.0]], (20, 1))
    >>> y = np.tile([1.0, 0.0, 0.0], 20)
    >>> found = fit_joint_covariance(
    ...     x, y, mean=np.zeros(2), covariance=np.eye(2) / 15, clusters=np.arange(60) // 20
    ... )
    >>> bool(np.linalg.eigvalsh(found.covariance - np.eye(2) / 15).min() > -1e-12)
    True
    """
    excess, information = sandwich(
        features,
        preference,
        mean=mean,
        covariance=covariance,
        clusters=clusters,
        weights=weights,
        tie_parameter=tie_parameter,
    )
    values, vectors = np.linalg.eigh(0.5 * (excess + excess.T))
    return JointCovariance(covariance + (vectors * np.maximum(values, 0.0)) @ vectors.T, information)
