"""Errors found in answers: counted by severity, or named why not."""

from math import isnan

import pytest

from prefactor.factors.asked.base import OUTCOMES
from prefactor.factors.asked.errors import ERROR_KEYS, SEVERITIES, read_errors
from prefactor.factors.asked.levels import said_in
from prefactor.factors.base import Factor
from prefactor.llm.records import Reply

FACTORS = tuple(Factor(f"e{part}", "", "", "", "errors", "g", way="errors", part=part) for part in (*SEVERITIES, ""))


def read(text: str, *, finish: str = "stop") -> list[float | str]:
    """Return minor, moderate, severe and all errors, or why there is no number."""
    found = read_errors(said_in(Reply(text, finish), sides=["answer"], names=ERROR_KEYS), FACTORS, side="answer")
    return [OUTCOMES[each.outcome] if isnan(each.value) else each.value for each in found]


ONE = '{"error": "Rome is not in France", "severity": "severe"}'
TWO = '{"error": "not 3 but 4", "severity": "Minor"}'


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (f'{{"can_be_checked": true, "found_errors": [{ONE}, {TWO}, {ONE}]}}', [1, 0, 2, 3]),
        ('{"can_be_checked": true, "found_errors": []}', [0, 0, 0, 0]),
        (f'{{"can_be_checked": "yes", "found_errors": [{TWO}]}}', [1, 0, 0, 1]),
        (f'{{"found_errors": [{TWO}]}}', [1, 0, 0, 1]),
    ],
)
def test_errors_are_counted(text: str, counts: list[float]) -> None:
    assert read(text) == counts


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"can_be_checked": false, "found_errors": []}', "does not apply"),
        ('{"can_be_checked": false}', "does not apply"),
        (f'{{"can_be_checked": false, "found_errors": [{ONE}]}}', "contradiction"),
        (f'{{"can_be_checked": true, "found_errors": [{ONE}], "found_errors": []}}', "contradiction"),
        ('{"can_be_checked": true, "can_be_checked": false, "found_errors": []}', "contradiction"),
        ('{"can_be_checked": "perhaps", "found_errors": []}', "unreadable"),
        ('{"can_be_checked": null, "found_errors": []}', "unreadable"),
        ('{"can_be_checked": true}', "unreadable"),
        ('{"can_be_checked": true, "found_errors": 2}', "unreadable"),
        ('{"can_be_checked": true, "found_errors": [{"error": "x", "severity": "grave"}]}', "unreadable"),
        ('{"can_be_checked": true, "found_errors": [{"error": "x"}]}', "unreadable"),
        ('{"can_be_checked": true, "found_errors": ["x"]}', "unreadable"),
        ("I'm sorry, I can't.", "refusal"),
        ("", "unreadable"),
    ],
)
def test_what_is_no_number_is_named(text: str, problem: str) -> None:
    assert read(text) == [problem] * 4


def test_a_list_that_is_cut_off_counts_nothing() -> None:
    assert read(f'{{"can_be_checked": true, "found_errors": [{ONE}, {{"error": "an', finish="length") == ["cut off"] * 4
