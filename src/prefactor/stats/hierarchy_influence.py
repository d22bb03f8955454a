"""What a group's own rows do to its pooled weights, and what rows that come in clusters do to their variance.

Works on Gaussian likelihoods and on scores of rows; knows no sampler.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.group_likelihood import GroupedLabels
from prefactor.stats.hierarchy_chains import Roots
from prefactor.stats.sites import exact_grid

__all__ = ["CellScores", "Influence", "cell_scores", "influence_of", "lightened", "likeness_of", "sharing_of"]

_MOST_SHARED: Final = 0.95


@dataclass(frozen=True, slots=True)
class CellScores:
    """Scores of the rows (derivatives of their log-likelihood by the weights), summed by cell, a cluster in a group.

    Parameters
    ----------
    sums
        Shape (cells, d), sorted by group, then cluster.
    group, cluster
        Of each cell, shape (cells,).
    alone
        Sum over each group's rows of weight * score score', shape (G, d, d): what the products of the sums would come
        to were all rows independent.
    repeated
        The same with every row counted as often as its cell has further rows, over all groups, shape (d, d).
    """

    sums: FloatArray
    group: IntArray
    cluster: IntArray
    alone: FloatArray
    repeated: FloatArray


@dataclass(frozen=True, slots=True)
class Influence:
    """What groups and clusters do, at given spreads.

    Parameters
    ----------
    own_share
        1 - Var(w_gf | all groups) / Var(w_gf | the other groups), shape (G, d), in [0, 1].
    precision
        Of the estimates that a group's own rows give of each weight, the others being known as well as they are,
        shape (G, d).
    weight_excess, common_excess
        Variance that clusters add, shapes (G, d) and (d,); negative where rows of a cluster are unlike.
    """

    own_share: FloatArray
    precision: FloatArray
    weight_excess: FloatArray
    common_excess: FloatArray


def cell_scores(labels: GroupedLabels, weight: FloatArray) -> CellScores:
    """Sum the scores of rows at the weights of their groups, shape (G, d), for any order of rows to the same bits."""
    log_odds = np.zeros(len(labels.group))
    # Column by column, since a matrix product may round a row differently with its place.
    for column, slope in zip(labels.columns, weight.T, strict=True):
        log_odds += column * slope[labels.group]
    half = 0.5 * np.clip(log_odds, -600.0, 600.0)
    residual = labels.preference - 0.5 - np.sinh(half) / (2 * np.cosh(half) + labels.tie[labels.group])
    keys, cell, clusters = _cells(labels)
    score = labels.weights * residual
    sums = [np.bincount(cell, weights=exact_grid(score * column), minlength=keys.size) for column in labels.columns]
    further = np.maximum(np.bincount(cell, weights=exact_grid(labels.weights))[cell] - 1, 0.0)
    squares = labels.weights * residual**2
    size = len(labels.columns)
    alone = np.zeros((labels.tie.size, size, size))
    for group in range(labels.tie.size):
        rows = labels.group == group
        alone[group] = _products(labels.columns[:, rows], squares[rows])
    repeated = _products(labels.columns, squares * further)
    return CellScores(np.stack(sums, axis=1), keys // clusters, keys % clusters, alone, repeated)


def likeness_of(scores: CellScores, metric: FloatArray) -> float:
    """Intraclass correlation of the scores of one cell, in [0, 1].

    It is the sum of s_i' V s_j over pairs of different rows of a cell, over what it would be were s_j equal to s_i.

    Parameters
    ----------
    scores
        Of all rows.
    metric
        V, shape (d, d): the inverse of the information, so that every direction counts alike.
    """
    alike = float(np.sum(metric * (scores.sums.T @ scores.sums - scores.alone.sum(axis=0))))
    most = float(np.sum(metric * scores.repeated))
    return float(np.clip(alike / most, 0.0, 1.0)) if most > 0 else 0.0


def sharing_of(scores: CellScores, metric: FloatArray) -> float:
    """Share of the noise of one group's scores that the other groups have too, in [0, 0.95].

    It is the mean over pairs of groups of their covariance, sum over clusters of s_cg' V s_ch, over the mean variance
    of a group, sum over clusters of s_cg' V s_cg: 0 where groups share no cluster, near 1 for judges that nearly repeat
    one another's verdicts on the same comparisons.

    Parameters
    ----------
    scores
        Of all rows.
    metric
        V, shape (d, d).
    """
    if np.unique(scores.cluster).size == scores.cluster.size:
        return 0.0
    own = scores.sums.T @ scores.sums
    together = np.stack([np.bincount(scores.cluster, weights=exact_grid(column)) for column in scores.sums.T], axis=1)
    variance = float(np.sum(metric * own))
    covariance = float(np.sum(metric * (together.T @ together - own))) / max(1, len(scores.alone) - 1)
    return float(np.clip(covariance / variance, 0.0, _MOST_SHARED)) if variance > 0 else 0.0


def lightened(labels: GroupedLabels, likeness: float) -> FloatArray:
    """Return the weights of rows divided by the design effect 1 + (n - 1) likeness of their cell of n (Kish 1965)."""
    _, cell, _ = _cells(labels)
    rows = np.bincount(cell, weights=exact_grid(labels.weights))[cell]
    return np.asarray(labels.weights / (1 + np.maximum(rows - 1, 0.0) * likeness))


def influence_of(
    roots: Roots, scores: CellScores | None, *, spread: FloatArray, laplace_precision: FloatArray
) -> Influence:
    """Work out own shares and the excess variance of clusters, at given spreads.

    With S = diag(s^2), the estimates of single groups vary about m with covariance A_g^-1 = L_g^-1 + S, so m has the
    precision M = sum A_g + its prior's. A row with score u moves m by M^-1 (1 - A_g S) u, and the weights of its own
    group by V_g u besides, where V_g = S - S A_g S. The excess is the variance of what all rows of a cluster do
    together, less what they would do each alone (after Liang and Zeger 1986, DOI 10.1093/biomet/73.1.13).

    Parameters
    ----------
    roots
        Gaussian likelihoods.
    scores
        Of all rows; None where rows are independent, and clusters add nothing.
    spread, laplace_precision
        s, and the precision of the prior of m, shape (d,).
    """
    size = spread.size
    variance = spread**2
    rank = roots.root.shape[1]
    system = (roots.root * variance) @ roots.root.transpose(0, 2, 1) + np.eye(rank)
    pulls = roots.root.transpose(0, 2, 1) @ np.linalg.solve(system, roots.root)
    total = pulls.sum(axis=0) + np.diag(laplace_precision)
    common = np.linalg.inv(total)
    by_common = np.eye(size) - variance[:, None] * pulls
    given = np.diag(variance) - variance[:, None] * pulls * variance
    whole = _diagonals(given) + np.sum((by_common @ common) * by_common, axis=2)
    others = variance + _diagonals(np.linalg.inv(total - pulls))
    own_share = np.clip(1 - whole / others, 0.0, 1.0)
    pull = np.maximum(_diagonals(pulls), 0.0)
    precision = pull / np.maximum(1 - variance * pull, 1e-12)
    if scores is None:
        return Influence(own_share, precision, np.zeros_like(own_share), np.zeros(size))
    return Influence(own_share, precision, *_excess(scores, given=given, by_common=by_common, common=common))


def _excess(
    scores: CellScores, *, given: FloatArray, by_common: FloatArray, common: FloatArray
) -> tuple[FloatArray, FloatArray]:
    to_common = common @ by_common.transpose(0, 2, 1)
    moves = np.zeros_like(scores.sums)
    for group in range(len(given)):
        cells = scores.group == group
        moves[cells] = scores.sums[cells] @ to_common[group].T
    clusters = int(scores.cluster.max(initial=-1)) + 1
    moved = np.stack([np.bincount(scores.cluster, weights=move, minlength=clusters) for move in moves.T], axis=1)
    alone = scores.alone @ to_common.transpose(0, 2, 1)
    correction = clusters / max(1, clusters - 1)
    shared = (moved.T @ moved - (to_common @ alone).sum(axis=0)) * correction
    weight_excess = np.empty(given.shape[:2])
    for group in range(len(given)):
        cells = scores.group == group
        sums = scores.sums[cells]
        own = (sums.T @ sums - scores.alone[group]) * correction
        mixed = (sums.T @ moved[scores.cluster[cells]] - alone[group]) * correction
        cross = np.diag(given[group] @ mixed @ by_common[group].T)
        both = np.diag(given[group] @ own @ given[group]) + np.diag(by_common[group] @ shared @ by_common[group].T)
        weight_excess[group] = both + 2 * cross
    return weight_excess, np.diag(shared).copy()


def _cells(labels: GroupedLabels) -> tuple[IntArray, IntArray, int]:
    """Return the number of every cell (group * clusters + cluster), the cell of every row, and how many clusters."""
    cluster = np.arange(len(labels.group)) if labels.cluster is None else labels.cluster
    clusters = int(cluster.max(initial=0)) + 1
    keys, cell = np.unique(labels.group * clusters + cluster, return_inverse=True)
    return keys, cell, clusters


def _products(columns: FloatArray, values: FloatArray) -> FloatArray:
    """Sum of value * x x' over rows: exact, whatever their order, where x holds signs."""
    return np.asarray((columns * exact_grid(values)) @ columns.T)


def _diagonals(matrices: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("gii->gi", matrices))
