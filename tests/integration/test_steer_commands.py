"""``prefactor steer``, ``defend`` and ``card`` as processes with a scripted model, one after the other."""

import json
import os
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path
from random import Random

import pytest

MODEL = """
from hashlib import blake2b
from random import Random


def answer(request):
    system = next((one.content for one in request.messages if one.role == "system"), "")
    random = Random(blake2b(request.to_bytes()).hexdigest())
    text = request.messages[-1].content
    if "You compare two answers" in system:
        def words(label):
            return text.partition(f"{label} begins")[2].partition(f"{label} ends")[0].count(" ")
        weight = 0.02 if "tend to be swayed" in system else 0.1
        chance = 0.5 + weight * (words("answer A") - words("answer B"))
        return "[[A]]" if random.random() < chance else "[[B]]"
    more, less = "twice the room" in system, "half the room" in system
    return "tea " * (random.randrange(9, 12) * 2 // (2 - more + 2 * less))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "prompts.txt").write_text("".join(f"Prompt {n}?\n" for n in range(30)), encoding="utf-8")
    rows = []
    for number in range(300):
        random = Random(blake2b(str(number).encode()).hexdigest())
        a, b = random.randrange(5, 15), random.randrange(5, 15)
        answers = ["tea " * count for count in (a, b)]
        people = "A" if random.random() < 0.5 + 0.02 * (a - b) else "B"
        rows.append(
            {"question": f"Question {number}?", "answer_a": answers[0], "answer_b": answers[1], "winner": people}
        )
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return tmp_path


def prefactor(*arguments: str, cwd: Path, status: int = 0) -> str:
    environment = os.environ | {"COLUMNS": "160", "PREFACTOR_CACHE": str(cwd / "cache" / "replies.sqlite")}
    command = [sys.executable, "-m", "prefactor", *arguments]
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


FACTORS = ("--factors", "lexical:words,bold,emoji")
"""The others go with length where every word is the same."""
ASKED = ("--model", "toy", "--provider", "scripted:model.py")


def test_from_a_log_to_the_card_of_its_judge(folder: Path) -> None:
    said = prefactor(
        "defend", "log.jsonl", *ASKED, *FACTORS, "--people", "winner", "--moves", "1", "--out", "defended", cwd=folder
    )
    assert "toy pairwise, warned" in said
    found = json.loads((folder / "defended" / "defence.json").read_text())["results"]["defences"]
    assert found[0]["manipulability"]["moves"][0]["name"] == "length"
    assert found[1]["change"]["high"] < 0
    assert found[1]["people_comparisons"] == 300

    prefactor("explain", "defended/as-is.jsonl", *FACTORS, "--out", "report", cwd=folder)
    profile = ("--profile", "report/results.json")
    plan = prefactor("steer", "prompts.txt", *ASKED, *profile, "--out", "steered", "--dry-run", cwd=folder)
    assert "twice the room" in plan
    assert "nothing was asked" in plan
    assert not (folder / "steered").exists()

    prefactor("steer", "prompts.txt", *ASKED, *profile, "--out", "steered", cwd=folder)
    shifts = json.loads((folder / "steered" / "steering.json").read_text())["results"]
    assert {one["moved"] for one in shifts["factors"] if one["factor"] == "words"} == {"as asked"}
    arms = {one["arm"]: one for one in shifts["judges"]}
    assert arms["towards"]["level"]["low"] > 0.5 > arms["away"]["level"]["high"]
    assert prefactor("steer", "prompts.txt", *ASKED, *profile, "--out", "again", cwd=folder).count("paid now: 0 tokens")
    prefactor("explain", "steered/judged.jsonl", "--out", "explained", cwd=folder)

    said = prefactor("card", "toy pairwise", "--from", "report", "--from", "defended", "--from", "steered",
                     "--out", "card", cwd=folder)  # fmt: skip
    assert "not known: competence and faithfulness" in said
    text = (folder / "card" / "card.md").read_text()
    assert "toy steered towards" in text
    assert "toy pairwise, warned" in text
    assert (folder / "card" / "card.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("steer", "prompts.txt", *ASKED, "--out", "o"), "--judge-log"),
        (("steer", "prompts.txt", *ASKED, "--model", "b", "--profile", "p.json", "--out", "o"), "one model"),
        (("steer", "none.jsonl", *ASKED, "--judge-log", "log.jsonl", "--judge", "nobody", "--out", "o"), "nobody"),
        (("defend", "log.jsonl", *ASKED, "--judge-with", "jury", "--out", "o"), "no jury"),
        (("card", "nobody", "--from", "prompts.json", "--out", "o"), "prompts.json"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_asked(
    folder: Path, arguments: tuple[str, ...], expected: str
) -> None:
    said = prefactor(*arguments, cwd=folder, status=2)
    assert expected in said
    assert "Traceback" not in said
    assert not (folder / "cache").exists()
