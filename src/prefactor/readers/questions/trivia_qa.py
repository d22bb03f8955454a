"""TriviaQA: questions whose answers have many wordings. Knows the format of the files alone."""

from collections.abc import Iterable
from typing import Final

from prefactor.errors import shown
from prefactor.readers.base import Record, Sample
from prefactor.readers.fields import RowFaultError, text_of
from prefactor.readers.questions.base import QuestionRow, RecordReader, make_question, texts_of

__all__ = ["READER", "TriviaQAReader"]

_NAMES: Final = (
    ("Question", "Answer", "Value", ("Aliases", "NormalizedAliases", "HumanAnswers")),
    ("question", "answer", "value", ("aliases", "normalized_aliases", "human_answers")),
)
"""Columns of the released JSON, and of the copies on the Hub: question, answer, and what is inside the answer."""


class TriviaQAReader(RecordReader):
    """Reads TriviaQA; value, aliases, normalised aliases and answers of people are all wordings of the key."""

    name = "trivia_qa"
    label = "TriviaQA questions with aliases"

    def recognise(self, sample: Sample) -> bool:
        """Whether every record has a question and an answer with its aliases."""
        return bool(sample.records) and all(_named(record) is not None for record in sample.records)

    def rows_of(self, record: Record) -> Iterable[QuestionRow]:
        """Turn one question into its row."""
        found = _named(record)
        if found is None:
            got = f"columns {', '.join(map(repr, list(record)[:8]))}"
            raise RowFaultError("Answer", expected="an answer with aliases", got=got)
        question, answer, value, aliases = found
        inside = record[answer]
        if not isinstance(inside, dict):
            raise RowFaultError(answer, expected="an object with aliases", got=shown(inside))
        key = [word for name in (value, *aliases) for word in texts_of(inside.get(name) or [], f"{answer}.{name}")]
        yield QuestionRow(make_question(text_of(record, question), key))


def _named(record: Record) -> tuple[str, str, str, tuple[str, ...]] | None:
    for names in _NAMES:
        inside = record.get(names[1])
        if names[0] in record and isinstance(inside, dict) and (names[2] in inside or names[3][0] in inside):
            return names
    return None


READER: Final = TriviaQAReader()
