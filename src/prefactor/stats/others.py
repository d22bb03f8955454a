"""Every strict verdict beside the other verdicts on its comparison: those of others, and those of the same annotator.

Arrays in, arrays out; knows no names.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray, IntArray
from prefactor.errors import SettingError

__all__ = ["BesideOthers", "beside_others"]


@dataclass(frozen=True, slots=True)
class BesideOthers:
    """Each of n strict verdicts beside the others on its comparison; all arrays have shape (n,), shares are in [0, 1].

    Parameters
    ----------
    others
        Verdicts of other annotators.
    agreeing
        Share of them that agree with this one: its mean is the agreement of one annotator with another. NaN without.
    majority
        1 where their majority agrees with this one, 0 where not, a half where they are even; NaN without.
    among
        Agreement among the others themselves, over all pairs of different annotators; NaN where there is none.
    itself
        Share of the same annotator's other verdicts that agree with this one; NaN without.
    """

    others: IntArray
    agreeing: FloatArray
    majority: FloatArray
    among: FloatArray
    itself: FloatArray


def beside_others(sign: ArrayLike, *, comparison: ArrayLike, annotator: ArrayLike) -> BesideOthers:
    """Put every verdict beside the other ones on its comparison.

    Parameters
    ----------
    sign
        1 for A, -1 for B, shape (n,).
    comparison, annotator
        Whole numbers that say on what, and by whom, shape (n,).

    Raises
    ------
    SettingError
        A sign that is neither 1 nor -1, or arrays of different shapes.

    Examples
    --------
    Three people on one comparison, of whom two say A:

    >>> found = beside_others([1, 1, -1], comparison=[0, 0, 0], annotator=[0, 1, 2])
    >>> found.agreeing.tolist(), found.majority.tolist(), found.among.tolist()
    ([0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0])
    """
    signs = np.asarray(sign, dtype=np.float64)
    on, by = np.asarray(comparison), np.asarray(annotator)
    if signs.ndim != 1 or not signs.shape == on.shape == by.shape or not (np.abs(signs) == 1).all():
        raise SettingError("sign", expected="a vector of 1 and -1, as long as comparison and annotator", got=signs)
    where, who = np.unique(on, return_inverse=True)[1], np.unique(by, return_inverse=True)[1]
    pair = np.unique(where * (who.max(initial=0) + 1) + who, return_inverse=True)[1]
    # Sums over a comparison, and over one annotator on it.
    n, s = np.bincount(where)[where], np.bincount(where, weights=signs)[where]
    own_n, own_s = np.bincount(pair)[pair], np.bincount(pair, weights=signs)[pair]
    # Sums of squares over the annotators of a comparison: every annotator's is met as often as it has verdicts.
    squares_n = np.bincount(where, weights=own_n.astype(np.float64))[where]
    squares_s = np.bincount(where, weights=own_s * own_s / own_n)[where]
    others, lean = n - own_n, s - own_s
    pairs = others.astype(np.float64) ** 2 - (squares_n - own_n.astype(np.float64) ** 2)
    net = lean**2 - (squares_s - own_s**2)
    return BesideOthers(
        others=others.astype(np.int64),
        agreeing=_share(signs * lean, others),
        majority=_share(signs * np.sign(lean), np.minimum(others, 1)),
        among=_share(np.rint(net), np.rint(pairs)),
        itself=_share(signs * (own_s - signs), own_n - 1),
    )


def _share(net: FloatArray, of: ArrayLike) -> FloatArray:
    """Share of ``of`` that agrees, from agreeing less disagreeing; NaN of none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(of) > 0, 0.5 * (1 + net / np.asarray(of)), np.nan)
