"""llama.cpp's own server, asked through prefactor: what it says is what the model's weights say."""

import asyncio
import itertools
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prefactor.asking.calls import AskOptions, ask_all
from prefactor.errors import CallError
from prefactor.judges.base import Asking, Texts
from prefactor.judges.judging import make_bench, pose, verdicts_of
from prefactor.llm.base import Provider
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Message, Reply, Request, Sampling
from prefactor.llm.transformers_local import TransformersLocal
from prefactor.runtime.cache_contents import show_cache
from prefactor.runtime.calls import CallOptions
from servers.llama_cpp import LlamaServer, llama_server

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

CONTEXT = 512
QUESTIONS = (
    "Is it A or B?",
    "Which answer is better, A or B? Answer A: it's 23 °C in Paris. Answer B: it rains.",
    "Which answer is better, A or B? Answer A: it rains. Answer B: it's 23 °C in Paris.",
)
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"verdict": {"enum": ["first", "second", "tie"]}},
        "required": ["verdict"],
        "additionalProperties": False,
    }
)
CALLS = 300
BEFORE_THE_KILL = 100
IN_FLIGHT = 8


@pytest.fixture(scope="module")
def weights(tiny: "TinyModel", tmp_path_factory: pytest.TempPathFactory) -> Path:
    from servers.tiny_model import write_gguf  # noqa: PLC0415  # absent where these tests are skipped

    path = tmp_path_factory.mktemp("llama") / "tiny.gguf"
    write_gguf(tiny, path)
    return path


@pytest.fixture(scope="module")
def server(weights: Path) -> Iterator[LlamaServer]:
    with llama_server(weights, context=CONTEXT) as running:
        yield running


def ask(server: LlamaServer, request: Request) -> Reply:
    async def once() -> Reply:
        provider = OpenAICompatible(server.url)
        try:
            return await provider.ask(request)
        finally:
            await provider.close()

    return asyncio.run(once())


def chat(text: str, *, most: int = 8, top_logprobs: int = 0, schema: str = "") -> Request:
    said = (Message("user", text),)
    return Request("tiny", said, sampling=Sampling(max_tokens=most), top_logprobs=top_logprobs, schema=schema)


