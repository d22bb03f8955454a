"""``prefactor judge --batch`` against a stand-in for the endpoint: submit, come back too early, collect, write."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from servers.model_server import Answer, Asked, completion, serving


class BatchServer:
    """One batch, which has ended when it is looked at for the second time; calls outside it are counted."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.looks = 0
        self.direct = 0

    def script(self, asked: Asked) -> Answer:
        if asked.path == "/v1/files":
            content = asked.body.partition(b"application/jsonl\r\n\r\n")[2].partition(b"\r\n--")[0]
            self.lines = [json.loads(line) for line in content.splitlines()]
            return Answer(b'{"id": "file-1"}')
        if asked.path == "/v1/batches":
            return Answer(b'{"id": "batch-1", "status": "validating", "errors": null, "request_counts": null}')
        if asked.path == "/v1/files/answers/content":
            response = {"status_code": 200, "body": json.loads(completion("[[A]]"))}
            answers = [{"custom_id": line["custom_id"], "response": response} for line in self.lines]
            return Answer("\n".join(map(json.dumps, answers[1:])).encode())
        if asked.path.startswith("/v1/batches/"):
            self.looks += 1
            return Answer(json.dumps(self.state()).encode())
        self.direct += 1
        return Answer(completion("[[B]]"))

    def state(self) -> dict[str, Any]:
        total = len(self.lines)
        if self.looks < 2:
            counts = {"total": total, "completed": 0, "failed": 0}
            return {"id": "batch-1", "status": "in_progress", "request_counts": counts}
        counts = {"total": total, "completed": total - 1, "failed": 0}
        return {"id": "batch-1", "status": "completed", "request_counts": counts, "output_file_id": "answers"}


def prefactor(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "160", "PREFACTOR_CACHE": str(cwd / "replies.sqlite")}
    command = [sys.executable, "-m", "prefactor", "judge", "log.jsonl", "--model", "tiny", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


def test_a_batch_is_submitted_collected_and_only_what_it_left_out_is_asked_directly(tmp_path: Path) -> None:
    lines = [{"question": f"Question {number}?", "answer_a": "x", "answer_b": "y"} for number in range(4)]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    there = BatchServer()
    with serving(there.script) as server:
        common = ["--base-url", server.url]
        submitted = prefactor(*common, "--batch", "submit", cwd=tmp_path)
        assert "submitted: batch-1; come back with --batch batch-1" in submitted.stdout, submitted.stderr
        assert len(there.lines) == 8
        early = prefactor(*common, "--batch", "batch-1", cwd=tmp_path)
        assert (early.returncode, "in_progress, 0 of 8 answered" in early.stdout) == (0, True)
        late = prefactor(*common, "--batch", "batch-1", cwd=tmp_path)
        assert late.returncode == 1
        assert "completed, 7 of 8 answered, 7 kept" in late.stdout
        assert "failed: 1 no answer" in late.stdout
        written = prefactor(*common, "--out", "judged.jsonl", cwd=tmp_path)
        assert written.returncode == 0, written.stderr
        assert there.direct == 1
        refused = prefactor("--provider", "scripted:x.toml", "--batch", "submit", cwd=tmp_path)
        assert (refused.returncode, "--batch" in refused.stderr) == (2, True)
    rows = [json.loads(line) for line in (tmp_path / "judged.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sum(verdict["preference"] is not None for row in rows for verdict in row["verdicts"]) == 8
