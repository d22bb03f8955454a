"""The rows of a joint fit: comparisons in which no factor is missing. The one place that says what is left out.

Knows no judge and fits nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray, SignArray
from prefactor.analysis.joint_results import JointRows
from prefactor.analysis.measurement import DOES_NOT_APPLY, MISSING
from prefactor.factors.base import Factor

__all__ = ["FEWEST_COMPLETE", "Complete", "as_floats", "complete_rows", "joint_account", "whole"]

FEWEST_COMPLETE = 0.25
"""Share of the comparisons that a joint fit keeps: until it does, the factor that is missing most often is left out."""


@dataclass(frozen=True, slots=True)
class Complete:
    """What a joint fit is made from.

    Parameters
    ----------
    rows
        Which of n rows have a feature of every factor that is not left out, or a factor does not apply; shape (n,).
    features
        Sign features of these rows, shape (complete rows, factors). NaN where a factor does not apply and in all of a
        factor that is left out; joint fits count it as 0, as such a factor cannot have moved the verdict.
    missing
        Rows in which measuring each factor failed, shape (factors,).
    left_out
        The factors that are left out, shape (factors,).
    """

    rows: BoolArray
    features: FloatArray
    missing: IntArray
    left_out: BoolArray


def as_floats(signs: SignArray) -> FloatArray:
    """Return sign features as floats, NaN where there is none."""
    return np.where((signs == DOES_NOT_APPLY) | (signs == MISSING), np.nan, signs.astype(np.float64))


def complete_rows(signs: SignArray) -> Complete:
    """Choose the rows and factors of a joint fit.

    A row in which measuring a factor failed says nothing of the others either, as it is not known how much of the
    verdict is that factor's; to count it as a tie would draw all weights towards what it is not. It is left out.
    While fewer than ``FEWEST_COMPLETE`` of the rows are left, the factor that is missing most often (of equals, the
    later) is left out instead.

    Parameters
    ----------
    signs
        Sign features with ``DOES_NOT_APPLY`` and ``MISSING``, shape (rows, factors).

    Examples
    --------
    >>> signs = np.array([[1, MISSING], [0, 1], [-1, DOES_NOT_APPLY]], dtype=np.int8)
    >>> complete_rows(signs).features.tolist()
    [[0.0, 1.0], [-1.0, nan]]
    """
    failed = signs == MISSING
    missing = np.count_nonzero(failed, axis=0).astype(np.int64)
    left_out = np.zeros(signs.shape[1], dtype=np.bool_)
    rows = ~failed.any(axis=1)
    while np.count_nonzero(rows) < FEWEST_COMPLETE * len(signs):
        rest = np.where(left_out, -1, missing)
        left_out[len(rest) - 1 - int(np.argmax(rest[::-1]))] = True
        rows = ~failed[:, ~left_out].any(axis=1)
    features = as_floats(signs[rows])
    features[:, left_out] = np.nan
    return Complete(rows, features, missing, left_out)


def whole(features: FloatArray) -> Complete:
    """Return features none of which is missing, NaN where a factor does not apply, as they are."""
    rows, factors = features.shape
    return Complete(
        np.ones(rows, dtype=np.bool_), features, np.zeros(factors, dtype=np.int64), np.zeros(factors, dtype=np.bool_)
    )


def joint_account(complete: Complete, factors: Sequence[Factor]) -> JointRows:
    """Say how many comparisons a joint fit used, and what was left out and why."""
    used, rows = int(np.count_nonzero(complete.rows)), len(complete.rows)
    names = [factor.name for factor in factors]
    counts = list(zip(names, complete.missing.tolist(), complete.left_out.tolist(), strict=True))
    missing = tuple((name, count) for name, count, _ in counts if count)
    reason = "could not be measured in {:,} of {:,} comparisons"
    return JointRows(
        used, rows - used, missing, tuple((name, reason.format(n, rows)) for name, n, out in counts if out)
    )
