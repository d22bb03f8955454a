"""Effects as measured and as corrected for the error of measurement: frozen results. Computes nothing."""

from dataclasses import dataclass
from typing import Final

from prefactor.stats.estimate import Estimate, Weight

__all__ = ["NOT_CORRECTED", "CorrectedEffect", "Corrections"]


@dataclass(frozen=True, slots=True)
class CorrectedEffect:
    """One factor's effect on one judge, with the error of its measurement in view.

    Parameters
    ----------
    factor
        Its name.
    reliability, slope
        Squared correlation with the true sign feature, and by what effects are multiplied; NaN where the factor is
        measured without error, or nothing is known of it.
    tau14, probability
        As measured (P(preferred) of the joint fit), the interval widened by what another measurement would move it.
    corrected_tau14
        Divided by the slope.
    corrected_weight, corrected_probability
        Of the joint fit to what the measured features say of the true ones.
    reason
        Why the factor is not corrected; empty where it is, or needs no correction.
    """

    factor: str
    reliability: Estimate
    slope: Estimate
    tau14: Estimate
    corrected_tau14: Estimate
    probability: Estimate
    corrected_weight: Weight
    corrected_probability: Estimate
    reason: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """The effects of a profile, corrected.

    Parameters
    ----------
    file, model
        What the reliability was read from, and whose it is.
    effects
        One per factor, in the order of the profile; empty where no reliability was given.
    capped
        Whether factors are measured so badly, and go together so much, that part of the joint correction was held back.
    reason
        Why there are no corrected weights; empty where there are.
    """

    file: str
    model: str
    effects: tuple[CorrectedEffect, ...]
    capped: bool
    reason: str


NOT_CORRECTED: Final = Corrections("", "", (), capped=False, reason="the reliability of factors was not given")
"""Stands where nothing is known of how well the factors are measured."""
