"""Training sets in the formats that TRL reads, as JSON lines and Parquet. Knows no judge and no factor."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import polars as pl

from prefactor.errors import InputFileError
from prefactor.interventions.base import Task

__all__ = ["PURPOSES", "Example", "Purpose", "training_rows", "write_rows"]

Purpose = Literal["sft", "dpo", "kto", "reward"]
"""What is trained: supervised fine-tuning, direct preference optimisation, KTO (desirable or not), a reward model."""

PURPOSES: Final[tuple[Purpose, ...]] = ("sft", "dpo", "kto", "reward")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One preference to learn.

    Parameters
    ----------
    task
        What was asked.
    chosen, rejected
        The answers, the preferred one first.
    probability
        P(chosen preferred), at least 0.5.
    weight
        What it counts for; 1 unless comparisons were weighed.
    """

    task: Task
    chosen: str
    rejected: str
    probability: float = 1.0
    weight: float = 1.0


def training_rows(
    examples: Sequence[Example], purpose: Purpose, *, conversational: bool = True, weighed: bool = False
) -> list[Row]:
    """Return the rows of a training set, in TRL's columns.

    ``sft``: ``messages`` (or ``prompt`` and ``completion``), for every prompt the answer with the most choices less
    rejections, of equals that with the smaller hash. ``dpo``: ``prompt``, ``chosen``, ``rejected``. ``kto``:
    ``prompt``, ``completion``, ``label``, two rows for every preference. ``reward``: as ``dpo``, and ``margin``, the
    log-odds of the preference, where every preference has a probability below 1.

    Parameters
    ----------
    examples
        What is to be learnt.
    purpose
        What it is for.
    conversational
        Texts as lists of messages with roles; otherwise as plain texts.
    weighed
        Add a column ``weight``; TRL does not read it.

    Examples
    --------
    >>> rows = training_rows([Example(Task("Why?"), "So.", "No.")], "kto", conversational=False)
    >>> [(row["completion"], row["label"]) for row in rows]
    [('So.', True), ('No.', False)]
    """
    if purpose == "sft":
        return _best(examples, conversational=conversational)
    graded = bool(examples) and all(each.probability < 1 for each in examples)
    rows: list[Row] = []
    for each in examples:
        weight = {"weight": each.weight} if weighed else {}
        asked = _asked(each.task) if conversational else _plain(each.task)
        chosen, rejected = (_said(text) if conversational else text for text in (each.chosen, each.rejected))
        if purpose == "kto":
            labelled = ((chosen, True), (rejected, False))
            rows += [{"prompt": asked, "completion": text, "label": label, **weight} for text, label in labelled]
            continue
        margin = {"margin": log(each.probability / (1 - each.probability))} if purpose == "reward" and graded else {}
        rows.append({"prompt": asked, "chosen": chosen, "rejected": rejected, **margin, **weight})
    return rows


def _best(examples: Sequence[Example], *, conversational: bool) -> list[Row]:
    wins: dict[str, tuple[Task, dict[str, float]]] = {}
    for each in examples:
        _, found = wins.setdefault(each.task.identity, (each.task, {}))
        found[each.chosen] = found.get(each.chosen, 0.0) + each.weight
        found[each.rejected] = found.get(each.rejected, 0.0) - each.weight
    rows: list[Row] = []
    for identity in sorted(wins):
        task, found = wins[identity]
        best = min(found, key=lambda text: (-found[text], _hash(text)))
        if conversational:
            rows.append({"messages": [*_asked(task), *_said(best)]})
        else:
            rows.append({"prompt": _plain(task), "completion": best})
    return rows


def _hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _asked(task: Task) -> list[dict[str, str]]:
    asked = f"{task.source}\n\n{task.prompt}" if task.source else task.prompt
    said = [{"role": one.role, "content": one.content} for one in task.conversation or ()]
    said = said or [{"role": "user", "content": asked}]
    system = [{"role": "system", "content": task.system}] if task.system and said[0]["role"] != "system" else []
    return [*system, *said]


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def _plain(task: Task) -> str:
    return "\n\n".join(filter(None, [task.system, task.source, task.prompt]))


def write_rows(folder: Path, purpose: Purpose, *, rows: Sequence[Row]) -> tuple[Path, Path]:
    """Write ``PURPOSE.jsonl`` and ``PURPOSE.parquet``; return their paths.

    Parameters
    ----------
    folder
        Made where it is not there.
    purpose, rows
        What they are for, and the rows.

    Raises
    ------
    InputFileError
        A file cannot be written.
    """
    lines, table = folder / f"{purpose}.jsonl", folder / f"{purpose}.parquet"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lines.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
        pl.DataFrame(list(rows), infer_schema_length=None).write_parquet(table)
    except OSError as error:
        raise InputFileError(str(folder), expected="a folder that can be written", got=str(error.strerror)) from error
    return lines, table
