"""Every factor of every judge: influence with its interval, and P(preferred) alone beside together."""

from collections.abc import Iterable, Sequence
from typing import Final

from prefactor.analysis.results import Effect, Profile
from prefactor.analysis.sentences import joint_sentences
from prefactor.data.account import Account
from prefactor.report.forest import band, number_mark, percent_mark, strength, tone_of, tone_of_verdict
from prefactor.report.naming import Names, name_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.scales import Axis, axis_around
from prefactor.report.views import FactorGroup, FactorRow, FactorTable, Mark, SideBySide, SideBySideRow
from prefactor.report.wording import decimal
from prefactor.stats.estimate import Estimate

__all__ = ["MOST_SIDE_BY_SIDE", "summarise_factors", "summarise_side_by_side"]

MOST_SIDE_BY_SIDE: Final = 8
"""Judges shown beside each other: more columns than this cannot be read at one glance."""


def summarise_factors(profiles: Sequence[Profile], names: Names, *, smallest: float) -> tuple[FactorTable, ...]:
    """Return one table of factors per judge, all on the same two axes.

    Parameters
    ----------
    profiles
        Profiles on all comparisons, one per judge.
    names
        Names of the factors.
    smallest
        |tau14| that matters: the band drawn around zero.
    """
    influence = _influence_axis(profiles, smallest)
    probability = _probability_axis(profiles)
    return tuple(
        FactorTable(
            name_line(profile.judge),
            influence,
            probability,
            band(influence, smallest),
            _grouped(profile.effects, names, influence, probability),
            tuple(make_readable_line(f"{note[0].upper()}{note[1:]}.", limit=600) for note in _notes(profile, names)),
        )
        for profile in profiles
    )


def summarise_side_by_side(profiles: Sequence[Profile], names: Names, *, smallest: float) -> SideBySide | None:
    """Return the influence of every factor on up to eight judges; None when there is only one judge."""
    if len(profiles) < 2:
        return None
    shown = profiles[:MOST_SIDE_BY_SIDE]
    axis = _influence_axis(shown, smallest)
    groups = _side_groups(shown, names, axis)
    left_out = len(profiles) - len(shown)
    return SideBySide(tuple(name_line(one.judge) for one in shown), axis, band(axis, smallest), groups, left_out)


def _side_groups(
    profiles: Sequence[Profile], names: Names, axis: Axis
) -> tuple[tuple[str, tuple[SideBySideRow, ...]], ...]:
    effects = [{effect.factor: effect for effect in profile.effects} for profile in profiles]
    factors = list(dict.fromkeys(factor for one in effects for factor in one))
    factors.sort(key=lambda factor: -max(strength(one[factor]) for one in effects if factor in one))
    rows: dict[str, list[SideBySideRow]] = {}
    for factor in factors:
        words = names.words(factor)
        marks = tuple(_influence(one.get(factor), axis) for one in effects)
        rows.setdefault(words.group, []).append(SideBySideRow(words, marks))
    return tuple((group, tuple(members)) for group, members in rows.items())


def _notes(profile: Profile, names: Names) -> tuple[str, ...]:
    return joint_sentences(profile.joint, {effect.factor: names.label(effect.factor) for effect in profile.effects})


def _applies(account: Account) -> str:
    """Where a factor has a difference, if not everywhere."""
    parts = []
    if account.inapplicable:
        parts.append(f"applies to {account.read - account.inapplicable:,} of {account.read:,}")
    if account.missing:
        parts.append(f"not measured in {account.missing:,}")
    return ", ".join(parts)


def _influence(effect: Effect | None, axis: Axis) -> Mark:
    if effect is None:
        return number_mark(Estimate(float("nan")), axis, tone="unclear")
    return number_mark(effect.tau14, axis, tone=tone_of_verdict(effect.verdict))


def _grouped(effects: Iterable[Effect], names: Names, influence: Axis, probability: Axis) -> tuple[FactorGroup, ...]:
    groups: dict[str, list[FactorRow]] = {}
    for effect in sorted(effects, key=strength, reverse=True):
        row = _row(effect, names, influence, probability)
        groups.setdefault(row.factor.group, []).append(row)
    return tuple(FactorGroup(name, tuple(rows)) for name, rows in groups.items())


def _row(effect: Effect, names: Names, influence: Axis, probability: Axis) -> FactorRow:
    return FactorRow(
        factor=names.words(effect.factor),
        influence=number_mark(effect.tau14, influence, tone=tone_of_verdict(effect.verdict)),
        alone=percent_mark(effect.single_probability, probability, tone=tone_of(effect.single_probability, 0.5)),
        together=percent_mark(effect.probability, probability, tone=tone_of(effect.probability, 0.5)),
        verdict=effect.verdict,
        absorbed=names.label(effect.absorbed_by) if effect.absorbed_by else "",
        strict=f"{effect.account.strict:,}",
        split=f"{effect.concordant:,} : {effect.discordant:,}",
        q_value="below 0.001" if effect.q_value < 0.0005 else decimal(effect.q_value, 3),
        applies=_applies(effect.account),
    )


def _influence_axis(profiles: Iterable[Profile], smallest: float) -> Axis:
    estimates = [effect.tau14 for profile in profiles for effect in profile.effects]
    return axis_around(_ends(estimates), centre=0.0, widest=1.0, narrowest=2 * smallest)


def _probability_axis(profiles: Iterable[Profile]) -> Axis:
    effects = [effect for profile in profiles for effect in profile.effects]
    estimates = [one for effect in effects for one in (effect.probability, effect.single_probability)]
    return axis_around(_ends(estimates), centre=0.5, widest=0.5, narrowest=0.1)


def _ends(estimates: Iterable[Estimate]) -> list[float]:
    return [end for estimate in estimates for end in (estimate.value, estimate.low, estimate.high)]
