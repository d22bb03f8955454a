"""A served reward model: what each endpoint is sent, what is read of it, and what is refused with a name."""

import asyncio
import json
from typing import Any

import pytest

from prefactor.errors import CallError, UnknownNameError
from prefactor.judges.reward import reward_request
from prefactor.llm.providers import ProviderOptions, make_provider
from prefactor.llm.records import Reply, Request, Usage
from prefactor.llm.reward_server import ENDPOINTS, RewardServer
from servers.model_server import Answer, serving

REQUEST = reward_request("rm", "Why?", response="So.", system="Be kind.")
CHAT = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Why?"},
    {"role": "assistant", "content": "So."},
]
SENT: dict[str, dict[str, Any]] = {
    "classify": {"messages": CHAT, "add_generation_prompt": False},
    "pooling": {"messages": CHAT, "add_generation_prompt": False},
    "score": {"text_1": "Be kind.\n\nWhy?", "text_2": "So."},
}
ROWS: dict[str, dict[str, Any]] = {
    "classify": {"index": 0, "label": "LABEL_0", "probs": [-1.25], "num_classes": 1},
    "pooling": {"index": 0, "data": [-1.25]},
    "score": {"index": 0, "score": -1.25},
}
SECRET = "planted-reward-key"


def ask(endpoint: str, body: object, *, status: int = 200, request: Request = REQUEST) -> tuple[Reply, Any]:
    with serving(lambda asked: Answer(json.dumps(body).encode(), status=status)) as server:
        provider = RewardServer(server.url, endpoint=endpoint)

        async def run() -> Reply:
            try:
                return await provider.ask(request)
            finally:
                await provider.close()

        return asyncio.run(run()), server.requests[0]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_answer_is_sent_and_its_score_read(endpoint: str) -> None:
    reply, asked = ask(endpoint, {"model": "rm-1", "data": [ROWS[endpoint]], "usage": {"prompt_tokens": 9}})
    assert reply == Reply("-1.25", usage=Usage(9, 0), model="rm-1")
    assert asked.path == f"/{endpoint}"
    assert asked.fields == {"model": "rm", "use_activation": False, **SENT[endpoint]}


def test_a_pooler_with_a_number_for_every_token_counts_with_the_last() -> None:
    reply, _ = ask("pooling", {"data": [{"data": [[0.5], [2.5]]}]})
    assert reply.text == "2.5"


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("classify", {"data": []}),
        ("classify", {"data": [ROWS["classify"]] * 2}),
        ("classify", {"data": [{"probs": [0.2, 0.8]}]}),
        ("classify", {"data": [{"probs": ["high"]}]}),
        ("pooling", {"data": [{"data": [0.1, 0.2, 0.3]}]}),
        ("pooling", {"data": [{"data": []}]}),
        ("score", {"data": [{"score": None}]}),
        ("score", {"object": "list"}),
    ],
)
def test_other_shapes_are_unreadable(endpoint: str, body: object) -> None:
    with pytest.raises(CallError, match="unreadable reply"):
        ask(endpoint, body)


def test_failures_have_names_and_show_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with pytest.raises(CallError, match="not found") as error:
        ask("classify", {"error": {"message": f"no such model for {SECRET}"}}, status=404)
    assert SECRET not in str(error.value)
    with pytest.raises(CallError, match="bad request: a reward model gives scores"):
        asyncio.run(RewardServer().ask(Request("rm", prompt="A or B?")))


def test_it_is_made_by_name() -> None:
    provider = make_provider("reward-server:score", options=ProviderOptions(base_url="http://localhost:9/v1/"))
    assert provider.identity == "reward-server:http://localhost:9/score"
    assert repr(provider) == "RewardServer('http://localhost:9/score')"
    with pytest.raises(UnknownNameError, match="classify"):
        make_provider("reward-server:clasify")
