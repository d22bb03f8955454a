"""Scripts of a scripted model, and the table of providers."""

import asyncio
from math import log
from pathlib import Path

import pytest

from prefactor.errors import CallError, InputFileError, SettingError, UnknownNameError
from prefactor.llm.providers import make_provider
from prefactor.llm.records import Message, Reply, Request

RULES = """
[[rule]]
contains = ["tea", "hot"]
reply = "[[A]]"
[[rule]]
contains = "coffee"
fail = "rate limit"
[[rule]]
contains = "letters"
chances = { A = 0.25, B = 0.5 }
[[rule]]
contains = "short"
reply = "It is"
finish = "length"
"""


def asked(folder: Path, text: str, script: str = RULES, name: str = "script.toml") -> Reply:
    (folder / name).write_text(script, encoding="utf-8")
    provider = make_provider(f"scripted:{folder / name}")
    return asyncio.run(provider.ask(Request("m", (Message("user", text),))))


def test_the_first_rule_that_matches_answers(tmp_path: Path) -> None:
    assert asked(tmp_path, "Why is tea hot?").text == "[[A]]"
    assert asked(tmp_path, "a short one").finish == "length"
    with pytest.raises(CallError, match="no rule of script"):
        asked(tmp_path, "tea")
    with pytest.raises(CallError, match="rate limit") as caught:
        asked(tmp_path, "coffee")
    assert caught.value.kind == "rate limit"


def test_chances_are_log_probabilities_of_the_first_token(tmp_path: Path) -> None:
    reply = asked(tmp_path, "letters")
    assert reply.text == "B"
    assert reply.tokens[0].alternatives == (("B", log(0.5)), ("A", log(0.25)))


def test_a_function_answers(tmp_path: Path) -> None:
    script = "def answer(request):\n    return request.messages[0].content.upper()\n"
    assert asked(tmp_path, "why", script, "script.py").text == "WHY"


def test_another_script_is_another_model(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(RULES)
    first = make_provider(f"scripted:{tmp_path / 's.toml'}").identity
    (tmp_path / "s.toml").write_text(RULES + "# changed\n")
    assert make_provider(f"scripted:{tmp_path / 's.toml'}").identity != first


@pytest.mark.parametrize(
    ("name", "script", "named"),
    [
        ("s.toml", "x = 1", "[[rule]]"),
        ("s.toml", "[[rule]]\nreplies = 'x'", "replies"),
        ("s.toml", "[[rule]]\nreply = 1", "reply"),
        ("s.toml", "[[rule]]\nfail = 'bad luck'", "fail"),
        ("s.toml", "[[rule]]\nchances = { A = 0 }", "chances"),
        ("s.toml", "rule =", "TOML"),
        ("s.py", "def reply(request): ...", "answer(request)"),
        ("s.py", "def answer(:", "Python"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, name: str, script: str, named: str) -> None:
    with pytest.raises(InputFileError) as caught:
        asked(tmp_path, "x", script, name)
    assert named in str(caught.value)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        make_provider(f"scripted:{tmp_path / 'none.toml'}")
    with pytest.raises(SettingError, match="scripted:FILE"):
        make_provider("scripted")
    with pytest.raises(UnknownNameError, match="provider"):
        make_provider("nowhere")
