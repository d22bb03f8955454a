"""Builds pooled slices and judges for the tests of the report."""

from collections.abc import Sequence
from math import exp, nan

import numpy as np

from prefactor.analysis.pooled import PooledFactor, PooledGroup, PooledWeight, Pooling, PoolingFit, PoolingVerdict
from prefactor.stats.estimate import Estimate, Weight

VERDICTS: tuple[PoolingVerdict, ...] = (
    "not the same everywhere",
    "the same everywhere",
    "too few comparisons to tell",
    "not identified",
)


def weight_of(mean: float, sd: float) -> Weight:
    return Weight(mean, sd, mean - 1.645 * sd, mean + 1.645 * sd)


def chance_of(weight: Weight) -> Estimate:
    value, low, high = (1 / (1 + exp(-end)) for end in (weight.mean, weight.low, weight.high))
    return Estimate(value, low, high)


def factor_of(name: str, verdict: PoolingVerdict, *, groups: int, random: np.random.Generator) -> PooledFactor:
    """One factor; without numbers where it is not identified."""
    if verdict == "not identified":
        none, gone = Estimate(nan), Weight(nan, nan, nan, nan)
        sentence, weights = f"{name}: never differs.", [PooledWeight(gone, none, nan)] * groups
        return PooledFactor(name, gone, none, none, none, nan, nan, verdict, sentence, tuple(weights))
    common = weight_of(float(random.normal(0.1, 0.3)), 0.08)
    spread = 0.3 if verdict == "not the same everywhere" else 0.04
    own = [weight_of(common.mean + float(random.normal(0, spread)), 0.1) for _ in range(groups)]
    shares = random.uniform(0.02, 0.9, groups).tolist()
    return PooledFactor(
        factor=name,
        common=common,
        common_probability=chance_of(common),
        spread=Estimate(spread, 0.5 * spread, 2 * spread),
        difference=Estimate(spread, 0.6 * spread, 1.8 * spread),
        differ=0.98 if spread > 0.1 else 0.02,
        detectable=0.08,
        verdict=verdict,
        sentence=f"{name}: what pooling says of it",
        groups=tuple(PooledWeight(one, chance_of(one), share) for one, share in zip(own, shares, strict=True)),
    )


def pooling_of(factors: Sequence[str], groups: Sequence[str], *, judge: str = "", column: str = "") -> Pooling:
    """Slices by ``column``, or judges where it is empty; the four verdicts by turns."""
    random = np.random.default_rng(3)
    found = [
        factor_of(name, VERDICTS[place % 4], groups=len(groups), random=random) for place, name in enumerate(factors)
    ]
    return Pooling(
        between="slices" if column else "judges",
        judge=judge,
        column=column,
        groups=tuple(PooledGroup(name, 24 + place, 20.5 + place) for place, name in enumerate(groups)),
        factors=tuple(found),
        fit=PoolingFit(True, 1_200, 240.5, 1.012, 0.09, 0.0 if column else 0.3, 0.1, 0.1),
    )
