"""Compares judges two by two, on the comparisons that both have judged, and then all of them together.

Everything about a pair comes from the same comparisons, so that noise which the two share cancels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from prefactor._typing import FloatArray, IntArray, SignArray
from prefactor._validate import check_known
from prefactor.analysis.alignment.by_slice import SlicedColumn, align_by_slice
from prefactor.analysis.alignment.differences import count_discoveries, pair_differences
from prefactor.analysis.alignment.likeness import NO_CORRELATION, correlate, draw_profiles
from prefactor.analysis.alignment.matrices import similarity_matrices, similarity_tree
from prefactor.analysis.alignment.results import Alignment, AlignmentSettings, Difference, PairAlignment, Similarity
from prefactor.analysis.alignment.rows import PairRows, Verdicts
from prefactor.analysis.complete import as_floats, complete_rows, joint_account
from prefactor.analysis.joint_results import NOTHING_FITTED
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.published import liken_to_published
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.slices import slices
from prefactor.analysis.trees import JudgeTree
from prefactor.analysis.units import JudgeUnits, judge_units
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.data.records import JudgeKind
from prefactor.errors import FitError
from prefactor.factors.base import Factor
from prefactor.runtime.progress import Progress, silent
from prefactor.stats.agreement import strict_agreement
from prefactor.stats.correlation import pearson
from prefactor.stats.estimate import Estimate
from prefactor.stats.reliability import kappa_estimate, krippendorff_alpha
from prefactor.stats.resampling import ClusterDraws
from prefactor.stats.sliced import ProfileDraws, moved_replicates

__all__ = ["align_judges"]

_LAST: Final[tuple[JudgeKind, ...]] = ("label", "human")
"""Kinds that others are measured against: they come last, so that a difference is judge minus these."""


def align_judges(
    dataset: Dataset,
    scores: Scores,
    *,
    judges: Sequence[str] = (),
    by: Sequence[str] = (),
    against: str | None = None,
    settings: AlignmentSettings | None = None,
    progress: Progress = silent,
) -> Alignment:
    """Compare every two judges on the comparisons they share, or one with every other.

    Parameters
    ----------
    dataset
        Comparisons and preferences.
    scores
        Scores of its responses.
    judges
        Names of judges, in this order; all by default, by name, objective labels and people last.
    by
        Columns within whose slices profiles are compared, too.
    against
        The judge that all others are compared with; every two by default.
    settings
        What everything is computed with.
    progress
        Told how many pairs are done.

    Raises
    ------
    UnknownNameError
        There is no such judge or column.
    FitError
        There are fewer than two judges.
    """
    settings = settings or AlignmentSettings()
    by = tuple(dict.fromkeys(by))
    columns = tuple(SlicedColumn(name, tuple(slices(dataset, [name]))[1:]) for name in by)
    units = _units(dataset, judges, against)
    verdicts, signs = Verdicts.of(dataset, units), sign_features(dataset, scores)
    bench = _Bench(signs, scores.factors, _draws(verdicts, settings), columns, settings)
    names = verdicts.judges
    every_two = list(combinations(names, 2)) if against is None else [(name, names[-1]) for name in names[:-1]]
    pairs, apart, replicates = bench.align_all(verdicts, every_two, progress=progress)
    tree, similarity = JudgeTree(reason="every judge is compared with one only"), tuple[Similarity, ...]()
    if against is None:
        tree = similarity_tree(names, pairs, replicates=replicates)
        similarity = similarity_matrices([*tree.order, *(name for name in names if name not in tree.order)], pairs)
    return Alignment(
        judges=names,
        kinds=tuple(each.kind for each in units),
        pairs=tuple(pairs),
        apart=tuple(apart),
        alpha=_alpha(verdicts.preference, verdicts.prompt, settings),
        similarity=similarity,
        tree=tree,
        published=liken_to_published(
            units,
            signs,
            factors=scores.factors,
            prior_scale=settings.prior_scale,
            interval=settings.interval,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
        ),
        against=against,
        by=by,
        factors=scores.factors,
        sources=dataset.sources,
        settings=settings,
    )


def _units(dataset: Dataset, judges: Sequence[str], against: str | None) -> list[JudgeUnits]:
    """Return the judges asked for, in an order that does not depend on that of the rows; the reference last."""
    chosen = tuple(dict.fromkeys(check_known("judge", judges or dataset.judges, dataset.judges)))
    if against is not None:
        check_known("judge", [against], dataset.judges)
        chosen = (*(name for name in chosen if name != against), against)
    if len(chosen) < 2:
        raise FitError(
            "an alignment", f"it takes two judges, and there is {len(chosen)}", "name the logs of another too"
        )
    units = [judge_units(dataset, name) for name in chosen]
    if not judges:
        rank = {kind: number for number, kind in enumerate(_LAST, start=1)}
        units.sort(key=lambda each: (each.judge == against, rank.get(each.kind, 0), each.judge))
    return units


def _draws(verdicts: Verdicts, settings: AlignmentSettings) -> ClusterDraws:
    """Resample the prompts of all pairs alike, so that judges can be clustered in every resample."""
    prompts = verdicts.shared_prompts()
    shared = prompts if prompts.size else verdicts.prompt
    return ClusterDraws.of(shared, bootstraps=settings.bootstraps, seed=settings.seed)


@dataclass(frozen=True, slots=True)
class _Bench:
    """What all pairs are compared on."""

    signs: SignArray
    factors: tuple[Factor, ...]
    draws: ClusterDraws
    columns: tuple[SlicedColumn, ...]
    settings: AlignmentSettings

    def align_all(
        self, verdicts: Verdicts, every_two: Sequence[tuple[str, str]], *, progress: Progress
    ) -> tuple[list[PairAlignment], list[tuple[str, str]], dict[tuple[str, str], FloatArray]]:
        """Compare pairs; return them, those that share nothing, and their correlations of weights in every resample."""
        pairs, apart, replicates = [], [], {}
        for done, (first, second) in enumerate(every_two):
            progress("aligning judges", done, len(every_two))
            rows = verdicts.pair(first, second)
            if not len(rows.comparison):
                apart.append((first, second))
                continue
            pair, drawn = self.align(rows)
            pairs.append(pair)
            if drawn is not None:
                replicates[first, second] = drawn
        progress("aligning judges", len(every_two), len(every_two))
        return pairs, apart, replicates

    def align(self, rows: PairRows) -> tuple[PairAlignment, FloatArray | None]:
        """Compare a pair; also return the correlation of its weights in every resample."""
        settings, strict = self.settings, rows.strict()
        size = len(strict.comparison)
        reason = ""
        if size < MINIMUM_COMPARISONS:
            reason = f"fewer than {MINIMUM_COMPARISONS} comparisons on which both have a strict preference"
        tau14 = weights = NO_CORRELATION
        differences, drawn, joint = tuple[Difference, ...](), None, NOTHING_FITTED
        if not reason:
            signs = self.signs[strict.comparison]
            complete = complete_rows(signs)
            joint = joint_account(complete, self.factors)
            differences = pair_differences(strict, as_floats(signs), factors=self.factors, settings=settings)
            profiles = draw_profiles(strict, as_floats(signs), draws=self.draws, settings=settings, complete=complete)
            tau14, weights = correlate(profiles.tau14, settings), correlate(profiles.weights, settings)
            drawn = _moved(profiles.weights, weights.pearson)
        agreement, kappa = _agreement(strict, settings)
        pair = PairAlignment(
            first=rows.first,
            second=rows.second,
            comparisons=len(rows.comparison),
            strict=size,
            prompts=strict.prompts,
            agreement=agreement,
            kappa=kappa,
            alpha=_alpha(rows.preference, rows.prompt, settings),
            tau14=tau14,
            weights=weights,
            differences=differences,
            discoveries=count_discoveries(differences, settings.false_discovery_rate),
            by=tuple(
                align_by_slice(rows, self.signs, column=column, draws=self.draws, settings=settings)
                for column in self.columns
            ),
            reason=reason,
            joint=joint,
        )
        return pair, drawn


def _moved(profiles: ProfileDraws, observed: Estimate) -> FloatArray:
    return moved_replicates(observed.value, pearson(profiles.drawn_first, profiles.drawn_second))


def _agreement(strict: PairRows, settings: AlignmentSettings) -> tuple[Estimate, Estimate]:
    """Share on which they agree, and Cohen's kappa."""
    if not len(strict.comparison):
        return NOT_ESTIMATED, NOT_ESTIMATED
    one, two = strict.preference
    share = strict_agreement(one, two, clusters=strict.prompt, weights=strict.weight, interval=settings.interval)
    kappa = kappa_estimate(
        one,
        two,
        clusters=strict.prompt,
        weights=strict.weight,
        interval=settings.interval,
        bootstraps=settings.bootstraps,
        seed=settings.seed,
    )
    return share, kappa


def _alpha(preference: FloatArray, prompt: IntArray, settings: AlignmentSettings) -> Estimate:
    """Krippendorff's alpha of the judges in the rows of ``preference``: A, B and tie are the categories."""
    rated = ~np.isnan(preference).all(axis=0)
    return krippendorff_alpha(
        np.sign(preference[:, rated] - TIE),
        clusters=prompt[rated],
        interval=settings.interval,
        bootstraps=settings.bootstraps,
        seed=settings.seed,
    )
