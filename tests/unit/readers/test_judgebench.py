"""JudgeBench: the second game is turned round, and the label is a judge of its own."""

import pytest

from prefactor.data.records import Row
from prefactor.readers import READERS, BadRows

Record = dict[str, object]


def read(*records: Record) -> tuple[list[Row], BadRows]:
    bad = BadRows()
    return list(READERS["judgebench"].read(enumerate(records, start=1), "log.json", bad)), bad


BASE: Record = {
    "pair_id": "p",
    "original_id": 7,
    "source": "mmlu-pro-law",
    "question": "Which?",
    "response_model": "gpt-4o",
    "response_A": "first",
    "response_B": "second",
    "label": "B>A",
}


def game(decision: object, judge: str = "o1-mini") -> Record:
    return {"judgment": {"judge_model": judge, "response": "..."}, "decision": decision}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("A>B", "B>A", (1.0, 1.0)), ("A>B", "A>B", (1.0, 0.0)), ("A=B", "A>B", (0.5, 0.0)), ("B>A", "A=B", (0.0, 0.5))],
)
def test_the_second_decision_is_about_the_swapped_pair(first: str, second: str, expected: tuple[float, float]) -> None:
    (row,), _ = read({**BASE, "judge_name": "arena_hard", "judgments": [game(first), game(second)]})
    label, *games = row.verdicts
    assert (label.judge, label.kind, label.preference) == ("label", "label", 0.0)
    assert [(verdict.judge, verdict.kind, verdict.order) for verdict in games] == [
        ("o1-mini", "llm", "ab"),
        ("o1-mini", "llm", "ba"),
    ]
    assert (games[0].preference, games[1].preference) == expected


def test_a_missing_decision_is_missing() -> None:
    (row,), bad = read({**BASE, "judgments": [None, game(None)]})
    assert [verdict.problem for verdict in row.verdicts[1:]] == ["missing", "missing"]
    assert {verdict.judge for verdict in row.verdicts[1:]} == {"o1-mini"}
    assert bad.total == 0


def test_reward_models_are_known_by_the_style_of_judging() -> None:
    (row,), _ = read({**BASE, "judge_name": "reward_model", "judgments": [game("A>B"), game("B>A")]})
    assert {verdict.kind for verdict in row.verdicts[1:]} == {"reward model"}


def test_pairs_without_judgments_have_the_label_alone() -> None:
    (row,), _ = read(BASE)
    assert len(row.verdicts) == 1
    assert row.columns == {
        "original_id": 7,
        "source": "mmlu-pro-law",
        "domain": "knowledge",
        "response_model": "gpt-4o",
    }
    assert row.model_a == row.model_b == "gpt-4o"


@pytest.mark.parametrize("column", ["label", "judgments"])
def test_an_unknown_word_is_a_bad_row(column: str) -> None:
    rows, bad = read({**BASE, column: "A?" if column == "label" else [game("A?")]})
    assert rows == []
    assert bad.first[0].field == column
    assert "A?" in bad.first[0].got
