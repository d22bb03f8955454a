"""Which measured factors of an answer go with an evaluator's errors, wrongly accepted and wrongly rejected ones apart.

Alone across questions, and within questions between answers that are equally right. Knows scores, not how measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Final, Literal

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.competence.results import CompetenceSettings, FoolingFactor
from prefactor.analysis.competence.rows import EvaluatorRows
from prefactor.factors.base import Factor
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.share_contrast import contrast_shares
from prefactor.stats.special import normal_quantile, student_two_sided
from prefactor.stats.tau import fit_tau14

__all__ = ["ErrorKind", "fooling_factors"]

ErrorKind = Literal["wrongly accepted", "wrongly rejected"]
ERRORS: Final[tuple[ErrorKind, ...]] = ("wrongly accepted", "wrongly rejected")
FEWEST: Final = 20
"""Answers, and pairs of answers, below which nothing is computed."""

_MANY: Final = 1e9
"""Degrees of freedom of a normal distribution."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of answers to one question, equally right, the first misgraded and the second not."""

    signs: FloatArray
    clusters: IntArray


def fooling_factors(
    rows: EvaluatorRows, scores: FloatArray, *, factors: Sequence[Factor], settings: CompetenceSettings
) -> tuple[FoolingFactor, ...]:
    """Return every factor with how far an evaluator's errors go with it, those that are named first.

    Parameters
    ----------
    rows
        The evaluator's verdicts.
    scores
        Shape (rows, factors); NaN where a factor does not apply.
    factors
        What the columns are.
    settings
        Interval and false discovery rate.
    """
    found: list[FoolingFactor] = []
    for error in ERRORS:
        among = ~rows.right if error == "wrongly accepted" else rows.right
        if not int(among.sum()) >= FEWEST or rows.true[among].all() or not rows.true[among].any():
            continue
        found += _of_error(rows, scores, among, error=error, factors=factors, settings=settings)
    p_values = np.array([each.p_value for each in found])
    known = ~np.isnan(p_values)
    q_values = np.full(len(found), nan)
    if known.any():
        q_values[known] = benjamini_hochberg(p_values[known])
    named = [
        replace(each, q_value=float(q), named=bool(q <= settings.discovery and each.difference.excludes(0)))
        for each, q in zip(found, q_values, strict=True)
    ]
    return tuple(sorted(named, key=lambda each: (not each.named, -_size(each), each.error, each.factor)))


def _size(each: FoolingFactor) -> float:
    return -1.0 if isnan(each.difference.value) else abs(each.difference.value)


def _of_error(
    rows: EvaluatorRows,
    scores: FloatArray,
    among: BoolArray,
    *,
    error: ErrorKind,
    factors: Sequence[Factor],
    settings: CompetenceSettings,
) -> list[FoolingFactor]:
    wrong, clusters, held = ~rows.true[among], rows.question[among], scores[among]
    pairs = _pairs_within(wrong, clusters, held)
    within, joint, counts = _within(pairs, len(factors), settings)
    return [
        replace(
            _alone(wrong, held[:, place], clusters, factor=factor, error=error, interval=settings.interval),
            pairs=counts[place],
            within=within[place],
            joint=joint[place],
        )
        for place, factor in enumerate(factors)
    ]


def _alone(
    wrong: BoolArray, score: FloatArray, clusters: IntArray, *, factor: Factor, error: ErrorKind, interval: float
) -> FoolingFactor:
    """Compare the share of errors above the median score with that up to it; pairs are left to be filled in."""
    known = ~np.isnan(score)
    split = float(np.median(score[known])) if known.any() else nan
    above = score[known] > split
    if not above.any() and known.any():
        # More than half have the largest score: what has less than that is set against it.
        above = score[known] >= split
    values, cells = wrong[known].astype(float), (~above).astype(int)
    gap = Estimate(nan)
    if min(int(above.sum()), int((~above).sum())) >= FEWEST // 2:
        gap = contrast_shares(values, cells, coefficients=[1, -1], clusters=clusters[known], interval=interval)
    high, low = (float(values[part].mean()) if part.any() else nan for part in (above, ~above))
    return FoolingFactor(
        error=error,
        factor=factor.name,
        label=factor.label,
        more=factor.more,
        rows=int(known.sum()),
        split=split,
        high=high,
        low=low,
        difference=gap,
        p_value=_p_value(gap, interval),
        q_value=nan,
        pairs=0,
        within=Estimate(nan),
        joint=Estimate(nan),
        named=False,
    )


def _p_value(gap: Estimate, interval: float) -> float:
    """Return the p-value of no difference: normal, with the standard error that the interval has towards 0."""
    reach = gap.value - gap.low if gap.value > 0 else gap.high - gap.value
    if isnan(reach) or reach <= 0:
        return nan
    error = reach / float(normal_quantile(0.5 + interval / 2))
    return float(student_two_sided(np.array([abs(gap.value) / error]), np.array([_MANY]))[0])


def _pairs_within(wrong: BoolArray, clusters: IntArray, scores: FloatArray) -> _Pairs:
    order = np.argsort(clusters, kind="stable")
    bounds = np.flatnonzero(np.diff(clusters[order])) + 1
    signs, places = [], []
    for group in np.split(order, bounds):
        errors, others = group[wrong[group]], group[~wrong[group]]
        for one in errors:
            signs += [np.sign(scores[one] - scores[other]) for other in others]
            places += [int(clusters[one])] * len(others)
    return _Pairs(np.array(signs).reshape(-1, scores.shape[1]), np.array(places, dtype=np.int64))


def _within(
    pairs: _Pairs, count: int, settings: CompetenceSettings
) -> tuple[list[Estimate], list[Estimate], list[int]]:
    """Return tau14 of every factor over the pairs, its joint weight, and the pairs that differ in it."""
    nothing = [Estimate(nan)] * count
    if len(pairs.clusters) < FEWEST:
        return nothing, nothing, [0] * count
    preference = np.ones(len(pairs.clusters))
    tau = fit_tau14(preference, pairs.signs, clusters=pairs.clusters, interval=settings.interval)
    within = [Estimate(*map(float, ends)) for ends in zip(tau.value, tau.low, tau.high, strict=True)]
    differing = tau.concordant + tau.discordant
    usable = np.flatnonzero((differing > 0) & ~np.isnan(pairs.signs).any(axis=0))
    joint = list(nothing)
    if usable.size:
        for place, weight in zip(usable, _joint(pairs, usable, settings.interval), strict=True):
            joint[place] = weight
    return within, joint, differing.astype(int).tolist()


def _joint(pairs: _Pairs, usable: IntArray, interval: float) -> list[Estimate]:
    """Return the weights of the factors together, their intervals widened for pairs of one question being alike."""
    signs, preference = pairs.signs[:, usable], np.ones(len(pairs.clusters))
    fitted = fit_posterior(signs, preference, tie_parameter=0.0, interval=interval)
    excess = cluster_excess(signs, preference, mean=fitted.mean, covariance=fitted.covariance, clusters=pairs.clusters)
    low, high = (widen(end, mean=fitted.mean, sd=fitted.sd, excess=excess) for end in (fitted.low, fitted.high))
    return [Estimate(*map(float, ends)) for ends in zip(fitted.mean, low, high, strict=True)]
