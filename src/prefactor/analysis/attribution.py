"""Which factors moved one verdict: parts of a comparison's log-odds, with intervals. Knows no texts and no charts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import polars as pl

from prefactor._typing import FloatArray, IntArray
from prefactor._validate import check_known
from prefactor.analysis.complete import complete_rows
from prefactor.analysis.joint_results import Attribution
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.results import Explanation, Profile
from prefactor.analysis.units import judge_units
from prefactor.config import WHOLE
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.special import normal_quantile

__all__ = ["Parts", "attribute", "attribution_table", "attributions_of"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of the log-odds of n comparisons: one per factor, then one per group that cannot be told apart.

    Parameters
    ----------
    factors
        Names of each part's factors.
    value, low, high
        In log-odds for A, with intervals, shape (n, parts).
    log_odds, spread
        Sum of the factors' parts, and half of its interval, shape (n,).
    """

    factors: tuple[tuple[str, ...], ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    log_odds: FloatArray
    spread: FloatArray


def attribute(features: FloatArray, profile: Profile, *, interval: float) -> Parts:
    """Take the log-odds of comparisons apart.

    A factor's part is weight * sign feature. In a linear model with two equal responses as reference it is the factor's
    Shapley value, exactly, and the parts sum to the log-odds. Its interval is the weight's; that of several factors
    together, and of the log-odds, is normal and comes from the covariance of the weights.

    Parameters
    ----------
    features
        Sign features, shape (n, factors), NaN where a factor does not apply. It then has no part, nor has a factor
        that was left out of the joint fit.
    profile
        The judge's profile.
    interval
        Mass of the intervals.
    """
    weights = np.array([(one.weight.mean, one.weight.low, one.weight.high) for one in profile.effects]).T
    known = np.where(np.isnan(weights[0]), 0.0, np.nan_to_num(features))
    weights = np.nan_to_num(weights)
    ends = np.sort(known * weights[1:, None, :], axis=0)
    names = [effect.factor for effect in profile.effects]
    z = normal_quantile(0.5 * (1 + interval))
    covariance = profile.covariance if profile.covariance is not None else np.full((len(names), len(names)), nan)
    groups = [group.factors for group in profile.dependence.indistinguishable]
    joint, spread = np.empty((len(known), len(groups))), np.empty((len(known), len(groups)))
    for place, group in enumerate(groups):
        columns = [names.index(name) for name in group]
        joint[:, place] = known[:, columns] @ weights[0, columns]
        spread[:, place] = z * _sd(known[:, columns], covariance[np.ix_(columns, columns)])
    return Parts(
        factors=(*((name,) for name in names), *groups),
        value=np.hstack([known * weights[0], joint]),
        low=np.hstack([ends[0], joint - spread]),
        high=np.hstack([ends[1], joint + spread]),
        log_odds=known @ weights[0],
        spread=z * _sd(known, covariance),
    )


def attributions_of(parts: Parts, row: int) -> tuple[Attribution, ...]:
    """Return the parts of one comparison that are not 0, the largest first, each factor once.

    Parameters
    ----------
    parts
        From :func:`attribute`.
    row
        Which comparison.

    Returns
    -------
    tuple of Attribution
        Factors that cannot be told apart are one part.
    """
    grouped = {name for factors in parts.factors if len(factors) > 1 for name in factors}
    found = [
        Attribution(factors, Estimate(*(float(one[row, place]) for one in (parts.value, parts.low, parts.high))))
        for place, factors in enumerate(parts.factors)
        if len(factors) > 1 or factors[0] not in grouped
    ]
    return tuple(sorted((one for one in found if one.value.value), key=lambda one: -abs(one.value.value)))


def attribution_table(
    explanation: Explanation,
    dataset: Dataset,
    *,
    scores: Scores,
    judges: Sequence[str] = (),
    comparisons: Collection[str] | None = None,
) -> pl.DataFrame:
    """Say which factors moved each verdict, and how sure that is.

    Parameters
    ----------
    explanation
        Its profiles on all comparisons are used.
    dataset, scores
        What it was made from.
    judges
        Names of judges; all that were explained by default.
    comparisons
        Ids of comparisons; all that the judge judged by default, which is about 25 rows to a comparison.

    Returns
    -------
    polars.DataFrame
        One row per judge, comparison and factor in which the two responses differ: ``judge``, ``comparison_id``,
        ``factor``, ``attribution`` (part of the log-odds for A), ``low``, ``high``, ``clear`` (the interval leaves out
        0), ``joint`` and ``log_odds``, ``log_odds_low``, ``log_odds_high`` of the comparison. Factors that cannot be
        told apart have a row for each, and one more for all of them ("words + characters", ``joint`` true), whose
        interval is narrow where theirs are wide; the rows that are not joint sum to ``log_odds``. A comparison in which
        measuring a factor of the joint fit failed has no rows.

    Raises
    ------
    UnknownNameError
        There is no such judge.
    SettingError
        A comparison that is not in the dataset was asked for.
    """
    profiles = {profile.judge: profile for profile in explanation.profiles if profile.slice == WHOLE}
    names = check_known("judge", judges or profiles, profiles)
    if len(scores.table) != dataset.n_responses:
        expected = f"scores of the {dataset.n_responses:,} responses of the dataset"
        raise SettingError("scores", expected=expected, got=f"{len(scores.table):,}")
    wanted = None if comparisons is None else _rows_of(dataset, comparisons)
    signs = sign_features(dataset, scores)
    mass, frames = explanation.settings.interval, []
    for name in names:
        rows = np.unique(judge_units(dataset, name).used().comparison)
        chosen = rows if wanted is None else np.intersect1d(rows, wanted)
        complete = complete_rows(signs[rows])
        at = np.flatnonzero(complete.rows & np.isin(rows, chosen))
        parts = attribute(complete.features[np.isin(rows[complete.rows], chosen)], profiles[name], interval=mass)
        frames.append(_table(parts, name, dataset.comparisons["comparison_id"].gather(rows[at])))
    return pl.concat(frames)


def _rows_of(dataset: Dataset, comparisons: Collection[str]) -> IntArray:
    ids = dataset.comparisons["comparison_id"]
    unknown = sorted(set(comparisons) - set(ids.to_list()))
    if unknown:
        raise SettingError("comparisons", expected="ids of comparisons of the dataset", got=unknown[0])
    return np.flatnonzero(ids.is_in(list(comparisons)).to_numpy()).astype(np.int64)


def _table(parts: Parts, judge: str, ids: pl.Series) -> pl.DataFrame:
    row, place = np.nonzero(parts.value)
    low, high = parts.low[row, place], parts.high[row, place]
    names = np.array([" + ".join(factors) for factors in parts.factors], dtype=object)
    joint = np.array([len(factors) > 1 for factors in parts.factors])
    return pl.DataFrame(
        {
            "judge": pl.repeat(judge, row.size, eager=True),
            "comparison_id": ids.gather(row),
            "factor": pl.Series(names.tolist(), dtype=pl.String).gather(place),
            "attribution": parts.value[row, place],
            "low": low,
            "high": high,
            "clear": (low > 0) | (high < 0),
            "joint": joint[place],
            "log_odds": parts.log_odds[row],
            "log_odds_low": (parts.log_odds - parts.spread)[row],
            "log_odds_high": (parts.log_odds + parts.spread)[row],
        }
    )


def _sd(features: FloatArray, covariance: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.maximum(np.einsum("ni,ni->n", features @ covariance, features), 0.0)))
