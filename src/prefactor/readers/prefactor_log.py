"""Logs that ``prefactor judge`` writes: a comparison with every verdict on it. Knows the format of the file alone."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from prefactor.data.own_log import FORMAT, VERSION
from prefactor.data.preference import Order
from prefactor.data.records import ColumnValue, JudgeKind, Message, Row, Verdict
from prefactor.errors import shown
from prefactor.readers.base import Record, Sample
from prefactor.readers.conversation import json_text, messages_of
from prefactor.readers.fields import MISSING, RowFaultError, optional_text, text_of
from prefactor.readers.native import NativeReader

__all__ = ["READER", "PrefactorReader"]

_ORDERS: Final[Mapping[str | None, Order | None]] = {"ab": "ab", "ba": "ba", None: None}
_KINDS: Final[Mapping[str, JudgeKind]] = {
    "human": "human",
    "llm": "llm",
    "reward model": "reward model",
    "label": "label",
    "unknown": "unknown",
}
_TEXTS: Final = ("model_a", "model_b", "system", "source", "reference")


class PrefactorReader(NativeReader):
    """Reads prefactor's own logs; texts, models and columns are those of the log that was judged, so the two join."""

    name = FORMAT
    label = "comparisons judged by prefactor"
    roles: ClassVar[tuple[tuple[str, str], ...]] = (
        ("version", FORMAT),
        ("prompt", "prompt"),
        ("response_a", "response_a"),
        ("response_b", "response_b"),
        ("preference", "verdicts"),
    )

    def recognise(self, sample: Sample) -> bool:
        """Whether every record has the column that only this format has."""
        return sample.has(FORMAT, "verdicts")

    def rows_of(self, number: int, record: Record) -> Iterable[Row]:
        """Turn one comparison into its row."""
        if record.get(FORMAT) != VERSION:
            hint = "a later version needs a later prefactor"
            raise RowFaultError(FORMAT, expected=f"version {VERSION}", got=shown(record.get(FORMAT)), hint=hint)
        said = record.get("conversation")
        return (
            Row(
                number,
                text_of(record, "prompt"),
                text_of(record, "response_a"),
                text_of(record, "response_b"),
                [_verdict(entry) for entry in _entries(record)],
                **{name: optional_text(record, name) for name in _TEXTS},
                conversation=None if said is None else _conversation(said),
                columns=_columns(record),
            ),
        )


def _conversation(said: object) -> tuple[Message, ...]:
    return tuple(messages_of(said, "conversation"))


def _columns(record: Record) -> dict[str, ColumnValue]:
    columns = record.get("columns") or {}
    if isinstance(columns, str):
        columns = json_text(columns, "columns")
    if not isinstance(columns, dict):
        raise RowFaultError("columns", expected="an object", got=shown(columns))
    for name, value in columns.items():
        if value is not None and not isinstance(value, str | int | float):
            raise RowFaultError(f"columns.{name}", expected="a text or a number", got=shown(value))
    return columns


def _entries(record: Record) -> list[Mapping[str, Any]]:
    verdicts = record.get("verdicts")
    if not isinstance(verdicts, list) or not all(isinstance(entry, dict) for entry in verdicts):
        got = shown(verdicts) if "verdicts" in record else "no such column"
        raise RowFaultError("verdicts", expected="a list of verdicts", got=got)
    return verdicts


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    judge, preference = entry.get("judge"), entry.get("preference")
    if not isinstance(judge, str) or not judge:
        raise RowFaultError("verdicts.judge", expected="a name", got=shown(judge))
    if preference is not None and not (isinstance(preference, int | float) and 0 <= preference <= 1):
        raise RowFaultError("verdicts.preference", expected="a number from 0 to 1, or null", got=shown(preference))
    order, kind = entry.get("order"), str(entry.get("kind"))
    if not isinstance(order, str | None) or order not in _ORDERS:
        raise RowFaultError("verdicts.order", expected="ab, ba or null", got=shown(order))
    if kind not in _KINDS:
        raise RowFaultError("verdicts.kind", expected=f"one of {', '.join(_KINDS)}", got=shown(kind))
    return Verdict(
        judge,
        None if preference is None else float(preference),
        _KINDS[kind],
        _ORDERS[order],
        annotator=optional_text(entry, "annotator"),
        problem=_problem(entry) if preference is None else "",
    )


def _problem(entry: Mapping[str, Any]) -> str:
    problem, said = optional_text(entry, "problem") or MISSING, optional_text(entry, "said")
    return problem if problem == MISSING or not said else f"{problem}: {said}"


READER: Final = PrefactorReader()
