"""Effects of factors measured with error: as measured with wider intervals, and corrected for attenuation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import Final

import numpy as np

from prefactor._typing import FloatArray, SignArray
from prefactor.analysis.complete import complete_rows
from prefactor.analysis.correction_results import CorrectedEffect, Corrections
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.measuring_results import UNUSABLE
from prefactor.analysis.results import NOT_ESTIMATED, Explanation, Profile, Settings
from prefactor.analysis.slices import slices
from prefactor.analysis.units import JudgeUnits, judge_units
from prefactor.data.dataset import Dataset
from prefactor.factors.base import Factor
from prefactor.readers.reliability_file import KnownReliability, ReliabilityFile
from prefactor.stats.estimate import Estimate, Weight
from prefactor.stats.measurement_error import calibrate, correct_means, correct_weights, widened
from prefactor.stats.priors import make_prior
from prefactor.stats.repeats import SignReliability
from prefactor.stats.special import normal_quantile, sigmoid

__all__ = ["correct_effects", "correct_explanation"]

_EXACT: Final = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken for one factor: its reliability, or 1 with a reason why there is none."""

    reliability: tuple[float, float, float]
    slope: tuple[float, float, float]
    place: int | None
    reason: str = ""


def correct_explanation(
    explanation: Explanation, dataset: Dataset, *, scores: Scores, known: ReliabilityFile
) -> Explanation:
    """Return an explanation whose profiles say what the error of measurement does to their effects.

    Parameters
    ----------
    explanation
        Of the preferences of ``dataset``.
    dataset, scores
        What it was made from.
    known
        How well the factors are measured.
    """
    signs = sign_features(dataset, scores)
    parts = dict(slices(dataset, explanation.settings.by))
    units = {profile.judge: judge_units(dataset, profile.judge) for profile in explanation.profiles}
    profiles = [
        replace(
            profile,
            corrections=correct_effects(
                units[profile.judge].on(parts[profile.slice]),
                signs,
                factors=explanation.factors,
                profile=profile,
                known=known,
                settings=explanation.settings,
            ),
        )
        for profile in explanation.profiles
    ]
    return replace(explanation, profiles=tuple(profiles))


def correct_effects(
    units: JudgeUnits,
    signs: SignArray,
    *,
    factors: Sequence[Factor],
    profile: Profile,
    known: ReliabilityFile,
    settings: Settings,
) -> Corrections:
    """Say what the effects of a profile would be were its factors measured without error.

    Parameters
    ----------
    units
        The judge's units on the slice.
    signs
        Sign features of all comparisons of the dataset.
    factors
        One per column of ``signs``.
    profile
        The effects as measured.
    known
        How well the factors are measured. Those that texts alone decide are exact; others that are not in the file, or
        unusable, are left as they are, with the reason.
    settings
        Interval, prior and seed.
    """
    used = units.used()
    taken = [_taken(factor, known) for factor in factors]
    reliability = _reliability(taken, known)
    tau14 = np.array([[each.tau14.value, each.tau14.low, each.tau14.high] for each in profile.effects]).T
    weights = np.array([[each.weight.mean, each.weight.low, each.weight.high] for each in profile.effects]).T
    repeated = np.array([1.0 if each.place is None else known.factors[each.place].reliability[0] for each in taken])
    wide = widened(tau14, repeated), widened(weights, repeated)
    right = correct_means(tau14, _of_mass(reliability.slope, known.interval, settings.interval))
    joint: tuple[Weight, ...] = (_NO_WEIGHT,) * len(factors)
    capped, reason = False, "no verdict that can be used"
    if len(used.comparison):
        joint, capped, reason = _joint(used, signs, reliability, known, settings)
    return Corrections(
        file=known.file,
        model=known.model,
        effects=tuple(
            CorrectedEffect(
                factor=factor.name,
                reliability=NOT_ESTIMATED if each.place is None else Estimate(*known.factors[each.place].reliability),
                slope=NOT_ESTIMATED if each.place is None else Estimate(*known.factors[each.place].slope),
                tau14=_estimate(wide[0], column),
                corrected_tau14=NOT_ESTIMATED if each.reason else _estimate(right, column),
                probability=_chance(*wide[1][:, column]),
                corrected_weight=_NO_WEIGHT if each.reason else joint[column],
                corrected_probability=NOT_ESTIMATED
                if each.reason
                else _chance(joint[column].mean, joint[column].low, joint[column].high),
                reason=each.reason,
            )
            for column, (factor, each) in enumerate(zip(factors, taken, strict=True))
        ),
        capped=capped,
        reason=reason,
    )


