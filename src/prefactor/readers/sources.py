"""From what the user names (files, folders, patterns, standard input, Hub datasets) to sources of rows.

Finds the inputs and the reader of each; knows no format and holds no rows.
"""

import glob
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from prefactor._validate import check_known
from prefactor.data.records import Row
from prefactor.errors import InputFileError, UnknownFormatError
from prefactor.readers.base import BadRows, Reader, Sample
from prefactor.readers.columns import ColumnsReader
from prefactor.readers.decode import SUFFIXES, FileInput, Input, suffix_of
from prefactor.readers.formats import READERS
from prefactor.readers.hub import HubInput, is_hub_name
from prefactor.readers.mapping import ROLES
from prefactor.readers.native import KeyColumns
from prefactor.readers.streams import spool

__all__ = ["Found", "Source", "find_sources", "inputs_of", "typical"]

STANDARD_INPUT: Final = "-"
_SAMPLE: Final = 20
_NOT_LOGS: Final = (
    (("instruction", "output", "generator"), "the outputs of one model", "give the annotations made from them"),
    (("question_id", "choices"), "the answers of one model", "give the judgments made from them"),
    (
        ("eval", "input"),
        "an Inspect log whose samples do not compare two answers",
        "put them in the metadata as response_a and response_b, and score with A, B or tie",
    ),
    (("question_id", "turns"), "questions alone", "give the judgments of answers to them"),
    (("question", "golden_answer"), "questions with a key", "give them to prefactor competence"),
)


@dataclass(frozen=True)
class Source:
    """One file, or other input, whose format is known.

    Parameters
    ----------
    file
        The input as the user named it.
    format
        The reader's name, as given to ``--format``.
    label
        What a person calls the format.
    guessed
        Pairs of role and column: what the reader takes each key column for. Of a table with mapped columns these are
        all roles, the coding of a preference behind a colon.
    """

    file: str
    format: str
    label: str
    guessed: tuple[tuple[str, str], ...]
    _input: Input = field(repr=False, compare=False)
    _reader: Reader = field(repr=False, compare=False)

    def rows(self, bad: BadRows) -> Iterator[Row]:
        """Yield the rows, reading as they are asked for; rows that cannot be used go to ``bad``.

        Raises
        ------
        InputFileError
            The input cannot be read to its end.
        """
        return self._reader.read(self._input.records(bad), self.file, bad)


@dataclass(frozen=True, slots=True)
class Found:
    """What the user's paths led to.

    Parameters
    ----------
    sources
        The preference logs, in the order of the paths and by name within a folder; each file once.
    skipped
        Other files that a folder or a pattern led to, which are left out.
    reasons
        For each of those, what it is instead or what is wrong with it.
    """

    sources: tuple[Source, ...]
    skipped: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def find_sources(
    paths: Sequence[str],
    *,
    format: str | None = None,  # noqa: A002 -- named as on the command line
    mapping: Mapping[str, str] | None = None,
) -> Found:
    """Find the preference logs that ``paths`` name and recognise the format of each.

    Parameters
    ----------
    paths
        Files, folders (searched to any depth for the suffixes of logs), patterns (``**`` for any depth), ``-`` for
        standard input, ``hf:owner/name[:split]`` for a dataset of the Hub.
    format
        Name of the reader for all of them, instead of recognition.
    mapping
        Role to column, for tables: see :func:`prefactor.readers.mapping.plan_of`.

    Raises
    ------
    InputFileError
        A path leads nowhere or to a file that cannot be read, or no path leads to a log.
    UnknownFormatError
        A file that was named itself is no preference log.
    UnknownNameError
        There is no such format or role.
    """
    if not paths:
        raise InputFileError("input", expected="at least one file", got="none")
    if format is not None:
        check_known("format", [format], READERS)
    check_known("role", mapping or (), ROLES)
    sources: dict[str, Source] = {}
    skipped: dict[str, tuple[str, str]] = {}
    for path in paths:
        for entry, named in inputs_of(path):
            key = str(entry.path.resolve()) if isinstance(entry, FileInput) else entry.file
            if key in sources:
                continue
            try:
                sources[key] = _source(entry, format, mapping)
            except InputFileError as error:
                if named:
                    raise
                skipped[key] = entry.file, str(error)
    left_out = [entry for key, entry in skipped.items() if key not in sources]
    if not sources:
        raise _nothing(paths, [why for _, why in left_out])
    return Found(tuple(sources.values()), tuple(file for file, _ in left_out), tuple(why for _, why in left_out))


