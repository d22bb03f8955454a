"""Every check says pass, warn or fail where it should, and says why where it cannot."""

from dataclasses import replace
from math import inf, nan

import pytest

from prefactor.analysis.joint_results import Dependence, IndistinguishableFactors
from prefactor.analysis.measurement import MissingAnswers
from prefactor.analysis.prediction import UNPREDICTED
from prefactor.analysis.results import NOT_ESTIMATED, Collinearity, Effect, Fit, Profile, Settings
from prefactor.checks import CHECKS
from prefactor.data.account import Account
from prefactor.stats.estimate import Estimate, Weight

NOTHING = Weight(0.0, 0.1, -0.2, 0.2)
SETTINGS = Settings(0.9, "Laplace", 0.1, 2000, 10, 0, 0.1, 0.05, (), (), ("lexical",), 100, "0")
EFFECT = Effect(
    factor="words",
    account=Account(read=500, used=500),
    concordant=300,
    discordant=200,
    tau14=Estimate(0.2, 0.1, 0.3),
    q_value=0.01,
    weight=NOTHING,
    probability=Estimate(0.5, 0.4, 0.6),
    single_weight=NOTHING,
    single_probability=Estimate(0.5, 0.4, 0.6),
    verdict="prefers more",
    absorbed_by=None,
    sentence="",
)
PROFILE = Profile(
    judge="judge",
    kind="llm",
    slice="all",
    account=Account(read=500, used=500),
    inconsistent=0,
    both_orders=0,
    prompts=100,
    a_preferred=Estimate(0.5, 0.45, 0.55),
    effects=(EFFECT,),
    prediction=UNPREDICTED,
    fit=Fit(converged=True, iterations=9, tie_parameter=0.0),
    collinear=(),
)

APART = Dependence((("a", 1.2), ("b", nan)), (1.5, 1.0), (0.2, 0.1), ())
ALIKE = IndistinguishableFactors(("a", "b"), (), Estimate(0.5), Estimate(0.6), Estimate(nan), "")


def account(used: int, *, tied: int = 0, unreadable: int = 0, missing: int = 0) -> Account:
    return Account(read=used + unreadable + missing, used=used, tied=tied, unreadable=unreadable, missing=missing)


@pytest.mark.parametrize(
    ("code", "profile", "outcome"),
    [
        ("PF101", PROFILE, "pass"),
        ("PF101", replace(PROFILE, account=account(150)), "warn"),
        ("PF101", replace(PROFILE, prompts=5), "warn"),
        ("PF101", replace(PROFILE, account=account(500, tied=490)), "underpowered"),
        ("PF102", PROFILE, "pass"),
        ("PF102", replace(PROFILE, a_preferred=Estimate(0.9)), "warn"),
        ("PF102", replace(PROFILE, a_preferred=Estimate(0.1)), "warn"),
        ("PF102", replace(PROFILE, a_preferred=Estimate(1.0)), "warn"),
        ("PF102", replace(PROFILE, a_preferred=NOT_ESTIMATED), "not applicable"),
        ("PF103", PROFILE, "not applicable"),
        ("PF103", replace(PROFILE, dependence=APART), "pass"),
        ("PF103", replace(PROFILE, dependence=APART, collinear=(Collinearity("a", "b", -0.95),)), "pass"),
        ("PF103", replace(PROFILE, dependence=replace(APART, indistinguishable=(ALIKE,))), "warn"),
        ("PF103", replace(PROFILE, dependence=replace(APART, condition_indices=(31.0,))), "warn"),
        ("PF103", replace(PROFILE, dependence=replace(APART, inflation=(("a", inf), ("b", inf)))), "warn"),
        ("PF102", replace(PROFILE, a_preferred=Estimate(0.75, 0.66, 0.83)), "underpowered"),
        ("PF102", replace(PROFILE, a_preferred=Estimate(0.25, 0.17, 0.34)), "underpowered"),
        ("PF104", PROFILE, "pass"),
        ("PF104", replace(PROFILE, effects=(replace(EFFECT, discordant=0),)), "warn"),
        ("PF104", replace(PROFILE, effects=(replace(EFFECT, concordant=3, discordant=0),)), "pass"),
        ("PF105", PROFILE, "pass"),
        ("PF105", replace(PROFILE, fit=Fit(converged=False, iterations=200, tie_parameter=0.0)), "fail"),
        ("PF106", PROFILE, "not measured"),
        ("PF106", replace(PROFILE, kind="reward model", first_preferred=Estimate(0.9, 0.8, 0.95)), "not applicable"),
        ("PF106", replace(PROFILE, first_preferred=Estimate(0.6, 0.55, 0.65)), "warn"),
        ("PF106", replace(PROFILE, first_preferred=Estimate(0.51, 0.48, 0.54)), "pass"),
        ("PF106", replace(PROFILE, first_preferred=Estimate(0.56, 0.4, 0.7)), "underpowered"),
        ("PF107", PROFILE, "pass"),
        ("PF107", replace(PROFILE, account=account(95, missing=5)), "warn"),
        ("PF107", replace(PROFILE, account=account(80, unreadable=20)), "fail"),
        ("PF107", replace(PROFILE, account=account(0)), "not applicable"),
    ],
)
def test_a_check_finds_what_it_looks_for(code: str, profile: Profile, outcome: str) -> None:
    finding = CHECKS[code].look(profile, SETTINGS)
    assert finding.outcome == outcome
    assert finding.message
    assert str(nan) not in finding.message


@pytest.mark.parametrize("code", list(CHECKS))
def test_a_check_says_what_it_is_and_what_to_do(code: str) -> None:
    check = CHECKS[code]
    assert check.code == code
    assert check.name
    assert check.advice


@pytest.mark.parametrize(("missing", "outcome"), [(0, "pass"), (9, "pass"), (10, "warn"), (99, "warn"), (100, "fail")])
def test_factors_that_could_not_be_measured(missing: int, outcome: str) -> None:
    unmeasured = (MissingAnswers("clear", 1_000, missing),) if missing else ()
    finding = CHECKS["PF113"].look(replace(PROFILE, unmeasured=unmeasured), SETTINGS)
    assert finding.outcome == outcome
    assert ("clear" in finding.message) == bool(missing)
