"""The joint posterior of all weights of a profile: Bayesian logistic regression without intercept, ties included.

Arrays in, a frozen result out; knows no factor names and no files.
"""

from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction
from prefactor.config import INTERVAL, SEED
from prefactor.errors import SettingError
from prefactor.stats.certificate import ENOUGH, TRUSTED, WeightedDraws, draw_until, effective_share
from prefactor.stats.ep import Approximation, Problem, SiteState, cold_start, propagate, warm_start
from prefactor.stats.likelihood import solve_tie_parameter
from prefactor.stats.priors import DEFAULT_PRIOR, Prior
from prefactor.stats.sites import Labels, Sites, check_features, check_labels, collapse, exact_grid

__all__ = ["Posterior", "check_tie_parameter", "estimate_tie_parameter", "fit_posterior"]

MAX_ITERATIONS: Final = 200
TOLERANCE: Final = 1e-5
"""Moves of mean and sd, in sd, at which the passes stop: what is left to go is then a fifth of it."""

_MASKED_TOLERANCE: Final = 3e-4
"""The same for fits to some of the rows, of which there are many."""

TIE: Final = 0.5
"""The preference that stands for a tie."""

_TIE_ROUNDS: Final = 4
_TIE_TOLERANCE: Final = 1e-3
_ROUGH: Final = 1e-3
_BLOCK: Final = 65_536
_STATE_CELLS: Final = 3_000_000
"""Fits times distinct rows whose sites are held at once (24 bytes each, and 16 for a warm start)."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """Posterior of the weights of J judges on K subsets of the rows.

    The axes J and K are there only when several judges, or masks, were given: shapes are ([J,] [K,] d).

    Parameters
    ----------
    mean, sd
        Log-odds per unit of the feature, of A being preferred: positive when more of the factor is preferred.
    low, high
        Ends of the central interval, from the exact prior times the Gaussian approximation of the rest.
    covariance
        Shape ([J,] [K,] d, d).
    identified
        False where the factor is 0 in every row used; the weight is then its prior.
    converged, iterations
        Whether the posterior was reached, and after how many passes; shape ([J,] [K]).
    effective_share
        Share of draws from the approximation that are effective under the exact posterior, in [0, 1]; NaN where it was
        not asked for. Shape ([J,] [K]).
    draws
        Weighted draws from the exact posterior that the numbers come from; 0 where they are those of the
        approximation. Shape ([J,] [K]).
    tie_parameter
        Davidson's nu, shape ([J]).
    prior, interval
        Settings that produced it.
    rows, distinct_rows
        Rows given, and distinct feature rows up to sign.

    Notes
    -----
    Factors that are not ``identified`` are independent of the others. Against exact quadrature and long Markov chains,
    means of the approximation are within 1 % of an sd; sds are up to 4 % too small and the ends of the interval up to
    0.15 sd off where fewer than about 100 rows pull a weight far from 0, and much closer with more rows or weaker
    weights.
    """

    mean: FloatArray
    sd: FloatArray
    low: FloatArray
    high: FloatArray
    covariance: FloatArray
    identified: BoolArray
    converged: BoolArray
    iterations: IntArray
    effective_share: FloatArray
    draws: IntArray
    tie_parameter: FloatArray
    prior: Prior
    interval: float | None
    rows: int
    distinct_rows: int


def fit_posterior(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    masks: ArrayLike | None = None,
    prior: Prior = DEFAULT_PRIOR,
    tie_parameter: float | None = None,
    interval: float | None = INTERVAL,
    certify: bool = False,
) -> Posterior:
    """Fit all weights together by expectation propagation, and by weighted draws where that is not good enough.

    The likelihood of a row is exp((y - 1/2) z) / (2 cosh(z / 2) + nu) with z = features @ weights: logistic with soft
    labels when nu = 0, else Davidson's model of ties. Every weight has the same prior, Laplace(0, 0.1) by default
    (Li et al. 2024, arXiv 2402.11296). Rows that are equal up to sign are fitted as one, so the order of rows does not
    change a bit of the result. Matrix products of this size run faster on one BLAS thread; the caller sets that limit.

    Parameters
    ----------
    features
        Shape (n, d), usually signs of score differences: 1 where A has more. NaN (not measured) counts as 0.
    preference
        P(A preferred) in [0, 1], shape (n,) or (J, n). With ``tie_parameter`` None, exactly 0.5 is a tie.
    weights
        Copies each row stands for, at least 0, shape (n,) or (J, n); None is 1 everywhere.
    masks
        Rows that each of K fits uses, boolean, shape (K, n); None is one fit to all.
    prior
        Of every weight, from :mod:`prefactor.stats.priors`.
    tie_parameter
        Davidson's nu, at least 0; None estimates it from all rows, separately for each judge.
    interval
        Mass of the central interval; None leaves the ends NaN, which spares a fifth of the time of many fits.
    certify
        Whether to test each fit with some draws from it, weighted by the exact posterior. Where under 75 % of them are
        effective, its numbers come from as many draws as make 4,000 effective ones (at most 64,000).

    Returns
    -------
    Posterior
        Means, sds, intervals and covariance.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> x = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]] * 20)
    >>> y = np.array([1.0, 0.0, 0.0] * 20)
    >>> posterior = fit_posterior(x, y)
    >>> posterior.mean.round(3).tolist(), posterior.identified.tolist()
    ([0.174, 0.0], [True, False])
    """
    check_tie_parameter(tie_parameter)
    if interval is not None:
        check_fraction("interval", interval)
    columns = check_features(features)
    labels = check_labels(preference, weights, rows=columns.shape[1])
    subsets = None if masks is None else _check_masks(masks, columns.shape[1])
    varying = np.asarray(columns.any(axis=1))
    sites = collapse(columns[varying])
    data = _Data(sites=sites, labels=labels, masks=subsets, prior=prior, certify=certify)
    fits, tie = _fit_all(data, tie_parameter)
    judges = () if labels.single else (labels.preference.shape[0],)
    shape = judges if subsets is None else (*judges, subsets.shape[0])
    return _posterior(fits, varying, shape, interval=interval, tie=tie.reshape(judges), data=data)


def estimate_tie_parameter(preference: ArrayLike, log_odds: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Estimate Davidson's tie parameter by maximum likelihood at given log-odds.

    Parameters
    ----------
    preference
        P(A preferred), shape (n,); exactly 0.5 is a tie.
    log_odds
        Fitted log-odds of A, shape (n,).
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.

    Returns
    -------
    float
        nu: 0 without ties; ties are nu / (2 + nu) of the preferences between equal responses.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> round(estimate_tie_parameter([1.0, 0.5, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]), 4)
    0.6667
    """
    odds = np.asarray(log_odds, dtype=np.float64)
    labels = check_labels(np.ravel(preference), weights, rows=odds.size)
    used = labels.weights[0]
    return solve_tie_parameter(odds.ravel(), used, ties=float(used[labels.preference[0] == TIE].sum()))


