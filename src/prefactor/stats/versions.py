"""Win rates that answers would have after a change of factors, learnt from other models that met the same judge.

Arrays in, frozen results out; knows no names of models, factors or judges.
"""

from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL
from prefactor.errors import FitError, SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.mixed_logistic import MixedFit, PairedRows, fit_mixed
from prefactor.stats.special import sigmoid, student_quantile
from prefactor.stats.winrates import BASELINE, Matches, models_with_both, pair_rows

__all__ = ["RatePrediction", "Version", "VersionModel", "fit_versions", "predict_rate"]

_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_STEPS: Final = 100
_TOLERANCE: Final = 1e-10
_FEWEST_MODELS: Final = 5
"""Models from which the spread of their multipliers is estimated."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model's answers, each beside the answer of an opponent.

    Parameters
    ----------
    difference
        Factors, the version's answer minus the opponent's, in their own units, shape (n, k).
    clusters
        Prompts: whole numbers as in the matches that the model was fitted on, shape (n,).
    behind
        Numbers of the opponents, as there, shape (n,).
    outcome
        P(the version is preferred), in [0, 1], shape (n,); None where that is not known.
    """

    difference: FloatArray
    clusters: IntArray
    behind: IntArray
    outcome: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class VersionModel:
    """What moves a judge, learnt from many models.

    Parameters
    ----------
    slopes
        Log-odds for a unit of tanh(difference / spread), shape (k,).
    covariance
        Of the slopes, a sandwich clustered by prompt, shape (k, k).
    spread
        Root mean square difference of each factor over the matches, in its own unit, shape (k,).
    levels
        Of the models, in log-odds, shape (models,); that of a baseline is 0. Against a baseline only of those that both
        won and lost.
    prompts, effects
        The prompts and the effect of each, shape (prompts,).
    variance
        Variance of the prompt effects; 0 where there are none.
    multiplier_sd
        How much the same change of factors is worth differs between models: standard deviation of a factor by which all
        slopes of a model are multiplied. NaN with fewer than 5 models.
    """

    slopes: FloatArray
    covariance: FloatArray
    spread: FloatArray
    levels: FloatArray
    prompts: IntArray
    effects: FloatArray
    variance: float
    multiplier_sd: float


@dataclass(frozen=True, slots=True)
class RatePrediction:
    """The win rate that a version is expected to have.

    Parameters
    ----------
    base
        Recorded win rate of the base version, without an interval; the value expected where none is recorded.
    predicted
        Win rate of the new version, with an interval for what would be *recorded* on its comparisons.
    change
        ``predicted`` minus ``base``.
    contributions
        What each factor adds to the change, in win rate; they sum to the change of the expectation.
    level
        Log-odds of the model with all factors equal, on a prompt without an effect.
    new_prompts
        Comparisons of the new version on prompts that the model was not fitted on.
    """

    base: Estimate
    predicted: Estimate
    change: Estimate
    contributions: tuple[Estimate, ...]
    level: float
    new_prompts: int


def fit_versions(matches: Matches) -> VersionModel:
    """Learn how factors move a judge from the answers of many models.

    Log-odds that model m beats its opponent o on prompt p: level(m) - level(o) + sum_k slope(k) tanh(difference(k) /
    spread(k)) + effect(p), as in :func:`prefactor.stats.winrates.fit_win_rates`: with a level for every model, slopes
    are learnt within models, from answers that differ from prompt to prompt, and not from better models being longer.
    Prompt effects are fitted where all meet one baseline; a model that won or lost everything against it says nothing
    of slopes and is left out.

    Models differ in what the same change is worth to them. Each model's slopes are the common ones times a multiplier;
    the standard deviation of the multipliers is that of DerSimonian and Laird (1986), DOI
    10.1016/0197-2456(86)90046-2, from one multiplier fitted per model.

    Parameters
    ----------
    matches
        The comparisons. The baseline, if there is one, is :data:`prefactor.stats.winrates.BASELINE`, behind in all.

    Raises
    ------
    FitError
        The rows do not settle the fit.
    SettingError
        An argument is of a wrong shape or outside its range.

    Examples
    --------
    >>> longer = np.array([[1.0], [1.0], [-1.0], [-1.0]] * 30)
    >>> won = np.array([1.0, 1.0, 0.0, 1.0] * 30) * 0.8 + 0.1
    >>> zeros = np.zeros(120, dtype=np.int64)
    >>> fitted = fit_versions(Matches(zeros, zeros - 1, won, longer, np.arange(120)))
    >>> bool(fitted.slopes[0] > 0)
    True
    """
    anchored = bool((np.asarray(matches.behind) == BASELINE).all())
    rows, spread = pair_rows(matches, anchored=anchored)
    if anchored and not (settled := models_with_both(rows)).all():
        return fit_versions(_without(matches, ~settled))
    fit = fit_mixed(rows, prompt_effects=anchored)
    influence = (fit.inverse @ rows.cells(fit.residual))[rows.models :]
    return VersionModel(
        slopes=fit.parameters[rows.models :],
        covariance=influence @ influence.T,
        spread=spread,
        levels=fit.parameters[: rows.models],
        prompts=np.unique(matches.clusters),
        effects=fit.effects,
        variance=fit.variance,
        multiplier_sd=_multiplier_sd(rows, fit),
    )


