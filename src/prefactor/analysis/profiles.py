"""One judge on one slice: effects, prediction, and the account of rows, put together."""

from collections.abc import Sequence
from dataclasses import replace
from math import nan

import numpy as np

from prefactor._typing import FloatArray, SignArray
from prefactor.analysis.ceiling import measure_ceiling
from prefactor.analysis.effects import collinear_pairs, fit_effects
from prefactor.analysis.importance import FactorsTogether, fit_together
from prefactor.analysis.joint_results import NO_DEPENDENCE, NOT_APPORTIONED, Dependence
from prefactor.analysis.measurement import DOES_NOT_APPLY, MISSING
from prefactor.analysis.prediction import UNPREDICTED, HeldOut, predict_held_out
from prefactor.analysis.results import NOT_ESTIMATED, Effect, Fit, Profile, Settings
from prefactor.analysis.sentences import effect_sentence
from prefactor.analysis.units import JudgeUnits
from prefactor.data.account import Account
from prefactor.data.preference import TIE
from prefactor.factors.base import Factor
from prefactor.stats.estimate import Estimate, Weight
from prefactor.stats.proportion import cluster_share

__all__ = ["as_floats", "fit_profile"]


def fit_profile(
    units: JudgeUnits, signs: SignArray, *, factors: Sequence[Factor], settings: Settings, slice_name: str
) -> Profile:
    """Fit the profile of one judge on one slice.

    Parameters
    ----------
    units
        The judge's units on the slice, those without a preference included.
    signs
        Sign features of all comparisons of the dataset.
    factors
        One per column of ``signs``.
    settings
        What the fit is made with.
    slice_name
        Name of the slice.
    """
    used = units.used()
    features = as_floats(signs[used.comparison])
    together: FactorsTogether | None = None
    if not len(used.comparison):
        effects, fit, held_out = (
            _nothing(units.judge, factors),
            Fit(converged=True, iterations=0, tie_parameter=0.0),
            HeldOut(UNPREDICTED, np.empty(0)),
        )
    else:
        fitted = fit_effects(used, features, factors=factors, settings=settings)
        effects, joint = fitted.effects, fitted.posterior
        fit = Fit(
            converged=bool(joint.converged),
            iterations=int(joint.iterations),
            tie_parameter=float(joint.tie_parameter),
            effective_share=float(joint.effective_share),
            draws=int(joint.draws),
        )
        held_out = predict_held_out(used, features, factors=factors, settings=settings, tie_parameter=fit.tie_parameter)
        together = fit_together(used, features, factors=factors, posterior=joint, settings=settings)
        effects = _unabsorbed(used.judge, effects, factors=factors, dependence=together.dependence)
    return Profile(
        judge=units.judge,
        kind=units.kind,
        slice=slice_name,
        account=units.account(),
        inconsistent=int(np.count_nonzero(used.inconsistent)),
        both_orders=int(np.count_nonzero(used.both_orders)),
        prompts=len(np.unique(used.prompt)),
        a_preferred=_share_preferring_a(used, settings.interval),
        effects=effects,
        prediction=held_out.prediction,
        fit=fit,
        collinear=collinear_pairs(features, factors),
        first_preferred=_share_preferring_first(used, settings.interval),
        apportionment=together.apportionment if together else NOT_APPORTIONED,
        dependence=together.dependence if together else NO_DEPENDENCE,
        covariance=together.covariance if together else None,
        ceiling=measure_ceiling(
            used, right=held_out.right, accuracy=held_out.prediction.accuracy, interval=settings.interval
        ),
    )


def _unabsorbed(
    judge: str, effects: Sequence[Effect], *, factors: Sequence[Factor], dependence: Dependence
) -> tuple[Effect, ...]:
    """Take back that one factor is mostly another where the two cannot be told apart."""
    apart = {name: group.factors for group in dependence.indistinguishable for name in group.factors}
    return tuple(
        replace(effect, absorbed_by=None, sentence=effect_sentence(judge, effect, factor=factor, absorbing=None))
        if effect.absorbed_by in apart.get(effect.factor, ())
        else effect
        for effect, factor in zip(effects, factors, strict=True)
    )


def _nothing(judge: str, factors: Sequence[Factor]) -> tuple[Effect, ...]:
    """Return effects of a judge none of whose verdicts can be used."""
    weight = Weight(nan, nan, nan, nan)
    return tuple(
        Effect(
            factor=factor.name,
            account=Account(read=0, used=0),
            concordant=0,
            discordant=0,
            tau14=NOT_ESTIMATED,
            q_value=nan,
            weight=weight,
            probability=NOT_ESTIMATED,
            single_weight=weight,
            single_probability=NOT_ESTIMATED,
            verdict="not identified",
            absorbed_by=None,
            sentence=f"{factor.label}: {judge} has no verdict that can be used, so nothing can be said",
        )
        for factor in factors
    )


def as_floats(signs: SignArray) -> FloatArray:
    """Return sign features as floats, NaN where there is none."""
    return np.where((signs == DOES_NOT_APPLY) | (signs == MISSING), np.nan, signs.astype(np.float64))


def _share_preferring_a(used: JudgeUnits, interval: float) -> Estimate:
    strict = used.preference != TIE
    if not strict.any():
        return NOT_ESTIMATED
    return cluster_share(
        used.preference[strict] > TIE, clusters=used.prompt[strict], weights=used.weight[strict], interval=interval
    )


def _share_preferring_first(used: JudgeUnits, interval: float) -> Estimate:
    seen = used.ordered > 0
    if not seen.any():
        return NOT_ESTIMATED
    share = used.first_preferred[seen] / used.ordered[seen]
    return cluster_share(
        share, clusters=used.prompt[seen], weights=used.ordered[seen].astype(np.float64), interval=interval
    )
