"""Cause or correlation: what rewriting one factor does to a judge, beside what the recorded log says of that factor.

Puts pairs of rewrites, verdicts and scores together; asks nobody anything.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite, nan
from typing import Final

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor._validate import check_fraction, check_known, check_positive
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.profiles import as_floats
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.rewrite_pairs import ChosenAnswer, VersionPair, pairs_of, score_texts, signed
from prefactor.analysis.units import judge_units
from prefactor.config import FALSE_DISCOVERY_RATE, INTERVAL
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.factors import Factor, Measurer
from prefactor.factors.features import feature_of
from prefactor.interventions.rewrite import Rewriting
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.rewriting import (
    Disagreement,
    PerUnit,
    disagree,
    effect_per_unit,
    mean_preference,
    rewrite_effect,
)

__all__ = ["CausalEffect", "Contrasted", "FactorChange", "RewriteSettings", "RewriteStudy", "study_rewrites"]

NO_SHRINKAGE: Final = 1.0
"""Scale of the prior on the joint weights here: so wide that shrinkage is not taken for disagreement."""

_NOTHING: Final = Disagreement(NOT_ESTIMATED, nan)


@dataclass(frozen=True, slots=True)
class RewriteSettings:
    """What is asked of rewrites.

    Parameters
    ----------
    factors
        Names of the factors to change.
    judge
        Judge of the log whose correlational effects stand beside; the only one by default, None in a log without any.
    limit
        At most so many comparisons of the log give an answer to rewrite.
    naive
        Whether originals are compared with their first rewrite, too, to show what that would have found.
    interval
        Mass of every interval, between 0 and 1.
    false_discovery_rate
        Rate at which effects, and disagreements, may be false discoveries.
    """

    factors: tuple[str, ...]
    judge: str | None = None
    limit: int | None = None
    naive: bool = False
    interval: float = INTERVAL
    false_discovery_rate: float = FALSE_DISCOVERY_RATE

    def __post_init__(self) -> None:
        if not self.factors or len(set(self.factors)) < len(self.factors):
            raise SettingError("--factor", expected="at least one factor, each once", got=self.factors)
        check_fraction("interval", self.interval)
        check_fraction("false_discovery_rate", self.false_discovery_rate)
        if self.limit is not None:
            check_positive("limit", self.limit)


@dataclass(frozen=True, slots=True)
class FactorChange:
    """What rewriting did to one measured factor.

    Parameters
    ----------
    factor, label
        Which.
    change
        Mean difference of the version with more less that with less, in typical differences of the log.
    moved
        Whether the interval of ``change`` lies on one side of 0.
    hand
        Mean difference of the original rewritten twice less the original, likewise: the rewriter's own hand, which
        stands in both versions and so cancels.
    """

    factor: str
    label: str
    change: Estimate
    moved: bool
    hand: Estimate


@dataclass(frozen=True, slots=True)
class CausalEffect:
    """One factor: what rewriting it does to the judge, and what the log says of it.

    Parameters
    ----------
    factor, label
        Which.
    asked, usable, judged
        Answers that were to be rewritten; both rewrites of which can be used; of these with a verdict.
    problems
        Why rewrites cannot be used, with their number, the commonest first.
    not_applicable
        Chosen answers to which the factor does not apply; nothing was asked of them.
    identical
        Pairs whose two versions have one text: they count as ties.
    unmoved, reversed
        Judged pairs in which the version meant to have more has no more of it, and those in which it has less. They
        count in ``effect``: leaving them out would choose by what happened.
    effect
        Mean preference for the version with more, in [0, 1], with ties as half.
    q_value
        Of a half, allowing for the number of factors.
    from_more, from_less
        The same for originals with more and with less.
    naive
        The same of the original and its first rewrite; NaN where it was not asked for.
    typical
        Root mean square difference of the factor in the log's comparisons, in its own unit.
    dose
        Mean change of the factor, in typical differences.
    per_unit
        What a typical difference does to the preference, by the ratio of the two.
    single, joint
        Mean preference, in the log, for the answer with more: alone, and with all measured factors held equal.
    against_single, against_joint
        ``effect`` less these two.
    single_q, joint_q
        Of no difference, allowing for the number of all such differences.
    changes
        What rewriting did to every measured factor, this one first, then the one changed most.
    sentence
        The finding in words.
    """

    factor: str
    label: str
    asked: int
    usable: int
    judged: int
    problems: tuple[tuple[str, int], ...]
    not_applicable: int
    identical: int
    unmoved: int
    reversed: int
    effect: Estimate
    q_value: float
    from_more: Estimate
    from_less: Estimate
    naive: Estimate
    typical: float
    dose: Estimate
    per_unit: PerUnit
    single: Estimate
    joint: Estimate
    against_single: Disagreement
    against_joint: Disagreement
    single_q: float
    joint_q: float
    changes: tuple[FactorChange, ...]
    sentence: str = ""

    @property
    def collateral(self) -> tuple[FactorChange, ...]:
        """Other factors that moved along."""
        return tuple(each for each in self.changes[1:] if each.moved)


@dataclass(frozen=True, slots=True)
class Contrasted:
    """Pairs with the judge's preference for the version with more, shape (pairs,), NaN where there is none."""

    pairs: tuple[VersionPair, ...]
    preference: FloatArray