def check_tie_parameter(tie_parameter: float | None) -> None:
    """Raise unless the tie parameter is None or a finite number of at least 0.

    Raises
    ------
    SettingError
        It is negative, infinite or NaN.
    """
    if tie_parameter is not None and not (isfinite(tie_parameter) and tie_parameter >= 0):
        raise SettingError("tie_parameter", expected="a finite number of at least 0, or None", got=tie_parameter)


@dataclass(frozen=True, slots=True)
class _Data:
    sites: Sites
    labels: Labels
    masks: BoolArray | None
    prior: Prior
    certify: bool

    def problem(self, pairs: IntArray, tie: FloatArray) -> Problem:
        """Return the fits of (judge, mask) ``pairs``, shape (B, 2), where mask -1 is all rows."""
        counts = np.empty((len(pairs), self.sites.rows.shape[1]))
        signed = np.empty_like(counts)
        for judge in np.unique(pairs[:, 0]).tolist():
            weights = exact_grid(self.labels.weights[judge])
            label = exact_grid(weights * (self.labels.preference[judge] - TIE) * self.sites.sign)
            for fit in np.flatnonzero(pairs[:, 0] == judge).tolist():
                mask = pairs[fit, 1]
                used = 1.0 if mask < 0 or self.masks is None else self.masks[mask]
                counts[fit] = self.sites.totals(weights * used)
                signed[fit] = self.sites.totals(label * used)
        return Problem(
            rows=self.sites.rows,
            counts=counts,
            linear=self.sites.times_rows(signed),
            tie=tie[pairs[:, 0]],
            prior=self.prior,
        )


