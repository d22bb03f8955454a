"""Coverage designs of pooled weights: 90 % intervals of weights, common weights and spreads of groups.

Where data are drawn from the model's own priors, intervals cover at their rate, factor by factor and on the whole;
the other designs hold what the priors do not know: slices that are alike, prompts with many comparisons, judges that
share their noise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from prefactor._typing import FloatArray
from prefactor.stats.hierarchy import fit_hierarchy
from prefactor.stats.hierarchy_result import GroupedRows, Hierarchy, HierarchyOptions, Summary
from prefactor.stats.special import ndtr

__all__ = ["DESIGNS", "Drawn", "draw_clustered", "draw_from_priors", "draw_judges"]

Triple = tuple[float, float, float]
SIZE = 4


@dataclass(frozen=True)
class Drawn:
    """Rows, and the truth: weights (G, d), the common ones and spreads (d,)."""

    rows: GroupedRows
    weight: FloatArray
    common: FloatArray
    spread: FloatArray


def _features(random: Generator, rows: int, *, shared: FloatArray | None = None) -> FloatArray:
    """Signs that correlate, as factors of answers do; a fifth of them 0."""
    together = random.normal(size=(rows, 1)) if shared is None else shared
    latent = 0.6 * together + 0.8 * random.normal(size=(rows, SIZE))
    return np.sign(latent) * (random.random((rows, SIZE)) < 0.8)


def _priors(random: Generator, groups: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    common = random.laplace(0, 0.1, SIZE)
    spread = abs(random.normal(0, 0.1)) * np.abs(random.standard_t(4, SIZE))
    return common + spread * random.normal(size=(groups, SIZE)), common, spread


def draw_from_priors(random: Generator, groups: int, rows: int) -> Drawn:
    """Draw groups whose weights come from the priors of the model."""
    weight, common, spread = _priors(random, groups)
    group = np.repeat(np.arange(groups), rows)
    features = _features(random, group.size)
    odds = (features * weight[group]).sum(axis=1)
    preference = (random.random(group.size) < 1 / (1 + np.exp(-odds))).astype(np.float64)
    return Drawn(GroupedRows(features, preference, group), weight, common, spread)


def draw_clustered(random: Generator, groups: int, *, prompts: int, size: int) -> Drawn:
    """Draw slices that do not differ, of few prompts with many comparisons whose noise and features are alike."""
    common = random.laplace(0, 0.2, SIZE)
    cluster = np.repeat(np.arange(groups * prompts), size)
    group = cluster // prompts
    features = _features(random, cluster.size, shared=random.normal(size=(groups * prompts, 1))[cluster])
    noise = np.sqrt(0.5) * (random.normal(size=groups * prompts)[cluster] + random.normal(size=cluster.size))
    preference = (features @ common + _logistic(noise) > 0).astype(np.float64)
    rows = GroupedRows(features, preference, group, cluster)
    return Drawn(rows, np.tile(common, (groups, 1)), common, np.zeros(SIZE))


def draw_judges(random: Generator, judges: int, comparisons: int, *, alike: float) -> Drawn:
    """Draw judges of the same comparisons, whose noise correlates."""
    weight, common, spread = _priors(random, judges)
    features = _features(random, comparisons)
    shared = np.sqrt(alike) * random.normal(size=comparisons)
    noise = shared + np.sqrt(1 - alike) * random.normal(size=(judges, comparisons))
    preference = (weight @ features.T + _logistic(noise) > 0).astype(np.float64)
    rows = GroupedRows(
        np.tile(features, (judges, 1)),
        preference.ravel(),
        np.repeat(np.arange(judges), comparisons),
        np.tile(np.arange(comparisons), judges),
    )
    return Drawn(rows, weight, common, spread)


def _logistic(normal: FloatArray) -> FloatArray:
    """Logistic noise whose ranks are those of normal noise."""
    share = ndtr(normal)
    return np.asarray(np.log(share / (1 - share)))


def _triples(found: Hierarchy, drawn: Drawn) -> dict[str, Triple]:
    """One interval of each kind: the first group's and the first factor's stand for all, being drawn alike."""

    def triple(summary: Summary, truth: FloatArray) -> Triple:
        return float(summary.low.flat[0]), float(truth.flat[0]), float(summary.high.flat[0])

    intervals = {
        "pooled weight": triple(found.weight, drawn.weight),
        "common weight": triple(found.common, drawn.common),
    }
    if drawn.spread[0] > 0:
        intervals["spread"] = triple(found.spread, drawn.spread)
        intervals["difference"] = triple(found.difference, drawn.weight.std(axis=0))
    return intervals


def _run(drawn: Drawn, options: HierarchyOptions | None = None) -> Mapping[str, Triple]:
    return _triples(fit_hierarchy(drawn.rows, options=options), drawn)


DESIGNS: dict[str, Callable[[Generator], Mapping[str, Triple]]] = {
    "pooling: 30 slices of 24, drawn from the priors": lambda random: _run(draw_from_priors(random, 30, 24)),
    "pooling: 5 slices of 400, drawn from the priors": lambda random: _run(draw_from_priors(random, 5, 400)),
    "pooling: 8 alike slices of 12 prompts with 10 comparisons": lambda random: _run(
        draw_clustered(random, 8, prompts=12, size=10), HierarchyOptions(prior_scale=0.2)
    ),
    "pooling: 6 judges of the same 300 comparisons": lambda random: _run(draw_judges(random, 6, 300, alike=0.6)),
}
