"""Folds, out-of-fold predictions and their scores."""

import numpy as np
import pytest

from prefactor.errors import SettingError
from prefactor.stats.crossvalidate import (
    NOTHING_SHARED,
    SharedVariance,
    cross_validate,
    grouped_folds,
    score_predictions,
)
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.special import sigmoid


def test_folds_keep_clusters_whole_and_balance_rows() -> None:
    clusters = np.random.default_rng(0).integers(0, 70, 1_000)
    fold = grouped_folds(clusters, folds=7, seed=3)
    for cluster in range(70):
        assert len(set(fold[clusters == cluster].tolist())) == 1
    rows = np.bincount(fold, minlength=7)
    assert rows.max() - rows.min() <= 15


def test_folds_depend_on_the_seed_and_not_on_the_order() -> None:
    clusters = np.random.default_rng(0).integers(0, 70, 300)
    order = np.random.default_rng(1).permutation(300)
    assert np.array_equal(grouped_folds(clusters)[order], grouped_folds(clusters[order]))
    assert not np.array_equal(grouped_folds(clusters), grouped_folds(clusters, seed=1))


def test_fewer_clusters_than_folds_are_refused() -> None:
    with pytest.raises(SettingError, match="folds"):
        grouped_folds([0, 1, 1], folds=3)


def test_every_row_is_predicted_by_a_fit_that_left_it_out() -> None:
    random = np.random.default_rng(2)
    features = random.choice([-1.0, 0.0, 1.0, np.nan], (120, 3))
    preference = random.choice([0.0, 0.5, 1.0], 120)
    fold = grouped_folds(np.arange(120) // 3, folds=4)
    found = cross_validate(features, preference, fold=fold, baseline_column=1, tie_parameter=0.4)
    measured = np.nan_to_num(features, nan=0.0)
    for number in range(4):
        out = fold == number
        fitted = fit_posterior(features[~out], preference[~out], tie_parameter=0.4)
        assert found.predicted[out] == pytest.approx(sigmoid(measured[out] @ fitted.mean), abs=1e-5)
        alone = fit_posterior(features[~out, 1:2], preference[~out], tie_parameter=0.4)
        assert found.baseline is not None
        assert found.baseline[out] == pytest.approx(sigmoid(measured[out, 1:2] @ alone.mean), abs=1e-5)
        share = (preference[~out].sum() + 1) / (np.sum(~out) + 2)
        assert found.majority[out] == pytest.approx(share)
    assert found.converged
    assert found.folds == 4


def test_scores_match_the_definitions() -> None:
    predicted, preference = np.array([0.9, 0.2, 0.5, 0.6]), np.array([1.0, 1.0, 0.0, 0.5])
    accuracy, loss = score_predictions(predicted, preference, clusters=np.arange(4))
    assert accuracy.value == pytest.approx(0.5)
    losses = [-np.log(0.9), -np.log(0.2), -np.log(0.5), -0.5 * (np.log(0.6) + np.log(0.4))]
    assert loss.value == pytest.approx(np.mean(losses))


def test_a_certain_wrong_prediction_has_a_finite_loss() -> None:
    _, loss = score_predictions([1.0, 1.0], [0.0, 1.0], clusters=[0, 1])
    assert np.isfinite(loss.value)


def test_a_baseline_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingError, match="baseline_column"):
        cross_validate([[1.0]] * 4, [1.0] * 4, fold=[0, 1, 0, 1], baseline_column=1)


def test_the_variance_that_rows_share_is_that_of_the_plain_double_sum() -> None:
    random = np.random.default_rng(8)
    features, clusters = random.integers(-1, 2, (60, 3)).astype(float), np.arange(60) // 3
    preference, weights = random.integers(0, 2, 60).astype(float), random.integers(1, 3, 60).astype(float)
    fold = grouped_folds(clusters, folds=4)
    found = cross_validate(features, preference, fold=fold, weights=weights, clusters=clusters, tie_parameter=0.0)
    fits = [fit_posterior(features[fold != k], preference[fold != k], weights=weights[fold != k]) for k in range(4)]
    covariance = np.mean([fit.covariance for fit in fits], axis=0)
    moved = (weights * (preference - found.predicted))[:, None] * features
    scores = [moved[clusters == cluster].sum(axis=0) for cluster in range(20)]
    total = sum((scores[g] @ covariance @ scores[h]) ** 2 for g in range(20) for h in range(20) if g != h)
    assert found.joint_shared.log_loss == pytest.approx(total / weights.sum() ** 2, rel=1e-3)
    assert found.baseline_shared == NOTHING_SHARED
    # A share of n coin flips: one parameter, whose rows share about 1 / n^2.
    assert 0.5 < found.majority_shared.log_loss * weights.sum() ** 2 < 4
    odds = np.log(found.predicted / (1 - found.predicted))
    slopes = np.zeros((20, 3))
    for row, z, label, weight, cluster in zip(features, odds, preference, weights, clusters, strict=True):
        sd = np.sqrt(row @ covariance @ row)
        if sd > 0:
            slopes[cluster] += (
                weight * (1 if label > 0.5 else -1) * np.exp(-0.5 * (z / sd) ** 2) / (sd * 2.5066283) * row
            )
    slopes -= slopes.mean(axis=0)
    moves = np.array([[slope @ covariance @ score for score in scores] for slope in slopes])
    np.fill_diagonal(moves, 0.0)
    right = (moves**2).sum() + (moves * moves.T).sum()
    assert found.joint_shared.accuracy == pytest.approx(right / weights.sum() ** 2, rel=1e-3)


def test_what_rows_share_widens_both_scores() -> None:
    label, clusters = [1.0, 0.0] * 30, np.arange(60)
    plain = score_predictions([0.6, 0.5] * 30, label, clusters=clusters)
    wide = score_predictions([0.6, 0.5] * 30, label, clusters=clusters, shared=SharedVariance(0.01, 0.002))
    for narrow, wider, variance in zip(plain, wide, (0.002, 0.01), strict=True):
        half = np.sqrt((narrow.high - narrow.value) ** 2 + 1.6449**2 * variance)
        assert wider.high - wider.value == pytest.approx(half, rel=1e-4)


def test_the_interval_of_the_accuracy_stays_in_range() -> None:
    accuracy, _ = score_predictions([0.6] * 9, [1.0] * 9, clusters=np.arange(9), shared=SharedVariance(0.0, 0.1))
    assert 0 <= accuracy.low < accuracy.high == 1
