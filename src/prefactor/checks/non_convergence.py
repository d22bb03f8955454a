"""PF105: the posterior was not reached."""

from math import isnan

from prefactor.analysis.results import Profile, Settings
from prefactor.checks.base import Check, Finding

__all__ = ["CHECK"]


class _NonConvergence:
    code = "PF105"
    name = "non-convergence"
    advice = "do not use the joint weights of this profile; leave out factors that say the same, or add comparisons"

    def look(self, profile: Profile, settings: Settings) -> Finding:  # noqa: ARG002  (the signature of Check)
        fit = profile.fit
        settled = f"settled after {fit.iterations} passes"
        if fit.draws and not fit.converged:
            return Finding("fail", f"neither the joint fit nor {fit.draws:,} weighted draws reached the posterior")
        if not fit.converged:
            return Finding("fail", f"the joint fit had not {settled}")
        if fit.draws:
            return Finding("pass", f"the approximation is not good enough: taken from {fit.draws:,} weighted draws")
        if isnan(fit.effective_share):
            return Finding("pass", settled)
        return Finding("pass", f"{settled}; {100 * fit.effective_share:.0f} % of draws from it are effective")


CHECK: Check = _NonConvergence()
