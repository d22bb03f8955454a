"""How alike two judges are within slices, and on average over them."""

from dataclasses import dataclass

import numpy as np

from prefactor._typing import BoolArray, SignArray
from prefactor.analysis.alignment.likeness import PairProfiles, draw_profiles
from prefactor.analysis.alignment.results import AlignmentSettings, SliceAlignment, SlicedAlignment
from prefactor.analysis.alignment.rows import PairRows
from prefactor.analysis.complete import as_floats, complete_rows
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.stats.agreement import strict_agreement
from prefactor.stats.correlation import pearson
from prefactor.stats.estimate import Estimate
from prefactor.stats.resampling import ClusterDraws
from prefactor.stats.sliced import ProfileDraws, average_correlations, moved_interval

__all__ = ["SlicedColumn", "align_by_slice"]


@dataclass(frozen=True, slots=True)
class SlicedColumn:
    """A column and its slices.

    Parameters
    ----------
    column
        Its name.
    slices
        Name and mask over the comparisons of the dataset of each slice, the largest first.
    """

    column: str
    slices: tuple[tuple[str, BoolArray], ...]


def align_by_slice(
    rows: PairRows, signs: SignArray, *, column: SlicedColumn, draws: ClusterDraws, settings: AlignmentSettings
) -> SlicedAlignment:
    """Correlate the profiles of two judges slice by slice, and average over slices.

    All slices are taken from the same resamples of prompts, so that a prompt in several of them counts once.

    Parameters
    ----------
    rows
        The comparisons on which both have a preference.
    signs
        Sign features of every comparison of the dataset.
    column
        The slices.
    draws
        Resamples of prompts.
    settings
        What everything is computed with.
    """
    found, parts = [], []
    for name, mask in column.slices:
        on_slice = rows.only(mask[rows.comparison])
        if len(on_slice.comparison):
            told, profiles = _slice(name, on_slice, signs, draws=draws, settings=settings)
            found.append(told)
            parts += profiles
    by_tau14, by_weights = (
        average_correlations([getattr(part, name) for part in parts], interval=settings.interval)
        for name in ("tau14", "weights")
    )
    return SlicedAlignment(column.column, tuple(found), by_tau14, by_weights)


def _slice(
    name: str, rows: PairRows, signs: SignArray, *, draws: ClusterDraws, settings: AlignmentSettings
) -> tuple[SliceAlignment, list[PairProfiles]]:
    """Return what is told of a slice, and its profiles where they count."""
    strict = rows.strict()
    agreement, size = NOT_ESTIMATED, len(strict.comparison)
    if size:
        one, two = strict.preference
        agreement = strict_agreement(
            one, two, clusters=strict.prompt, weights=strict.weight, interval=settings.interval
        )
    tau14 = weights = NOT_ESTIMATED
    reason, profiles = f"fewer than {MINIMUM_COMPARISONS} comparisons on which both are strict", list[PairProfiles]()
    if size >= MINIMUM_COMPARISONS:
        own = signs[strict.comparison]
        drawn = draw_profiles(strict, as_floats(own), draws=draws, settings=settings, complete=complete_rows(own))
        reason = "a profile is the same in all factors, or fewer than three differ in two prompts"
        if drawn.tau14.varies and drawn.weights.varies:
            reason, profiles = "", [drawn]
            tau14, weights = (_observed(each, settings) for each in (drawn.tau14, drawn.weights))
    told = SliceAlignment(
        slice=name,
        comparisons=len(rows.comparison),
        strict=size,
        prompts=strict.prompts,
        agreement=agreement,
        tau14=tau14,
        weights=weights,
        reason=reason,
    )
    return told, profiles


def _observed(profiles: ProfileDraws, settings: AlignmentSettings) -> Estimate:
    drawn = pearson(profiles.drawn_first, profiles.drawn_second)
    value = float(pearson(profiles.first, profiles.second))
    return moved_interval(value, np.asarray(drawn), interval=settings.interval)
