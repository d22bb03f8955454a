"""EVOUNA: questions of TriviaQA or Natural Questions, answers of five systems, and a human verdict on each answer.

Knows the format of the files alone. Rows marked improper (the key is wrong or has changed with time) are left out.
"""

import re
from collections.abc import Iterable
from typing import Final

from prefactor.data.question_set import Answer
from prefactor.readers.base import Record, Sample
from prefactor.readers.fields import text_of
from prefactor.readers.questions.base import QuestionRow, RecordReader, make_question, right_or_wrong

__all__ = ["READER", "EvounaReader"]

IMPROPER: Final = "marked improper"
_ANSWER: Final = re.compile(r"answer_(?P<answerer>\w+)")


class EvounaReader(RecordReader):
    """Reads EVOUNA files; the wordings of a key are parted by slashes, and the key as a whole counts too."""

    name = "evouna"
    label = "EVOUNA answers with human verdicts"

    def recognise(self, sample: Sample) -> bool:
        """Whether every record has a key and an answer with its verdict."""
        return sample.has("question", "golden_answer") and all(_answerers(record) for record in sample.records)

    def rows_of(self, record: Record) -> Iterable[QuestionRow]:
        """Turn one question with its answers into its row."""
        key = text_of(record, "golden_answer")
        question = make_question(text_of(record, "question"), (*key.split("/"), key))
        improper = right_or_wrong(record.get("improper", False), "improper")
        answers = tuple(
            Answer(
                question.identity,
                answerer,
                text_of(record, f"answer_{answerer}"),
                right_or_wrong(record[f"judge_{answerer}"], f"judge_{answerer}"),
            )
            for answerer in _answerers(record)
        )
        yield QuestionRow(question, answers, left_out=IMPROPER if improper else "")


def _answerers(record: Record) -> list[str]:
    names = [match["answerer"] for match in map(_ANSWER.fullmatch, record) if match]
    return [name for name in names if f"judge_{name}" in record]


READER: Final = EvounaReader()
