"""Readers of question sets: one file per source format, from files to questions, answers and verdicts on them.

``read_questions`` is the way in; what a format's columns mean is known to its reader alone.
"""

from prefactor.readers.questions.base import QuestionReader, QuestionRow
from prefactor.readers.questions.columns import QUESTION_ROLES, QuestionColumnsReader
from prefactor.readers.questions.formats import QUESTION_READERS
from prefactor.readers.questions.sources import QuestionSource, find_questions, read_questions

__all__ = [
    "QUESTION_READERS",
    "QUESTION_ROLES",
    "QuestionColumnsReader",
    "QuestionReader",
    "QuestionRow",
    "QuestionSource",
    "find_questions",
    "read_questions",
]
