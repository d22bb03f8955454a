"""Replies of real judges: the parser finds the verdict that was recorded for them."""

import json
import re
from pathlib import Path

import pytest

from prefactor.judges.judge_file import shipped_judge
from prefactor.judges.verdict_text import PARSER
from prefactor.llm.records import Reply

FILE = shipped_judge("pairwise")
RECORDED = {"A>B": 1.0, "B>A": 0.0, "A=B": 0.5}


def replies(folder: Path) -> list[tuple[str, str]]:
    """Return what the judges of JudgeBench said, and the verdict that was recorded."""
    found = []
    for path in sorted((folder / "judgebench" / "outputs").glob("*judge_name=arena_hard*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            games = [game for game in json.loads(line)["judgments"] if game and game["decision"]]
            found += [(game["judgment"]["response"], game["decision"]) for game in games]
    return found


@pytest.mark.real_data
def test_every_recorded_verdict_is_found(real_data: Path) -> None:
    said = replies(real_data)
    assert len(said) > 1_000
    wrong = [decision for text, decision in said if PARSER.read(Reply(text), FILE).value != RECORDED[decision]]
    assert wrong == []


@pytest.mark.real_data
def test_without_brackets_hardly_any_is_read_as_another(real_data: Path) -> None:
    found = [
        (PARSER.read(Reply(re.sub(r"\[\[.*?\]\]", "", text)), FILE).value, decision)
        for text, decision in replies(real_data)
    ]
    read = [(value, decision) for value, decision in found if value is not None]
    assert len(read) > 0.6 * len(found)
    assert sum(value != RECORDED[decision] for value, decision in read) <= 0.005 * len(read)
