"""What a change of factors does to a model's win rate: predicted from other models' answers, beside what was recorded.

Puts logs, scores and :mod:`prefactor.stats.versions` together; asks nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from prefactor._typing import AnyArray, BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction, check_known
from prefactor.analysis.measurement import Scores
from prefactor.analysis.units import judge_units
from prefactor.config import INTERVAL
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError, SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.special import normal_quantile
from prefactor.stats.versions import RatePrediction, Version, VersionModel, fit_versions, predict_rate
from prefactor.stats.winrates import BASELINE, Matches

__all__ = ["CHANGEABLE", "FactorMove", "VersionPrediction", "VersionSettings", "predict_version"]

CHANGEABLE: Final = ("words", "list_items", "bold", "headings", "paragraphs", "code_blocks")
"""Lexical factors that anybody can change without changing what is said; the ones looked at by default."""

_MODELS: Final = ("model_a", "model_b")
_RESPONSES: Final = ("response_a", "response_b")


@dataclass(frozen=True, slots=True)
class VersionSettings:
    """What a prediction is made with.

    Parameters
    ----------
    factors
        Names of the factors whose change is looked at.
    judge
        Whose preferences; the only judge of the logs learnt from by default.
    baseline
        Model that the others are compared with; the one in every comparison by default.
    interval
        Mass of every interval, between 0 and 1.
    """

    factors: tuple[str, ...] = CHANGEABLE
    judge: str | None = None
    baseline: str | None = None
    interval: float = INTERVAL

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        if not self.factors or len(set(self.factors)) < len(self.factors):
            raise SettingError("factors", expected="at least one factor, each once", got=self.factors)


@dataclass(frozen=True, slots=True)
class FactorMove:
    """One factor in both versions, and what its change is worth.

    Parameters
    ----------
    factor, label
        Its name, and what it is called.
    base, variant
        Mean score of the two versions' answers.
    slope
        Log-odds for a unit of tanh(difference / spread), the same for all models.
    contribution
        What its change adds to the win rate; over all factors they sum to the change.
    """

    factor: str
    label: str
    base: float
    variant: float
    slope: Estimate
    contribution: Estimate


@dataclass(frozen=True, slots=True)
class VersionPrediction:
    """The win rate of a version, predicted before anybody judges it.

    Parameters
    ----------
    judge
        Whose preferences.
    base, variant
        Names of the two versions.
    predicted
        Win rate of the variant, in [0, 1], with the interval in which the recorded one should be.
    recorded
        The recorded one with its clustered interval; None where the variant was not judged.
    inside
        Whether the recorded one is in the interval of ``predicted``; None where there is none.
    base_rate
        Recorded win rate of the base version.
    base_judged
        Whether it is recorded; otherwise the level is that of the models learnt from.
    change
        ``predicted`` less ``base_rate``.
    recorded_change
        The recorded one less ``base_rate``, over prompts; None where there is none.
    moves
        One per factor.
    models, learnt_from
        Models and comparisons that were learnt from.
    multiplier_sd
        How much the same change differs between models: 0.2 is a fifth more or less (one standard deviation). NaN with
        fewer than 5 models.
    new_prompts
        Comparisons of the variant on prompts that were not learnt from.
    unmeasured
        Comparisons left out because a factor has no score.
    settings
        What it was made with.
    """

    judge: str
    base: str
    variant: str
    predicted: Estimate
    recorded: Estimate | None
    inside: bool | None
    base_rate: Estimate
    base_judged: bool
    change: Estimate
    recorded_change: Estimate | None
    moves: tuple[FactorMove, ...]
    models: int
    learnt_from: int
    multiplier_sd: float
    new_prompts: int
    unmeasured: int
    settings: VersionSettings


@dataclass(frozen=True, slots=True)
class _Rows:
    """Comparisons of two models; shape (n,), scores (n, factors)."""

    ahead: AnyArray
    behind: AnyArray
    ahead_scores: FloatArray
    behind_scores: FloatArray
    outcome: FloatArray
    prompt: IntArray
    unmeasured: int = 0

    @property
    def difference(self) -> FloatArray:
        return self.ahead_scores - self.behind_scores

    @property
    def judged(self) -> bool:
        return bool(np.isfinite(self.outcome).all())

    def only(self, chosen: BoolArray) -> "_Rows":
        return _Rows(
            self.ahead[chosen],
            self.behind[chosen],
            self.ahead_scores[chosen],
            self.behind_scores[chosen],
            self.outcome[chosen],
            self.prompt[chosen],
            self.unmeasured,
        )

    def turned(self, turn: BoolArray) -> "_Rows":
        """Return the same comparisons with the two models exchanged where asked for."""
        return _Rows(
            np.where(turn, self.behind, self.ahead),
            np.where(turn, self.ahead, self.behind),
            np.where(turn[:, None], self.behind_scores, self.ahead_scores),
            np.where(turn[:, None], self.ahead_scores, self.behind_scores),
            np.where(turn, 1 - self.outcome, self.outcome),
            self.prompt,
            self.unmeasured,
        )

    def in_all(self) -> list[str]:
        """Return the models that are in every comparison."""
        first = {str(self.ahead[0]), str(self.behind[0])}
        return sorted(name for name in first if ((self.ahead == name) | (self.behind == name)).all())


def predict_version(
    learnt: tuple[Dataset, Scores],
    *,
    base: tuple[Dataset, Scores],
    variant: tuple[Dataset, Scores],
    settings: VersionSettings | None = None,
) -> VersionPrediction:
    """Predict the win rate of one version of a model's answers from that of another.

    Parameters
    ----------
    learnt
        Logs of other models that the judge has judged, with the scores of their answers; comparisons of the two
        versions themselves are left out of them.
    base
        The log of the version that is known; every comparison is between it and a model of ``learnt``.
    variant
        The log of the version to predict, likewise; its preferences are only set beside the prediction.
    settings
        Factors, judge, baseline, interval.

    Raises
    ------
    FitError
        A log names no model or several, or what is learnt is not settled by the rows.
    SettingError
        There are several judges and none is named.
    UnknownNameError
        There is no such judge, factor or opponent.
    """
    settings = settings or VersionSettings()
    judge = _judge(learnt[0], settings.judge)
    everything = _rows(*learnt, judge, factors=settings.factors)
    if not everything.judged:
        raise FitError(f"win rates by {judge}", "the logs to learn from hold no preference of this judge")
    baseline = _baseline(everything, settings.baseline)
    known, new = (
        _version(_rows(*each, judge, factors=settings.factors), everything, baseline) for each in (base, variant)
    )
    names = [str(rows.ahead[0]) for rows in (known, new)]
    model, numbers, learnt_from = _learn(everything, without=names, baseline=baseline)
    found = predict_rate(
        model,
        _as_version(known, numbers, judged=known.judged),
        variant=_as_version(new, numbers, judged=False),
        interval=settings.interval,
    )
    recorded = _share(new, settings.interval) if new.judged else None
    return VersionPrediction(
        judge=judge,
        base=names[0],
        variant=names[1],
        predicted=found.predicted,
        recorded=recorded,
        inside=None if recorded is None else bool(found.predicted.low <= recorded.value <= found.predicted.high),
        base_rate=_share(known, settings.interval) if known.judged else found.base,
        base_judged=known.judged,
        change=found.change,
        recorded_change=_recorded_change(known, new, settings.interval),
        moves=_moves(learnt[1], model, (known, new), found=found, settings=settings),
        models=sum(number != BASELINE for number in numbers.values()),
        learnt_from=learnt_from,
        multiplier_sd=model.multiplier_sd,
        new_prompts=found.new_prompts,
        unmeasured=sum(rows.unmeasured for rows in (everything, known, new)),
        settings=settings,
    )


def _judge(dataset: Dataset, wanted: str | None) -> str:
    if wanted is not None:
        return check_known("judge", [wanted], dataset.judges)[0]
    if len(dataset.judges) != 1:
        hint = "--judge NAME" if dataset.judges else "name the column of preferences: --map preference=COLUMN"
        raise SettingError("judge", expected="one judge", got=list(dataset.judges), hint=hint)
    return dataset.judges[0]


def _rows(dataset: Dataset, scores: Scores, judge: str, *, factors: Sequence[str]) -> _Rows:
    """Return what a judge said of the comparisons; all of them, without outcomes, where it said nothing."""
    check_known("factor", factors, [factor.name for factor in scores.factors])
    table = dataset.comparisons
    chosen, outcome = np.arange(len(table)), np.full(len(table), np.nan)
    if judge in dataset.judges:
        used = judge_units(dataset, judge).used()
        if len(used.comparison):
            chosen, outcome = used.comparison, used.preference
    values = np.column_stack([scores.values(name) for name in factors])
    first, second = (table[name].cast(pl.String).fill_null("").to_numpy().astype(np.str_)[chosen] for name in _MODELS)
    side_a, side_b = (values[table[name].to_numpy()[chosen]] for name in _RESPONSES)
    prompt = dataset.prompt_clusters.to_numpy()[table["prompt"].to_numpy()[chosen]]
    rows = _Rows(first, second, side_a, side_b, outcome, prompt)
    apart = (np.char.str_len(first) > 0) & (np.char.str_len(second) > 0) & (first != second)
    measured = np.isfinite(rows.difference).all(axis=1)
    if not (apart & measured).any():
        reason = "no comparison names two different models and has all factors"
        raise FitError(f"win rates by {judge}", reason, "name their columns: --map model_a=COLUMN,model_b=COLUMN")
    return replace(rows.only(apart & measured), unmeasured=int(np.count_nonzero(apart & ~measured)))


def _baseline(rows: _Rows, wanted: str | None) -> str | None:
    """Return the model that every other was compared with; None where there is none."""
    in_all = rows.in_all()
    if wanted is not None:
        return check_known("model in every comparison", [wanted], in_all)[0]
    if len(in_all) == 2:
        raise SettingError("--baseline", expected=f"one of {in_all}", got=None, hint="say which is the baseline")
    return in_all[0] if in_all else None


def _version(rows: _Rows, everything: _Rows, baseline: str | None) -> _Rows:
    """Return a log with its one model ahead of opponents that have been learnt of."""
    known = {baseline} if baseline else {*everything.ahead.tolist(), *everything.behind.tolist()}
    candidates = [name for name in rows.in_all() if name != baseline]
    if len(candidates) > 1:  # one opponent only: the version is the one that is not known
        candidates = [name for name in candidates if name not in known] or candidates
    if len(candidates) != 1:
        found = sorted({*rows.ahead.tolist(), *rows.behind.tolist()} - {baseline})
        raise FitError("the version of a model", f"one log holds one version, and this one holds {', '.join(found)}")
    rows = rows.turned(rows.behind == candidates[0])
    unknown = sorted(set(rows.behind.tolist()) - known)
    if unknown:
        raise FitError(f"the level of {candidates[0]}", f"nothing is known of its opponent {unknown[0]}")
    return rows


def _learn(rows: _Rows, *, without: Sequence[str], baseline: str | None) -> tuple[VersionModel, Mapping[str, int], int]:
    """Fit the comparisons of other models; return the fit, the models' numbers and how many comparisons there were."""
    own = np.isin(rows.ahead, without) | np.isin(rows.behind, without)
    if own.all():
        raise FitError("the worth of factors", "the logs to learn from hold no other model than the two versions")
    others = rows.only(~own)
    others = others.turned(others.ahead == baseline if baseline else others.ahead > others.behind)
    names = sorted({*others.ahead.tolist(), *others.behind.tolist()} - {baseline})
    numbers = {name: number for number, name in enumerate(names)}
    if baseline:
        numbers[baseline] = BASELINE
    ahead, behind = _numbered(others.ahead, numbers), _numbered(others.behind, numbers)
    matches = Matches(ahead, behind, others.outcome, others.difference, others.prompt)
    return fit_versions(matches), numbers, len(others.ahead)


