"""PF103: factors that go together so closely that their joint weights cannot be told apart."""

from math import isinf, isnan

from prefactor.analysis.joint_results import Dependence
from prefactor.analysis.results import Profile, Settings
from prefactor.checks.base import Check, Finding

__all__ = ["CHECK"]

CLOSE = 0.9
"""Correlation of sign features from which a pair is named even where the comparisons tell it apart."""

ILL_CONDITIONED = 30.0
"""Condition number from which some weights are badly determined (Belsley, Kuh and Welsch 1980)."""

_MOST = 3


class _CollinearFactors:
    code = "PF103"
    name = "collinear factors"
    advice = (
        "read factors that cannot be told apart as one: what they do together is well determined, how it is split is "
        "not; leave out all but one of them, or add comparisons in which they come apart"
    )

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        dependence = profile.dependence
        inflation = {factor: value for factor, value in dependence.inflation if not isnan(value)}
        if not inflation:
            return Finding("not applicable", "no factor differs in any comparison that is used")
        largest = max(inflation, key=lambda factor: inflation[factor])
        said = f"largest variance inflation {inflation[largest]:.1f} ({largest})"
        entangled = _entangled(dependence)
        if entangled:
            return Finding("warn", f"{'; '.join(entangled)}; {said}")
        close = [pair for pair in profile.collinear if abs(pair.correlation) >= CLOSE]
        if close:
            named = ", ".join(f"{pair.first} and {pair.second} ({pair.correlation:.2f})" for pair in close[:_MOST])
            return Finding("pass", f"{named} go together, but these comparisons tell them apart; {said}")
        return Finding("pass", f"every factor can be told from the others; {said}")


def _entangled(dependence: Dependence) -> list[str]:
    groups = [" and ".join(group.factors) for group in dependence.indistinguishable]
    found = [f"{group} cannot be told apart" for group in groups[:_MOST]]
    if len(groups) > _MOST:
        found.append(f"{len(groups) - _MOST} more groups cannot")
    copies = [factor for factor, value in dependence.inflation if isinf(value)]
    if copies:
        found.append(f"copies of other factors: {', '.join(copies)}")
    elif dependence.condition_number >= ILL_CONDITIONED:
        found.append(f"condition number {dependence.condition_number:.0f}, at {ILL_CONDITIONED:.0f} or more")
    return found


CHECK: Check = _CollinearFactors()
