"""What each factor does to one judge on one slice: tau14, joint and single fits, and what may be said of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import nan

import numpy as np

from prefactor._typing import BoolArray, FloatArray
from prefactor.analysis.complete import Complete, whole
from prefactor.analysis.results import Collinearity, Effect, Settings
from prefactor.analysis.sentences import effect_sentence
from prefactor.analysis.units import JudgeUnits
from prefactor.analysis.verdicts import VERDICTS, Evidence, decide
from prefactor.data.account import Account
from prefactor.data.preference import TIE
from prefactor.factors.base import Factor
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.estimate import Estimate, Weight
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.posterior import Posterior, fit_posterior
from prefactor.stats.priors import make_prior
from prefactor.stats.single import SinglePosterior, fit_pairs, fit_single
from prefactor.stats.special import sigmoid
from prefactor.stats.tau import Tau14, fit_tau14

__all__ = ["NO_WEIGHT", "FittedEffects", "collinear_pairs", "fit_effects"]

NO_WEIGHT = Weight(nan, nan, nan, nan)
"""Stands where a factor was in no joint fit."""

COLLINEAR = 0.7
"""Correlation of sign features from which two factors are said to go together."""


@dataclass(frozen=True, slots=True)
class FittedEffects:
    """The effects with the joint posterior they come from.

    Parameters
    ----------
    effects
        One per factor.
    posterior
        Of all weights together.
    """

    effects: tuple[Effect, ...]
    posterior: Posterior


def fit_effects(
    units: JudgeUnits,
    features: FloatArray,
    *,
    factors: Sequence[Factor],
    settings: Settings,
    complete: Complete | None = None,
) -> FittedEffects:
    """Fit every factor's effect on the used units of one judge.

    Parameters
    ----------
    units
        Units with a preference.
    features
        Sign features, shape (units, factors), NaN where there is none.
    factors
        One per column.
    settings
        Interval, prior, bootstraps, seed and thresholds.
    complete
        Rows and factors of the joint fit; by default all, and a factor without a feature does not apply.
    """
    complete = complete or whole(features)
    fits = _fit(units, features, complete, settings)
    q_values = benjamini_hochberg(fits.tau.p_value)
    single_weights = [_weight(fits.single, column, fits.excess_alone) for column in range(len(factors))]
    chances = [_probability(weight) for weight in single_weights]
    evidence = Evidence(
        tau14=np.array([fits.tau.value, fits.tau.low, fits.tau.high]),
        alone=np.array([[chance.low for chance in chances], [chance.high for chance in chances]]),
        q_values=q_values,
        identified=fits.tau.concordant + fits.tau.discordant > 0,
        strict=int(np.count_nonzero(units.preference != TIE)),
    )
    decided = decide(evidence, settings)
    effects = []
    for column, factor in enumerate(factors):
        q_value = float(q_values[column])
        left_out = bool(complete.left_out[column])
        weight = NO_WEIGHT if left_out else _weight(fits.joint, column, fits.excess_together)
        verdict = VERDICTS[decided[column]]
        told = verdict in ("prefers more", "prefers less") and not left_out
        absorber = _absorber(fits.pairs, column, joint=float(fits.joint.mean[column])) if told else None
        absorbing = None if absorber is None else factors[absorber]
        effect = Effect(
            factor=factor.name,
            account=_account(features[:, column], missing=int(complete.missing[column])),
            concordant=int(fits.tau.concordant[column]),
            discordant=int(fits.tau.discordant[column]),
            tau14=_tau14(fits.tau, column),
            q_value=q_value,
            weight=weight,
            probability=_probability(weight),
            single_weight=single_weights[column],
            single_probability=chances[column],
            verdict=verdict,
            absorbed_by=None if absorbing is None else absorbing.name,
            sentence="",
        )
        sentence = effect_sentence(units.judge, effect, factor=factor, absorbing=absorbing)
        effects.append(replace(effect, sentence=sentence))
    return FittedEffects(tuple(effects), fits.joint)


@dataclass(frozen=True, slots=True)
class _Fits:
    tau: Tau14
    joint: Posterior
    single: SinglePosterior
    pairs: FloatArray
    excess_together: FloatArray
    excess_alone: FloatArray


def _fit(units: JudgeUnits, features: FloatArray, complete: Complete, settings: Settings) -> _Fits:
    preference, weights = units.preference, units.weight
    fitted, known = units.only(complete.rows), complete.features
    prior = make_prior(settings.prior, settings.prior_scale)
    tau = fit_tau14(
        preference,
        features,
        clusters=units.prompt,
        weights=weights,
        interval=settings.interval,
    )
    informative = _informative(known)
    joint = fit_posterior(
        known[informative],
        fitted.preference[informative],
        weights=fitted.weight[informative],
        prior=prior,
        interval=settings.interval,
        certify=True,
    )
    tie = float(joint.tie_parameter)
    single = fit_single(
        features, preference, weights=weights, prior=prior, tie_parameter=tie, interval=settings.interval
    )
    pairs = fit_pairs(known, fitted.preference, weights=fitted.weight, prior=prior, tie_parameter=tie)
    together = cluster_excess(
        known,
        fitted.preference,
        mean=joint.mean,
        covariance=joint.covariance,
        clusters=fitted.prompt,
        weights=fitted.weight,
        tie_parameter=tie,
    )
    excess = partial(cluster_excess, preference=preference, clusters=units.prompt, weights=weights, tie_parameter=tie)
    columns = np.arange(features.shape[1])[:, None]
    alone = [
        excess(features[:, column], mean=single.mean[column], covariance=np.diag(single.sd[column] ** 2))[0]
        for column in columns
    ]
    return _Fits(tau, joint, single, pairs, excess_together=together, excess_alone=np.array(alone))


def _informative(features: FloatArray) -> BoolArray:
    """Ties between responses that differ in nothing say nothing of how a judge weighs differences."""
    differing: BoolArray = np.asarray(np.nan_to_num(features).any(axis=1))
    return differing if differing.any() else ~differing


def collinear_pairs(
    features: FloatArray, factors: Sequence[Factor], *, threshold: float = COLLINEAR
) -> tuple[Collinearity, ...]:
    """Return pairs of factors whose sign features correlate at least ``threshold`` in size, the strongest first.

    The correlation is taken about 0, as the features of a comparison have no order: sum(xy) / sqrt(sum(x^2) sum(y^2)).
    """
    known = np.nan_to_num(features)
    products = known.T @ known
    scale = np.sqrt(np.diag(products))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = products / np.outer(scale, scale)
    first, second = np.nonzero(np.triu(np.abs(correlations) >= threshold, k=1))
    pairs = [
        Collinearity(factors[i].name, factors[j].name, float(correlations[i, j]))
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: (-abs(pair.correlation), pair.first, pair.second)))


def _account(feature: FloatArray, *, missing: int) -> Account:
    read, used = len(feature), int(np.count_nonzero(~np.isnan(feature)))
    tied = int(np.count_nonzero(feature == 0))
    return Account(read=read, used=used, tied=tied, missing=missing, inapplicable=read - used - missing)


def _weight(posterior: Posterior | SinglePosterior, column: int, excess: FloatArray) -> Weight:
    """Return a weight whose sd and interval allow for comparisons of one prompt being alike."""
    mean, sd = posterior.mean, posterior.sd
    low, high = (widen(end, mean=mean, sd=sd, excess=excess)[column] for end in (posterior.low, posterior.high))
    return Weight(
        mean=float(mean[column]),
        sd=float(np.sqrt(sd[column] ** 2 + excess[column])),
        low=float(low),
        high=float(high),
    )


def _probability(weight: Weight) -> Estimate:
    value, low, high = sigmoid(np.array([weight.mean, weight.low, weight.high]))
    return Estimate(float(value), float(low), float(high))


def _tau14(tau: Tau14, column: int) -> Estimate:
    return Estimate(float(tau.value[column]), float(tau.low[column]), float(tau.high[column]))


def _absorber(pairs: FloatArray, column: int, *, joint: float) -> int | None:
    """Column of the factor beside which ``column`` loses at least half of its weight while that one keeps its own.

    None where the weight comes back once all factors are together.
    """
    single = np.diag(pairs)
    if joint / single[column] > 0.5:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        left = pairs[column] / single[column]
        kept = pairs[:, column] / single
    absorbs = (left <= 0.5) & (kept > 0.5)
    absorbs[column] = False
    if not absorbs.any():
        return None
    return int(np.argmin(np.where(absorbs, left, np.inf)))
