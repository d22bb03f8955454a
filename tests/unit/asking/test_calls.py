"""Requests as calls: keys, plans, prices and answers in order."""

import asyncio
from pathlib import Path

import pytest

from prefactor.asking.calls import AskOptions, Price, ask_all, plan_calls, request_key
from prefactor.errors import CallError, SettingError
from prefactor.llm.records import Message, Reply, Request, Sampling, Usage
from prefactor.llm.scripted import ScriptedProvider
from prefactor.runtime.budget import Budget
from prefactor.runtime.cache_contents import export_cache
from prefactor.runtime.calls import CallOptions


def chat(text: str, *, seed: int | None = None) -> Request:
    return Request("tiny", (Message("user", text),), sampling=Sampling(max_tokens=10, seed=seed))


def test_answers_come_in_order_and_equal_requests_are_asked_once() -> None:
    provider = ScriptedProvider(lambda request: request.messages[0].content.upper())
    asked = ask_all(provider, [chat("a"), chat("b"), chat("a")])
    assert [one.reply.text for one in asked if one.reply] == ["A", "B", "A"]
    assert set(provider.calls.values()) == {1}


def test_a_failure_is_named_and_asked_again_the_next_time(tmp_path: Path) -> None:
    sick = [True]

    def answer(request: Request) -> str:
        if sick[0] and request.messages[0].content == "b":
            raise CallError("bad request", "not this", retryable=False)
        return "A"

    provider, options = ScriptedProvider(answer), AskOptions(cache=tmp_path / "c.db")
    first = ask_all(provider, [chat("a"), chat("b")], options=options)
    assert [(one.failure, one.cached) for one in first] == [("", False), ("bad request: not this", False)]
    sick[0] = False
    second = ask_all(provider, [chat("a"), chat("b")], options=options)
    assert [(one.failure, one.cached) for one in second] == [("", True), ("", False)]
    assert second[0].reply == first[0].reply


def test_everything_that_can_change_an_answer_changes_the_key() -> None:
    here, there = ScriptedProvider(lambda request: "A"), ScriptedProvider(lambda request: "A", name="there")
    keys = {
        request_key(here, chat("a")),
        request_key(there, chat("a")),
        request_key(here, chat("a"), repeat=1),
        request_key(here, chat("b")),
        request_key(here, chat("a", seed=1)),
        request_key(here, Request("tiny", prompt="a", sampling=Sampling(max_tokens=10))),
    }
    assert len(keys) == 6
    assert request_key(here, chat("a")) in keys


def test_repetitions_are_asked_each(tmp_path: Path) -> None:
    provider = ScriptedProvider(lambda request: "A")
    for repeat in (0, 1, 1):
        ask_all(provider, [chat("a")], options=AskOptions(cache=tmp_path / "c.db", repeat=repeat))
    assert provider.calls.total() == 2


def test_a_plan_asks_nobody_and_knows_what_is_there(tmp_path: Path) -> None:
    provider = ScriptedProvider(lambda request: "A")
    limits = CallOptions(requests_per_minute=30)
    options = AskOptions(cache=tmp_path / "c.db", price=Price(1.0, 10.0), calls=limits)
    requests = [chat("x" * 400), chat("y" * 400), chat("x" * 400), chat("z" * 400)]
    plan = plan_calls(provider, requests, options=options)
    assert (plan.requests, plan.distinct, plan.cached, plan.calls) == (4, 3, 0, 3)
    assert (plan.input_tokens, plan.most_output_tokens, plan.least_seconds) == (300, 30, 6.0)
    assert plan.price == pytest.approx((300 * 1 + 3 * 10) / 1e6)
    assert plan.most_price is not None
    assert plan.most_price > (300 * 1 + 30 * 10) / 1e6
    assert provider.calls.total() == 0
    assert not (tmp_path / "c.db").exists()
    ask_all(provider, requests[:1], options=options)
    assert plan_calls(provider, requests, options=options).calls == 2


def test_a_reply_without_usage_is_estimated_and_priced() -> None:
    provider = ScriptedProvider(lambda request: Reply("AAAA"))
    (asked,) = ask_all(provider, [chat("x" * 400)], options=AskOptions(price=Price(1.0, 10.0)))
    assert asked.usage == Usage(100, 2)
    assert asked.price == pytest.approx(120e-6)


def test_a_budget_in_money_needs_prices() -> None:
    options = AskOptions(calls=CallOptions(budget=Budget(price=1.0)))
    with pytest.raises(SettingError, match="--price"):
        ask_all(ScriptedProvider(lambda request: "A"), [chat("a")], options=options)


@pytest.mark.parametrize("keep", [True, False])
def test_prompts_are_left_out_where_that_is_asked(tmp_path: Path, *, keep: bool) -> None:
    options = AskOptions(cache=tmp_path / "c.db", keep_prompts=keep)
    ask_all(ScriptedProvider(lambda request: "A"), [chat("a private prompt")], options=options)
    (line,) = export_cache(tmp_path / "c.db")
    assert (b"a private prompt" in line) is keep


def test_it_works_inside_a_running_loop() -> None:
    async def notebook() -> str:
        (asked,) = ask_all(ScriptedProvider(lambda request: "A"), [chat("a")])
        return asked.reply.text if asked.reply else asked.failure

    assert asyncio.run(notebook()) == "A"
