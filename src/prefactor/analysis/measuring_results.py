"""What is known of how well factors are measured: frozen results. Computes nothing but words and thresholds."""

from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

from prefactor.stats.estimate import Estimate

__all__ = [
    "ENOUGH_DIFFERING",
    "RELIABLE",
    "UNUSABLE",
    "FactorQuality",
    "Halo",
    "MeasuringQuality",
    "MeasuringVerdict",
    "OrderEffect",
    "PlantedEffect",
    "RaterAgreement",
    "judged",
]

RELIABLE: Final = 0.8
"""Reliability from which a factor is called reliable: effects are then measured at 0.89 of their size or more."""

UNUSABLE: Final = 0.4
"""Reliability below which it is called unusable, and is not corrected: more than a third of every effect is lost, and
what a correction gives back hangs on how exactly the reliability is known."""

ENOUGH_DIFFERING: Final = 20
"""Comparisons on which the answers differ, in a measurement at least, that it takes to call a factor anything."""

MeasuringVerdict = Literal["reliable", "noisy", "unusable", "cannot be told"]


@dataclass(frozen=True, slots=True)
class FactorQuality:
    """How well one factor is measured.

    Parameters
    ----------
    factor, label, way
        Its name, its words, and how it is measured.
    reliability
        Squared correlation about zero of its sign feature with the true one, from repeats.
    slope
        By what effects are multiplied: the root of the reliability.
    flips, tie_changes
        Share of comparisons whose answers differ in either measurement that turn over; that are tied in just one.
    exact, concordance
        Scores of single answers: share measured the same, and agreement beyond chance (ICC(1,1)).
    answers, comparisons, differing
        Pairs of measurements of an answer and of a comparison, and those in which the answers differ.
    unmeasured
        Why answers have no score though the factor applies, with their number over all repeats.
    verdict
        What it can be used for.
    by_people_reliability, by_people_slope
        The same against people's labels; None without them.
    """

    factor: str
    label: str
    way: str
    reliability: Estimate
    slope: Estimate
    flips: Estimate
    tie_changes: Estimate
    exact: Estimate
    concordance: Estimate
    answers: int
    comparisons: int
    differing: int
    unmeasured: tuple[tuple[str, int], ...]
    verdict: MeasuringVerdict
    by_people_reliability: Estimate | None = None
    by_people_slope: Estimate | None = None

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.verdict == "cannot be told":
            return f"the answers of only {self.differing:,} comparisons differ, which is too few to tell"
        if self.verdict == "unusable":
            return "unusable: most of what it says changes from one measurement to the next"
        lost = f"effects are measured at about {self.slope.value:.2f} of their size"
        return f"{self.verdict}: {lost}"


@dataclass(frozen=True, slots=True)
class Halo:
    """Correlations of the errors of factors, from what changes between repeats; what is true of an answer cancels.

    Parameters
    ----------
    factors
        Their names.
    correlation, error
        Correlations of errors, and their standard errors; a row and a column for each factor.
    """

    factors: tuple[str, ...]
    correlation: tuple[tuple[float, ...], ...]
    error: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class RaterAgreement:
    """How one factor is measured by somebody else.

    Parameters
    ----------
    other
        Who: a model, or people.
    factor
        Its name.
    answers
        Scored by both.
    exact, concordance
        Share scored the same, and agreement beyond chance (ICC(A,1), quadratic-weighted kappa).
    bias
        Mean of the model's score minus the other's, in units of the scale.
    levels, confusion
        Distinct scores, and how many answers have each from the model (rows) and from the other; empty where there are
        more than ten.
    """

    other: str
    factor: str
    answers: int
    exact: Estimate
    concordance: Estimate
    bias: Estimate
    levels: tuple[float, ...]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PlantedEffect:
    """What one planted change did to one factor.

    Parameters
    ----------
    change, factor
        Which.
    expected
        ``"more"`` or ``"less"`` of the factor; ``"may move"`` where either is sound; ``"none"``.
    answers
        Changed and measured both times.
    shift
        Mean change of the score, in units of the scale.
    towards
        Mean of the signs, 1 for each answer with more of the factor (by its feature) and -1 for less, in [-1, 1].
    q_value
        Of no tendency to either side, adjusted over all changes and factors (Benjamini-Hochberg).
    found
        ``"noticed"``, ``"not noticed"`` or ``"moved the wrong way"`` of an expected change; ``"spilt over"`` or
        ``"kept still"`` of one that should not move it; empty where either is sound.
    """

    change: str
    factor: str
    expected: Literal["more", "less", "may move", "none"]
    answers: int
    shift: Estimate
    towards: Estimate
    q_value: float
    found: str


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """What being shown first does to the scores of a factor, where both answers of a comparison are shown together.

    Parameters
    ----------
    factor
        Its name.
    answers
        Measured in both places.
    shift
        Mean of the score when shown first minus that when shown second, in units of the scale.
    turned
        Share of comparisons on which the two orders say the opposite, out of those in which either says that the
        answers differ.
    q_value
        Of no tendency, adjusted over factors.
    """

    factor: str
    answers: int
    shift: Estimate
    turned: Estimate
    q_value: float


@dataclass(frozen=True, slots=True)
class MeasuringQuality:
    """How well a model measures factors.

    Parameters
    ----------
    model
        Its name.
    together
        Whether it saw both answers of a comparison.
    repeats
        Measurements of every answer.
    answers, comparisons, prompts
        Distinct ones that were measured.
    interval
        Mass of the intervals.
    factors
        One per factor.
    halo
        How their errors go together.
    agreements
        Other models, and people.
    planted, orders
        Planted changes, and order effects; empty where not asked for.
    """

    model: str
    together: bool
    repeats: int
    answers: int
    comparisons: int
    prompts: int
    interval: float
    factors: tuple[FactorQuality, ...]
    halo: Halo
    agreements: tuple[RaterAgreement, ...] = ()
    planted: tuple[PlantedEffect, ...] = ()
    orders: tuple[OrderEffect, ...] = ()


def judged(reliability: Estimate, *, differing: int) -> MeasuringVerdict:
    """Return what may be said of a factor measured so.

    Examples
    --------
    >>> judged(Estimate(0.7, 0.6, 0.8), differing=90), judged(Estimate(0.2, 0.1, 0.3), differing=90)
    ('noisy', 'unusable')
    """
    if differing < ENOUGH_DIFFERING or not isfinite(reliability.low):
        return "cannot be told"
    if reliability.value < UNUSABLE:
        return "unusable"
    return "reliable" if reliability.value >= RELIABLE else "noisy"
