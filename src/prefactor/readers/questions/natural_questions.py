"""Natural Questions in its open form: a question and a list of answers. Knows the format of the files alone."""

from collections.abc import Iterable
from typing import Final

from prefactor.readers.base import Record, Sample
from prefactor.readers.fields import left_over, text_of
from prefactor.readers.questions.base import QuestionRow, RecordReader, make_question, texts_of

__all__ = ["READER", "NaturalQuestionsReader"]

_KEYS: Final = ("answer", "answers")


class NaturalQuestionsReader(RecordReader):
    """Reads lines of a question and the list of its answers, each of which counts as right."""

    name = "natural_questions"
    label = "open questions with a list of answers (Natural Questions)"

    def recognise(self, sample: Sample) -> bool:
        """Whether every record has a question, and a list of texts for its answer."""
        return sample.has("question") and all(_key(record) for record in sample.records)

    def rows_of(self, record: Record) -> Iterable[QuestionRow]:
        """Turn one question into its row."""
        column = _key(record) or _KEYS[0]
        key = texts_of(record.get(column), column)
        columns = left_over(record, {"question", column})
        yield QuestionRow(make_question(text_of(record, "question"), key, columns=columns))


def _key(record: Record) -> str | None:
    return next((name for name in _KEYS if isinstance(record.get(name), list)), None)


READER: Final = NaturalQuestionsReader()
