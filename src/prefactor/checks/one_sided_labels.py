"""PF102: one side is preferred nearly always, so side and factor are hard to tell apart."""

from math import isnan

from prefactor.analysis.results import Profile, Settings
from prefactor.analysis.sentences import percent
from prefactor.checks.base import Check, Finding
from prefactor.stats.estimate import Estimate

__all__ = ["CHECK"]

ONE_SIDED = 0.8


class _OneSidedLabels:
    code = "PF102"
    name = "one-sided labels"
    advice = (
        "whatever sets one side apart from the other looks preferred: slice by model, or compare more varied pairs, "
        "and weigh the profile's accuracy against the majority baseline"
    )

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        share = profile.a_preferred
        if isnan(share.value):
            return Finding("not applicable", "there is no strict preference")
        turned = Estimate(1 - share.value, 1 - share.high, 1 - share.low)
        side, larger = ("A", share.value) if share.value >= 0.5 else ("B", 1 - share.value)
        found = f"{side} is preferred in {percent(share if side == 'A' else turned)} of strict preferences"
        if larger == 1.0:
            return Finding("warn", f"{found}: the log is written preferred-first, or one side always wins")
        if larger > ONE_SIDED:
            return Finding("warn", found)
        if max(share.high, 1 - share.low) <= ONE_SIDED:
            return Finding("pass", f"{found}: shown to be at most {100 * ONE_SIDED:.0f} %")
        return Finding("underpowered", f"{found}: neither more nor less than {100 * ONE_SIDED:.0f} % is shown")


CHECK: Check = _OneSidedLabels()
