from pathlib import Path

import pytest

from prefactor.errors import BadRowsError, InputFileError
from prefactor.readers.prompt_sets import read_prompts


def written(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_mt_bench_questions(tmp_path: Path) -> None:
    file = written(tmp_path, "q.jsonl", '{"question_id": 81, "category": "writing", "turns": ["One", "Two"]}\n')
    (prompt,) = read_prompts([file])
    assert (prompt.identity, prompt.turns, dict(prompt.columns)) == ("81", ("One", "Two"), {"category": "writing"})


def test_instructions_with_answers(tmp_path: Path) -> None:
    text = '[{"instruction": "Say hi", "output": "hi", "generator": "g", "dataset": "d"}]'
    (prompt,) = read_prompts([written(tmp_path, "a.json", text)])
    assert (prompt.turns, prompt.answer, prompt.model, prompt.columns) == (("Say hi",), "hi", "g", {"dataset": "d"})


def test_lines_of_text_and_prompts_that_come_again(tmp_path: Path) -> None:
    first = written(tmp_path, "a.txt", "One\n\nTwo\n")
    second = written(tmp_path, "b.jsonl", '{"prompt": "Two"}\n{"prompt": "Three"}\n')
    assert [prompt.turns[0] for prompt in read_prompts([first, second])] == ["One", "Two", "Three"]


@pytest.mark.parametrize("text", ['{"turns": []}\n', '{"turns": [1]}\n', '{"other": "x"}\n', ""])
def test_what_is_no_prompt_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputFileError):
        read_prompts([written(tmp_path, "q.jsonl", text)])


def test_broken_lines_and_other_files(tmp_path: Path) -> None:
    with pytest.raises(BadRowsError):
        read_prompts([written(tmp_path, "q.jsonl", "{\n")])
    with pytest.raises(InputFileError, match="ends in"):
        read_prompts([written(tmp_path, "q.csv", "a,b")])
    with pytest.raises(InputFileError, match="No such file"):
        read_prompts([str(tmp_path / "none.txt")])


def test_the_questions_of_mt_bench_are_read(real_data: Path) -> None:
    prompts = read_prompts([str(real_data / "mt_bench" / "question.jsonl")])
    assert len(prompts) == 80
    assert all(len(prompt.turns) == 2 for prompt in prompts)