def _numbered(names: AnyArray, numbers: Mapping[str, int]) -> IntArray:
    return np.array([numbers[name] for name in names.tolist()], dtype=np.int64)


def _as_version(rows: _Rows, numbers: Mapping[str, int], *, judged: bool) -> Version:
    return Version(rows.difference, rows.prompt, _numbered(rows.behind, numbers), rows.outcome if judged else None)


def _share(rows: _Rows, interval: float) -> Estimate:
    return cluster_share(rows.outcome, clusters=rows.prompt, interval=interval)


def _recorded_change(known: _Rows, new: _Rows, interval: float) -> Estimate | None:
    """Return the recorded change, paired over the prompts that both versions have answered."""
    if not (known.judged and new.judged):
        return None
    prompts = np.intersect1d(known.prompt, new.prompt)
    if not len(prompts):
        return None
    means = [_by_prompt(rows, prompts) for rows in (known, new)]
    return cluster_mean(means[1] - means[0], clusters=np.arange(len(prompts)), interval=interval)


def _by_prompt(rows: _Rows, prompts: IntArray) -> FloatArray:
    shared = np.isin(rows.prompt, prompts)
    place = np.searchsorted(prompts, rows.prompt[shared])
    return np.bincount(place, rows.outcome[shared]) / np.bincount(place)


def _moves(
    scores: Scores,
    model: VersionModel,
    versions: tuple[_Rows, _Rows],
    *,
    found: RatePrediction,
    settings: VersionSettings,
) -> tuple[FactorMove, ...]:
    labels = {factor.name: factor.label for factor in scores.factors}
    means = [rows.ahead_scores.mean(axis=0) for rows in versions]
    half = normal_quantile(0.5 + settings.interval / 2) * np.sqrt(np.diag(model.covariance))
    return tuple(
        FactorMove(
            factor=name,
            label=labels[name],
            base=float(means[0][place]),
            variant=float(means[1][place]),
            slope=Estimate(*(float(model.slopes[place] + sign * half[place]) for sign in (0, -1, 1))),
            contribution=found.contributions[place],
        )
        for place, name in enumerate(settings.factors)
    )
