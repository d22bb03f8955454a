"""The whole explanation: every judge on every slice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from prefactor._typing import SignArray
from prefactor._validate import check_known
from prefactor.analysis.addressed import find_addressed, measure_addressed
from prefactor.analysis.agreement import agreements
from prefactor.analysis.annotators import compare_annotators
from prefactor.analysis.ceiling import against_annotators
from prefactor.analysis.complete import complete_rows
from prefactor.analysis.manipulability import NOT_MOVED, Manipulability, measure_manipulability
from prefactor.analysis.measurement import Scores, missing_answers, sign_features
from prefactor.analysis.pooling import PoolingTask, pool_all
from prefactor.analysis.profiles import fit_profile
from prefactor.analysis.published import liken_to_published
from prefactor.analysis.repetition import count_repetition, find_copies
from prefactor.analysis.results import Explanation, Profile, Settings, TellingComparison
from prefactor.analysis.self_preference import find_authors, measure_self_preference
from prefactor.analysis.slices import slices
from prefactor.analysis.telling import telling_comparisons
from prefactor.analysis.units import JudgeUnits, judge_units
from prefactor.config import WHOLE
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError
from prefactor.factors.base import Factor
from prefactor.runtime.progress import Progress, silent

__all__ = ["explain_preferences"]


def explain_preferences(
    dataset: Dataset,
    scores: Scores,
    *,
    settings: Settings,
    truth: Mapping[str, float] | None = None,
    progress: Progress = silent,
) -> Explanation:
    """Fit a profile of every judge on every slice, and choose comparisons worth reading.

    Parameters
    ----------
    dataset
        Comparisons and preferences.
    scores
        Scores of its responses.
    settings
        Judges, slices and everything the fits are made with.
    truth
        True weights by factor, where the judge is simulated.
    progress
        Told how many profiles are done.

    Raises
    ------
    FitError
        There is no preference at all.
    UnknownNameError
        A judge or a column that is not in the dataset was asked for.
    """
    names = check_known("judge", settings.judges or dataset.judges, dataset.judges)
    if not names:
        raise FitError("profiles", "the log holds no preference", "name its column: --map preference=COLUMN")
    signs = sign_features(dataset, scores)
    judges = [judge_units(dataset, name) for name in names]
    profiles = _profiles(dataset, judges, signs=signs, scores=scores, settings=settings, progress=progress)
    telling = _telling(dataset, judges, signs=signs, factors=scores.factors, profiles=profiles, settings=settings)
    ties = {profile.judge: profile.fit.tie_parameter for profile in profiles if profile.slice == WHOLE}
    task = PoolingTask(signs, scores.factors, ties, settings)
    return Explanation(
        profiles=profiles,
        factors=scores.factors,
        agreements=tuple(agreements(judges, interval=settings.interval)),
        checks=(),
        telling=telling,
        sources=dataset.sources,
        comparisons=len(dataset.comparisons),
        responses=dataset.n_responses,
        prompts=dataset.n_prompts,
        truth=tuple((truth or {}).items()),
        settings=settings,
        nearest_published=liken_to_published(
            judges,
            signs,
            factors=scores.factors,
            prior_scale=settings.prior_scale,
            interval=settings.interval,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
        ),
        against_annotators=tuple(against_annotators(judges, interval=settings.interval)),
        pooled=pool_all(dataset, judges, task=task, progress=progress),
        unmeasured=scores.unmeasured,
    )


def _profiles(
    dataset: Dataset,
    judges: Sequence[JudgeUnits],
    *,
    signs: SignArray,
    scores: Scores,
    settings: Settings,
    progress: Progress,
) -> tuple[Profile, ...]:
    parts = list(slices(dataset, settings.by))
    addressed = find_addressed(dataset)
    copies, authors = find_copies(dataset), find_authors(dataset, judges, said=settings.judge_is)
    profiles: list[Profile] = []
    for units in judges:
        for done, (name, mask) in enumerate(parts):
            progress(f"profile of {units.judge}", done, len(parts))
            on_slice = units.on(mask)
            if not len(on_slice.comparison):
                continue
            profile = fit_profile(on_slice, signs, factors=scores.factors, settings=settings, slice_name=name)
            profiles.append(
                replace(
                    profile,
                    self_preference=measure_self_preference(
                        on_slice, judges, authors=authors, signs=signs, settings=settings
                    ),
                    repetition=count_repetition(on_slice, copies),
                    annotators=compare_annotators(on_slice, interval=settings.interval),
                    addressed=measure_addressed(on_slice, judges, answers=addressed, interval=settings.interval),
                    unmeasured=missing_answers(dataset, scores, comparisons=on_slice.comparison),
                    manipulability=_manipulability(
                        on_slice, signs, factors=scores.factors, profile=profile, settings=settings
                    ),
                )
            )
        progress(f"profile of {units.judge}", len(parts), len(parts))
    return tuple(profiles)


def _manipulability(
    units: JudgeUnits, signs: SignArray, *, factors: Sequence[Factor], profile: Profile, settings: Settings
) -> Manipulability:
    if profile.slice != WHOLE:
        return NOT_MOVED
    used = units.used()
    complete = complete_rows(signs[used.comparison])
    known = np.ones(len(signs), dtype=np.bool_)
    known[used.comparison[~complete.rows]] = False
    return measure_manipulability(
        used.on(known),
        complete.features,
        factors=factors,
        tie_parameter=profile.fit.tie_parameter,
        prior_scale=settings.prior_scale,
        interval=settings.interval,
        seed=settings.seed,
    )


def _telling(
    dataset: Dataset,
    judges: Sequence[JudgeUnits],
    *,
    signs: SignArray,
    factors: Sequence[Factor],
    profiles: Sequence[Profile],
    settings: Settings,
) -> tuple[TellingComparison, ...]:
    whole = {profile.judge: profile for profile in profiles if profile.slice == WHOLE}
    return tuple(
        telling
        for units in judges
        if units.judge in whole
        for telling in telling_comparisons(
            dataset,
            units,
            signs=signs,
            factors=factors,
            profile=whole[units.judge],
            interval=settings.interval,
            excerpt=settings.excerpt,
        )
    )
