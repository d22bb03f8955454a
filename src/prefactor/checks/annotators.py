"""PF111: annotators who agree with the others less than those agree among themselves, or always answer the same."""

from math import isnan

from prefactor.analysis.evidence import AnnotatorStanding
from prefactor.analysis.results import Profile, Settings
from prefactor.analysis.sentences import percent, points
from prefactor.checks.base import Check, Finding
from prefactor.config import FALSE_DISCOVERY_RATE, MINIMUM_COMPARISONS
from prefactor.stats.estimate import Estimate

__all__ = ["CHECK"]

HARMLESS = 0.1
"""Agreement below that of the others up to which an annotator does not matter."""

_NAMED = 4
_NAME = 40


class _Annotators:
    code = "PF111"
    name = "untrustworthy annotators"
    advice = (
        "look at what these annotators were shown and said; explain without them, and see whether the profile changes: "
        "annotators are not weighed by trust"
    )

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        found = profile.annotators
        if found.named < 2:
            why = "the log names no annotators" if not found.named else "there is one annotator"
            return Finding("not applicable", why)
        bad = [one for one in found.standings if _is_below(one) or one.habit]
        if bad:
            bad.sort(key=lambda one: (one.q_value if _is_below(one) else 1.0, one.name))
            named = "; ".join(_said(one) for one in bad[:_NAMED])
            more = f"; and {len(bad) - _NAMED:,} more" if len(bad) > _NAMED else ""
            return Finding("warn", f"{len(bad):,} of {found.named:,} annotators: {named}{more}")
        together = f"one agrees with another on {percent(found.agreement)}"
        if isnan(found.agreement.low):
            return Finding("underpowered", "no two annotators have strict verdicts on the same comparisons")
        if found.agreement.low <= 0.5:
            return Finding("underpowered", f"{together}: that annotators agree better than coins is not shown")
        tested = [one for one in found.standings if not isnan(one.below.low)]
        if not tested:
            few = f"none of {found.named:,} can be set against the rest on {MINIMUM_COMPARISONS} verdicts"
            return Finding("underpowered", f"{together}; {few}")
        return _unsuspicious(tested, found.named, together)


def _unsuspicious(tested: list[AnnotatorStanding], named: int, together: str) -> Finding:
    unsure = [one for one in tested if one.below.low < -HARMLESS]
    number = f"{len(tested):,} of {named:,} annotators tested"
    if not unsure:
        most = f"all shown to be at most {100 * HARMLESS:.0f} points below the others"
        return Finding("pass", f"{together}; {number}, {most}")
    doubt = f"none clearly below the others, but {len(unsure):,} may be by more than {100 * HARMLESS:.0f} points"
    return Finding("underpowered", f"{together}; {number}: {doubt}")


def _is_below(one: AnnotatorStanding) -> bool:
    return one.below.value < 0 and one.q_value <= FALSE_DISCOVERY_RATE


def _said(one: AnnotatorStanding) -> str:
    name = " ".join(one.name.split())
    name = name if len(name) <= _NAME else f"{name[:_NAME]}…"
    said = [f"{one.habit} in {one.verdicts:,} verdicts"] if one.habit else []
    if _is_below(one):
        agrees = f"agrees with the others on {percent(one.agreement)}"
        coin = ", no better than a coin" if one.agreement.low <= 0.5 else ""
        below = Estimate(-one.below.value, -one.below.high, -one.below.low)
        said.append(f"{agrees}{coin}, {points(below)} below what they reach among themselves")
    return f"{name} ({', '.join(said)})"


CHECK: Check = _Annotators()
