"""Expectation propagation for many logistic regressions that share their rows, with one prior on every weight.

Works on prepared sites; knows nothing of labels, folds, intervals or how the rows were collapsed.
"""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from prefactor._typing import AnyArray, BoolArray, FloatArray, IntArray
from prefactor.stats.likelihood import normaliser_moments
from prefactor.stats.priors import Prior

__all__ = ["Approximation", "Problem", "SiteState", "cold_start", "propagate", "warm_start"]

_CHUNK_CELLS: Final = 32_768
"""Fits times rows handled at once: the temporaries of the site update then stay in a core's cache."""
_FEWEST_ROWS: Final = 64
_MOST_ROWS: Final = 2_048
_FEW_FITS: Final = 7
_MOST_STILL: Final = 0.5
"""Share of the fits that stand still above which the others go on alone."""
_KEPT: Final = 1_000_000
"""Products of features that are kept from pass to pass (8 bytes each)."""
_FLAT: Final = 1e-9
"""Cavity precision, relative to the prior's, below which the data say nothing of a weight."""
_SLOWEST: Final = 0.15
_LETTING_GO: Final = 0.1
"""Share of its precision that the site of a weight's prior keeps in one pass at least."""

_LEAST_PRIOR: Final = 1e-6
"""Precision that the site of a weight's prior always keeps, relative to 1 / scale^2."""


@dataclass(frozen=True, slots=True)
class Problem:
    """B logistic regressions over the same m distinct rows of d features.

    Parameters
    ----------
    rows
        Distinct feature rows as columns, shape (d, m), any real type.
    counts
        How often each fit has each row, shape (B, m), at least 0.
    linear
        Sum over a fit's rows of weight * (y - 1/2) * x, shape (B, d).
    tie
        Tie parameters, shape (B,).
    prior
        Of every weight.
    """

    rows: AnyArray
    counts: FloatArray
    linear: FloatArray
    tie: FloatArray
    prior: Prior


@dataclass(slots=True)
class SiteState:
    """Natural parameters of the Gaussian sites: of one copy of each row (B, m), and of the priors (B, d).

    Mutable, because it is the bulk of the memory and is updated in place.

    Parameters
    ----------
    precision, shift
        Of the rows' sites.
    prior_precision, prior_shift
        Of the priors' sites.
    mean, covariance
        Of the Gaussian they were last updated from, shapes (B, d) and (B, d, d).
    """

    precision: FloatArray
    shift: FloatArray
    prior_precision: FloatArray
    prior_shift: FloatArray
    mean: FloatArray
    covariance: FloatArray


@dataclass(frozen=True, slots=True)
class Approximation:
    """What EP found for B fits.

    Parameters
    ----------
    mean, covariance
        Of the Gaussian, shapes (B, d) and (B, d, d).
    cavity_mean, cavity_variance
        Of each weight without its own prior, shape (B, d): times the prior, its marginal posterior.
    converged
        Whether mean and sd moved by less than the tolerance (in sd) in the last pass, shape (B,).
    iterations
        Passes until then, shape (B,).
    """

    mean: FloatArray
    covariance: FloatArray
    cavity_mean: FloatArray
    cavity_variance: FloatArray
    converged: BoolArray
    iterations: IntArray


def cold_start(problem: Problem) -> SiteState:
    """Return empty row sites, with the Gaussian that has the prior's variance.

    Parameters
    ----------
    problem
        The fits.

    Returns
    -------
    SiteState
        To be given to :func:`propagate`.
    """
    fits, size = problem.linear.shape
    variance = problem.prior.variance
    return SiteState(
        precision=np.zeros(problem.counts.shape),
        shift=np.zeros(problem.counts.shape),
        prior_precision=np.full((fits, size), 1 / variance),
        prior_shift=np.zeros((fits, size)),
        mean=np.zeros((fits, size)),
        covariance=np.broadcast_to(np.eye(size) * variance, (fits, size, size)).copy(),
    )


