"""Whether stated chances come true: Brier score, mean excess, and expected calibration error, with intervals.

Arrays in, frozen results out; knows nothing of what the chances are of.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray, IntArray
from prefactor.config import BOOTSTRAPS, INTERVAL, SEED
from prefactor.errors import SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_mean
from prefactor.stats.resampling import ClusterDraws

__all__ = ["BINS", "CalibrationBin", "CalibrationScores", "score_chances"]

BINS: Final = 10
"""Bins of equal width that chances are put into."""

_TIMES: Final = np.linspace(0, 3, 61)
"""Multiples of the observed gaps that are tried."""


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Rows whose chances lie close together.

    Parameters
    ----------
    rows
        Their number.
    stated
        Their mean chance.
    came_true
        Share of them that came true.
    """

    rows: int
    stated: float
    came_true: float


@dataclass(frozen=True, slots=True)
class CalibrationScores:
    """How good chances are.

    Parameters
    ----------
    brier
        Mean squared distance of chance and outcome: 0 is perfect, 0.25 that of always saying one half.
    excess
        Mean chance less the share that came true: above 0 is overconfidence in the event.
    error
        Expected calibration error in [0, 1]: mean over rows of the distance between the mean chance of a bin and what
        came true in it, less what noise adds.
    bins
        The bins that hold rows, from low to high chances.
    """

    brier: Estimate
    excess: Estimate
    error: Estimate
    bins: tuple[CalibrationBin, ...]


def score_chances(
    chances: ArrayLike,
    outcomes: ArrayLike,
    *,
    clusters: ArrayLike,
    interval: float = INTERVAL,
    bootstraps: int = BOOTSTRAPS,
    seed: int = SEED,
) -> CalibrationScores:
    """Score chances against what came true.

    The mean distance of bins is above 0 by noise alone, where chances are perfect too. So the estimate is the distance
    under which one as large as the observed one would come in half of all samples, and the ends are those under which
    it would come in 5 % and in 95 % (for a 90 % interval): true gaps being so many times the observed ones, with the
    noise that resampled clusters show. At perfect chances the lower end is 0 in 95 %, and the interval holds the truth
    as often.

    Parameters
    ----------
    chances
        Shape (n,), in [0, 1].
    outcomes
        Shape (n,), 0 or 1.
    clusters
        Whole numbers, shape (n,).
    interval
        Mass of the intervals.
    bootstraps, seed
        Resamples for the calibration error, and their seed.

    Returns
    -------
    CalibrationScores
        NaN throughout without rows.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> scores = score_chances([0.9] * 40, [1] * 20 + [0] * 20, clusters=range(40))
    >>> str(scores.excess), round(scores.brier.value, 2)
    ('0.40 [0.27, 0.53]', 0.41)
    """
    stated, came = np.asarray(chances, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    if stated.ndim != 1 or stated.shape != came.shape or not ((stated >= 0) & (stated <= 1)).all():
        raise SettingError("chances", expected="a vector of chances in [0, 1], one for every outcome", got=stated)
    gaps = stated - came
    place = np.minimum((stated * BINS).astype(np.int64), BINS - 1)
    return CalibrationScores(
        brier=cluster_mean(gaps**2, clusters=clusters, interval=interval),
        excess=cluster_mean(gaps, clusters=clusters, interval=interval),
        error=_calibration_error(gaps, place, clusters, interval=interval, bootstraps=bootstraps, seed=seed),
        bins=tuple(
            CalibrationBin(int(held.sum()), float(stated[held].mean()), float(came[held].mean()))
            for held in (place == each for each in range(BINS))
            if held.any()
        ),
    )


def _calibration_error(
    gaps: FloatArray, place: IntArray, clusters: ArrayLike, *, interval: float, bootstraps: int, seed: int
) -> Estimate:
    if not gaps.size:
        return Estimate(np.nan)
    columns = np.zeros((gaps.size, BINS))
    columns[np.arange(gaps.size), place] = gaps
    draws = ClusterDraws.of(clusters, bootstraps=bootstraps, seed=seed)
    sums, drawn = draws.totals(np.column_stack([columns, np.ones(gaps.size)]), clusters)
    seen = sums[:BINS] / sums[BINS]
    noise = drawn[:, :BINS] / np.maximum(drawn[:, BINS:], 1)
    noise = noise - noise.mean(axis=0)
    observed = float(np.abs(seen).sum())
    if observed == 0 or len(draws.labels) < 2:
        return Estimate(observed)
    # With true gaps of so many times the observed ones, how often would the distance be as large as it was?
    exceeded = np.array([np.mean(np.abs(times * seen + noise).sum(axis=1) >= observed) for times in _TIMES])
    tail = (1 - interval) / 2
    low, value, high = (observed * float(np.interp(chance, exceeded, _TIMES)) for chance in (tail, 0.5, 1 - tail))
    return Estimate(value, low, min(high, 1.0))
