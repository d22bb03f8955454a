"""Judges of pairs against labels: JudgeBench's recorded verdicts against figures by hand, and what a judge knows."""

import json
from collections import defaultdict
from math import isnan
from pathlib import Path

import pytest

import prefactor as pf
from prefactor.analysis.competence.pairs import PairCompetence, PairJudge, PairSettings, assess_pairs
from prefactor.errors import SettingError

DOMAINS = {
    "mmlu-pro": "knowledge",
    "livebench-reasoning": "reasoning",
    "livebench-math": "math",
    "livecodebench": "coding",
}
O1_MINI = {"knowledge": 58.44, "reasoning": 62.24, "math": 82.14, "coding": 78.57}
"""Of o1-mini on pairs of GPT-4o, as JudgeBench gives them (arXiv 2410.12784), both orders together."""


@pytest.fixture(scope="module")
def found(real_data: Path) -> PairCompetence:
    return assess_pairs(pf.read([str(real_data / "judgebench")]), PairSettings(slices=("domain",)))


def by_hand(path: Path) -> dict[str, list[float]]:
    """Percentages of right verdicts by domain: A first, B first, and both together; ties are half of a verdict."""
    scores: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        marks = []
        for game, judgment in enumerate(row["judgments"]):
            said = judgment["decision"]
            if game == 1:
                said = {"A>B": "B>A", "B>A": "A>B"}.get(said, said)
            marks.append(0.5 if said == "A=B" else float(said == row["label"]))
        domain = next(name for start, name in DOMAINS.items() if row["source"].startswith(start))
        for place in (domain, "all"):
            scores[place].append((*marks, float(sum(marks) > 1)))
    return {name: [100 * sum(part) / len(rows) for part in zip(*rows, strict=True)] for name, rows in scores.items()}


def judge(found: PairCompetence, name: str) -> PairJudge:
    return next(each for each in found.judges if each.judge == name)


@pytest.mark.parametrize("name", ["o1-mini-2024-09-12", "Skywork/Skywork-Reward-Gemma-2-27B"])
def test_accuracies_in_both_orders_and_domains_are_those_of_the_file(
    found: PairCompetence, real_data: Path, name: str
) -> None:
    (path,) = (real_data / "judgebench" / "outputs").glob(f"*judge_model={name.replace('/', '_')}.jsonl")
    expected, own = by_hand(path), judge(found, name)
    for standing in (own.whole, *own.slices):
        ab, ba, joined = expected[standing.value or "all"]
        assert 100 * standing.ab.value == pytest.approx(ab)
        assert 100 * standing.ba.value == pytest.approx(ba)
        assert 100 * standing.joined.value == pytest.approx(joined)
        assert 100 * standing.accuracy.value == pytest.approx((ab + ba) / 2)


def test_published_accuracies_come_out(found: PairCompetence) -> None:
    own = judge(found, "o1-mini-2024-09-12")
    assert {each.value: round(100 * each.joined.value, 2) for each in own.slices} == O1_MINI
    assert round(100 * own.whole.joined.value, 2) == 65.71


def test_a_judge_that_goes_by_the_side_is_seen(found: PairCompetence) -> None:
    haiku = judge(found, "claude-3-haiku-20240307")
    assert haiku.missing == 13
    assert haiku.consistency.high < 0.6
    assert haiku.whole.first_shown.low > haiku.whole.second_shown.high
    assert "which a coin may have too" in haiku.sentence
    reward = judge(found, "internlm/internlm2-20b-reward")
    assert reward.consistency.value == 1.0


def log(path: Path, *, pairs: int, right_if: dict[str, float]) -> Path:
    """Pairs whose judge is right in the stated share of those it can answer, and of those it cannot."""
    rows = []
    for number in range(pairs):
        knows = "true" if number % 2 else "false"
        better = "A" if number % 3 else "B"
        right = (number // 2 % 20) < 20 * right_if[knows]
        said = better if right else ("B" if better == "A" else "A")
        rows.append(
            {"question": f"Question {number}?", "answer_a": f"a{number}", "answer_b": f"b{number}"}
            | {"label": better, "judge said": said, "can": knows}
        )
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def read(path: Path) -> pf.Dataset:
    mapping = {"preference": "label,judge said"}
    return pf.read(str(path), pf.Reading(mapping=mapping))


def test_pairs_that_the_judge_can_answer_are_told_from_others(tmp_path: Path) -> None:
    dataset = read(log(tmp_path / "log.jsonl", pairs=400, right_if={"true": 0.95, "false": 0.5}))
    (own,) = assess_pairs(dataset, PairSettings(label="label", knows=(("judge said", "can"),))).judges
    assert own.knowing is not None
    assert (own.knowing.can, own.knowing.cannot) == (200, 200)
    assert own.knowing.if_can.value == pytest.approx(0.95)
    assert own.knowing.if_cannot.value == pytest.approx(0.5)
    assert own.knowing.difference.low > 0.3
    assert own.conclusion == "trust where it knows"
    assert isnan(own.consistency.value)


def test_without_labels_or_judges_there_is_nothing_to_say(tmp_path: Path) -> None:
    dataset = read(log(tmp_path / "log.jsonl", pairs=20, right_if={"true": 1, "false": 1}))
    with pytest.raises(SettingError, match="pairs with a label"):
        assess_pairs(dataset)
    with pytest.raises(SettingError, match="true and false"):
        assess_pairs(dataset, PairSettings(label="label", knows=(("", "model_a"),)))
