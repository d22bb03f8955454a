"""``prefactor validate-factors`` as a process, with a scripted model: what it says, what it writes, how it fails."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from prefactor.readers.reliability_file import read_reliability

RATER = Path(__file__).resolve().parents[1] / "simulated" / "hashing_rater.py"


def prefactor(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prefactor", *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "160", "PREFACTOR_CACHE": str(cwd / "replies.sqlite")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


def write_study(folder: Path) -> list[str | Path]:
    rows = []
    for number in range(120):
        a, b = (f"Tea {number}{side}{'!' * level}" for side, level in (("a", number % 4), ("b", number // 4 % 4)))
        rows.append(json.dumps({"prompt": f"Why {number}?", "response_a": a, "response_b": b, "preference": "A"}))
    (folder / "log.jsonl").write_text("\n".join(rows))
    (folder / "rater.py").write_bytes(RATER.read_bytes())
    asked = ["--measure-with", "toy", "--provider", "scripted:rater.py", "--factors", "dissection:friendly,clear"]
    return ["validate-factors", "log.jsonl", *asked, "--out", "found"]


def test_a_study_is_printed_and_written_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    dry = prefactor(*study, "--sensitivity", "--dry-run", cwd=tmp_path)
    assert dry.stdout.splitlines()[-1] == "nothing was asked"
    assert not (tmp_path / "found").exists()
    planned = re.search(r"about ([\d,]+) calls", dry.stdout)
    ran = prefactor(*study, "--sensitivity", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert planned is not None
    assert f"0 of {planned[1]} calls were answered before" in ran.stdout
    assert "toy measured 200 answers (one at a time)" in ran.stdout
    assert "open courteously" in ran.stdout
    written = read_reliability(tmp_path / "found" / "reliability.json")
    friendly, clear = written.factors
    assert friendly.verdict in ("noisy", "reliable")
    assert clear.verdict == "unusable"
    assert "unusable: most of what it says changes" in (tmp_path / "found" / "reliability.md").read_text()
    again = prefactor(*study, "--sensitivity", cwd=tmp_path)
    assert "paid now: 0 tokens" in again.stdout
    explained = prefactor(
        "explain", "log.jsonl", "--factors", "lexical:words", "--reliability", "found/reliability.json",
        *("--out", "report"), cwd=tmp_path,
    )  # fmt: skip
    assert explained.returncode == 0, explained.stderr
    assert "what errors of measurement hide" in explained.stdout


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    (tmp_path / "people.csv").write_text("response,factor,score\nTea 0a,friendly,much\n")
    ran = prefactor(*study, "--human", "people.csv", cwd=tmp_path)
    assert ran.returncode == 2
    assert "people.csv:2: expected a number as score, got 'much'" in ran.stderr
    (tmp_path / "other.json").write_text("{}")
    ran = prefactor("explain", "log.jsonl", "--reliability", "other.json", "--out", "report", cwd=tmp_path)
    assert ran.returncode == 2
    assert "other.json: expected reliability.json of prefactor validate-factors" in ran.stderr
