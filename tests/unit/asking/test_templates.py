"""Templates: texts go into places once, whatever they hold, and tables are held to their keys and types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefactor.asking.templates import check_table, filled, places_in, turn_by_turn
from prefactor.data.records import Message
from prefactor.errors import InputFileError

KNOWN: dict[str, type | tuple[type, ...]] = {"name": str, "version": int, "weight": (int, float), "structured": bool}


@given(st.text(), st.text())
def test_what_a_text_holds_is_never_a_place(first: str, second: str) -> None:
    assert filled("{first}|{second}", {"first": first, "second": second}) == f"{first}|{second}"


def test_a_place_without_a_text_is_left_out() -> None:
    assert filled("a{source}b", {}) == "ab"
    assert places_in('{"facts": [{a_b}]}') == ["a_b"]


def test_turns_say_who_speaks() -> None:
    assert turn_by_turn([Message("tool", "42")]) == "[tool, message 1]\n42"
    assert turn_by_turn([]) == ""


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "f.toml: expected prompt: a table, got \\[\\]"),
        ({"nam": "x"}, "keys among name, version, weight, structured, got prompt.nam"),
        ({"version": "1"}, "prompt.version: int, got '1'"),
        ({"version": True}, "prompt.version: int, got True"),
        ({"weight": "heavy"}, "prompt.weight: int or float"),
    ],
)
def test_a_wrong_table_is_named(table: object, message: str) -> None:
    with pytest.raises(InputFileError, match=message):
        check_table(table, KNOWN, name="prompt", file="f.toml")


def test_a_right_table_passes() -> None:
    check_table({"name": "x", "version": 1, "weight": 2, "structured": False}, KNOWN, name="", file="f.toml")
