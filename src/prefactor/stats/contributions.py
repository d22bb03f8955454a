"""What each factor adds to the log-likelihood, averaged over orders, what chance adds to that, and draws of both.

Arrays in, arrays out; knows no shares of a whole and no factor names.
"""

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.stats.clusters import check_clusters
from prefactor.stats.gains import Gains, Game, fit_full, fit_subsets, inverses, mean_information
from prefactor.stats.orderings import Contrast, every_subset, nested_subsets, sample_orders
from prefactor.stats.posterior import TIE
from prefactor.stats.sites import check_features, check_labels, collapse, exact_grid
from prefactor.stats.special import normal_quantile, student_quantile

__all__ = ["Average", "ClusteredGame", "Noise", "average_orders", "cluster_noise", "draw_contributions", "prepare"]

MOST_EXACT: Final = 10
"""Factors up to which the average runs over all orders."""

DRAWS: Final = 2_000

_ROUND: Final = 512
"""Orders over which a second-order sketch of the gains is averaged at a time."""

_MOST_ROUNDS: Final = 8

_SAMPLING_ERROR: Final = 0.005
"""Standard error of every share that ends the rounds."""

_FITTED: Final = 8
"""Orders whose models are all fitted, for what the sketch misses."""

_CURVE: Final = 3


