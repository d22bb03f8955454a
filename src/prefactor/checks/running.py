"""The registry of checks, and running them all over an explanation."""

from typing import Final

from prefactor.analysis.results import CheckOutcome, Explanation
from prefactor.checks.base import Check
from prefactor.registry import Registry

__all__ = ["CHECKS", "run_checks"]

CHECKS: Final[Registry[Check]] = Registry(
    "check",
    {
        "PF101": "prefactor.checks.few_comparisons:CHECK",
        "PF102": "prefactor.checks.one_sided_labels:CHECK",
        "PF103": "prefactor.checks.collinear_factors:CHECK",
        "PF104": "prefactor.checks.separation:CHECK",
        "PF105": "prefactor.checks.non_convergence:CHECK",
        "PF106": "prefactor.checks.position_bias:CHECK",
        "PF107": "prefactor.checks.unreadable_verdicts:CHECK",
        "PF108": "prefactor.checks.self_preference:CHECK",
        "PF109": "prefactor.checks.duplicates:CHECK",
        "PF110": "prefactor.checks.poor_calibration:CHECK",
        "PF111": "prefactor.checks.annotators:CHECK",
        "PF112": "prefactor.checks.addressed_judge:CHECK",
        "PF113": "prefactor.checks.unmeasured_factors:CHECK",
    },
)


def run_checks(explanation: Explanation) -> tuple[CheckOutcome, ...]:
    """Run every check on every profile.

    Returns
    -------
    tuple of CheckOutcome
        By check, then in the order of the profiles.
    """
    outcomes = []
    for code in CHECKS:
        check = CHECKS[code]
        for profile in explanation.profiles:
            finding = check.look(profile, explanation.settings)
            outcomes.append(
                CheckOutcome(
                    code=check.code,
                    name=check.name,
                    outcome=finding.outcome,
                    judge=profile.judge,
                    slice=profile.slice,
                    message=finding.message,
                    advice=check.advice if finding.outcome in ("warn", "fail", "underpowered") else "",
                )
            )
    return tuple(outcomes)
