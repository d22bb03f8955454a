"""JudgeBench: pairs with an objective label and, in its outputs, verdicts of a judge in both presentation orders.

Knows the format of the files alone. Both responses of a pair are by the same model.
"""

from collections.abc import Iterable
from typing import ClassVar, Final

from prefactor.data.preference import Order, flip
from prefactor.data.records import ColumnValue, JudgeKind, Row, Verdict
from prefactor.errors import shown
from prefactor.readers.base import Record
from prefactor.readers.fields import RowFaultError, left_over, optional_text, preference_of_word, text_of
from prefactor.readers.native import NativeReader

__all__ = ["READER", "JudgeBenchReader"]

_USED: Final = frozenset({"pair_id", "question", "response_A", "response_B", "label", "judgments"})

_DOMAINS: Final = (
    ("mmlu-pro", "knowledge"),
    ("livebench-reasoning", "reasoning"),
    ("livebench-math", "math"),
    ("livecodebench", "coding"),
)
"""How sources begin, and the domain they are of."""


class JudgeBenchReader(NativeReader):
    """Reads JudgeBench pairs and outputs.

    The first judgment of a pair is of A shown first; the second is of the swapped pair, and its ``decision`` is in
    terms of what was shown (the released reward-model scores swap places with it), so it is turned round here.
    """

    name = "judgebench"
    label = "JudgeBench pairs and judgments"
    roles: ClassVar[tuple[tuple[str, str], ...]] = (
        ("prompt", "question"),
        ("response_a", "response_A"),
        ("response_b", "response_B"),
        ("label", "label"),
        ("pair", "pair_id"),
        ("preference", "judgments"),
        ("model", "response_model"),
    )
    optional: ClassVar[frozenset[str]] = frozenset({"preference", "model"})

    def rows_of(self, number: int, record: Record) -> Iterable[Row]:
        """Turn one pair into its row."""
        preference, problem = preference_of_word(record.get("label"), "label")
        verdicts = [Verdict("label", preference, kind="label", problem=problem), *_verdicts(record)]
        model = optional_text(record, "response_model")
        return (
            Row(
                number,
                text_of(record, "question"),
                text_of(record, "response_A"),
                text_of(record, "response_B"),
                verdicts,
                model_a=model,
                model_b=model,
                columns={**left_over(record, _USED), **_domain(record)},
            ),
        )


def _domain(record: Record) -> dict[str, ColumnValue]:
    """Return the domain that the source of a question belongs to (arXiv 2410.12784), where it is one of those known."""
    source = record.get("source")
    found = next((domain for start, domain in _DOMAINS if isinstance(source, str) and source.startswith(start)), None)
    return {} if found is None else {"domain": found}


def _verdicts(record: Record) -> list[Verdict]:
    judgments = record.get("judgments")
    if judgments is None:
        return []
    if not isinstance(judgments, list):
        raise RowFaultError("judgments", expected="a list of judgments", got=shown(judgments))
    style = optional_text(record, "judge_name") or "judge"
    kind: JudgeKind = "reward model" if style == "reward_model" else "llm"
    judge = next((name for name in map(_judge_model, judgments) if name), style)
    verdicts = []
    for game, judgment in enumerate(judgments):
        decision = judgment.get("decision") if isinstance(judgment, dict) else judgment
        preference, problem = preference_of_word(decision, "judgments")
        order: Order = "ba" if game % 2 else "ab"
        if preference is not None and order == "ba":
            preference = flip(preference)
        verdicts.append(Verdict(judge, preference, kind=kind, order=order, problem=problem))
    return verdicts


def _judge_model(judgment: object) -> str | None:
    inner = judgment.get("judgment") if isinstance(judgment, dict) else None
    name = inner.get("judge_model") if isinstance(inner, dict) else None
    return name if isinstance(name, str) else None


READER: Final = JudgeBenchReader()
