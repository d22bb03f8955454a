"""Ratings, errors and the reading of queries through llama.cpp's own server, which holds replies to their schemas."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from prefactor.factors.asked.base import OUTCOMES, Answer, Query, RateOptions, Subjects, outcome
from prefactor.factors.asked.measuring import measure_by_asking
from prefactor.factors.asked.query import read_queries
from prefactor.factors.taxonomy import load_taxonomy
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Reply, Request
from servers.llama_cpp import LlamaServer, llama_server
from simulated.rater import sections

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

CONTEXT = 8192
FACTORS = tuple(factor for factor in load_taxonomy("dissection") if factor.way in ("rating", "errors"))
FRIENDLY = [factor.name for factor in FACTORS].index("friendly")
ANSWERS = tuple(
    Answer(text, Query(prompt))
    for prompt in ("Is it A or B?", "Which answer is better, in 3 words? I feel cold.")
    for text in ("A, of course.", "Answer B: it's 23 °C in Paris.")
)
SUBJECTS = Subjects(ANSWERS, ((0, 1), (2, 3)))


@pytest.fixture(scope="module")
def server(tiny: "TinyModel", tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    from servers.tiny_model import write_gguf  # noqa: PLC0415  # absent where these tests are skipped

    path = tmp_path_factory.mktemp("rating") / "tiny.gguf"
    write_gguf(tiny, path, context=CONTEXT)
    with llama_server(path, context=CONTEXT) as running:
        yield running


class Watched(OpenAICompatible):
    """A provider that keeps what it was asked and what it answered."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.seen: list[tuple[Request, Reply]] = []

    async def ask(self, request: Request) -> Reply:
        reply = await super().ask(request)
        self.seen.append((request, reply))
        return reply


@pytest.mark.parametrize("together", [False, True])
def test_every_reply_that_keeps_to_its_schema_is_read(server: LlamaServer, together: bool) -> None:
    provider = Watched(server.url)
    found = measure_by_asking(SUBJECTS, FACTORS, provider=provider, options=RateOptions("tiny", together=together))
    assert found.failures == ()
    assert found.calls == (3 if together else 5)
    ratings = found.ratings
    assert {OUTCOMES[each] for each in ratings.outcomes.ravel()} <= {"measured", "does not apply"}
    always = [not factor.needs and factor.way == "rating" for factor in FACTORS]
    assert (ratings.outcomes[:, always] == outcome("measured")).all()
    levels = ratings.values[:, [bool(factor.anchors) for factor in FACTORS]]
    assert np.isin(levels[~np.isnan(levels)], [0, 1, 2, 3]).all()
    for request, reply in provider.seen:
        said = json.loads(reply.text)
        for label, text in sections(request).items():
            if label.startswith("answer"):
                place = next(row for row, answer in enumerate(ANSWERS) if said_of(request, answer, text))
                of_answer = said[label.removeprefix("answer ")] if together else said
                assert ratings.values[place, FRIENDLY] == of_answer["friendly"]


def said_of(request: Request, answer: Answer, text: str) -> bool:
    """Whether an answer is the one that a request shows as this text."""
    return answer.text == text and answer.query.prompt == sections(request)["request"]


def test_the_server_has_the_instructions_in_its_cache(server: LlamaServer) -> None:
    provider = Watched(server.url)
    measure_by_asking(SUBJECTS, FACTORS, provider=provider, options=RateOptions("tiny", repeat=1))
    usages = [reply.usage for request, reply in provider.seen]
    assert max(usage.cached_tokens / usage.input_tokens for usage in usages) > 0.8


@pytest.mark.parametrize("repeat", [1, 2, 3])
def test_replies_drawn_at_random_are_read_or_cut_off(server: LlamaServer, repeat: int) -> None:
    options = RateOptions("tiny", together=repeat == 3, repeat=repeat, temperature=2.0)
    ratings = measure_by_asking(SUBJECTS, FACTORS, provider=OpenAICompatible(server.url), options=options).ratings
    rated = np.array([factor.way == "rating" and not factor.needs for factor in FACTORS])
    assert {OUTCOMES[each] for each in ratings.outcomes[:, rated].ravel()} <= {"measured", "cut off"}
    assert len(np.unique(ratings.values[:, rated])) > 2
    assert np.nanmin(ratings.values) >= 0


def test_queries_are_read(server: LlamaServer) -> None:
    found = read_queries(SUBJECTS, provider=OpenAICompatible(server.url), options=RateOptions("tiny"))
    assert set(found.readings.read) == {answer.query for answer in ANSWERS}
    assert found.spent.calls == 1
