"""Pooled slices and judges as the report shows them: every factor, and the groups one by one for the strongest."""

from collections.abc import Iterable, Mapping
from math import isfinite
from statistics import median
from typing import Final

from prefactor.analysis.pooled import PooledFactor, PooledWeight, Pooling, PoolingVerdict
from prefactor.analysis.results import Explanation
from prefactor.config import WHOLE
from prefactor.report.forest import number_mark, percent_mark, tone_of
from prefactor.report.naming import Names, name_line, slice_parts
from prefactor.report.safe_text import make_readable_line
from prefactor.report.scales import Axis, axis_between
from prefactor.report.views import PooledFactorRow, PooledForest, PooledGroupRow, PoolingView, Tone
from prefactor.report.wording import counted, listed, percent
from prefactor.stats.estimate import Estimate

__all__ = ["pooling_lead", "summarise_poolings"]

FORESTS: Final = 4
"""Factors that are shown group by group: those in which groups differ first, then the strongest."""

_VERDICTS: Final[Mapping[PoolingVerdict, tuple[str, Tone]]] = {
    "the same everywhere": ("the same", "none"),
    "not the same everywhere": ("not the same", "more"),
    "too few comparisons to tell": ("cannot be told", "unclear"),
    "not identified": ("never differs", "unclear"),
}
_SENTENCE: Final = 400
_NOT_IDENTIFIED: Final = Estimate(float("nan"))


def summarise_poolings(explanation: Explanation, names: Names) -> tuple[PoolingView, ...]:
    """Return one view per pooling, in the order of the explanation."""
    alone = {
        (profile.judge, profile.slice, effect.factor): effect.probability
        for profile in explanation.profiles
        for effect in profile.effects
    }
    judges = {pooling.judge for pooling in explanation.pooled if pooling.judge}
    return tuple(_view(pooling, names, alone=alone, several=len(judges) > 1) for pooling in explanation.pooled)


def pooling_lead(pooling: Pooling) -> str:
    """Say how many factors are the same in all groups, and where the pooled weights come from."""
    noun = "slice" if pooling.column else "judge"
    tallies = {
        verdict: sum(factor.verdict == verdict for factor in pooling.factors)
        for verdict in ("the same everywhere", "not the same everywhere", "too few comparisons to tell")
    }
    told = [
        f"{counted(number, 'factor')} {'is' if number == 1 else 'are'} {verdict}"
        for verdict, number in tallies.items()
        if number and verdict != "too few comparisons to tell"
    ]
    open_ones = tallies["too few comparisons to tell"]
    if open_ones:
        told.append(
            f"of {open_ones} it cannot be told"
            if told
            else f"of no factor can it be told whether {noun}s differ by enough to matter"
        )
    shares = [_own_share(factor) for factor in pooling.factors if factor.verdict != "not identified"]
    own = (
        f" A pooled weight comes to {percent(median(shares))} from the {noun}'s own comparisons (median of factors)."
        if shares
        else ""
    )
    return (
        f"{counted(len(pooling.groups), noun)}: {listed(told) or 'no factor differs anywhere'}.{own}{_alike(pooling)}"
    )


def _alike(pooling: Pooling) -> str:
    fit, said = pooling.fit, ""
    if fit.likeness >= 0.005:
        said += f" Comparisons of one prompt are alike (correlation {fit.likeness:.2f}) and count for less."
    if fit.sharing >= 0.005:
        said += f" {percent(fit.sharing)} of the noise is shared, since the prompts are."
    return said


