"""Cluster moments against loops."""

import numpy as np
import pytest

from prefactor.errors import SettingError
from prefactor.stats.clusters import ClusterMoments, bounded_interval, check_clusters, check_weights, plain_interval


def test_moments_match_a_loop_over_clusters() -> None:
    random = np.random.default_rng(0)
    values, weights = random.normal(size=40), random.random(40)
    informative, index = random.integers(0, 2, 40).astype(float), random.integers(0, 6, 40)
    found = ClusterMoments.of(values, weights, informative=informative, index=index)
    u = [float(np.sum((weights * values)[index == cluster])) for cluster in range(6)]
    n = [float(np.sum(weights[index == cluster])) for cluster in range(6)]
    a = [float(np.sum((weights * informative)[index == cluster])) for cluster in range(6)]
    assert found.total[0] == pytest.approx(sum(u))
    assert found.products[0] == pytest.approx(sum(x * y for x, y in zip(u, n, strict=True)))
    assert found.informative_fourths[0] == pytest.approx(sum(x**4 for x in a))
    assert found.spread[0] == pytest.approx(float(np.sum(weights * values**2)))


def test_one_giant_cluster_lowers_the_degrees_of_freedom() -> None:
    index = np.concatenate([np.zeros(100, dtype=np.int64), np.arange(1, 30)])
    values = np.random.default_rng(1).choice([-1.0, 1.0], 129)
    found = bounded_interval(ClusterMoments.of(values, np.ones(129), informative=np.ones(129), index=index), 0.9)
    assert found.df[0] == pytest.approx(1.0, abs=0.02)


def test_identical_values_have_a_zero_width_mean_and_a_p_value() -> None:
    found = plain_interval(
        ClusterMoments.of(np.full(5, 2.0), np.ones(5), informative=np.ones(5), index=np.arange(5)), 0.9
    )
    assert (found.low[0], found.high[0]) == (2.0, 2.0)
    assert found.p_value[0] == pytest.approx(0.0, abs=1e-30)


def test_cluster_labels_must_be_whole_and_as_many_as_rows() -> None:
    with pytest.raises(SettingError, match="clusters"):
        check_clusters([0, 1], 3)
    with pytest.raises(SettingError, match="clusters"):
        check_clusters(["a"], 1)
    with pytest.raises(SettingError, match="weights"):
        check_weights([1.0], 2)
