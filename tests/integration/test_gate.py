"""``prefactor check``, ``plan`` and ``validate`` as processes: what they print, write, and end with."""

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


def prefactor(*arguments: str | Path, cwd: Path) -> Ran:
    command = [sys.executable, "-m", "prefactor", *map(str, arguments)]
    ran = subprocess.run(command, cwd=cwd, capture_output=True, check=False, env=os.environ | {"COLUMNS": "160"})
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def results_of(path: Path) -> dict[str, object]:
    document = json.loads(path.read_bytes())
    assert document["schema_version"] == "1.0"
    results: dict[str, object] = document["results"]
    return results


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a log in which A always wins, and nobody says who was shown first."""
    source = random.Random(1)
    lines = []
    for number in range(120):
        first, second = (" ".join(source.choices(["tea", "is", "hot"], k=source.randint(3, 30))) for _ in range(2))
        lines.append({"question": f"Question {number}?", "answer_a": first, "answer_b": second, "winner": "model_a"})
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


FEW = ("--factors", "lexical:words,list_items,questions")


@pytest.mark.parametrize(
    ("gate", "status", "words"),
    [
        ((), 0, "no gate"),
        (("--fail-on", "PF105,PF103"), 0, "gate: passed (PF103, PF105)"),
        (("--fail-on", "PF105,PF102"), 1, "gate: PF102 one-sided labels: warn"),
        (("--fail-on", "any"), 1, "gate: PF102"),
        (("--fail-on", "PF106"), 0, "gate: passed (PF106)"),
        (("--fail-on", "PF106", "--fail-on-underpowered"), 1, "gate: PF106 position bias: not measured"),
        (("--fail-on", "PF12"), 2, "unknown check 'PF12'"),
        (("--fail-on-underpowered",), 2, "--fail-on any"),
        (("--require-shown", "PF105,PF104"), 0, "gate: passed (PF104, PF105)"),
        (("--require-shown", "PF108"), 0, "gate: passed (PF108)"),
        (("--require-shown", "PF106"), 1, "gate: PF106 position bias: not measured"),
        (("--fail-on", "PF105", "--require-shown", "PF102"), 1, "gate: PF102 one-sided labels: warn"),
        (("--require-shown", "PF12"), 2, "unknown check 'PF12'"),
        (("--judge-is", "winner=nobody"), 2, "unknown model 'nobody'"),
        (("--judge-is", "winner"), 2, "expected JUDGE=MODEL"),
    ],
)
def test_the_gate_ends_with_its_status(
    log: Path, tmp_path: Path, gate: tuple[str, ...], status: int, words: str
) -> None:
    ran = prefactor("check", log, *FEW, *gate, cwd=tmp_path)
    assert ran.status == status, ran.err
    assert words in ran.out + ran.err


def test_the_gate_writes_what_it_found(log: Path, tmp_path: Path) -> None:
    ran = prefactor("check", log, *FEW, "--fail-on", "PF102", "--out", tmp_path / "new" / "gate.json", cwd=tmp_path)
    assert ran.status == 1, ran.err
    results = results_of(tmp_path / "new" / "gate.json")
    gate, checks, tallies = results["gate"], results["checks"], results["factors"]
    assert isinstance(gate, dict)
    assert isinstance(checks, list)
    assert isinstance(tallies, list)
    assert [found["code"] for found in gate["failed_by"]] == ["PF102"]
    assert {check["code"] for check in checks} > {"PF101", "PF108", "PF109", "PF110", "PF111"}
    assert {check["code"]: check["shown"] for check in checks} | {"PF102": "fault", "PF106": "neither"} == {
        check["code"]: check["shown"] for check in checks
    }
    assert gate["require_shown"] == []
    assert gate["failed_by"][0]["shown"] == "fault"
    shown = dict(line.strip().split(": ", 1) for line in ran.out.split("what is shown")[1].splitlines()[1:4])
    assert list(shown) == ["a fault", "neither a fault nor that there is none", "no fault, or none that matters"]
    assert "PF102" in shown["a fault"]
    assert "PF106" in shown["neither a fault nor that there is none"]
    assert "PF105" in shown["no fault, or none that matters"]
    assert sum(tallies[0][kind] for kind in ("named", "harmless", "unknown")) == 3


def test_plan_prints_and_writes_what_is_needed(tmp_path: Path) -> None:
    ran = prefactor("plan", "--effect", "0.2", "--per-prompt", "2", "--out", "plan.json", cwd=tmp_path)
    assert ran.status == 0, ran.err
    needs = results_of(tmp_path / "plan.json")["needs"]
    assert isinstance(needs, list)
    assert [need["question"] for need in needs] == ["seen", "named", "harmless"]
    for need in needs:
        assert f"{need['comparisons']:,}" in ran.out
        assert need["comparisons"] == 2 * need["prompts"]
    assert "20,000" in ran.out
    refused = prefactor("plan", "--effect", "0.9", cwd=tmp_path)
    assert refused.status == 2
    assert "effect: expected a tau14 below 0.8" in refused.err


def test_validate_says_what_can_be_relied_on(tmp_path: Path, log: Path) -> None:
    options = ("--factors", "lexical:words,list_items,questions", "--simulations", "20", "--effect", "1.5")
    ran = prefactor("validate", log, *options, "--out", "validation.json", cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert "can prefactor be relied on here?" in ran.out
    assert "On shuffled labels" in ran.out
    document = json.loads((tmp_path / "validation.json").read_bytes())
    (validation,) = document["results"]
    assert validation["comparisons"] == 120
    assert [planted["weight"] for planted in validation["planted"]] == [1.5]
    assert prefactor("validate", log, "--plant-on", "word", cwd=tmp_path).status == 2
