"""``prefactor competence`` as a process: recorded, scripted and served answers, a killed run, and how it fails."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from prefactor.report.command_file import command_schema
from servers.model_server import Answer, Asked, completion, serving, text_of

QUESTIONS = 60
MODEL = """
import re
from zlib import crc32

def own(model, question):
    first, second = map(int, re.search(r"What is (\\d+) plus (\\d+)", question).groups())
    known = crc32((model + question).encode()) % 100 < {"apt": 85, "dull": 45}[model]
    return str(first + second + (0 if known else 1 + crc32((question + model).encode()) % 2))

def answer(request):
    text = request.messages[-1].content
    def part(label):
        return text.partition(f"----- {label} begins")[2].partition("\\n")[2].partition(f"\\n----- {label} ends")[0]
    mine = own(request.model, part("question"))
    if "Write nothing but the answer" in text:
        return mine
    key = part("right answers").split("\\n")
    if key != [""]:
        return "[[right]]" if part("answer") in key else "[[wrong]]"
    return "[[right]]" if part("answer") == mine else "It differs. [[wrong]]"
"""


def prefactor(*arguments: str | Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "prefactor", "competence", *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "160", "PREFACTOR_CACHE": str(cwd / "cache" / "replies.sqlite")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


def write_questions(path: Path, count: int = QUESTIONS) -> Path:
    rows = [
        {"question": f"What is {number} plus {number + 3}?", "answer": [str(2 * number + 3)], "half": number % 2}
        for number in range(count)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def results_of(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / "competence.json").read_bytes())
    assert content["command"] == "competence"
    found = content["results"]
    assert [error.message for error in Draft202012Validator(command_schema("competence")).iter_errors(found)] == []
    assert isinstance(found, dict)
    return found


def scripted(path: Path) -> list[str | Path]:
    path.write_text(MODEL, encoding="utf-8")
    return ["--provider", f"scripted:{path}", "--model", "apt", "--model", "dull"]


def test_models_that_only_compare_are_exposed_and_what_they_said_is_read_again(tmp_path: Path) -> None:
    write_questions(tmp_path / "q.jsonl")
    models = scripted(tmp_path / "model.py")
    ran = prefactor("q.jsonl", *models, "--with-reference", "--slice", "half", "--out", "out", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "apt: trust where it knows" in ran.stdout
    assert "dull, with the key: trust" in ran.stdout
    evaluators = {each["name"]: each for each in results_of(tmp_path / "out")["evaluators"]}
    assert set(evaluators) == {"apt", "apt, with the key", "dull", "dull, with the key"}
    for name in ("apt", "dull"):
        assert evaluators[name]["following"]["with_own"]["value"] == 1.0
        assert evaluators[name]["knowing"][0]["true_if_can"]["value"] == 1.0
        assert evaluators[f"{name}, with the key"]["accuracy"]["value"] == 1.0
        assert "examples" not in evaluators[name]
    page = (tmp_path / "out" / "competence.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "What is" in page
    again = prefactor("out/answers.jsonl", "--slice", "half", "--out", "again", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert results_of(tmp_path / "again") == results_of(tmp_path / "out")


def test_a_dry_run_says_what_it_takes_and_asks_nothing(tmp_path: Path) -> None:
    write_questions(tmp_path / "q.jsonl")
    ran = prefactor("q.jsonl", *scripted(tmp_path / "model.py"), "--dry-run", "--limit", "10", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "to answer: 20 calls" in ran.stdout
    assert "to grade those answers: at most 40 calls more" in ran.stdout
    assert not (tmp_path / "cache").exists()


def test_recorded_answers_need_no_model(tmp_path: Path) -> None:
    rows = [
        {"question": f"Who {number}?", "key": f"Ann {number}", "response": answer, "model": "m", "human": right}
        for number in range(40)
        for answer, right in [(f"It was Ann {number}." if number % 4 else "Bob", bool(number % 4))]
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ran = prefactor("a.jsonl", "--evaluator", "exact", "--evaluator", "contains", "--out", "out", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "40 by people" in ran.stdout
    assert "contains: trust" in ran.stdout
    assert "exact: don't trust" in ran.stdout


def test_grading_recorded_answers_only(tmp_path: Path) -> None:
    rows = [
        {"question": f"What is {n} plus {n}?", "key": str(2 * n), "response": str(2 * n), "model": "m"}
        for n in range(9)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ran = prefactor("a.jsonl", *scripted(tmp_path / "model.py"), "--grade-only", "--out", "out", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "to answer" not in ran.stdout
    assert "own answers: none known" in ran.stdout


def test_one_budget_holds_for_answering_and_grading(tmp_path: Path) -> None:
    write_questions(tmp_path / "q.jsonl", 6)
    models = [*scripted(tmp_path / "model.py")[:2], "--model", "apt"]
    ran = prefactor("q.jsonl", *models, "--budget", "9calls", "--out", "out", cwd=tmp_path)
    assert ran.returncode == 1
    assert "failed: 3 of 6 calls, such as: not asked: " in ran.stdout
    again = prefactor("q.jsonl", *models, "--out", "out", cwd=tmp_path)
    assert again.returncode == 0
    assert "to answer: 6 calls, 6 of them answered before" in again.stdout
    assert "to grade: 6 calls, 3 of them answered before" in again.stdout


def test_calls_that_fail_are_counted_and_end_with_status_1(tmp_path: Path) -> None:
    write_questions(tmp_path / "q.jsonl", 6)
    rules = '[[rule]]\ncontains = "Write nothing but the answer"\nreply = "3"\n[[rule]]\nfail = "refused key"\n'
    (tmp_path / "model.toml").write_text(rules, encoding="utf-8")
    ran = prefactor("q.jsonl", "--model", "m", "--provider", "scripted:model.toml", "--out", "out", cwd=tmp_path)
    assert ran.returncode == 1
    assert "failed: 6 of 6 calls, such as: refused key" in ran.stdout
    assert "6 verdicts, 0 used; 6 missing" in ran.stdout
    (evaluator,) = results_of(tmp_path / "out")["evaluators"]
    assert evaluator["conclusion"] == "underpowered"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["q.jsonl"], "--out: expected a folder"),
        (["q.jsonl", "--out", "out"], "expected recorded answers, or models to ask"),
        (["q.jsonl", "--out", "out", "--grader", "exactt", "--model", "apt"], "did you mean 'exact'"),
        (["q.jsonl", "--out", "out", "--slice", "hlf", "--model", "apt"], "did you mean 'half'"),
        (["none.jsonl", "--out", "out"], "none.jsonl"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    write_questions(tmp_path / "q.jsonl", 4)
    scripted(tmp_path / "model.py")
    ran = prefactor(*arguments, "--provider", "scripted:model.py", cwd=tmp_path)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr


def served(asked: Asked) -> Answer:
    """What a served model says: it knows two thirds of the answers, and compares."""
    text = text_of(asked)
    first, second = map(int, re.findall(r"What is (\d+) plus (\d+)", text)[0])
    mine = str(first + second + (crc32(f"{first}".encode()) % 3 == 0))
    if "Write nothing but the answer" in text:
        return Answer(completion(mine), seconds=0.02)
    given = text.partition("----- answer begins")[2].partition("\n")[2].partition("\n")[0]
    return Answer(completion("[[right]]" if given == mine else "[[wrong]]"), seconds=0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_killed_run_resumes_and_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    write_questions(tmp_path / "q.jsonl")
    with serving(served) as server:
        common = [
            "q.jsonl",
            "--model",
            "m",
            "--base-url",
            server.url,
            "--concurrency",
            "4",
            "--factors",
            "lexical:words",
        ]
        command = [sys.executable, "-m", "prefactor", "competence", *common, "--out", "killed"]
        environment = os.environ | {"PREFACTOR_CACHE": str(tmp_path / "c.sqlite"), "OPENAI_API_KEY": "sk-test-123456"}
        # Once while it answers, once while it grades.
        for asked in (20, QUESTIONS + 20):
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            while len(server.requests) < asked and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait(30)
        assert not (tmp_path / "killed").exists()
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL)
        # Two calls a question, and again only those that were in flight when it was killed.
        assert 2 * QUESTIONS <= len(server.requests) <= 2 * QUESTIONS + 2 * 4
        command[-1] = "undisturbed"
        fresh = environment | {"PREFACTOR_CACHE": str(tmp_path / "d.sqlite")}
        subprocess.run(command, cwd=tmp_path, env=fresh, check=True, stdout=subprocess.DEVNULL)
    assert results_of(tmp_path / "killed") == results_of(tmp_path / "undisturbed")
