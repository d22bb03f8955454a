"""Logs of answers and verdicts on them: what was asked is written down, and can be read again as recorded.

``readers/questions/columns.py`` reads them; the names of columns are those it looks for first.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson

from prefactor.data.question_set import Answer, AnswerVerdict, Question, QuestionSet
from prefactor.errors import InputFileError

__all__ = ["write_answers"]

_WORDS = {True: "right", False: "wrong"}


def write_answers(path: Path, found: QuestionSet) -> None:
    """Write a question set as JSON lines: a line for each verdict, each answer without one, each question without any.

    Raises
    ------
    InputFileError
        The file cannot be written.
    """
    content = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in _rows(found))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise InputFileError(str(path), expected="a file that can be written", got=str(error.strerror)) from error


def _rows(found: QuestionSet) -> Iterator[dict[str, object]]:
    answers: dict[str, list[Answer]] = defaultdict(list)
    verdicts: dict[tuple[str, str], list[AnswerVerdict]] = defaultdict(list)
    for answer in found.answers:
        answers[answer.question].append(answer)
    for verdict in found.verdicts:
        verdicts[verdict.question, verdict.answerer].append(verdict)
    for question in found.questions:
        start = _question(question)
        if not answers[question.identity]:
            yield start
        for answer in answers[question.identity]:
            row = {
                **start,
                "answerer": answer.answerer,
                "response": answer.text,
                "human_verdict": None if answer.right is None else _WORDS[answer.right],
                "problem": answer.problem,
            }
            given = verdicts[question.identity, answer.answerer]
            yield from ({**row, **_verdict(one)} for one in given) if given else (row,)


def _question(question: Question) -> dict[str, object]:
    return {
        **question.columns,
        "question": question.text,
        "key": list(question.key),
        "options": list(question.options),
        "source_document": question.source,
    }


def _verdict(one: AnswerVerdict) -> dict[str, object]:
    return {
        "evaluator": one.evaluator,
        "verdict": None if one.right is None else _WORDS[one.right],
        "chance": one.chance,
        "problem": one.problem,
        "said": one.said,
        "repeat": one.repeat,
        "form": one.form,
        "keyed": one.keyed,
    }
