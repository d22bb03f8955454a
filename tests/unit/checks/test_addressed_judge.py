"""PF112 says pass, warn or fail where it should, and says what it could not tell."""

from math import nan

import pytest

from prefactor.analysis.addressed import NOT_SEARCHED, Addressed
from prefactor.analysis.prediction import UNPREDICTED
from prefactor.analysis.results import Fit, Profile, Settings
from prefactor.checks import CHECKS
from prefactor.data.account import Account
from prefactor.data.records import JudgeKind
from prefactor.stats.estimate import Estimate

SETTINGS = Settings(0.9, "Laplace", 0.1, 2000, 10, 0, 0.1, 0.05, (), (), ("lexical",), 100, "0")
KINDS = (("gives the verdict", 30),)


def profile_of(addressed: Addressed, kind: JudgeKind = "llm") -> Profile:
    return Profile(
        judge="judge",
        kind=kind,
        slice="all",
        account=Account(read=500, used=500),
        inconsistent=0,
        both_orders=0,
        prompts=100,
        a_preferred=Estimate(0.5, 0.45, 0.55),
        effects=(),
        prediction=UNPREDICTED,
        fit=Fit(converged=True, iterations=9, tie_parameter=0.0),
        collinear=(),
        addressed=addressed,
    )


def found(low: float, high: float, gain: tuple[float, float] | None = None) -> Addressed:
    share = Estimate((low + high) / 2, low, high)
    if gain is None:
        return Addressed(500, 30, 2, 28, KINDS, share)
    change = Estimate(sum(gain) / 2, *gain)
    return Addressed(500, 30, 2, 28, KINDS, share, "judge, no fence", 20, 4, change)


@pytest.mark.parametrize(
    ("addressed", "kind", "outcome", "words"),
    [
        (Addressed(500), "llm", "pass", "no known wording in 500"),
        (NOT_SEARCHED, "llm", "not applicable", "nothing was judged"),
        (found(0.2, 0.6), "label", "not applicable", "label"),
        (found(0.2, 0.6), "human", "warn", "32 of 500 comparisons, 2 of them in both answers: gives the verdict in 30"),
        (found(0.6, 0.9), "llm", "fail", "preferred in 75 % [60, 90] of 28"),
        (found(0.2, 0.6, (-0.05, 0.1)), "llm", "warn", "+0.03 [-0.05, +0.10], and the preferred side on 4 of 20"),
        (found(0.2, 0.6, (0.05, 0.3)), "llm", "fail", "without the fence"),
        (Addressed(5, 1, 0, 1, KINDS, Estimate(1.0)), "llm", "warn", "too few prompts for an interval"),
        (Addressed(5, 1, 0, 0, KINDS), "llm", "warn", "1 of 5"),
        (Addressed(5, 0, 1, 0, KINDS), "llm", "warn", "1 of 5 comparisons, 1 of them in both answers"),
    ],
)
def test_answers_that_address_the_judge(addressed: Addressed, kind: JudgeKind, outcome: str, words: str) -> None:
    finding = CHECKS["PF112"].look(profile_of(addressed, kind), SETTINGS)
    assert finding.outcome == outcome
    assert words in finding.message
    assert str(nan) not in finding.message
