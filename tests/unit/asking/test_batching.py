"""Batches against a stand-in for OpenAI's endpoint: submitted, looked at, collected into the cache, then free."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from prefactor.asking.batching import collect_batch, submit_batch
from prefactor.asking.calls import AskOptions, ask_all
from prefactor.errors import CallError, SettingError
from prefactor.llm.openai_batch import OpenAIBatches
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Message, Request
from servers.model_server import Answer, Asked, completion, serving

REQUESTS = [Request("tiny", (Message("user", f"question {number}"),)) for number in range(6)]
SECRET = "sk-batch-planted"


class BatchServer:
    """Files and one batch, which is done once it was looked at twice; question 3 fails, question 4 is forgotten."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.looks = 0
        self.asked_directly: list[str] = []

    def script(self, asked: Asked) -> Answer:
        assert asked.headers["authorization"] == f"Bearer {SECRET}"
        found: object
        if asked.path == "/v1/files":
            assert b'name="purpose"\r\n\r\nbatch\r\n' in asked.body
            content = asked.body.partition(b"application/jsonl\r\n\r\n")[2].partition(b"\r\n--")[0]
            self.lines = [json.loads(line) for line in content.splitlines()]
            found = {"id": "file-1"}
        elif asked.path == "/v1/batches":
            assert asked.fields["input_file_id"] == "file-1"
            assert asked.fields["endpoint"] == "/v1/chat/completions"
            found = {"id": "batch-1", "status": "validating", "errors": None, "request_counts": None}
        elif asked.path == "/v1/batches/batch-1":
            self.looks += 1
            found = self.state()
        elif asked.path == "/v1/files/answers/content":
            return Answer("\n".join(self.answers()).encode())
        elif asked.path == "/v1/files/errors/content":
            return Answer("\n".join(self.errors()).encode())
        else:
            self.asked_directly.append(asked.fields["messages"][0]["content"])
            return Answer(completion("direct"))
        return Answer(json.dumps(found).encode())

    def state(self) -> dict[str, Any]:
        if self.looks < 2:
            counts = {"total": len(self.lines), "completed": 0, "failed": 0}
            return {"id": "batch-1", "status": "in_progress", "request_counts": counts}
        counts = {"total": len(self.lines), "completed": 4, "failed": 1}
        files = {"output_file_id": "answers", "error_file_id": "errors"}
        return {"id": "batch-1", "status": "completed", "request_counts": counts, **files}

    def answers(self) -> list[str]:
        said = [(line["custom_id"], line["body"]["messages"][0]["content"]) for line in self.lines]
        return [
            json.dumps(
                {"custom_id": name, "response": {"status_code": 200, "body": json.loads(completion(text.upper()))}}
            )
            for name, text in reversed(said)
            if not text.endswith(("3", "4"))
        ]

    def errors(self) -> list[str]:
        name = next(line["custom_id"] for line in self.lines if line["body"]["messages"][0]["content"].endswith("3"))
        body = {"error": {"message": "too long"}}
        return [json.dumps({"custom_id": name, "response": {"status_code": 400, "body": body}}), "", "{broken"]


def test_a_batch_from_submission_to_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    options, there = AskOptions(cache=tmp_path / "c.db"), BatchServer()
    with serving(there.script) as server:
        provider, batches = OpenAICompatible(server.url), OpenAIBatches(server.url)
        ask_all(provider, REQUESTS[:1], options=options)
        state = submit_batch(batches, REQUESTS, provider=provider, options=options)
        assert state is not None
        assert (state.name, state.ended, len(there.lines)) == ("batch-1", False, 5)
        early = collect_batch(batches, "batch-1", provider=provider, requests=REQUESTS, options=options)
        assert (early.state.status, early.kept) == ("in_progress", 0)
        late = collect_batch(batches, "batch-1", provider=provider, requests=REQUESTS, options=options)
        assert (late.kept, late.failures) == (3, (("bad request", 1), ("no answer", 1)))
        asked = ask_all(provider, REQUESTS, options=options)
        assert [one.reply.text for one in asked if one.reply] == [
            *("direct", "QUESTION 1", "QUESTION 2"),
            *("direct", "direct", "QUESTION 5"),
        ]
        assert there.asked_directly == ["question 0", "question 3", "question 4"]
        assert submit_batch(batches, REQUESTS, provider=provider, options=options) is None
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir()) + f"{vars(batches)}".encode()
    assert SECRET.encode() not in everything


def test_a_batch_needs_a_cache_and_one_endpoint() -> None:
    provider, batches = OpenAICompatible("http://127.0.0.1:9/v1"), OpenAIBatches("http://127.0.0.1:9/v1")
    with pytest.raises(SettingError, match="--cache"):
        submit_batch(batches, REQUESTS, provider=provider, options=AskOptions())
    mixed = {"a": REQUESTS[0], "b": Request("tiny", prompt="x")}
    for requests in ({}, mixed):
        with pytest.raises(SettingError, match="either all chats or all plain texts"):
            asyncio.run(batches.submit(requests))


def test_a_batch_that_failed_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {"id": "b", "status": "failed", "errors": {"data": [{"message": "line 3 is no JSON"}]}}
    with serving(lambda asked: Answer(json.dumps(body).encode())) as server:
        state = asyncio.run(OpenAIBatches(server.url).look("b"))
    assert (state.ended, state.said) == (True, "line 3 is no JSON")


def test_a_server_that_knows_no_batch_is_named() -> None:
    with (
        serving(lambda asked: Answer(b'{"error": "no such batch"}', 404)) as server,
        pytest.raises(CallError) as caught,
    ):
        asyncio.run(OpenAIBatches(server.url).look("b"))
    assert caught.value.kind == "not found"
