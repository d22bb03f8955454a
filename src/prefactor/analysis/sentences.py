"""Findings in words. Knows the numbers of a finding and nothing of how they were got."""

from math import isfinite

from prefactor.analysis.results import Effect, EffectVerdict
from prefactor.config import SMALLEST_EFFECT
from prefactor.factors.base import Factor
from prefactor.stats.estimate import Estimate

__all__ = ["effect_sentence", "percent", "points"]

_OPENINGS: dict[EffectVerdict, str] = {
    "prefers more": "{judge} prefers the {more}: tau14 {tau14}",
    "prefers less": "{judge} disfavours the {more}: tau14 {tau14}",
    "makes no difference that matters": "{label}: makes no difference that matters to {judge}: tau14 {tau14}",
    "too few comparisons to tell": "{label}: too few comparisons to tell ({strict:,} differ in it): tau14 {tau14}",
    "not identified": "{label}: never differs between the two responses, so nothing can be said",
}


def percent(share: Estimate) -> str:
    """Write a share as percentages.

    Examples
    --------
    >>> percent(Estimate(0.512, 0.494, 0.53)), percent(Estimate(0.9))
    ('51 % [49, 53]', '90 %')
    """
    found = f"{100 * share.value:.0f} %"
    return f"{found} [{100 * share.low:.0f}, {100 * share.high:.0f}]" if isfinite(share.low) else found


def points(difference: Estimate, *, signed: bool = False) -> str:
    """Write a difference of two shares as percentage points.

    Examples
    --------
    >>> points(Estimate(0.121, 0.084, 0.153)), points(Estimate(0.03, -0.11, 0.05), signed=True)
    ('12 points [8, 15]', '+3 points [-11, +5]')
    """
    sign = "+" if signed else ""
    value, low, high = (f"{round(100 * end):{sign}d}" for end in (difference.value, difference.low, difference.high))
    return f"{value} points [{low}, {high}]"


def effect_sentence(judge: str, effect: Effect, *, factor: Factor, absorbing: Factor | None) -> str:
    """Say in one sentence what a judge makes of a factor, and what is left of it with the other factors held equal.

    Parameters
    ----------
    judge
        Name of the judge.
    effect, factor
        The numbers (``effect.sentence`` is not read), and the factor.
    absorbing
        The factor behind which this one disappears, if any.
    """
    differing = effect.concordant + effect.discordant
    opening = _OPENINGS[effect.verdict].format(
        judge=judge, more=factor.more, label=factor.label, tau14=effect.tau14, strict=differing
    )
    if effect.verdict not in ("prefers more", "prefers less"):
        return opening
    return f"{opening}{_seldom(effect)}{_beside(effect, absorbing)}"


def _seldom(effect: Effect) -> str:
    if abs(effect.tau14.value) >= SMALLEST_EFFECT:
        return ""
    share = effect.account.strict / effect.account.used
    return f"; they differ in it in only {100 * share:.0f} % of comparisons"


def _beside(effect: Effect, absorbing: Factor | None) -> str:
    alone, together = percent(effect.single_probability), percent(effect.probability)
    if absorbing is not None:
        return f"; mostly {absorbing.label}: chosen in {alone} alone, {together} with all else equal"
    if effect.probability.excludes(0.5) and (effect.weight.mean > 0) != (effect.single_weight.mean > 0):
        return f"; turned round by the other factors: chosen in {alone} alone, {together} with all else equal"
    return ""