@dataclass(frozen=True, slots=True)
class RewriteStudy:
    """Causal effects beside correlational ones.

    Parameters
    ----------
    judge
        Who judged the rewrites.
    log_judge
        Whose verdicts in the log stand beside; empty where it holds none.
    log_verdicts
        How many of them were used.
    answers, prompts
        Answers that were rewritten, and clusters of their prompts.
    effects
        One per factor.
    settings
        What it was made with.
    """

    judge: str
    log_judge: str
    log_verdicts: int
    answers: int
    prompts: int
    effects: tuple[CausalEffect, ...]
    settings: RewriteSettings = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Log:
    """What the log says of every measured factor."""

    judge: str
    verdicts: int
    typical: FloatArray
    single: tuple[Estimate, ...]
    joint: tuple[Estimate, ...]


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
    recorded = _recorded(*log, settings=settings)
    clusters = {each.original.identity: each.cluster for each in chosen}
    own = _Versions.measured(rewriting, measurers, factors=log[1].factors, typical=recorded.typical, clusters=clusters)
    lacking = dict(not_applicable)
    effects = [
        _effect(name, own, judged=judged, log=recorded, settings=settings, not_applicable=lacking.get(name, 0))
        for name in settings.factors
    ]
    return RewriteStudy(
        judge=judge,
        log_judge=recorded.judge,
        log_verdicts=recorded.verdicts,
        answers=len(chosen),
        prompts=len(set(clusters.values())),
        effects=_told(_with_q_values(effects), judge=judge, settings=settings),
        settings=settings,
    )


@dataclass(frozen=True, slots=True)
class _Versions:
    """Every usable pair of rewrites: scores in typical differences, shape (pairs, factors), and clusters."""

    rewriting: Rewriting
    factors: tuple[Factor, ...]
    typical: FloatArray
    clusters: dict[str, int]
    places: IntArray
    more: FloatArray
    less: FloatArray
    original: FloatArray

    @classmethod
    def measured(
        cls,
        rewriting: Rewriting,
        measurers: Sequence[Measurer],
        *,
        factors: tuple[Factor, ...],
        typical: FloatArray,
        clusters: dict[str, int],
    ) -> "_Versions":
        pairs = pairs_of(rewriting.done, contrast="both rewritten")
        originals = [pair.original for pair in pairs]
        if pairs:
            texts = ([pair.more for pair in pairs], [pair.less for pair in pairs], [each.text for each in originals])
            more, less, original = (score_texts(measurers, originals, texts=each) for each in texts)
        else:
            more = less = original = np.empty((0, len(factors)))
        places = np.array([pair.place for pair in pairs], dtype=np.int64)
        return cls(rewriting, factors, typical, clusters, places, more, less, original)


