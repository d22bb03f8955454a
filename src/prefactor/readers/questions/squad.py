"""SQuAD: questions about a paragraph. Knows the format of the files alone."""

from collections.abc import Iterable, Mapping
from typing import Final

from prefactor.errors import shown
from prefactor.readers.base import Record, Sample
from prefactor.readers.fields import RowFaultError, left_over, text_of
from prefactor.readers.questions.base import QuestionRow, RecordReader, make_question, texts_of

__all__ = ["READER", "SquadReader"]

IMPOSSIBLE: Final = "marked as having no answer"
_USED: Final = frozenset({"id", "context", "question", "answers", "is_impossible"})


class SquadReader(RecordReader):
    """Reads the released JSON (articles of paragraphs of questions) and flat copies with a question a row."""

    name = "squad"
    label = "SQuAD-style questions about a paragraph"

    def recognise(self, sample: Sample) -> bool:
        """Whether every record is an article of paragraphs, or a question with its context and answers."""
        nested = sample.has("paragraphs") and all(isinstance(each["paragraphs"], list) for each in sample.records)
        flat = sample.has("context", "question", "answers") and all(_is_flat(each) for each in sample.records)
        return nested or flat

    def rows_of(self, record: Record) -> Iterable[QuestionRow]:
        """Turn one article, or one question, into rows."""
        if "paragraphs" not in record:
            return [_row(record, text_of(record, "context"), record)]
        beside = {"title": record["title"]} if isinstance(record.get("title"), str) else {}
        return [
            _row(question, text_of(paragraph, "context"), beside)
            for paragraph in _objects(record, "paragraphs")
            for question in _objects(paragraph, "qas")
        ]


def _row(question: Record, context: str, beside: Record) -> QuestionRow:
    answers = question.get("answers")
    if isinstance(answers, Mapping):
        key = texts_of(answers.get("text") or [], "answers.text")
    else:
        key = tuple(text_of(answer, "text") for answer in _objects(question, "answers"))
    made = make_question(text_of(question, "question"), key, source=context, columns=left_over(beside, _USED))
    return QuestionRow(made, left_out="" if made.key else IMPOSSIBLE)


def _objects(record: Record, column: str) -> list[Record]:
    found = record.get(column)
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise RowFaultError(column, expected="a list of objects", got=shown(found))
    return found


def _is_flat(record: Record) -> bool:
    answers = record["answers"]
    return (isinstance(answers, Mapping) and "text" in answers) or (
        isinstance(answers, list) and all(isinstance(each, Mapping) and "text" in each for each in answers)
    )


READER: Final = SquadReader()
