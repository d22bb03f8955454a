"""How many comparisons a question needs: the power of tau14's interval and test, by formula.

Knows no log: everything follows from what is planned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, nan, sqrt
from typing import Final

import numpy as np

from prefactor._validate import check_fraction, check_positive
from prefactor.config import FALSE_DISCOVERY_RATE, INTERVAL, SMALLEST_EFFECT
from prefactor.errors import SettingError
from prefactor.stats.special import ndtr, normal_quantile, student_quantile

__all__ = ["EFFECTS", "SIZES", "Need", "Plan", "Power", "StudyDesign", "plan_study", "power_of"]

SIZES: Final = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
"""Strict preferences of the planning table."""

EFFECTS: Final = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""True |tau14| of the planning table."""

_QUESTIONS: Final = ("seen", "named", "harmless")
_MOST: Final = 10**9


@dataclass(frozen=True, slots=True)
class StudyDesign:
    """What a study is going to look like.

    Parameters
    ----------
    per_prompt
        Comparisons on each prompt.
    alike
        Correlation of what comparisons of one prompt say of a factor, in [0, 1).
    tied_share
        Share of strict preferences in which both responses have as much of the factor, in [0, 1).
    factors
        How many are tested together.
    interval, false_discovery_rate, smallest_effect
        As in ``explain``.
    """

    per_prompt: int = 1
    alike: float = 0.1
    tied_share: float = 0.2
    factors: int = 35
    interval: float = INTERVAL
    false_discovery_rate: float = FALSE_DISCOVERY_RATE
    smallest_effect: float = SMALLEST_EFFECT

    def __post_init__(self) -> None:
        check_positive("per_prompt", self.per_prompt)
        check_positive("factors", self.factors)
        for name, value in (("alike", self.alike), ("tied_share", self.tied_share)):
            if not 0 <= value < 1:
                raise SettingError(name, expected="a number of at least 0 and below 1", got=value)
        check_fraction("interval", self.interval)
        check_fraction("false_discovery_rate", self.false_discovery_rate)
        check_fraction("smallest_effect", self.smallest_effect)

    @property
    def design_effect(self) -> float:
        """How many times the variance is that of comparisons on as many prompts: 1 + (per_prompt - 1) alike."""
        return 1 + (self.per_prompt - 1) * self.alike


@dataclass(frozen=True, slots=True)
class Power:
    """Chances in one study; NaN where the effect is larger than the tied share leaves room for.

    Parameters
    ----------
    comparisons
        Strict preferences.
    effect
        The true |tau14|.
    seen
        That the interval excludes 0 on the right side.
    named
        That p is at most the false discovery rate over the number of factors, on the right side: what
        Benjamini-Hochberg asks of the only factor with an effect. With others beside it, it asks for less.
    harmless
        That a factor *without* effect has its whole interval within the smallest effect that matters; does not depend
        on ``effect``.
    """

    comparisons: int
    effect: float
    seen: float
    named: float
    harmless: float


