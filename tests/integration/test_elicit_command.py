"""``prefactor elicit`` and ``align --gap`` as processes, with a scripted model and a real server of a tiny one."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from prefactor.report.command_file import command_schema
from servers.llama_cpp import LlamaServer, llama_server
from servers.model_server import Answer, Asked, completion, serving, text_of

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

SCRIPT = '''
"""Writes longer and longer; judges by exclamation marks."""
import re

def answer(request):
    text = request.messages[-1].content
    level = re.search(r"answer of level (\\d)", text)
    if level:
        number = int(re.search(r"Question (\\d+)", text)[1])
        return "tea " * (3 * int(level[1]) + number % 3) + "!" * (number % 2)
    first, second = (text.partition(f"----- answer {side} begins")[2].partition("-----\\n----- ")[0] for side in "AB")
    return "[[A]]" if first.partition("----- answer A ends")[0].count("!") > second.count("!") else "[[B]]"
'''
SHORT_LEVELS = """
name = "short"
version = 1
kind = "levels-each"
levels = ["bad", "good"]
sampling = { temperature = 2.0, max_tokens = 12 }
prompt.fence = "{mark}"
prompt.user = "{fence} {prompt} {scale} level {level}"
"""


def prefactor(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prefactor", *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "160", "PREFACTOR_CACHE": str(cwd / "cache" / "replies.sqlite")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


def write_prompts(path: Path, number: int = 30) -> Path:
    path.write_text("\n".join(f"Question {each}?" for each in range(number)), encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def scripted(tmp_path: Path) -> list[str]:
    (tmp_path / "model.py").write_text(SCRIPT, encoding="utf-8")
    return ["--model", "M", "--provider", f"scripted:{tmp_path / 'model.py'}"]


def write_human_log(path: Path) -> Path:
    lines = []
    for number in range(60):
        a, b = "tea " * (1 + number % 7) + "!" * (number % 3), "tea " * (1 + (number * 3 + 1) % 7) + "leaf"
        row = {"question": f"Asked {number}?", "answer_a": a, "answer_b": b, "human": "A" if len(a) > len(b) else "B"}
        lines.append(json.dumps(row))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_from_prompts_to_the_gap_and_its_page(tmp_path: Path, scripted: list[str]) -> None:
    prompts, human = write_prompts(tmp_path / "prompts.txt"), write_human_log(tmp_path / "human.jsonl")
    ran = prefactor("elicit", prompts, *scripted, "--out", "generated.jsonl", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "30 prompts, 5 levels each, 150 calls to M" in ran.stdout
    assert "300 comparisons on 30 prompts of the judge M when generating" in ran.stdout
    mapping = ["--map", "prompt=question,preference=human:words"]
    ran = prefactor("judge", human, *mapping, *scripted, "--out", "judged.jsonl", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    people = tmp_path / "people.jsonl"
    rows = [json.loads(line) for line in (tmp_path / "judged.jsonl").read_text().splitlines()]
    for row in rows:
        longer = float(len(row["response_a"]) > len(row["response_b"]))
        row["verdicts"] = [{"judge": "people", "kind": "human", "preference": longer}]
    people.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    picked = "lexical:words,characters,exclamations,sentences,repetition,lexical_diversity"
    arguments = ["people.jsonl", "judged.jsonl", "generated.jsonl", "--out", "gap", "--factors", picked]
    ran = prefactor("align", *arguments, "--gap", "--task", "tea", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    results = json.loads((tmp_path / "gap" / "gap.json").read_bytes())
    assert results["command"] == "gap"
    assert list(Draft202012Validator(command_schema()).iter_errors(results)) == []
    assert results["results"]["generates"] == "M when generating"
    page = (tmp_path / "gap" / "gap.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "<script" not in page
    # Without being asked for it comes beside the alignment, since the judges are those of a gap.
    ran = prefactor("align", *arguments, "--bootstraps", "100", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "gap" / "alignment.json").exists()
    assert "generates" in ran.stdout


def test_samples_are_ranked_by_a_factor_or_a_judge_and_best_of_n_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(
        "def answer(request):\n"
        "    if 'grade' in request.messages[0].content:\n"
        "        return f'[[{min(10, request.messages[-1].content.count(\"tea\"))}]]'\n"
        "    return 'tea ' * request.sampling.seed\n",
        encoding="utf-8",
    )
    prompts = write_prompts(tmp_path / "prompts.txt", 4)
    common = ["--model", "M", "--provider", f"scripted:{tmp_path / 'model.py'}", "--from", "samples", "-n", "4"]
    for scorer in ("lexical:words", "grade"):
        ran = prefactor("elicit", prompts, *common, "--scorer", scorer, "--out", "s.jsonl", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        rows = rows_of(tmp_path / "s.jsonl")
        assert len(rows) == 4 * 6
        for row in rows:
            (verdict,) = row["verdicts"]
            assert verdict["judge"] == f"M samples by {scorer}"
            assert verdict["preference"] == float(len(str(row["response_a"])) > len(str(row["response_b"])))
    ran = prefactor("elicit", prompts, *common, "--scorer", "grade", "--best", "--out", "b.jsonl", cwd=tmp_path)
    assert len(rows_of(tmp_path / "b.jsonl")) == 4 * 3
    ran = prefactor("elicit", prompts, *common, "--scorer", "pairwise", "--out", "p.jsonl", cwd=tmp_path)
    assert ran.returncode == 2
    assert "a judge that scores one answer" in ran.stderr


def test_recorded_answers_with_scores_need_no_model(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"prompt": f"Q{each % 3}", "response": "tea " * each, "score": each} for each in range(1, 10)
    ]
    rows.append({"prompt": "Q1", "response": "no score", "score": None})
    (tmp_path / "recorded.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ran = prefactor("elicit", "recorded.jsonl", "--from", "recorded", "--best", "--out", "r.jsonl", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert len(rows_of(tmp_path / "r.jsonl")) == 3 * 2
    assert "best of samples by recorded scores" in ran.stdout
    assert "without a score, and left out: 1 answers (no score in the file)" in ran.stdout
    first = (tmp_path / "r.jsonl").read_bytes()
    (tmp_path / "recorded.jsonl").write_text("\n".join(map(json.dumps, rows[::-1])), encoding="utf-8")
    prefactor("elicit", "recorded.jsonl", "--from", "recorded", "--best", "--out", "r.jsonl", cwd=tmp_path)
    assert (tmp_path / "r.jsonl").read_bytes() == first


def test_a_dry_run_asks_nothing(tmp_path: Path, scripted: list[str]) -> None:
    ran = prefactor("elicit", write_prompts(tmp_path / "p.txt"), *scripted, "--dry-run", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "nothing was asked" in ran.stdout
    assert not (tmp_path / "cache").exists()


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts.txt", 40)

    def script(asked: Asked) -> Answer:
        return Answer(completion(text_of(asked)[-200:]), seconds=0.02)

    with serving(script) as server:
        arguments = ["elicit", str(prompts), "--model", "tiny", "--base-url", server.url, "--out", "g.jsonl"]
        arguments += ["--concurrency", "4", "--repairs", "0"]
        command = [sys.executable, "-m", "prefactor", *arguments]
        environment = os.environ | {"PREFACTOR_CACHE": str(tmp_path / "cache" / "replies.sqlite")}
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while len(server.requests) < 60 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        process.kill()
        process.wait(20)
        before = len(server.requests)
        assert 60 <= before < 200
        ran = prefactor(*arguments, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        # Only what was in flight when it was killed is asked again.
        assert 200 <= len(server.requests) <= 200 + 4


@pytest.fixture(scope="module")
def server(tiny: "TinyModel", tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    from servers.tiny_model import write_gguf  # noqa: PLC0415  # absent where these tests are skipped

    path = tmp_path_factory.mktemp("llama") / "tiny.gguf"
    write_gguf(tiny, path)
    with llama_server(path, context=2_048) as running:
        yield running


def test_a_tiny_model_behind_a_real_server(server: LlamaServer, tmp_path: Path) -> None:
    (tmp_path / "short.toml").write_text(SHORT_LEVELS, encoding="utf-8")
    prompts = write_prompts(tmp_path / "prompts.txt", 12)
    arguments = ["--model", "tiny", "--base-url", server.url, "--levels-in", "short.toml", "--out", "g.jsonl"]
    ran = prefactor("elicit", prompts, *arguments, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    rows = rows_of(tmp_path / "g.jsonl")
    assert rows, ran.stdout
    assert all(row["response_a"] != row["response_b"] for row in rows)
    ran = prefactor("refine", prompts, *arguments[:4], "--max-tokens", "12", "--out", "refined", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    refined = json.loads((tmp_path / "refined" / "refine.json").read_bytes())
    assert list(Draft202012Validator(command_schema()).iter_errors(refined)) == []
    ways = refined["results"]["ways"]
    assert [each["way"] for each in ways] == ["feedback", "plain"]
    ran = prefactor("export", "g.jsonl", "--for", "dpo", "--out", "set", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert len(rows_of(tmp_path / "set" / "dpo.jsonl")) == len(rows)
    again = prefactor("elicit", prompts, *arguments, cwd=tmp_path)
    assert "paid now: 0 tokens" in again.stdout
    assert rows_of(tmp_path / "g.jsonl") == rows
