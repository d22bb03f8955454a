"""JSON as models write it: what was said is read, and nothing else."""

import json
from typing import Any

import pytest

from prefactor.factors.asked.loose_json import Items, Table, tables_in


def plain(value: Any) -> Any:
    """Return what a table or list holds."""
    if isinstance(value, Table):
        return {key: plain(each) for key, each in value.pairs}
    return [plain(each) for each in value.values] if isinstance(value, Items) else value


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": 1, "b": "x, {y}: [z]", "c": None, "d": [True, 2.5, {"e": '"q" \\ é \u2028'}]},
        {"a": {"b": {}}, "c": []},
    ],
)
def test_whole_json_is_as_the_standard_reader_has_it(value: dict[str, Any]) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=2), f"Here:\n```json\n{json.dumps(value)}\n``` Done."):
        (found,) = tables_in(text)
        assert found.whole
        assert plain(found) == value


@pytest.mark.parametrize(
    ("text", "cut_off", "found"),
    [
        ('{"a": 1, "b": 2', True, [{"a": 1}]),
        ('{"a": 1, "b": 2', False, [{"a": 1, "b": 2}]),
        ('{"a": 1, "b": "two"', True, [{"a": 1, "b": "two"}]),
        ('{"a": 1, "b": "tw', False, [{"a": 1}]),
        ('{"a": 1, "b": "said \\"a\\": 3, ', True, [{"a": 1}]),
        ('{"a": {"b": 1, "c": 2', True, [{"a": {"b": 1}}]),
        ('{"a": 2 / 3}', False, [{"a": "2 / 3"}]),
        ("{a: 1, 'b': two words}", False, [{"a": 1, "b": "two words"}]),
        ('{"a": 1,}', False, [{"a": 1}]),
        ('5" tall. {"a": 1} and {"a": 2}', False, [{"a": 1}, {"a": 2}]),
        ('{"a": , "b": 1}', False, [{"b": 1}]),
        ("no braces", False, []),
    ],
)
def test_what_is_said_is_read(text: str, cut_off: bool, found: list[Any]) -> None:
    assert [plain(each) for each in tables_in(text, cut_off=cut_off)] == found


def test_what_was_closed_is_told() -> None:
    (found,) = tables_in('{"a": [1, 2], "b": [3, 4', cut_off=True)
    assert [(value.values, value.whole) for _, value in found.pairs] == [([1, 2], True), ([3], False)]
    assert not found.whole


def test_a_key_that_comes_twice_comes_twice() -> None:
    (found,) = tables_in('{"a": 1, "a": 2}')
    assert found.pairs == [("a", 1), ("a", 2)]


def test_depth_and_size_do_no_harm() -> None:
    assert len(list(tables_in("{" * 100_000))) == 1
    assert len(list(tables_in('{"a":' * 50_000))) == 1
    assert len(list(tables_in('"\\"' * 100_000 + '{"a": "' + '\\"' * 100_000))) == 1
