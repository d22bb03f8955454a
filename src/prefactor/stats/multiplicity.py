"""What is left of findings when one allows for how many were looked at: adjusted p-values, and posterior selection."""

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.errors import SettingError

__all__ = ["benjamini_hochberg", "posterior_discoveries"]


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Adjust p-values so that a cut at q keeps the expected share of false discoveries below q.

    The step-up procedure of Benjamini and Hochberg (1995), DOI 10.1111/j.2517-6161.1995.tb02031.x, for independent or
    positively dependent tests. NaN (not tested) stays NaN and does not count as a test.

    Parameters
    ----------
    p_values
        Shape (d,), in [0, 1] or NaN.

    Returns
    -------
    FloatArray
        Adjusted p-values in [0, 1], shape (d,).

    Raises
    ------
    SettingError
        Not a vector of numbers in [0, 1].

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, float("nan")]).round(4).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    given = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(given)
    known = given[tested]
    if given.ndim != 1 or not ((known >= 0) & (known <= 1)).all():
        raise SettingError("p_values", expected="a vector of numbers in [0, 1] or NaN", got=given)
    order = np.argsort(known, kind="stable")[::-1]
    ranks = np.arange(known.size, 0, -1)
    adjusted = np.empty_like(known)
    adjusted[order] = np.minimum(np.minimum.accumulate(known[order] * (known.size / ranks)), 1.0)
    result = np.full_like(given, np.nan)
    result[tested] = adjusted
    return result


def posterior_discoveries(probabilities: ArrayLike, rate: float) -> BoolArray:
    """Choose the most findings of which a share of at most ``rate`` is expected to be false.

    The surest are taken as long as the mean of 1 - probability over those taken is at most the rate (Newton et al.
    2004, DOI 10.1093/biostatistics/5.2.155). Equal probabilities are taken together or not at all.

    Parameters
    ----------
    probabilities
        Posterior probability that each finding is true, shape (d,), in [0, 1]; NaN (not looked at) is never taken.
    rate
        Between 0 and 1.

    Returns
    -------
    BoolArray
        Which are taken, shape (d,).

    Raises
    ------
    SettingError
        The rate is out of range.

    Examples
    --------
    >>> posterior_discoveries([0.99, 0.2, 0.93, float("nan"), 0.7], 0.05).tolist()
    [True, False, True, False, False]
    """
    given = np.asarray(probabilities, dtype=np.float64)
    doubt = np.sort(1 - given[~np.isnan(given)])
    expected = np.cumsum(doubt) / np.arange(1, doubt.size + 1)
    last = np.flatnonzero(expected <= check_fraction("rate", rate))
    while last.size and last[-1] + 1 < doubt.size and doubt[last[-1] + 1] == doubt[last[-1]]:
        last = last[:-1]
    return np.asarray(1 - given <= doubt[last[-1]]) if last.size else np.zeros(given.shape, dtype=np.bool_)
