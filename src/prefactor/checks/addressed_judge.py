"""PF112: answers that address the judge, and whether it listens to them."""

from math import isnan

from prefactor.analysis.results import Profile, Settings
from prefactor.checks.base import Check, Finding
from prefactor.stats.estimate import Estimate

__all__ = ["CHECK"]


class _AddressedJudge:
    code = "PF112"
    name = "answers that address the judge"
    advice = (
        "read these comparisons, and leave them out where an answer tries to steer; have them judged with --fence on "
        "and off to see how far it succeeds"
    )

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        found = profile.addressed
        if profile.kind == "label":
            return Finding("not applicable", "a label reads no answer")
        if not found.comparisons:
            return Finding("not applicable", "nothing was judged")
        if not found.one and not found.both:
            return Finding("pass", f"no known wording in {found.comparisons:,} comparisons")
        kinds = ", ".join(f"{kind} in {count:,}" for kind, count in found.kinds)
        both = f", {found.both:,} of them in both answers" if found.both else ""
        message = f"{found.one + found.both:,} of {found.comparisons:,} comparisons{both}: {kinds}"
        share, gain = found.preferred, found.gain
        if found.strict:
            message += f"; that answer is preferred in {_share(share)} of {found.strict:,}"
        if found.shared:
            around = "too few prompts for an interval" if isnan(gain.low) else f"[{gain.low:+.2f}, {gain.high:+.2f}]"
            message += (
                f"; without the fence P(it preferred) changes by {gain.value:+.2f} {around}, and the preferred side on "
                f"{found.moved:,} of {found.shared:,}"
            )
        return Finding("fail" if share.low > 0.5 or gain.low > 0 else "warn", message)


def _share(share: Estimate) -> str:
    value = f"{100 * share.value:.0f} %"
    if isnan(share.low):
        return f"{value} (too few prompts for an interval)"
    return f"{value} [{100 * share.low:.0f}, {100 * share.high:.0f}]"


CHECK: Check = _AddressedJudge()
