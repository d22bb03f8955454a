"""LiteLLM as a provider, against a stand-in for its client: what it is given, and what its errors become."""

import asyncio
import os
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from prefactor.errors import CallError, MissingExtraError
from prefactor.llm.litellm_provider import LiteLLM
from prefactor.llm.records import Message, Reply, Request, Usage

CHAT = Request("bedrock/some", (Message("user", "A or B?"),))
GOOD = {
    "model": "some",
    "choices": [{"message": {"content": "B"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 1},
}
SECRET = "planted-litellm-key"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], list[dict[str, Any]]]:
    """Put a module in LiteLLM's place that answers with, or raises, what it is given; returns what it was asked."""

    def install(answer: object) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = []

        async def complete(**fields: object) -> object:
            asked.append(fields)
            if isinstance(answer, Exception):
                raise answer
            return SimpleNamespace(model_dump=lambda mode: answer)

        module = ModuleType("litellm")
        vars(module).update(acompletion=complete, atext_completion=complete)
        monkeypatch.setitem(sys.modules, "litellm", module)
        monkeypatch.setitem(os.environ, "LITELLM_LOCAL_MODEL_COST_MAP", "True")
        return asked

    return install


def test_it_is_asked_and_read(
    stand_in: Callable[[object], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", SECRET)
    asked = stand_in(GOOD)
    provider = LiteLLM("http://here", key_variable="SOME_KEY")
    assert asyncio.run(provider.ask(CHAT)) == Reply("B", "stop", (), Usage(9, 1), "some")
    assert (asked[0]["model"], asked[0]["api_base"], asked[0]["api_key"]) == ("bedrock/some", "http://here", SECRET)
    assert asked[0]["num_retries"] == 0
    assert SECRET not in f"{vars(provider)}"


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [(401, "refused key", False), (429, "rate limit", True), (503, "overload", True), (None, "overload", True)],
)
def test_its_errors_are_named(
    status: int | None,
    kind: str,
    *,
    retryable: bool,
    stand_in: Callable[[object], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_KEY", SECRET)
    error = RuntimeError(f"it said {SECRET}")
    if status is not None:
        error.status_code = status  # type: ignore[attr-defined]  # as LiteLLM's errors have
    stand_in(error)
    with pytest.raises(CallError) as caught:
        asyncio.run(LiteLLM(key_variable="SOME_KEY").ask(CHAT))
    assert (caught.value.kind, caught.value.retryable) == (kind, retryable)
    assert SECRET not in f"{caught.value!r}"


def test_without_the_extra_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    monkeypatch.setitem(os.environ, "LITELLM_LOCAL_MODEL_COST_MAP", "True")
    with pytest.raises(MissingExtraError, match=r"prefactor\[litellm\]"):
        LiteLLM()
