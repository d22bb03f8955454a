"""From the scores of two responses to the feature of their comparison. Knows no factor by name."""

from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.factors.base import FeatureRule

__all__ = ["feature_of"]

_SHORT: Final = np.array([1, 3, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19])
"""Words from which a response is longer than one of 0, 1, ... 11 words."""

_SHARES: Final = ((10, 7), (20, 8), (40, 9))
"""Words by which a response is longer at least, and tenths of it that the other has at most; any pair is enough."""


def feature_of(a: FloatArray, b: FloatArray, *, rule: FeatureRule) -> FloatArray:
    """Return the feature of every comparison from the scores of its two responses.

    Parameters
    ----------
    a, b
        Scores, shape (comparisons,), NaN where there is none.
    rule
        ``"more"``: sign of A - B. ``"fewer"``: sign of B - A. ``"any"``: sign of (A > 0) - (B > 0). ``"length"``: sign
        of A - B in words, but 0 where the two are about as long. They are not where the shorter one has at most 0.7 of
        the longer and lacks 10 words, or 0.8 and 20, or 0.9 and 40; up to 11 words a table says how many more it takes
        (arXiv 2402.11296).

    Returns
    -------
    ndarray of float, shape (comparisons,)
        1, 0 or -1; NaN where either score is.

    Examples
    --------
    >>> feature_of(np.array([100.0, 2.0]), np.array([89.0, 5.0]), rule="length").tolist()
    [0.0, -1.0]
    """
    if rule == "fewer":
        return np.sign(b - a)
    if rule == "any":
        return np.where(np.isnan(a) | np.isnan(b), np.nan, np.sign(np.sign(a) - np.sign(b)))
    if rule == "length":
        return np.where(_longer(np.minimum(a, b), np.maximum(a, b)), np.sign(a - b), 0 * (a - b))
    return np.sign(a - b)


def _longer(shorter: FloatArray, longer: FloatArray) -> FloatArray:
    known = np.nan_to_num(shorter)
    by_share = np.zeros(len(shorter), dtype=bool)
    for least, tenths in _SHARES:
        by_share |= (10 * shorter <= tenths * longer) & (longer - shorter >= least)
    few = known < len(_SHORT)
    by_table = longer >= _SHORT[np.where(few, known, 0).astype(np.int64)]
    return np.asarray(np.where(few, by_table, by_share))
