"""How well a profile predicts preferences it was not fitted to, against naive rules.

Arrays in, a frozen result out; knows no factor names.
"""

from dataclasses import dataclass
from heapq import heapreplace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import AnyArray, BoolArray, FloatArray, IntArray
from prefactor._validate import check_positive
from prefactor.config import FOLDS, INTERVAL, SEED
from prefactor.errors import SettingError
from prefactor.stats.clusters import check_clusters
from prefactor.stats.estimate import Estimate
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import DEFAULT_PRIOR, Prior
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.sites import check_labels, check_matrix, exact_grid
from prefactor.stats.special import log1pexp, normal_quantile, sigmoid

__all__ = [
    "NOTHING_SHARED",
    "CrossValidation",
    "SharedVariance",
    "cross_validate",
    "grouped_folds",
    "score_predictions",
]

_LEAST_PROBABILITY: Final = 1e-12
"""Keeps the log loss of a certain, wrong prediction finite."""


@dataclass(frozen=True, slots=True)
class SharedVariance:
    """What scores of cross-validated predictions vary beyond their rows', since every row is in most fits.

    Parameters
    ----------
    log_loss, accuracy
        Variance of the mean log loss over all rows, and of the accuracy over strict ones; at least 0.
    """

    log_loss: float
    accuracy: float