@dataclass(frozen=True, slots=True)
class ClusteredGame:
    """Comparisons brought down to distinct feature rows, with what ties them to clusters.

    Parameters
    ----------
    game
        Of the factors that differ somewhere.
    varying
        Which of all factors these are, shape (all factors,).
    index
        Distinct row of each row; one more than the last for a row in which nothing differs. Shape (n,).
    weights, signed
        Weight of each row, and weight * (y - 1/2), turned with the row's sign. Shape (n,).
    cluster
        Cluster of each row, from 0.
    coin
        Loss of a coin in each cluster, in nats, shape (clusters,).
    """

    game: Game
    varying: BoolArray
    index: IntArray
    weights: FloatArray
    signed: FloatArray
    cluster: IntArray
    coin: FloatArray

    def by_cluster(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Sum weights (n,) times the values (m, k) of each row's distinct row over clusters: shape (clusters, k)."""
        whole = np.vstack([values, np.zeros((1, values.shape[1]))])
        count = self.coin.size
        # Sums on a grid are the same for any order of rows.
        sums = [
            np.bincount(self.cluster, weights=exact_grid(column[self.index] * weights), minlength=count)
            for column in whole.T
        ]
        return np.stack(sums, axis=1)


@dataclass(frozen=True, slots=True)
class Average:
    """What each of d factors adds, averaged over orders.

    Parameters
    ----------
    contribution
        In nats, as found in the sample, shape (d,).
    metric
        What each adds to the inverse of the information, shape (d, d, d): half of g' metric g, with the score g, is its
        contribution to second order.
    error
        Covariance of ``contribution`` from sampling orders, shape (d, d).
    orders
        How many were fitted; 0 where the average runs over all.
    full
        Weights of the model with all factors, shape (d,).
    contrast, gains
        The models that were fitted, and how the average is made of them.
    """

    contribution: FloatArray
    metric: FloatArray
    error: FloatArray
    orders: int
    full: FloatArray
    contrast: Contrast
    gains: Gains


@dataclass(frozen=True, slots=True)
class Noise:
    """What clusters add up to, and what chance adds.

    Parameters
    ----------
    contributions
        Of each cluster to each factor's contribution, in nats, shape (clusters, d).
    scores
        Slopes of each cluster's log-likelihood at the full model, scaled to the mean information, shape (clusters, d).
    chance
        What chance adds to each contribution, shape (d,).
    optimism
        Its sum: half of trace(H^-1 J).
    """

    contributions: FloatArray
    scores: FloatArray
    chance: FloatArray
    optimism: float


def prepare(
    features: ArrayLike, preference: ArrayLike, *, clusters: ArrayLike, weights: ArrayLike | None, tie: float
) -> ClusteredGame:
    """Check the data and bring them down to what contributions depend on.

    Parameters
    ----------
    features, preference, clusters, weights
        As for :func:`prefactor.stats.shapley.fit_shares`.
    tie
        Davidson's nu.
    """
    columns = check_features(features)
    labels = check_labels(np.ravel(preference), weights, rows=columns.shape[1])
    index = check_clusters(clusters, columns.shape[1])
    label, weighed = labels.preference[0], exact_grid(labels.weights[0])
    varying = np.asarray(columns.any(axis=1))
    sites = collapse(columns[varying])
    signed = exact_grid(weighed * (label - TIE) * sites.sign)
    game = Game(
        rows=np.ascontiguousarray(sites.rows.T, dtype=np.float64),
        counts=sites.totals(weighed),
        score=sites.times_rows(sites.totals(signed)[None])[0],
        tie=tie,
    )
    loss = np.full(label.size, log(2 + tie))
    if tie > 0:
        # A soft label is a mixture of A and B; only an exact half is an outcome of its own.
        loss[label == TIE] -= log(tie)
    coin = np.bincount(index, weights=exact_grid(weighed * loss)).astype(np.float64, copy=False)
    return ClusteredGame(game, varying, sites.index, weighed, signed, index, coin)


def average_orders(data: ClusteredGame, groups: IntArray, *, seed: int) -> Average:
    """Average what each factor adds over all orders, or over sampled ones beyond ten factors.

    Parameters
    ----------
    data
        The comparisons.
    groups
        Number of the group of each factor that differs somewhere; the factors of one group enter together.
    seed
        Of the orders.
    """
    game = data.game
    full = fit_full(game)
    mean = mean_information(game, full)
    if groups.size <= MOST_EXACT:
        contrast = every_subset(groups)
        inverse = inverses(mean, contrast.subsets)
        sketch = np.einsum("i,sij,j->s", game.score, inverse, game.score)
        gains = fit_subsets(
            game, contrast.subsets, full=full, guess=np.clip(sketch / sketch.max(initial=1e-300), 0.0, 1.0)
        )
        metric = np.einsum("fs,sij->fij", contrast.coefficients, inverse)
        error = np.zeros((groups.size, groups.size))
        return Average(contrast.coefficients @ gains.values, metric, error, 0, full, contrast, gains)
    orders, reached, metric = _sketch(mean, game.score, groups, seed=seed)
    contrast = nested_subsets(orders[:_FITTED])
    sketch = np.empty(len(contrast.subsets))
    sketch[contrast.positions] = reached[:_FITTED]
    gains = fit_subsets(game, contrast.subsets, full=full, guess=np.clip(sketch, 0.0, 1.0))
    curve = np.linalg.lstsq(_powers(sketch), gains.values, rcond=None)[0]
    sketched = _added(_powers(reached) @ curve, orders)
    rest = _added((gains.values - _powers(sketch) @ curve)[contrast.positions], orders[:_FITTED])
    contribution = sketched.mean(axis=0) + rest.mean(axis=0)
    return Average(contribution, metric, _error(sketched) + _error(rest), _FITTED, full, contrast, gains)


def _powers(reached: FloatArray) -> FloatArray:
    """Return powers 1 to 3 on a last axis: a gain is nearly, but not quite, proportional to its sketch."""
    return np.stack([reached**power for power in range(1, _CURVE + 1)], axis=-1)


def _added(reached: FloatArray, orders: IntArray) -> FloatArray:
    """Turn gains reached along each order (P, d) into what each factor added (P, d)."""
    steps = np.diff(reached, axis=1, prepend=0.0)
    added = np.empty_like(steps)
    np.put_along_axis(added, orders, steps, axis=1)
    return added


def _error(added: FloatArray) -> FloatArray:
    """Covariance of the mean over orders, which come in pairs of an order and its reverse."""
    pairs = 0.5 * (added[::2] + added[1::2])
    apart = pairs - pairs.mean(axis=0)
    return np.asarray(apart.T @ apart / (len(pairs) * (len(pairs) - 1)))


def _sketch(
    mean: FloatArray, score: FloatArray, groups: IntArray, *, seed: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return sampled orders (P, d), the sketched share of the gain along each (P, d), and the mean metric (d, d, d)."""
    random = np.random.default_rng(seed)
    parts: list[tuple[IntArray, FloatArray, FloatArray]] = []
    while True:
        orders = sample_orders(groups, _ROUND, random=random)
        parts.append((orders, *_along(mean, score, orders)))
        orders, reached = (np.concatenate(column) for column in list(zip(*parts, strict=True))[:2])
        error = float(np.sqrt(np.diag(_error(_added(reached, orders))).max()))
        if error <= _SAMPLING_ERROR or len(parts) == _MOST_ROUNDS:
            return orders, reached, np.mean([metric for _, _, metric in parts], axis=0)


def _along(mean: FloatArray, score: FloatArray, orders: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return half of g_S' H_S^-1 g_S along each order as a share of the whole (P, d), and the mean metric (d, d, d).

    In the order of entry, with H = L L', a factor adds half of (u'g)^2, where u is its row of L^-1.
    """
    count, size = orders.shape
    inverse = np.linalg.inv(np.linalg.cholesky(mean[orders[:, :, None], orders[:, None, :]]))
    reached = np.cumsum(np.einsum("pij,pj->pi", inverse, score[orders]) ** 2, axis=1)
    rows = np.zeros((size, count, size))
    rows[orders[:, :, None], np.arange(count)[:, None, None], orders[:, None, :]] = inverse
    return reached / np.maximum(reached[:, -1:], 1e-300), np.asarray(rows.transpose(0, 2, 1) @ rows / count)


def cluster_noise(data: ClusteredGame, averaged: Average) -> Noise:
    """Find what each cluster contributes, its score, and what chance adds.

    Parameters
    ----------
    data, averaged
        The comparisons, and the average over orders.
    """
    game, contrast = data.game, averaged.contrast
    size = game.score.size
    parts = []
    for block in game.blocks(len(contrast.subsets)):
        normaliser, _ = block.normalisers(averaged.gains.weights.T)
        slope = block.normalisers(averaged.full[:, None])[1]
        parts.append(np.hstack([normaliser @ contrast.coefficients.T, block.rows * slope]))
    labels = data.by_cluster(game.rows, data.signed)
    taken = data.by_cluster(np.vstack(parts), data.weights)
    contributions = labels @ (contrast.coefficients @ averaged.gains.weights).T - taken[:, :size]
    scores = labels - taken[:, size:]
    clusters, rows = data.coin.size, float(data.weights.sum())
    scores *= np.sqrt(clusters / (clusters - 1) * (rows - 1) / max(rows - size, 1.0))
    variance = scores.T @ scores
    optimism = 0.5 * float(np.trace(np.linalg.solve(game.information(averaged.full), variance)))
    chance = 0.5 * np.einsum("fij,ji->f", averaged.metric, variance)
    scale = optimism / max(float(chance.sum()), 1e-300)
    return Noise(contributions, scores * np.sqrt(scale), chance * scale, optimism)


def draw_contributions(
    data: ClusteredGame, averaged: Average, *, noise: Noise, interval: float, seed: int
) -> FloatArray:
    """Draw contributions about their values less what chance adds, in nats, shape (DRAWS, d).

    The sum over clusters of their own contributions is normal by the central limit theorem; with it goes, from the same
    scores, the quadratic noise that remains where a factor adds nothing. The coin's loss is taken as given, and what a
    cluster adds to it is set against its contribution.

    Parameters
    ----------
    data, averaged, noise
        What was found.
    interval
        Mass of the intervals that the draws are for: sets how far few clusters stretch them.
    seed
        Of the draws.
    """
    size = averaged.contribution.size
    coin = float(data.coin.sum())
    apart = noise.contributions - data.coin[:, None] * (noise.contributions.sum(axis=0) / coin)
    clusters = data.coin.size
    both = np.hstack([apart * np.sqrt(clusters / (clusters - 1)), noise.scores])
    random = np.random.default_rng(seed)
    moved = random.standard_normal((DRAWS, 2 * size)) @ _root(both.T @ both)
    score = moved[:, size:]
    squares = 0.5 * np.stack([np.einsum("bi,bi->b", score @ one, score) for one in averaged.metric], axis=1)
    sampling = random.standard_normal((DRAWS, size)) @ _root(averaged.error)
    away = moved[:, :size] + squares - noise.chance + sampling
    # As few clusters say little of their own spread, the draws get the tails of Student's t.
    stretch = student_quantile(interval, np.array(clusters - 1.0)) / normal_quantile(0.5 * (1 + interval))
    return averaged.contribution - noise.chance + away * stretch


def _root(covariance: FloatArray) -> FloatArray:
    # The symmetric one: it does not depend on the signs of the eigenvectors, which rounding decides.
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