def _without(matches: Matches, models: BoolArray) -> Matches:
    """Return the matches without those models, the others renumbered."""
    ahead = np.asarray(matches.ahead, dtype=np.int64)
    kept = ~models[ahead]
    number = np.cumsum(~models) - 1
    weights = None if matches.weights is None else np.asarray(matches.weights)[kept]
    return Matches(
        number[ahead[kept]],
        np.asarray(matches.behind)[kept],
        np.asarray(matches.outcome)[kept],
        np.asarray(matches.difference)[kept],
        np.asarray(matches.clusters)[kept],
        weights,
    )


def predict_rate(model: VersionModel, base: Version, *, variant: Version, interval: float = INTERVAL) -> RatePrediction:
    """Predict the win rate of a version of a model's answers from that of another version.

    The level of the model is fitted to the recorded outcomes of ``base`` (where there are none it is that of the models
    learnt from, with their spread), and kept: what changes is the factors. The interval is Student's, with (models - 1)
    degrees of freedom, on the log-odds of the win rate. It holds, as independent parts, the level, the slopes, the
    multiplier of this model (around 1, with the spread of the others), and the sampling of the outcomes of ``variant``.

    What it cannot hold is a change of the answers that no factor sees: a version that is longer and also wrong more
    often does worse than predicted.

    Parameters
    ----------
    model
        As learnt from other models.
    base
        The version that is known.
    variant
        The version that is predicted; its outcomes are not looked at.
    interval
        Mass of the interval.

    Raises
    ------
    FitError
        The base version won or lost everything.
    SettingError
        A version is empty, or has another number of factors.

    Examples
    --------
    >>> learnt = VersionModel(np.array([1.0]), np.array([[0.01]]), np.array([50.0]), np.linspace(-1, 1, 20),
    ...                       np.arange(2), np.zeros(2), 0.0, 0.1)
    >>> ids = np.arange(200)
    >>> base = Version(np.zeros((200, 1)), ids, ids * 0 - 1, np.tile([1.0, 0.0], 100))
    >>> longer = Version(np.full((200, 1), 50.0), ids, ids * 0 - 1)
    >>> str(predict_rate(learnt, base, variant=longer).predicted)
    '0.68 [0.59, 0.76]'
    """
    # The spread of the multipliers is known from as many models; the level from as many prompts.
    groups = len(model.levels) if np.isfinite(model.multiplier_sd) else len(np.unique(base.clusters))
    reach = float(student_quantile(check_fraction("interval", interval), max(groups - 1, 1)))
    old, new = _placed(model, base), _placed(model, variant)
    level, level_variance, dispersion = _level(model, old, base.outcome)
    before, after = _chances(model, old, level), _chances(model, new, level)
    slope = after.slope.mean()
    by_factor = after.slope @ new.held / len(new.offset)
    if base.outcome is not None:
        # The level answers to the slopes, as it is fitted with them.
        by_factor = by_factor - slope * (before.slope @ old.held) / before.slope.sum()
    along = by_factor @ model.slopes
    spread_of_models = 0.0 if np.isnan(model.multiplier_sd) else model.multiplier_sd**2
    value = float(after.value.mean())
    variance = (
        slope**2 * level_variance
        + by_factor @ model.covariance @ by_factor
        + along**2 * spread_of_models
        + dispersion * float((after.value * (1 - after.value)).sum()) / len(after.value) ** 2
    )
    predicted = _bounded(value, variance, reach)
    known = float(base.outcome.mean()) if base.outcome is not None else float(before.value.mean())
    return RatePrediction(
        base=Estimate(known),
        predicted=predicted,
        change=Estimate(value - known, predicted.low - known, predicted.high - known),
        contributions=_contributions(model, old, new, change=value - known, reach=reach),
        level=level,
        new_prompts=int(np.count_nonzero(~new.known)),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A version on the scale of the model: log-odds without level, and the held differences."""

    held: FloatArray
    offset: FloatArray
    known: BoolArray
    cluster: IntArray


@dataclass(frozen=True, slots=True)
class _Chances:
    """Win probabilities of every comparison, and their derivatives by the log-odds."""

    value: FloatArray
    slope: FloatArray


def _placed(model: VersionModel, version: Version) -> _Placed:
    difference = np.asarray(version.difference, dtype=np.float64)
    if difference.ndim != 2 or difference.shape[1] != len(model.slopes) or not len(difference):
        expected = f"comparisons with {len(model.slopes)} factors"
        raise SettingError("version", expected=expected, got=difference.shape)
    held = np.tanh(difference / model.spread)
    place = np.searchsorted(model.prompts, version.clusters).clip(max=len(model.prompts) - 1)
    known = model.prompts[place] == version.clusters
    opponents = np.append(model.levels, 0.0)[version.behind]
    offset = held @ model.slopes - opponents + np.where(known, model.effects[place], 0.0)
    cluster = np.unique(version.clusters, return_inverse=True)[1].astype(np.int64)
    return _Placed(held, offset, known, cluster)


def _chances(model: VersionModel, placed: _Placed, level: float) -> _Chances:
    """Return probabilities; on a prompt without a known effect, averaged over the effects that prompts have."""
    log_odds = level + placed.offset
    value = sigmoid(log_odds)
    slope = value * (1 - value)
    new = ~placed.known
    if new.any() and model.variance:
        at_nodes = sigmoid(log_odds[new, None] + np.sqrt(model.variance) * _NODES)
        share = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()
        value[new], slope[new] = at_nodes @ share, (at_nodes * (1 - at_nodes)) @ share
    return _Chances(value, slope)


def _level(model: VersionModel, placed: _Placed, outcome: FloatArray | None) -> tuple[float, float, float]:
    """Return the level of a model, its variance, and the dispersion of outcomes (1 for wins and losses)."""
    if outcome is None:
        spread = float(model.levels.var(ddof=1)) if len(model.levels) > 1 else nan
        return float(model.levels.mean()), spread, 1.0
    if not 0 < outcome.mean() < 1:
        raise FitError("the level of the base version", "it won, or lost, every comparison")
    level = 0.0
    for _ in range(_STEPS):
        found = _chances(model, placed, level)
        step = float((outcome - found.value).sum() / found.slope.sum())
        level += float(np.clip(step, -1, 1))
        if abs(step) < _TOLERANCE:
            break
    found = _chances(model, placed, level)
    residual = outcome - found.value
    together = np.bincount(placed.cluster, residual)
    dispersion = float((residual**2).sum() / (found.value * (1 - found.value)).sum())
    return level, float((together**2).sum() / found.slope.sum() ** 2), dispersion


def _bounded(value: float, variance: float, reach: float) -> Estimate:
    middle = np.log(value) - np.log1p(-value)
    half = reach * np.sqrt(variance) / (value * (1 - value))
    low, high = sigmoid(np.array([middle - half, middle + half]))
    return Estimate(value, float(low), float(high))


def _contributions(
    model: VersionModel, old: _Placed, new: _Placed, *, change: float, reach: float
) -> tuple[Estimate, ...]:
    """Divide the change among factors as they move the mean log-odds; intervals from the slopes and the multiplier."""
    moved = new.held.mean(axis=0) - old.held.mean(axis=0)
    shares = moved * model.slopes
    total = float(shares.sum())
    rate = change / total if total else 0.0
    spread_of_models = 0.0 if np.isnan(model.multiplier_sd) else model.multiplier_sd**2
    half = reach * np.sqrt(moved**2 * np.diag(model.covariance) + shares**2 * spread_of_models) * abs(rate)
    found = zip(shares * rate, half, strict=True)
    return tuple(Estimate(float(value), float(value - width), float(value + width)) for value, width in found)


def _multiplier_sd(rows: PairedRows, fit: MixedFit) -> float:
    """Spread of the multipliers of models: one Newton step for (level, multiplier) of each model, then moments."""
    if rows.models < _FEWEST_MODELS:
        return nan
    along = rows.held @ fit.parameters[rows.models :]
    probability = sigmoid(rows.log_odds(fit.parameters, fit.effects))
    information = rows.weight * probability * (1 - probability)
    estimates, variances = [], []
    for number in range(rows.models):
        own = (rows.ahead == number) | (rows.behind == number)
        design = np.column_stack([np.where(rows.ahead[own] == number, 1.0, -1.0), along[own]])
        curvature = (design * information[own, None]).T @ design
        if np.linalg.matrix_rank(curvature) < 2:
            continue
        inverse = np.linalg.inv(curvature)
        scores = design * fit.residual[own, None]
        cells = np.column_stack([np.bincount(rows.cluster[own], column) for column in scores.T])
        estimates.append(float((inverse @ scores.sum(axis=0))[1]))
        variances.append(float((inverse @ cells.T @ cells @ inverse)[1, 1]))
    return _moment_sd(np.array(estimates), np.array(variances)) if len(estimates) >= _FEWEST_MODELS else nan


def _moment_sd(estimates: FloatArray, variances: FloatArray) -> float:
    """DerSimonian and Laird's standard deviation between estimates beyond their own variances."""
    weight = 1 / variances
    mean = weight @ estimates / weight.sum()
    excess = weight @ (estimates - mean) ** 2 - (len(estimates) - 1)
    return float(np.sqrt(max(0.0, excess / (weight.sum() - weight @ weight / weight.sum()))))
