"""Numbers are the same to the bit from run to run, and for any order of rows and of files."""

import json
import random
from pathlib import Path

import pytest

import prefactor as pf

FITTING = pf.Fitting(bootstraps=200)


def rows(count: int, seed: int) -> list[dict[str, object]]:
    source = random.Random(seed)
    found: list[dict[str, object]] = []
    for number in range(count):
        texts = [" ".join(source.choices(["tea", "is", "hot.", "- leaf", "**water**"], k=length)) for length in (7, 19)]
        first = source.randrange(2)
        found.append(
            {
                "prompt": f"Question {number // 4}?",
                "response_a": texts[first],
                "response_b": texts[1 - first],
                "preference": source.choice(["A", "B", "A", "tie"]),
                "topic": source.choice(["tea", "coffee"]),
                "annotator": source.choice(["ann", "bob"]),
            }
        )
    return found


def numbers(folder: Path, parts: list[list[dict[str, object]]]) -> dict[str, object]:
    """Results of the log written in parts, without what names the files."""
    folder.mkdir()
    for number, part in enumerate(parts):
        (folder / f"{number}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part), encoding="utf-8")
    dataset = pf.read(str(folder))
    document: dict[str, object] = json.loads(pf.render_json(pf.explain(dataset, by="topic", fitting=FITTING)))
    del document["sources"]
    return document


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_and_of_files_changes_no_bit(tmp_path: Path, seed: int) -> None:
    log = rows(160, seed)
    shuffled = random.Random(seed).sample(log, len(log))
    plain = numbers(tmp_path / "plain", [log[:100], log[100:]])
    assert numbers(tmp_path / "again", [log[:100], log[100:]]) == plain
    assert numbers(tmp_path / "shuffled", [shuffled[:60], shuffled[60:]]) == plain
