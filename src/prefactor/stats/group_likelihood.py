"""The likelihood of every group of rows as a Gaussian in that group's weights, found near where the weights lie.

Works on sign rows, labels and group numbers; knows no hierarchy, and no judge or slice.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import AnyArray, FloatArray, IntArray
from prefactor.stats.likelihood import normaliser_moments
from prefactor.stats.sites import collapse, exact_grid

__all__ = ["GaussianLikelihoods", "GroupRows", "GroupedLabels", "group_rows", "match_gaussians"]

_BLOCK: Final = 8_192
_PASSES: Final = 100
_TOLERANCE: Final = 1e-5
_SLOWEST: Final = 0.1


@dataclass(frozen=True, slots=True)
class GroupedLabels:
    """Checked rows of G groups.

    Parameters
    ----------
    columns
        Features as columns, without NaN, shape (d, n).
    preference, weights
        P(A preferred), and the copies each row stands for, shape (n,).
    group, cluster
        Of each row, numbered from 0, shape (n,); no cluster where rows are independent.
    tie
        Davidson's nu of each group, shape (G,).
    """

    columns: AnyArray
    preference: FloatArray
    weights: FloatArray
    group: IntArray
    cluster: IntArray | None
    tie: FloatArray


@dataclass(frozen=True, slots=True)
class GroupRows:
    """Distinct rows of G groups, in blocks that belong to one group each.

    Parameters
    ----------
    blocks
        Group, and distinct rows as columns of shape (d, m): many blocks for a big group, none for an empty one.
    counts
        How often each distinct row occurs, in the order of the blocks, shape (sum of m,).
    linear
        Sum over a group's rows of weight * (y - 1/2) * x, shape (G, d).
    tie
        Davidson's nu of each group, shape (G,).
    """

    blocks: tuple[tuple[int, AnyArray], ...]
    counts: FloatArray
    linear: FloatArray
    tie: FloatArray


@dataclass(frozen=True, slots=True)
class GaussianLikelihoods:
    """Likelihoods exp(shift @ w - w @ precision @ w / 2) of G groups.

    Parameters
    ----------
    precision, shift
        Shapes (G, d, d) and (G, d).
    converged
        Whether they stood still.
    """

    precision: FloatArray
    shift: FloatArray
    converged: bool


def group_rows(labels: GroupedLabels) -> GroupRows:
    """Bring rows down to distinct rows, group by group, so that their order does not change a bit.

    Parameters
    ----------
    labels
        The rows; those that are zero throughout say nothing of weights and are left out.
    """
    groups = labels.tie.size
    blocks: list[tuple[int, AnyArray]] = []
    counts: list[FloatArray] = [np.zeros(0)]
    linear = np.zeros((groups, labels.columns.shape[0]))
    for group in range(groups):
        rows = np.flatnonzero(labels.group == group)
        weights = labels.weights[rows]
        sites = collapse(labels.columns[:, rows])
        counts.append(sites.totals(exact_grid(weights)))
        signed = exact_grid(weights * (labels.preference[rows] - 0.5) * sites.sign)
        linear[group] = sites.times_rows(sites.totals(signed)[None])[0]
        blocks += [(group, sites.rows[:, start : start + _BLOCK]) for start in range(0, sites.rows.shape[1], _BLOCK)]
    return GroupRows(tuple(blocks), np.concatenate(counts), linear, labels.tie)


def match_gaussians(rows: GroupRows, *, mean: FloatArray, covariance: FloatArray) -> GaussianLikelihoods:
    """Find the Gaussian likelihoods by expectation propagation, every group's weights having the same Gaussian prior.

    The prior only says where the Gaussians have to fit; it is not part of them. Labels enter exactly, and only the
    normaliser of a row is approximated, as in :mod:`prefactor.stats.ep`.

    Parameters
    ----------
    rows
        The groups' rows.
    mean, covariance
        Of the prior, shapes (d,) and (d, d).

    Returns
    -------
    GaussianLikelihoods
        The likelihoods without the prior.
    """
    groups, size = rows.linear.shape
    prior = np.linalg.inv(covariance)
    site_precision, site_shift = np.zeros_like(rows.counts), np.zeros_like(rows.counts)
    owner = np.repeat(
        np.array([group for group, _ in rows.blocks], dtype=np.int64), [part.shape[1] for _, part in rows.blocks]
    )
    tie = rows.tie[owner]
    damping, last = np.ones(groups), np.full(groups, np.inf)
    precision, shift = np.zeros((groups, size, size)), np.zeros((groups, size))
    converged = False
    centre = np.broadcast_to(mean, (groups, size))
    spread = np.broadcast_to(covariance, (groups, size, size))
    for done in range(_PASSES):
        step = damping[owner]
        at, variance = _log_odds(rows, centre, spread)
        new_precision, new_shift = _new_sites(at, variance, site_precision, site_shift, rows.counts, tie)
        site_precision = site_precision + step * (new_precision - site_precision)
        site_shift = site_shift + step * (new_shift - site_shift)
        precision, shift = _summed(rows, site_precision, site_shift)
        spread = np.linalg.inv(precision + prior)
        before, centre = centre, (spread @ (shift + prior @ mean)[..., None])[..., 0]
        moved = (np.abs(centre - before) / np.sqrt(np.einsum("gii->gi", spread))).max(axis=1, initial=0.0)
        converged = bool((moved < _TOLERANCE).all())
        if converged:
            break
        # A group that swings takes shorter steps.
        stuck = (moved > 0.8 * last) & (done >= 2)
        damping = np.where(stuck, np.maximum(0.7 * damping, _SLOWEST), damping)
        last = moved
    return GaussianLikelihoods(precision, shift, converged)


def _log_odds(rows: GroupRows, centre: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of every distinct row's log-odds."""
    means, variances = [np.zeros(0)], [np.zeros(0)]
    for group, block in rows.blocks:
        part = block.astype(np.float64)
        means.append(centre[group] @ part)
        variances.append(np.einsum("ij,ij->j", spread[group] @ part, part))
    return np.concatenate(means), np.maximum(np.concatenate(variances), 1e-12)


