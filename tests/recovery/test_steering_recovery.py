"""A scripted writer that obeys four times in five and a judge with a known taste: the shifts are found, and covered."""

import re
from hashlib import blake2b

import numpy as np

from prefactor._typing import FloatArray
from prefactor.analysis.steered_verdicts import grades_of, grading_questions, judged_pairs, pair_questions, pair_up
from prefactor.analysis.steering import factor_shifts, followed, grade_shifts, measure_arms, rate_shifts
from prefactor.data.prompt_set import OpenPrompt
from prefactor.factors import load_measurers
from prefactor.interventions.instructions import Wish, load_instructions
from prefactor.interventions.steering import write_answers
from prefactor.judges.base import Asking
from prefactor.judges.collecting import collect
from prefactor.judges.judging import Bench, make_bench
from prefactor.llm.records import Request, Sampling
from prefactor.llm.scripted import ScriptedProvider
from prefactor.stats.estimate import Estimate
from prefactor.stats.special import sigmoid

WISHES = (Wish("words", 1), Wish("emoji", 1))
LONG, SHORT = load_instructions()["words"].more, load_instructions()["words"].less
OBEYS = 0.8
PLAIN, MORE, FEWER = 40, 80, 20
SLOPE = 0.03
ANSWER = r"----- answer[ AB]* begins[^\n]*\n(.*?)\n----- answer"
MEASURERS = load_measurers(("lexical:words,emoji,bold",))


def chance_of(text: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(blake2b(text.encode(), digest_size=8).digest()))


def write(request: Request) -> str:
    asked = request.messages[0].content if request.messages[0].role == "system" else ""
    random = chance_of(str(request))
    obeys = random.random() < OBEYS
    mean = MORE if LONG in asked and obeys else FEWER if SHORT in asked and obeys else PLAIN
    return " ".join(["tea"] * (mean + int(random.integers(-5, 6)))) + "."


def compare(request: Request) -> str:
    shown = request.messages[-1].content
    first, second = (len(re.findall("tea", part)) for part in re.findall(ANSWER, shown, re.DOTALL))
    return f"[[{'A' if chance_of(str(request)).random() < sigmoid(SLOPE * (first - second)) else 'B'}]]"


def grade(request: Request) -> str:
    words = sum(len(re.findall("tea", part)) for part in re.findall(ANSWER, request.messages[-1].content, re.DOTALL))
    return f"[[{round(2 + words / 20 + chance_of(str(request)).random())}]]"


def prompts(count: int, seed: int, turns: int = 1) -> tuple[OpenPrompt, ...]:
    return tuple(OpenPrompt(str(n), tuple(f"Prompt {n} of {seed}, {t}?" for t in range(turns))) for n in range(count))


def bench(judge: str) -> Bench:
    return make_bench(judge, ["judge"], asking=Asking(""))


def true_rate(mean: int) -> float:
    """P(the steered answer preferred), over obeying and the spread of lengths."""
    spread = np.subtract.outer(np.arange(-5, 6), np.arange(-5, 6))
    obeyed, ignored = (float(sigmoid(SLOPE * (by + spread)).mean()) for by in (mean - PLAIN, 0))
    return OBEYS * obeyed + (1 - OBEYS) * ignored


def run(seed: int) -> dict[str, tuple[Estimate, float]]:
    """One steering of 40 prompts: every estimate with its truth."""
    asked = prompts(40, seed)
    written, _ = write_answers(asked, [WISHES] * 40, model="w", sampling=Sampling(), provider=ScriptedProvider(write))
    moved = {(one.arm, one.factor): one for one in factor_shifts(measure_arms(asked, written, measurers=MEASURERS))}
    pairs = pair_up(asked, written, model="w")
    judged = collect(pair_questions(pairs, bench("pairwise")), ScriptedProvider(compare))
    rates = {
        one.arm: one.level
        for one in rate_shifts(judged_pairs(pairs, judged, prompts=40)["judge pairwise"], judge="j", against="plain")
    }
    return {
        "words, towards": (moved["towards", "words"].change, OBEYS * (MORE - PLAIN)),
        "words, away": (moved["away", "words"].change, OBEYS * (FEWER - PLAIN)),
        "rate, towards": (rates["towards"], true_rate(MORE)),
        "rate, away": (rates["away"], true_rate(FEWER)),
    }


def test_the_shifts_are_found_and_their_intervals_cover() -> None:
    runs = [run(seed) for seed in range(40)]
    for name, (_, truth) in runs[0].items():
        found = [one[name][0] for one in runs]
        assert sum(one.low <= truth <= one.high for one in found) >= 31, name
        spread = float(np.std([one.value for one in found])) / np.sqrt(len(found))
        assert abs(np.mean([one.value for one in found]) - truth) < 4 * spread, name


def test_what_did_not_move_is_not_said_to_have_moved() -> None:
    asked = prompts(30, 99)
    written, _ = write_answers(asked, [WISHES] * 30, model="w", sampling=Sampling(), provider=ScriptedProvider(write))
    measured = measure_arms(asked, written, measurers=MEASURERS)
    found = {(one.arm, one.factor): one for one in factor_shifts(measured)}
    assert found["towards", "words"].moved == "as asked"
    assert (found["away", "words"].wished, found["away", "words"].moved) == (-1, "as asked")
    assert found["towards", "emoji"].moved == "not at all"
    assert found["towards", "bold"].moved == "not asked"


def test_grades_of_both_turns_shift() -> None:
    asked = prompts(40, 7, turns=2)
    written, _ = write_answers(asked, [WISHES] * 40, model="w", sampling=Sampling(), provider=ScriptedProvider(write))
    provider = ScriptedProvider(grade)
    judged = collect(grading_questions(asked, written, bench=bench("grade")), provider)
    assert sum(provider.calls.values()) == 240
    grades = grades_of(judged, prompts=40, turns=2)["judge grade"]
    shifts = {(one.arm, one.turn): one for one in grade_shifts(grades, judge="j")}
    for turn in (0, 1, 2):
        truth = OBEYS * (MORE - PLAIN) / 20
        assert abs(shifts["towards", turn].shift.value - truth) < 0.5
        assert shifts["towards", turn].shift.low > 0 > shifts["away", turn].shift.high
    np.testing.assert_allclose(shifts["plain", 0].level.value, grades[0].mean())
    measured = measure_arms(asked, written, measurers=MEASURERS)
    better = preference_of(grades[1].mean(axis=1) - grades[0].mean(axis=1))
    assert followed(measured, {"towards": better})["words"].low > 0.5


def preference_of(difference: FloatArray) -> FloatArray:
    return np.asarray(0.5 + 0.5 * np.sign(difference))
