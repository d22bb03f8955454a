"""How well a profile predicts preferences it has not seen, beside a coin, the majority and length alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.results import NOT_ESTIMATED, Prediction, Settings
from prefactor.analysis.units import JudgeUnits
from prefactor.data.preference import TIE
from prefactor.factors.base import Factor
from prefactor.stats.crossvalidate import SharedVariance, cross_validate, grouped_folds, score_predictions
from prefactor.stats.estimate import Estimate
from prefactor.stats.priors import make_prior

__all__ = ["UNPREDICTED", "HeldOut", "predict_held_out"]

FEWEST_PROMPTS = 10
"""Prompts below which there is no cross-validation."""

UNPREDICTED = Prediction(
    accuracy=NOT_ESTIMATED,
    log_loss=NOT_ESTIMATED,
    majority=NOT_ESTIMATED,
    length=NOT_ESTIMATED,
    majority_log_loss=NOT_ESTIMATED,
    length_log_loss=NOT_ESTIMATED,
    folds=0,
)
"""Stands where there were too few prompts."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A prediction with what it comes from.

    Parameters
    ----------
    prediction
        The scores.
    right
        Per unit 1 where the preferred side was named, 0 where not, a half where none was; NaN of ties. Empty without
        folds.
    """

    prediction: Prediction
    right: FloatArray


def length_column(factors: Sequence[Factor]) -> int | None:
    """Return the column of length in words, or of the first factor of the group length."""
    names = [factor.name for factor in factors]
    if "words" in names:
        return names.index("words")
    return next((column for column, factor in enumerate(factors) if factor.group == "length"), None)


def predict_held_out(
    units: JudgeUnits,
    features: FloatArray,
    *,
    factors: Sequence[Factor],
    settings: Settings,
    tie_parameter: float,
) -> HeldOut:
    """Cross-validate a profile in folds of whole prompts.

    Parameters
    ----------
    units
        Units with a preference.
    features
        Sign features, shape (units, factors), NaN where a factor does not apply.
    factors
        One per column.
    settings
        Folds, seed, prior and interval.
    tie_parameter
        Davidson's nu of the full fit.

    Returns
    -------
    HeldOut
        All NaN, with 0 folds, for fewer than ``FEWEST_PROMPTS`` prompts.
    """
    prompts = len(np.unique(units.prompt))
    if prompts < FEWEST_PROMPTS:
        return HeldOut(UNPREDICTED, np.empty(0))
    held_out = cross_validate(
        features,
        units.preference,
        fold=grouped_folds(units.prompt, folds=min(settings.folds, prompts), seed=settings.seed),
        weights=units.weight,
        clusters=units.prompt,
        prior=make_prior(settings.prior, settings.prior_scale),
        tie_parameter=tie_parameter,
        baseline_column=length_column(factors),
    )

    def scored(predicted: FloatArray | None, shared: SharedVariance) -> tuple[Estimate, Estimate]:
        if predicted is None:
            return NOT_ESTIMATED, NOT_ESTIMATED
        return score_predictions(
            predicted,
            units.preference,
            clusters=units.prompt,
            weights=units.weight,
            shared=shared,
            interval=settings.interval,
        )

    accuracy, log_loss = scored(held_out.predicted, held_out.joint_shared)
    majority, majority_log_loss = scored(held_out.majority, held_out.majority_shared)
    length, length_log_loss = scored(held_out.baseline, held_out.baseline_shared)
    right = 0.5 * (1 + np.sign(held_out.predicted - TIE) * np.sign(units.preference - TIE))
    return HeldOut(
        Prediction(accuracy, log_loss, majority, length, majority_log_loss, length_log_loss, folds=held_out.folds),
        np.where(units.preference == TIE, np.nan, right),
    )
