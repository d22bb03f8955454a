"""Multiple choice: a question, its options, and which of them is right. Knows the usual layouts alone (MMLU, ARC)."""

from collections.abc import Iterable, Mapping, Sequence
from string import ascii_uppercase
from typing import Final

from prefactor.errors import shown
from prefactor.readers.base import Record, Sample
from prefactor.readers.fields import RowFaultError, left_over, text_of
from prefactor.readers.questions.base import QuestionRow, RecordReader, make_question, texts_of

__all__ = ["READER", "MultipleChoiceReader", "right_option"]

_LISTS: Final = ("choices", "options")
_ANSWERS: Final = ("answer", "answerKey", "answer_key", "answer_index", "label", "target", "gold", "correct")
_LETTERS: Final = ("A", "B")
"""Columns that a table with one option a column has at least."""


class MultipleChoiceReader(RecordReader):
    """Reads questions whose right option is named by its letter, its index from 0, or its text."""

    name = "multiple_choice"
    label = "multiple-choice questions (MMLU, ARC)"

    def recognise(self, sample: Sample) -> bool:
        """Whether every record has a question, options and an answer."""
        return sample.has("question") and all(_layout(record) is not None for record in sample.records)

    def rows_of(self, record: Record) -> Iterable[QuestionRow]:
        """Turn one question into its row."""
        layout = _layout(record)
        if layout is None:
            got = f"columns {', '.join(map(repr, list(record)[:8]))}"
            raise RowFaultError("choices", expected="options and which of them is right", got=got)
        options, labels, column = layout
        place = right_option(record[column], options, labels=labels, field=column)
        used = {"question", column, *_LISTS, *ascii_uppercase}
        columns = left_over(record, used)
        text = text_of(record, "question")
        yield QuestionRow(make_question(text, [options[place]], options=options, columns=columns))


def right_option(value: object, options: Sequence[str], *, labels: Sequence[str] = (), field: str) -> int:
    """Return the place, from 0, of the option that ``value`` names by letter, label, index or text.

    Parameters
    ----------
    value
        What the record says.
    options
        Texts of the options.
    labels
        Their own labels, where they have any.
    field
        Column at fault, for the message.

    Raises
    ------
    RowFaultError
        It names none.

    Examples
    --------
    >>> options = ["Oslo", "Rome", "Bern"]
    >>> right_option("B", options, field="answer"), right_option(2, options, field="answer")
    (1, 2)
    >>> right_option("Oslo", options, field="answer"), right_option("2", options, field="answer")
    (0, 2)
    """
    written = str(value).strip().rstrip(".)").lstrip("(")
    for names in (labels, options, ascii_uppercase[: len(options)]):
        if written in names:
            return list(names).index(written)
    if written.isdecimal() and int(written) < len(options) and not isinstance(value, bool):
        return int(written)
    raise RowFaultError(field, expected=f"the letter, index from 0 or text of one of {len(options)}", got=shown(value))


def _layout(record: Record) -> tuple[tuple[str, ...], tuple[str, ...], str] | None:
    """Return options, their labels where they have any of their own, and the column that says which is right."""
    column = next((name for name in _ANSWERS if isinstance(record.get(name), (str, int))), None)
    if column is None:
        return None
    for name in _LISTS:
        held = record.get(name)
        if isinstance(held, Mapping) and isinstance(held.get("text"), list):
            return texts_of(held["text"], name), texts_of(held.get("label") or [], name), column
        if isinstance(held, list) and len(held) > 1 and all(isinstance(each, str) for each in held):
            return tuple(held), (), column
    if all(isinstance(record.get(letter), (str, int, float)) for letter in _LETTERS):
        letters = [letter for letter in ascii_uppercase if isinstance(record.get(letter), (str, int, float))]
        return tuple(str(record[letter]) for letter in letters), tuple(letters), column
    return None


READER: Final = MultipleChoiceReader()
