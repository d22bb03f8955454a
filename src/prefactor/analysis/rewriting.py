"""Cause or correlation: what rewriting one factor does to a judge, beside what the recorded log says of that factor.

Puts pairs of rewrites, verdicts and scores together; asks nobody anything.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.measurement import Scores
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.rewrite_pairs import ChosenAnswer, Contrasted, VersionPair, pairs_of, score_texts, signed
from prefactor.analysis.rewrite_recorded import Recorded, recorded_effects
from prefactor.analysis.rewrite_results import UNKNOWN, CausalEffect, FactorChange, RewriteSettings, RewriteStudy
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.factors import Factor, Measurer
from prefactor.factors.features import feature_of
from prefactor.interventions.rewrite import Rewriting, TwoRewrites
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.rewriting import Disagreement, disagree, effect_per_unit, rewrite_effect

__all__ = ["study_rewrites"]


def study_rewrites(
    log: tuple[Dataset, Scores],
    chosen: Sequence[ChosenAnswer],
    *,
    rewriting: Rewriting,
    measurers: Sequence[Measurer],
    judged: Sequence[Contrasted],
    judge: str,
    not_applicable: Sequence[tuple[str, int]] = (),
    settings: RewriteSettings,
) -> RewriteStudy:
    """Set what rewriting one factor does to a judge beside what the log says of that factor.

    Parameters
    ----------
    log
        The log, and the scores of its responses on all factors.
    chosen
        The answers that were rewritten.
    rewriting
        What came of that.
    measurers
        What measured the log; they measure the rewrites.
    judged
        Pairs of rewrites with preferences; and, where asked for, pairs of originals and rewrites.
    judge
        Name of who judged them.
    not_applicable
        How often each factor does not apply.
    settings
        Factors, the log's judge, interval.

    Raises
    ------
    UnknownNameError
        The log has no such judge.
    SettingError
        It has several and none is named.
    """
    recorded = recorded_effects(*log, settings=settings)
    clusters = {each.original.identity: each.cluster for each in chosen}
    versions = _measured(rewriting.done, measurers, factors=log[1].factors, recorded=recorded, clusters=clusters)
    lacking = dict(not_applicable)
    effects = [
        replace(
            _effect(name, rewriting.done, versions=versions, judged=judged, clusters=clusters, settings=settings),
            not_applicable=lacking.get(name, 0),
        )
        for name in settings.factors
    ]
    beside = [_beside(each, recorded, [factor.name for factor in log[1].factors], settings) for each in effects]
    return RewriteStudy(
        judge=judge,
        log_judge=recorded.judge,
        log_verdicts=recorded.verdicts,
        answers=len(chosen),
        prompts=len(set(clusters.values())),
        effects=tuple(
            replace(each, sentence=_sentence(each, judge=judge, settings=settings)) for each in _with_q_values(beside)
        ),
        settings=settings,
    )


@dataclass(frozen=True, slots=True)
class _Versions:
    """Usable pairs of rewrites, arrays of shape (pairs,), scores (pairs, factors) with more meaning more."""

    factors: tuple[Factor, ...]
    typical: FloatArray
    factor: tuple[str, ...]
    cluster: IntArray
    had_more: BoolArray
    more: FloatArray
    less: FloatArray
    original: FloatArray

    def of(self, name: str) -> "_Versions":
        """Return the pairs made for one factor."""
        own = np.array([each == name for each in self.factor], dtype=np.bool_)
        return replace(
            self,
            factor=tuple(each for each in self.factor if each == name),
            **{key: getattr(self, key)[own] for key in ("cluster", "had_more", "more", "less", "original")},
        )

    def steps(self, column: int) -> FloatArray:
        """Return how much more of a factor the version with more has, in typical differences; NaN where not known."""
        return self._in_steps(self.more, self.less, column)

    def hand(self, column: int) -> FloatArray:
        """Return how much more of it the original has once it is rewritten twice."""
        twice = np.where(self.had_more[:, None], self.more, self.less)
        return self._in_steps(twice, self.original, column)

    def _in_steps(self, to: FloatArray, start: FloatArray, column: int) -> FloatArray:
        factor = self.factors[column]
        with np.errstate(invalid="ignore", divide="ignore"):
            steps = (signed(to[:, column], factor) - signed(start[:, column], factor)) / self.typical[column]
        return np.where(np.isfinite(steps), steps, np.nan)


def _measured(
    done: Sequence[TwoRewrites],
    measurers: Sequence[Measurer],
    *,
    factors: tuple[Factor, ...],
    recorded: Recorded,
    clusters: Mapping[str, int],
) -> _Versions:
    pairs = pairs_of(done, contrast="both rewritten")
    originals = [pair.original for pair in pairs]
    texts = ([pair.more for pair in pairs], [pair.less for pair in pairs], [each.text for each in originals])
    more, less, original = (score_texts(measurers, originals, texts=each) for each in texts)
    return _Versions(
        factors=factors,
        typical=recorded.typical,
        factor=tuple(pair.factor for pair in pairs),
        cluster=np.array([clusters[each.identity] for each in originals], dtype=np.int64),
        had_more=np.array([done[pair.place].job.has_more for pair in pairs], dtype=np.bool_),
        more=more,
        less=less,
        original=original,
    )


def _effect(
    name: str,
    done: Sequence[TwoRewrites],
    *,
    versions: _Versions,
    judged: Sequence[Contrasted],
    clusters: Mapping[str, int],
    settings: RewriteSettings,
) -> CausalEffect:
    """Return what rewriting one factor does, without the log beside it."""
    interval = settings.interval
    column = [factor.name for factor in versions.factors].index(name)
    own, jobs = versions.of(name), [each for each in done if each.job.factor == name]
    pairs, preference = _preferences(judged[0], name)
    seen = np.isfinite(preference)
    found = rewrite_effect(preference[seen], had_more=own.had_more[seen], clusters=own.cluster[seen], interval=interval)
    moved = feature_of(own.more[seen, column], own.less[seen, column], rule=own.factors[column].feature)
    dose = own.steps(column)
    both = seen & np.isfinite(dose)
    mean_dose = _mean(dose, own.cluster, interval)
    as_asked = mean_dose.low > 0 if isfinite(mean_dose.low) else bool(np.count_nonzero(moved > 0) > len(moved) / 2)
    return CausalEffect(
        factor=name,
        label=own.factors[column].label,
        asked=len(jobs),
        usable=len(pairs),
        judged=int(np.count_nonzero(seen)),
        problems=tuple(Counter(each.problem for each in jobs if each.problem).most_common()),
        identical=sum(pair.identical for pair in pairs),
        unmoved=int(np.count_nonzero(moved == 0)),
        reversed=int(np.count_nonzero(moved < 0)),
        moved=bool(as_asked),
        effect=found.share,
        q_value=found.p_value if as_asked else nan,
        from_more=found.from_more,
        from_less=found.from_less,
        naive=_naive(judged[1:], name, clusters=clusters, interval=interval),
        typical=float(own.typical[column]),
        dose=mean_dose,
        per_unit=effect_per_unit(preference[both] - TIE, dose[both], clusters=own.cluster[both], interval=interval),
        changes=_changes(own, first=column, interval=interval),
    )


def _preferences(judged: Contrasted, name: str) -> tuple[tuple[VersionPair, ...], FloatArray]:
    chosen = np.array([pair.factor == name for pair in judged.pairs], dtype=np.bool_)
    return tuple(pair for pair in judged.pairs if pair.factor == name), judged.preference[chosen]


def _naive(judged: Sequence[Contrasted], name: str, *, clusters: Mapping[str, int], interval: float) -> Estimate:
    """Return the mean preference between originals and their first rewrites, where it was asked for."""
    if not judged:
        return NOT_ESTIMATED
    pairs, preference = _preferences(judged[0], name)
    labels = np.array([clusters[pair.original.identity] for pair in pairs], dtype=np.int64)
    seen = np.isfinite(preference)
    return cluster_share(preference[seen], clusters=labels[seen], interval=interval)


def _changes(own: _Versions, *, first: int, interval: float) -> tuple[FactorChange, ...]:
    """Return what every factor did, the one that was to change first."""
    found = []
    for column, factor in enumerate(own.factors):
        change, hand = (_mean(each, own.cluster, interval) for each in (own.steps(column), own.hand(column)))
        found.append(FactorChange(factor.name, factor.label, change, change.excludes(0.0), hand))
    wanted = found.pop(first)
    return (wanted, *sorted(found, key=lambda each: -abs(np.nan_to_num(each.change.value))))


def _mean(values: FloatArray, clusters: IntArray, interval: float) -> Estimate:
    known = np.isfinite(values)
    return cluster_mean(values[known], clusters=clusters[known], interval=interval) if known.any() else NOT_ESTIMATED


def _beside(effect: CausalEffect, recorded: Recorded, names: Sequence[str], settings: RewriteSettings) -> CausalEffect:
    """Return a causal effect with the log's own beside it."""
    column = names.index(effect.factor)
    single, joint = recorded.single[column], recorded.joint[column]
    if not effect.moved:
        return replace(effect, single=single, joint=joint)
    return replace(
        effect,
        single=single,
        joint=joint,
        against_single=_against(effect.effect, single, settings.interval),
        against_joint=_against(effect.effect, joint, settings.interval),
    )


