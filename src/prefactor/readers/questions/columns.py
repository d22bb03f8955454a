"""Any table with a column for the question and one for its key, with or without answers and verdicts on them.

What ``prefactor competence`` writes is such a table. Knows no format.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from prefactor._validate import check_known
from prefactor.data.question_set import Answer, AnswerVerdict, Question
from prefactor.errors import InputFileError, shown
from prefactor.readers.base import BadRows, Record, Sample
from prefactor.readers.fields import RowFaultError, left_over, number_of, optional_text, text_of
from prefactor.readers.questions.base import QuestionRow, make_question, right_or_wrong, texts_of

__all__ = ["QUESTION_ROLES", "READER", "QuestionColumnsReader"]

_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "question": ("question", "query", "prompt"),
    "answer": ("key", "gold_answer", "golden_answer", "gold", "reference", "target", "answer", "answers"),
    "options": ("options", "choices"),
    "source": ("source_document", "context", "document", "passage"),
    "response": ("response", "model_answer", "prediction", "output"),
    "answerer": ("answerer", "model", "system", "generator"),
    "human": ("human_verdict", "human", "right", "human_label"),
    "evaluator": ("evaluator", "judge", "grader"),
    "verdict": ("verdict", "judgment", "judgement"),
    "chance": ("chance", "probability", "confidence"),
    "problem": ("problem",),
    "said": ("said",),
    "repeat": ("repeat",),
    "form": ("form",),
    "keyed": ("keyed",),
}
QUESTION_ROLES: Final = tuple(_USUAL)
"""Every role a column can play in a table of questions."""

_SAMPLE: Final = 20
_ONE: Final = "recorded"
"""Name of the answerer of a table that does not name any."""


class QuestionColumnsReader:
    """Reads a table by its columns: one row for each question, each answer, or each verdict on an answer.

    Parameters
    ----------
    mapping
        Role to column, roles as in :data:`QUESTION_ROLES`; other roles are guessed from usual names.

    Raises
    ------
    UnknownNameError
        There is no such role.
    """

    name = "question_columns"
    label = "table of questions with mapped columns"

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        check_known("role", mapping or (), QUESTION_ROLES)
        self.mapping = dict(mapping or {})

    def recognise(self, sample: Sample) -> bool:
        """Whether question and key have usual names."""
        plan = self._plan(sample.records)
        return "question" in plan and "answer" in plan

    def read(self, records: Iterable[tuple[int, Record]], file: str, bad: BadRows) -> Iterator[QuestionRow]:
        """Turn numbered records into rows; a record that cannot be used is reported and passed over.

        Raises
        ------
        InputFileError
            There is no column for the question or the key, or the mapping names a column that there is not.
        """
        source = iter(records)
        first = list(islice(source, _SAMPLE))
        plan = self._checked([record for _, record in first], file)
        for number, record in chain(first, source):
            try:
                row = replace(_row(record, plan), row=number)
            except RowFaultError as fault:
                bad.report(fault.at(file, number))
            else:
                yield row

    def _checked(self, records: Sequence[Record], file: str) -> dict[str, str]:
        plan = self._plan(records)
        names = list(dict.fromkeys(name for record in records for name in record))
        absent = [column for column in self.mapping.values() if column not in names]
        lacking = [role for role in ("question", "answer") if role not in plan]
        if absent or lacking:
            what = f"the column {absent[0]!r}" if absent else f"a column for {' and '.join(lacking)}"
            hint = f"name it: --map {','.join(f'{role}=COLUMN' for role in lacking)}" if lacking else ""
            got = f"the columns {', '.join(map(repr, names[:12]))}"
            raise InputFileError(file, expected=what, got=got, hint=hint)
        return plan

    def _plan(self, records: Sequence[Record]) -> dict[str, str]:
        names = dict.fromkeys(name for record in records for name in record)
        plan = dict(self.mapping)
        for role, usual in _USUAL.items():
            free = [name for name in usual if name in names and name not in plan.values()]
            if role not in plan and free:
                plan[role] = free[0]
        return plan


def _row(record: Record, plan: Mapping[str, str]) -> QuestionRow:
    options = _listed(record.get(plan["options"]), plan["options"]) if "options" in plan else ()
    source = optional_text(record, plan["source"]) if "source" in plan else None
    key = _listed(record.get(plan["answer"]), plan["answer"])
    columns = left_over(record, set(plan.values()))
    question = make_question(text_of(record, plan["question"]), key, options=options, source=source, columns=columns)
    answer = _answer(record, plan, question)
    if answer is None:
        return QuestionRow(question)
    verdict = _verdict(record, plan, answer)
    return QuestionRow(question, (answer,), (verdict,) if verdict else ())


def _answer(record: Record, plan: Mapping[str, str], question: Question) -> Answer | None:
    if "response" not in plan:
        return None
    text = record.get(plan["response"])
    if text is not None and not isinstance(text, str | int | float):
        raise RowFaultError(plan["response"], expected="text", got=shown(text))
    answerer = (optional_text(record, plan["answerer"]) if "answerer" in plan else None) or _ONE
    right = right_or_wrong(record.get(plan["human"]), plan["human"]) if "human" in plan else None
    if text is None:
        problem = (optional_text(record, plan["problem"]) if "problem" in plan else None) or "missing"
        return Answer(question.identity, answerer, None, right, problem)
    return Answer(question.identity, answerer, str(text), right)


def _verdict(record: Record, plan: Mapping[str, str], answer: Answer) -> AnswerVerdict | None:
    if "verdict" not in plan or (evaluator := _named(record, plan, "evaluator")) == "":
        return None
    problem = _named(record, plan, "problem")
    said = record.get(plan["verdict"])
    if isinstance(said, str) and said.strip().lower() in {"unknown", "i don't know", "don't know"}:
        said, problem = None, "unknown"
    right = right_or_wrong(said, plan["verdict"])
    chance = number_of(record.get(plan["chance"])) if "chance" in plan else None
    if chance is not None and not 0 <= chance <= 1:
        raise RowFaultError(plan["chance"], expected="a probability in [0, 1]", got=shown(chance))
    repeat = number_of(record.get(plan["repeat"])) if "repeat" in plan else None
    return AnswerVerdict(
        answer.question,
        answer.answerer,
        evaluator or "verdict",
        right,
        chance,
        problem="" if right is not None else problem or "missing",
        said=_named(record, plan, "said") or "",
        repeat=int(repeat or 0),
        form=_named(record, plan, "form") or "",
        keyed=bool(right_or_wrong(record.get(plan["keyed"]), plan["keyed"])) if "keyed" in plan else False,
    )


def _named(record: Record, plan: Mapping[str, str], role: str) -> str | None:
    """Return the text in the column of a role; empty where the column holds nothing, None where there is no column."""
    return (optional_text(record, plan[role]) or "") if role in plan else None


def _listed(value: object, column: str) -> tuple[str, ...]:
    """Return one text or several: a list, or the text of a JSON list, as a CSV file holds it."""
    if value is None:
        return ()
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return (str(value),)
    return texts_of(value, column)


READER: Final = QuestionColumnsReader()
