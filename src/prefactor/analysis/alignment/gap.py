"""People, a model when it evaluates and the same model when it generates: three profiles, their alignment and the gap.

The three are resampled by prompt together, so that what they share is shared in every resample.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray, SignArray
from prefactor.analysis.alignment.gap_results import FactorGap, Gap, GapTable, Place, RoleProfile
from prefactor.analysis.alignment.gap_sentences import factor_sentence, gap_sentences
from prefactor.analysis.alignment.results import AlignmentSettings
from prefactor.analysis.alignment.roles import Roles
from prefactor.analysis.alignment.rows import PairRows, Verdicts
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.profiles import as_floats
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.slices import slices
from prefactor.analysis.units import judge_units
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.data.records import JudgeKind
from prefactor.factors.base import Factor
from prefactor.runtime.progress import Progress, silent
from prefactor.stats.agreement import strict_agreement
from prefactor.stats.correlation import ProfileCorrelation, correlate_profiles
from prefactor.stats.estimate import Estimate
from prefactor.stats.gap import AlignmentGap, ProfileTriple, fit_gap
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.resampling import ClusterDraws
from prefactor.stats.sites import exact_grid
from prefactor.stats.special import normal_quantile
from prefactor.stats.tau import fit_tau14

__all__ = ["align_gap"]

_NO_GAP = AlignmentGap(*(NOT_ESTIMATED,) * 6, contributions=(), factors=0, reason="")


@dataclass(frozen=True, slots=True)
class _Role:
    """The strict verdicts of one judge: signs, weights, prompts and features of its n comparisons."""

    judge: str
    kind: JudgeKind
    sign: FloatArray
    weight: FloatArray
    prompt: IntArray
    features: FloatArray

    def differing(self) -> BoolArray:
        """Which factors differ in at least two prompts."""
        differ = np.nan_to_num(self.features) != 0
        return np.array([len(np.unique(self.prompt[column])) >= 2 for column in differ.T], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class _Profile:
    """tau14 of d factors of one judge, with intervals, and from resampled prompts."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    drawn: FloatArray

    def place(self, column: int, interval: float) -> Place:
        tail = (1 - interval) / 2
        rank = float(np.count_nonzero(self.value > self.value[column]) + 1)
        ranks = (self.drawn > self.drawn[:, [column]]).sum(axis=1) + 1
        low, high = np.quantile(ranks, [tail, 1 - tail], method="nearest")
        tau14 = Estimate(float(self.value[column]), float(self.low[column]), float(self.high[column]))
        return Place(tau14, Estimate(rank, min(float(low), rank), max(float(high), rank)))


def align_gap(
    dataset: Dataset,
    scores: Scores,
    *,
    roles: Roles,
    task: str = "",
    by: Sequence[str] = (),
    settings: AlignmentSettings | None = None,
    progress: Progress = silent,
) -> Gap:
    """Put what people prefer, what a model rates and what it writes side by side, factor by factor.

    Parameters
    ----------
    dataset
        Comparisons and the verdicts of all three.
    scores
        Scores of its responses.
    roles
        Who is who; without one that generates, people and the model that evaluates are compared.
    task
        Name of the task, for headings.
    by
        Columns of which every value gets a table of its own.
    settings
        What everything is computed with.
    progress
        Told how many tables are done.

    Raises
    ------
    UnknownNameError
        There is no such column.
    """
    settings = settings or AlignmentSettings()
    names = [name for name in (roles.human, roles.evaluates, roles.generates) if name]
    units = [judge_units(dataset, name) for name in names]
    kinds = [each.kind for each in units]
    bench = _Bench(Verdicts.of(dataset, units), kinds, sign_features(dataset, scores), scores.factors, settings)
    parts = list(slices(dataset, tuple(dict.fromkeys(by))))
    tables = []
    for done, (name, mask) in enumerate(parts):
        progress("comparing writing with judging", done, len(parts))
        tables.append(bench.table(name, mask, task=task))
    progress("comparing writing with judging", len(parts), len(parts))
    return Gap(
        human=roles.human,
        evaluates=roles.evaluates,
        generates=roles.generates,
        tables=tuple(tables),
        factors=scores.factors,
        sources=dataset.sources,
        settings=settings,
    )


