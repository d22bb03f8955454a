"""The findings in sentences: what moves each judge, what is left with the rest held equal, what goes together."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from prefactor.analysis.manipulability import manipulability_sentence
from prefactor.analysis.results import Effect, Profile
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.report.forest import strength, tone_of_verdict
from prefactor.report.naming import Names, name_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.views import Headline, JudgeFindings, OverlapRow
from prefactor.report.wording import counted, decimal, listed, percent, percent_interval

__all__ = ["MOST_HEADLINES", "summarise_absorbed", "summarise_findings", "summarise_overlaps"]

MOST_HEADLINES: Final = 5
"""Headlines of one judge in each direction."""

_MOST_TOGETHER: Final = 3
_SENTENCE: Final = 400


def summarise_findings(profiles: Sequence[Profile], names: Names) -> tuple[JudgeFindings, ...]:
    """Return the strongest findings of each judge, at most five each way, or the line that there are none."""
    return tuple(_findings(profile, names) for profile in profiles)


def summarise_overlaps(profiles: Sequence[Profile], names: Names) -> tuple[OverlapRow, ...]:
    """Return pairs of factors that mostly go together, over all judges, the closest first."""
    found: dict[tuple[str, str], list[float]] = {}
    for profile in profiles:
        for pair in profile.collinear:
            found.setdefault(_ordered(pair.first, pair.second), []).append(pair.correlation)
    rows = [_overlap(pair, correlations, profiles, names) for pair, correlations in found.items()]
    return tuple(sorted(rows, key=lambda row: -row.strength))


def summarise_absorbed(profiles: Sequence[Profile], names: Names) -> tuple[str, ...]:
    """Return a sentence for every effect of which another factor takes away at least half."""
    return tuple(
        _absorbed(profile, effect, names, several=len(profiles) > 1)
        for profile in profiles
        for effect in sorted(profile.effects, key=strength, reverse=True)
        if effect.absorbed_by
    )


def _findings(profile: Profile, names: Names) -> JudgeFindings:
    # What is mostly another factor comes after what stands for itself.
    ordered = sorted(profile.effects, key=lambda effect: (effect.absorbed_by is None, strength(effect)), reverse=True)
    more = [effect for effect in ordered if effect.verdict == "prefers more"][:MOST_HEADLINES]
    less = [effect for effect in ordered if effect.verdict == "prefers less"][:MOST_HEADLINES]
    headlines = tuple(
        Headline(tone_of_verdict(one.verdict), make_readable_line(one.sentence, _SENTENCE), _equal(one, names))
        for one in (*more, *less)
    )
    nothing = "" if headlines else _nothing(profile)
    dressed = make_readable_line(manipulability_sentence(profile.manipulability), _SENTENCE)
    return JudgeFindings(
        name_line(profile.judge),
        headlines,
        nothing,
        _together(profile.effects, names),
        f"{dressed[0].upper()}{dressed[1:]}." if dressed else "",
    )


def _equal(effect: Effect, names: Names) -> str:
    """Say what is left of an effect when the other factors are held equal."""
    joint, single = effect.probability, effect.single_probability
    if not math.isfinite(joint.value):
        return ""
    alone = f"; on its own {percent(single.value)}" if math.isfinite(single.value) else ""
    rate = f"{percent(joint.value)} {percent_interval(joint)}{alone}"
    if not joint.excludes(0.5):
        because = f" ({names.label(effect.absorbed_by)} explains most of it)" if effect.absorbed_by else ""
        return f"All else equal, nothing clear is left: {rate}{because}."
    return f"All else equal, the {names.more(effect.factor)} is preferred {rate}."


def _together(effects: Sequence[Effect], names: Names) -> str:
    """Name what weighs most when all factors are held equal."""
    clear = [effect for effect in effects if effect.probability.excludes(0.5)]
    clear.sort(key=lambda effect: -abs(effect.probability.value - 0.5))
    if not any(math.isfinite(effect.probability.value) for effect in effects):
        return ""
    if not clear:
        return "With all factors held equal, none has a clear effect of its own."
    words = [f"the {names.more(one.factor)} ({percent(one.probability.value)})" for one in clear[:_MOST_TOGETHER]]
    return (
        f"With all factors held equal, what weighs most is {listed(words)}; below 50\u00a0% means it is preferred less."
    )


def _nothing(profile: Profile) -> str:
    """Say plainly why no factor can be named."""
    strict = profile.account.strict
    if not profile.account.used:
        return "None of this judge's verdicts could be used, so nothing can be said."
    if strict < MINIMUM_COMPARISONS:
        comparisons = counted(strict, "strict preference")
        return f"Too few to tell: {comparisons}, and no factor is named below {MINIMUM_COMPARISONS}."
    verdicts = Counter(effect.verdict for effect in profile.effects)
    parts = [f"{counted(number, 'factor')}: {verdict}" for verdict, number in verdicts.most_common()]
    return f"No factor can be said to move this judge ({'; '.join(parts) or 'no factor was measured'})."


def _overlap(
    pair: tuple[str, str], correlations: Sequence[float], profiles: Sequence[Profile], names: Names
) -> OverlapRow:
    low, high = min(correlations), max(correlations)
    text = decimal(low) if decimal(low) == decimal(high) else f"{decimal(low)} to {decimal(high)}"
    meanings = tuple(
        _absorbed(profile, effect, names, several=len(profiles) > 1)
        for profile in profiles
        for effect in profile.effects
        if effect.absorbed_by and _ordered(effect.factor, effect.absorbed_by) == pair
    )
    apart = [
        f"cannot be told apart{f' for {name_line(profile.judge)}' if len(profiles) > 1 else ''}"
        for profile in profiles
        if any(set(pair) <= set(group.factors) for group in profile.dependence.indistinguishable)
    ]
    strongest = max(abs(low), abs(high))
    return OverlapRow(names.label(pair[0]), names.label(pair[1]), text, strongest, (*apart, *meanings))


def _absorbed(profile: Profile, effect: Effect, names: Names, *, several: bool) -> str:
    judge = f" for {name_line(profile.judge)}" if several else ""
    alone, joint = percent(effect.single_probability.value), percent(effect.probability.value)
    reason = names.label(effect.absorbed_by or "")
    return f"{names.label(effect.factor)}{judge}: mostly {reason} ({alone} alone, {joint} together)"


def _ordered(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first <= second else (second, first)
