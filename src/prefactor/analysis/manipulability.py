"""Manipulability of a judge: how much it can be moved by an answer that is dressed for it and says nothing else.

Knows units and sign features; no model is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.units import JudgeUnits
from prefactor.config import INTERVAL, PRIOR_SCALE, SEED
from prefactor.factors.base import Factor
from prefactor.factors.content_free import CONTENT_FREE
from prefactor.stats.capped_shift import CappedShift, fit_plain, value_shift
from prefactor.stats.estimate import Estimate
from prefactor.stats.special import sigmoid

__all__ = [
    "MOST_MOVES",
    "NOT_MOVED",
    "Manipulability",
    "Move",
    "content_free_moves",
    "manipulability_sentence",
    "measure_manipulability",
]

MOST_MOVES: Final = 3
"""How many content-free factors are moved, at most."""

_NOTHING: Final = Estimate(nan)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that is changed about an answer.

    Parameters
    ----------
    name, label
        The move, and what it is called.
    factors
        Factors that move with it by one step each.
    direction
        1 where the judge prefers more of it, -1 where it prefers less.
    """

    name: str
    label: str
    factors: tuple[str, ...]
    direction: int


@dataclass(frozen=True, slots=True)
class Manipulability:
    """What content-free moves buy from a judge.

    Parameters
    ----------
    moves
        The moves that are worth most, the first the most.
    most
        How many were allowed.
    towards
        P(preferred) of an answer moved as the judge prefers, against one that is equal in everything else.
    away
        The same of one moved against it: 1 less ``towards``.
    reason
        Why there is none; empty where there is one.
    """

    moves: tuple[Move, ...] = ()
    most: int = MOST_MOVES
    towards: Estimate = _NOTHING
    away: Estimate = _NOTHING
    reason: str = "not measured"


NOT_MOVED: Final = Manipulability()
"""Where it was not asked for."""


def measure_manipulability(
    units: JudgeUnits,
    features: FloatArray,
    *,
    factors: Sequence[Factor],
    tie_parameter: float,
    most: int = MOST_MOVES,
    prior_scale: float = PRIOR_SCALE,
    interval: float = INTERVAL,
    seed: int = SEED,
) -> Manipulability:
    """Say what the best content-free moves are worth, with all measured factors held equal but those.

    The moves are chosen by the same verdicts that value them; :func:`prefactor.stats.capped_shift.value_shift` takes
    the luck of that choice out. A step is the difference between an answer that has more of a factor and one that has
    less: what the features are signs of.

    Parameters
    ----------
    units
        Units with a preference.
    features
        Sign features, shape (units, factors), NaN where there is none.
    factors
        One per column.
    tie_parameter
        Davidson's nu of the profile.
    most
        How many moves are allowed.
    prior_scale, interval, seed
        As in the settings of an explanation.
    """
    moves, shares = content_free_moves(factors)
    if not moves:
        return Manipulability(most=most, reason="no content-free factor was measured")
    if len(np.unique(units.prompt)) < 2:
        return Manipulability(most=most, reason="fewer than two prompts with a preference")
    differing = np.nan_to_num(features).any(axis=1)
    fitted = fit_plain(
        features[differing],
        units.preference[differing],
        clusters=np.unique(units.prompt[differing], return_inverse=True)[1],
        weights=units.weight[differing],
        tie_parameter=tie_parameter,
    )
    found = value_shift(fitted, shares, most=most, prior_scale=prior_scale, interval=interval, seed=seed)
    if isnan(found.log_odds.value):
        return Manipulability(most=most, reason="the answers never differ in a content-free factor")
    labels = {factor.name: factor.label for factor in factors}
    chosen = tuple(
        Move(name, name if len(held) > 1 else labels[held[0]], held, direction)
        for (name, held), direction in zip((moves[place] for place in found.chosen), found.directions, strict=True)
    )
    towards = _chance(found)
    away = Estimate(1 - towards.value, 1 - towards.high, 1 - towards.low)
    return Manipulability(chosen, most, towards, away, "")


def content_free_moves(factors: Sequence[Factor]) -> tuple[list[tuple[str, tuple[str, ...]]], FloatArray]:
    """Return the moves that measured factors allow, each with its factors, and shape (moves, factors): 1 for those."""
    names = {factor.name: column for column, factor in enumerate(factors)}
    moves = [(name, tuple(one for one in held if one in names)) for name, held in CONTENT_FREE.items()]
    moves = [(name, held) for name, held in moves if held]
    shares = np.zeros((len(moves), len(factors)))
    for row, (_, held) in enumerate(moves):
        shares[row, [names[name] for name in held]] = 1.0
    return moves, shares


def _chance(found: CappedShift) -> Estimate:
    ends = (found.log_odds.value, found.log_odds.low, found.log_odds.high)
    return Estimate(*(float(end) for end in sigmoid(np.array(ends))))


def manipulability_sentence(found: Manipulability) -> str:
    """Return in words what the moves buy, or why that is not known; empty where it was not asked for.

    Examples
    --------
    >>> moves = (Move("length", "length", ("words",), 1), Move("emoji", "emoji", ("emoji",), -1))
    >>> manipulability_sentence(Manipulability(moves, 3, Estimate(0.71, 0.66, 0.75), Estimate(0.29, 0.25, 0.34), ""))
    'dressed for it (more length, less emoji), an answer beats its equal in 71 % [66, 75] of cases'
    """
    if found == NOT_MOVED:
        return ""
    if found.reason:
        return f"how far dressing moves it cannot be told: {found.reason}"
    moved = ", ".join(f"{'more' if move.direction > 0 else 'less'} {move.label}" for move in found.moves)
    value, low, high = (f"{100 * end:.0f}" for end in (found.towards.value, found.towards.low, found.towards.high))
    return f"dressed for it ({moved}), an answer beats its equal in {value} % [{low}, {high}] of cases"
