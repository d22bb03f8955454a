"""PF108, PF109 and PF111 say fault, harmless, neither or no question where they should; names stay what they are."""

from dataclasses import replace
from math import nan

import pytest

from prefactor.analysis.evidence import Annotators, AnnotatorStanding, Repetition, SelfPreference
from prefactor.analysis.prediction import UNPREDICTED
from prefactor.analysis.results import CheckOutcome, Fit, Profile, Settings
from prefactor.checks import CHECKS
from prefactor.data.account import Account
from prefactor.report.check_groups import summarise_checks
from prefactor.stats.estimate import Estimate

SETTINGS = Settings(0.9, "Laplace", 0.1, 2000, 10, 0, 0.1, 0.05, (), (), ("lexical",), 100, "0")
PROFILE = Profile(
    judge="gpt-4",
    kind="llm",
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
)
OWN = SelfPreference(("gpt-4",), 400, Estimate(0.8, 0.77, 0.83), "other judges", ("claude", "human"), 300)
BESIDE = Annotators(3, Estimate(0.75, 0.7, 0.8))


def own(excess: Estimate, **more: object) -> Profile:
    return replace(PROFILE, self_preference=replace(OWN, excess=excess, **more))  # type: ignore[arg-type]


def standing(below: Estimate, *, q: float = 0.5, name: str = "ann", habit: str = "") -> AnnotatorStanding:
    return AnnotatorStanding(name, 120, 100, Estimate(0.6, 0.55, 0.65), below, q, habit)


def people(*standings: AnnotatorStanding, agreement: Estimate = BESIDE.agreement) -> Profile:
    return replace(PROFILE, kind="human", annotators=Annotators(9, agreement, standings))


def copies(**found: int) -> Profile:
    return replace(PROFILE, repetition=Repetition(comparisons=1_000, **found))


@pytest.mark.parametrize(
    ("code", "profile", "outcome", "words"),
    [
        ("PF108", PROFILE, "not applicable", "--judge-is"),
        ("PF108", replace(PROFILE, kind="human"), "not applicable", "writes no answers"),
        ("PF108", replace(PROFILE, self_preference=SelfPreference(("gpt-4",))), "not applicable", "another model's"),
        (
            "PF108",
            own(Estimate(nan), basis="none"),
            "not measured",
            "of 400 comparisons: that is no proof",
        ),
        ("PF108", own(Estimate(0.12, 0.08, 0.16)), "warn", "+12 points [+8, +16] against other judges on the same 300"),
        ("PF108", own(Estimate(0.01, -0.02, 0.04)), "pass", "shown to be no more than 5 points"),
        ("PF108", own(Estimate(-0.2, -0.3, -0.1)), "pass", "(claude, human)"),
        ("PF108", own(Estimate(0.04, -0.04, 0.12)), "underpowered", "neither self-preference nor its absence"),
        ("PF108", own(Estimate(0.045, 0.01, 0.08)), "underpowered", "whether it matters is not shown"),
        ("PF108", own(Estimate(0.1, 0.07, 0.13), basis="factors held equal"), "warn", "that no factor measures"),
        ("PF109", PROFILE, "not applicable", "nothing was judged"),
        ("PF109", copies(), "pass", "nothing comes more than once"),
        ("PF109", copies(repeated=3), "pass", "3 comparisons judged more than once by the same (0 both ways)"),
        ("PF109", copies(repeated=40), "warn", "copied rows"),
        ("PF109", copies(repeated=900, contradicting=200), "pass", "(200 both ways)"),
        ("PF109", copies(shared_answers=11), "warn", "folds leak"),
        ("PF109", copies(shared_answers=10, joined_prompts=7), "pass", "7 prompts nearly equal to another"),
        ("PF111", PROFILE, "not applicable", "names no annotators"),
        ("PF111", replace(PROFILE, annotators=Annotators(1)), "not applicable", "one annotator"),
        ("PF111", people(agreement=Estimate(nan)), "underpowered", "no two annotators"),
        ("PF111", people(agreement=Estimate(0.52, 0.49, 0.55)), "underpowered", "better than coins is not shown"),
        ("PF111", people(), "underpowered", "none of 9 can be set against the rest on 20 verdicts"),
        ("PF111", people(standing(Estimate(0.01, -0.05, 0.07))), "pass", "at most 10 points below the others"),
        ("PF111", people(standing(Estimate(-0.04, -0.15, 0.07))), "underpowered", "1 may be by more than 10 points"),
        (
            "PF111",
            people(standing(Estimate(-0.2, -0.3, -0.1), q=0.01)),
            "warn",
            "20 points [10, 30] below what",
        ),
        ("PF111", people(standing(Estimate(-0.2, -0.3, -0.1), q=0.2)), "underpowered", "may be by more"),
        ("PF111", people(standing(Estimate(nan), habit="always A")), "warn", "ann (always A in 120 verdicts)"),
    ],
)
def test_what_is_found(code: str, profile: Profile, outcome: str, words: str) -> None:
    finding = CHECKS[code].look(profile, SETTINGS)
    assert finding.outcome == outcome
    assert words in finding.message
    assert str(nan) not in finding.message


def test_the_worst_annotators_are_named_first_and_long_lists_are_cut() -> None:
    bad = [standing(Estimate(-0.2, -0.3, -0.1), q=0.04 - 0.005 * place, name=f"ann {place}") for place in range(6)]
    message = CHECKS["PF111"].look(people(*bad), SETTINGS).message
    assert message.startswith("6 of 9 annotators: ann 5 (")
    assert message.endswith("and 2 more")
    assert "ann 1" not in message


def test_hostile_names_are_made_readable_where_they_are_shown() -> None:
    hostile = "\x1b[31m\u202e<script>\n" + "x" * 300
    bad = standing(Estimate(-0.2, -0.3, -0.1), q=0.01, name=hostile)
    finding = CHECKS["PF111"].look(people(bad), SETTINGS)
    assert "\n" not in finding.message
    outcome = CheckOutcome("PF111", "name", finding.outcome, "judge", "all", finding.message, "advice")
    (group,) = summarise_checks([outcome])
    assert "\x1b" not in group.findings[0].message
    assert "\u202e" not in group.findings[0].message
    assert "20 points" in group.findings[0].message


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        ("pass", "harmless"),
        ("warn", "fault"),
        ("fail", "fault"),
        ("underpowered", "neither"),
        ("not measured", "neither"),
        ("not applicable", "no question"),
    ],
)
def test_every_outcome_shows_something_or_nothing(outcome: str, shown: str) -> None:
    check = CheckOutcome("PF101", "name", outcome, "judge", "all", "", "")  # type: ignore[arg-type]
    assert check.shown == shown
