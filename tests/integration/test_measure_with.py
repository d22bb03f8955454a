"""Factors that take a model, from the command line: planned, measured, kept in a file, used again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from prefactor.analysis.measurement import Scores, measure_responses
from prefactor.analysis.scores_file import read_scores, write_scores
from prefactor.data.dataset import Dataset
from prefactor.data.limiting import limit_comparisons
from prefactor.errors import InputFileError
from prefactor.factors import load_measurers
from prefactor.study import read

RATER = Path(__file__).parents[1] / "simulated" / "text_rater.py"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of 60 comparisons."""
    rows = [
        {
            "question": f"Should I take road {number}?",
            "answer_a": f"Yes {number}. " * (1 + number % 7),
            "answer_b": f"No {number}, and this is why. " * (1 + number % 5),
            "winner": "model_a" if number % 3 else "model_b",
        }
        for number in range(60)
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def prefactor(*arguments: str | Path, cwd: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "prefactor", *map(str, arguments)]
    environment = os.environ | {"COLUMNS": "160", "PREFACTOR_CACHE": str(cwd / "cache.sqlite")}
    ran = subprocess.run(command, cwd=cwd, capture_output=True, check=False, env=environment)
    return ran.returncode, (ran.stdout + ran.stderr).decode()


def test_a_taxonomy_is_planned_measured_and_used_again(log: Path, tmp_path: Path) -> None:
    asked = ("--taxonomy", "dissection", "--measure-with", "m", "--provider", f"scripted:{RATER}", "--limit", "40")
    status, said = prefactor("measure", log, *asked, "--dry-run", "--out", "f.parquet", cwd=tmp_path)
    assert status == 0
    assert "nothing was asked" in said
    assert not (tmp_path / "f.parquet").exists()
    status, said = prefactor("explain", log, *asked, "--together", "--bootstraps", "100", "--out", "o", cwd=tmp_path)
    assert status == 0, said
    document = json.loads((tmp_path / "o" / "results.json").read_text(encoding="utf-8"))
    assert document["counts"]["comparisons"] == 40
    assert len(document["factors"]) == 29
    status, again = prefactor(
        *("explain", log, "--scores", "o/factors.parquet", "--limit", "40", "--bootstraps", "100", "--out", "p"),
        cwd=tmp_path,
    )
    assert status == 0, again
    second = json.loads((tmp_path / "p" / "results.json").read_text(encoding="utf-8"))
    assert second["profiles"] == document["profiles"]
    status, said = prefactor("check", log, "--scores", "o/factors.parquet", cwd=tmp_path)
    assert status == 2
    assert "expected scores of all" in said


def test_without_a_model_both_ways_out_are_named(log: Path, tmp_path: Path) -> None:
    status, said = prefactor("measure", log, "--taxonomy", "dissection", "--out", "f.parquet", cwd=tmp_path)
    assert status == 2
    assert "--measure-with" in said
    assert "--scores" in said


def test_scores_come_back_as_they_were_written_whatever_the_order_of_rows(log: Path, tmp_path: Path) -> None:
    dataset = read(str(log))
    measured = measure_responses(dataset, load_measurers(["lexical:words,list_items"]))
    table = measured.table.with_columns(words=pl.when(pl.col("words") > 9).then(float("nan")).otherwise("words"))
    scores = Scores(measured.factors, measured.measured_by, table.with_columns(pl.col("words").cast(pl.Float32)))
    write_scores(scores, tmp_path / "s.parquet", dataset=dataset)
    back = read_scores(tmp_path / "s.parquet", dataset=dataset)
    assert (back.factors, back.measured_by, back.sides) == (scores.factors, scores.measured_by, None)
    assert back.table.equals(scores.table, null_equal=True)
    fewer = limit_comparisons(dataset, 10)
    part = read_scores(tmp_path / "s.parquet", dataset=fewer)
    assert part.table.select("response_id").equals(fewer.response_ids().select("response_id"))
    write_scores(part, tmp_path / "p.parquet", dataset=fewer)
    with pytest.raises(InputFileError, match="without 100 of those"):
        read_scores(tmp_path / "p.parquet", dataset=dataset)


def test_a_limit_keeps_the_smallest_ids_with_their_texts_and_verdicts(log: Path) -> None:
    dataset = read(str(log))
    part = limit_comparisons(dataset, 10)
    assert sorted(part.comparisons["comparison_id"]) == sorted(dataset.comparisons["comparison_id"])[:10]
    both = [{each["comparison_id"]: each for each in _texts(one)} for one in (dataset, part)]
    assert all(both[0][name] == texts for name, texts in both[1].items())


def _texts(dataset: Dataset) -> list[dict[str, object]]:
    texts = dict(dataset.responses.select("index", "text").collect().iter_rows())
    prompts = dict(dataset.prompts.select("index", "prompt").collect().iter_rows())
    preferences = dict(dataset.preferences.select("comparison", "preference").iter_rows())
    return [
        {
            "comparison_id": row["comparison_id"],
            "texts": (prompts[row["prompt"]], texts[row["response_a"]], texts[row["response_b"]]),
            "preference": preferences[place],
        }
        for place, row in enumerate(dataset.comparisons.iter_rows(named=True))
    ]


def test_slices_by_scenario_are_read_by_the_model_and_within_the_budget(log: Path, tmp_path: Path) -> None:
    asked = ("--taxonomy", "dissection", "--measure-with", "m", "--provider", f"scripted:{RATER}", "--by", "scenario")
    status, said = prefactor("explain", log, *asked, "--bootstraps", "100", "--out", "o", cwd=tmp_path)
    assert status == 0, said
    document = json.loads((tmp_path / "o" / "results.json").read_text(encoding="utf-8"))
    assert document["settings"]["made_columns"][0] == ["scenario", "by m, 60 prompts, 0 of them by rules"]
    assert "scenario=other" in {profile["slice"] for profile in document["profiles"]}
    budget = ("--budget", "10calls", "--cache", "another.sqlite", "--bootstraps", "100", "--out", "p")
    status, said = prefactor("explain", log, *asked, *budget, cwd=tmp_path)
    assert status == 1, said
    # 8 calls read the 60 queries, eight in each: two are left of the ten for 120 answers.
    assert "118 not asked: the budget of 2 calls" in said