def _against(causal: Estimate, correlational: Estimate, interval: float) -> Disagreement:
    if not (isfinite(causal.low) and isfinite(correlational.low)):
        return UNKNOWN
    return disagree(causal, correlational, interval=interval)


def _with_q_values(effects: Sequence[CausalEffect]) -> list[CausalEffect]:
    own = benjamini_hochberg([each.q_value for each in effects])
    apart = benjamini_hochberg(
        [one.p_value for each in effects for one in (each.against_single, each.against_joint)]
    ).reshape(-1, 2)
    return [
        replace(each, q_value=float(q), single_q=float(single), joint_q=float(joint))
        for each, q, (single, joint) in zip(effects, own, apart, strict=True)
    ]


def _sentence(effect: CausalEffect, *, judge: str, settings: RewriteSettings) -> str:
    """Say the finding in words."""
    if not isfinite(effect.effect.low):
        return f"{effect.label}: too few pairs of rewrites with a verdict to say anything"
    if not effect.moved:
        return f"{effect.label}: the rewrites did not bring it about, so nothing can be said of what it causes"
    rate = settings.false_discovery_rate
    share = f"{_percent(effect.effect)}"
    if effect.q_value <= rate:
        moves = "moves" if effect.effect.value > 0.5 else "puts off"
        said = f"{effect.label}: more of it, with the rest kept, {moves} {judge} (preferred in {share})"
    else:
        said = f"{effect.label}: more of it, with the rest kept, is not told to move {judge} (preferred in {share})"
    sides = (("alone", effect.single, effect.single_q), ("with the rest held equal", effect.joint, effect.joint_q))
    for words, beside, q_value in sides:
        if not (isfinite(beside.low) and isfinite(q_value)):
            continue
        verdict = "and the two disagree" if q_value <= rate else "and the two are not told apart"
        said += f"; in the log, {words}, {_percent(beside)}, {verdict}"
    return said


def _percent(estimate: Estimate) -> str:
    value, low, high = (100 * each for each in (estimate.value, estimate.low, estimate.high))
    return f"{value:.0f} % [{low:.0f}, {high:.0f}]"
