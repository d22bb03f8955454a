"""Verdicts as JSON: whole, wrapped, broken behind the verdict, contradictory, or not there."""

import json

import pytest

from prefactor.judges.judge_file import shipped_judge
from prefactor.judges.verdict_json import PARSER
from prefactor.llm.records import Reply

FILE = shipped_judge("pairwise-json")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"reason": "right", "verdict": "A"}', 1.0),
        ('{"verdict": "b"}', 0.0),
        ('```json\n{"reason": "", "verdict": "tie"}\n```', 0.5),
        ('Here you are: {"Winner": "Answer B"} as asked.', 0.0),
        ('{"reason": "it says {\\"x\\": 1}", "verdict": "A"}', 1.0),
        ('{"verdict": "A", "reason": "it is', 1.0),
        ('{"verdict": "A", "preference": "A"}', 1.0),
        ("[[B]]", 0.0),
        ("Answer A is better.", 1.0),
    ],
)
def test_a_verdict_is_found(text: str, value: float) -> None:
    found = PARSER.read(Reply(text), FILE)
    assert (found.value, found.problem) == (value, "")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply('{"verdict": "A", "verdict": "B"}'), "contradiction"),
        (Reply('{"verdict": "A"} {"verdict": "B"}'), "contradiction"),
        (Reply('{"verdict": "maybe"}'), "unreadable"),
        (Reply('{"verdict": 1}'), "unreadable"),
        (Reply('{"verdict": null, "note": "Answer A is better"}'), "unreadable"),
        (Reply('{"reason": "answer A is'), "unreadable"),
        (Reply('{"reason": "answer A is better, which', "length"), "cut off"),
        (Reply("", "refusal"), "refusal"),
        (Reply("I cannot do that."), "refusal"),
    ],
)
def test_anything_else_is_named(reply: Reply, problem: str) -> None:
    found = PARSER.read(reply, FILE)
    assert (found.value, found.problem) == (None, problem)


def test_a_very_deep_object_is_no_crash() -> None:
    assert PARSER.read(Reply('{"a":' * 50_000), FILE).problem == "unreadable"


def test_the_schema_is_one() -> None:
    schema = json.loads(PARSER.schema(FILE))
    assert schema["properties"]["verdict"]["enum"] == ["A", "B", "tie"]
