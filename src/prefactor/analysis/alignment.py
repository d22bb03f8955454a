"""How alike two judges are, factor by factor, on the comparisons that both have judged.

Everything about a pair comes from the same comparisons, so that noise which the two share cancels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import nan
from typing import Final, Literal

import numpy as np
import polars as pl

from prefactor._typing import FloatArray, SignArray
from prefactor._validate import check_fraction, check_known, check_positive
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.profiles import as_floats
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.units import judge_units
from prefactor.config import (
    BOOTSTRAPS,
    FALSE_DISCOVERY_RATE,
    INTERVAL,
    MINIMUM_COMPARISONS,
    PRIOR_SCALE,
    SEED,
    SMALLEST_EFFECT,
)
from prefactor.data.dataset import Dataset, SourceCount
from prefactor.data.preference import TIE
from prefactor.errors import FitError
from prefactor.factors.base import Factor
from prefactor.runtime.progress import Progress, silent
from prefactor.stats.agreement import strict_agreement
from prefactor.stats.correlation import ProfileCorrelation, correlate_profiles, pooled_exceedance
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.reliability import kappa_estimate, krippendorff_alpha, resample_clusters, sum_clusters
from prefactor.stats.sites import exact_grid
from prefactor.stats.special import normal_quantile, sigmoid
from prefactor.stats.tau import Tau14, fit_tau14

__all__ = [
    "Alignment",
    "AlignmentSettings",
    "Difference",
    "DifferenceVerdict",
    "PairAlignment",
    "align_judges",
]

DifferenceVerdict = Literal[
    "leans more to it", "leans less to it", "alike", "too few comparisons to tell", "not identified"
]


@dataclass(frozen=True, slots=True)
class AlignmentSettings:
    """Every setting of an alignment.

    Parameters
    ----------
    interval
        Mass of every interval, between 0 and 1.
    prior_scale
        Scale of the Laplace prior on the weights, in log-odds.
    bootstraps, seed
        Replicates of the bootstrap of prompts, and the seed of their draws.
    smallest_effect
        Difference of tau14 that matters.
    false_discovery_rate
        Rate at which factors named as different may be false discoveries, within a pair.
    """

    interval: float = INTERVAL
    prior_scale: float = PRIOR_SCALE
    bootstraps: int = BOOTSTRAPS
    seed: int = SEED
    smallest_effect: float = SMALLEST_EFFECT
    false_discovery_rate: float = FALSE_DISCOVERY_RATE

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        check_fraction("smallest_effect", self.smallest_effect)
        check_fraction("false_discovery_rate", self.false_discovery_rate)
        check_positive("bootstraps", self.bootstraps)


@dataclass(frozen=True, slots=True)
class Difference:
    """How differently one factor moves two judges, on the comparisons where both have a strict preference.

    Parameters
    ----------
    factor
        Name of the factor.
    tau14_first, tau14_second
        Its influence on each judge.
    difference
        First minus second, in [-2, 2], with the interval of paired clusters.
    only_first, only_second
        Comparisons on which the judges disagree and the first, or the second, prefers the response with more of it.
    p_value, q_value
        Two-sided, of no difference; and adjusted (Benjamini-Hochberg) within the pair. NaN where not identified.
    probability
        P(|difference| exceeds the smallest effect), with all factors of the pair pooled.
    verdict
        What may be said of it.
    sentence
        The finding in words, with numbers.
    """

    factor: str
    tau14_first: Estimate
    tau14_second: Estimate
    difference: Estimate
    only_first: int
    only_second: int
    p_value: float
    q_value: float
    probability: float
    verdict: DifferenceVerdict
    sentence: str


@dataclass(frozen=True, slots=True)
class PairAlignment:
    """How alike two judges are.

    Parameters
    ----------
    first, second
        Names of the judges.
    comparisons, strict, prompts
        Comparisons on which both have a preference, those on which both have a strict one, and the prompts of these.
    agreement, kappa
        Share of the strict ones on which they agree, and Cohen's kappa.
    alpha
        Krippendorff's alpha over all shared comparisons, a tie being a third category.
    tau14
        Correlations of the two profiles of tau14, over factors that differ in at least two prompts.
    weights
        The same of the joint weights, all factors fitted together.
    differences
        One per factor, in the order of the taxonomy.
    reason
        Why there is no comparison of profiles; empty where there is one.
    """

    first: str
    second: str
    comparisons: int
    strict: int
    prompts: int
    agreement: Estimate
    kappa: Estimate
    alpha: Estimate
    tau14: ProfileCorrelation
    weights: ProfileCorrelation
    differences: tuple[Difference, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """How alike the judges of a dataset are.

    Parameters
    ----------
    judges
        The judges compared.
    pairs
        Every two of them that share comparisons.
    apart
        Every two that share none.
    alpha
        Krippendorff's alpha of all of them together, comparisons without a verdict of some allowed.
    factors
        Every factor that was measured.
    sources
        Files that were read.
    settings
        What produced it.
    """

    judges: tuple[str, ...]
    pairs: tuple[PairAlignment, ...]
    apart: tuple[tuple[str, str], ...]
    alpha: Estimate
    factors: tuple[Factor, ...]
    sources: tuple[SourceCount, ...]
    settings: AlignmentSettings


def align_judges(
    dataset: Dataset,
    scores: Scores,
    *,
    judges: Sequence[str] = (),
    settings: AlignmentSettings | None = None,
    progress: Progress = silent,
) -> Alignment:
    """Compare every two judges on the comparisons they share.

    Parameters
    ----------
    dataset
        Comparisons and preferences.
    scores
        Scores of its responses.
    judges
        Names of judges; all by default.
    settings
        What everything is computed with.
    progress
        Told how many pairs are done.

    Raises
    ------
    UnknownNameError
        There is no such judge.
    FitError
        There are fewer than two judges.
    """
    settings = settings or AlignmentSettings()
    names = tuple(dict.fromkeys(check_known("judge", judges or dataset.judges, dataset.judges)))
    if len(names) < 2:
        raise FitError(
            "an alignment", f"it takes two judges, and there is {len(names)}", "name the logs of another too"
        )
    signs = sign_features(dataset, scores)
    verdicts = {name: _verdicts(dataset, name) for name in names}
    every_two = list(combinations(names, 2))
    pairs, apart = [], []
    for done, (first, second) in enumerate(every_two):
        progress("aligning judges", done, len(every_two))
        shared = verdicts[first].join(verdicts[second], on=["id", "comparison", "prompt"], suffix="_second").sort("id")
        if shared.is_empty():
            apart.append((first, second))
        else:
            pair = _Pair(first, second, shared, scores.factors, settings)
            pairs.append(_align_pair(pair, signs))
    progress("aligning judges", len(every_two), len(every_two))
    alpha = _alpha([verdicts[name] for name in names], settings)
    return Alignment(names, tuple(pairs), tuple(apart), alpha, scores.factors, dataset.sources, settings)


@dataclass(frozen=True, slots=True)
class _Pair:
    first: str
    second: str
    shared: pl.DataFrame
    factors: tuple[Factor, ...]
    settings: AlignmentSettings

    def preferences(self) -> FloatArray:
        return self.shared.select("preference", "preference_second").to_numpy().T

    def weight(self) -> FloatArray:
        return ((self.shared["weight"] + self.shared["weight_second"]) / 2).to_numpy()


def _verdicts(dataset: Dataset, judge: str) -> pl.DataFrame:
    """Preference of a judge on every comparison; several annotators are taken at the mean of their preferences."""
    used = judge_units(dataset, judge).used()
    frame = pl.DataFrame(
        {"comparison": used.comparison, "prompt": used.prompt, "preference": used.preference, "weight": used.weight}
    )
    means = [pl.col(name).sort().mean() for name in ("preference", "weight")]
    ids = pl.Series("id", dataset.comparisons["comparison_id"]).gather(pl.Series(used.comparison))
    grouped = frame.with_columns(ids.alias("id")).group_by("id", "comparison", "prompt")
    return grouped.agg(*means).sort("id")


def _align_pair(pair: _Pair, signs: SignArray) -> PairAlignment:
    settings, prompt = pair.settings, pair.shared["prompt"].to_numpy()
    preference, weight = pair.preferences(), pair.weight()
    strict = (preference != TIE).all(axis=0) & (weight > 0)
    features = as_floats(signs[pair.shared["comparison"].to_numpy()])[strict]
    reason = ""
    if np.count_nonzero(strict) < MINIMUM_COMPARISONS:
        reason = f"fewer than {MINIMUM_COMPARISONS} comparisons on which both have a strict preference"
    data = _Strict(np.asarray(preference[:, strict]), features, prompt[strict], weight[strict], settings)
    tau14, weights, differences = _NO_CORRELATION, _NO_CORRELATION, tuple[Difference, ...]()
    if not reason:
        differences = _differences(pair, data)
        tau14, weights = _correlate(data)
    agreement = kappa = NOT_ESTIMATED
    if strict.any():
        one, two = data.preference
        agreement = strict_agreement(one, two, clusters=data.prompt, weights=data.weight, interval=settings.interval)
        kappa = kappa_estimate(
            one,
            two,
            clusters=data.prompt,
            weights=data.weight,
            interval=settings.interval,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
        )
    alpha = krippendorff_alpha(
        np.sign(preference - TIE),
        clusters=prompt,
        interval=settings.interval,
        bootstraps=settings.bootstraps,
        seed=settings.seed,
    )
    return PairAlignment(
        first=pair.first,
        second=pair.second,
        comparisons=len(pair.shared),
        strict=int(np.count_nonzero(strict)),
        prompts=len(np.unique(data.prompt)),
        agreement=agreement,
        kappa=kappa,
        alpha=alpha,
        tau14=tau14,
        weights=weights,
        differences=differences,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class _Strict:
    """Comparisons on which both judges are strict; ``preference`` has shape (2, n), ``features`` (n, d)."""

    preference: FloatArray
    features: FloatArray
    prompt: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    weight: FloatArray
    settings: AlignmentSettings

    def signs(self) -> FloatArray:
        return np.asarray(np.sign(self.preference - TIE))

    def tau14(self, preference: FloatArray, features: FloatArray) -> Tau14:
        return fit_tau14(
            preference,
            features,
            clusters=self.prompt,
            weights=self.weight,
            interval=self.settings.interval,
        )


_NO_CORRELATION: Final = ProfileCorrelation(*(NOT_ESTIMATED,) * 6, entries=0, reason="too few comparisons")


@dataclass(frozen=True, slots=True)
class _Gap:
    """Differences of d factors; every array has shape (d,)."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray


