"""Pools the slices of each judge, and the judges, as much as the data ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np

from prefactor._typing import SignArray
from prefactor.analysis.complete import Complete, complete_rows, joint_account
from prefactor.analysis.pooled import PooledFactor, PooledGroup, PooledWeight, Pooling, PoolingFit, PoolingVerdict
from prefactor.analysis.results import Settings
from prefactor.analysis.sentences import percent
from prefactor.analysis.slices import slices
from prefactor.analysis.units import JudgeUnits
from prefactor.config import WHOLE
from prefactor.data.dataset import Dataset
from prefactor.factors.base import Factor
from prefactor.runtime.progress import Progress
from prefactor.stats.estimate import Estimate, Weight
from prefactor.stats.hierarchy import FEWEST_GROUPS, fit_hierarchy
from prefactor.stats.hierarchy_result import GroupedRows, Hierarchy, HierarchyOptions, Summary
from prefactor.stats.special import sigmoid

__all__ = ["PoolingTask", "pool_all"]


@dataclass(frozen=True, slots=True)
class PoolingTask:
    """What is to be pooled, and with what.

    Parameters
    ----------
    signs
        Sign features of all comparisons of the dataset.
    factors
        One per column of ``signs``.
    ties
        Davidson's nu of each judge on all comparisons: slices are too small for one each.
    settings
        What the fits are made with.
    """

    signs: SignArray
    factors: Sequence[Factor]
    ties: Mapping[str, float]
    settings: Settings


def pool_all(
    dataset: Dataset, judges: Sequence[JudgeUnits], *, task: PoolingTask, progress: Progress
) -> tuple[Pooling, ...]:
    """Pool the slices of every column for every judge, then the judges, where there are at least three of either.

    Objective labels are nobody's taste and are not pooled with judges.

    Parameters
    ----------
    dataset, judges
        Comparisons, and what the judges said of them.
    task
        Features, factors and settings.
    progress
        Told how many poolings are done.
    """
    columns = task.settings.by
    total = len(columns) * len(judges) + 1
    found = []
    for at, column in enumerate(columns):
        parts = [(name, mask) for name, mask in slices(dataset, (column,)) if name != WHOLE]
        for number, units in enumerate(judges):
            progress("pooling", at * len(judges) + number, total)
            groups = [(name, units.on(mask).used()) for name, mask in parts]
            found.append(_pool(groups, task, judge=units.judge, column=column))
    progress("pooling", total - 1, total)
    takers = [(units.judge, units.used()) for units in judges if units.kind != "label"]
    found.append(_pool(takers, task))
    progress("pooling", total, total)
    return tuple(pooling for pooling in found if pooling is not None)


def _pool(
    groups: Sequence[tuple[str, JudgeUnits]], task: PoolingTask, *, judge: str = "", column: str = ""
) -> Pooling | None:
    """Pool groups that have any complete comparison; None where they are too few, or no factor differs in any.

    Without a column the groups are judges.
    """
    if len(groups) < FEWEST_GROUPS:
        return None
    filled, complete = _complete(groups, task)
    features = complete.features
    if len(filled) < FEWEST_GROUPS or not np.nan_to_num(features).any():
        return None
    members = [units for _, units in filled]
    sizes = [len(units.comparison) for units in members]
    rows = GroupedRows(
        features=features,
        preference=np.concatenate([units.preference for units in members]),
        group=np.repeat(np.arange(len(members)), sizes),
        clusters=np.concatenate([units.prompt for units in members]),
        weights=np.concatenate([units.weight for units in members]),
    )
    settings = task.settings
    options = HierarchyOptions(prior_scale=settings.prior_scale, interval=settings.interval, seed=settings.seed)
    ties = np.array([task.ties.get(units.judge, 0.0) for units in members])
    found = fit_hierarchy(rows, tie_parameter=ties, options=options)
    named = tuple(
        PooledGroup(name, size, float(effective))
        for (name, _), size, effective in zip(filled, sizes, found.effective_rows, strict=True)
    )
    account = joint_account(complete, task.factors)
    without, factors = dict(account.without), []
    for place, factor in enumerate(task.factors):
        pooled = _factor(found, place, factor=factor, groups=named, column=column, rate=settings.false_discovery_rate)
        if factor.name in without:
            sentence = f"{factor.label}: {without[factor.name]}, so nothing can be said"
            pooled = replace(pooled, sentence=sentence)
        factors.append(pooled)
    return Pooling("slices" if column else "judges", judge, column, named, tuple(factors), _fit(found), account)


def _complete(
    groups: Sequence[tuple[str, JudgeUnits]], task: PoolingTask
) -> tuple[list[tuple[str, JudgeUnits]], Complete]:
    """Return the groups that have complete comparisons, with these only, and their features, group after group."""
    ends = np.cumsum([len(units.comparison) for _, units in groups])[:-1]
    complete = complete_rows(task.signs[np.concatenate([units.comparison for _, units in groups])])
    parts = zip(groups, np.split(complete.rows, ends), strict=True)
    kept = [(name, units.only(rows)) for (name, units), rows in parts if rows.any()]
    return kept, complete


def _factor(
    found: Hierarchy, place: int, *, factor: Factor, groups: Sequence[PooledGroup], column: str, rate: float
) -> PooledFactor:
    weights = _weights(found.weight, place)
    common = _weights(found.common, place)[0]
    pooled = PooledFactor(
        factor=factor.name,
        common=common,
        common_probability=_probability(common),
        spread=_estimate(found.spread, place),
        difference=_estimate(found.difference, place),
        differ=float(found.differ[place]),
        detectable=float(found.detectable[place]),
        verdict=_verdict(found, place, rate=rate),
        sentence="",
        groups=tuple(
            PooledWeight(weight, _probability(weight), float(share))
            for weight, share in zip(weights, found.own_share[:, place], strict=True)
        ),
    )
    return replace(pooled, sentence=_sentence(pooled, factor.label, groups=groups, column=column))


def _verdict(found: Hierarchy, place: int, *, rate: float) -> PoolingVerdict:
    """Say what may be said; never on the strength of how much the other factors differ alone."""
    differ, detectable = float(found.differ[place]), float(found.detectable[place])
    if isnan(differ):
        return "not identified"
    if differ >= 1 - rate and detectable <= found.difference.mean[place]:
        return "not the same everywhere"
    if differ <= rate and detectable <= found.options.smallest_spread:
        return "the same everywhere"
    return "too few comparisons to tell"


def _sentence(pooled: PooledFactor, label: str, *, groups: Sequence[PooledGroup], column: str) -> str:
    if pooled.verdict == "not identified":
        return f"{label}: never differs between the two responses, so nothing can be said"
    kind = f"{len(groups):,} slices by {column}" if column else f"{len(groups):,} judges"
    average = f"chosen in {percent(pooled.common_probability)} with all else equal"
    if pooled.verdict == "the same everywhere":
        return f"{label}: the same in all {kind}: {average}"
    if pooled.verdict == "too few comparisons to tell":
        unsaid = "too few comparisons to tell whether they differ by enough to matter"
        return f"{label}: {average} on the average of {kind}; {unsaid}"
    ends = sorted(zip(pooled.groups, groups, strict=True), key=lambda pair: (pair[0].weight.mean, pair[1].name))
    least, most = (f"{percent(one.probability)} with {group.name}" for one, group in (ends[0], ends[-1]))
    return f"{label}: not the same in all {kind}: {average} on average, from {least} to {most}"


def _fit(found: Hierarchy) -> PoolingFit:
    return PoolingFit(
        converged=found.converged,
        draws=found.draws,
        effective=found.effective,
        r_hat=found.r_hat,
        likeness=found.likeness,
        sharing=found.sharing,
        spread_scale=found.options.spread_scale,
        smallest_difference=found.options.smallest_spread,
    )


def _weights(summary: Summary, place: int) -> list[Weight]:
    """Return the weights of one factor: of all groups, or the common one."""
    columns = (summary.mean, summary.sd, summary.low, summary.high)
    return [Weight(*map(float, row)) for row in np.stack([np.atleast_1d(one[..., place]) for one in columns], axis=1)]


def _estimate(summary: Summary, place: int) -> Estimate:
    return Estimate(float(summary.mean[place]), float(summary.low[place]), float(summary.high[place]))


def _probability(weight: Weight) -> Estimate:
    value, low, high = sigmoid(np.array([weight.mean, weight.low, weight.high]))
    return Estimate(float(value), float(low), float(high))
