"""What is answered and what was answered: tasks, answers and why there is none. Records only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Literal

import polars as pl

from prefactor.data.dataset import COMPARISON_COLUMNS, Dataset
from prefactor.data.records import ColumnValue, Message

__all__ = ["Answer", "AnswerProblem", "Task", "distinct_tasks", "tasks_by_row", "tasks_of", "text_hash"]

AnswerProblem = Literal["", "missing", "unreadable", "refusal", "cut off", "empty", "equal"]
"""Why there is no answer to use: no reply, no answer in it, refused, cut off, without a word, or as another is."""


@dataclass(frozen=True, slots=True)
class Task:
    """One prompt with what goes with it.

    Parameters
    ----------
    prompt
        What is asked.
    system, source, reference, conversation
        As in :class:`prefactor.data.records.Row`.
    columns
        Further columns of its log that are the same in all of its comparisons.
    """

    prompt: str
    system: str | None = None
    source: str | None = None
    reference: str | None = None
    conversation: tuple[Message, ...] | None = None
    columns: Mapping[str, ColumnValue] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """A hash of what is asked, 20 hexadecimal digits."""
        return text_hash(repr((self.prompt, self.system, self.source, self.conversation)))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that was asked for.

    Parameters
    ----------
    rank
        What it is to be compared by: its level, from 1, or the number of a sample, from 1.
    place
        When it was asked for, or written, among those of its prompt: 0 for the first; None where each was by itself.
    text
        What was answered; of no use where there is a problem.
    problem, said
        Why it is of no use, and what came instead, cut to a line.
    attempts
        How often it was asked for.
    """

    rank: int
    place: int | None
    text: str
    problem: AnswerProblem = ""
    said: str = ""
    attempts: int = 1


def text_hash(*texts: str) -> str:
    """Return a hash of texts, 20 hexadecimal digits.

    Examples
    --------
    >>> text_hash("a", "bc") == text_hash("ab", "c")
    False
    """
    return blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def tasks_of(dataset: Dataset) -> tuple[Task, ...]:
    """Return the distinct prompts of a dataset, by their ids, so that the order of rows does not matter.

    Parameters
    ----------
    dataset
        Where they are. A column of the log goes with a prompt where all comparisons of the prompt have one value in it.
    """
    return tuple(task for _, task in _numbered(dataset))


def tasks_by_row(dataset: Dataset) -> dict[int, Task]:
    """Return the distinct prompts of a dataset by their row numbers.

    Parameters
    ----------
    dataset
        As for :func:`tasks_of`.
    """
    return dict(_numbered(dataset))


def _numbered(dataset: Dataset) -> list[tuple[int, Task]]:
    further = [name for name in dataset.comparisons.columns if name not in COMPARISON_COLUMNS]
    same = dataset.comparisons.group_by("prompt").agg(
        *(pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in further)
    )
    columns = {row.pop("prompt"): row for row in same.iter_rows(named=True)}
    return [(row["index"], _task(row, columns.get(row["index"], {}))) for row in _by_id(dataset)]


def _by_id(dataset: Dataset) -> Iterator[dict[str, Any]]:
    return dataset.prompts.collect().sort("prompt_id").iter_rows(named=True)


def _task(row: Mapping[str, Any], columns: Mapping[str, ColumnValue]) -> Task:
    said = row["conversation"]
    return Task(
        row["prompt"],
        **{name: row[name] for name in ("system", "source", "reference")},
        conversation=None if said is None else tuple(Message(one["role"], one["content"]) for one in said),
        columns={name: value for name, value in columns.items() if value is not None},
    )


def distinct_tasks(tasks: Sequence[Task], *, limit: int | None = None) -> tuple[Task, ...]:
    """Return tasks once each, by their ids; at most ``limit`` of them, to which a larger limit only adds.

    Examples
    --------
    >>> len(distinct_tasks([Task("Why?"), Task("How?"), Task("Why?")]))
    2
    """
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task.identity, []).append(task)
    return tuple(_joined(found[identity]) for identity in sorted(found)[:limit])


def _joined(same: Sequence[Task]) -> Task:
    """Return one task for several of the same prompt: with the columns that all have, and the least reference."""
    columns = {
        name: value
        for name, value in sorted(same[0].columns.items())
        if all(name in each.columns and each.columns[name] == value for each in same)
    }
    references = sorted(each.reference for each in same if each.reference is not None)
    return replace(same[0], columns=columns, reference=references[0] if references else None)
