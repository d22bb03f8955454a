"""Questions with a key, recorded answers to them, and recorded verdicts on those answers.

Knows no file, no grader and no statistics.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final

from prefactor.data.dataset import SourceCount
from prefactor.data.records import ColumnValue

__all__ = ["Answer", "AnswerVerdict", "Question", "QuestionSet", "chosen_questions", "question_key"]

_WORDS: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what is known to be right.

    Parameters
    ----------
    identity
        Its id, a hash of its words (:func:`question_key`), so that files about the same questions join.
    text
        What is asked.
    key
        Every wording that counts as right, the preferred one first; for multiple choice the texts of the right options.
    options
        The options of a multiple-choice question, in their order; empty for an open one.
    source
        The document to answer from; None where there is none.
    columns
        Further columns, to make slices of.
    """

    identity: str
    text: str
    key: tuple[str, ...]
    options: tuple[str, ...] = ()
    source: str | None = None
    columns: Mapping[str, ColumnValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of one answerer.

    Parameters
    ----------
    question
        Id of its question.
    answerer
        Who answered.
    text
        The answer; None where the answerer gave none (a call that failed).
    right
        Whether people found it right; None where nobody looked.
    problem
        Why there is no text.
    """

    question: str
    answerer: str
    text: str | None
    right: bool | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AnswerVerdict:
    """What one evaluator said of one answer.

    Parameters
    ----------
    question, answerer
        Whose answer to what.
    evaluator
        Who said so.
    right
        Its verdict; None where there is none (see ``problem``).
    chance
        Its probability of the answer being right, in [0, 1]; None where it gave none.
    problem
        Why there is no verdict: ``"unknown"`` where the evaluator said it does not know, ``"missing"``, or what could
        not be read.
    said
        What it said instead, cut to a line.
    repeat
        0 for the first time of asking, 1 for the second.
    form
        In what wording it was asked; verdicts of one evaluator in another form are a control of the first.
    keyed
        Whether it saw the key.
    """

    question: str
    answerer: str
    evaluator: str
    right: bool | None
    chance: float | None = None
    problem: str = ""
    said: str = ""
    repeat: int = 0
    form: str = ""
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions, answers and verdicts, as read or as asked.

    Parameters
    ----------
    questions
        Each once.
    answers
        At most one for every question and answerer.
    verdicts
        On those answers.
    sources
        The files.
    left_out
        Why questions were left out, by number ("marked improper").
    """

    questions: tuple[Question, ...]
    answers: tuple[Answer, ...] = ()
    verdicts: tuple[AnswerVerdict, ...] = ()
    sources: tuple[SourceCount, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def answerers(self) -> tuple[str, ...]:
        """Names of those who answered, as they first appear."""
        return tuple(dict.fromkeys(answer.answerer for answer in self.answers))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that questions can be sliced by."""
        return tuple(dict.fromkeys(name for question in self.questions for name in question.columns))


def question_key(text: str, *, options: Sequence[str] = (), source: str | None = None) -> str:
    """Return an id made from the words of a question, the same in every file and order.

    Parameters
    ----------
    text, options, source
        What is asked, with its options and its document; two questions that differ in one of them are two.

    Examples
    --------
    >>> question_key("Who wrote it?") == question_key("who  wrote it"), len(question_key("Why?"))
    (True, 16)
    """
    parts = [text, *options, *([source] if source else [])]
    words = "\0".join(" ".join(_WORDS.findall(part.casefold())) or part for part in parts)
    return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def chosen_questions(found: QuestionSet, limit: int | None) -> QuestionSet:
    """Keep at most ``limit`` questions with what belongs to them.

    The chosen ones have the smallest ids, which are hashes, so that a larger limit only adds to a smaller one, and
    neither depends on the order of rows.

    Examples
    --------
    >>> whole = QuestionSet(tuple(Question(str(n), f"{n}?", ("x",)) for n in range(9)))
    >>> len(chosen_questions(whole, 2).questions), chosen_questions(whole, None) is whole
    (2, True)
    """
    if limit is None or limit >= len(found.questions):
        return found
    kept = set(sorted(question.identity for question in found.questions)[:limit])
    return replace(
        found,
        questions=tuple(question for question in found.questions if question.identity in kept),
        answers=tuple(answer for answer in found.answers if answer.question in kept),
        verdicts=tuple(verdict for verdict in found.verdicts if verdict.question in kept),
    )
