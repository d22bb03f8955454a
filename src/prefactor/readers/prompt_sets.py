"""Prompt sets: MT-Bench questions (``turns``), AlpacaEval instructions, and any JSON or text with prompts.

Knows files of prompts; logs with two answers are the other readers' affair.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

from prefactor.data.prompt_set import OpenPrompt
from prefactor.errors import InputFileError, shown
from prefactor.readers.base import BadRows, Record
from prefactor.readers.json_records import line_records, whole_records

__all__ = ["read_prompts"]

_PROMPTS: Final = ("prompt", "instruction", "question", "input", "text")
_IDENTITIES: Final = ("question_id", "prompt_id", "id", "uid")
_ANSWERS: Final = ("output", "response", "answer")
_MODELS: Final = ("generator", "model", "model_id")
_SUFFIXES: Final = (".jsonl", ".json", ".txt")


def read_prompts(paths: Sequence[str]) -> tuple[OpenPrompt, ...]:
    """Read the prompts of files, in order; a prompt that comes again is left out.

    Parameters
    ----------
    paths
        JSON lines or a JSON list of objects with ``turns`` (a list, or ``prompt``, ``instruction`` or ``question``);
        or a ``.txt`` file with one prompt a line. Answers in ``output`` are kept.

    Raises
    ------
    InputFileError
        A file cannot be read, a record holds no prompt, or there is none.
    """
    found: dict[tuple[str, ...], OpenPrompt] = {}
    for path in paths:
        for prompt in _read(path):
            found.setdefault(prompt.turns, prompt)
    if not found:
        raise InputFileError(", ".join(paths), expected="at least one prompt", got="none")
    return tuple(found.values())


def _read(path: str) -> list[OpenPrompt]:
    file = Path(path)
    if file.suffix not in _SUFFIXES:
        raise InputFileError(path, expected=f"a file that ends in {', '.join(_SUFFIXES)}", got=file.suffix or "none")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputFileError(path, expected="prompts", got=str(error.strerror)) from error
    if file.suffix == ".txt":
        lines = content.decode(errors="replace").splitlines()
        return [OpenPrompt(str(row), (text.strip(),)) for row, text in enumerate(lines, start=1) if text.strip()]
    bad = BadRows()
    records = (line_records if file.suffix == ".jsonl" else whole_records)(BytesIO(content), path, bad=bad)
    prompts = [_prompt(record, path, row) for row, record in records]
    bad.settle()
    return prompts


def _prompt(record: Record, path: str, row: int) -> OpenPrompt:
    turns = record.get("turns")
    if turns is None:
        turns = next(([record[name]] for name in _PROMPTS if record.get(name)), None)
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) and turn for turn in turns):
        expected = f"'turns', a list of texts, or a text as {', '.join(_PROMPTS)}"
        raise InputFileError(path, expected=expected, got=shown(turns), row=row)
    identity = next((str(record[name]) for name in _IDENTITIES if record.get(name) is not None), str(row))
    answer = next((record[name] for name in _ANSWERS if isinstance(record.get(name), str)), None)
    model = next((str(record[name]) for name in _MODELS if isinstance(record.get(name), str)), None)
    used = {"turns", *_PROMPTS, *_IDENTITIES, *_ANSWERS, *_MODELS}
    columns = {
        name: value
        for name, value in record.items()
        if name not in used and (value is None or isinstance(value, (str, int, float, bool)))
    }
    return OpenPrompt(identity, tuple(turns), columns, str(answer) if answer is not None else None, model)
