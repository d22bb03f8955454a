"""Scripted models: who is shown what, what becomes of what fails, and that being told of a factor moves it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from prefactor.analysis.refinement import (
    Misaligned,
    Refinement,
    Target,
    WayResult,
    advice_of,
    assess_refining,
    refined_texts,
)
from prefactor.errors import FitError
from prefactor.factors import load_measurers
from prefactor.interventions.base import Task, distinct_tasks
from prefactor.interventions.refining import WAYS, Refined, RefineOptions, RefineWay, refine_answers
from prefactor.judges.base import Opinion
from prefactor.llm.records import Request
from prefactor.llm.scripted import ScriptedProvider

TASKS = distinct_tasks([Task(f"Question {number}?") for number in range(30)])
ADVICE = advice_of([Misaligned("words", "longer answer", 0.1, 0.9)])
FACTORS = load_measurers(["lexical:words,exclamations,questions"])


def written(request: Request) -> str:
    """First answers are long; the factor's name halves them, feedback adds a mark, and nothing changes by itself."""
    text = request.messages[-1].content
    if "What should the writer change" in text:
        return "Be livelier."
    if "Your answer:" not in text:
        return "tea " * 40
    answer = text.partition("answer begins, mark ")[2].partition("\n")[2].partition("\n----- answer ends")[0]
    if "longer answer" in text:
        return " ".join(answer.split()[:20])
    return f"{answer.strip()}!" if "Be livelier." in text else answer


def refine(answer: Callable[[Request], str] = written, ways: tuple[RefineWay, ...] = WAYS) -> Refined:
    options = RefineOptions("M", ways, advice=ADVICE, evaluator="E")
    return refine_answers(TASKS, ScriptedProvider(answer), options=options)


def result(found: Refinement, way: str) -> WayResult:
    return next(each for each in found.ways if each.way == way)


def test_naming_a_factor_moves_it_and_nothing_else() -> None:
    found = assess_refining(refine(), FACTORS)
    shifts = {each.factor: each for each in result(found, "factors").factors}
    assert shifts["words"].shift.value == -1
    assert shifts["words"].change.value == -20
    assert shifts["words"].against_control.high < 0
    assert shifts["words"].q_value < 0.001
    assert shifts["exclamations"].shift.value == 0
    assert result(found, "plain").unchanged == len(TASKS)


def test_feedback_comes_from_the_evaluator_and_reaches_the_writer() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> str:
        asked.append(request)
        return written(request)

    refined = refine(answer, ("feedback",))
    assert {request.model for request in asked if "What should the writer change" in request.messages[-1].content} == {
        "E"
    }
    assert all(each.text.endswith("!") for each in refined.anew["feedback"])
    assert refined.spent.calls == 3 * len(TASKS)


def test_what_fails_on_the_way_is_named_and_shifts_nothing() -> None:
    def answer(request: Request) -> str:
        text = request.messages[-1].content
        if "Question 3?" in text and "Your answer:" not in text and "What should" not in text:
            return "I'm sorry, I can't do that."
        if "Question 5?" in text and "What should the writer change" in text:
            return ""
        return written(request).strip() + f" {text.partition('Question ')[2].partition('?')[0]}"

    refined = refine(answer)
    for way, answers in refined.anew.items():
        for task, before, after in zip(refined.tasks, refined.first, answers, strict=True):
            number = task.prompt.removeprefix("Question ").removesuffix("?")
            lost = number == "3" or (number == "5" and way == "feedback")
            assert bool(after.problem) == lost
            if not lost:
                assert number in before.text.split()
    assert next(each for each in refined.anew["feedback"] if each.said == "no feedback came")
    assert result(assess_refining(refined, FACTORS), "feedback").missing == 2


def test_agreement_with_a_target_is_paired_with_the_control() -> None:
    target = Target("people", ("words", "exclamations"), np.array([-1.0, 0.5]))
    found = assess_refining(refine(), FACTORS, target=target)
    told = result(found, "factors")
    assert told.target.value == pytest.approx(1 / (1 + np.exp(-1.0)))
    assert told.target_against_control.value == pytest.approx(1 / (1 + np.exp(-1.0)) - 0.5)
    assert result(found, "feedback").target.value == pytest.approx(1 / (1 + np.exp(-0.5)))


def test_the_held_out_judge_is_taken_by_prompt_and_the_unchanged_is_a_tie() -> None:
    refined = refine()
    verdicts: dict[RefineWay, dict[int, list[Opinion]]] = {way: {} for way in WAYS}
    for way in WAYS:
        for number, _ in refined_texts(refined, way):
            verdicts[way][number] = [Opinion("ab", 0, 0.0), Opinion("ba", 0, 0.5)]
    found = assess_refining(refined, FACTORS, verdicts=verdicts, held_out="N")
    assert result(found, "factors").held_out.value == pytest.approx(0.75)
    assert result(found, "plain").held_out.value == pytest.approx(0.5)
    assert result(found, "factors").held_out_against_control.value == pytest.approx(0.25)
    assert result(found, "factors").held_out_against_control.low > 0


def test_intervals_cover_at_their_rate() -> None:
    """New answers have more of a factor in a share of prompts that is known."""
    random, covered = np.random.default_rng(4), []
    refined = refine(ways=("factors", "plain"))
    for _ in range(300):
        drawn = random.random(len(TASKS))
        texts = ["tea " * (41 if one < 0.6 else 40 if one < 0.7 else 39) for one in drawn]
        anew = tuple(replace(each, text=text) for each, text in zip(refined.anew["factors"], texts, strict=True))
        found = assess_refining(replace(refined, anew={"factors": anew}), FACTORS)
        shift = next(each.shift for each in found.ways[0].factors if each.factor == "words")
        covered.append(shift.low <= 0.3 <= shift.high)
    assert 0.855 <= np.mean(covered) <= 0.95


def test_advice_names_the_factor_and_the_way() -> None:
    said = advice_of(
        [Misaligned("words", "longer answer", 0.1, 0.9), Misaligned("hedges", "more careful answer", 0.3, 0.0)]
    )
    assert "words: your answers lean further towards the longer answer than people want. Lean less to it." in said
    assert "hedges: your answers lean less towards the more careful answer than people want. Lean more to it." in said
    with pytest.raises(FitError, match="no factor"):
        advice_of([])
