"""One exchange with a server that wants a key: what it is sent, what is given back, and what is a failure."""

import asyncio
import json

import pytest

from prefactor.errors import CallError
from prefactor.llm.exchange import KeyedServer, words_of
from servers.model_server import Answer, serving

SECRET = "sk-planted-0123456789"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", SECRET)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "no model x", "code": "model_not_found"}}, "no model x (model_not_found)"),
        ({"error": "plain words"}, "plain words"),
        ({"detail": "not so"}, "not so"),
        (b"Bad Gateway", "Bad Gateway"),
        ([1], "[1]"),
    ],
)
def test_the_words_of_a_server_are_found(body: object, said: str) -> None:
    assert words_of(body if isinstance(body, bytes) else json.dumps(body).encode()) == said


@pytest.mark.parametrize(("header", "sent"), [("authorization", f"Bearer {SECRET}"), ("x-api-key", SECRET)])
def test_the_key_is_sent_as_the_server_wants_it_and_taken_out_of_its_words(header: str, sent: str) -> None:
    async def run(url: str) -> bytes:
        server = KeyedServer(url, key_variable="A_KEY", key_header=header, headers={"x-version": "2"})
        try:
            return await server.post("/chat/completions", b"{}")
        finally:
            await server.close()

    with serving(lambda asked: Answer(json.dumps({"said": asked.headers[header]}).encode())) as model:
        body = asyncio.run(run(model.url))
        (asked,) = model.requests
    assert (asked.headers[header], asked.headers["x-version"]) == (sent, "2")
    assert json.loads(body) == {"said": sent.replace(SECRET, "[key]")}


def test_a_status_that_is_not_one_of_success_is_an_error_in_the_words_of_the_server() -> None:
    async def run(url: str) -> None:
        server = KeyedServer(url, key_variable="A_KEY")
        try:
            await server.post("/chat/completions", b"{}")
        finally:
            await server.close()

    answer = Answer(json.dumps({"error": f"no such model for {SECRET}"}).encode(), status=404)
    with serving(lambda asked: answer) as model, pytest.raises(CallError) as caught:
        asyncio.run(run(model.url))
    assert caught.value.kind == "not found"
    assert str(caught.value).endswith("answered 404: 'no such model for [key]'")
