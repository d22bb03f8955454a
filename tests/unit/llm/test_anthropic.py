"""Anthropic's messages API: what is sent, what is read, and what it cannot do."""

import asyncio
import json
from typing import Any

import pytest

from prefactor.errors import CallError
from prefactor.llm.anthropic import Anthropic
from prefactor.llm.records import Message, Reply, Request, Sampling, Usage
from servers.model_server import Answer, Asked, Script, serving

CHAT = Request("claude", (Message("system", "Judge."), Message("user", "A or B?")), sampling=Sampling(0.0, 9))
GOOD: dict[str, Any] = {
    "model": "claude-1",
    "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "B"}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 10,
        "output_tokens": 2,
        "cache_read_input_tokens": 5,
        "cache_creation_input_tokens": None,
    },
}
SECRET = "sk-ant-planted-1234"


def ask(script: Script, request: Request = CHAT) -> Reply:
    with serving(script) as server:
        return asyncio.run(Anthropic(server.url).ask(request))


def ask_body(body: dict[str, Any], status: int = 200) -> Reply:
    return ask(lambda asked: Answer(json.dumps(body).encode(), status=status))


def test_a_chat_is_asked_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    sent: list[Asked] = []

    def script(asked: Asked) -> Answer:
        sent.append(asked)
        return Answer(json.dumps(GOOD).encode())

    request = Request("claude", CHAT.messages, "", Sampling(0.5, 9, 0.9, 1, ("END",)), 0, '{"type":"object"}')
    assert ask(script, request) == Reply("B", "stop", (), Usage(15, 2, 5), "claude-1")
    (asked,) = sent
    assert asked.path == "/v1/messages"
    assert asked.headers["x-api-key"] == SECRET
    assert asked.headers["anthropic-version"] == "2023-06-01"
    assert asked.fields == {
        "model": "claude",
        "system": "Judge.",
        "messages": [{"role": "user", "content": "A or B?"}],
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop_sequences": ["END"],
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
    }


@pytest.mark.parametrize(("said", "finish"), [("max_tokens", "length"), ("refusal", "refusal"), ("odd", "odd")])
def test_why_it_ends(said: str, finish: str) -> None:
    assert ask_body({**GOOD, "stop_reason": said}).finish == finish


@pytest.mark.parametrize("request_", [Request("claude", prompt="x"), Request("claude", CHAT.messages, top_logprobs=5)])
def test_what_it_cannot_do_is_refused_before_it_is_sent(request_: Request) -> None:
    with pytest.raises(CallError) as caught:
        asyncio.run(Anthropic("http://127.0.0.1:9/v1").ask(request_))
    assert (caught.value.kind, caught.value.maybe_paid) == ("bad request", False)


@pytest.mark.parametrize("missing", ["content", "stop_reason", "usage"])
def test_a_reply_of_another_shape_is_unreadable(missing: str) -> None:
    with pytest.raises(CallError, match=f"unreadable reply: {missing}"):
        ask_body({name: value for name, value in GOOD.items() if name != missing})


@pytest.mark.parametrize("status", [401, 400, 529])
def test_the_key_is_shown_nowhere(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    with pytest.raises(CallError) as caught:
        ask_body({"type": "error", "error": {"type": "e", "message": f"no: {SECRET}"}}, status=status)
    assert SECRET not in f"{caught.value!r} {vars(caught.value)} {vars(Anthropic())} {Anthropic()!r}"
    assert caught.value.retryable is (status == 529)