def counted(server: LlamaServer, what: str) -> int:
    """Return one of the server's own counts."""
    with urllib.request.urlopen(server.url.replace("/v1", "/metrics"), timeout=10) as answer:
        found = re.search(rf"^llamacpp:{what} (\d+)", answer.read().decode(), re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_chat(server: LlamaServer, tiny: "TinyModel", question: str) -> None:
    prompt = tiny.chat_prompt(question)
    reply = ask(server, chat(question))
    assert reply.text == tiny.continued(prompt, 8) != ""
    assert reply.finish == "stop"
    assert reply.model == "tiny"
    assert reply.tokens == ()
    assert reply.usage.input_tokens == tiny.count(prompt)
    # The end is a token too.
    assert reply.usage.output_tokens == tiny.count(reply.text) + 1


@pytest.mark.parametrize("most", [1, 8])
def test_a_text_is_continued(server: LlamaServer, tiny: "TinyModel", most: int) -> None:
    prompt = "Which answer is better, A or B? The better one is"
    reply = ask(server, Request("tiny", prompt=prompt, sampling=Sampling(max_tokens=most)))
    assert reply.text == tiny.continued(prompt, most) != ""
    assert reply.finish == ("length" if most == 1 else "stop")
    assert reply.usage.input_tokens == tiny.count(prompt)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("chats", [True, False], ids=["chat", "completions"])
def test_log_probabilities_are_those_of_the_weights(
    server: LlamaServer, tiny: "TinyModel", question: str, *, chats: bool
) -> None:
    prompt = tiny.chat_prompt(question) if chats else f"{question} The better one is"
    plain = Request("tiny", prompt=prompt, sampling=Sampling(max_tokens=1), top_logprobs=20)
    reply = ask(server, chat(question, top_logprobs=20) if chats else plain)
    first = reply.tokens[0]
    letters = ("A", "B") if chats else (" A", " B")
    expected = {letter: tiny.logprob(letter, prompt) for letter in letters}
    assert {letter: dict(first.alternatives)[letter] for letter in letters} == pytest.approx(expected, abs=1e-4)
    most = tiny.next_logprobs(prompt).topk(20).values.tolist()
    assert [value for _, value in first.alternatives] == pytest.approx(most, abs=1e-4)
    assert (first.token, first.logprob) == first.alternatives[0]


def test_a_schema_is_kept_to(server: LlamaServer) -> None:
    reply = ask(server, chat(QUESTIONS[0], most=200, schema=SCHEMA))
    assert reply.finish == "stop"
    assert json.loads(reply.text)["verdict"] in {"first", "second", "tie"}


def test_a_model_of_another_name_is_told_by_the_reply(server: LlamaServer) -> None:
    """This server answers for any name, so only the reply says who it was."""
    assert ask(server, Request("another", prompt="A", sampling=Sampling(max_tokens=1))).model == "tiny"


def test_a_prompt_that_is_too_long_is_named(server: LlamaServer) -> None:
    with pytest.raises(CallError, match=r"exceeds the available context size \(512 tokens\)") as caught:
        ask(server, chat("A or B? " * CONTEXT))
    assert (caught.value.kind, caught.value.retryable) == ("bad request", False)


def test_a_wrong_address_is_named(server: LlamaServer) -> None:
    with pytest.raises(CallError) as caught:
        asyncio.run(OpenAICompatible(f"{server.url}/v2").ask(chat("A or B?")))
    assert (caught.value.kind, caught.value.retryable) == ("not found", False)


def test_a_key_is_asked_for(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with llama_server(weights, context=CONTEXT, key="sk-right-1234567890") as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-right-1234567890")
        assert ask(server, chat("A or B?")).text
        monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-1234567890")
        with pytest.raises(CallError) as caught:
            ask(server, chat("A or B?"))
    assert caught.value.kind == "refused key"
    assert "sk-" not in str(caught.value)


class KillsItsServer:
    """A provider whose server is killed once it has answered so many calls."""

    def __init__(self, server: LlamaServer, after: int) -> None:
        self.server, self.left = server, after
        self.provider = OpenAICompatible(server.url)
        self.identity = self.provider.identity

    async def ask(self, request: Request) -> Reply:
        reply = await self.provider.ask(request)
        self.left -= 1
        if self.left == 0:
            self.server.kill()
        return reply

    async def close(self) -> None:
        await self.provider.close()


def test_a_server_that_dies_loses_nothing(weights: Path, tiny: "TinyModel", tmp_path: Path) -> None:
    requests = [chat(f"Question {number}: A or B?", top_logprobs=5) for number in range(CALLS)]
    cache = tmp_path / "replies.db"
    options = AskOptions(CallOptions(concurrency=IN_FLIGHT, attempts=2, first_wait=0.01), cache)
    with llama_server(weights, context=CONTEXT) as first:
        broken = ask_all(KillsItsServer(first, BEFORE_THE_KILL), requests, options=options)
    got = [one for one in broken if one.reply]
    assert BEFORE_THE_KILL <= len(got) <= BEFORE_THE_KILL + IN_FLIGHT
    assert all(re.match(r"(connection|not asked): ", one.failure) for one in broken if not one.reply)
    assert sum(shelf.replies for shelf in show_cache(cache).shelves) == len(got)

    with llama_server(weights, context=CONTEXT, port=first.port) as second:
        again = ask_all(OpenAICompatible(second.url), requests, options=options)
        written = counted(second, "tokens_predicted_total")
    assert [one.cached for one in again] == [one.reply is not None for one in broken]
    assert written == sum(one.usage.output_tokens for one in again)
    said = [one.reply.tokens[0].logprob for one in again if one.reply]
    prompts = [tiny.chat_prompt(each.messages[0].content) for each in requests]
    assert said == pytest.approx([float(tiny.next_logprobs(prompt).max()) for prompt in prompts], abs=1e-4)


SHORT_JUDGE = """
name = "short"
version = 1
kind = "pairwise"
parser = "token"
about = "Asks for a letter in few words."
sampling = { temperature = 0.0, max_tokens = 1 }
prompt = { user = "{prompt} Which answer is better, A or B? Answer A: {first} Answer B: {second}" }
"""


def test_a_log_probability_judge_says_the_same_here_and_behind_a_server(
    server: LlamaServer, tiny: "TinyModel", tmp_path: Path
) -> None:
    tiny.model.save_pretrained(tmp_path / "model")
    tiny.tokenizer.save_pretrained(tmp_path / "model")
    (tmp_path / "short.toml").write_text(SHORT_JUDGE, encoding="utf-8")
    answers = ("it snows.", "it's 4 °C in Rome.", "Answer B is wrong.", "The weather is longer.")
    texts = [
        Texts(number, f"{number}", "The question is about Paris.", *pair)
        for number, pair in enumerate(itertools.combinations(answers, 2))
    ]

    def judged(provider: Provider, model: str) -> list[float | None]:
        bench = make_bench(str(tmp_path / "short.toml"), [model], asking=Asking(""), name="judge")
        questions = pose(texts, bench)
        found = verdicts_of(questions, ask_all(provider, questions.requests))
        return [opinion.preference for opinions in found for opinion in opinions]

    served = judged(OpenAICompatible(server.url), "tiny")
    assert len(served) == 12  # six comparisons in both orders
    assert len(set(served)) > 6
    local = judged(TransformersLocal("cpu"), str(tmp_path / "model"))
    assert served == pytest.approx(local, abs=1e-3)
