"""The validity checks as a gate: which of their outcomes stop, and how many factors each profile can speak of."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from prefactor._validate import check_known
from prefactor.analysis.results import CheckOutcome, Explanation
from prefactor.checks.running import CHECKS
from prefactor.errors import SettingError

__all__ = ["ANY_CHECK", "FactorTally", "Gate", "GateResult", "pass_gate"]

ANY_CHECK: Final = "any"
"""Stands for all checks where codes are named."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What stops.

    Parameters
    ----------
    fail_on
        Codes of the checks that must not warn or fail; ``"any"`` stands for all.
    fail_on_underpowered
        Whether they must not be underpowered or not measured either.
    require_shown
        Codes of the checks that must show that there is no fault, or none that matters; ``"any"`` stands for all.
    """

    fail_on: tuple[str, ...] = ()
    fail_on_underpowered: bool = False
    require_shown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.fail_on_underpowered and not self.fail_on:
            expected = "checks to apply it to"
            raise SettingError("--fail-on-underpowered", expected=expected, got="none", hint="--fail-on any")
        named = (*self.fail_on, *self.require_shown)
        check_known("check", [name for name in named if name != ANY_CHECK], CHECKS)

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of all checks that were named, in the order of the registry."""
        return _codes((*self.fail_on, *self.require_shown))

    def stopped_by(self, check: CheckOutcome) -> bool:
        """Whether an outcome stops."""
        if check.shown not in ("fault", "neither"):
            return False
        if check.code in _codes(self.require_shown):
            return True
        return check.code in _codes(self.fail_on) and (check.shown == "fault" or self.fail_on_underpowered)


@dataclass(frozen=True, slots=True)
class FactorTally:
    """How many factors of a profile have each verdict.

    Parameters
    ----------
    judge, slice
        Of which profile.
    named
        Factors that move the judge.
    harmless
        Factors shown to make no difference that matters.
    unknown
        All others: neither an effect nor its absence is shown.
    """

    judge: str
    slice: str
    named: int
    harmless: int
    unknown: int


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the checks found, and whether the gate lets it pass.

    Parameters
    ----------
    checks
        Every outcome.
    factors
        One tally per profile.
    gate
        What stops.
    failed_by
        The outcomes that do.
    """

    checks: tuple[CheckOutcome, ...]
    factors: tuple[FactorTally, ...]
    gate: Gate
    failed_by: tuple[CheckOutcome, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing stops; True where no check was named."""
        return not self.failed_by


def pass_gate(explanation: Explanation, gate: Gate | None = None) -> GateResult:
    """Hold the outcomes of the checks against a gate.

    Parameters
    ----------
    explanation
        With its checks run.
    gate
        What stops; nothing by default.
    """
    gate = gate or Gate()
    against = tuple(check for check in explanation.checks if gate.stopped_by(check))
    tallies = []
    for profile in explanation.profiles:
        verdicts = Counter(effect.verdict for effect in profile.effects)
        tallies.append(
            FactorTally(
                judge=profile.judge,
                slice=profile.slice,
                named=verdicts["prefers more"] + verdicts["prefers less"],
                harmless=verdicts["makes no difference that matters"],
                unknown=verdicts["too few comparisons to tell"] + verdicts["not identified"],
            )
        )
    return GateResult(explanation.checks, tuple(tallies), gate, against)


def _codes(named: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in CHECKS if code in named or ANY_CHECK in named)
