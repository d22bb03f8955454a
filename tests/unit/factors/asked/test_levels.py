"""Levels in replies: every way of writing one is read, everything else is named."""

from math import isnan

import pytest

from prefactor.factors.asked.base import OUTCOMES
from prefactor.factors.asked.levels import read_levels, said_in
from prefactor.factors.base import Factor
from prefactor.llm.records import Reply

ANCHORS = ("cold", "neutral", "kind", "warm")
FACTORS = tuple(
    Factor(name, name, f"more {name}", "", "rating 0-3", "g", way="rating", anchors=ANCHORS)
    for name in ("friendly", "step_by_step")
)


def read(text: str, *, finish: str = "stop", sides: tuple[str, ...] = ("answer",)) -> list[list[float | str]]:
    """Return levels, or why there are none, by side."""
    said = said_in(Reply(text, finish), sides=sides, names=[factor.name for factor in FACTORS])
    levels = [read_levels(said, FACTORS, side=side) for side in sides]
    return [[OUTCOMES[each.outcome] if isnan(each.value) else each.value for each in side] for side in levels]


@pytest.mark.parametrize(
    "text",
    [
        '{"friendly": 2, "step_by_step": 0}',
        '```json\n{"friendly": 2, "step_by_step": 0}\n```',
        'I find {"friendly": 2, "step_by_step": 0} fitting.',
        '<think>{"friendly": 3}</think>{"friendly": 2, "step_by_step": 0}',
        '{"Friendly": "2", "Step-by-step": "0"}',
        '{"friendly": "2/3", "step by step": "0 out of 3"}',
        '{"friendly": "kind", "step_by_step": "Cold"}',
        '{"friendly": "2 (kind)", "step_by_step": "0: cold"}',
        '{"friendly": 2.0, "step_by_step": "0.0"}',
        '{"answer": {"friendly": 2, "step_by_step": 0}}',
        '{"friendly": {"level": 2, "friendly": 2}, "step_by_step": [0]}',
        '{"friendly": 2} {"step_by_step": 0}',
        '{"friendly": 2, "friendly": "kind", "step_by_step": 0}',
        "friendly: 2\nstep_by_step: 0",
        "- **Friendly**: 2/3\n- **Step-by-step**: cold",
    ],
)
def test_every_way_of_writing_a_level(text: str) -> None:
    assert read(text) == [[2.0, 0.0]]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("4", "out of range"),
        ("-1", "out of range"),
        ('"7/3"', "out of range"),
        ("1e400", "unreadable"),
        ("NaN", "unreadable"),
        ("2.5", "unreadable"),
        ('"2/5"', "unreadable"),
        ('"2 to 3"', "unreadable"),
        ('"2 (warm)"', "unreadable"),
        ('"rather kind"', "unreadable"),
        ("true", "unreadable"),
        ("null", "unreadable"),
        ("[1, 2]", "unreadable"),
        ('""', "unreadable"),
        ('2, "friendly": 3', "contradiction"),
        ('2, "friendly": 9', "contradiction"),
    ],
)
def test_what_is_no_level_is_named_and_spoils_nothing_else(value: str, problem: str) -> None:
    assert read(f'{{"friendly": {value}, "step_by_step": 1}}') == [[problem, 1.0]]


@pytest.mark.parametrize(
    ("text", "finish", "problem"),
    [
        ("", "stop", "unreadable"),
        ("Fine.", "stop", "unreadable"),
        ("I'm sorry, I can't rate this.", "stop", "refusal"),
        ("", "refusal", "refusal"),
        ('{"fri', "length", "cut off"),
        ('{"friendly": 2', "length", "cut off"),
    ],
)
def test_a_reply_with_nothing_in_it_says_why(text: str, finish: str, problem: str) -> None:
    assert read(text, finish=finish) == [[problem, problem]]


def test_what_a_reply_does_not_say_is_unreadable_or_cut_off() -> None:
    assert read('{"friendly": 2}') == [[2.0, "unreadable"]]
    assert read('{"friendly": 2, "step_by_step": 1', finish="length") == [[2.0, "cut off"]]


@pytest.mark.parametrize(
    "text",
    [
        '{"A": {"friendly": 1, "step_by_step": 2}, "B": {"friendly": 3, "step_by_step": 0}}',
        '{"answer A": {"friendly": 1, "step_by_step": 2}, "Answer B": {"friendly": 3, "step_by_step": 0}}',
        '{"friendly": {"A": 1, "B": 3}, "step_by_step": {"A": 2, "B": 0}}',
        '{"B": {"friendly": 3, "step_by_step": 0}, "A": {"friendly": 1, "step_by_step": 2}}',
        "**A:**\nfriendly: 1\nstep_by_step: 2\n\n**Answer B**\nfriendly: 3\nstep_by_step: 0",
    ],
)
def test_two_answers(text: str) -> None:
    assert read(text, sides=("A", "B")) == [[1.0, 2.0], [3.0, 0.0]]


def test_a_level_of_no_answer_in_particular_is_none_of_two() -> None:
    assert read('{"friendly": 1, "step_by_step": 1}', sides=("A", "B")) == [["unreadable"] * 2] * 2


def test_cut_off_behind_the_first_answer() -> None:
    text = '{"A": {"friendly": 1, "step_by_step": 2}, "B": {"friendly": 3, "step'
    assert read(text, finish="length", sides=("A", "B")) == [[1.0, 2.0], [3.0, "cut off"]]
