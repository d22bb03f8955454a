"""Two judges' profiles on some comparisons, as they are and from resampled prompts, and how alike they are."""

from dataclasses import dataclass

import numpy as np

from prefactor._typing import BoolArray, FloatArray
from prefactor.analysis.alignment.results import AlignmentSettings
from prefactor.analysis.alignment.rows import PairRows
from prefactor.analysis.complete import Complete, whole
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.stats.correlation import ProfileCorrelation, correlate_profiles
from prefactor.stats.influence import resample_weights
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.resampling import ClusterDraws
from prefactor.stats.sites import exact_grid
from prefactor.stats.sliced import ProfileDraws

__all__ = ["NO_CORRELATION", "PairProfiles", "correlate", "draw_profiles"]

NO_CORRELATION = ProfileCorrelation(*(NOT_ESTIMATED,) * 6, entries=0, reason="too few comparisons")
"""Stands where two judges share too little."""


@dataclass(frozen=True, slots=True)
class PairProfiles:
    """The profiles of two judges, over factors that differ in at least two prompts.

    Parameters
    ----------
    tau14, weights
        By each factor alone, and by all fitted together.
    """

    tau14: ProfileDraws
    weights: ProfileDraws


def draw_profiles(
    rows: PairRows,
    features: FloatArray,
    *,
    draws: ClusterDraws,
    settings: AlignmentSettings,
    complete: Complete | None = None,
) -> PairProfiles:
    """Take the profiles of two judges and resample them, both in the same resamples.

    Parameters
    ----------
    rows
        The comparisons, both judges strict.
    features
        Sign features, shape (rows, factors), NaN where there is none.
    draws
        Resamples of prompts; those of other comparisons count for nothing.
    settings
        What everything is computed with.
    complete
        Rows and factors of the joint fit; all by default.
    """
    complete = complete or whole(features)
    fitted, known = rows.only(complete.rows), complete.features
    return PairProfiles(
        _tau14(rows, features[:, _differing(rows, features)], draws),
        _weights(fitted, known[:, _differing(fitted, known)], draws, settings),
    )


def _differing(rows: PairRows, features: FloatArray) -> BoolArray:
    """Which factors differ in two prompts or more."""
    differing = np.nan_to_num(features) != 0
    return np.array([len(np.unique(rows.prompt[column])) >= 2 for column in differing.T], dtype=np.bool_)


def correlate(profiles: ProfileDraws, settings: AlignmentSettings) -> ProfileCorrelation:
    """Correlate two profiles, see :func:`prefactor.stats.correlation.correlate_profiles`."""
    return correlate_profiles(
        profiles.first,
        profiles.second,
        replicates_first=profiles.drawn_first,
        replicates_second=profiles.drawn_second,
        interval=settings.interval,
    )


def _tau14(rows: PairRows, features: FloatArray, draws: ClusterDraws) -> ProfileDraws:
    weight = exact_grid(rows.weight)[:, None]
    known, measured = np.nan_to_num(features), ~np.isnan(features)
    agree = [weight * sign[:, None] * known for sign in rows.signs]
    whole, drawn = draws.totals(np.hstack([*agree, weight * measured]), rows.prompt)
    *tops, bottom = np.split(whole, 3)
    *drawn_tops, drawn_bottom = np.hsplit(drawn, 3)
    widen = float(np.sqrt(rows.prompts / max(rows.prompts - 1, 1)))
    values = [top / bottom for top in tops]
    some = drawn_bottom > 0
    replicates = [
        value + widen * (np.where(some, top / np.where(some, drawn_bottom, 1.0), value) - value)
        for value, top in zip(values, drawn_tops, strict=True)
    ]
    return ProfileDraws(values[0], values[1], replicates[0], replicates[1])


def _weights(rows: PairRows, features: FloatArray, draws: ClusterDraws, settings: AlignmentSettings) -> ProfileDraws:
    joint = fit_posterior(
        features, rows.preference, weights=rows.weight, prior=LaplacePrior(settings.prior_scale), tie_parameter=0.0
    )
    first, second = (
        resample_weights(
            features,
            preference,
            mean=mean,
            covariance=covariance,
            clusters=rows.prompt,
            draws=draws,
            weights=rows.weight,
        )
        for preference, mean, covariance in zip(rows.preference, joint.mean, joint.covariance, strict=True)
    )
    return ProfileDraws(joint.mean[0], joint.mean[1], first, second)
