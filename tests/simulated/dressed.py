"""A judge with known tastes for dressing, and comparisons that it decides: what its manipulability must cover."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from prefactor._typing import FloatArray
from prefactor.stats.capped_shift import fit_plain, fit_two, value_change, value_shift
from prefactor.stats.special import sigmoid

Found = Mapping[str, tuple[float, float, float]]

FACTORS, MOVES, MOST = 25, 17, 3

JUDGES: Mapping[str, Callable[[np.random.Generator], FloatArray]] = {
    "no taste": lambda random: np.zeros(FACTORS),
    "three tastes": lambda random: np.array([0.8, -0.5, 0.3, *np.zeros(FACTORS - 3)]),
    "many weak tastes": lambda random: random.laplace(0.0, 0.1, FACTORS),
    "many strong tastes": lambda random: random.laplace(0.0, 0.3, FACTORS),
}


@dataclass(frozen=True)
class Taste:
    """Who judges, how many comparisons, and how many of them share a prompt."""

    judge: str
    rows: int
    each: int = 1


def dressed(random: np.random.Generator, taste: Taste) -> Found:
    """Return the interval with what the moves are worth that are chosen from this very sample."""
    weights = JUDGES[taste.judge](random)
    prompt = np.arange(taste.rows) // taste.each
    shown = random.choice([-1.0, 0.0, 1.0], size=(taste.rows, FACTORS), p=[0.3, 0.4, 0.3])
    # Comparisons of one prompt share half of their differences and all of their luck.
    shared = shown[prompt * taste.each]
    shown = np.where(random.random(shown.shape) < 0.5, shared, shown) if taste.each > 1 else shown
    luck = random.random(prompt[-1] + 1)[prompt]
    preferred = (luck < sigmoid(shown @ weights)).astype(np.float64)
    fitted = fit_plain(shown, preferred, clusters=prompt)
    found = value_shift(fitted, np.eye(FACTORS)[:MOVES], most=MOST, seed=int(random.integers(2**32)))
    truth = sum(sign * weights[place] for place, sign in zip(found.chosen, found.directions, strict=True))
    ends = sigmoid(np.array([found.log_odds.low, truth, found.log_odds.high]))
    return {"manipulability": (float(ends[0]), float(ends[1]), float(ends[2]))}


def defended(random: np.random.Generator, rows: int) -> Found:
    """Return the paired change of a judge's best moves under a defence that halves every taste.

    Both judges share half of their luck; the moves are those chosen from this very sample of the first.
    """
    weights = random.laplace(0.0, 0.2, FACTORS)
    shown = random.choice([-1.0, 0.0, 1.0], size=(rows, FACTORS), p=[0.3, 0.4, 0.3])
    luck = random.random((2, rows))
    luck[1] = np.where(random.random(rows) < 0.5, luck[0], luck[1])
    first, second = (luck[judge] < sigmoid(shown @ weights * (1.0, 0.5)[judge]) for judge in (0, 1))
    fitted = fit_two(shown, (first.astype(np.float64), second.astype(np.float64)), clusters=np.arange(rows))
    found = value_change(fitted, np.eye(FACTORS)[:MOVES], most=MOST, seed=int(random.integers(2**32)))
    truth = -0.5 * sum(sign * weights[place] for place, sign in zip(found.chosen, found.directions, strict=True))
    return {"change under a defence": (found.log_odds.low, float(truth), found.log_odds.high)}