def _differences(pair: _Pair, data: _Strict) -> tuple[Difference, ...]:
    """Compare tau14 factor by factor.

    On comparisons that both judge strictly, the difference of the two tau14 is twice a mean of -1, 0 and 1: 1 where the
    judges disagree and the first prefers the response with more. It is fitted as a tau14 is.
    """
    tau = [data.tau14(preference, data.features) for preference in data.preference]
    first, second = data.signs()
    paired = data.tau14(np.ones(len(first)), ((first - second) / 2)[:, None] * data.features)
    gap = _finish_gap(paired, data)
    identified = tau[0].clusters >= 2
    q_values = benjamini_hochberg(np.where(identified, gap.p_value, nan))
    error = (gap.high - gap.low) / (2 * normal_quantile((1 + data.settings.interval) / 2))
    probability = np.full(len(identified), nan)
    probability[identified] = pooled_exceedance(
        gap.value[identified], error[identified], threshold=data.settings.smallest_effect
    )
    found = []
    for column, factor in enumerate(pair.factors):
        one, two = (_estimate(each, column) for each in tau)
        difference = _estimate(gap, column)
        verdict: DifferenceVerdict = "not identified"
        if identified[column]:
            verdict = _verdict(difference, float(q_values[column]), data.settings)
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
                sentence=_sentence(pair, factor, one=one, two=two, difference=difference, verdict=verdict),
            )
        )
    return tuple(found)


