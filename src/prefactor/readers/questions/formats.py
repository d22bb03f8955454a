"""The table of formats of question sets: one line for each reader, in the order in which they are tried."""

from typing import Final

from prefactor.readers.questions.base import QuestionReader
from prefactor.registry import Registry

__all__ = ["QUESTION_READERS"]

QUESTION_READERS: Final[Registry[QuestionReader]] = Registry(
    "format of questions",
    {
        "evouna": "prefactor.readers.questions.evouna:READER",
        "trivia_qa": "prefactor.readers.questions.trivia_qa:READER",
        "squad": "prefactor.readers.questions.squad:READER",
        "multiple_choice": "prefactor.readers.questions.multiple_choice:READER",
        "natural_questions": "prefactor.readers.questions.natural_questions:READER",
        "question_columns": "prefactor.readers.questions.columns:READER",
    },
)
