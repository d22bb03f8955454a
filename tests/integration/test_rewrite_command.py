"""``prefactor rewrite`` as a process: the cause found where the correlation misleads, and every failure counted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from prefactor.llm.records import Message, Request
from prefactor.report.command_file import command_schema
from servers.llama_cpp import llama_server
from servers.model_server import Answer, Asked, completion, serving
from simulated.rewriter import MODEL, write_confounded_log, write_model

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel


def prefactor(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prefactor", *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "220", "PREFACTOR_CACHE": str(cwd / "cache" / "replies.sqlite")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


def results_of(folder: Path) -> dict[str, Any]:
    document = json.loads((folder / "rewriting.json").read_bytes())
    assert document["command"] == "rewrite"
    assert [each.message for each in Draft202012Validator(command_schema()).iter_errors(document)] == []
    found: dict[str, Any] = document["results"]
    return found


FACTORS = ("--factor", "words", "--factor", "list_items", "--factor", "exclamations")


def test_the_cause_is_found_where_a_planted_confounder_misleads_the_correlation(tmp_path: Path) -> None:
    log = write_confounded_log(tmp_path / "log.jsonl", refusing=4)
    common: list[str | Path] = [
        "rewrite",
        log,
        *FACTORS,
        "--model",
        "toy",
        "--provider",
        write_model(tmp_path / "model.py"),
        "--naive",
    ]
    common += ["--factors", "lexical:words,list_items,exclamations"]
    planned = prefactor(*common, "--dry-run", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert "120 answers, 3 factors: 360 calls to rewrite" in planned.stdout
    assert not (tmp_path / "cache").exists()
    ran = prefactor(*common, "--out", "out", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "348 of 360 answers were rewritten there and back" in ran.stdout
    assert "left out, since a rewrite could not be used: 12 refusal" in ran.stdout
    words, lists, exclamations = results_of(tmp_path / "out")["effects"]
    assert words["single"]["low"] > 0.6  # length goes with what the judge likes
    assert words["joint"]["low"] > 0.6  # and no other measured factor explains it
    assert words["effect"]["low"] < 0.5 < words["effect"]["high"]
    assert words["single_q"] < 0.05
    assert words["joint_q"] < 0.05
    assert words["dose"]["low"] > 0.3
    assert words["per_unit"]["form"] == "between"
    assert words["per_unit"]["low"] < 0 < words["per_unit"]["high"]
    assert words["asked"] == 120
    assert words["problems"] == [["refusal", 4]]
    assert lists["effect"]["low"] > 0.9
    assert lists["q_value"] < 0.05
    # The rewriter's own first word moves the judge: rewriting once finds an effect where there is none.
    assert exclamations["naive"]["low"] > 0.6
    assert exclamations["effect"]["low"] < 0.5 < exclamations["effect"]["high"]
    again = prefactor(*common, "--out", "again", cwd=tmp_path)
    assert "paid now: 0 tokens" in again.stdout
    assert results_of(tmp_path / "again") == results_of(tmp_path / "out")
    read = prefactor(
        "explain", tmp_path / "out" / "rewrites.jsonl", "--by", "contrast", "--out", "report", cwd=tmp_path
    )
    assert read.returncode == 0, read.stderr


def test_a_real_server_is_asked_and_calls_that_fail_are_counted(tmp_path: Path) -> None:
    log = write_confounded_log(tmp_path / "log.jsonl", rows=30)
    model = ModuleType("model")
    exec(MODEL, model.__dict__)

    def answered(asked: Asked) -> Answer:
        said = asked.fields["messages"]
        if "tea 7?" in said[-1]["content"]:
            return Answer(status=400, body=b'{"error": {"message": "no"}}')
        request = Request("toy", tuple(Message(each["role"], each["content"]) for each in said))
        return Answer(completion(model.answer(request)))

    with serving(answered) as server:
        options = ["--model", "toy", "--base-url", server.url, "--out", "out"]
        ran = prefactor("rewrite", log, "--factor", "list_items", *options, cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr
    assert "failed: 1 calls (1 bad request)" in ran.stdout
    (lists,) = results_of(tmp_path / "out")["effects"]
    assert lists["problems"] == [["missing", 1]]
    assert lists["judged"] == 29
    assert lists["effect"]["value"] == 1.0


def test_what_a_small_real_model_says_is_never_taken_for_a_rewrite(tiny: "TinyModel", tmp_path: Path) -> None:
    from servers.tiny_model import write_gguf  # noqa: PLC0415  # absent where these tests are skipped

    log = write_confounded_log(tmp_path / "log.jsonl", rows=4)
    write_gguf(tiny, tmp_path / "tiny.gguf", context=4096)
    with llama_server(tmp_path / "tiny.gguf", context=4096) as server:
        options = ["--model", "tiny", "--base-url", server.url, "--out", "out"]
        ran = prefactor("rewrite", log, "--factor", "words", *options, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (words,) = results_of(tmp_path / "out")["effects"]
    assert words["usable"] == 0
    assert sum(number for _, number in words["problems"]) == 4
    assert words["effect"]["value"] is None
    assert "too few pairs" in words["sentence"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--factor", "wordz", "--model", "toy"], "unknown factor 'wordz'"),
        (["--factor", "words"], "--model: expected one model that rewrites"),
        (["--factor", "words", "--factor", "words", "--model", "toy"], "each once"),
    ],
)
def test_mistakes_are_named_before_anything_is_asked(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    log = write_confounded_log(tmp_path / "log.jsonl", rows=4)
    ran = prefactor("rewrite", log, *arguments, "--out", "out", cwd=tmp_path)
    assert ran.returncode == 2
    assert complaint in ran.stderr


def test_a_rewriter_that_changes_nothing_proves_nothing(tmp_path: Path) -> None:
    log = write_confounded_log(tmp_path / "log.jsonl", rows=40)
    options = ["--model", "toy", "--provider", write_model(tmp_path / "model.py"), "--factor", "hedges", "--out", "out"]
    ran = prefactor("rewrite", log, *options, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    (hedges,) = results_of(tmp_path / "out")["effects"]
    assert hedges["identical"] == hedges["unmoved"] == 40
    assert not hedges["moved"]
    assert hedges["q_value"] is hedges["single_q"] is None
    assert "did not bring it about" in hedges["sentence"]
