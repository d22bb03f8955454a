"""Rubrics: the weighted balance, and a reply that lacks a criterion."""

import json

import pytest

from prefactor.judges.criteria import PARSER
from prefactor.judges.judge_file import shipped_judge
from prefactor.llm.records import Reply

FILE = shipped_judge("rubric")
NAMES = [each.name for each in FILE.criteria]


def said(*verdicts: str) -> str:
    return json.dumps(dict(zip(NAMES, verdicts, strict=True)))


@pytest.mark.parametrize(
    ("verdicts", "value"),
    [
        (("A", "tie", "tie", "tie"), 1.0),
        (("A", "B", "tie", "B"), 0.5),
        (("A", "B", "B", "B"), 0.0),
        (("tie", "tie", "tie", "tie"), 0.5),
        (("tie", "tie", "A", "B"), 0.5),
        (("A", "B", "tie", "tie"), 1.0),
    ],
)
def test_the_heavier_side_wins(verdicts: tuple[str, ...], value: float) -> None:
    assert [each.weight for each in FILE.criteria] == [3, 2, 1, 1]
    assert PARSER.read(Reply(said(*verdicts)), FILE).value == value


def test_verdicts_one_level_down_are_found() -> None:
    assert PARSER.read(Reply(f'{{"verdicts": {said("A", "A", "A", "A")}}}'), FILE).value == 1.0


def test_verdicts_with_reasons_are_found() -> None:
    reasoned = {name: {"reason": "so", "verdict": "B"} for name in NAMES}
    assert PARSER.read(Reply(json.dumps(reasoned)), FILE).value == 0.0


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply('{"correctness": "A"}'), "unreadable"),
        (Reply('{"correctness": "A"}', "length"), "cut off"),
        (Reply(said("A", "A", "A", "perhaps")), "unreadable"),
        (Reply(said("A", "A", "A", "A") + said("B", "A", "A", "A")), "contradiction"),
        (Reply("I cannot."), "refusal"),
        (Reply("A on all of them"), "unreadable"),
    ],
)
def test_a_balance_of_some_is_none(reply: Reply, problem: str) -> None:
    found = PARSER.read(reply, FILE)
    assert (found.value, found.problem) == (None, problem)


def test_the_schema_names_every_criterion() -> None:
    assert json.loads(PARSER.schema(FILE))["required"] == NAMES