@dataclass(frozen=True, slots=True)
class _Bench:
    """What all tables are made of."""

    verdicts: Verdicts
    kinds: Sequence[JudgeKind]
    signs: SignArray
    factors: tuple[Factor, ...]
    settings: AlignmentSettings

    def table(self, name: str, mask: BoolArray, *, task: str) -> GapTable:
        """Compare the judges on some comparisons."""
        shared = self.verdicts.pair(*self.verdicts.judges[:2]).strict()
        shared = shared.only(mask[shared.comparison])
        paired = len(shared.comparison) >= MINIMUM_COMPARISONS
        roles = [self._role(number, mask, shared if paired else None) for number in range(len(self.verdicts.judges))]
        bare = GapTable(task, name, tuple(map(_bare_profile, roles)), paired, (), (), _NO_GAP, ())
        few = [each.judge for each in roles if len(each.sign) < MINIMUM_COMPARISONS]
        if few:
            reason = f"fewer than {MINIMUM_COMPARISONS} strict preferences of {', '.join(few)}"
            return replace(bare, reason=reason, gap=replace(_NO_GAP, reason=reason))
        used = np.logical_and.reduce([each.differing() for each in roles])
        prompts = np.concatenate([each.prompt for each in roles])
        draws = ClusterDraws.of(prompts, bootstraps=self.settings.bootstraps, seed=self.settings.seed)
        profiles = [_profile(each, used, draws, self.settings.interval) for each in roles]
        gap = self._gap(profiles)
        factors = [each for each, is_used in zip(self.factors, used, strict=True) if is_used]
        table = replace(
            bare,
            profiles=_without_noise(self._aligned(roles, profiles, shared), gap),
            factors=_factor_gaps(factors, profiles, gap=gap, settings=self.settings),
            left_out=tuple(each.name for each, is_used in zip(self.factors, used, strict=True) if not is_used),
            gap=gap,
        )
        return replace(table, sentences=gap_sentences(table))

    def _role(self, number: int, mask: BoolArray, shared: PairRows | None) -> _Role:
        """Return one judge's strict verdicts: where two are paired, those on comparisons that both judge strictly."""
        judge = self.verdicts.judges[number]
        if shared is not None and number < 2:
            sign, weight, rows = shared.signs[number], shared.weight, shared
            return _Role(judge, self.kinds[number], sign, weight, rows.prompt, self._features(rows.comparison))
        preference, weight = self.verdicts.preference[number], self.verdicts.weight[number]
        strict = ~np.isnan(preference) & (preference != TIE) & mask[self.verdicts.comparison]
        strict &= np.nan_to_num(weight) > 0
        comparison, prompt = self.verdicts.comparison[strict], self.verdicts.prompt[strict]
        sign = np.sign(preference[strict] - TIE)
        return _Role(judge, self.kinds[number], sign, weight[strict], prompt, self._features(comparison))

    def _features(self, comparison: IntArray) -> FloatArray:
        return as_floats(self.signs[comparison])

    def _gap(self, profiles: Sequence[_Profile]) -> AlignmentGap:
        if len(profiles) < 3:
            return replace(_NO_GAP, reason="no judge is the model when generating (prefactor elicit makes one)")
        human, evaluates, generates = (each.value for each in profiles)
        triple = ProfileTriple(human, evaluates, generates, np.stack([each.drawn for each in profiles]))
        return fit_gap(triple, interval=self.settings.interval)

    def _aligned(
        self, roles: Sequence[_Role], profiles: Sequence[_Profile], shared: PairRows
    ) -> tuple[RoleProfile, ...]:
        found = [_bare_profile(roles[0])]
        for number, (role, profile) in enumerate(zip(roles[1:], profiles[1:], strict=True), start=1):
            agreement, reason = NOT_ESTIMATED, "it judges no comparison that people judge"
            if number == 1 and len(shared.comparison):
                agreement, reason = self._agreement(shared), ""
            aligned = _correlated(profile, profiles[0], self.settings.interval)
            found.append(replace(_bare_profile(role), alignment=aligned, agreement=agreement, reason=reason))
        return tuple(found)

    def _agreement(self, shared: PairRows) -> Estimate:
        one, two = shared.preference
        return strict_agreement(
            one, two, clusters=shared.prompt, weights=shared.weight, interval=self.settings.interval
        )


