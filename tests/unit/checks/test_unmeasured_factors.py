"""PF113 warns from 1 % of a factor's answers without a score, and fails from 10 %."""

from dataclasses import replace

import pytest

from prefactor.analysis.measurement import MissingAnswers
from prefactor.checks import CHECKS
from unit.checks.test_checks import PROFILE, SETTINGS


@pytest.mark.parametrize(("missing", "outcome"), [(0, "pass"), (9, "pass"), (10, "warn"), (99, "warn"), (100, "fail")])
def test_outcomes(missing: int, outcome: str) -> None:
    unmeasured = (MissingAnswers("clear", 1_000, missing),) if missing else ()
    finding = CHECKS["PF113"].look(replace(PROFILE, unmeasured=unmeasured), SETTINGS)
    assert finding.outcome == outcome
    assert ("clear" in finding.message) == bool(missing)
