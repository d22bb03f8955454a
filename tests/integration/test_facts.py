"""Facts through llama.cpp's own server: replies keep to the schemas, and whatever a tiny model says has an outcome."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from prefactor.asking.calls import AskOptions
from prefactor.factors.asked.base import OUTCOMES, Answer, Query, RateOptions, Subjects
from prefactor.factors.asked.facts import PARTS
from prefactor.factors.asked.measuring import measure_by_asking
from prefactor.factors.base import Factor
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Reply, Request
from prefactor.runtime.calls import CallOptions
from servers.llama_cpp import LlamaServer, llama_server

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

CONTEXT = 8_192
FACTORS = tuple(Factor(part, part, part, part, "facts", "facts", way="facts", part=part) for part in PARTS)
SUBJECTS = Subjects(
    (
        Answer("Tea is hot. It snows.", Query("Is tea hot?", source="Tea is hot.", reference="Yes.")),
        Answer("No.", Query("Is tea hot?", source="Tea is hot.", reference="Yes.")),
        Answer("", Query("Is it A or B?")),
    ),
    ((0, 1),),
)


@pytest.fixture(scope="module")
def server(tiny: "TinyModel", tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    from servers.tiny_model import write_gguf  # noqa: PLC0415  # absent where these tests are skipped

    path = tmp_path_factory.mktemp("llama") / "tiny.gguf"
    write_gguf(tiny, path, context=CONTEXT)
    with llama_server(path, context=CONTEXT) as running:
        yield running


class Recorder:
    """A provider that keeps what was said, and takes texts apart by itself where it is told to."""

    def __init__(self, server: LlamaServer, split: str = "") -> None:
        self.provider = OpenAICompatible(server.url)
        self.identity = self.provider.identity
        self.split = split
        self.said: list[tuple[Request, Reply]] = []

    async def ask(self, request: Request) -> Reply:
        if self.split and '"facts"' in request.schema:
            return Reply(self.split)
        reply = await self.provider.ask(request)
        self.said.append((request, reply))
        return reply

    async def close(self) -> None:
        await self.provider.close()


@pytest.mark.parametrize("split", ["", '{"facts": ["Tea is hot.", "It snows."]}'], ids=["all of it", "checks"])
def test_every_call_is_answered_and_has_an_outcome(server: LlamaServer, split: str) -> None:
    recorder = Recorder(server, split)
    measured = measure_by_asking(
        SUBJECTS, FACTORS, provider=recorder, options=RateOptions("tiny"), ask=AskOptions(CallOptions(concurrency=2))
    )
    assert measured.failures == ()
    assert measured.calls == len(recorder.said) + (3 if split else 0)
    assert len(recorder.said) == (6 if split else 3)
    for request, reply in recorder.said:
        assert reply.finish in {"stop", "length"}
        if reply.finish == "stop":
            Draft202012Validator(json.loads(request.schema)).validate(json.loads(reply.text))
    outcomes = measured.ratings.outcomes
    np.testing.assert_array_equal(np.isfinite(measured.ratings.values), outcomes == OUTCOMES.index("measured"))
    assert {OUTCOMES[place] for place in outcomes.ravel()} <= {*OUTCOMES[:2], "unreadable", "cut off"}
    assert outcomes[2].tolist() == outcomes_of_nothing()


def outcomes_of_nothing() -> list[int]:
    """An answer without a word, to a request without a source, in no comparison: its numbers are 0, without a call."""
    measured = {"number", "false_number", "undecided_number"}
    return [OUTCOMES.index("measured" if part in measured else "does not apply") for part in PARTS]
