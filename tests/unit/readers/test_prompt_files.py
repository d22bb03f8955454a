import json
from pathlib import Path

import pytest

from prefactor.errors import BadRowsError, InputFileError
from prefactor.readers.base import BadRows
from prefactor.readers.prompt_files import PromptRow, is_prompt_file, read_prompts
from prefactor.study import Reading, read_recorded, read_tasks


def write(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return str(path)


def rows_of(path: str, **mapping: str) -> list[PromptRow]:
    return list(read_prompts(path, BadRows(), mapping=mapping))


def test_every_line_of_a_text_file_is_a_prompt(tmp_path: Path) -> None:
    path = tmp_path / "prompts.txt"
    path.write_text("\ufeffWhy?\n\n  How?  \r\n", encoding="utf-8")
    assert is_prompt_file(str(path))
    assert [row.prompt for row in rows_of(str(path))] == ["Why?", "How?"]


def test_usual_columns_are_guessed_and_others_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [{"question": "Why?", "document": "Tea.", "topic": "rain"}])
    (row,) = rows_of(path)
    assert (row.prompt, row.source, row.columns) == ("Why?", "Tea.", {"topic": "rain"})


def test_a_csv_and_columns_of_other_names(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("frage,text\nWhy?,Tea.\n", encoding="utf-8")
    (row,) = rows_of(str(path), prompt="frage", source="text")
    assert (row.prompt, row.source) == ("Why?", "Tea.")


def test_messages_are_a_conversation(tmp_path: Path) -> None:
    said = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "So."},
        {"role": "user", "content": "Really?"},
    ]
    (row,) = rows_of(write(tmp_path / "p.jsonl", [{"messages": said}]))
    assert (row.prompt, row.system) == ("Why?\n\nReally?", "Be brief.")
    assert row.conversation is not None
    assert [one.role for one in row.conversation] == ["user", "assistant", "user"]
    (alone,) = rows_of(write(tmp_path / "q.jsonl", [{"prompt": said[:2]}]))
    assert (alone.prompt, alone.system, alone.conversation) == ("Why?", "Be brief.", None)


def test_answers_have_scores(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [{"prompt": "Why?", "output": "So.", "reward": "1.5", "model": "M"}])
    (row,) = rows_of(path)
    assert (row.response, row.score, row.model) == ("So.", 1.5, "M")


def test_a_score_that_is_none_is_a_bad_row(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [{"prompt": "Why?", "response": "So.", "score": "good"}])
    with pytest.raises(BadRowsError, match="a number"):
        read_recorded(path)
    assert read_recorded(path, Reading(on_bad_row="skip")) == ()


def test_a_log_is_no_prompt_file_and_both_are_read(tmp_path: Path) -> None:
    pair = {"prompt": "Why?", "response_a": "So.", "response_b": "No.", "winner": "A"}
    log = write(tmp_path / "log.jsonl", [pair, {**pair, "prompt": "When?"}])
    prompts = write(tmp_path / "p.jsonl", [{"prompt": "How?"}])
    assert not is_prompt_file(log)
    assert sorted(task.prompt for task in read_tasks([log, prompts])) == ["How?", "When?", "Why?"]


def test_a_file_without_prompts_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [{"colour": "red"}])
    assert not is_prompt_file(path)
    with pytest.raises(InputFileError, match="--map prompt=COLUMN"):
        rows_of(path)
