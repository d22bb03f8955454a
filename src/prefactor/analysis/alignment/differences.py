"""Where two judges part: the difference of tau14 of every factor, on the comparisons that both judge strictly."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.alignment.results import AlignmentSettings, Difference, DifferenceVerdict, Discoveries
from prefactor.analysis.alignment.rows import PairRows
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.factors.base import Factor
from prefactor.stats.correlation import pooled_exceedance
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg, posterior_discoveries
from prefactor.stats.special import normal_quantile
from prefactor.stats.tau import Tau14, fit_tau14

__all__ = ["NAMED", "count_discoveries", "pair_differences"]

NAMED: tuple[DifferenceVerdict, ...] = ("leans more to it", "leans less to it")
"""Verdicts that name a factor as different."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """Differences of d factors; every array has shape (d,)."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray


def pair_differences(
    rows: PairRows, features: FloatArray, *, factors: Sequence[Factor], settings: AlignmentSettings
) -> tuple[Difference, ...]:
    """Compare tau14 factor by factor.

    On comparisons that both judge strictly, the difference of the two tau14 is twice a mean of -1, 0 and 1: 1 where the
    judges disagree and the first prefers the response with more. It is fitted as a tau14 is.

    Parameters
    ----------
    rows
        The comparisons, both judges strict.
    features
        Sign features, shape (rows, factors), NaN where a factor does not apply.
    factors
        One per column.
    settings
        What everything is computed with.
    """
    tau = [_fitted(rows, preference, features, settings) for preference in rows.preference]
    first, second = rows.signs
    paired = _fitted(rows, np.ones(len(first)), ((first - second) / 2)[:, None] * features, settings)
    gap = _finish_gap(paired, rows, features=features, interval=settings.interval)
    identified = tau[0].clusters >= 2
    q_values = benjamini_hochberg(np.where(identified, gap.p_value, nan))
    error = (gap.high - gap.low) / (2 * normal_quantile((1 + settings.interval) / 2))
    probability = np.full(len(identified), nan)
    probability[identified] = pooled_exceedance(
        gap.value[identified], error[identified], threshold=settings.smallest_effect
    )
    found = []
    for column, factor in enumerate(factors):
        one, two = (_estimate(each, column) for each in tau)
        difference = _estimate(gap, column)
        verdict: DifferenceVerdict = "not identified"
        if identified[column]:
            verdict = _verdict(difference, float(q_values[column]), settings)
        else:
            difference = NOT_ESTIMATED
        found.append(
            Difference(
                factor=factor.name,
                tau14_first=one,
                tau14_second=two,
                difference=difference,
                only_first=int(paired.concordant[column]),
                only_second=int(paired.discordant[column]),
                p_value=float(gap.p_value[column]) if identified[column] else nan,
                q_value=float(q_values[column]),
                probability=float(probability[column]),
                verdict=verdict,
                sentence=_sentence(rows, factor, one=one, two=two, difference=difference, verdict=verdict),
            )
        )
    return tuple(found)


def count_discoveries(differences: Sequence[Difference], rate: float) -> Discoveries:
    """Say how many of the named differences are expected to be too small to matter, and which are surely not.

    Parameters
    ----------
    differences
        Of one pair.
    rate
        Share of the second list that may be expected to be too small.
    """
    doubt = np.array([1 - each.probability for each in differences])
    named = np.array([each.verdict in NAMED for each in differences], dtype=np.bool_)
    beyond = posterior_discoveries(1 - doubt, rate)
    surest = sorted(np.flatnonzero(beyond).tolist(), key=lambda number: float(doubt[number]))
    return Discoveries(
        named=int(np.count_nonzero(named)),
        expected_within=float(doubt[named].sum()),
        beyond=tuple(differences[number].factor for number in surest),
        expected_false=float(doubt[beyond].sum()),
    )


def _fitted(rows: PairRows, preference: FloatArray, features: FloatArray, settings: AlignmentSettings) -> Tau14:
    return fit_tau14(
        preference,
        features,
        clusters=rows.prompt,
        weights=rows.weight,
        interval=settings.interval,
    )


def _estimate(found: Tau14 | _Gap, column: int) -> Estimate:
    return Estimate(float(found.value[column]), float(found.low[column]), float(found.high[column]))


def _finish_gap(paired: Tau14, rows: PairRows, *, features: FloatArray, interval: float) -> _Gap:
    """Double the means; where the judges part in one prompt or none, bound the share in which they could."""
    rare = paired.clusters < 2
    bounds = np.zeros(len(rare))
    for column in np.flatnonzero(rare):
        prompts = len(np.unique(rows.prompt[~np.isnan(features[:, column])]))
        bounds[column] = 2 * _rare_share(int(paired.clusters[column]), prompts, interval)
    return _Gap(
        value=2 * paired.value,
        low=np.where(rare, -bounds, 2 * paired.low),
        high=np.where(rare, bounds, 2 * paired.high),
        p_value=np.where(rare, 1.0, paired.p_value),
    )


def _rare_share(seen: int, trials: int, interval: float) -> float:
    """Upper end of the exact interval of a share seen 0 times or once (Clopper and Pearson 1934)."""
    tail, low, high = (1 - interval) / 2, 0.0, 1.0
    for _ in range(60):
        share = (low + high) / 2
        mass = (1 - share) ** trials + seen * trials * share * (1 - share) ** max(trials - 1, 0)
        low, high = (share, high) if mass > tail else (low, share)
    return high


def _verdict(difference: Estimate, q_value: float, settings: AlignmentSettings) -> DifferenceVerdict:
    if difference.within(settings.smallest_effect):
        return "alike"
    if q_value <= settings.false_discovery_rate and difference.excludes(0):
        return "leans more to it" if difference.value > 0 else "leans less to it"
    return "too few comparisons to tell"


def _sentence(
    rows: PairRows, factor: Factor, *, one: Estimate, two: Estimate, difference: Estimate, verdict: DifferenceVerdict
) -> str:
    numbers = f"tau14 {one.value:.2f} against {two.value:.2f}, difference {difference}"
    if verdict == "not identified":
        return f"{factor.label}: differs between the two responses in fewer than two prompts, so nothing can be said"
    if verdict in NAMED:
        way = "more" if verdict == "leans more to it" else "less"
        return f"{rows.first} leans {way} to the {factor.more} than {rows.second}: {numbers}"
    if verdict == "alike":
        return f"{factor.label}: {rows.first} and {rows.second} are alike: {numbers}"
    return f"{factor.label}: too few comparisons to tell {rows.first} and {rows.second} apart: {numbers}"
