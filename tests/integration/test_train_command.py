"""``prefactor train`` as a process: a small model taught on the spot learns to write more, or less."""

import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from prefactor.report.command_file import command_schema

NEEDED = ("torch", "transformers", "trl", "peft", "accelerate")
SENTENCES = ("Tea is warm.", "Tea is good.", "It is a leaf.", "Drink it hot.")
OPTIONS = (
    *("--factors", "lexical:words,list_items", "--learning-rate", "5e-3", "--epochs", "2", "--batch", "16"),
    *("--device-batch", "16", "--longest", "128", "--max-tokens", "60", "--temperature", "1", "--held-out", "0.3"),
    *("--save-steps", "5", "--margin", "0.1"),
)


def lessons() -> list[tuple[str, str]]:
    chance = random.Random(4)
    found = []
    for number in range(240):
        said = [chance.choice(SENTENCES) for _ in range(chance.randint(1, 4))]
        text = "\n".join(f"- {each}" for each in said) if chance.random() < 0.5 else " ".join(said)
        found.append((f"What is tea {number % 60}?", text))
    return found


def prefactor(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prefactor", *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "160", "HF_HUB_OFFLINE": "1"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, skip_or_fail: Callable[[str], NoReturn]) -> Path:
    """A folder with a log, a taste for length and lists, and a model that writes both."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        skip_or_fail(f"needs {', '.join(missing)}: pip install --group dev")
    from models.writer import make_writer  # noqa: PLC0415  # absent where these tests are skipped

    folder = tmp_path_factory.mktemp("train")
    taught = lessons()
    pairs = [(prompt, a, b) for (prompt, a), (other, b) in zip(taught, taught[60:], strict=False) if prompt == other]
    rows = [json.dumps({"prompt": prompt, "answer_a": a, "answer_b": b}) for prompt, a, b in pairs if a != b]
    (folder / "log.jsonl").write_text("\n".join(rows), encoding="utf-8")
    factors = [{"name": name, "weight": {"mean": 1.0}} for name in ("words", "list_items")]
    profile = {"profiles": [{"judge": "taste", "slice": "all", "factors": factors}]}
    (folder / "profile.json").write_text(json.dumps(profile), encoding="utf-8")
    make_writer(folder / "base", taught, steps=120, longest=128, max_position_embeddings=256)
    return folder


def test_labels_are_made_and_mistakes_named_without_the_extra(tmp_path: Path) -> None:
    taught = lessons()
    rows = [
        {"prompt": prompt, "answer_a": a, "answer_b": b, "winner": "A" if len(a) > len(b) else "B"}
        for (prompt, a), (_, b) in zip(taught, taught[60:], strict=False)
        if a != b
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "base").mkdir()
    command = ["train", "log.jsonl", "--base", "base", "--out", "out", "--factors", "lexical:words,list_items"]
    assert "expected a folder with a model" in prefactor(*command, "--towards", "--dry-run", cwd=tmp_path).stderr
    (tmp_path / "base" / "config.json").write_text("{}", encoding="utf-8")
    assert "--towards or --away" in prefactor(*command, "--dry-run", cwd=tmp_path).stderr
    ran = prefactor(*command, "--towards", "--dry-run", "--margin", "0.05", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "towards what winner prefers" in ran.stdout
    assert "pairs to learn from" in ran.stdout
    (tmp_path / "bad.json").write_text("{}", encoding="utf-8")
    wrong = prefactor(*command, "--away", "--profile", "bad.json", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "expected a results.json" in wrong.stderr


def train(workshop: Path, direction: str, *more: str) -> subprocess.CompletedProcess[str]:
    common = ["train", "log.jsonl", "--profile", "profile.json", "--base", "base", "--out", direction, *OPTIONS]
    return prefactor(*common, f"--{direction}", *more, cwd=workshop)


def results_of(folder: Path) -> dict[str, Any]:
    document = json.loads((folder / "training.json").read_bytes())
    assert [each.message for each in Draft202012Validator(command_schema()).iter_errors(document)] == []
    found: dict[str, Any] = document["results"]
    return found


def test_factors_and_the_win_rate_move_as_asked_for_and_a_broken_off_run_goes_on(workshop: Path) -> None:
    planned = train(workshop, "towards", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert "nothing was trained" in planned.stdout
    assert not (workshop / "towards").exists()
    ran = train(workshop, "towards")
    assert ran.returncode == 0, ran.stderr
    towards = results_of(workshop / "towards")
    assert towards["win_rate"]["low"] > 0.5
    assert {each["factor"]: each["change"]["low"] > 0 for each in towards["shifts"]}["words"]
    config = json.loads((workshop / "towards" / "config.json").read_bytes())
    assert config["data"]["pairs"] > 50
    assert config["dpo"]["learning_rate"] == 5e-3
    assert {"trl", "peft", "torch"} <= config["versions"].keys()
    # As if the run had been broken off between two checkpoints: what came after the first of them is not there.
    saved = sorted((workshop / "towards" / "checkpoints").glob("checkpoint-*"), key=lambda path: int(path.name[11:]))
    for path in (*saved[1:], workshop / "towards" / "model", workshop / "towards" / "adapter"):
        shutil.rmtree(path)
    again = train(workshop, "towards")
    assert again.returncode == 0, again.stderr
    went_on = results_of(workshop / "towards")
    assert 0 < went_on["trained"]["resumed_from"] < towards["trained"]["steps"] == went_on["trained"]["steps"]
    assert went_on["win_rate"] == towards["win_rate"]
    other = train(workshop, "towards", "--rank", "4")
    assert other.returncode == 2
    assert "a folder of the same run" in other.stderr


def test_away_from_the_taste_answers_get_shorter_with_all_weights_trained(workshop: Path) -> None:
    ran = train(workshop, "away", "--full", "--learning-rate", "1e-3")
    assert ran.returncode == 0, ran.stderr
    away = results_of(workshop / "away")
    assert away["win_rate"]["high"] < 0.5
    assert {each["factor"]: each["change"]["high"] < 0 for each in away["shifts"]}["words"]
