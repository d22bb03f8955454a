"""Grades: every way of writing one is read, and one outside the scale is none."""

import pytest

from prefactor.judges.grade_text import PARSER
from prefactor.judges.judge_file import shipped_judge
from prefactor.llm.records import Reply

FILE = shipped_judge("grade")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[[7]]", 7.0),
        ("It is thorough. [[8.5]]", 8.5),
        ("[[rating: 6]]", 6.0),
        ("[[6/10]]", 6.0),
        ("7", 7.0),
        ("**9/10**", 9.0),
        ("Score: 4", 4.0),
        ("**Rating:** 10 out of 10.", 10.0),
        ("My grade is 3", 3.0),
        ('{"reason": "2 errors", "score": 5}', 5.0),
        ("There are 3 errors.\n\n6", 6.0),
        ("[[5]] as said, [[5]]", 5.0),
    ],
)
def test_a_way_of_writing_a_grade(text: str, value: float) -> None:
    found = PARSER.read(Reply(text), FILE)
    assert (found.value, found.problem) == (value, "")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply("[[11]]"), "unreadable"),
        (Reply("[[0]]"), "unreadable"),
        (Reply("[[-1]]"), "unreadable"),
        (Reply("4/5"), "unreadable"),
        (Reply("Score: 80%"), "unreadable"),
        (Reply("It has 7 paragraphs."), "unreadable"),
        (Reply("[[7]] or [[8]]"), "contradiction"),
        (Reply("Score: 7. Rating: 8."), "contradiction"),
        (Reply("Score: 7 points for style, and", "length"), "cut off"),
        (Reply("I am unable to grade this."), "refusal"),
    ],
)
def test_anything_else_is_named(reply: Reply, problem: str) -> None:
    found = PARSER.read(reply, FILE)
    assert (found.value, found.problem) == (None, problem)