@dataclass(frozen=True, slots=True)
class Need:
    """What one question needs.

    Parameters
    ----------
    question
        ``"seen"``, ``"named"`` or ``"harmless"``, as in :class:`Power`.
    comparisons, prompts
        The fewest strict preferences that reach the power, and the prompts they are on.
    """

    question: str
    comparisons: int
    prompts: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned study.

    Parameters
    ----------
    design
        What it looks like.
    effect, power
        The true |tau14| to be found, and the chance wanted.
    needs
        What each of the three questions needs.
    table
        Chances at every size and effect of the planning table.
    """

    design: StudyDesign
    effect: float
    power: float
    needs: tuple[Need, ...]
    table: tuple[Power, ...]


def plan_study(
    design: StudyDesign | None = None,
    *,
    effect: float = SMALLEST_EFFECT,
    power: float = 0.8,
    sizes: Sequence[int] = SIZES,
    effects: Sequence[float] = EFFECTS,
) -> Plan:
    """Say how many comparisons it takes to see an effect, to name it among many factors, and to show its absence.

    Parameters
    ----------
    design
        What the study looks like.
    effect
        The true |tau14|, below 1 - ``tied_share``.
    power
        The chance wanted.
    sizes, effects
        Rows and columns of the table.

    Raises
    ------
    SettingError
        The effect is larger than the tied share leaves room for, or a setting is out of range.

    Examples
    --------
    >>> [(need.question, need.comparisons) for need in plan_study(effect=0.1, power=0.8).needs]
    [('seen', 493), ('named', 1317), ('harmless', 681)]
    """
    design = design or StudyDesign()
    check_fraction("power", power)
    check_fraction("effect", effect)
    if not _possible(effect, design):
        expected = f"a tau14 below {1 - design.tied_share:.2g}, which is 1 less the tied share"
        raise SettingError("effect", expected=expected, got=effect)
    needs = []
    for question in _QUESTIONS:
        prompts = _fewest_prompts(question, design, effect=effect, power=power)
        needs.append(Need(question, prompts * design.per_prompt, prompts))
    table = tuple(power_of(size, each, design=design) for size in sizes for each in effects)
    return Plan(design, effect, power, tuple(needs), table)


def power_of(comparisons: int, effect: float, *, design: StudyDesign | None = None) -> Power:
    """Chances of seeing, naming and excluding an effect with so many strict preferences.

    A comparison scores 1, -1 or 0 (tied in the factor), with mean ``effect`` and variance
    v = 1 - tied_share - effect^2. With n = comparisons / (1 + (per_prompt - 1) alike) (Kish 1965, *Survey Sampling*:
    the design effect), tau14 is taken as normal with variance v / n, and its interval as the score interval that
    :func:`prefactor.stats.clusters.bounded_interval` makes of n rows: it leaves out mu where tau14 lies more than
    t sqrt((1 - tied_share - mu^2) / n) from it. To be named, a tau14 must be a further 1 / comparisons away. Against
    simulated studies the formula is within 4 points from 100 comparisons on.

    Parameters
    ----------
    comparisons
        Strict preferences; a tie of the judge counts for nothing.
    effect
        The true |tau14|.
    design
        What the study looks like.

    Examples
    --------
    >>> power = power_of(500, 0.1)
    >>> round(power.seen, 2), round(power.named, 2), round(power.harmless, 2)
    (0.81, 0.23, 0.61)
    """
    design = design or StudyDesign()
    check_positive("comparisons", comparisons)
    check_fraction("effect", effect)
    seen, named, harmless = (_chance(question, comparisons, effect, design) for question in _QUESTIONS)
    return Power(comparisons, effect, seen, named, harmless)


def _chance(question: str, comparisons: int, effect: float, design: StudyDesign) -> float:
    if question == "harmless":
        return _chance_harmless(comparisons, design)
    if not _possible(effect, design):
        return nan
    seen = _chance_beyond_zero(comparisons, effect, mass=design.interval, design=design)
    if question == "seen":
        return seen
    mass = 1 - design.false_discovery_rate / design.factors
    return min(seen, _chance_beyond_zero(comparisons, effect, mass=mass, correction=1 / comparisons, design=design))


def _possible(effect: float, design: StudyDesign) -> bool:
    return effect < 1 - design.tied_share


def _chance_beyond_zero(
    comparisons: int, effect: float, *, mass: float, correction: float = 0.0, design: StudyDesign
) -> float:
    """Chance that the interval of this mass, moved towards 0 by the correction, lies above 0."""
    rows, square = comparisons / design.design_effect, 1 - design.tied_share
    room = effect - correction - _reach(comparisons, mass, design) * sqrt(square / rows)
    return float(ndtr(np.array(room / sqrt((square - effect**2) / rows))))


def _chance_harmless(comparisons: int, design: StudyDesign) -> float:
    """Chance that the interval lies within the smallest effect when there is no effect."""
    rows, square = comparisons / design.design_effect, 1 - design.tied_share
    beyond = max(square - design.smallest_effect**2, 0.0)
    room = design.smallest_effect - _reach(comparisons, design.interval, design) * sqrt(beyond / rows)
    return max(0.0, 2 * float(ndtr(np.array(room / sqrt(square / rows)))) - 1)


@lru_cache(maxsize=1024)
def _reach(comparisons: int, mass: float, design: StudyDesign) -> float:
    """Half the interval in standard errors.

    That is Student's quantile, times sqrt((df + 1) / df). The degrees of freedom are (E a^2)^2 / E a^4 per prompt less
    one, a being the comparisons of a prompt in which the factor differs, over 1 - 1 / per_prompt.
    """
    size, differs = design.per_prompt, 1 - design.tied_share
    if size == 1:
        return normal_quantile((1 + mass) / 2)
    counts = range(size + 1)
    chances = [comb(size, count) * differs**count * design.tied_share ** (size - count) for count in counts]
    second = sum(chance * count**2 for chance, count in zip(chances, counts, strict=True))
    fourth = sum(chance * count**4 for chance, count in zip(chances, counts, strict=True))
    informative = comparisons / size * second**2 / fourth
    df = max(informative - 1, 1.0) / (1 - 1 / size)
    return float(student_quantile(mass, np.array(df))) * sqrt((df + 1) / df)


def _fewest_prompts(question: str, design: StudyDesign, *, effect: float, power: float) -> int:
    """Bisect for the fewest prompts: the chance grows with their number."""

    def reaches(prompts: int) -> bool:
        return _chance(question, prompts * design.per_prompt, effect, design) >= power

    above = 2
    while not reaches(above):
        above *= 2
        if above > _MOST:
            expected = "a study that under a thousand million prompts can do"
            raise SettingError("effect", expected=expected, got=effect)
    below = above // 2
    while above - below > 1:
        middle = (above + below) // 2
        below, above = (below, middle) if reaches(middle) else (middle, above)
    return above
