"""Shares of what the factors explain, and factors that cannot be told apart: from a judge's units to frozen results."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.joint_results import (
    Apportionment,
    Dependence,
    FactorShare,
    GroupShare,
    IndistinguishableFactors,
)
from prefactor.analysis.results import Settings
from prefactor.analysis.sentences import together_sentence
from prefactor.analysis.units import JudgeUnits
from prefactor.factors.base import Factor
from prefactor.stats.collinearity import Indistinguishable, fit_collinearity, group_indistinguishable, prior_shares
from prefactor.stats.estimate import Estimate
from prefactor.stats.joint_covariance import JointCovariance, fit_joint_covariance
from prefactor.stats.posterior import Posterior
from prefactor.stats.shapley import Shares, fit_shares
from prefactor.stats.special import sigmoid

__all__ = ["FactorsTogether", "fit_together"]


@dataclass(frozen=True, slots=True)
class FactorsTogether:
    """What factors do together.

    Parameters
    ----------
    apportionment
        Shares of what is explained.
    dependence
        How far factors go together.
    covariance
        Of all weights, with what clustering adds, shape (factors, factors).
    """

    apportionment: Apportionment
    dependence: Dependence
    covariance: FloatArray


def fit_together(
    units: JudgeUnits, features: FloatArray, *, factors: Sequence[Factor], posterior: Posterior, settings: Settings
) -> FactorsTogether:
    """Divide what the factors explain among them, and find those that cannot be told apart.

    Parameters
    ----------
    units
        Units with a preference.
    features
        Sign features, shape (units, factors), NaN where a factor does not apply.
    factors
        One per column.
    posterior
        Of all weights together; its tie parameter is used.
    settings
        Mass of the intervals, and the seed of the sampling of orders and of the draws.
    """
    tie = float(posterior.tie_parameter)
    shares = fit_shares(
        features,
        units.preference,
        clusters=units.prompt,
        groups=[factor.group for factor in factors],
        weights=units.weight,
        tie_parameter=tie,
        interval=settings.interval,
        seed=settings.seed,
    )
    joint = fit_joint_covariance(
        features,
        units.preference,
        mean=posterior.mean,
        covariance=posterior.covariance,
        clusters=units.prompt,
        weights=units.weight,
        tie_parameter=tie,
    )
    dependence = _dependence(
        units, features, factors, posterior=posterior, joint=joint, shares=shares, interval=settings.interval
    )
    return FactorsTogether(_apportionment(shares, factors), dependence, joint.covariance)


def _dependence(
    units: JudgeUnits,
    features: FloatArray,
    factors: Sequence[Factor],
    *,
    posterior: Posterior,
    joint: JointCovariance,
    shares: Shares,
    interval: float,
) -> Dependence:
    found = fit_collinearity(features, weights=units.weight)
    differs = ~np.isnan(found.inflation)
    decided = prior_shares(joint.information[np.ix_(differs, differs)], prior_variance=posterior.prior.variance)
    groups = group_indistinguishable(
        found.correlation, mean=posterior.mean, covariance=joint.covariance, interval=interval
    )
    return Dependence(
        inflation=tuple((factor.name, float(value)) for factor, value in zip(factors, found.inflation, strict=True)),
        condition_indices=tuple(found.condition_indices.tolist()),
        prior_shares=tuple(decided.tolist()),
        indistinguishable=tuple(_together(units.judge, group, factors, shares) for group in groups),
    )


def _apportionment(shares: Shares, factors: Sequence[Factor]) -> Apportionment:
    each = [
        FactorShare(factor.name, Estimate(*ends), error)
        for factor, ends, error in zip(
            factors,
            zip(shares.value.tolist(), shares.low.tolist(), shares.high.tolist(), strict=True),
            shares.monte_carlo.tolist(),
            strict=True,
        )
    ]
    columns: dict[str, list[int]] = {}
    for column, factor in enumerate(factors):
        columns.setdefault(factor.group, []).append(column)
    groups = [
        GroupShare(group, tuple(factors[column].name for column in members), shares.of(members))
        for group, members in columns.items()
    ]
    return Apportionment(
        explained=shares.explained,
        chance=shares.optimism / shares.coin,
        factors=tuple(each),
        groups=tuple(groups),
        orders=shares.orders,
        reason=shares.reason,
    )


def _together(
    judge: str, group: Indistinguishable, factors: Sequence[Factor], shares: Shares
) -> IndistinguishableFactors:
    effect, share = group.effect, shares.of(group.factors)
    members = [factors[column] for column in group.factors]
    against = [factor for factor, direction in zip(members, group.directions, strict=True) if direction < 0]
    chances = sigmoid(np.array([effect.value, effect.low, effect.high])).tolist()
    probability = Estimate(*chances)
    return IndistinguishableFactors(
        factors=tuple(factor.name for factor in members),
        against=tuple(factor.name for factor in against),
        weight=effect,
        probability=probability,
        share=share,
        sentence=together_sentence(judge, members, against=against, probability=probability, share=share),
    )
