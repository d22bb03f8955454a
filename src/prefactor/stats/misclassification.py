"""Shares counted by a fallible grader, corrected for its errors as a labelled part shows them. Numbers in and out."""

from dataclasses import dataclass
from math import nan, sqrt

from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.special import normal_quantile

__all__ = ["Counted", "corrected_share"]


@dataclass(frozen=True, slots=True)
class Counted:
    """A share of rows.

    Parameters
    ----------
    share
        In [0, 1].
    rows
        How many independent rows it is known from, above 0; a design effect divides them.
    """

    share: float
    rows: float

    def __post_init__(self) -> None:
        if not (0 <= self.share <= 1 and self.rows > 0):
            raise SettingError("share", expected="a share in [0, 1] of more than 0 rows", got=(self.share, self.rows))


def corrected_share(
    apparent: Counted, *, sensitivity: Counted, specificity: Counted, interval: float = INTERVAL
) -> Estimate:
    """Estimate a true share from the one a grader counts, allowing for what it misses and what it lets pass.

        share = (apparent + specificity - 1) / (sensitivity + specificity - 1)

    (Rogan and Gladen 1978, DOI 10.1093/oxfordjournals.aje.a112510), cut to [0, 1]. The interval is that of Lang and
    Reiczigel (2014, DOI 10.1016/j.prevetmed.2013.09.015): the same with one row of either outcome added to what either
    rate is known from and z^2 to the apparent share, moved by the curvature, and as wide as all three are uncertain.

    Parameters
    ----------
    apparent
        Share that the grader found right, among rows that are not labelled.
    sensitivity
        Share of the labelled right rows that it found right.
    specificity
        Share of the labelled wrong rows that it found wrong.
    interval
        Mass of the interval.

    Returns
    -------
    Estimate
        NaN where the grader does no better than a coin: sensitivity + specificity is at most 1.

    Examples
    --------
    >>> str(corrected_share(Counted(0.7, 400), sensitivity=Counted(0.85, 100), specificity=Counted(0.95, 60)))
    '0.81 [0.74, 0.90]'
    """
    skill = sensitivity.share + specificity.share - 1
    if skill <= 0:
        return Estimate(nan)
    value = (apparent.share + specificity.share - 1) / skill
    z = float(normal_quantile(0.5 + interval / 2))
    rows = apparent.rows + z * z
    found = (apparent.rows * apparent.share + z * z / 2) / rows
    hits, clears = _widened(sensitivity), _widened(specificity)
    adjusted = hits.share + clears.share - 1
    value = min(max(value, 0.0), 1.0)
    if adjusted <= 0:
        return Estimate(value)
    centre = (found + clears.share - 1) / adjusted
    miss, slip = (each.share * (1 - each.share) / each.rows for each in (hits, clears))
    moved = 2 * z * z * (centre * miss - (1 - centre) * slip)
    spread = sqrt(found * (1 - found) / rows + centre**2 * miss + (1 - centre) ** 2 * slip) / adjusted
    low, high = centre + moved - z * spread, centre + moved + z * spread
    return Estimate(value, min(max(low, 0.0), value), max(min(high, 1.0), value))


def _widened(rate: Counted) -> Counted:
    return Counted((rate.rows * rate.share + 1) / (rate.rows + 2), rate.rows + 2)
