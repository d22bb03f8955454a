"""From the files a user names to one question set: which format each has, and how their rows join. Knows no format."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from prefactor._typing import OnBadRow
from prefactor._validate import check_known
from prefactor.data.dataset import SourceCount
from prefactor.data.question_set import Answer, AnswerVerdict, Question, QuestionSet
from prefactor.errors import BadRow, InputFileError, shown
from prefactor.readers.base import BadRows, Sample
from prefactor.readers.decode import Input
from prefactor.readers.questions.base import QuestionReader, QuestionRow
from prefactor.readers.questions.columns import QuestionColumnsReader
from prefactor.readers.questions.formats import QUESTION_READERS
from prefactor.readers.sources import inputs_of, typical

__all__ = ["QuestionSource", "find_questions", "read_questions"]

_SAMPLE = 20
NO_KEY = "no key and no human verdict"


@dataclass(frozen=True)
class QuestionSource:
    """One file whose format is known.

    Parameters
    ----------
    file
        The input as the user named it.
    reader
        What reads it.
    """

    file: str
    reader: QuestionReader
    _input: Input = field(repr=False, compare=False)

    def rows(self, bad: BadRows) -> Iterator[QuestionRow]:
        """Yield the rows, reading as they are asked for; rows that cannot be used go to ``bad``.

        Raises
        ------
        InputFileError
            The input cannot be read to its end.
        """
        return self.reader.read(self._input.records(bad), self.file, bad)


def find_questions(
    paths: Sequence[str],
    *,
    format: str | None = None,  # noqa: A002 -- named as on the command line
    mapping: Mapping[str, str] | None = None,
) -> tuple[QuestionSource, ...]:
    """Find the question sets that ``paths`` name; what a folder or pattern holds beside them is passed over.

    Parameters
    ----------
    paths
        Files, folders, patterns, ``-`` for standard input, ``hf:owner/name[:split]``.
    format
        Name of the reader for all of them, instead of recognition.
    mapping
        Role to column, for tables: see :data:`prefactor.readers.questions.columns.QUESTION_ROLES`.

    Returns
    -------
    tuple of QuestionSource
        Empty where no file is a question set: they may be logs of pairs.

    Raises
    ------
    InputFileError
        A path leads nowhere, or a file cannot be read.
    UnknownNameError
        There is no such format or role.
    """
    if format is not None:
        check_known("format of questions", [format], QUESTION_READERS)
    found: list[QuestionSource] = []
    for entry in (entry for path in paths for entry, _ in inputs_of(path)):
        reader = _reader_of(entry, format, mapping)
        if reader is not None:
            found.append(QuestionSource(entry.file, reader, entry))
    return tuple(found)


def _reader_of(entry: Input, format_name: str | None, mapping: Mapping[str, str] | None) -> QuestionReader | None:
    sample = Sample(entry.file, [record for _, record in entry.head(_SAMPLE)])
    if mapping:
        return QuestionColumnsReader(mapping)
    if format_name is not None:
        reader = QUESTION_READERS[format_name]
        if not any(reader.recognise(part) for part in (sample, typical(sample))):
            names = ", ".join(map(repr, list(sample.records[0])[:12]))
            raise InputFileError(entry.file, expected=reader.label, got=f"rows with {names}")
        return reader
    for part in (sample, typical(sample)):
        found = next((each for each in QUESTION_READERS.values() if each.recognise(part)), None)
        if found is not None:
            return found
    return None


def read_questions(sources: Sequence[QuestionSource], *, on_bad_row: OnBadRow = "error") -> QuestionSet:
    """Read question sets into one; rows about the same question join, whatever their file.

    Parameters
    ----------
    sources
        From :func:`find_questions`.
    on_bad_row
        ``"error"``: rows that cannot be used raise, all at once. ``"skip"``: they are counted.

    Raises
    ------
    BadRowsError
        Rows cannot be used, and ``on_bad_row`` is ``"error"``.
    """
    bad, joined = BadRows(on_bad_row), _Joined()
    counts = []
    for source in sources:
        before, rows = bad.total, 0
        for row in source.rows(bad):
            rows += joined.add(row, source.file, bad=bad)
        counts.append(SourceCount(source.file, source.reader.name, rows, bad.total - before, 0))
    bad.settle()
    return joined.finish(counts)


class _Joined:
    """Puts rows together."""

    def __init__(self) -> None:
        self.questions: dict[str, Question] = {}
        self.answers: dict[tuple[str, str], Answer] = {}
        self.verdicts: dict[tuple[object, ...], AnswerVerdict] = {}
        self.left_out: Counter[str] = Counter()

    def add(self, row: QuestionRow, file: str, *, bad: BadRows) -> int:
        """Take one row; return 1 where it is used."""
        identity = row.question.identity
        if row.left_out:
            self.left_out[row.left_out] += 1
            return 0
        for answer in row.answers:
            known = self.answers.get((identity, answer.answerer))
            if known is not None and known.text is not None and answer.text not in (None, known.text):
                got = f"{shown(answer.text)} beside {shown(known.text)}"
                bad.report(BadRow(file, row.row, "response", f"one answer of {shown(answer.answerer)} a question", got))
                return 0
        known_question = self.questions.get(identity)
        self.questions[identity] = _merged(known_question, row.question) if known_question else row.question
        for answer in row.answers:
            key = (identity, answer.answerer)
            self.answers[key] = _fuller(self.answers.get(key), answer)
        for one in row.verdicts:
            self.verdicts[one.question, one.answerer, one.evaluator, one.form, one.keyed, one.repeat] = one
        return 1

    def finish(self, sources: Sequence[SourceCount]) -> QuestionSet:
        labelled = {answer.question for answer in self.answers.values() if answer.right is not None}
        kept = {name: each for name, each in self.questions.items() if each.key or name in labelled}
        self.left_out[NO_KEY] += len(self.questions) - len(kept)
        return QuestionSet(
            tuple(kept.values()),
            tuple(each for each in self.answers.values() if each.question in kept),
            tuple(each for each in self.verdicts.values() if each.question in kept),
            tuple(sources),
            tuple(sorted((why, number) for why, number in self.left_out.items() if number)),
        )


def _merged(known: Question, new: Question) -> Question:
    """Join two records of one question: a key may have wordings in both."""
    return replace(known, key=tuple(dict.fromkeys((*known.key, *new.key))), columns={**new.columns, **known.columns})


def _fuller(known: Answer | None, new: Answer) -> Answer:
    if known is None:
        return new
    text = known.text if known.text is not None else new.text
    return replace(known, text=text, right=known.right if known.right is not None else new.right)
