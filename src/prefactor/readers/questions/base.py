"""What a reader of question sets must do, and what most of them share: they read record by record. Knows no format."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Protocol

from prefactor.data.question_set import Answer, AnswerVerdict, Question, question_key
from prefactor.data.records import ColumnValue
from prefactor.errors import shown
from prefactor.readers.base import BadRows, Record, Sample
from prefactor.readers.fields import RowFaultError, silence

__all__ = ["QuestionReader", "QuestionRow", "RecordReader", "make_question", "right_or_wrong", "texts_of"]

_RIGHT: Final = {True: ("true", "right", "correct", "yes", "1", "1.0"), False: ("false", "wrong", "incorrect", "no")}
_WORDS: Final = {word: value for value, words in _RIGHT.items() for word in words} | {"0": False, "0.0": False}


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """What one record holds.

    Parameters
    ----------
    question
        The question.
    answers, verdicts
        Recorded answers to it, and verdicts on those.
    left_out
        Why the question is not to be used; empty where it is.
    row
        1-based place in its file.
    """

    question: Question
    answers: tuple[Answer, ...] = ()
    verdicts: tuple[AnswerVerdict, ...] = ()
    left_out: str = ""
    row: int = 0


class QuestionReader(Protocol):
    """One source format of question sets.

    Attributes
    ----------
    name
        Identifier on the command line (``--format``).
    label
        What a person calls the format.
    """

    name: str
    label: str

    def recognise(self, sample: Sample) -> bool:
        """Whether the sample is of this format."""
        ...

    def read(self, records: Iterable[tuple[int, Record]], file: str, bad: BadRows) -> Iterator[QuestionRow]:
        """Turn numbered records into rows; a record that cannot be used is reported to ``bad`` and passed over."""
        ...


class RecordReader(ABC):
    """A reader that turns each record into rows by itself.

    Attributes
    ----------
    name, label
        As in :class:`QuestionReader`.
    """

    name: ClassVar[str]
    label: ClassVar[str]

    def read(self, records: Iterable[tuple[int, Record]], file: str, bad: BadRows) -> Iterator[QuestionRow]:
        """Turn numbered records into rows; a record that cannot be used is reported and passed over."""
        for number, record in records:
            try:
                rows = [replace(row, row=number) for row in self.rows_of(record)]
            except RowFaultError as fault:
                bad.report(fault.at(file, number))
            else:
                yield from rows

    @abstractmethod
    def recognise(self, sample: Sample) -> bool:
        """Whether the sample is of this format."""

    @abstractmethod
    def rows_of(self, record: Record) -> Iterable[QuestionRow]:
        """Turn one record into its rows.

        Raises
        ------
        RowFaultError
            The record cannot be used.
        """


def make_question(
    text: str,
    key: Iterable[str],
    *,
    options: Iterable[str] = (),
    source: str | None = None,
    columns: dict[str, ColumnValue] | None = None,
) -> Question:
    """Return a question with its id; blank and repeated wordings of the key are left out.

    Parameters
    ----------
    text, key, options, source, columns
        As in :class:`prefactor.data.question_set.Question`.

    Raises
    ------
    RowFaultError
        The question has no words.
    """
    if not text.strip():
        raise RowFaultError("question", expected="a question", got=shown(text))
    wordings = tuple(dict.fromkeys(word for word in (each.strip() for each in key) if word))
    listed = tuple(options)
    return Question(question_key(text, options=listed, source=source), text, wordings, listed, source, columns or {})


def right_or_wrong(value: object, field: str) -> bool | None:
    """Return whether a verdict says right; None where it says nothing.

    Raises
    ------
    RowFaultError
        It says something else.

    Examples
    --------
    >>> right_or_wrong("Correct", "judge"), right_or_wrong(0, "judge"), right_or_wrong("nan", "judge")
    (True, False, None)
    """
    if silence(value) == "missing":
        return None
    found = _WORDS.get(str(value).strip().lower())
    if found is None:
        raise RowFaultError(field, expected="right or wrong (true, false, correct, incorrect, 1, 0)", got=shown(value))
    return found


def texts_of(value: object, field: str) -> tuple[str, ...]:
    """Return the texts in a field that may hold one or a list of them; numbers are written out.

    Raises
    ------
    RowFaultError
        It holds something else.

    Examples
    --------
    >>> texts_of(["Paris", 3], "answer"), texts_of("Paris", "answer")
    (('Paris', '3'), ('Paris',))
    """
    entries = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(entry, (str, int, float)) for entry in entries):
        raise RowFaultError(field, expected="a text or a list of texts", got=shown(value))
    return tuple(str(entry) for entry in entries)