def _estimate(found: Tau14 | _Gap, column: int) -> Estimate:
    return Estimate(float(found.value[column]), float(found.low[column]), float(found.high[column]))


def _finish_gap(paired: Tau14, data: _Strict) -> _Gap:
    """Double the means; where the judges part in one prompt or none, bound the share in which they could."""
    rare = paired.clusters < 2
    bounds = np.zeros(len(rare))
    for column in np.flatnonzero(rare):
        prompts = len(np.unique(data.prompt[~np.isnan(data.features[:, column])]))
        bounds[column] = 2 * _rare_share(int(paired.clusters[column]), prompts, data.settings.interval)
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
    pair: _Pair, factor: Factor, *, one: Estimate, two: Estimate, difference: Estimate, verdict: DifferenceVerdict
) -> str:
    numbers = f"tau14 {one.value:.2f} against {two.value:.2f}, difference {difference}"
    if verdict == "not identified":
        return f"{factor.label}: differs between the two responses in fewer than two prompts, so nothing can be said"
    if verdict in ("leans more to it", "leans less to it"):
        way = "more" if verdict == "leans more to it" else "less"
        return f"{pair.first} leans {way} to the {factor.more} than {pair.second}: {numbers}"
    if verdict == "alike":
        return f"{factor.label}: {pair.first} and {pair.second} are alike: {numbers}"
    return f"{factor.label}: too few comparisons to tell {pair.first} and {pair.second} apart: {numbers}"


