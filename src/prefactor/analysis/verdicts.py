"""What may be said of factors, decided from numbers in one place: for one fit, or for thousands of simulated ones."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.results import EffectVerdict
from prefactor.config import MINIMUM_COMPARISONS, SMALLEST_SHIFT

__all__ = ["HARMLESS", "VERDICTS", "Evidence", "Thresholds", "decide", "named_sign"]

VERDICTS: Final[tuple[EffectVerdict, ...]] = (
    "too few comparisons to tell",
    "prefers more",
    "prefers less",
    "makes no difference that matters",
    "not identified",
)
"""By the numbers that :func:`decide` returns."""

_UNKNOWN, _MORE, _LESS, HARMLESS, _NOT_IDENTIFIED = range(5)


class Thresholds(Protocol):
    """The settings that a verdict depends on.

    Attributes
    ----------
    smallest_effect
        |tau14| that matters.
    false_discovery_rate
        Rate at which named factors may be false discoveries.
    """

    @property
    def smallest_effect(self) -> float:
        """|tau14| that matters."""
        ...

    @property
    def false_discovery_rate(self) -> float:
        """Rate at which named factors may be false discoveries."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers on d factors of one judge that decide.

    Parameters
    ----------
    tau14
        Value, low and high, shape (3, d).
    alone
        Low and high of P(preferred) of the factor alone, shape (2, d).
    q_values
        Shape (d,).
    identified
        Where the factor differs in any strict preference, shape (d,).
    strict
        Number of strict preferences.
    """

    tau14: FloatArray
    alone: FloatArray
    q_values: FloatArray
    identified: BoolArray
    strict: int


def decide(evidence: Evidence, thresholds: Thresholds) -> IntArray:
    """Decide what may be said of every factor.

    A factor that seldom differs matters where it does, if it moves the odds there.

    Parameters
    ----------
    evidence
        The numbers.
    thresholds
        What matters, and how sure it must be.

    Returns
    -------
    IntArray
        Places in ``VERDICTS``, shape (d,).

    Examples
    --------
    >>> from prefactor.analysis.planting import Trials
    >>> tau14 = np.array([[0.3, -0.2, 0.0], [0.1, -0.4, -0.05], [0.5, 0.1, 0.05]])
    >>> alone = np.array([[0.6, 0.4, 0.49], [0.7, 0.6, 0.52]])
    >>> found = Evidence(tau14, alone, np.array([0.01, 0.2, 0.9]), np.ones(3, dtype=np.bool_), strict=100)
    >>> [VERDICTS[number] for number in decide(found, Trials())]
    ['prefers more', 'too few comparisons to tell', 'makes no difference that matters']
    """
    value, low, high = evidence.tau14
    moves_odds = (evidence.alone[0] > 0.5 + SMALLEST_SHIFT) | (evidence.alone[1] < 0.5 - SMALLEST_SHIFT)
    within = (low >= -thresholds.smallest_effect) & (high <= thresholds.smallest_effect)
    clear = (evidence.q_values <= thresholds.false_discovery_rate) & ((low > 0) | (high < 0))
    few = np.full(value.shape, evidence.strict < MINIMUM_COMPARISONS)
    decided = np.select(
        [~evidence.identified, few, within & ~moves_odds, clear & (value > 0), clear],
        [_NOT_IDENTIFIED, _UNKNOWN, HARMLESS, _MORE, _LESS],
        default=_UNKNOWN,
    )
    return np.asarray(decided, dtype=np.int64)


def named_sign(decided: IntArray) -> FloatArray:
    """Return 1 where a factor is preferred, -1 where it is disfavoured, 0 where neither is said.

    Examples
    --------
    >>> named_sign(np.array([0, 1, 2, 3])).tolist()
    [0.0, 1.0, -1.0, 0.0]
    """
    return np.asarray((decided == _MORE).astype(np.float64) - (decided == _LESS))
