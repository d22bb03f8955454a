"""Judges as a whole: where their verdicts went, how well they are predicted, how far they agree."""

import math
from collections.abc import Sequence
from typing import Final

from prefactor.analysis.results import NOT_ESTIMATED, Agreement, EffectVerdict, Profile
from prefactor.report.ceiling_tables import say_ceiling, say_way
from prefactor.report.forest import number_mark, percent_mark, shade, strength, tone_of, tone_of_verdict
from prefactor.report.naming import Names, name_line
from prefactor.report.scales import Axis, axis_between
from prefactor.report.views import AgreementCell, AgreementRow, JudgeRow, PredictionGroup, PredictionRow, Predictions
from prefactor.report.wording import NOTHING, decimal, percent, percent_interval, share
from prefactor.stats.estimate import Estimate

__all__ = ["summarise_agreements", "summarise_judges", "summarise_predictions"]

_CLEAR: Final[tuple[EffectVerdict, ...]] = ("prefers more", "prefers less")


def summarise_judges(profiles: Sequence[Profile], names: Names) -> tuple[JudgeRow, ...]:
    """Return one row per judge: its verdicts by what became of them, its accuracy, its strongest factor."""
    axis = _accuracy_axis(profiles)
    return tuple(_judge(profile, names, axis) for profile in profiles)


def summarise_predictions(profiles: Sequence[Profile]) -> Predictions | None:
    """Return every way of predicting every judge, on shared axes; None when no judge could be cross-validated."""
    scored = [profile for profile in profiles if profile.prediction.folds]
    if not scored:
        return None
    accuracy, log_loss = _accuracy_axis(scored), _log_loss_axis(scored)
    groups = tuple(
        PredictionGroup(
            name_line(profile.judge),
            f"{_prediction_summary(profile)} {say_ceiling(profile.ceiling)}",
            _rows(profile, accuracy, log_loss),
            accuracy.place(profile.ceiling.accuracy.value),
        )
        for profile in scored
    )
    return Predictions(accuracy, log_loss, groups)


def summarise_agreements(agreements: Sequence[Agreement]) -> tuple[AgreementRow, ...]:
    """Return the agreement of every judge with every other as a square; empty when no two judges share comparisons."""
    judges = list(dict.fromkeys(judge for one in agreements for judge in (one.first, one.second)))
    found = {(one.first, one.second): one for one in agreements} | {(one.second, one.first): one for one in agreements}
    return tuple(
        AgreementRow(name_line(row), tuple(_agreement(found.get((row, column))) for column in judges)) for row in judges
    )


def _judge(profile: Profile, names: Names, axis: Axis) -> JudgeRow:
    account, prediction = profile.account, profile.prediction
    clear = [effect for effect in profile.effects if effect.verdict in _CLEAR]
    strongest = max(clear, key=strength, default=None)
    return JudgeRow(
        judge=name_line(profile.judge),
        kind=profile.kind,
        read=f"{account.read:,}",
        used=f"{account.used:,}",
        tied=share(account.tied, account.used),
        unreadable=share(account.unreadable, account.read),
        missing=share(account.missing, account.read),
        flipped=share(profile.inconsistent, profile.both_orders) if profile.both_orders else NOTHING,
        a_preferred=percent_mark(profile.a_preferred, axis, tone=tone_of(profile.a_preferred, 0.5)),
        accuracy=percent_mark(prediction.accuracy, axis, tone=tone_of(prediction.accuracy, 0.5)),
        majority=percent(prediction.majority.value),
        length=percent(prediction.length.value),
        strongest=f"{names.label(strongest.factor)} {decimal(strongest.tau14.value)}" if strongest else "none is clear",
        strongest_tone=tone_of_verdict(strongest.verdict) if strongest else "unclear",
        way=say_way(profile.ceiling),
    )


def _prediction_summary(profile: Profile) -> str:
    """Say how well the profile predicts, and whether that is more than length alone can do."""
    own, length = profile.prediction.accuracy, profile.prediction.length
    if math.isnan(own.value):
        return "There were too few strict preferences to score predictions."
    first = (
        f"The profile names the preferred answer in {percent(own.value)} {percent_interval(own)} of unseen comparisons"
    )
    if math.isnan(length.value):
        return f"{first}."
    against = f"the longer answer is the preferred one in {percent(length.value)} {percent_interval(length)}"
    if own.low > length.high:
        return f"{first}; {against}: the factors tell clearly more than length alone."
    if own.high < length.low:
        return f"{first}; {against}: length alone does better, so read the profile with care."
    return f"{first}; {against}: the intervals overlap, so the factors may tell little more than length."


def _rows(profile: Profile, accuracy: Axis, log_loss: Axis) -> tuple[PredictionRow, ...]:
    own = profile.prediction
    best = (("ceiling", profile.ceiling.accuracy, NOT_ESTIMATED),) if profile.ceiling.known else ()
    ways = (
        ("this profile", own.accuracy, own.log_loss),
        *best,
        ("longer answer", own.length, own.length_log_loss),
        ("majority side", own.majority, own.majority_log_loss),
        ("coin", Estimate(0.5), Estimate(math.log(2))),
    )
    return tuple(
        PredictionRow(
            name,
            percent_mark(right, accuracy, tone="more" if index == 0 else "none", digits=1),
            number_mark(loss, log_loss, tone="more" if index == 0 else "none", digits=3),
            own=index == 0,
        )
        for index, (name, right, loss) in enumerate(ways)
    )


def _accuracy_axis(profiles: Sequence[Profile]) -> Axis:
    found = [one for each in profiles for one in (each.prediction.accuracy, each.prediction.majority)]
    found += [one for each in profiles for one in (each.prediction.length, each.ceiling.accuracy)]
    return axis_between(_ends(found), low=0.0, high=1.0, centre=0.5)


def _log_loss_axis(profiles: Sequence[Profile]) -> Axis:
    found = [one for each in profiles for one in (each.prediction.log_loss, each.prediction.majority_log_loss)]
    found += [each.prediction.length_log_loss for each in profiles]
    return axis_between(_ends(found), low=0.0, high=2.0, centre=math.log(2))


def _ends(estimates: Sequence[Estimate]) -> list[float]:
    return [end for estimate in estimates for end in (estimate.value, estimate.low, estimate.high)]


def _agreement(agreement: Agreement | None) -> AgreementCell:
    if agreement is None:
        return AgreementCell("z", "", "", "")
    rate = agreement.agreement
    # Twice the distance from chance: perfect agreement is then as deep as tau14 = 1.
    return AgreementCell(
        shade(rate, centre=0.5, scale=2.0), percent(rate.value), percent_interval(rate), f"{agreement.strict:,}"
    )