def inputs_of(path: str) -> Iterator[tuple[Input, bool]]:
    """Yield what one path leads to, and whether it was named itself."""
    if path == STANDARD_INPUT:
        spooled = spool(sys.stdin.buffer)
        yield FileInput("standard input", spooled.path, spooled), True
    elif is_hub_name(path):
        yield HubInput(path), True
    elif Path(path).is_dir():
        yield from ((FileInput(str(file), file), False) for file in _walk(Path(path)))
    elif Path(path).is_fifo():
        with Path(path).open("rb") as pipe:
            spooled = spool(pipe)
        yield FileInput(path, spooled.path, spooled), True
    elif Path(path).exists() or not glob.has_magic(path):
        yield FileInput(path, Path(path)), True
    else:
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 -- Path.glob refuses absolute patterns
        if not matches:
            raise InputFileError(path, expected="at least one file that matches", got="none", hint="check the pattern")
        for match in map(Path, matches):
            files = _walk(match) if match.is_dir() and not path.endswith("**") else [match] if match.is_file() else []
            yield from ((FileInput(str(file), file), False) for file in files)


def _walk(folder: Path) -> list[Path]:
    """Return the files of a folder that may be logs, by name; hidden ones are left alone."""
    return sorted(
        file
        for file in folder.rglob("*")
        if suffix_of(file.name) in SUFFIXES
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and file.is_file()
    )


def _source(entry: Input, format_name: str | None, mapping: Mapping[str, str] | None) -> Source:
    sample = Sample(entry.file, [record for _, record in entry.head(_SAMPLE)])
    if format_name is not None and format_name != ColumnsReader.name:
        if mapping:
            raise InputFileError(entry.file, expected="a format or a mapping", got=f"both, with {format_name}")
        reader = READERS[format_name]
        if not any(reader.recognise(part) for part in (sample, typical(sample))):
            names = ", ".join(map(repr, list(sample.records[0])[:12]))
            raise InputFileError(entry.file, expected=reader.label, got=f"rows with {names}")
    elif mapping or format_name is not None:
        reader = ColumnsReader(mapping)
    else:
        reader = _recognised(sample)
    return Source(entry.file, reader.name, reader.label, _guessed(reader, sample), entry, reader)


def _recognised(sample: Sample) -> Reader:
    for part in (sample, typical(sample)):
        reader = next((reader for reader in READERS.values() if reader.recognise(part)), None)
        if reader is not None:
            return reader
    for columns, what, hint in _NOT_LOGS:
        if sample.has(*columns):
            raise InputFileError(sample.file, expected="a preference log", got=what, hint=hint)
    raise UnknownFormatError(sample.file, columns=list(sample.records[0]))


def typical(sample: Sample) -> Sample:
    """Return the records with the commonest columns, so that a broken one does not hide what the others are."""
    (columns, _), *_rest = Counter(frozenset(record) for record in sample.records).most_common()
    return Sample(sample.file, [record for record in sample.records if record.keys() == columns])


def _guessed(reader: Reader, sample: Sample) -> tuple[tuple[str, str], ...]:
    if isinstance(reader, ColumnsReader):
        plan = reader.plan(sample)
        preferences = ((f"{choice.column}:{choice.coding}") for choice in plan.preferences)
        return (*plan.columns.items(), *(("preference", choice) for choice in preferences))
    if isinstance(reader, KeyColumns):
        found = frozenset().union(*sample.records)
        return tuple((role, column) for role, column in reader.roles if column in found)
    return ()


def _nothing(paths: Sequence[str], reasons: Sequence[str]) -> InputFileError:
    places = ", ".join(paths)
    if not reasons:
        return InputFileError(places, expected=f"a file with one of the suffixes {', '.join(SUFFIXES)}", got="none")
    got = f"{len(reasons):,} other files ({'; '.join(reasons[:3])})"
    return InputFileError(places, expected="a preference log", got=got)
