"""Pooled weights of simulated slices: calibrated under the priors, better than either extreme, honest under the null.

The wide tables are printed by ``benchmarks/coverage.py`` from ``benchmarks/designs/hierarchy.py``.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import chisquare  # type: ignore[import-untyped]

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.hierarchy import fit_hierarchy, sample_hierarchy
from prefactor.stats.hierarchy_result import GroupedRows, Hierarchy, HierarchyOptions
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior


@dataclass(frozen=True)
class Slices:
    rows: GroupedRows
    features: FloatArray
    preference: FloatArray
    group: IntArray
    weight: FloatArray


def slices_of(weight: FloatArray, rows: int, random: np.random.Generator) -> Slices:
    groups, size = weight.shape
    group = np.repeat(np.arange(groups), rows)
    latent = 0.6 * random.normal(size=(group.size, 1)) + 0.8 * random.normal(size=(group.size, size))
    features = np.sign(latent) * (random.random(latent.shape) < 0.8)
    chance = 1 / (1 + np.exp(-(features * weight[group]).sum(axis=1)))
    preference = (random.random(group.size) < chance).astype(np.float64)
    return Slices(GroupedRows(features, preference, group), features, preference, group, weight)


def test_ranks_are_uniform_under_the_priors() -> None:
    """Simulation-based calibration (Talts et al. 2018, arXiv 1804.06788), small enough for every run."""
    ranks = []
    for seed in range(60):
        random = np.random.default_rng((1, seed))
        common = random.laplace(0, 0.1, 3)
        spread = abs(random.normal(0, 0.1)) * np.abs(random.standard_t(4, 3))
        data = slices_of(common + spread * random.normal(size=(8, 3)), 24, random)
        draws = sample_hierarchy(data.rows, options=HierarchyOptions(seed=seed))
        kinds = ((draws.common, common), (draws.spread, spread), (draws.weight[:, :, 0], data.weight[0]))
        ranks.append([(drawn < truth).mean(axis=(0, 1)) for drawn, truth in kinds])
    for kind in np.moveaxis(np.array(ranks), 1, 0):
        counts = np.histogram(kind, bins=6, range=(0, 1))[0]
        assert chisquare(counts).pvalue > 1e-3
        assert 0.83 < np.mean((kind > 0.05) & (kind < 0.95)) < 0.97


def _alone(data: Slices, *, scale: float = 0.1) -> FloatArray:
    means = []
    for group in range(len(data.weight)):
        own = data.group == group
        means.append(fit_posterior(data.features[own], data.preference[own], prior=LaplacePrior(scale)).mean)
    return np.array(means)


@pytest.mark.parametrize("spread", [0.3, 0.5])
def test_small_slices_are_known_better_than_alone_or_all_in_one(spread: float) -> None:
    errors = []
    for seed in range(2):
        random = np.random.default_rng((2, seed))
        data = slices_of(np.array([0.6, -0.4, 0.2]) + spread * random.normal(size=(40, 3)), 24, random)
        pooled = fit_hierarchy(data.rows).weight.mean
        whole = fit_posterior(data.features, data.preference).mean
        flat = _alone(data, scale=10.0)
        errors.append([np.mean((one - data.weight) ** 2) for one in (pooled, _alone(data), flat, whole)])
    pooled, alone, flat, whole = np.mean(errors, axis=0)
    assert pooled < 0.8 * alone
    assert pooled < 0.5 * flat
    assert pooled < (0.95 if spread == 0.3 else 0.75) * whole


def claims(found: Hierarchy) -> FloatArray:
    """Whether groups are said to differ, and to be alike, as ``analysis.pooling`` says it."""
    differ = (found.differ >= 0.95) & (found.detectable <= found.difference.mean)
    alike = (found.differ <= 0.05) & (found.detectable <= found.options.smallest_spread)
    return np.array([differ.mean(), alike.mean()])


def test_slices_that_do_not_differ_are_not_said_to() -> None:
    small, large = [], []
    for seed in range(12):
        random = np.random.default_rng((3, seed))
        alike = np.array([0.5, -0.3, 0.1, 0.0])
        small.append(claims(fit_hierarchy(slices_of(np.tile(alike, (20, 1)), 24, random).rows)))
        if seed < 3:
            large.append(claims(fit_hierarchy(slices_of(np.tile(alike, (10, 1)), 3_000, random).rows)))
    assert np.mean(small, axis=0)[0] <= 0.05
    assert np.mean(small, axis=0)[1] == 0.0  # 24 comparisons show no likeness either
    assert np.mean(large, axis=0)[1] > 0.9


def test_slices_that_differ_are_said_to_and_not_flattened() -> None:
    random = np.random.default_rng(4)
    weight = np.array([0.5, 0.5]) + np.array([0.6, 0.0]) * random.normal(size=(20, 2))
    found = fit_hierarchy(slices_of(weight, 300, random).rows)
    assert found.differ[0] > 0.99
    assert found.weight.mean[:, 0].std() > 0.85 * weight[:, 0].std()
    assert np.corrcoef(found.weight.mean[:, 0], weight[:, 0])[0, 1] > 0.9
    assert found.difference.mean[1] < 0.15


def test_few_prompts_with_many_comparisons_do_not_pass_for_slices_that_differ() -> None:
    said, blind = [], []
    for seed in range(8):
        random = np.random.default_rng((5, seed))
        cluster = np.repeat(np.arange(60), 40)
        group = cluster // 10
        features = random.choice([-1.0, 1.0], (cluster.size, 2))
        slopes = np.array([0.4, 0.0]) + 0.8 * random.normal(size=(60, 2))
        chance = 1 / (1 + np.exp(-(features * slopes[cluster]).sum(axis=1)))
        preference = (random.random(cluster.size) < chance).astype(np.float64)
        said.append(claims(fit_hierarchy(GroupedRows(features, preference, group, cluster)))[0])
        blind.append(claims(fit_hierarchy(GroupedRows(features, preference, group)))[0])
    assert np.mean(said) <= 0.1
    assert np.mean(blind) > 0.25