def warm_start(problem: Problem, state: SiteState, *, fits: IntArray) -> SiteState:
    """Return the sites of some fits as a start for fits to nearly the same data, with the Gaussian these give there.

    Parameters
    ----------
    problem
        The fits to be started.
    state
        A state left by :func:`propagate`.
    fits
        Indices of the fits to copy, repeated where several fits start from one.

    Returns
    -------
    SiteState
        To be given to :func:`propagate`.
    """
    started = SiteState(
        precision=state.precision[fits],
        shift=state.shift[fits],
        prior_precision=state.prior_precision[fits],
        prior_shift=state.prior_shift[fits],
        mean=state.mean[fits],
        covariance=state.covariance[fits],
    )
    step, products = _chunks(problem)
    products.begin(started.covariance)
    shift = np.zeros_like(started.mean)
    for start in range(0, problem.rows.shape[1], step):
        part = slice(start, start + step)
        counts = problem.counts[:, part]
        rows = products.take(start)
        products.add(counts * started.precision[:, part])
        shift += (counts * started.shift[:, part]) @ rows.T
    started.mean, started.covariance = _solve(products.total(), shift, started, problem.linear)
    return started


def propagate(problem: Problem, state: SiteState, *, tolerance: float, max_iterations: int) -> Approximation:
    """Run parallel expectation propagation (Minka 2001) until every fit stands still.

    Label parts of the likelihood are linear in the log-odds, hence exact; only the normaliser and the prior of each
    weight are approximated. No site is given a negative precision: none needs one where the prior is log-concave. A fit
    whose steps do not shrink is damped.

    Parameters
    ----------
    problem
        The fits.
    state
        Where to start; updated in place.
    tolerance
        Largest move of mean and sd in one pass, in sd, that counts as standing still.
    max_iterations
        Passes after which to give up; the fits still moving are then not ``converged``.

    Returns
    -------
    Approximation
        The Gaussians, and how each fit went.
    """
    fits = problem.linear.shape[0]
    damping = np.ones(fits)
    last = np.full(fits, np.inf)
    iterations = np.zeros(fits, dtype=np.int64)
    converged = np.zeros(fits, dtype=np.bool_)
    cavity_mean, cavity_variance = _cavities(problem, state)
    chunks = _chunks(problem)
    for iteration in range(1, max_iterations + 1):
        precision, shift = _sweep(problem, state, damping, chunks)
        _update_prior(problem, state, cavity_mean, cavity_variance, damping)
        mean, covariance = _solve(precision, shift, state, problem.linear)
        moved = _moved(state, mean, covariance)
        state.mean, state.covariance = mean, covariance
        cavity_mean, cavity_variance = _cavities(problem, state)
        iterations = np.where(converged, iterations, iteration)
        converged = moved < tolerance
        if bool(converged.all()):
            break
        if converged.mean() > _MOST_STILL:
            rest = np.flatnonzero(~converged)
            found = _finish(problem, state, rest, tolerance=tolerance, max_iterations=max_iterations - iteration)
            converged[rest], iterations[rest] = found.converged, iteration + found.iterations
            cavity_mean[rest], cavity_variance[rest] = found.cavity_mean, found.cavity_variance
            break
        stuck = (moved > 0.8 * last) & (iteration > 3)
        damping = np.where(stuck, np.maximum(0.7 * damping, _SLOWEST), damping)
        last = moved
    return Approximation(
        mean=state.mean,
        covariance=state.covariance,
        cavity_mean=cavity_mean,
        cavity_variance=cavity_variance,
        converged=converged,
        iterations=iterations,
    )


def _finish(
    problem: Problem, state: SiteState, rest: IntArray, *, tolerance: float, max_iterations: int
) -> Approximation:
    """Go on with some of the fits alone, and write what comes of them into the state of all."""
    part = replace(problem, counts=problem.counts[rest], linear=problem.linear[rest], tie=problem.tie[rest])
    names = [field.name for field in fields(SiteState)]
    own = SiteState(**{name: getattr(state, name)[rest] for name in names})
    found = propagate(part, own, tolerance=tolerance, max_iterations=max_iterations)
    for name in names:
        getattr(state, name)[rest] = getattr(own, name)
    return found