_NO_WEIGHT: Final = Weight(nan, nan, nan, nan)


def _taken(factor: Factor, known: ReliabilityFile) -> _Taken:
    names = [each.factor for each in known.factors]
    if factor.name not in names:
        why = "" if factor.way == "text" else "its reliability is not known"
        return _Taken(_EXACT, _EXACT, None, why)
    place = names.index(factor.name)
    found = known.factors[place]
    why = _unusable(found)
    return _Taken(_EXACT, _EXACT, place, why) if why else _Taken(found.reliability, found.slope, place)


def _unusable(found: KnownReliability) -> str:
    if not all(map(isfinite, (*found.reliability, *found.slope))):
        return "its reliability cannot be told"
    if found.verdict == "cannot be told" and found.by == "repeats":
        return "its reliability cannot be told"
    return "" if found.reliability[0] >= UNUSABLE else "its measurement is unusable"


def _reliability(taken: Sequence[_Taken], known: ReliabilityFile) -> SignReliability:
    """Put the factors of the study in order; errors go together only between factors that are corrected."""
    count = len(taken)
    halo, error = np.eye(count), np.zeros((count, count))
    for row, one in enumerate(taken):
        for column, other in enumerate(taken):
            if row != column and _inexact(one) and _inexact(other):
                halo[row, column] = known.halo[one.place or 0][other.place or 0]
                error[row, column] = known.halo_error[one.place or 0][other.place or 0]
    nothing = np.full((3, count), nan)
    return SignReliability(
        reliability=np.minimum(np.array([each.reliability for each in taken]).T, 1.0),
        slope=np.array([each.slope for each in taken]).T,
        flips=nothing,
        tie_changes=nothing,
        rows=0,
        differing=np.zeros(count, dtype=np.int64),
        halo=halo,
        halo_error=error,
    )


def _of_mass(ends: FloatArray, mass: float, wanted: float) -> FloatArray:
    """Stretch intervals of one mass to another, as those of normal estimates."""
    ratio = normal_quantile(0.5 + wanted / 2) / normal_quantile(0.5 + mass / 2)
    return np.asarray(ends[0] + (ends - ends[0]) * ratio)


def _inexact(each: _Taken) -> bool:
    return each.place is not None and not each.reason


def _joint(
    used: JudgeUnits, signs: SignArray, reliability: SignReliability, known: ReliabilityFile, settings: Settings
) -> tuple[tuple[Weight, ...], bool, str]:
    # As in the fit as measured: without comparisons in which a factor is missing; and ties between answers that differ
    # in nothing say nothing of weights.
    complete = complete_rows(signs[used.comparison])
    features, weights = complete.features, used.weight[complete.rows]
    calibration = calibrate(features, reliability, weights=weights, interval=known.interval, seed=settings.seed)
    differing = np.nan_to_num(features).any(axis=1)
    rows = differing if differing.any() else ~differing
    fitted = correct_weights(
        features[rows],
        used.preference[complete.rows][rows],
        calibration=calibration,
        clusters=used.prompt[complete.rows][rows],
        weights=weights[rows],
        prior=make_prior(settings.prior, settings.prior_scale),
        interval=settings.interval,
    )
    columns = zip(fitted.mean, fitted.sd, fitted.low, fitted.high, strict=True)
    return tuple(Weight(*map(float, each)) for each in columns), calibration.capped, fitted.reason


def _estimate(rows: FloatArray, column: int) -> Estimate:
    return Estimate(*(float(end) for end in rows[:, column]))


def _chance(mean: float, low: float, high: float) -> Estimate:
    return Estimate(*(float(each) for each in sigmoid(np.array([mean, low, high]))))
