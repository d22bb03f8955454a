"""Keys are read where they are, and shown nowhere."""

import pytest

from prefactor.errors import SettingError
from prefactor.llm.keys import Key


def test_a_key_is_read_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    key = Key("A_KEY")
    for value in ("one", "two"):
        monkeypatch.setenv("A_KEY", f" {value}\n")
        assert key.read() == value
    monkeypatch.delenv("A_KEY")
    assert key.read() == Key("").read() == ""
    assert repr(key) == "Key('A_KEY')"


@pytest.mark.parametrize("value", ["sk-secret\nx", "sk-secreté", "sk-secret\x7f"])
def test_a_key_that_cannot_be_sent_is_refused_unseen(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", value)
    with pytest.raises(SettingError) as caught:
        Key("A_KEY").read()
    assert "A_KEY" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_key_is_taken_out_of_what_a_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "sk-secret-1234")
    assert Key("A_KEY").scrub(b"sk-secret-1234 is wrong: sk-secret-1234") == b"[key] is wrong: [key]"
    assert Key("NO_KEY").scrub(b"sk-secret-1234") == b"sk-secret-1234"


def test_a_word_that_is_no_secret_is_left_in_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "none")
    assert Key("A_KEY").scrub(b"none of the two") == b"none of the two"