def _bare_profile(role: _Role) -> RoleProfile:
    prompts = len(np.unique(role.prompt))
    return RoleProfile(role.judge, role.kind, len(role.sign), prompts, None, NOT_ESTIMATED, "")


def _without_noise(found: tuple[RoleProfile, ...], gap: AlignmentGap) -> tuple[RoleProfile, ...]:
    """Put the gap's own correlations in the place of those of two profiles by themselves: one number for one thing."""
    if gap.reason:
        return found
    ends = (None, gap.first, gap.second)
    return tuple(
        each
        if each.alignment is None or end is None
        else replace(each, alignment=replace(each.alignment, corrected=end))
        for each, end in zip(found, ends, strict=True)
    )


def _correlated(profile: _Profile, human: _Profile, interval: float) -> ProfileCorrelation:
    return correlate_profiles(
        profile.value,
        human.value,
        replicates_first=profile.drawn,
        replicates_second=human.drawn,
        interval=interval,
    )


def _profile(role: _Role, used: BoolArray, draws: ClusterDraws, interval: float) -> _Profile:
    """Fit tau14 of the used factors, and once more in every resample of prompts."""
    features = role.features[:, used]
    found = fit_tau14((role.sign + 1) / 2, features, clusters=role.prompt, weights=role.weight, interval=interval)
    weight = exact_grid(role.weight)[:, None]
    agree, measured = weight * role.sign[:, None] * np.nan_to_num(features), weight * ~np.isnan(features)
    _, drawn = draws.totals(np.hstack([agree, measured]), role.prompt)
    top, bottom = np.hsplit(drawn, 2)
    prompts = len(np.unique(role.prompt))
    # Resampled means vary less than means of samples by this much.
    widen = float(np.sqrt(prompts / max(prompts - 1, 1)))
    moved = np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), found.value) - found.value
    return _Profile(found.value, found.low, found.high, found.value + widen * moved)


def _factor_gaps(
    factors: Sequence[Factor], profiles: Sequence[_Profile], *, gap: AlignmentGap, settings: AlignmentSettings
) -> tuple[FactorGap, ...]:
    nothing = [(NOT_ESTIMATED, nan)] * len(factors)
    parts = [(each.value, each.p_value) for each in gap.contributions] or nothing
    q_values = benjamini_hochberg([p_value for _, p_value in parts])
    found = []
    for column, factor in enumerate(factors):
        contribution, p_value = parts[column]
        known = [each.place(column, settings.interval) for each in profiles]
        named = bool(q_values[column] <= settings.false_discovery_rate) and contribution.excludes(0)
        one = FactorGap(
            factor=factor.name,
            label=factor.label,
            human=known[0],
            evaluates=known[1],
            generates=known[2] if len(known) > 2 else None,
            difference=_difference(profiles, column, settings.interval),
            contribution=contribution,
            p_value=p_value,
            q_value=float(q_values[column]),
            named=named,
            sentence="",
        )
        found.append(replace(one, sentence=factor_sentence(one, factor)) if named else one)
    return tuple(sorted(found, key=_by_size))


def _by_size(each: FactorGap) -> tuple[float, float, str]:
    size = each.contribution.value
    return (-abs(size) if size == size else 0.0, -abs(each.human.tau14.value), each.factor)  # noqa: PLR0124 -- NaN


def _difference(profiles: Sequence[_Profile], column: int, interval: float) -> Estimate:
    """tau14 when evaluating less that when generating, with a normal interval from the resamples."""
    if len(profiles) < 3:
        return NOT_ESTIMATED
    value = float(profiles[1].value[column] - profiles[2].value[column])
    spread = float((profiles[1].drawn[:, column] - profiles[2].drawn[:, column]).std())
    reach = normal_quantile((1 + interval) / 2) * spread
    return Estimate(value, max(value - reach, -2.0), min(value + reach, 2.0))
