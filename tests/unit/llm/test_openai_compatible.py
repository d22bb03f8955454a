"""A server that speaks OpenAI's protocol: what is sent, what is read, and what is refused with a name."""

import asyncio
import json
import logging
from typing import Any

import pytest

from prefactor.errors import CallError, SettingError
from prefactor.llm.openai_compatible import OpenAICompatible, request_fields
from prefactor.llm.records import Message, Reply, Request, Sampling, Usage
from servers.model_server import Answer, Script, completion, serving

CHAT = Request("tiny", (Message("system", "Judge."), Message("user", "A or B?")), sampling=Sampling(max_tokens=3))
PLAIN = Request("tiny", prompt="A or B?", top_logprobs=2)
SECRET = "sk-planted-0123456789"


def ask(script: Script, request: Request = CHAT) -> Reply:
    with serving(script) as server:
        provider = OpenAICompatible(server.url)

        async def run() -> Reply:
            try:
                return await provider.ask(request)
            finally:
                await provider.close()

        return asyncio.run(run())


def ask_body(body: object, request: Request = CHAT, *, status: int = 200) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(lambda asked: Answer(content, status=status), request)


def choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [fields]}


def test_a_chat_is_asked_and_read() -> None:
    sent: list[dict[str, Any]] = []

    def script(asked: Any) -> Answer:
        sent.append({"path": asked.path, **asked.fields})
        return Answer(completion("B"))

    assert ask(script) == Reply("B", "stop", (), Usage(10, 2), "tiny-1")
    assert sent == [
        {
            "path": "/v1/chat/completions",
            "model": "tiny",
            "temperature": 0.0,
            "max_tokens": 3,
            "messages": [{"role": "system", "content": "Judge."}, {"role": "user", "content": "A or B?"}],
        }
    ]


def test_everything_that_can_be_asked_for_is_sent() -> None:
    sampling = Sampling(0.7, 9, 0.9, 1, ("END",))
    extra = '{"min_p": 0.1, "temperature": null}'
    request = Request("tiny", CHAT.messages, "", sampling, 5, '{"type":"object"}', extra)
    fields = request_fields(request, for_openai=True)
    assert "max_tokens" not in fields
    assert "temperature" not in fields
    wanted = {"max_completion_tokens": 9, "top_p": 0.9, "seed": 1, "stop": ["END"], "logprobs": True, "min_p": 0.1}
    assert {name: fields[name] for name in wanted} == wanted
    assert fields["top_logprobs"] == 5
    assert fields["response_format"]["json_schema"]["schema"] == {"type": "object"}


def test_extra_fields_must_be_an_object() -> None:
    with pytest.raises(SettingError, match="JSON text of an object"):
        request_fields(Request("tiny", extra="[1]"))
    with pytest.raises(SettingError, match="schema of a reply"):
        request_fields(Request("tiny", schema="{"))


def test_log_probabilities_of_a_chat() -> None:
    token = {
        "token": "B",
        "logprob": -0.5,
        "top_logprobs": [{"token": "A", "logprob": -1}, {"token": "B", "logprob": -0.5}],
    }
    reply = ask_body(choice(message={"content": "B"}, logprobs={"content": [token]}, finish_reason="length"))
    assert reply.finish == "length"
    assert reply.tokens[0].alternatives == (("B", -0.5), ("A", -1.0))


def test_log_probabilities_of_a_completion_with_its_prompt() -> None:
    logprobs = {
        "tokens": ["A", " or", " B"],
        "token_logprobs": [None, -1.5, 1e-7],
        "top_logprobs": [None, {" and": -0.5, " or": -1.5}, {" B": 0.0}],
    }
    reply = ask_body(choice(text=" B", logprobs=logprobs, finish_reason="stop"), PLAIN)
    assert [token.token for token in reply.tokens] == [" or", " B"]
    assert reply.tokens[0].alternatives == ((" and", -0.5), (" or", -1.5))
    assert reply.tokens[1].logprob == 0.0
    assert request_fields(PLAIN)["logprobs"] == 2
    assert request_fields(PLAIN)["prompt"] == "A or B?"


