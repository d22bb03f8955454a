"""The whole loop of ``prefactor steer`` through a real server: both turns written, compared and graded."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from servers.llama_cpp import LlamaServer, llama_server

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

CONTEXT = 6_144
"""Tokens; the tiny model's are short, and a judge's prompt shows two answers."""

QUESTIONS = 20
"""Of the 80, to keep the gate short."""


@pytest.fixture(scope="module")
def server(tiny: "TinyModel", tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    from servers.tiny_model import write_gguf  # noqa: PLC0415  # absent where these tests are skipped

    path = tmp_path_factory.mktemp("llama") / "tiny.gguf"
    write_gguf(tiny, path, context=CONTEXT)
    with llama_server(path, context=CONTEXT) as running:
        yield running


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    factors = [
        {"name": name, "verdict": verdict, "absorbed_by": None, "tau14": {"value": tau}, "weight": {"mean": tau}}
        for name, verdict, tau in (("words", "prefers more", 0.6), ("emoji", "prefers less", -0.3))
    ]
    found = {"profiles": [{"judge": "j", "slice": "all", "account": {"used": 900, "tied": 0}, "factors": factors}]}
    file = tmp_path / "results.json"
    file.write_text(json.dumps(found))
    return file


def steer(server: LlamaServer, profile: Path, questions: Path, judge: str, out: Path) -> tuple[dict[str, Any], str]:
    given = {
        "--model": "tiny", "--base-url": server.url, "--profile": profile, "--judge-with": judge, "--most-tokens": 6,
        "--out": out, "--cache": profile.with_name("replies.sqlite"), "--limit": QUESTIONS, "--concurrency": 4,
    }  # fmt: skip
    options = [str(part) for pair in given.items() for part in pair]
    done = subprocess.run(
        [sys.executable, "-m", "prefactor", "steer", str(questions), *options],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((out / "steering.json").read_text())["results"], done.stdout


def test_both_turns_are_written_and_compared(
    server: LlamaServer, profile: Path, real_data: Path, tmp_path: Path
) -> None:
    questions = real_data / "mt_bench" / "question.jsonl"
    results, _ = steer(server, profile, questions, "logprob", tmp_path / "first")
    answers = [json.loads(line) for line in (tmp_path / "first" / "answers.jsonl").read_text().splitlines()]
    assert len(answers) == 3 * QUESTIONS
    assert all(len(one["answers"]) == 2 and not one["problem"] for one in answers)
    assert [one["arm"] for one in results["judges"]] == ["towards", "away"]
    assert all(one["prompts"] == QUESTIONS and one["level"]["low"] is not None for one in results["judges"])
    again, said = steer(server, profile, questions, "logprob", tmp_path / "second")
    assert again == results
    assert "paid now: 0 tokens" in said


def test_both_turns_are_graded(server: LlamaServer, profile: Path, real_data: Path, tmp_path: Path) -> None:
    """The tiny model writes no grade: every one is missing with its reason, and none is a number."""
    questions = real_data / "mt_bench" / "question.jsonl"
    results, said = steer(server, profile, questions, "grade", tmp_path / "graded")
    lines = (tmp_path / "graded" / "grades.jsonl").read_text().splitlines()
    assert len(lines) == 3 * 2 * QUESTIONS
    assert f"0 grades of {6 * QUESTIONS}" in said
    assert all(one["missing"] == QUESTIONS and one["level"]["value"] is None for one in results["judges"])