NOTHING_SHARED: Final = SharedVariance(0.0, 0.0)
"""Of predictions that were not learned from these rows."""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Out-of-fold predictions, each from a fit to the other folds only.

    Parameters
    ----------
    predicted
        P(A preferred | no tie) of the joint fit, shape (n,); 0.5 where no factor differs.
    majority
        The share of A in the other folds, one pseudo row to each side, shape (n,).
    baseline
        Prediction of the one-factor fit, shape (n,); None when no column was asked for.
    fold
        Fold of each row, shape (n,).
    folds
        Number of folds.
    converged
        Whether every fit did.
    tie_parameter
        Davidson's nu, estimated once from all rows.
    joint_shared, majority_shared, baseline_shared
        What the scores of each vary beyond their rows' (:func:`score_predictions` adds it).
    """

    predicted: FloatArray
    majority: FloatArray
    baseline: FloatArray | None
    fold: IntArray
    folds: int
    converged: bool
    tie_parameter: float
    joint_shared: SharedVariance = NOTHING_SHARED
    majority_shared: SharedVariance = NOTHING_SHARED
    baseline_shared: SharedVariance = NOTHING_SHARED


def grouped_folds(clusters: ArrayLike, *, folds: int = FOLDS, seed: int = SEED) -> IntArray:
    """Deal whole clusters to folds that are about equal in rows.

    Clusters are shuffled, then the largest go first, each to the fold with the fewest rows.

    Parameters
    ----------
    clusters
        Whole numbers, shape (n,).
    folds
        How many; at least 2.
    seed
        Of the shuffle.

    Returns
    -------
    IntArray
        Fold of each row in [0, folds), shape (n,); it does not depend on the order of the rows.

    Raises
    ------
    SettingError
        Fewer clusters than folds, or fewer than two folds.

    Examples
    --------
    >>> grouped_folds([5, 5, 8, 9], folds=2).tolist()
    [0, 0, 1, 1]
    """
    check_positive("folds", folds)
    index = check_clusters(clusters, np.size(clusters))
    sizes = np.bincount(index)
    if folds < 2 or sizes.size < folds:
        raise SettingError("folds", expected=f"between 2 and the number of prompts ({sizes.size})", got=folds)
    shuffled = np.random.default_rng(seed).permutation(sizes.size)
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    return _deal(sizes, order, folds)[index]


def cross_validate(
    features: ArrayLike,
    preference: ArrayLike,
    *,
    fold: ArrayLike,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    baseline_column: int | None = None,
    prior: Prior = DEFAULT_PRIOR,
    tie_parameter: float | None = None,
) -> CrossValidation:
    """Predict every row from a joint fit to the other folds, and from two naive rules.

    Parameters
    ----------
    features
        Shape (n, d), as for :func:`fit_posterior`.
    preference
        P(A preferred) in [0, 1], shape (n,).
    fold
        Fold of each row, from :func:`grouped_folds`, shape (n,).
    weights
        Copies each row stands for, shape (n,); None is 1 everywhere.
    clusters
        Whole numbers, shape (n,): rows of one prompt share one; None is one for each row.
    baseline_column
        Column of the one-factor rule, usually length; None leaves it out.
    prior, tie_parameter
        As for :func:`fit_posterior`; the tie parameter of a fit to all rows spares one fit.

    Returns
    -------
    CrossValidation
        A prediction for every row.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> x = np.array([[1.0], [-1.0]] * 20)
    >>> found = cross_validate(x, x[:, 0] > 0, fold=np.arange(40) % 4)
    >>> bool((found.predicted[::2] > 0.6).all())
    True
    """
    matrix = check_matrix(features)
    labels = check_labels(np.ravel(preference), weights, rows=matrix.shape[0])
    number = check_clusters(fold, matrix.shape[0])
    folds = int(number.max(initial=-1)) + 1
    masks = number != np.arange(folds)[:, None]
    label, weighed = labels.preference[0], labels.weights[0]
    index = np.arange(len(label)) if clusters is None else check_clusters(clusters, len(label))
    fitted = _out_of_fold(matrix, label, weighed, masks, prior, tie_parameter)
    predicted, tie = sigmoid(fitted.odds), fitted.tie
    majority = _majority(label, weighed, masks)[number]

    rows = _Rows(label, weighed, index)
    baseline, baseline_shared = None, NOTHING_SHARED
    if baseline_column is not None:
        if not 0 <= baseline_column < matrix.shape[1]:
            raise SettingError("baseline_column", expected=f"between 0 and {matrix.shape[1] - 1}", got=baseline_column)
        column = matrix[:, baseline_column : baseline_column + 1]
        alone = _out_of_fold(column, label, weighed, masks, prior, tie)
        baseline = sigmoid(alone.odds)
        baseline_shared = rows.shared(column, alone.odds, alone.covariance)
    information = float(weighed @ (majority * (1 - majority)))
    ones = np.ones((len(label), 1))
    return CrossValidation(
        predicted=predicted,
        majority=majority,
        baseline=baseline,
        fold=number,
        folds=folds,
        converged=fitted.converged,
        tie_parameter=tie,
        joint_shared=rows.shared(matrix, fitted.odds, fitted.covariance),
        majority_shared=rows.shared(ones, np.log(majority) - np.log1p(-majority), np.eye(1) / information),
        baseline_shared=baseline_shared,
    )


def score_predictions(
    predicted: ArrayLike,
    preference: ArrayLike,
    *,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    shared: SharedVariance = NOTHING_SHARED,
    interval: float = INTERVAL,
) -> tuple[Estimate, Estimate]:
    """Accuracy over strict preferences and log loss over all rows, with clustered intervals.

    Rows whose predictions come from fits to one another are not right or wrong independently, and intervals that take
    them so are too narrow (Bates, Hastie and Tibshirani 2024, DOI 10.1080/01621459.2023.2197686); they are widened by
    ``shared``.

    Parameters
    ----------
    predicted
        P(A preferred), shape (n,); 0.5 counts as half right.
    preference
        P(A preferred) by the judge, shape (n,); a tie costs half of each side's log loss.
    clusters
        Whole numbers, shape (n,).
    weights
        Shape (n,), at least 0; None is 1 everywhere.
    shared
        What the two scores vary beyond their rows', from :func:`cross_validate`.
    interval
        Mass of the intervals.

    Returns
    -------
    tuple of Estimate
        Accuracy in [0, 1], NaN without strict preferences, and log loss in nats.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> accuracy, loss = score_predictions([0.8, 0.5, 0.8, 0.8], [1.0, 0.0, 1.0, 0.5], clusters=[0, 1, 2, 3])
    >>> round(accuracy.value, 4), round(loss.value, 4)
    (0.8333, 0.5139)
    """
    both = check_labels(np.stack([np.ravel(predicted), np.ravel(preference)]), weights, rows=np.size(predicted))
    chance, label = both.preference
    weighed, groups = both.weights[0], np.asarray(clusters)
    strict = (label != 0.5) & (weighed > 0)
    right = 0.5 * (1 + np.sign(chance - 0.5) * np.sign(label - 0.5))
    accuracy = cluster_share(right[strict], clusters=groups[strict], weights=weighed[strict], interval=interval)
    safe = np.clip(chance, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    odds = np.log(safe) - np.log1p(-safe)
    losses = label * log1pexp(-odds) + (1 - label) * log1pexp(odds)
    used = weighed > 0
    loss = cluster_mean(losses[used], clusters=groups[used], weights=weighed[used], interval=interval)
    reach = normal_quantile((1 + interval) / 2) ** 2
    accuracy, loss = _wider(accuracy, reach * shared.accuracy), _wider(loss, reach * shared.log_loss)
    return Estimate(accuracy.value, max(accuracy.low, 0.0), min(accuracy.high, 1.0)), loss


def _wider(estimate: Estimate, square: float) -> Estimate:
    """Move both ends away from the value as an independent error of this squared reach does."""
    value = estimate.value
    below, above = (float(np.sqrt((end - value) ** 2 + square)) for end in (estimate.low, estimate.high))
    return Estimate(value, value - below, value + above)


def _deal(sizes: IntArray, order: IntArray, folds: int) -> IntArray:
    """Give each cluster, in this order, to the fold with the fewest rows, the first of equals."""
    rows = [0] * folds
    fold = np.empty(sizes.size, dtype=np.int64)
    heap = [(0, number) for number in range(folds)]
    for cluster in order.tolist():
        _, number = heap[0]
        fold[cluster] = number
        rows[number] += int(sizes[cluster])
        heapreplace(heap, (rows[number], number))
    return fold


@dataclass(frozen=True, slots=True)
class _Rows:
    """Labels, weights and clusters of the rows that were predicted."""

    label: FloatArray
    weights: FloatArray
    index: IntArray

    def shared(self, columns: AnyArray, odds: FloatArray, covariance: FloatArray) -> SharedVariance:
        """Shared variance of predictions with these log-odds, from fits with this posterior covariance."""
        known = np.nan_to_num(columns.astype(np.float64))
        score = self._sums(known, self.weights * (self.label - sigmoid(odds)))
        own = ((score @ covariance) * score).sum(axis=1)
        between = covariance @ (score.T @ score)
        loss = max(0.0, float(np.trace(between @ between) - own @ own)) / float(self.weights.sum()) ** 2
        return SharedVariance(loss, self._of_accuracy(known, odds, covariance, score))

    def _of_accuracy(self, known: FloatArray, odds: FloatArray, covariance: FloatArray, score: FloatArray) -> float:
        """Variance of the accuracy that comes from rows moving one another's predictions.

        With C the posterior covariance, S_g the score of cluster g and V_h the slope of what cluster h gets right, g
        moves that of h by V_h' C S_g: the variance of the sum over g and h other than g. A step from wrong to right has
        no slope, so each is spread over the posterior sd of the row's log-odds. The mean of V is left out: what it
        does to the estimate it does to the profile's accuracy on new rows as well.
        """
        strict = np.sign(self.label - 0.5) * self.weights
        sd = np.sqrt(np.maximum(((known @ covariance) * known).sum(axis=1), 1e-300))
        density = np.exp(-0.5 * (odds / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        slope = self._sums(known, np.where(known.any(axis=1), strict * density, 0.0))
        slope -= exact_grid(slope.T).sum(axis=1) / len(slope)
        total = float(np.abs(strict).sum())
        across, crossed = slope @ covariance, covariance @ (score.T @ slope)
        own = (across * score).sum(axis=1)
        whole = np.trace(covariance @ (slope.T @ slope) @ covariance @ (score.T @ score)) + np.trace(crossed @ crossed)
        return max(0.0, float(whole - 2 * own @ own)) / total**2 if total else 0.0

    def _sums(self, known: FloatArray, values: FloatArray) -> FloatArray:
        """Sum rows times values over each cluster, shape (clusters, d)."""
        return np.stack([np.bincount(self.index, exact_grid(values * column)) for column in known.T], axis=1)


@dataclass(frozen=True, slots=True)
class _OutOfFold:
    """Log-odds of every row from the fold that left it out, and the mean posterior covariance of the folds."""

    odds: FloatArray
    covariance: FloatArray
    converged: bool
    tie: float


def _out_of_fold(
    matrix: AnyArray,
    label: FloatArray,
    weights: FloatArray,
    masks: BoolArray,
    prior: Prior,
    tie_parameter: float | None,
) -> _OutOfFold:
    fitted = fit_posterior(
        matrix, label, weights=weights, masks=masks, prior=prior, tie_parameter=tie_parameter, interval=None
    )
    odds = np.empty(matrix.shape[0])
    for mask, mean in zip(masks, fitted.mean, strict=True):
        odds[~mask] = np.nan_to_num(matrix[~mask].astype(np.float64), nan=0.0) @ mean
    return _OutOfFold(odds, fitted.covariance.mean(axis=0), bool(fitted.converged.all()), float(fitted.tie_parameter))


def _majority(label: FloatArray, weights: FloatArray, masks: BoolArray) -> FloatArray:
    exact = exact_grid(weights)
    for_a = masks @ exact_grid(exact * label)
    return np.asarray((for_a + 1) / (masks @ exact + 2))