def test_a_refusal_is_named() -> None:
    reply = ask_body(choice(message={"content": None, "refusal": "I won't."}, finish_reason="stop"))
    assert (reply.text, reply.finish) == ("I won't.", "refusal")
    reply = ask_body(choice(message={"content": None}, finish_reason="content_filter"))
    assert (reply.text, reply.finish) == ("", "refusal")


def test_content_in_parts_is_joined() -> None:
    parts = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "B"}, {"type": "text", "text": "!"}]
    assert ask_body(choice(message={"content": parts})).text == "B!"


def test_a_reasoning_model_that_ran_out_of_tokens_is_cut_off() -> None:
    assert ask_body(choice(message={"content": None}, finish_reason="length")) == Reply("", "length")


@pytest.mark.parametrize(
    ("body", "expected", "retryable"),
    [
        (b'{"choices": [{"mess', "body: expected JSON", True),
        (b"<html>busy</html>", "body: expected JSON", True),
        (b"\xff\xfe", "body: expected JSON", True),
        ([], "body: expected an object", False),
        ({}, "choices: expected a list", False),
        ({"choices": []}, "choices: expected at least one choice", True),
        ({"choices": ["B"]}, "choices[0]: expected an object", False),
        ({"error": {"message": "upstream failed"}}, "upstream failed", True),
        (choice(), "choices[0].message: expected an object", False),
        (choice(message={"content": 7}), "choices[0].message.content: expected text, got 7", False),
        (choice(message={"content": None}), "choices[0].message.content: expected text", False),
        (choice(message={"content": "B"}, finish_reason=1), "choices[0].finish_reason: expected text", False),
        ({**choice(message={"content": "B"}), "usage": {"prompt_tokens": "9"}}, "usage.prompt_tokens", False),
        (choice(message={"content": "B"}, logprobs={"content": [{"token": "B"}]}), "logprob: expected a number", False),
        (
            choice(message={"content": "B"}, logprobs={"content": [{"token": "B", "logprob": 0.7}]}),
            "a log-probability of at most 0, got 0.7",
            False,
        ),
        (choice(text="B", logprobs={"tokens": ["B"], "token_logprobs": []}), "three lists of one length", False),
    ],
)
def test_a_reply_of_another_shape_is_unreadable(body: object, expected: str, *, retryable: bool) -> None:
    with pytest.raises(CallError) as caught:
        ask_body(body)
    assert caught.value.kind == "unreadable reply"
    assert expected in str(caught.value)
    assert caught.value.retryable is retryable
    assert caught.value.maybe_paid


def test_the_words_of_a_server_are_shown_escaped_and_cut() -> None:
    with pytest.raises(CallError) as caught:
        ask_body({"error": {"message": "\x1b[31m" + "x" * 999}}, status=400)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_the_key_is_shown_nowhere(
    status: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    got: list[str] = []

    def script(asked: Any) -> Answer:
        got.append(asked.headers["authorization"])
        body = completion(f"your key is {SECRET}") if status == 200 else f"wrong key: {SECRET}".encode()
        return Answer(body, status=status)

    with serving(script) as server:
        provider = OpenAICompatible(server.url)
        try:
            shown = repr(asyncio.run(provider.ask(CHAT)))
        except CallError as error:
            shown = f"{error!r} {error} {error.__cause__!r} {vars(error)}"
    assert got == [f"Bearer {SECRET}"]
    everything = f"{shown} {provider!r} {provider.identity} {vars(provider)} {caplog.text}"
    assert SECRET not in everything


def test_no_key_is_sent_where_none_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    got: list[dict[str, str]] = []

    def script(asked: Any) -> Answer:
        got.append(asked.headers)
        return Answer(completion("A"))

    ask(script)
    assert "authorization" not in got[0]
