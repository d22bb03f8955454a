"""Findings in words. Knows the numbers of a finding and nothing of how they were got."""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan

from prefactor.analysis.joint_results import Apportionment, JointRows
from prefactor.analysis.results import Effect, EffectVerdict
from prefactor.config import SMALLEST_EFFECT
from prefactor.factors.base import Factor
from prefactor.stats.estimate import Estimate

__all__ = [
    "CLEAR_SHARE",
    "effect_sentence",
    "joint_sentences",
    "percent",
    "points",
    "share_digits",
    "shares_sentence",
    "together_sentence",
]

CLEAR_SHARE = 0.0005
"""Lower end from which a share is clear of 0: what is written as 0.1 %."""

_NAMED = 5

_OPENINGS: dict[EffectVerdict, str] = {
    "prefers more": "{judge} prefers the {more}: tau14 {tau14}",
    "prefers less": "{judge} disfavours the {more}: tau14 {tau14}",
    "makes no difference that matters": "{label}: makes no difference that matters to {judge}: tau14 {tau14}",
    "too few comparisons to tell": "{label}: too few comparisons to tell ({strict:,} differ in it): tau14 {tau14}",
    "not identified": "{label}: never differs between the two responses, so nothing can be said",
}


def percent(share: Estimate, digits: int = 0) -> str:
    """Write a share as percentages.

    Examples
    --------
    >>> percent(Estimate(0.512, 0.494, 0.53)), percent(Estimate(0.9))
    ('51 % [49, 53]', '90 %')
    """
    value, low, high = (f"{100 * end:.{digits}f}" for end in (share.value, share.low, share.high))
    return f"{value} % [{low}, {high}]" if isfinite(share.low) else f"{value} %"


def share_digits(share: Estimate) -> int:
    """Return how many decimals a share needs, so that one that is clear of 0 does not look as if it were not.

    Examples
    --------
    >>> share_digits(Estimate(0.3, 0.2, 0.4)), share_digits(Estimate(0.008, 0.004, 0.012))
    (0, 1)
    """
    return 1 if CLEAR_SHARE <= share.low < 0.005 else 0


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
    account = effect.account
    if account.read and account.inapplicable == account.read:
        return f"{factor.label}: applies to none of the comparisons, so nothing can be said"
    if effect.verdict not in ("prefers more", "prefers less"):
        return opening
    return f"{opening}{_seldom(effect)}{_beside(effect, absorbing)}"


def together_sentence(
    judge: str, members: Sequence[Factor], *, against: Sequence[Factor], probability: Estimate, share: Estimate
) -> str:
    """Say in one sentence what factors that cannot be told apart do together.

    Parameters
    ----------
    judge
        Name of the judge.
    members, against
        The factors, and those of them that go against the first.
    probability
        P(preferred) of a response that has more of all of them (less of those against).
    share
        Their share of what is explained; NaN where there is none.
    """
    names = [factor.label for factor in members]
    opening = f"{', '.join(names[:-1])} and {names[-1]} cannot be told apart here"
    if against:
        parts = [f"{'less' if factor in against else 'more'} of {factor.label}" for factor in members]
        having = f"{', '.join(parts[:-1])} and {parts[-1]}"
    else:
        having = "more of both" if len(members) == 2 else f"more of all {len(members)}"
    chosen = percent(probability)
    effect = f": {judge} chooses an answer with {having} in {chosen}"
    if not probability.excludes(0.5):
        effect = f", and nothing clear comes of {having}: {judge} chooses it in {chosen}"
    return f"{opening}{effect}" + (
        "" if isnan(share.value) else f"; together they carry {percent(share)} of what is explained"
    )


def shares_sentence(apportionment: Apportionment) -> str:
    """Say in one sentence how much the factors explain, and how that divides among their groups.

    Factors stand for themselves where they are all of one group. A share whose interval reaches 0 is named without a
    number.

    Parameters
    ----------
    apportionment
        The shares.
    """
    if apportionment.reason:
        return f"what the factors explain cannot be divided among them: {apportionment.reason}"
    named = [(one.group, one.share) for one in apportionment.groups]
    if len(named) < 2:
        named = [(one.factor, one.share) for one in apportionment.factors if not isnan(one.share.value)]
    named.sort(key=lambda one: -one[1].value)
    clear = [f"{name} {percent(share, share_digits(share))}" for name, share in named if share.low >= CLEAR_SHARE]
    unclear = [name for name, share in named if share.low < CLEAR_SHARE]
    parts = [", ".join(clear), f"not clear of 0: {', '.join(unclear)}" if unclear else ""]
    whole = f"the factors explain {percent(apportionment.explained)} of a coin's log loss"
    return f"{whole}: {'; '.join(filter(None, parts))}"


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


def joint_sentences(joint: JointRows, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Say what a joint fit lacks because factors could not be measured; nothing where nothing is missing.

    Parameters
    ----------
    joint
        What it was made from.
    labels
        Words for the factors by name.

    Examples
    --------
    >>> joint_sentences(JointRows(90, 10, (("clear", 10),)), {"clear": "clear"})
    ('fitted together on 90 of 100 comparisons: in 10 a factor could not be measured (clear in 10)',)
    """
    said = []
    without = dict(joint.without)
    if joint.left_out:
        inside = sorted((pair for pair in joint.missing if pair[0] not in without), key=lambda pair: -pair[1])
        named = [f"{labels.get(name, name)} in {count:,}" for name, count in inside[:_NAMED]]
        more = f", and {len(inside) - _NAMED:,} more" if len(inside) > _NAMED else ""
        said.append(
            f"fitted together on {joint.used:,} of {joint.used + joint.left_out:,} comparisons: in {joint.left_out:,} "
            f"a factor could not be measured ({', '.join(named)}{more})"
        )
    said += [f"fitted together without {labels.get(name, name)}: it {reason}" for name, reason in joint.without]
    return tuple(said)
