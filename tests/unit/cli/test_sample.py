"""The comparisons of the demo: written by the script that says so, readable, and varied in every manner by itself."""

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SAMPLE = REPOSITORY / "src" / "prefactor" / "cli" / "sample" / "comparisons.jsonl.gz"
COLUMNS = ["prompt", "response_a", "response_b", "model_a", "model_b", "topic"]

COUNTED = {
    "words": r"\w+",
    "list items": r"(?m)^(?:-|\d+\.) ",
    "headings": r"(?m)^## ",
    "bold": r"\*\*",
    "exclamations": r"[!！]",
    "questions": r"[?？]",
    "emoji": r"[\U0001f300-\U0001faff✨]",
    "numbers": r"\d+",
    "first person": r"\b(?:I|my|My)\b",
}


@pytest.fixture(scope="module")
def comparisons() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = [json.loads(line) for line in gzip.decompress(SAMPLE.read_bytes()).splitlines()]
    return rows


def test_the_script_writes_this_file() -> None:
    script = REPOSITORY / "design" / "make_sample.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_size_and_columns(comparisons: list[dict[str, str]]) -> None:
    assert SAMPLE.stat().st_size < 120_000
    assert len(comparisons) >= 600
    assert all(list(row) == COLUMNS for row in comparisons)
    assert all(value.strip() == value != "" for row in comparisons for value in row.values())


def test_prompts_and_models_vary(comparisons: list[dict[str, str]]) -> None:
    assert len({row["prompt"] for row in comparisons}) >= 120
    assert len({row["topic"] for row in comparisons}) >= 6
    assert {row["model_a"] for row in comparisons} == {"terse-1", "tidy-1", "chatty-1", "careful-1"}
    assert all(row["model_a"] != row["model_b"] and row["response_a"] != row["response_b"] for row in comparisons)
    first = Counter(row["model_a"] for row in comparisons)
    assert max(first.values()) < 2 * min(first.values())


def test_several_languages(comparisons: list[dict[str, str]]) -> None:
    prompts = " ".join({row["prompt"] for row in comparisons})
    for letters in ("ß|ü|ö", "ç|œ|é", "¿", "[\u3040-\u30ff]", "怎"):
        assert re.search(letters, prompts), letters


def test_nothing_is_left_unfilled(comparisons: list[dict[str, str]]) -> None:
    text = " ".join(row[side] for row in comparisons for side in ("response_a", "response_b"))
    assert not re.search(r"\{\w*\}|\bTODO\b|lorem|\bNone\b", text)


def test_manners_vary_by_themselves(comparisons: list[dict[str, str]]) -> None:
    differences = np.array(
        [
            [
                np.sign(len(re.findall(pattern, row["response_a"])) - len(re.findall(pattern, row["response_b"])))
                for pattern in COUNTED.values()
            ]
            for row in comparisons
        ]
    )
    differing = (differences != 0).mean(axis=0)
    assert dict(zip(COUNTED, differing > 0.15, strict=True)) == dict.fromkeys(COUNTED, True)
    correlations = np.corrcoef(differences, rowvar=False) - np.eye(len(COUNTED))
    assert np.abs(correlations).max() < 0.6
    assert np.linalg.cond(np.corrcoef(differences, rowvar=False)) < 20
