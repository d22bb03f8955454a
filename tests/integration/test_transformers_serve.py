"""``transformers serve``, asked through prefactor: a server that counts and refuses, and gives no log-probabilities."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from prefactor.asking.calls import Asked, AskOptions, ask_all
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Message, Request, Sampling
from prefactor.runtime.calls import CallOptions
from servers.transformers_serve import transformers_server

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

CALLS = 24


@pytest.fixture(scope="module")
def served(tiny: "TinyModel", tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of the server, and the name of its model."""
    folder = tmp_path_factory.mktemp("transformers")
    tiny.model.save_pretrained(folder)
    tiny.tokenizer.save_pretrained(folder)
    with transformers_server(folder) as url:
        yield url, str(folder)


def ask(url: str, *requests: Request) -> tuple[Asked, ...]:
    return ask_all(OpenAICompatible(url), requests, options=AskOptions(CallOptions(concurrency=4, attempts=3)))


def test_chats_and_texts(served: tuple[str, str], tiny: "TinyModel") -> None:
    url, model = served
    sampling = Sampling(max_tokens=4)
    texts = [f"Question {number}: A or B? The better one is" for number in range(CALLS)]
    chats = [Request(model, (Message("user", text),), sampling=sampling) for text in texts]
    asked = ask(url, *chats, *(Request(model, prompt=text, sampling=sampling) for text in texts))
    prompts = [*map(tiny.chat_prompt, texts), *texts]
    replies = [one.reply for one in asked if one.reply]
    assert [reply.text for reply in replies] == [tiny.continued(prompt, 4) for prompt in prompts]
    assert [reply.usage.input_tokens for reply in replies] == [tiny.count(prompt) for prompt in prompts]
    assert {reply.model for reply in replies} == {model}


def test_an_unknown_model_is_named_and_asked_for_once(served: tuple[str, str]) -> None:
    (asked,) = ask(served[0], Request("nobody/nothing", (Message("user", "A or B?"),)))
    assert asked.reply is None
    assert asked.attempts == 1
    assert asked.failure.startswith("bad request: ")
    assert "nobody/nothing" in asked.failure


def test_log_probabilities_that_a_server_does_not_give_are_none(served: tuple[str, str]) -> None:
    (asked,) = ask(served[0], Request(served[1], (Message("user", "A or B?"),), top_logprobs=5))
    assert asked.reply is not None
    assert asked.reply.tokens == ()
