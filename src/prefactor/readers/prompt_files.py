"""Files of prompts, and of answers to them one by one: text, JSON lines, CSV and others. Knows no comparison."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from prefactor.data.records import ColumnValue, Message
from prefactor.errors import InputFileError, shown
from prefactor.readers.base import BadRows, Record
from prefactor.readers.conversation import messages_of
from prefactor.readers.decode import FileInput, suffix_of
from prefactor.readers.fields import RowFaultError, left_over, number_of, optional_text, text_of
from prefactor.readers.mapping import Plan, plan_of
from prefactor.readers.streams import open_plain, readable

__all__ = ["PromptRow", "is_prompt_file", "read_prompts"]

_TEXT: Final = ".txt"
_MESSAGES: Final = ("messages", "conversation", "conversations")
_OF_PROMPTS: Final = ("prompt", "system", "source", "reference")
_OF_ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    "response": ("response", "answer", "output", "completion", "reply", "summary", "generation"),
    "score": ("score", "rating", "reward", "grade"),
    "model": ("model", "generator", "model_name"),
}
_SAMPLE: Final = 20


@dataclass(frozen=True, slots=True)
class PromptRow:
    """One row: a prompt, and an answer to it where the file holds answers.

    Parameters
    ----------
    prompt, system, source, reference, conversation
        As in :class:`prefactor.data.records.Row`.
    columns
        Further columns.
    response, score, model
        An answer, its score, and who wrote it; None where the file has none.
    """

    prompt: str
    system: str | None = None
    source: str | None = None
    reference: str | None = None
    conversation: tuple[Message, ...] | None = None
    columns: Mapping[str, ColumnValue] = field(default_factory=dict)
    response: str | None = None
    score: float | None = None
    model: str | None = None


def is_prompt_file(path: str, mapping: Mapping[str, str] | None = None) -> bool:
    """Whether a file holds prompts and no two responses beside them.

    Parameters
    ----------
    path
        Path of a file; a folder, a pattern and standard input are no prompt files.
    mapping
        Role to column.
    """
    file = Path(path)
    if not file.is_file():
        return False
    if suffix_of(path) == _TEXT:
        return True
    plan = _plan(FileInput(path, file), mapping)
    return plan.column("prompt") is not None and not (plan.column("response_a") and plan.column("response_b"))


def read_prompts(path: str, bad: BadRows, *, mapping: Mapping[str, str] | None = None) -> Iterator[PromptRow]:
    """Yield the prompts of a file; in a text file every line that is not blank is one.

    Parameters
    ----------
    path
        The file: ``.txt``, or one of rows with a column of prompts, each a text or a list of messages.
    bad
        Where rows that cannot be used are reported.
    mapping
        Role to column: ``prompt``, ``system``, ``source``, ``reference``, and of answers ``response``, ``score``,
        ``model``. Usual names are guessed.

    Raises
    ------
    InputFileError
        The file cannot be read, or has no column of prompts.
    """
    if suffix_of(path) == _TEXT:
        with readable(path), open_plain(Path(path)) as stream:
            lines = stream.read().decode("utf-8-sig", "replace").splitlines()
        yield from (PromptRow(line.strip()) for line in lines if line.strip())
        return
    file = FileInput(path, Path(path))
    roles = _roles(file, mapping or {})
    for number, record in file.records(bad):
        try:
            yield _row(record, roles)
        except RowFaultError as fault:
            bad.report(fault.at(path, number))


def _plan(file: FileInput, mapping: Mapping[str, str] | None) -> Plan:
    columns = list(_columns(file))
    plain = {role: column for role, column in (mapping or {}).items() if role not in _OF_ANSWERS}
    plan = plan_of(columns, plain)
    named = next((name for name in _MESSAGES if name in columns), None)
    return plan_of(columns, {**plain, "prompt": named}) if plan.column("prompt") is None and named else plan


def _columns(file: FileInput) -> Mapping[str, None]:
    return dict.fromkeys(name for _, record in file.head(_SAMPLE) for name in record)


def _roles(file: FileInput, mapping: Mapping[str, str]) -> Mapping[str, str]:
    plan, columns = _plan(file, mapping), _columns(file)
    if plan.column("prompt") is None:
        raise InputFileError(file.file, expected="a column of prompts", got="none", hint="--map prompt=COLUMN")
    roles = {role: column for role in _OF_PROMPTS if (column := plan.column(role))}
    for role, names in _OF_ANSWERS.items():
        column = mapping.get(role) or next((name for name in names if name in columns), None)
        if column is not None and column not in roles.values():
            roles[role] = column
    return roles


def _row(record: Record, roles: Mapping[str, str]) -> PromptRow:
    texts = {role: optional_text(record, roles[role]) for role in ("system", "source", "reference") if role in roles}
    score = record.get(roles["score"]) if "score" in roles else None
    if score is not None and number_of(score) is None:
        raise RowFaultError(roles["score"], expected="a number", got=shown(score))
    asked = record.get(roles["prompt"])
    conversation = None if isinstance(asked, str) else tuple(messages_of(asked, roles["prompt"]))
    said = [one for one in conversation or () if one.role != "system"]
    system = next((one.content for one in conversation or () if one.role == "system"), None)
    prompt = text_of(record, roles["prompt"]) if conversation is None else _users(said)
    return PromptRow(
        prompt,
        system=texts.pop("system", None) or system,
        **texts,
        conversation=tuple(said) if len(said) > 1 else None,
        columns={name: value for name, value in left_over(record, set(roles.values())).items() if value is not None},
        response=text_of(record, roles["response"]) if "response" in roles else None,
        score=number_of(score),
        model=optional_text(record, roles["model"]) if "model" in roles else None,
    )


def _users(said: Sequence[Message]) -> str:
    return "\n\n".join(one.content for one in said if one.role == "user")
