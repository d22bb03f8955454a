"""Average linkage against SciPy, the order of leaves, and the stability of clusters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage  # type: ignore[import-untyped]
from scipy.spatial.distance import squareform  # type: ignore[import-untyped]

from prefactor._typing import FloatArray
from prefactor.stats.clustering import cluster_average


def similarity_of(things: int, seed: int) -> FloatArray:
    random = np.random.default_rng(seed)
    half = np.triu(random.uniform(-1, 1, (things, things)), 1)
    return np.asarray(half + half.T + np.eye(things))


@pytest.mark.parametrize("things", [2, 3, 8, 33])
@pytest.mark.parametrize("seed", range(5))
def test_merges_are_those_of_scipy(things: int, seed: int) -> None:
    similarity = similarity_of(things, seed)
    found = cluster_average(similarity)
    expected = linkage(squareform(1 - similarity, checks=False), "average")
    assert found.merges.tolist() == np.sort(expected[:, :2].astype(int), axis=1).tolist()
    assert found.similarity == pytest.approx(1 - expected[:, 2])
    assert found.members.sum(axis=1).tolist() == expected[:, 3].tolist()


@settings(max_examples=40, deadline=None)
@given(things=st.integers(2, 12), seed=st.integers(0, 10_000))
def test_members_of_a_cluster_stand_together_and_similarity_falls(things: int, seed: int) -> None:
    found = cluster_average(similarity_of(things, seed))
    assert sorted(found.order.tolist()) == list(range(things))
    for members in found.members:
        places = np.flatnonzero(members[found.order])
        assert places[-1] - places[0] == len(places) - 1
    assert (np.diff(found.similarity) <= 1e-12).all()


@settings(max_examples=30, deadline=None)
@given(things=st.integers(3, 9), seed=st.integers(0, 10_000))
def test_naming_things_otherwise_changes_no_cluster(things: int, seed: int) -> None:
    similarity = similarity_of(things, seed)
    order = np.random.default_rng(seed + 1).permutation(things)
    ours, theirs = cluster_average(similarity), cluster_average(similarity[np.ix_(order, order)])
    named = {frozenset(np.flatnonzero(members).tolist()) for members in ours.members}
    assert named == {frozenset(order[members].tolist()) for members in theirs.members}


def test_stability_counts_the_replicates_that_hold_a_cluster() -> None:
    alike = np.array([[1, 0.9, 0.1, 0.1], [0.9, 1, 0.1, 0.1], [0.1, 0.1, 1, 0.8], [0.1, 0.1, 0.8, 1]])
    order = [0, 2, 1, 3]
    other = alike[np.ix_(order, order)]
    found = cluster_average(alike, replicates=np.stack([alike] * 3 + [other]))
    assert found.members.tolist()[:2] == [[True, True, False, False], [False, False, True, True]]
    assert found.stability.tolist() == [0.75, 0.75, 1.0]
    one_by_one = [cluster_average(each).members.tolist() for each in (alike, other)]
    assert found.members.tolist()[0] in one_by_one[0]
    assert found.members.tolist()[0] not in one_by_one[1]
    assert np.isnan(cluster_average(alike).stability).all()


def test_noise_alone_makes_no_stable_cluster_and_structure_does() -> None:
    random = np.random.default_rng(0)
    noise = np.triu(random.normal(0, 0.1, (400, 6, 6)), 1)
    block = np.kron(np.eye(2), np.full((3, 3), 0.5))
    for truth, stable in ((np.zeros((6, 6)), False), (block, True)):
        drawn = truth + noise + noise.swapaxes(1, 2)
        found = cluster_average(drawn[0], replicates=drawn[1:])
        halves = found.stability[found.members.sum(axis=1) == 3]
        assert (halves.size == 2 and (halves > 0.9).all()) == stable


def test_what_is_no_similarity_is_refused() -> None:
    for given_ in ([[1.0]], [[1.0, 0.2]], [[1.0, float("nan")], [0.2, 1.0]]):
        with pytest.raises(ValueError, match="similarity"):
            cluster_average(given_)
    with pytest.raises(ValueError, match="replicates"):
        cluster_average(np.eye(3), replicates=np.eye(3))
