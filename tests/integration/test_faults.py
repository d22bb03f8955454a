"""A server that fails in every way it can, over the loopback, with everything on: nothing is lost or paid twice."""

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from prefactor.asking.calls import AskOptions, Price, ask_all
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Message, Request, Sampling
from prefactor.runtime.budget import Budget
from prefactor.runtime.cache_contents import export_cache, show_cache
from prefactor.runtime.calls import CallOptions, Standing
from servers.model_server import Answer, Asked, completion, serving, text_of

SECRET = "sk-planted-9876543210"
PRICE = Price(1.0, 1.0)
CALLS = 10_200


def request(number: int) -> Request:
    return Request("tiny", (Message("user", f"question {number}"),), sampling=Sampling(max_tokens=8))


def letter(number: int) -> str:
    return "AB"[number % 2]


def faults(number: int) -> tuple[Answer, ...]:
    good = completion(letter(number))
    return (
        Answer(b'{"error": {"message": "slow down"}}', 429, {"retry-after-ms": "5"}),
        Answer(b'{"error": "slow down"}', 429),
        Answer(b"oops", 500),
        Answer(b"busy", 503, {"retry-after-ms": "5"}),
        Answer(breaks="before"),
        Answer(good, breaks="within"),
        Answer(good[:30]),
        Answer(b'{"choices": []}'),
        Answer(good, closes=True),
        Answer(good, seconds=0.05),
    )


def failing_server(*, share: float, seed: int) -> Callable[[Asked], Answer]:
    """Answer a share of requests with a fault, drawn anew each time; some questions never get a good answer."""
    draw = random.Random(seed)

    def script(asked: Asked) -> Answer:
        number = int(text_of(asked).split()[-1])
        if number % 500 == 7:
            return Answer(b'{"choices": [{"message": {"content": 7}}]}')
        if number % 500 == 8:
            return Answer(f'{{"error": {{"message": "too long for {SECRET}"}}}}'.encode(), 400)
        if draw.random() < share:
            return draw.choice(faults(number))
        return Answer(completion(letter(number)), seconds=0.002)

    return script


def is_good(answer: Answer) -> bool:
    return answer.status == 200 and not answer.breaks and answer.body.endswith(b"}") and b'"content": "' in answer.body


def test_every_call_ends_and_none_is_paid_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    script, paid, seen = failing_server(share=0.1, seed=1), Counter[str](), list[Standing]()
    closed = Counter[str]()

    def counting(asked: Asked) -> Answer:
        answer = script(asked)
        paid[text_of(asked)] += is_good(answer)
        closed["after an answer"] += answer.closes
        return answer

    calls = CallOptions(first_wait=0.01, longest_wait=1.0, attempts=10)
    options = AskOptions(calls=calls, cache=tmp_path / "c.db", price=PRICE)
    requests = [request(number) for number in range(CALLS)]
    with serving(counting) as server:
        provider = OpenAICompatible(server.url)
        asked = ask_all(provider, requests, options=options, watch=seen.append)
        sent = len(server.requests)
        again = ask_all(provider, requests, options=options)
        assert len(server.requests) == sent + sum(1 for one in asked if one.failure)

    failed = {number for number, one in enumerate(asked) if one.failure}
    assert failed == {number for number in range(CALLS) if number % 500 in {7, 8}}
    assert all(re.match("unreadable reply: |bad request: ", asked[number].failure) for number in failed)
    assert all(one.reply and one.reply.text == letter(number) for number, one in enumerate(again) if not one.failure)
    assert [one.reply for one in again] == [one.reply for one in asked]
    assert set(paid.values()) == {0, 1}
    assert paid.total() == CALLS - len(failed)
    # Totals, to the call: attempts, replies kept, tokens and money. A few attempts the server never saw: they were sent
    # over a connection that it had just closed.
    last, shelf = seen[-1], show_cache(tmp_path / "c.db").shelves[0]
    attempts = last.paid.calls + last.perhaps_paid.calls
    assert attempts == sum(one.attempts for one in asked)
    assert sent <= attempts <= sent + closed.total()
    assert shelf.replies == paid.total() == last.done - last.failed
    assert shelf.tokens == last.paid.tokens == 12 * paid.total()
    assert shelf.price == pytest.approx(sum(one.price for one in asked)) == pytest.approx(last.paid.price)
    everything = b"".join(export_cache(tmp_path / "c.db")) + repr((asked, provider, seen, caplog.text)).encode()
    everything += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert SECRET.encode() not in everything


def test_a_budget_holds_against_a_failing_server(tmp_path: Path) -> None:
    seen = list[Standing]()
    budget = Budget(price=0.002)
    calls = CallOptions(first_wait=0.01, longest_wait=1.0, budget=budget)
    options = AskOptions(calls=calls, cache=tmp_path / "c.db", price=PRICE)
    with serving(failing_server(share=0.3, seed=2)) as server:
        provider = OpenAICompatible(server.url)
        asked = ask_all(provider, [request(n) for n in range(9, 400)], options=options, watch=seen.append)
    assert seen[-1].paid.price + seen[-1].perhaps_paid.price <= 0.002
    assert any("budget of a price of 0.002" in one.failure for one in asked)
    assert sum(one.reply is not None for one in asked) == show_cache(tmp_path / "c.db").shelves[0].replies > 20


def test_a_kept_alive_connection_that_breaks_is_tried_again() -> None:
    with serving(lambda asked: Answer(completion("A"), breaks="before" if asked.before == 3 else "")) as server:
        calls = CallOptions(first_wait=0.01, concurrency=4)
        provider = OpenAICompatible(server.url)
        asked = ask_all(provider, [request(n) for n in range(100)], options=AskOptions(calls=calls))
        assert max(one.before for one in server.requests) == 3
    assert all(one.reply for one in asked)
    assert sum(one.attempts for one in asked) > 100


def test_a_server_with_a_limit_of_its_own_is_kept_busy_and_not_flooded() -> None:
    allowed, refused = 20, list[str]()

    def script(asked: Asked) -> Answer:
        if server.open_now > allowed:
            refused.append(text_of(asked))
            return Answer(b"{}", 429)
        return Answer(completion("A"), seconds=0.02)

    with serving(script) as server:
        calls = CallOptions(first_wait=0.05, concurrency=200)
        provider = OpenAICompatible(server.url)
        asked = ask_all(provider, [request(n) for n in range(1_000)], options=AskOptions(calls=calls))
    assert all(one.reply for one in asked)
    assert 0 < len(refused) < 300
    assert server.most_open > allowed
