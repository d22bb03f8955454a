"""PF113: factors that could not be measured where they apply."""

from prefactor.analysis.results import Profile, Settings
from prefactor.checks.base import Check, Finding

__all__ = ["CHECK"]

TOLERABLE = 0.01
ALARMING = 0.1
_NAMED = 4


class _UnmeasuredFactors:
    code = "PF113"
    name = "factors that could not be measured"
    advice = (
        "measure again, as only what failed is asked anew, or with another model; if it fails more often on some kind "
        "of answer, what is left is biased"
    )

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        if not profile.effects:
            return Finding("not applicable", "no factor was measured")
        if not profile.unmeasured:
            return Finding("pass", "every factor has a score wherever it applies")
        worst = profile.unmeasured[0]
        share = worst.missing / worst.applicable
        named = [f"{one.factor} in {one.missing:,} of {one.applicable:,}" for one in profile.unmeasured[:_NAMED]]
        rest = len(profile.unmeasured) - len(named)
        more = f", and {rest:,} more factors" if rest else ""
        found = f"no score in answers they apply to: {', '.join(named)}{more}"
        if share >= ALARMING:
            return Finding("fail", found)
        return Finding("warn" if share >= TOLERABLE else "pass", found)


CHECK: Check = _UnmeasuredFactors()
