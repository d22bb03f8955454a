"""Resamples that many tables share, and weights that follow them without refitting."""

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.stats.influence import resample_weights
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.reliability import resample_clusters, sum_clusters
from prefactor.stats.resampling import ClusterDraws


def test_one_table_is_resampled_as_by_itself() -> None:
    random = np.random.default_rng(0)
    values, clusters = np.round(random.normal(size=(200, 3)), 6), random.integers(0, 40, 200) * 7
    draws = ClusterDraws.of(clusters, bootstraps=50, seed=3)
    whole, drawn = draws.totals(values, clusters)
    sums = sum_clusters(values, clusters, seed=3)
    assert whole == pytest.approx(sums.sum(axis=0))
    assert drawn == pytest.approx(resample_clusters(sums, bootstraps=50, seed=3))


def test_tables_of_some_clusters_stay_paired() -> None:
    clusters = np.arange(30)
    draws = ClusterDraws.of(clusters, bootstraps=20)
    ones = np.ones((30, 1))
    _, all_of_them = draws.totals(ones, clusters)
    _, few = draws.totals(ones[:12], clusters[:12])
    _, rest = draws.totals(ones[12:], clusters[12:])
    assert (all_of_them == 30).all()
    assert (few + rest == 30).all()


def test_the_order_of_rows_changes_no_bit() -> None:
    random = np.random.default_rng(1)
    values, clusters = random.normal(size=(500, 4)), random.integers(0, 50, 500)
    order = random.permutation(500)
    one = ClusterDraws.of(clusters, bootstraps=30).totals(values, clusters)
    two = ClusterDraws.of(clusters[order], bootstraps=30).totals(values[order], clusters[order])
    for ours, theirs in zip(one, two, strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_many_clusters_are_put_together_and_keep_their_variance() -> None:
    random = np.random.default_rng(2)
    values, clusters = random.normal(size=(25_000, 1)), np.arange(25_000)
    draws = ClusterDraws.of(clusters, bootstraps=400)
    assert draws.counts.shape == (400, 10_000)
    _, drawn = draws.totals(values, clusters)
    assert drawn.std() == pytest.approx(np.sqrt(25_000), rel=0.12)


def test_no_cluster_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="no cluster"):
        ClusterDraws.of(np.empty(0, dtype=np.int64))


def test_resampled_weights_spread_as_refits_do() -> None:
    random = np.random.default_rng(3)
    features = random.integers(-1, 2, (300, 5)).astype(float)
    labels = (random.random(300) < 1 / (1 + np.exp(-features @ [0.8, -0.5, 0.3, 0.0, 0.0]))).astype(float)
    clusters = np.arange(300) // 2
    fit = fit_posterior(features, labels)
    draws = ClusterDraws.of(clusters, bootstraps=150)
    drawn = resample_weights(features, labels, mean=fit.mean, covariance=fit.covariance, clusters=clusters, draws=draws)
    refits = np.array(
        [fit_posterior(features, labels, weights=counts[clusters].astype(float)).mean for counts in draws.counts]
    )
    assert drawn.std(axis=0) / refits.std(axis=0) == pytest.approx(np.ones(5), abs=0.3)
    for ours, theirs in zip(drawn.T[:3], refits.T[:3], strict=True):
        assert np.corrcoef(ours, theirs)[0, 1] > 0.95


def test_ties_and_weights_are_in_the_score() -> None:
    features, labels = np.array([[1.0], [-1.0], [1.0]]), np.array([1.0, 0.5, 0.0])
    draws = ClusterDraws.of(np.arange(3), bootstraps=4)
    given = {"mean": np.array([0.4]), "covariance": np.eye(1), "clusters": np.arange(3), "draws": draws}
    found = resample_weights(features, labels, weights=[1.0, 2.0, 3.0], tie_parameter=0.7, **given)  # type: ignore[arg-type]
    step = 1e-6

    def log_likelihood(weight: float) -> FloatArray:
        odds = features[:, 0] * weight
        return np.asarray((labels - 0.5) * odds - np.log(2 * np.cosh(odds / 2) + 0.7))

    score = np.array([1.0, 2.0, 3.0]) * (log_likelihood(0.4 + step) - log_likelihood(0.4 - step)) / (2 * step)
    expected = 0.4 + np.sqrt(3 / 2) * ((draws.counts - 1.0) @ score)
    assert found[:, 0] == pytest.approx(expected, abs=1e-6)
