"""Effects of factors that are measured with error: what the measurement hides of them, given back.

Arrays in, frozen results out; knows no factor and no judge.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL, SEED
from prefactor.errors import SettingError
from prefactor.stats.clustered import sandwich
from prefactor.stats.clusters import check_weights
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import DEFAULT_PRIOR, Prior
from prefactor.stats.repeats import SignReliability
from prefactor.stats.sites import check_matrix
from prefactor.stats.special import normal_quantile

__all__ = ["Calibration", "CorrectedWeights", "calibrate", "correct_means", "correct_weights", "widened"]

_LEAST: Final = 0.02
"""Share of a direction's variance that is taken to be true at least, so that nothing is divided by noise."""

_DRAWS: Final = 400
_LOGISTIC: Final = (16 * np.sqrt(3) / (15 * np.pi)) ** 2
"""c^2 of E sigmoid(z + e) = sigmoid(z / sqrt(1 + c^2 var(e))), about (Carroll et al. 2006, section 4.8.2)."""

_MOST_SPREAD: Final = 0.3
"""Where c^2 times the variance left open is above it, that formula is not relied on."""


def correct_means(means: ArrayLike, slopes: ArrayLike) -> FloatArray:
    """Divide means of measured features, such as tau14, by the slopes of their measurement.

    Each end is where the difference mean - ratio * slope is just as far from 0 as the ends of both say (MOVER: Donner
    and Zou 2012, DOI 10.1177/0962280210389837), so it allows for the uncertainty of the slope as well.

    Parameters
    ----------
    means
        Value, low and high end, shape (3, d).
    slopes
        The same, in (0, 1].

    Returns
    -------
    FloatArray
        Shape (3, d), in [-1, 1]; NaN ends where the slope's interval is so wide that the ratio may be anything.

    Examples
    --------
    >>> correct_means([[0.2], [0.1], [0.3]], [[0.8], [0.7], [0.9]]).round(3).ravel().tolist()
    [0.25, 0.124, 0.384]
    """
    value, low, high = np.asarray(means, dtype=np.float64)
    slope, least, most = np.asarray(slopes, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        below = np.where(low >= 0, most - slope, slope - least)
        above = np.where(high >= 0, slope - least, most - slope)
        ratio = value / slope
        lower = _ratio_end(value, slope, away=value - low, off=below, side=-1)
        upper = _ratio_end(value, slope, away=high - value, off=above, side=1)
    ends = np.stack([np.fmin(lower, ratio), np.fmax(upper, ratio)])
    ends[:, np.isnan(lower) | np.isnan(upper)] = np.nan
    return np.asarray(np.clip(np.vstack([ratio, ends]), -1.0, 1.0))


def _ratio_end(value: FloatArray, slope: FloatArray, *, away: FloatArray, off: FloatArray, side: int) -> FloatArray:
    """Solve (value - r slope)^2 = away^2 + (r off)^2 for the end on one side."""
    square = slope * slope - off * off
    root = np.sqrt(np.maximum((value * slope) ** 2 - square * (value * value - away * away), 0.0))
    return np.where(square > 0, (value * slope + side * root) / square, np.nan)


def widened(ends: ArrayLike, reliability: ArrayLike) -> FloatArray:
    """Widen intervals of estimates from one measurement by what another one of the same answers would move them.

    Of an estimate's variance the share 1 - reliability is that of the measurement; another measurement brings as much
    again, so the half widths are taken times sqrt(2 - reliability).

    Parameters
    ----------
    ends
        Value, low and high end, shape (3, d).
    reliability
        Shape (d,); NaN leaves an interval as it is.

    Examples
    --------
    >>> widened([[0.2], [0.1], [0.3]], [0.75]).round(3).ravel().tolist()
    [0.2, 0.088, 0.312]
    """
    value, low, high = np.asarray(ends, dtype=np.float64)
    known = np.nan_to_num(np.asarray(reliability, dtype=np.float64), nan=1.0)
    factor = np.sqrt(2 - np.clip(known, 0.0, 1.0))
    return np.stack([value, value + (low - value) * factor, value + (high - value) * factor])


@dataclass(frozen=True, slots=True)
class Calibration:
    """What measured features say of the true ones.

    Parameters
    ----------
    matrix
        The true features are expected to be features @ matrix; shape (d, d).
    open
        Covariance of the true features that the measured ones leave open, shape (d, d).
    relative_errors, open_draws
        Draws of what may be wrong with C, as inv(C) (C' - C), and of ``open`` with them, shapes (draws, d, d).
    capped
        Whether some direction is measured so badly that its true variance was taken to be 2 % of what is seen.
    """

    matrix: FloatArray
    open: FloatArray
    relative_errors: FloatArray
    open_draws: FloatArray
    capped: bool


def calibrate(
    features: ArrayLike,
    reliability: SignReliability,
    *,
    weights: ArrayLike | None = None,
    interval: float = INTERVAL,
    seed: int = SEED,
) -> Calibration:
    """Find the linear prediction of the true features from the measured ones (regression calibration).

    With S = x'x / n of the measured features, E the covariance of their errors, E_kk = (1 - reliability_k) S_kk and
    E_jk = halo_jk sqrt(E_jj E_kk), the measured and the true features have the covariance C_jk = (S - E)_jk / slope_k,
    and E[true | x] = x @ inv(S) @ C, linearly (Carroll, Ruppert, Stefanski and Crainiceanu 2006, "Measurement Error in
    Nonlinear Models", chapter 4; Fuller 1987, "Measurement Error Models"). Errors must not depend on the preference
    given the true features. The halo is shrunk towards 0 by as much of it as its standard errors account for; its
    draws, and those of reliability and slope, say how sure C is.

    Parameters
    ----------
    features
        Measured, shape (n, d); NaN counts as 0.
    reliability
        Of every feature; 1 where it is measured without error.
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    interval
        Mass of the intervals of the reliability.
    seed
        Of the draws.

    Raises
    ------
    SettingError
        There is not one reliability in (0, 1] for each feature.

    Examples
    --------
    >>> from prefactor.stats.repeats import measure_repeats
    >>> x = np.tile([[1.0], [-1.0]], (100, 1))
    >>> again = np.where(np.arange(200)[:, None] % 10 < 2, -x, x)
    >>> calibrate(x, measure_repeats(x, again, clusters=np.arange(200))).matrix.round(3).tolist()
    [[0.775]]
    """
    check_fraction("interval", interval)
    known = np.nan_to_num(check_matrix(features).astype(np.float64))
    if reliability.reliability.shape[1:] != known.shape[1:] or not (reliability.reliability[0] > 0).all():
        got = reliability.reliability[0].round(3).tolist()
        raise SettingError("reliability", expected=f"{known.shape[1]} numbers above 0", got=got)
    weighed = check_weights(weights, len(known))
    moments = (known * (weighed / max(weighed.sum(), 1e-300))[:, None]).T @ known
    moments = np.round(0.5 * (moments + moments.T), 12)
    size = np.sqrt(np.diag(moments))
    moments = moments + np.diag(np.where(size > 0, 0.0, 1.0))
    parts = _Parts(moments, np.minimum(reliability.reliability[0], 1.0), reliability.slope[0], _shrunk(reliability))
    cross, capped = parts.cross()
    inverse = np.linalg.pinv(moments, hermitian=True)
    matrix = inverse @ cross
    slopes, errors = _draws(parts, reliability, spread=normal_quantile(0.5 + interval / 2), seed=seed)
    drawn = cross + errors
    return Calibration(
        matrix=matrix,
        open=_left_open(cross, parts.slope, inverse),
        relative_errors=np.linalg.pinv(cross) @ errors,
        open_draws=_left_open(drawn, slopes, inverse),
        capped=capped,
    )


def _left_open(cross: FloatArray, slope: FloatArray, inverse: FloatArray) -> FloatArray:
    """Covariance of the true features less that of their prediction."""
    left = cross / slope[..., :, None] - cross.swapaxes(-1, -2) @ inverse @ cross
    return np.asarray(0.5 * (left + left.swapaxes(-1, -2)))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What C is made of."""

    moments: FloatArray
    reliability: FloatArray
    slope: FloatArray
    halo: FloatArray

    def plain(self, reliability: FloatArray, slope: FloatArray, halo: FloatArray) -> FloatArray:
        """Return C for many reliabilities, slopes and halos, none of its directions kept from vanishing."""
        error = np.sqrt(np.diag(self.moments) * (1 - reliability))
        true = self.moments - halo * error[..., :, None] * error[..., None, :]
        return np.asarray(true / slope[..., None, :])

    def cross(self) -> tuple[FloatArray, bool]:
        """Return C, and whether directions had to be kept from vanishing."""
        size = np.sqrt(np.diag(self.moments))
        seen = self.moments / np.outer(size, size)
        cross = self.plain(self.reliability, self.slope, self.halo)
        true = cross * self.slope / np.outer(size, size)
        # Of every direction of what is seen, some of the variance is true: true >= least * seen.
        values, vectors = np.linalg.eigh(seen)
        some = values > 1e-9
        back = vectors[:, some] / np.sqrt(values[some])
        shares, axes = np.linalg.eigh(back.T @ true @ back)
        if shares.min(initial=1.0) >= _LEAST:
            return cross, False
        turned = (vectors[:, some] * np.sqrt(values[some])) @ axes
        held = (turned * np.maximum(shares, _LEAST)) @ turned.T
        return held * np.outer(size, size) / self.slope, True


def _shrunk(reliability: SignReliability) -> FloatArray:
    """Halo with the part taken out that its standard errors account for; 1 on the diagonal."""
    off = ~np.eye(len(reliability.halo), dtype=np.bool_)
    squares = float((reliability.halo[off] ** 2).sum())
    noise = float((reliability.halo_error[off] ** 2).sum())
    kept = max(0.0, 1 - noise / squares) if squares > 0 else 0.0
    return np.where(off, kept * reliability.halo, 1.0)


def _draws(parts: _Parts, given: SignReliability, *, spread: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Draw slopes, and C' - C; where C was held back, its errors are those of what it was before."""
    random = np.random.default_rng(seed)
    factors = len(parts.moments)
    sds = [np.nan_to_num((each[2] - each[1]) / (2 * spread)) for each in (given.reliability, given.slope)]
    off = ~np.eye(factors, dtype=np.bool_)
    squares = float((given.halo[off] ** 2).sum())
    kept = float((parts.halo[off] ** 2).sum() / squares) ** 0.5 if squares > 0 else 0.0
    steps = random.standard_normal((_DRAWS, factors))
    turns = np.triu(random.standard_normal((_DRAWS, factors, factors)), 1) * given.halo_error * kept
    reliability = np.clip(parts.reliability + steps * sds[0], _LEAST, 1.0)
    slope = np.clip(parts.slope + steps * sds[1], _LEAST, None)
    drawn = parts.plain(reliability, slope, parts.halo + turns + turns.swapaxes(-1, -2))
    return slope, drawn - parts.plain(parts.reliability, parts.slope, parts.halo)


@dataclass(frozen=True, slots=True)
class CorrectedWeights:
    """Posterior of the weights of the true features; arrays of shape (d,).

    Parameters
    ----------
    mean, sd, low, high
        Log-odds per unit of the true feature, with what clustering and the calibration's own uncertainty add.
    identified
        False where the feature is 0 in every row.
    scale
        By what all were multiplied because the logistic curve is flatter over features that are not known.
    reason
        Why there are none; empty where there are.
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    identified: BoolArray
    scale: float
    reason: str = ""


def correct_weights(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    calibration: Calibration,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    prior: Prior = DEFAULT_PRIOR,
    interval: float = INTERVAL,
) -> CorrectedWeights:
    """Fit the joint weights of the true features, as they are expected from the measured ones.

    The fit is :func:`prefactor.stats.posterior.fit_posterior` to features @ calibration.matrix. To its variance is
    added what clustering adds, and what draws of the calibration do to the mean, to first order: with V the posterior
    covariance and I the information in the likelihood, a draw moves it by -V I inv(C) (C' - C) mean. Weights are
    multiplied by 1 / sqrt(1 - c^2 m'Rm), R being the covariance left open and c^2 = 0.346, since a logistic curve
    averaged over what is not known is flatter by that factor (Carroll et al. 2006, section 4.8.2); the uncertainty of
    that factor is in the intervals.

    Parameters
    ----------
    features
        Measured, shape (n, d); NaN (not measured) has no effect in its row.
    preference
        P(A preferred) in [0, 1], shape (n,).
    calibration
        From :func:`calibrate`.
    clusters
        Whole numbers, shape (n,).
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    prior
        Of every weight.
    interval
        Mass of the central interval.

    Returns
    -------
    CorrectedWeights
        NaN with a reason where the weights are so large that the formula for the flatter curve does not hold.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> from prefactor.stats.repeats import measure_repeats
    >>> x, y = np.tile([[1.0], [-1.0]], (200, 1)), np.tile([1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0], 50)
    >>> again = np.where(np.arange(400)[:, None] % 10 < 2, -x, x)
    >>> found = calibrate(x, measure_repeats(x, again, clusters=np.arange(400)))
    >>> weight = correct_weights(x, y, calibration=found, clusters=np.arange(400))
    >>> weight.mean.round(2).tolist()
    [1.35]
    """
    given = check_matrix(features).astype(np.float64)
    calibrated = _times(np.nan_to_num(given), calibration.matrix)
    calibrated[np.isnan(given)] = 0.0
    labels = np.asarray(preference, dtype=np.float64)
    known = fit_posterior(calibrated, labels, weights=weights, prior=prior, interval=interval, certify=True)
    excess, information = sandwich(
        calibrated,
        labels,
        mean=known.mean,
        covariance=known.covariance,
        clusters=clusters,
        weights=weights,
        tie_parameter=float(known.tie_parameter),
    )
    variance = known.covariance + 0.5 * (excess + excess.T)
    found = _unflattened(known.mean, calibration.open)
    reason = "" if found.spread <= _MOST_SPREAD else "weights this large cannot be corrected for errors this large"
    moved = known.mean - calibration.relative_errors @ known.mean @ information @ known.covariance
    spreads = _LOGISTIC * np.einsum("bi,bij,bj->b", moved, calibration.open_draws, moved)
    drawn = moved * _steeper(spreads)[:, None]
    total = np.maximum(found.variances(variance), (found.scale * known.sd) ** 2)
    sd = np.sqrt(total + ((drawn - found.mean) ** 2).mean(axis=0)) * (np.nan if reason else 1.0)
    return CorrectedWeights(
        mean=found.mean * (np.nan if reason else 1.0),
        sd=sd,
        low=found.mean + (known.low - known.mean) / known.sd * sd,
        high=found.mean + (known.high - known.mean) / known.sd * sd,
        identified=known.identified,
        scale=found.scale,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class _Unflattened:
    """Weights m, multiplied by 1 / sqrt(1 - spread) with spread = c^2 m'Rm."""

    mean: FloatArray
    scale: float
    spread: float
    jacobian: FloatArray

    def variances(self, covariance: FloatArray) -> FloatArray:
        """Variances of the weights from the covariance of m."""
        return np.asarray(np.diag(self.jacobian @ covariance @ self.jacobian.T))


def _unflattened(mean: FloatArray, left: FloatArray) -> _Unflattened:
    turned = _LOGISTIC * (left @ mean)
    spread = float(mean @ turned)
    scale = float(_steeper(np.array(spread)))
    jacobian = scale * (np.eye(len(mean)) + scale**2 * np.outer(mean, turned))
    return _Unflattened(scale * mean, scale, spread, jacobian)


def _steeper(spread: FloatArray) -> FloatArray:
    return np.asarray(1 / np.sqrt(1 - np.clip(spread, 0.0, 0.9)))


def _times(rows: FloatArray, matrix: FloatArray) -> FloatArray:
    """Multiply column by column, since a matrix product may round a row differently with its place."""
    result = np.zeros((len(rows), matrix.shape[1]))
    for column, slopes in zip(rows.T, matrix, strict=True):
        result += column[:, None] * slopes
    return result