def _recorded(dataset: Dataset, scores: Scores, *, settings: RewriteSettings) -> _Log:
    """Return the log's own effects: the same mean preferences, without anything having been changed."""
    table = dataset.comparisons
    values = [signed(scores.values(factor.name), factor) for factor in scores.factors]
    sides = [table[name].to_numpy() for name in ("response_a", "response_b")]
    gaps = np.stack([own[sides[0]] - own[sides[1]] for own in values], axis=1)
    known = np.isfinite(gaps)
    with np.errstate(invalid="ignore"):
        typical = np.sqrt((np.where(known, gaps, 0.0) ** 2).sum(axis=0) / known.sum(axis=0))
    judge = _log_judge(dataset, settings.judge)
    nothing = (NOT_ESTIMATED,) * len(scores.factors)
    if not judge:
        return _Log("", 0, typical, nothing, nothing)
    used = judge_units(dataset, judge).used()
    features = as_floats(sign_features(dataset, scores))[used.comparison]
    single = []
    for feature in features.T:
        apart = np.nan_to_num(feature) != 0
        for_more = np.where(feature > 0, used.preference, 1 - used.preference)[apart]
        single.append(
            cluster_share(for_more, clusters=used.prompt[apart], weights=used.weight[apart], interval=settings.interval)
        )
    differing = np.nan_to_num(features).any(axis=1)
    if not differing.any():
        return _Log(judge, len(used.comparison), typical, tuple(single), nothing)
    rows, preference, prompt, weight = (
        each[differing] for each in (features, used.preference, used.prompt, used.weight)
    )
    fit = fit_posterior(rows, preference, weights=weight, prior=LaplacePrior(NO_SHRINKAGE), interval=settings.interval)
    tie = float(fit.tie_parameter)
    excess = cluster_excess(
        rows, preference, mean=fit.mean, covariance=fit.covariance, clusters=prompt, weights=weight, tie_parameter=tie
    )
    wider = partial(widen, mean=fit.mean, sd=fit.sd, excess=excess)
    ends = np.stack([fit.mean, wider(fit.low), wider(fit.high)], axis=1)
    joint = tuple(
        mean_preference(Estimate(*row), tie_parameter=tie) if seen else NOT_ESTIMATED
        for row, seen in zip(ends.tolist(), fit.identified.tolist(), strict=True)
    )
    return _Log(judge, len(used.comparison), typical, tuple(single), joint)


def _log_judge(dataset: Dataset, wanted: str | None) -> str:
    if wanted is not None:
        return check_known("judge", [wanted], dataset.judges)[0]
    if len(dataset.judges) > 1:
        raise SettingError("judge", expected="one judge of the log", got=list(dataset.judges), hint="--judge NAME")
    return dataset.judges[0] if dataset.judges else ""


def _effect(
    name: str,
    own: _Versions,
    *,
    judged: Sequence[Contrasted],
    log: _Log,
    settings: RewriteSettings,
    not_applicable: int,
) -> CausalEffect:
    column = [factor.name for factor in own.factors].index(name)
    done = [each for each in own.rewriting.done if each.job.factor == name]
    both, clusters = _of_factor(name, judged[0], own)
    seen = np.isfinite(both.preference)
    found = rewrite_effect(
        both.preference[seen],
        had_more=[
            own.rewriting.done[pair.place].job.has_more for pair, good in zip(both.pairs, seen, strict=True) if good
        ],
        clusters=clusters[seen],
        interval=settings.interval,
    )
    naive = NOT_ESTIMATED
    for further in judged[1:]:
        other, labels = _of_factor(name, further, own)
        good = np.isfinite(other.preference)
        naive = cluster_share(other.preference[good], clusters=labels[good], interval=settings.interval)
    rows = np.searchsorted(own.places, [pair.place for pair in both.pairs])
    rule = own.factors[column].feature
    moved = feature_of(own.more[rows, column], own.less[rows, column], rule=rule)
    changes = _changes(own, rows, clusters, first=column, settings=settings)
    dose = _steps(own, rows, column)
    measured = seen & np.isfinite(dose)
    single, joint = log.single[column], log.joint[column]
    return CausalEffect(
        factor=name,
        label=own.factors[column].label,
        asked=len(done),
        usable=len(both.pairs),
        judged=int(np.count_nonzero(seen)),
        problems=tuple(Counter(each.problem for each in done if each.problem).most_common()),
        not_applicable=not_applicable,
        identical=sum(pair.identical for pair in both.pairs),
        unmoved=int(np.count_nonzero(moved[seen] == 0)),
        reversed=int(np.count_nonzero(moved[seen] < 0)),
        effect=found.share,
        q_value=found.p_value,
        from_more=found.from_more,
        from_less=found.from_less,
        naive=naive,
        typical=float(own.typical[column]),
        dose=changes[0].change,
        per_unit=effect_per_unit(
            both.preference[measured] - 0.5, dose[measured], clusters=clusters[measured], interval=settings.interval
        ),
        single=single,
        joint=joint,
        against_single=_against(found.share, single, settings),
        against_joint=_against(found.share, joint, settings),
        single_q=nan,
        joint_q=nan,
        changes=changes,
    )


