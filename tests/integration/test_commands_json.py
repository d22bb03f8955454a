"""The JSON of every command has one form, and is the same for any order of rows and of files."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import prefactor as pf
from prefactor.cli.json_file import FILES
from prefactor.cli.root import COMMANDS, root
from prefactor.report.command_file import command_schema

Record = Mapping[str, str]
RATER = Path(__file__).resolve().parents[1] / "simulated" / "hashing_rater.py"
ELSEWHERE = {"defend", "gap", "refine", "rewrite", "steer", "train"}
"""Tested in files of their own, as they take what a model wrote."""
FACTORS = ("--factors", "lexical:words,list_items,questions,sentence_length")
ARGUMENTS: Mapping[str, Sequence[str]] = {
    "align": ("--by", "topic", "--bootstraps", "100", *FACTORS),
    "check": FACTORS,
    "competence": ("--label", "amy"),
    "control": ("--hold", "words"),
    "plan": (),
    "predict": ("--judge", "amy", "--change", "words"),
    "published": (),
    "validate-factors": (
        *("--measure-with", "toy", "--provider", f"scripted:{RATER}", "--factors", "dissection:friendly,clear"),
        *("--sensitivity", "--no-cache"),
    ),
    "validate": ("--simulations", "20", "--effect", "1.5", "--judge", "amy", *FACTORS),
}


def records(seed: int = 0) -> dict[str, list[Record]]:
    """Three judges on the same answers, each of which some rows call A and some B, in files of their own."""
    source = random.Random(seed)
    files: dict[str, list[Record]] = {"zoe": [], "amy": [], "bob": []}
    for number in range(90):
        answers = [" ".join(source.choices(["tea", "is", "hot?", "\n- cold"], k=source.randint(3, 30))) for _ in "ab"]
        models = source.choice(["small", "large"]), "base"
        for judge, rows in files.items():
            longer = len(answers[0]) > len(answers[1])
            won = longer if source.random() < 0.8 else source.random() < 0.5
            turned = source.random() < 0.3
            first, second = (1, 0) if turned else (0, 1)
            rows.append(
                {
                    "question": f"Question {number // 2}?",
                    "answer_a": answers[first],
                    "answer_b": answers[second],
                    "model_a": models[first],
                    "model_b": models[second],
                    "judge": judge,
                    "topic": f"topic {number // 2 % 3}",
                    "winner": "model_a" if won != turned else "model_b",
                }
            )
    return files


def write(folder: Path, files: Mapping[str, Sequence[Record]]) -> list[str]:
    folder.mkdir()
    paths = []
    for judge, rows in files.items():
        path = folder / f"{judge}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        paths.append(str(path))
    return paths


def ran(command: str, paths: Sequence[str], out: Path) -> bytes:
    given = [] if command in {"plan", "published"} else list(paths)
    if command == "predict":
        for option, model in (("--from", "one"), ("--to", "another")):
            named = {"small": model, "large": model, "base": "base"}
            rows = [{**row, **{side: named[row[side]] for side in ("model_a", "model_b")}} for row in records(3)["amy"]]
            given += [option, *write(out.parent / f"{out.name} {model}", {"amy": rows})]
    result = CliRunner().invoke(root, [command, *given, *ARGUMENTS[command], "--out", str(out)])
    assert result.exit_code == 0, result.output
    return (out / FILES[command]).read_bytes()


@pytest.mark.parametrize("command", list(ARGUMENTS))
def test_every_command_writes_one_form(command: str, tmp_path: Path) -> None:
    content = ran(command, write(tmp_path / "logs", records()), tmp_path / "out")
    document = json.loads(content)
    errors = [error.message for error in Draft202012Validator(command_schema()).iter_errors(document)]
    assert errors == []
    assert document["command"] == command
    assert b"NaN" not in content
    files = {"plan": 0, "published": 0, "predict": 5}.get(command, 3)
    assert len(document["sources"]) == files
    assert list(document) == ["schema_version", "prefactor_version", "command", "settings", "sources", "results"]


def test_every_command_that_writes_json_is_tested() -> None:
    commands = json.loads(json.dumps(command_schema()))["properties"]["command"]["enum"]
    assert set(ARGUMENTS) | ELSEWHERE == set(FILES) == set(commands)
    assert set(FILES) - {"gap"} <= set(COMMANDS)  # which align writes


@pytest.mark.parametrize("command", ["align", "control", "validate-factors"])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_and_files_changes_no_byte(command: str, seed: int, tmp_path: Path) -> None:
    files = records()
    source = random.Random(seed)
    order = source.sample(list(files), 3)
    shuffled = {judge: source.sample(files[judge], len(files[judge])) for judge in order}
    documents = []
    for name, each in (("one", files), ("two", shuffled)):
        document = json.loads(ran(command, write(tmp_path / name, each), tmp_path / f"{name} out"))
        document.pop("sources")
        documents.append(json.dumps(document))
    assert documents[0] == documents[1]


def test_a_file_that_cannot_be_written_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    result = CliRunner().invoke(root, ["plan", "--out", str(tmp_path / "taken" / "plan.json")])
    assert isinstance(result.exception, pf.PrefactorError)
    assert "expected a file that can be written" in str(result.exception)


def test_a_name_ending_in_json_is_the_file_itself(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mine.json"
    assert CliRunner().invoke(root, ["plan", "--out", str(path)]).exit_code == 0
    assert json.loads(path.read_bytes())["settings"]["effect"] == 0.1