def _correlate(data: _Strict) -> tuple[ProfileCorrelation, ProfileCorrelation]:
    """Correlate the two profiles of tau14, and of joint weights, over factors that differ in at least two prompts.

    Weights are not refitted: a row moves the posterior mean by the covariance times its score (Giordano and Broderick
    2023, arXiv 2305.06466), which gives sds of 0.83 to 1.05 times those of refits.
    """
    differing = np.nan_to_num(data.features) != 0
    used = np.array([len(np.unique(data.prompt[column])) >= 2 for column in differing.T], dtype=np.bool_)
    features = data.features[:, used]
    known, measured = np.nan_to_num(features), ~np.isnan(features)
    first, second = data.signs()
    weight = exact_grid(data.weight)[:, None]
    joint = fit_posterior(
        features, data.preference, weights=data.weight, prior_scale=data.settings.prior_scale, tie_parameter=0.0
    )
    moves = [
        (weight * (preference - sigmoid(known @ mean))[:, None] * known) @ covariance
        for preference, mean, covariance in zip(data.preference, joint.mean, joint.covariance, strict=True)
    ]
    table = np.hstack([weight * first[:, None] * known, weight * second[:, None] * known, weight * measured, *moves])
    sums = sum_clusters(table, data.prompt, seed=data.settings.seed)
    drawn = resample_clusters(sums, bootstraps=data.settings.bootstraps, seed=data.settings.seed)
    whole, parts = sums.sum(axis=0), np.hsplit(drawn, 5)
    tau14 = [whole_part / np.hsplit(whole, 5)[2] for whole_part in np.hsplit(whole, 5)[:2]]
    rows = np.maximum(parts[2], 1e-300)
    widen = float(np.sqrt(len(sums) / max(len(sums) - 1, 1)))
    by_tau14 = [
        value + widen * (np.where(parts[2] > 0, part / rows, value) - value)
        for value, part in zip(tau14, parts[:2], strict=True)
    ]
    by_weight = [
        mean + widen * (part - total)
        for mean, part, total in zip(joint.mean, parts[3:], np.hsplit(whole, 5)[3:], strict=True)
    ]
    return _correlated(tau14, by_tau14, data), _correlated(list(joint.mean), by_weight, data)


def _correlated(values: list[FloatArray], replicates: list[FloatArray], data: _Strict) -> ProfileCorrelation:
    return correlate_profiles(
        values[0],
        values[1],
        replicates_first=replicates[0],
        replicates_second=replicates[1],
        interval=data.settings.interval,
    )


def _alpha(verdicts: list[pl.DataFrame], settings: AlignmentSettings) -> Estimate:
    """Krippendorff's alpha of several judges: A, B and tie are the categories."""
    table = verdicts[0].select("id", "prompt", pl.col("preference").alias("0"))
    for position, frame in enumerate(verdicts[1:], start=1):
        other = frame.select("id", "prompt", pl.col("preference").alias(str(position)))
        table = table.join(other, on=["id", "prompt"], how="full", coalesce=True)
    table = table.sort("id")
    ratings = table.drop("id", "prompt").fill_null(nan).to_numpy().T
    return krippendorff_alpha(
        np.sign(ratings - TIE),
        clusters=table["prompt"].to_numpy(),
        interval=settings.interval,
        bootstraps=settings.bootstraps,
        seed=settings.seed,
    )