def _of_factor(name: str, judged: Contrasted, own: _Versions) -> tuple[Contrasted, IntArray]:
    chosen = np.array([pair.factor == name for pair in judged.pairs], dtype=np.bool_)
    pairs = tuple(pair for pair in judged.pairs if pair.factor == name)
    clusters = np.array([own.clusters[pair.original.identity] for pair in pairs], dtype=np.int64)
    return Contrasted(pairs, judged.preference[chosen]), clusters


def _steps(own: _Versions, rows: IntArray, column: int) -> FloatArray:
    """Return how much more of a factor the version with more has, in typical differences."""
    factor = own.factors[column]
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = (signed(own.more[rows, column], factor) - signed(own.less[rows, column], factor)) / own.typical[column]
    return np.where(np.isfinite(steps), steps, np.nan)


def _changes(
    own: _Versions, rows: IntArray, clusters: IntArray, *, first: int, settings: RewriteSettings
) -> tuple[FactorChange, ...]:
    found = []
    back = np.array([own.rewriting.done[place].job.has_more for place in own.places[rows]], dtype=np.bool_)
    for column, factor in enumerate(own.factors):
        twice = np.where(back, own.more[rows, column], own.less[rows, column])
        with np.errstate(invalid="ignore", divide="ignore"):
            hand = (signed(twice, factor) - signed(own.original[rows, column], factor)) / own.typical[column]
        change = _mean(_steps(own, rows, column), clusters, settings.interval)
        found.append(
            FactorChange(
                factor.name, factor.label, change, change.excludes(0.0), _mean(hand, clusters, settings.interval)
            )
        )
    own_change = found.pop(first)
    return (own_change, *sorted(found, key=lambda each: -abs(np.nan_to_num(each.change.value))))


def _mean(values: FloatArray, clusters: IntArray, interval: float) -> Estimate:
    known = np.isfinite(values)
    return cluster_mean(values[known], clusters=clusters[known], interval=interval) if known.any() else NOT_ESTIMATED


def _against(causal: Estimate, correlational: Estimate, settings: RewriteSettings) -> Disagreement:
    if not (isfinite(causal.low) and isfinite(correlational.low)):
        return _NOTHING
    return disagree(causal, correlational, interval=settings.interval)


def _with_q_values(effects: Sequence[CausalEffect]) -> list[CausalEffect]:
    own = benjamini_hochberg([each.q_value for each in effects])
    apart = benjamini_hochberg(
        [one.p_value for each in effects for one in (each.against_single, each.against_joint)]
    ).reshape(-1, 2)
    return [
        replace(each, q_value=float(q), single_q=float(single), joint_q=float(joint))
        for each, q, (single, joint) in zip(effects, own, apart, strict=True)
    ]


def _told(effects: Sequence[CausalEffect], *, judge: str, settings: RewriteSettings) -> tuple[CausalEffect, ...]:
    return tuple(replace(each, sentence=_sentence(each, judge=judge, settings=settings)) for each in effects)


def _sentence(effect: CausalEffect, *, judge: str, settings: RewriteSettings) -> str:
    """Say the finding in words."""
    if not isfinite(effect.effect.low):
        return f"{effect.label}: too few pairs of rewrites with a verdict to say anything"
    rate = settings.false_discovery_rate
    share = f"{_percent(effect.effect)}"
    if effect.q_value <= rate:
        moves = "moves" if effect.effect.value > 0.5 else "puts off"
        said = f"{effect.label}: more of it, with the rest kept, {moves} {judge} (preferred in {share})"
    else:
        said = f"{effect.label}: more of it, with the rest kept, is not told to move {judge} (preferred in {share})"
    sides = (("alone", effect.single, effect.single_q), ("with the rest held equal", effect.joint, effect.joint_q))
    for words, beside, q_value in sides:
        if not isfinite(beside.low):
            continue
        verdict = "and the two disagree" if q_value <= rate else "and the two are not told apart"
        said += f"; in the log, {words}, {_percent(beside)}, {verdict}"
    return said


def _percent(estimate: Estimate) -> str:
    value, low, high = (100 * each for each in (estimate.value, estimate.low, estimate.high))
    return f"{value:.0f} % [{low:.0f}, {high:.0f}]"