def _summed(rows: GroupRows, site_precision: FloatArray, site_shift: FloatArray) -> tuple[FloatArray, FloatArray]:
    precision = np.zeros((*rows.linear.shape, rows.linear.shape[1]))
    shift = rows.linear.copy()
    start = 0
    for group, block in rows.blocks:
        chosen = slice(start, start + block.shape[1])
        start += block.shape[1]
        part = block.astype(np.float64)
        weighed = part * (rows.counts[chosen] * site_precision[chosen])
        precision[group] += weighed @ part.T
        shift[group] += part @ (rows.counts[chosen] * site_shift[chosen])
    return 0.5 * (precision + precision.transpose(0, 2, 1)), shift


def _new_sites(
    mean: FloatArray,
    variance: FloatArray,
    site_precision: FloatArray,
    site_shift: FloatArray,
    counts: FloatArray,
    tie: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    # A row of weight below 1 is less than one copy, so only that much of a copy can be taken out.
    power = np.where(counts > 0, np.minimum(counts, 1.0), 1.0)
    precision = 1 / variance
    cavity_precision = np.maximum(precision - power * site_precision, 1e-6 * precision)
    cavity_variance = 1 / cavity_precision
    cavity_shift = mean * precision - power * site_shift
    cavity_mean = cavity_variance * cavity_shift
    shift, ratio = normaliser_moments(
        cavity_mean, cavity_variance, tie=tie, power=None if (power == 1).all() else power
    )
    tilted_precision = cavity_precision / ratio
    new_precision = np.maximum(tilted_precision - cavity_precision, 0.0) / power
    new_shift = ((cavity_mean + np.sqrt(cavity_variance) * shift) * tilted_precision - cavity_shift) / power
    return new_precision, new_shift
