"""The variance that clustering adds: none where rows are independent, all of it where they are copies."""

import numpy as np
import pytest

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior

FLAT = 5.0
"""Scale of a prior that says next to nothing, so that the data alone make the sd."""


def excess_of(features: FloatArray, preference: FloatArray, clusters: IntArray) -> tuple[FloatArray, FloatArray]:
    fitted = fit_posterior(features, preference, prior=LaplacePrior(FLAT))
    excess = cluster_excess(
        features,
        preference,
        mean=fitted.mean,
        covariance=fitted.covariance,
        clusters=clusters,
        tie_parameter=float(fitted.tie_parameter),
    )
    return excess, fitted.sd


def drawn(rows: int, *, seed: int) -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(seed)
    features = random.choice([-1.0, 0.0, 1.0], (rows, 3))
    chance = 1 / (1 + np.exp(-features @ [0.6, -0.3, 0.0]))
    return features, (random.random(rows) < chance).astype(np.float64)


def test_independent_rows_need_little_widening() -> None:
    ratios = []
    for seed in range(20):
        features, preference = drawn(1_000, seed=seed)
        excess, sd = excess_of(features, preference, np.arange(1_000))
        ratios.append(np.sqrt(1 + excess / sd**2))
    assert 1.0 <= np.mean(ratios) < 1.03


@pytest.mark.parametrize("copies", [4, 9])
def test_copies_of_a_row_count_once(copies: int) -> None:
    features, preference = drawn(800, seed=1)
    once = fit_posterior(features, preference, prior=LaplacePrior(FLAT)).sd
    repeated = np.repeat(np.arange(800), copies)
    excess, sd = excess_of(features[repeated], preference[repeated], repeated)
    assert np.sqrt(sd**2 + excess) == pytest.approx(once, rel=0.15)
    assert (sd < 0.7 * once).all()


def test_intervals_cover_where_prompts_differ_in_their_slope() -> None:
    random = np.random.default_rng(2)
    groups, size, covered, naive = 60, 20, [], []
    clusters = np.repeat(np.arange(groups), size)
    for _ in range(150):
        features = random.choice([-1.0, 1.0], (groups * size, 1))
        slopes = random.normal(0.5, 0.8, groups)[clusters]
        preference = (random.random(groups * size) < 1 / (1 + np.exp(-slopes * features[:, 0]))).astype(np.float64)
        # The weight that fits the population of prompts, by a plain average over slopes.
        fitted = fit_posterior(features, preference, prior=LaplacePrior(FLAT))
        excess = cluster_excess(features, preference, mean=fitted.mean, covariance=fitted.covariance, clusters=clusters)
        low, high = (widen(end, mean=fitted.mean, sd=fitted.sd, excess=excess)[0] for end in (fitted.low, fitted.high))
        covered.append((low, high))
        naive.append((fitted.low[0], fitted.high[0]))
    slopes = random.normal(0.5, 0.8, 400_000)
    share = np.mean(1 / (1 + np.exp(-slopes)))
    truth = float(np.log(share / (1 - share)))
    assert 0.84 <= np.mean([low <= truth <= high for low, high in covered]) <= 0.97
    assert np.mean([low <= truth <= high for low, high in naive]) < 0.8


def test_order_of_rows_does_not_matter_to_the_bit() -> None:
    features, preference = drawn(500, seed=3)
    clusters = np.arange(500) // 7
    order = np.random.default_rng(4).permutation(500)
    first, _ = excess_of(features, preference, clusters)
    second, _ = excess_of(features[order], preference[order], clusters[order])
    assert (first == second).all()


def test_one_cluster_teaches_nothing() -> None:
    features, preference = drawn(50, seed=5)
    excess, _ = excess_of(features, preference, np.zeros(50, dtype=np.int64))
    assert excess.tolist() == [0.0, 0.0, 0.0]
