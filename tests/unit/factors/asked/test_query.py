"""Reading queries: whole, one by one where a batch fails, and never by a guess."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from prefactor.analysis.reference import load_published_profiles
from prefactor.errors import CallError
from prefactor.factors.asked import QUERY_KINDS
from prefactor.factors.asked.base import Answer, Query, RateOptions, Subjects
from prefactor.factors.asked.query import SCENARIOS, QueriesRead, QueryReading, read_queries
from prefactor.llm.records import Reply, Request
from prefactor.llm.scripted import ScriptedProvider
from simulated.rater import perfect_rater, sections

PLAIN = {"scenario": "code", "unclear": False, "feelings": True, "constraints": ["in C"], "stances": [], "mistakes": []}
READ = QueryReading("code", feelings=True, constraints=("in C",))


def read(
    prompts: list[str | Query], answer: Callable[[Request], Reply | str], *, options: RateOptions | None = None
) -> tuple[QueriesRead, ScriptedProvider]:
    provider = ScriptedProvider(answer)
    queries = [prompt if isinstance(prompt, Query) else Query(prompt) for prompt in prompts]
    subjects = Subjects(tuple(Answer("", query) for query in queries))
    return read_queries(subjects, provider=provider, options=options or RateOptions("m")), provider


def test_scenarios_and_kinds_are_the_published_ones() -> None:
    published = load_published_profiles()
    assert published.scenarios == SCENARIOS
    words = {
        "unclear": "unclear",
        "feelings": "feelings",
        "constraints": "constraints",
        "stances": "stance",
        "mistakes": "mistakes",
    }
    assert all(any(words[kind] in name for name in published.query_kinds) for kind in QUERY_KINDS)


def test_every_query_is_read_eight_at_a_time() -> None:
    prompts: list[str | Query] = [
        f"{number} <<scenario={SCENARIOS[number % 11]}>> <<unclear={number % 2}>>" for number in range(20)
    ]
    found, provider = read([*prompts, *prompts], perfect_rater)
    assert len(provider.calls) == 3
    assert found.spent.calls == 3
    assert [found.readings.read[Query(str(prompt))].scenario for prompt in prompts] == [
        SCENARIOS[each % 11] for each in range(20)
    ]
    assert [found.readings.read[Query(str(prompt))].kinds for prompt in prompts] == [
        ("unclear",) * (each % 2) for each in range(20)
    ]


def test_a_long_query_is_read_by_itself() -> None:
    _, provider = read(["short", "x" * 30_000, "brief"], perfect_rater)
    assert sorted(len(sections(request)) for request in provider.calls) in ([1, 1, 1], [1, 2])


def test_queries_that_read_alike_are_one() -> None:
    found, provider = read([Query("Why?", source="A."), Query("Why?", source="B.")], perfect_rater)
    assert [len(sections(request)) for request in provider.calls] == [1]
    assert len(found.readings.read) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scenario", "CODE"),
        ("unclear", "no"),
        ("unclear", "False"),
        ("feelings", "Yes"),
        ("constraints", [" in \n C "]),
        ("stances", ["", " "]),
    ],
)
def test_small_liberties_are_read(field: str, value: object) -> None:
    found, _ = read(["Do it."], lambda request: f"Here:\n{json.dumps({'1': {**PLAIN, field: value}})}")
    assert found.readings.read == {Query("Do it."): READ}


def test_one_query_needs_no_number() -> None:
    found, _ = read(["Do it."], lambda request: json.dumps(PLAIN))
    assert found.readings.read == {Query("Do it."): READ}


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": "cooking"},
        {"unclear": 0.5},
        {"unclear": None},
        {"constraints": "in C"},
        {"stances": [1]},
        {"mistakes": None},
    ],
)
def test_what_is_no_reading_is_asked_again_alone_and_then_named(change: dict[str, Any]) -> None:
    def answer(request: Request) -> str:
        shown = sections(request)
        return json.dumps(
            {label.split()[1]: {**PLAIN, **(change if "bad" in text else {})} for label, text in shown.items()}
        )

    found, provider = read(["good one", "bad", "good two"], answer)
    assert found.readings.unread == {Query("bad"): "unreadable"}
    assert set(found.readings.read) == {Query("good one"), Query("good two")}
    assert sorted(len(sections(request)) for request in provider.calls) == [1, 3]


def test_asking_again_may_help() -> None:
    found, _ = read(["a", "b"], lambda request: json.dumps({"1": PLAIN} if len(sections(request)) == 1 else {}))
    assert len(found.readings.read) == 2


def test_a_reply_that_is_cut_off_loses_only_what_is_behind_the_cut() -> None:
    def answer(request: Request) -> Reply:
        whole = json.dumps({label.split()[1]: PLAIN for label in sections(request)})
        return Reply(whole[:-20], "length") if len(sections(request)) > 1 else Reply(whole)

    found, provider = read(["a", "b", "c"], answer)
    assert len(found.readings.read) == 3
    assert len(provider.calls) == 2


def test_a_call_that_fails_is_named_and_not_repeated() -> None:
    def answer(request: Request) -> str:
        raise CallError("timeout", "nothing", retryable=False)

    found, provider = read(["a", "b"], answer)
    assert set(found.readings.unread.values()) == {"missing"}
    assert len(provider.calls) == 1
    assert found.spent.failures == (("timeout", 1),)


def test_two_readings_of_one_query_are_a_contradiction() -> None:
    twice = json.dumps({"1": PLAIN})[:-1] + ', "1": ' + json.dumps({**PLAIN, "unclear": True}) + "}"
    found, _ = read(["a"], lambda request: twice)
    assert found.readings.unread == {Query("a"): "contradiction"}