def _sweep(
    problem: Problem, state: SiteState, damping: FloatArray, chunks: "tuple[int, _EachFit | _AllFits]"
) -> tuple[FloatArray, FloatArray]:
    """Update every row's site from the current Gaussian, and add the new sites up in the same pass over the rows."""
    step, products = chunks
    products.begin(state.covariance)
    shift = np.zeros_like(state.mean)
    tie, undamped = problem.tie[:, None], bool((damping == 1).all())
    for start in range(0, problem.rows.shape[1], step):
        part = slice(start, start + step)
        counts = problem.counts[:, part]
        site_precision, site_shift = state.precision[:, part], state.shift[:, part]
        rows = products.take(start)
        mean, variance = state.mean @ rows, products.variances()
        new_precision, new_shift = _new_sites(mean, variance, site_precision, site_shift, counts, tie)
        if not undamped:
            new_precision = site_precision + damping[:, None] * (new_precision - site_precision)
            new_shift = site_shift + damping[:, None] * (new_shift - site_shift)
        site_precision[:], site_shift[:] = new_precision, new_shift
        products.add(counts * new_precision)
        shift += (counts * new_shift) @ rows.T
    return products.total(), shift


def _chunks(problem: Problem) -> "tuple[int, _EachFit | _AllFits]":
    """How many rows to take at once, and the quicker way to multiply with them."""
    fits = len(problem.linear)
    step = int(np.clip(_CHUNK_CELLS // fits, _FEWEST_ROWS, _MOST_ROWS))
    return step, (_EachFit if fits <= _FEW_FITS else _AllFits)(problem.rows, step)


class _EachFit:
    """Variances x'Sx and sums of w xx' over chunks of rows, one fit after the other: quickest for a few fits."""

    def __init__(self, rows: AnyArray, step: int) -> None:
        self.whole, self.step = rows, step
        self.rows = np.empty((len(rows), 0))

    def begin(self, covariance: FloatArray) -> None:
        self.covariance = covariance
        self.sum = np.zeros_like(covariance)

    def take(self, start: int) -> FloatArray:
        self.rows = self.whole[:, start : start + self.step].astype(np.float64)
        return self.rows

    def variances(self) -> FloatArray:
        return np.stack([np.einsum("ij,ij->j", each @ self.rows, self.rows) for each in self.covariance])

    def add(self, weights: FloatArray) -> None:
        for fit, each in enumerate(weights):
            self.sum[fit] += (self.rows * each) @ self.rows.T

    def total(self) -> FloatArray:
        return 0.5 * (self.sum + self.sum.transpose(0, 2, 1))


class _AllFits:
    """The same for all fits at once, as products with the d (d + 1) / 2 products of every two features of a row."""

    def __init__(self, rows: AnyArray, step: int) -> None:
        size, count = rows.shape
        self.whole, self.step = rows, step
        self.upper = np.triu_indices(size)
        self.twice = np.where(self.upper[0] == self.upper[1], 1.0, 2.0)
        # One buffer for all chunks: getting fresh pages for each costs more than filling them. Products of few rows are
        # kept from pass to pass.
        self.kept: dict[int, tuple[FloatArray, FloatArray]] | None = {} if count * self.twice.size <= _KEPT else None
        self.buffer = np.empty((self.twice.size, count if self.kept is not None else step))
        self.pairs = self.buffer[:, :0]

    def begin(self, covariance: FloatArray) -> None:
        self.covariance = covariance[:, self.upper[0], self.upper[1]] * self.twice
        self.sum = np.zeros_like(self.covariance)
        self.shape = covariance.shape

    def take(self, start: int) -> FloatArray:
        if self.kept is not None and start in self.kept:
            rows, self.pairs = self.kept[start]
            return rows
        rows = self.whole[:, start : start + self.step].astype(np.float64)
        size, count = rows.shape
        first_column = 0 if self.kept is None else start
        self.pairs = self.buffer[:, first_column : first_column + count]
        begin = 0
        for first in range(size):
            np.multiply(rows[first], rows[first:], out=self.pairs[begin : begin + size - first])
            begin += size - first
        if self.kept is not None:
            self.kept[start] = rows, self.pairs
        return rows

    def variances(self) -> FloatArray:
        return self.covariance @ self.pairs

    def add(self, weights: FloatArray) -> None:
        self.sum += weights @ self.pairs.T

    def total(self) -> FloatArray:
        whole = np.empty(self.shape)
        whole[:, self.upper[0], self.upper[1]] = self.sum
        whole[:, self.upper[1], self.upper[0]] = self.sum
        return whole


def _new_sites(
    mean: FloatArray,
    variance: FloatArray,
    site_precision: FloatArray,
    site_shift: FloatArray,
    counts: FloatArray,
    tie: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    # A row of weight below 1 is less than one copy, so only that much of a copy can be taken out.
    least = float(counts.min(initial=1.0))
    removed = 1.0 if least >= 1 else np.minimum(counts, 1.0)
    fractional = least < 1 and bool(((counts > 0) & (counts < 1)).any())
    power = np.where(counts > 0, removed, 1.0) if fractional else None
    precision = 1 / np.maximum(variance, 1e-300)
    cavity_precision = np.maximum(precision - removed * site_precision, 1e-6 * precision)
    cavity_variance = 1 / cavity_precision
    cavity_shift = mean * precision - removed * site_shift
    cavity_mean = cavity_variance * cavity_shift
    shift, ratio = normaliser_moments(cavity_mean, cavity_variance, tie=tie, power=power)
    tilted_precision = cavity_precision / ratio
    new_precision = np.maximum(tilted_precision - cavity_precision, 0.0)
    new_shift = (cavity_mean + np.sqrt(cavity_variance) * shift) * tilted_precision - cavity_shift
    return (new_precision, new_shift) if power is None else (new_precision / power, new_shift / power)


def _cavities(problem: Problem, state: SiteState) -> tuple[FloatArray, FloatArray]:
    diagonal = np.einsum("bii->bi", state.covariance)
    floor = _FLAT / problem.prior.scale**2
    precision = np.maximum(1 / diagonal - state.prior_precision, floor)
    return (state.mean / diagonal - state.prior_shift) / precision, 1 / precision


def _update_prior(
    problem: Problem, state: SiteState, cavity_mean: FloatArray, cavity_variance: FloatArray, damping: FloatArray
) -> None:
    mean, variance = problem.prior.moments(cavity_mean, cavity_variance)
    # Far from 0 the log prior is linear and its site has no precision. Where factors cannot be told apart nothing else
    # holds them while the other sites settle, so it is let go of step by step; the tilted mean is matched all the same.
    least = np.maximum(_LETTING_GO * state.prior_precision, _LEAST_PRIOR / problem.prior.scale**2)
    precision = np.maximum(1 / variance - 1 / cavity_variance, least)
    shift = mean * (precision + 1 / cavity_variance) - cavity_mean / cavity_variance
    state.prior_precision += damping[:, None] * (precision - state.prior_precision)
    state.prior_shift += damping[:, None] * (shift - state.prior_shift)


def _solve(
    precision: FloatArray, shift: FloatArray, state: SiteState, linear: FloatArray
) -> tuple[FloatArray, FloatArray]:
    diagonal = np.arange(precision.shape[1])
    precision[:, diagonal, diagonal] += state.prior_precision
    covariance = np.linalg.inv(precision)
    covariance = 0.5 * (covariance + covariance.transpose(0, 2, 1))
    mean = np.einsum("bij,bj->bi", covariance, shift + linear + state.prior_shift)
    return mean, covariance


def _moved(state: SiteState, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    variance = np.einsum("bii->bi", covariance)
    before = np.einsum("bii->bi", state.covariance)
    by_mean = np.abs(mean - state.mean) / np.sqrt(variance)
    by_sd = np.abs(np.sqrt(before / variance) - 1)
    return np.asarray(np.maximum(by_mean, by_sd).max(axis=1, initial=0.0))
