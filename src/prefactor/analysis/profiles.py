"""One judge on one slice: effects, prediction, and the account of rows, put together."""

from collections.abc import Sequence
from dataclasses import replace
from math import nan

import numpy as np

from prefactor._typing import FloatArray, SignArray
from prefactor.analysis.ceiling import measure_ceiling
from prefactor.analysis.complete import Complete, as_floats, complete_rows, joint_account
from prefactor.analysis.effects import NO_WEIGHT, collinear_pairs, fit_effects
from prefactor.analysis.importance import FactorsTogether, fit_together
from prefactor.analysis.joint_results import NO_DEPENDENCE, NOT_APPORTIONED, NOTHING_FITTED, Dependence
from prefactor.analysis.prediction import UNPREDICTED, HeldOut, predict_held_out
from prefactor.analysis.results import NOT_ESTIMATED, Effect, Fit, Profile, Settings
from prefactor.analysis.sentences import effect_sentence
from prefactor.analysis.units import JudgeUnits
from prefactor.data.account import Account
from prefactor.data.preference import TIE
from prefactor.factors.base import Factor
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_share

__all__ = ["fit_profile"]


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
    complete = complete_rows(signs[used.comparison])
    together: FactorsTogether | None = None
    if not len(used.comparison):
        effects, fit, held_out = (
            _nothing(units.judge, factors),
            Fit(converged=True, iterations=0, tie_parameter=0.0),
            HeldOut(UNPREDICTED, np.empty(0)),
        )
    else:
        fitted = fit_effects(
            used, as_floats(signs[used.comparison]), factors=factors, settings=settings, complete=complete
        )
        effects, joint = fitted.effects, fitted.posterior
        fit = Fit(
            converged=bool(joint.converged),
            iterations=int(joint.iterations),
            tie_parameter=float(joint.tie_parameter),
            effective_share=float(joint.effective_share),
            draws=int(joint.draws),
        )
        in_fit, features = used.only(complete.rows), complete.features
        held_out = predict_held_out(
            in_fit, features, factors=factors, settings=settings, tie_parameter=fit.tie_parameter
        )
        together = fit_together(in_fit, features, factors=factors, posterior=joint, settings=settings)
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
        collinear=collinear_pairs(complete.features, factors),
        first_preferred=_share_preferring_first(used, settings.interval),
        apportionment=together.apportionment if together else NOT_APPORTIONED,
        dependence=together.dependence if together else NO_DEPENDENCE,
        covariance=together.covariance if together else None,
        ceiling=measure_ceiling(
            used,
            right=_of_all(held_out.right, complete),
            accuracy=held_out.prediction.accuracy,
            interval=settings.interval,
        ),
        joint=joint_account(complete, factors) if len(used.comparison) else NOTHING_FITTED,
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
    return tuple(
        Effect(
            factor=factor.name,
            account=Account(read=0, used=0),
            concordant=0,
            discordant=0,
            tau14=NOT_ESTIMATED,
            q_value=nan,
            weight=NO_WEIGHT,
            probability=NOT_ESTIMATED,
            single_weight=NO_WEIGHT,
            single_probability=NOT_ESTIMATED,
            verdict="not identified",
            absorbed_by=None,
            sentence=f"{factor.label}: {judge} has no verdict that can be used, so nothing can be said",
        )
        for factor in factors
    )


def _of_all(right: FloatArray, complete: Complete) -> FloatArray:
    """Put what was found of complete rows in the place of each, NaN elsewhere."""
    if not right.size:
        return right
    found = np.full(len(complete.rows), np.nan)
    found[complete.rows] = right
    return found


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
