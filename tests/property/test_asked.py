"""Whatever a model says, nothing is raised, and no value comes of it that was not said."""

import re
from math import isnan

from hypothesis import given
from hypothesis import strategies as st

from prefactor.asking.calls import Asked
from prefactor.factors.asked.base import OUTCOMES, Answer, Query, RateOptions, Subjects
from prefactor.factors.asked.errors import ERROR_KEYS, read_errors
from prefactor.factors.asked.levels import read_levels, said_in
from prefactor.factors.asked.query import SCENARIOS, Readings, reading_steps
from prefactor.factors.asked.rating import WAY
from prefactor.factors.base import Factor
from prefactor.llm.records import Reply

ANCHORS = ("cold", "neutral", "kind", "warm")
RATED = tuple(
    Factor(name, "", "", "", "rating 0-3", "g", way="rating", anchors=ANCHORS) for name in ("friendly", "polite")
)
SEVERE = Factor("severe", "", "", "", "errors", "g", way="errors", part="severe")

PIECES = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        '"',
        " ",
        "\n",
        "\\",
        "friendly",
        '"friendly"',
        '"polite"',
        '"A"',
        '"B"',
        "A:",
        "0",
        "1",
        "2",
        "3",
    ]
    + [
        "4",
        "-",
        "/",
        ".",
        "kind",
        "null",
        "true",
        "false",
        '"can_be_checked"',
        '"found_errors"',
        '"severity"',
        '"severe"',
        "1e9",
    ]
    + ['"1"', '"scenario"', '"code"', '"unclear"', '"constraints"', "\ud800", "é", "<think>", "</think>"]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))
FINISHES = st.sampled_from(["stop", "length", "refusal"])


def may_say(text: str, level: int) -> bool:
    """Whether a text has the level in it at all, as a number or as its word."""
    return re.search(rf"(?<!\d)0*{level}(?!\d)", text) is not None or ANCHORS[level] in text.lower()


@given(TEXTS, FINISHES, st.sampled_from([("answer",), ("A", "B")]))
def test_levels(text: str, finish: str, sides: tuple[str, ...]) -> None:
    said = said_in(Reply(text, finish), sides=sides, names=["friendly", "polite", *ERROR_KEYS])
    for side in sides:
        for factor, level in zip(RATED, read_levels(said, RATED, side=side), strict=True):
            assert isnan(level.value) == (OUTCOMES[level.outcome] != "measured")
            if not isnan(level.value):
                assert factor.name in text.lower()
                assert level.value in (0, 1, 2, 3)
                assert may_say(text, int(level.value))
        (count,) = read_errors(said, [SEVERE], side=side)
        if not isnan(count.value):
            assert "found_errors" in text.lower()
            assert count.value <= text.lower().count("severe")


@given(TEXTS, FINISHES)
def test_whole_steps(text: str, finish: str) -> None:
    subjects = Subjects((Answer("One.", Query("Which?")), Answer("Two.", Query("Which?"))), ((0, 1),))
    steps = WAY.steps(subjects, (*RATED, SEVERE), RateOptions("m", together=True))
    (request,) = next(steps)
    try:
        steps.send([Asked(Reply(text, finish))])
    except StopIteration as end:
        assert end.value.values.shape == (2, 3)
    assert "Which?" in request.messages[1].content


@given(TEXTS, FINISHES)
def test_readings(text: str, finish: str) -> None:
    steps = reading_steps([Query("Which?"), Query("Why?")], RateOptions("m"))
    asked = next(steps)
    try:
        while True:
            asked = steps.send([Asked(Reply(text, finish)) for _ in asked])
    except StopIteration as end:
        found: Readings = end.value
    assert len(found.read) + len(found.unread) == 2
    for reading in found.read.values():
        assert reading.scenario in SCENARIOS
        assert all(re.sub(r"\s+", " ", phrase) for phrase in reading.constraints)


@given(st.lists(st.integers(-2, 9), min_size=2, max_size=2), st.sampled_from(["%s", '"%s"', '"%s/3"', "[%s]", " %s.0"]))
def test_a_level_that_is_said_is_found(levels: list[int], form: str) -> None:
    text = f'{{"friendly": {form % levels[0]}, "polite": {form % levels[1]}}}'
    found = read_levels(said_in(Reply(text), sides=["answer"], names=["friendly", "polite"]), RATED, side="answer")
    for level, one in zip(levels, found, strict=True):
        assert (one.value == level) if 0 <= level <= 3 else (OUTCOMES[one.outcome] == "out of range")
