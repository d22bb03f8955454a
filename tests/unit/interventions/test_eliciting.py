"""Scripted models that repeat themselves, refuse, break off: what is asked again, and what is left."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from prefactor.asking.calls import AskOptions
from prefactor.interventions.base import Task, distinct_tasks
from prefactor.interventions.eliciting import (
    Elicited,
    ElicitOptions,
    elicit_levels,
    first_requests,
    problems_of,
    sample_answers,
)
from prefactor.interventions.prompt_file import read_prompt_file
from prefactor.llm.records import Reply, Request
from prefactor.llm.scripted import ScriptedProvider
from prefactor.runtime.budget import Budget
from prefactor.runtime.calls import CallOptions

TASKS = distinct_tasks([Task(f"Question {number}?") for number in range(6)])
Script = Callable[[Request, int], str | Reply]


def level_of(request: Request) -> int:
    found = re.search(r"answer of level (\d)", request.messages[-1].content)
    assert found
    return int(found[1])


def seed_of(request: Request) -> int:
    return request.sampling.seed or 0


def elicit(answer: Callable[[Request], str | Reply], *, spec: str = "levels-each", repairs: int = 2) -> Elicited:
    options = ElicitOptions("m", read_prompt_file(spec), repairs=repairs)
    return elicit_levels(TASKS, ScriptedProvider(answer), options=options)


def test_every_level_is_asked_for_once_where_nothing_is_amiss() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> str:
        asked.append(request)
        return f"level {level_of(request)} of {hash(request.messages[-1].content)}"

    found = elicit(answer)
    assert Counter(map(level_of, asked)) == dict.fromkeys(range(1, 6), len(TASKS))
    assert [each.rank for each in found.answers[0]] == [1, 2, 3, 4, 5]
    assert problems_of(found) == ()
    assert (found.repaired, found.spent.calls) == (0, 30)


def test_equal_levels_are_asked_for_again_but_for_one_of_them() -> None:
    asked: list[tuple[int, int]] = []

    def answer(request: Request) -> str:
        asked.append((level_of(request), seed_of(request)))
        text = f"{level_of(request)} {seed_of(request)}"
        return "the  same\nanswer" if level_of(request) in (2, 3) and seed_of(request) == 0 else text

    found = elicit(answer)
    assert problems_of(found) == ()
    assert Counter(asked)[3, 1] == len(TASKS)
    assert (2, 1) not in asked
    assert [each.attempts for each in found.answers[0]] == [1, 1, 2, 1, 1]
    assert found.repaired == 2 * len(TASKS)


def test_levels_that_stay_equal_are_all_left_out() -> None:
    found = elicit(lambda request: "same" if level_of(request) > 3 else f"{level_of(request)}")
    assert problems_of(found) == (("equal", 2 * len(TASKS)),)
    assert [each.problem for each in found.answers[0]] == ["", "", "", "equal", "equal"]


def test_what_is_refused_is_asked_for_a_bounded_number_of_times() -> None:
    asked: list[int] = []

    def answer(request: Request) -> str:
        asked.append(level_of(request))
        return "I'm sorry, I can't do that." if level_of(request) == 1 else f"{level_of(request)}"

    found = elicit(answer, repairs=2)
    assert asked.count(1) == 3 * len(TASKS)
    assert problems_of(found) == (("refusal", len(TASKS)),)
    assert all(each.text == "" for answers in found.answers for each in answers if each.problem)


def test_a_reply_of_all_levels_is_asked_for_again_whole_and_the_best_try_is_kept() -> None:
    def answer(request: Request) -> str:
        levels = {str(level): f"{level} of try {seed_of(request)}" for level in range(1, 6)}
        if seed_of(request) == 0:
            del levels["2"], levels["3"]
        if seed_of(request) == 1:
            levels["4"] = levels["5"]
        if seed_of(request) == 2:
            return "I cannot."
        return json.dumps(levels)

    found = elicit(answer, spec="levels-one")
    # Two problems in each of the first two tries, five in the third: the first is kept, and nothing is mixed.
    for answers in found.answers:
        assert {each.text for each in answers if not each.problem} == {f"{level} of try 0" for level in (1, 4, 5)}
    assert found.repaired == 0


def test_a_whole_second_try_replaces_a_broken_first() -> None:
    def answer(request: Request) -> str | Reply:
        if seed_of(request) == 0:
            return Reply('{"1": "a', finish="length")
        return json.dumps({str(level): f"{level}" for level in range(1, 6)})

    found = elicit(answer, spec="levels-one")
    assert problems_of(found) == ()
    assert found.repaired == 5 * len(TASKS)
    assert {each.attempts for answers in found.answers for each in answers} == {2}


def test_samples_have_seeds_of_their_own_and_see_the_task_alone() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> str:
        asked.append(request)
        return f"sample {seed_of(request)}"

    task = Task("Why?", system="Be brief.", source="A document.")
    found = sample_answers([task], ScriptedProvider(answer), options=ElicitOptions("m", samples=4))
    assert [each.text for each in found.answers[0]] == [f"sample {seed}" for seed in (1, 2, 3, 4)]
    assert [message.content for message in asked[0].messages] == ["Be brief.", "A document.\n\nWhy?"]
    assert first_requests([task], ElicitOptions("m", samples=4)) == tuple(asked)


@pytest.mark.parametrize("spec", ["levels-each", "levels-one"])
def test_what_was_paid_for_is_not_asked_again(spec: str, tmp_path: Path) -> None:
    calls = Counter[str]()

    def answer(request: Request) -> str:
        calls[str(request.sampling.seed)] += 1
        if spec == "levels-one":
            return json.dumps({str(level): f"{level} {seed_of(request)}" for level in range(2 - seed_of(request), 6)})
        return "1" if level_of(request) == 2 and not seed_of(request) else f"{level_of(request)}"

    options = ElicitOptions("m", read_prompt_file(spec))
    ask = AskOptions(cache=tmp_path / "c.db")
    one, other = (elicit_levels(TASKS, ScriptedProvider(answer), options=options, ask=ask) for _ in range(2))
    assert one.answers == other.answers
    assert calls.total() == one.spent.calls == other.spent.cached
    assert one.repaired > 0


def test_one_budget_holds_for_all_rounds() -> None:
    """Thirty calls of the first round leave five, of which the second makes use, and the third has none."""
    asked: list[int] = []

    def answer(request: Request) -> str:
        asked.append(seed_of(request))
        return "I'm sorry, I can't." if level_of(request) < 3 else f"{level_of(request)}"

    options = ElicitOptions("m", read_prompt_file("levels-each"))
    ask = AskOptions(CallOptions(budget=Budget(calls=35)))
    found = elicit_levels(TASKS, ScriptedProvider(answer), options=options, ask=ask)
    assert Counter(asked) == {0: 30, 1: 5}
    assert sum(number for _, number in found.spent.failures) == 7 + 12
    assert problems_of(found) == (("refusal", 12),)


def test_the_same_prompt_with_other_columns_is_one_task_in_any_order() -> None:
    rows = [
        Task("Why?", columns={"a": 1, "b": 2}, reference="z"),
        Task("Why?", columns={"a": 1, "b": 3}, reference="y"),
    ]
    assert repr(distinct_tasks(rows)) == repr(distinct_tasks(rows[::-1]))
    assert distinct_tasks(rows)[0].columns == {"a": 1}


def test_the_order_of_tasks_does_not_matter() -> None:
    def answer(request: Request) -> str:
        return f"{level_of(request)} {len(request.messages[-1].content)}"

    options = ElicitOptions("m", read_prompt_file("levels-each"))
    one = elicit_levels(TASKS, ScriptedProvider(answer), options=options)
    other = elicit_levels(TASKS[::-1], ScriptedProvider(answer), options=options)
    assert one.answers == other.answers[::-1]
