"""Win rates and ratings of the models in a log, as they are and with chosen factors held equal in both answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Final, Literal

import numpy as np
import polars as pl

from prefactor._typing import AnyArray, BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction, check_known
from prefactor.analysis.measurement import Scores
from prefactor.analysis.units import JudgeUnits, judge_units
from prefactor.config import INTERVAL
from prefactor.data.account import Account
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError, SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_share
from prefactor.stats.winrates import BASELINE, HeldSlopes, Matches, Ratings, WinRates, fit_ratings, fit_win_rates

__all__ = ["ANCHOR", "Control", "ControlSettings", "HeldFactor", "ModelStanding", "control_preferences"]

ANCHOR: Final = 1000.0
"""Rating of the baseline, or mean rating of all models where there is none."""

_NOTHING: Final = Estimate(nan)
_BY_DEFINITION: Final = "baseline"


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """What is held equal, for whom, against whom.

    Parameters
    ----------
    hold
        Names of the factors to hold equal.
    judges
        Names of judges, in this order; all by default, by name.
    baseline
        Model that the others are compared with; found in the log by default.
    interval
        Mass of every interval, between 0 and 1.
    """

    hold: tuple[str, ...]
    judges: tuple[str, ...] = ()
    baseline: str | None = None
    interval: float = INTERVAL

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        if not self.hold or len(set(self.hold)) < len(self.hold):
            raise SettingError("hold", expected="at least one factor, each once", got=self.hold)


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """How one model does.

    Parameters
    ----------
    model
        Its name.
    comparisons
        Judged comparisons with another model.
    win_rate
        Mean preference for its answers, a tie being a half: against the baseline, or against whom it met.
    controlled_win_rate
        Expected win rate against the baseline were the held factors equal; NaN for ratings.
    rating, controlled_rating
        Bradley-Terry rating without and with the held factors, in Elo points; NaN for win rates.
    reason
        Why a number is missing or has no interval; empty otherwise.
    """

    model: str
    comparisons: int
    win_rate: Estimate
    controlled_win_rate: Estimate = _NOTHING
    rating: Estimate = _NOTHING
    controlled_rating: Estimate = _NOTHING
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeldFactor:
    """A factor held equal.

    Parameters
    ----------
    factor, label
        Its name, and what it is called.
    slope
        Log-odds of winning for a unit of tanh(difference / spread), the same for all models; no interval beside prompt
        effects.
    spread
        Root mean square of the difference between two answers, in the unit of the factor.
    """

    factor: str
    label: str
    slope: Estimate
    spread: float


@dataclass(frozen=True, slots=True)
class Control:
    """Models as one judge sees them, with factors held equal.

    Parameters
    ----------
    judge
        Who prefers.
    kind
        ``"win rates"`` where one baseline is in every comparison, else ``"ratings"``.
    baseline
        The baseline of the win rates, or the anchor of the ratings; None for the mean of all models.
    standings
        One per model, the best first.
    held
        The held factors.
    prompt_sd
        Standard deviation of the prompt effects, in log-odds; 0 where there are none.
    prompts
        Prompts in the fit.
    account
        Where the judge's verdicts went.
    unnamed, same_model
        Used verdicts left out because a model is not named, or because both answers are of one model.
    unmeasured
        Used verdicts left out of the controlled numbers because a held factor does not apply to an answer, or could
        not be measured.
    settings
        What it was made with.
    """

    judge: str
    kind: Literal["win rates", "ratings"]
    baseline: str | None
    standings: tuple[ModelStanding, ...]
    held: tuple[HeldFactor, ...]
    prompt_sd: float
    prompts: int
    account: Account
    unnamed: int
    same_model: int
    unmeasured: int
    settings: ControlSettings


@dataclass(frozen=True, slots=True)
class _Matches:
    """Used comparisons of two different models; shape (n,), ``difference`` (n, held)."""

    first: AnyArray
    second: AnyArray
    preference: FloatArray
    difference: FloatArray
    prompt: IntArray
    weight: FloatArray

    def only(self, chosen: BoolArray) -> "_Matches":
        return _Matches(
            self.first[chosen],
            self.second[chosen],
            self.preference[chosen],
            self.difference[chosen],
            self.prompt[chosen],
            self.weight[chosen],
        )

    def turned(self, turn: BoolArray) -> "_Matches":
        """Return the same comparisons with A and B exchanged where asked for."""
        return _Matches(
            np.where(turn, self.second, self.first),
            np.where(turn, self.first, self.second),
            np.where(turn, 1 - self.preference, self.preference),
            np.where(turn[:, None], -self.difference, self.difference),
            self.prompt,
            self.weight,
        )

    @property
    def models(self) -> list[str]:
        return sorted({*self.first.tolist(), *self.second.tolist()})


def control_preferences(dataset: Dataset, scores: Scores, *, settings: ControlSettings) -> tuple[Control, ...]:
    """Hold factors equal, and see how every model does.

    Where one model is in every comparison it is the baseline, and models get win rates against it
    (:func:`prefactor.stats.winrates.fit_win_rates`); otherwise they get ratings
    (:func:`prefactor.stats.winrates.fit_ratings`).

    Parameters
    ----------
    dataset
        Comparisons and preferences, with the names of the models.
    scores
        Scores of the responses on the factors to hold.
    settings
        What to hold, for whom, against whom.

    Returns
    -------
    tuple of Control
        One per judge.

    Raises
    ------
    FitError
        No judged comparison names two different models, or the rows do not settle the fit.
    SettingError
        Either of two models may be the baseline, and none was named.
    UnknownNameError
        There is no such judge, factor or baseline.
    """
    judges = check_known("judge", settings.judges or sorted(dataset.judges), dataset.judges)
    check_known("factor", settings.hold, [factor.name for factor in scores.factors])
    if not judges:
        raise FitError("win rates", "the log holds no preference", "name its column: --map preference=COLUMN")
    return tuple(_control(dataset, scores, judge, settings=settings) for judge in judges)


def _control(dataset: Dataset, scores: Scores, judge: str, *, settings: ControlSettings) -> Control:
    units = judge_units(dataset, judge)
    found = _found(dataset, scores, units.used(), hold=settings.hold)
    named: BoolArray = np.logical_and(np.char.str_len(found.first) > 0, np.char.str_len(found.second) > 0)
    apart: BoolArray = np.char.not_equal(found.first, found.second)
    everything = found.only(np.logical_and(named, apart))
    _check_models(everything, judge)
    baseline = _baseline(everything, settings.baseline)
    complete: BoolArray = np.logical_and.reduce(np.isfinite(everything.difference), axis=1)
    measured = everything.only(complete)
    _check_differences(measured, settings.hold)
    against = baseline is not None and _met_by_all(everything, baseline)
    fitted = _win_rates if against else _ratings
    standings, slopes, prompt_sd, prompts = fitted(everything, measured, baseline, settings.interval)
    return Control(
        judge=judge,
        kind="win rates" if against else "ratings",
        baseline=baseline,
        standings=standings,
        held=_held(scores, settings.hold, slopes),
        prompt_sd=prompt_sd,
        prompts=prompts,
        account=units.account(),
        unnamed=int(np.count_nonzero(~named)),
        same_model=int(np.count_nonzero(named & ~apart)),
        unmeasured=len(everything.first) - len(measured.first),
        settings=settings,
    )


def _found(dataset: Dataset, scores: Scores, used: JudgeUnits, *, hold: Sequence[str]) -> _Matches:
    table = dataset.comparisons
    first, second = (
        table[name].cast(pl.String).fill_null("").to_numpy().astype(np.str_)[used.comparison]
        for name in ("model_a", "model_b")
    )
    side_a, side_b = (table[name].to_numpy()[used.comparison] for name in ("response_a", "response_b"))
    values = [scores.values(name) for name in hold]
    difference = np.column_stack([each[side_a] - each[side_b] for each in values])
    return _Matches(first, second, used.preference, difference, used.prompt, used.weight)


def _check_models(matches: _Matches, judge: str) -> None:
    if not len(matches.first):
        raise FitError(
            f"win rates of {judge}",
            "no judged comparison names two different models",
            "name their columns: --map model_a=COLUMN,model_b=COLUMN",
        )


def _check_differences(matches: _Matches, hold: Sequence[str]) -> None:
    for column, name in enumerate(hold):
        if not np.any(matches.difference[:, column]):
            raise FitError("win rates", f"the two answers never differ in {name!r}", "hold another factor")


def _met_by_all(matches: _Matches, model: str) -> bool:
    return bool(((matches.first == model) | (matches.second == model)).all())


def _baseline(matches: _Matches, wanted: str | None) -> str | None:
    if wanted is not None:
        return check_known("model", [wanted], matches.models)[0]
    in_all = [model for model in {str(matches.first[0]), str(matches.second[0])} if _met_by_all(matches, model)]
    if len(in_all) == 2:
        raise SettingError(
            "--baseline", expected=f"one of {sorted(in_all)}", got=None, hint="say which is the baseline"
        )
    return in_all[0] if in_all else None


def _win_rates(
    everything: _Matches, measured: _Matches, baseline: str | None, interval: float
) -> tuple[tuple[ModelStanding, ...], HeldSlopes, float, int]:
    raw = everything.turned(everything.first == baseline)
    matches = measured.turned(measured.first == baseline)
    names, ahead = np.unique(matches.first, return_inverse=True)
    rates = fit_win_rates(
        Matches(
            ahead,
            np.full(len(ahead), BASELINE),
            matches.preference,
            matches.difference,
            matches.prompt,
            matches.weight,
        ),
        interval=interval,
    )
    controlled = {str(name): estimate for name, estimate in zip(names, _estimates(rates), strict=True)}
    half = Estimate(0.5, 0.5, 0.5)
    standings = [ModelStanding(baseline or "", len(raw.first), half, half, reason=_BY_DEFINITION)]
    for model in sorted(set(raw.first.tolist())):
        own = raw.only(raw.first == model)
        rate = cluster_share(own.preference, clusters=own.prompt, weights=own.weight, interval=interval)
        equal = controlled.get(model, _NOTHING)
        standings.append(ModelStanding(model, len(own.first), rate, equal, reason=_reason(rate, equal)))
    standings.sort(key=lambda each: (-_or_raw(each), each.model))
    return tuple(standings), rates.slopes, rates.prompt_sd, rates.prompts


def _ratings(
    everything: _Matches, measured: _Matches, baseline: str | None, interval: float
) -> tuple[tuple[ModelStanding, ...], HeldSlopes, float, int]:
    models, known = everything.models, measured.models
    anchor = None if baseline is None or baseline not in known else known.index(baseline)
    if baseline is not None and anchor is None:
        raise FitError("ratings", f"no comparison of {baseline!r} has all held factors", "hold other factors")
    plain_anchor = None if baseline is None else models.index(baseline)
    plain = fit_ratings(_numbered(everything, models, held=False), anchor=plain_anchor, interval=interval)
    equal = fit_ratings(_numbered(measured, known, held=True), anchor=anchor, interval=interval)
    controlled = dict(zip(known, _estimates(equal, ANCHOR), strict=True))
    standings = []
    for model, rating in zip(models, _estimates(plain, ANCHOR), strict=True):
        own = everything.turned(everything.second == model)
        own = own.only(own.first == model)
        rate = cluster_share(own.preference, clusters=own.prompt, weights=own.weight, interval=interval)
        found = controlled.get(model, _NOTHING)
        standings.append(ModelStanding(model, len(own.first), rate, _NOTHING, rating, found, _reason(rate, found)))
    standings.sort(key=lambda each: (-_or_raw(each), each.model))
    return tuple(standings), equal.slopes, 0.0, equal.prompts


def _numbered(matches: _Matches, models: Sequence[str], *, held: bool) -> Matches:
    matches = matches.turned(matches.first > matches.second)
    ahead, behind = (np.searchsorted(np.array(models), names) for names in (matches.first, matches.second))
    difference = matches.difference if held else matches.difference[:, :0]
    return Matches(ahead, behind, matches.preference, difference, matches.prompt, matches.weight)


def _estimates(fitted: HeldSlopes | Ratings | WinRates, shift: float = 0.0) -> list[Estimate]:
    ends = zip(fitted.value, fitted.low, fitted.high, strict=True)
    return [Estimate(*(float(end) + shift for end in each)) for each in ends]


def _reason(rate: Estimate, controlled: Estimate) -> str:
    if not np.isnan(controlled.value):
        return "" if np.isfinite(controlled.low) else "no interval from one prompt"
    if rate.value in (0.0, 1.0):
        return f"{'won' if rate.value else 'lost'} every comparison: no finite log-odds"
    return "the held factors apply to none of its comparisons, or it won or lost all of those"


def _or_raw(standing: ModelStanding) -> float:
    """Return what a model is placed by."""
    for estimate in (standing.controlled_win_rate, standing.controlled_rating, standing.rating):
        if not np.isnan(estimate.value):
            return estimate.value
    return standing.win_rate.value


def _held(scores: Scores, hold: Sequence[str], slopes: HeldSlopes) -> tuple[HeldFactor, ...]:
    labels = {factor.name: factor.label for factor in scores.factors}
    found = zip(hold, _estimates(slopes), slopes.spread, strict=True)
    return tuple(HeldFactor(name, labels[name], slope, float(spread)) for name, slope, spread in found)