def _view(
    pooling: Pooling, names: Names, *, alone: Mapping[tuple[str, str, str], Estimate], several: bool
) -> PoolingView:
    ordered = sorted(pooling.factors, key=_strength, reverse=True)
    axis = axis_between(_ends(factor.common_probability for factor in ordered), low=0.0, high=1.0, centre=0.5)
    points = axis_between(_ends(map(_points, ordered)), low=0.0, high=50.0, centre=0.0)
    shown = [factor for factor in ordered if factor.verdict != "not identified"]
    shown.sort(key=lambda factor: factor.verdict != "not the same everywhere")
    whose = f" of {name_line(pooling.judge)}" if several and pooling.judge else ""
    return PoolingView(
        title=f"Slices{whose} by {name_line(pooling.column)}" if pooling.column else "Judges",
        lead=pooling_lead(pooling),
        caution="" if pooling.fit.converged else "The chains have not settled: take these numbers as rough.",
        kind="Slice" if pooling.column else "Judge",
        axis=axis,
        points=points,
        factors=tuple(_factor_row(factor, names, axis=axis, points=points) for factor in ordered),
        forests=tuple(_forest(pooling, factor, names, alone=alone) for factor in shown[:FORESTS]),
    )


def _factor_row(factor: PooledFactor, names: Names, *, axis: Axis, points: Axis) -> PooledFactorRow:
    verdict, tone = _VERDICTS[factor.verdict]
    share = _own_share(factor)
    average = factor.common_probability
    return PooledFactorRow(
        factor=names.words(factor.factor),
        average=percent_mark(average, axis, tone=tone_of(average, 0.5)),
        difference=number_mark(_points(factor), points, tone=tone, digits=1),
        own=round(100 * share, 1) if isfinite(share) else 0.0,
        own_share=percent(share),
        verdict=verdict,
        tone=tone,
    )


def _forest(
    pooling: Pooling, factor: PooledFactor, names: Names, *, alone: Mapping[tuple[str, str, str], Estimate]
) -> PooledForest:
    pairs = sorted(zip(pooling.groups, factor.groups, strict=True), key=lambda pair: -pair[1].weight.mean)
    raw = [alone.get(_key(pooling, group.name, factor.factor), _NOT_IDENTIFIED) for group, _ in pairs]
    estimates = [factor.common_probability, *(one.probability for _, one in pairs)]
    axis = axis_between([*_ends(estimates), *(one.value for one in raw)], low=0.0, high=1.0, centre=0.5)
    low, high = (axis.place(end) or 0.0 for end in (factor.common_probability.low, factor.common_probability.high))
    rows = tuple(
        _group_row(
            slice_parts(group.name)[1] if pooling.column else name_line(group.name),
            one,
            axis=axis,
            alone=before,
            used=group.used,
        )
        for (group, one), before in zip(pairs, raw, strict=True)
    )
    average = percent_mark(factor.common_probability, axis, tone=tone_of(factor.common_probability, 0.5))
    return PooledForest(
        names.words(factor.factor),
        make_readable_line(factor.sentence, _SENTENCE),
        axis,
        (low, round(high - low, 2)),
        average,
        rows,
    )


def _group_row(name: str, one: PooledWeight, *, axis: Axis, alone: Estimate, used: int) -> PooledGroupRow:
    return PooledGroupRow(
        name=name,
        used=f"{used:,}",
        alone=percent_mark(alone, axis, tone=tone_of(alone, 0.5)),
        pooled=percent_mark(one.probability, axis, tone=tone_of(one.probability, 0.5)),
        own=round(100 * one.own_share, 1),
        own_share=percent(one.own_share),
    )


def _key(pooling: Pooling, group: str, factor: str) -> tuple[str, str, str]:
    return (pooling.judge, group, factor) if pooling.column else (group, WHOLE, factor)


def _points(factor: PooledFactor) -> Estimate:
    """Return how far groups differ as points of P(preferred): the standard deviation at the average's slope."""
    chance, sd = factor.common_probability.value, factor.difference
    slope = 100 * chance * (1 - chance)
    return Estimate(slope * sd.value, slope * sd.low, slope * sd.high)


def _own_share(factor: PooledFactor) -> float:
    return sum(one.own_share for one in factor.groups) / len(factor.groups)


def _strength(factor: PooledFactor) -> float:
    return abs(factor.common.mean) if isfinite(factor.common.mean) else -1.0


def _ends(estimates: Iterable[Estimate]) -> list[float]:
    return [end for one in estimates for end in (one.value, one.low, one.high)]
