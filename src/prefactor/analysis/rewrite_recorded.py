"""What a recorded log says of factors, on the scale on which rewrites are judged. Knows no rewrite."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from prefactor._typing import FloatArray
from prefactor._validate import check_known
from prefactor.analysis.complete import as_floats
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.rewrite_pairs import signed
from prefactor.analysis.rewrite_results import RewriteSettings
from prefactor.analysis.units import JudgeUnits, judge_units
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.estimate import Estimate
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.proportion import cluster_share
from prefactor.stats.rewriting import mean_preference

__all__ = ["NO_SHRINKAGE", "Recorded", "recorded_effects"]

NO_SHRINKAGE: Final = 1.0
"""Scale of the prior on the joint weights here: so wide that shrinkage is not taken for disagreement."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the log says of every measured factor; sequences have one place per factor.

    Parameters
    ----------
    judge, verdicts
        Whose verdicts, and how many were used; an empty name where the log holds none.
    typical
        Root mean square difference in the comparisons, NaN where there is none.
    single, joint
        Mean preference for the answer with more: alone, and with all factors held equal.
    """

    judge: str
    verdicts: int
    typical: FloatArray
    single: tuple[Estimate, ...]
    joint: tuple[Estimate, ...]


def recorded_effects(dataset: Dataset, scores: Scores, *, settings: RewriteSettings) -> Recorded:
    """Return the log's own effects: the same mean preferences, without anything having been changed.

    Parameters
    ----------
    dataset, scores
        The log, and the scores of its responses.
    settings
        The judge, and the mass of the intervals.

    Raises
    ------
    UnknownNameError
        The log has no such judge.
    SettingError
        It has several and none is named.
    """
    typical = _typical(dataset, scores)
    judge = _log_judge(dataset, settings.judge)
    used = judge_units(dataset, judge).used() if judge else None
    if used is None or not len(used.comparison):
        nothing = (NOT_ESTIMATED,) * len(scores.factors)
        return Recorded(judge, 0, typical, nothing, nothing)
    features = as_floats(sign_features(dataset, scores))[used.comparison]
    single = tuple(_single(used, feature, settings.interval) for feature in features.T)
    return Recorded(judge, len(used.comparison), typical, single, _joint(used, features, settings.interval))


def _typical(dataset: Dataset, scores: Scores) -> FloatArray:
    values = [signed(scores.values(factor.name), factor) for factor in scores.factors]
    a, b = (dataset.comparisons[name].to_numpy() for name in ("response_a", "response_b"))
    gaps = np.stack([own[a] - own[b] for own in values], axis=1)
    known = np.isfinite(gaps)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt((np.where(known, gaps, 0.0) ** 2).sum(axis=0) / known.sum(axis=0)))


def _single(used: JudgeUnits, feature: FloatArray, interval: float) -> Estimate:
    apart = np.nan_to_num(feature) != 0
    for_more = np.where(feature > 0, used.preference, 1 - used.preference)[apart]
    return cluster_share(for_more, clusters=used.prompt[apart], weights=used.weight[apart], interval=interval)


def _joint(used: JudgeUnits, features: FloatArray, interval: float) -> tuple[Estimate, ...]:
    differing = np.nan_to_num(features).any(axis=1)
    if not differing.any():
        return tuple(NOT_ESTIMATED for _ in features.T)
    rows, preference, prompt, weight = (
        each[differing] for each in (features, used.preference, used.prompt, used.weight)
    )
    fit = fit_posterior(rows, preference, weights=weight, prior=LaplacePrior(NO_SHRINKAGE), interval=interval)
    tie = float(fit.tie_parameter)
    excess = cluster_excess(
        rows, preference, mean=fit.mean, covariance=fit.covariance, clusters=prompt, weights=weight, tie_parameter=tie
    )
    wider = partial(widen, mean=fit.mean, sd=fit.sd, excess=excess)
    ends: FloatArray = np.stack([fit.mean, wider(fit.low), wider(fit.high)], axis=1)
    identified = np.asarray(fit.identified)
    return tuple(
        mean_preference(Estimate(*ends[column].tolist()), tie_parameter=tie) if identified[column] else NOT_ESTIMATED
        for column in range(len(ends))
    )


def _log_judge(dataset: Dataset, wanted: str | None) -> str:
    if wanted is not None:
        return check_known("judge", [wanted], dataset.judges)[0]
    if len(dataset.judges) > 1:
        raise SettingError("judge", expected="one judge of the log", got=list(dataset.judges), hint="--judge NAME")
    return dataset.judges[0] if dataset.judges else ""
