from pathlib import Path

import pytest

from prefactor.asking.calls import AskOptions
from prefactor.data.prompt_set import OpenPrompt
from prefactor.errors import CallError, UnknownNameError
from prefactor.interventions.instructions import Wish, system_message
from prefactor.interventions.steering import ARMS, first_requests, spent_on, within, write_answers
from prefactor.llm.records import Reply, Request, Sampling
from prefactor.llm.scripted import ScriptedProvider
from prefactor.runtime.budget import Budget
from prefactor.runtime.calls import CallOptions

PROMPTS = (OpenPrompt("a", ("What is tea?", "And coffee?")), OpenPrompt("b", ("Why is it hot?",)))
WISHES = ((Wish("words", 1),), (Wish("emoji", -1),))
SAMPLING = Sampling(max_tokens=20)


def said(request: Request) -> str:
    return " | ".join(f"{message.role}: {message.content}" for message in request.messages)


def test_every_prompt_is_answered_in_every_arm_turn_by_turn() -> None:
    provider = ScriptedProvider(lambda request: f"reply {len(request.messages)}")
    written, calls = write_answers(PROMPTS, WISHES, model="m", sampling=SAMPLING, provider=provider)
    assert [(one.arm, one.prompt) for one in written] == [(arm, place) for arm in ARMS for place in (0, 1)]
    assert [one.answers for one in written[:4]] == [
        ("reply 1", "reply 3"), ("reply 1",), ("reply 2", "reply 4"), ("reply 2",)
    ]  # fmt: skip
    assert len(calls) == 9
    away = next(one for one in written if one.arm == "away" and one.prompt == 1)
    assert away.wishes == (Wish("emoji", 1),)


def test_the_second_turn_has_the_first_answer_in_the_conversation_and_the_same_system_message() -> None:
    provider = ScriptedProvider(lambda _: "A drink.")
    write_answers(PROMPTS[:1], WISHES[:1], model="m", sampling=SAMPLING, provider=provider)
    wanted = system_message(WISHES[0])
    second = f"system: {wanted} | user: What is tea? | assistant: A drink. | user: And coffee?"
    assert second in {said(request) for request in provider.calls}


def test_a_failure_belongs_to_its_own_prompt_and_arm() -> None:
    def answer(request: Request) -> str:
        if request.messages[0].role == "user" and request.messages[-1].content == "And coffee?":
            raise CallError("bad request", "no", retryable=False)
        return request.messages[-1].content.upper()

    written, _ = write_answers(PROMPTS, WISHES, model="m", sampling=SAMPLING, provider=ScriptedProvider(answer))
    assert [one.prompt for one in written if one.problem] == [0]
    assert written[0].arm == "plain"
    assert written[0].answers == ("WHAT IS TEA?",)
    assert "bad request" in written[0].problem
    assert all(one.answers[0] == PROMPTS[one.prompt].turns[0].upper() for one in written)


def test_thoughts_are_no_answer_and_cut_off_ones_are_counted() -> None:
    def answer(request: Request) -> Reply:
        return Reply("<think>hm</think>") if request.messages[-1].content == "Why is it hot?" else Reply("x", "length")

    written, _ = write_answers(PROMPTS, WISHES, model="m", sampling=SAMPLING, provider=ScriptedProvider(answer))
    assert [one.problem for one in written[:2]] == ["", "no answer: unreadable"]
    assert written[0].cut_off == 2


def test_the_first_requests_are_those_that_are_asked_first() -> None:
    provider = ScriptedProvider(lambda _: "x")
    first = first_requests(PROMPTS, WISHES, model="m", sampling=SAMPLING)
    write_answers(PROMPTS, WISHES, model="m", sampling=SAMPLING, provider=provider)
    assert set(first) <= set(provider.calls)
    assert len(first) == 6


def test_a_second_run_pays_nothing(tmp_path: Path) -> None:
    options = AskOptions(cache=tmp_path / "replies.sqlite")
    provider = ScriptedProvider(lambda request: f"reply {len(request.messages)}")
    first = write_answers(PROMPTS, WISHES, model="m", sampling=SAMPLING, provider=provider, options=options)
    paid = sum(provider.calls.values())
    second = write_answers(PROMPTS, WISHES, model="m", sampling=SAMPLING, provider=provider, options=options)
    assert first[0] == second[0]
    assert sum(provider.calls.values()) == paid
    assert spent_on(second[1]).calls == 0


def test_a_budget_holds_for_all_turns() -> None:
    options = AskOptions(calls=CallOptions(budget=Budget(calls=7)))
    provider = ScriptedProvider(lambda _: "x")
    written, calls = write_answers(PROMPTS, WISHES, model="m", sampling=SAMPLING, provider=provider, options=options)
    assert sum(provider.calls.values()) == 7
    assert sum(bool(one.problem) for one in written) == 2
    assert within(options, calls).calls.budget.calls == 0


def test_a_factor_without_wording_is_named() -> None:
    with pytest.raises(UnknownNameError, match="novel_words"):
        system_message([Wish("novel_words", 1)])