@dataclass(frozen=True, slots=True)
class _Fits:
    """What was found for B fits; ``effective_share`` is NaN where not asked for, ``exact`` None where not needed."""

    approximation: Approximation
    present: BoolArray
    effective_share: FloatArray
    exact: tuple[WeightedDraws | None, ...]

    def converged(self) -> BoolArray:
        """Whether each fit's numbers are those of its posterior."""
        drawn = np.array([each is not None and each.effective * len(each.shares) >= ENOUGH / 4 for each in self.exact])
        doubtful = self.effective_share < TRUSTED
        return np.where(doubtful, drawn, self.approximation.converged)


def _fit_all(data: _Data, tie_parameter: float | None) -> tuple[_Fits, FloatArray]:
    """Fit every judge to all rows, then, from there, to every mask."""
    judges = data.labels.preference.shape[0]
    tie = np.full(judges, 0.0 if tie_parameter is None else tie_parameter)
    together = max(1, _STATE_CELLS // max(1, data.sites.rows.shape[1]))
    done: list[_Fits] = []
    for start in range(0, judges, together):
        group = np.arange(start, min(start + together, judges))
        problem, state, fitted = _fit_group(data, group, tie, estimate=tie_parameter is None)
        if data.masks is None:
            done.append(_finished(problem, fitted, certify=data.certify))
            continue
        masks = np.arange(data.masks.shape[0])
        pairs = np.stack([np.repeat(group, masks.size), np.tile(masks, group.size)], axis=1)
        for first in range(0, len(pairs), together):
            part = pairs[first : first + together]
            masked = data.problem(part, tie)
            warm = warm_start(masked, state, fits=part[:, 0] - start)
            fitted = propagate(masked, warm, tolerance=_MASKED_TOLERANCE, max_iterations=MAX_ITERATIONS)
            done.append(_finished(masked, fitted, certify=data.certify))
    return _joined(done), tie


def _fit_group(
    data: _Data, group: IntArray, tie: FloatArray, *, estimate: bool
) -> tuple[Problem, SiteState, Approximation]:
    """Fit some judges to all rows; where asked, alternate with their tie parameters, which are written to ``tie``."""
    pairs = np.stack([group, np.full(group.size, -1)], axis=1)
    ties = np.array([_tie_weight(data.labels, judge) for judge in group]) if estimate else np.zeros(group.size)
    total = data.labels.weights[group].sum(axis=1)
    for judge in np.flatnonzero(ties):
        tie[group[judge]] = solve_tie_parameter(np.zeros(1), total[judge : judge + 1], ties=ties[judge])
    problem = data.problem(pairs, tie)
    state = cold_start(problem)
    for _ in range(_TIE_ROUNDS if ties.any() else 0):
        fitted = propagate(problem, state, tolerance=_ROUGH, max_iterations=MAX_ITERATIONS)
        before = problem.tie
        for judge in np.flatnonzero(ties):
            odds = np.append(data.sites.log_odds(fitted.mean[judge]), 0.0)
            counts = np.append(problem.counts[judge], max(0.0, total[judge] - problem.counts[judge].sum()))
            tie[group[judge]] = solve_tie_parameter(odds, counts, ties=ties[judge])
        problem = replace(problem, tie=tie[group])
        if np.abs(problem.tie - before).max() <= _TIE_TOLERANCE * before.max():
            break
    # Where masks are given, these fits are only where those of the masks start.
    tolerance = TOLERANCE if data.masks is None else _ROUGH
    return problem, state, propagate(problem, state, tolerance=tolerance, max_iterations=MAX_ITERATIONS)


def _finished(problem: Problem, fitted: Approximation, *, certify: bool) -> _Fits:
    """Certify every fit where asked, and draw from the exact posterior of those that fail."""
    fits = range(len(fitted.mean))
    share = np.full(len(fits), nan)
    exact: list[WeightedDraws | None] = [None] * len(fits)
    for fit in fits if certify else ():
        share[fit] = effective_share(problem, fitted, fit=fit, seed=SEED)
        if share[fit] < TRUSTED:
            exact[fit] = draw_until(problem, fitted, fit=fit, seed=SEED)
    return _Fits(fitted, _present(problem), share, tuple(exact))


def _tie_weight(labels: Labels, judge: int) -> float:
    return float(labels.weights[judge][labels.preference[judge] == TIE].sum())


def _present(problem: Problem) -> BoolArray:
    """Whether a factor differs in any row that a fit uses: shape (B, d)."""
    found = np.zeros(problem.linear.shape, dtype=np.bool_)
    for start in range(0, problem.rows.shape[1], _BLOCK):
        part = slice(start, start + _BLOCK)
        differs = (problem.rows[:, part] != 0).astype(np.float32)
        found |= (problem.counts[:, part] > 0).astype(np.float32) @ differs.T > 0
    return found


def _joined(parts: list[_Fits]) -> _Fits:
    whole = [part.approximation for part in parts]
    joined = Approximation(
        mean=np.concatenate([part.mean for part in whole]),
        covariance=np.concatenate([part.covariance for part in whole]),
        cavity_mean=np.concatenate([part.cavity_mean for part in whole]),
        cavity_variance=np.concatenate([part.cavity_variance for part in whole]),
        converged=np.concatenate([part.converged for part in whole]),
        iterations=np.concatenate([part.iterations for part in whole]),
    )
    return _Fits(
        joined,
        np.concatenate([part.present for part in parts]),
        np.concatenate([part.effective_share for part in parts]),
        tuple(each for part in parts for each in part.exact),
    )


def _posterior(
    fits: _Fits, varying: BoolArray, shape: tuple[int, ...], *, interval: float | None, tie: FloatArray, data: _Data
) -> Posterior:
    """Put the factors that never differ back in, with the prior, and give the axes their shape."""
    found, size, prior = fits.approximation, varying.size, data.prior
    tails = None if interval is None else np.array([0.5 * (1 - interval), 0.5 * (1 + interval)])
    mean, inner, ends = _numbers(fits, prior, tails)
    prior_ends = _ends(prior, np.zeros(1), np.full(1, 1e10), tails)[:, 0]
    identified = np.zeros((len(mean), size), dtype=np.bool_)
    identified[:, varying] = fits.present
    covariance = np.zeros((len(mean), size, size))
    covariance[np.ix_(np.arange(len(mean)), varying, varying)] = inner
    diagonal = np.arange(size)
    variance = np.where(identified, covariance[:, diagonal, diagonal], prior.variance)
    covariance[:, diagonal, diagonal] = variance

    def spread(values: FloatArray, default: float) -> FloatArray:
        whole = np.full(identified.shape, default)
        whole[:, varying] = np.where(fits.present, values, default)
        return whole.reshape(*shape, size)

    return Posterior(
        mean=spread(mean, 0.0),
        sd=np.sqrt(variance).reshape(*shape, size),
        low=spread(ends[0], float(prior_ends[0])),
        high=spread(ends[1], float(prior_ends[1])),
        covariance=covariance.reshape(*shape, size, size),
        identified=identified.reshape(*shape, size),
        converged=fits.converged().reshape(shape),
        iterations=found.iterations.reshape(shape),
        effective_share=fits.effective_share.reshape(shape),
        draws=np.array([0 if each is None else len(each.shares) for each in fits.exact], dtype=np.int64).reshape(shape),
        tie_parameter=tie,
        prior=prior,
        interval=interval,
        rows=data.labels.preference.shape[1],
        distinct_rows=data.sites.rows.shape[1],
    )


def _numbers(fits: _Fits, prior: Prior, tails: FloatArray | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means, covariances and ends (2, B, d) of the factors that differ, from weighted draws where there are any."""
    found = fits.approximation
    mean, covariance = found.mean.copy(), found.covariance.copy()
    ends = _ends(prior, found.cavity_mean, found.cavity_variance, tails)
    for fit, exact in enumerate(fits.exact):
        if exact is not None:
            mean[fit], covariance[fit] = exact.moments()
            ends[:, fit] = nan if tails is None else np.stack([exact.quantile(tail) for tail in tails.tolist()])
    return mean, covariance, ends


def _ends(prior: Prior, mean: FloatArray, variance: FloatArray, tails: FloatArray | None) -> FloatArray:
    """Return the ends of central intervals of normals tilted by the prior, shape (2, ...), or NaN."""
    if tails is None:
        return np.full((2, *mean.shape), nan)
    return prior.quantile(mean, variance, probability=tails.reshape(2, *(1,) * mean.ndim))


def _check_masks(masks: ArrayLike, rows: int) -> BoolArray:
    given = np.asarray(masks)
    if given.dtype != np.bool_ or given.ndim != 2 or given.shape[1] != rows or given.shape[0] == 0:
        raise SettingError("masks", expected=f"booleans of shape (folds, {rows})", got=(given.dtype.name, given.shape))
    return given
