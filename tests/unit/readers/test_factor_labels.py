"""People's scores are read from both forms, and every row that is none of them is named with its line."""

import json
from pathlib import Path

import pytest

from prefactor.errors import InputFileError
from prefactor.readers.factor_labels import FactorLabel, read_factor_labels


def test_both_forms_give_the_same(tmp_path: Path) -> None:
    table, lines = tmp_path / "people.csv", tmp_path / "people.jsonl"
    table.write_text('response,factor,score\n"One,\ntwo",clear,2\n', encoding="utf-8-sig")
    lines.write_text(json.dumps({"response": "One,\ntwo", "factor": "clear", "score": 2}) + "\n\n")
    (first,), (second,) = read_factor_labels(table), read_factor_labels(lines)
    assert (first.response, first.factor, first.score) == (second.response, second.factor, second.score)
    assert second == FactorLabel(1, "", "One,\ntwo", "clear", 2.0)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "got no row"),
        ("[1]\n", r":1: expected a JSON object, got \[1\]"),
        ("\nnot json\n", ":2: expected a JSON object"),
        ('{"factor": "clear", "score": 1}', "a row with response_id or response"),
        ('{"response_id": "r", "score": 1}', "a row with response_id or response"),
        ('{"response_id": "r", "factor": "clear", "score": true}', "expected a number as score, got True"),
        ('{"response_id": "r", "factor": "clear", "score": "inf"}', "expected a number as score"),
        ('{"response_id": "r", "factor": "clear"}', "expected a number as score, got None"),
    ],
)
def test_what_is_no_score_is_named(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(content)
    with pytest.raises(InputFileError, match=expected):
        read_factor_labels(path)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="No such file"):
        read_factor_labels(tmp_path / "people.csv")
