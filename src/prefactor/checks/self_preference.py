"""PF108: a judge that is one of the models compared prefers its own answers more than it should."""

from math import isnan

from prefactor.analysis.results import Profile, Settings
from prefactor.analysis.sentences import percent, points
from prefactor.checks.base import Check, Finding

__all__ = ["CHECK"]

HARMLESS = 0.05
"""Excess of P(own answer preferred) up to which it does not matter."""

_NAMED = 3


class _SelfPreference:
    code = "PF108"
    name = "self-preference"
    advice = (
        "leave out comparisons with the judge's own answers, or have them judged by people or by models that are not "
        "compared"
    )

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        found = profile.self_preference
        if profile.kind in ("human", "label", "reward model"):
            return Finding("not applicable", f"a {profile.kind} writes no answers")
        if not found.models:
            return Finding("not applicable", "no model has this judge's name; if it is one: --judge-is JUDGE=MODEL")
        if not found.comparisons:
            return Finding("not applicable", f"no answer of {', '.join(found.models)} is compared with another model's")
        won = f"its own answers are preferred in {percent(found.won)} of {found.comparisons:,} comparisons"
        if found.basis == "none" or isnan(found.excess.low):
            why = "that is no proof, since they may be better, and nobody else judged enough of these comparisons"
            return Finding("not measured", f"{won}: {why}")
        if found.basis == "other judges":
            named = ", ".join(found.others[:_NAMED]) + (", ..." if len(found.others) > _NAMED else "")
            against = f"{points(found.excess, signed=True)} against other judges on the same {found.shared:,} ({named})"
        else:
            quality = "no other judge tells it from quality that no factor measures"
            against = (
                f"{points(found.excess, signed=True)} against even with all measured factors held equal ({quality})"
            )
        return _judged(profile, f"{won}; {against}")


def _judged(profile: Profile, said: str) -> Finding:
    excess = profile.self_preference.excess
    if excess.low > 0 and excess.value > HARMLESS:
        return Finding("warn", said)
    if excess.high <= HARMLESS:
        return Finding("pass", f"{said}: shown to be no more than {100 * HARMLESS:.0f} points")
    if excess.low > 0:
        return Finding("underpowered", f"{said}: a preference, but whether it matters is not shown")
    return Finding("underpowered", f"{said}: neither self-preference nor its absence is shown")


CHECK: Check = _SelfPreference()
