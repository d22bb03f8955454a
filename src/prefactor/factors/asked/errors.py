"""Finding errors: what is asked for, beside ratings or alone, and counting what was found by severity.

An answer in which nothing can be right or wrong has no errors to count: the factors do not apply to it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from prefactor.errors import UnknownNameError
from prefactor.factors.asked.base import outcome
from prefactor.factors.asked.levels import Level, Said, failed, folded
from prefactor.factors.asked.loose_json import Items, Table
from prefactor.factors.base import Factor

__all__ = ["ERROR_KEYS", "SEVERITIES", "check_parts", "error_fields", "read_errors"]

SEVERITIES: Final = ("minor", "moderate", "severe")
"""How bad an error is; the ``part`` of a factor that counts such errors, or empty for all."""

ERROR_KEYS: Final = ("can_be_checked", "found_errors")
"""Keys under which a reply says so."""

_TRUTH: Final = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False}


def check_parts(factors: Sequence[Factor]) -> None:
    """Hold factors that count errors to the severities there are.

    Raises
    ------
    UnknownNameError
        One counts others.
    """
    for factor in factors:
        if factor.part and factor.part not in SEVERITIES:
            raise UnknownNameError("severity of errors", factor.part, SEVERITIES)


def error_fields() -> dict[str, object]:
    """Return the fields of a schema under which errors are listed."""
    error = {
        "type": "object",
        "properties": {"error": {"type": "string"}, "severity": {"type": "string", "enum": list(SEVERITIES)}},
        "required": ["error", "severity"],
        "additionalProperties": False,
    }
    return {"can_be_checked": {"type": "boolean"}, "found_errors": {"type": "array", "items": error}}


def read_errors(said: Said, factors: Sequence[Factor], *, side: str) -> list[Level]:
    """Return the number of errors that each factor counts in one answer.

    A list that was not closed, or an error without a severity, counts nothing: it would be too few.
    """
    checked, lists = (said.values.get((side, key)) for key in ERROR_KEYS)
    if checked is None and lists is None:
        why = said.why_nothing if not said.values else "cut off" if said.cut_off else "unreadable"
        return [failed(why)] * len(factors)
    can = {_TRUTH.get(each.casefold() if isinstance(each, str) else each) for each in checked or [True] if _plain(each)}
    counts = [_counts(each) for each in lists or []]
    if len(can) > 1 or any(each != counts[0] for each in counts):
        return [failed("contradiction")] * len(factors)
    if not can or None in can:
        return [failed("unreadable")] * len(factors)
    if can == {False}:
        found = failed("contradiction" if any(counts) else "does not apply")
        return [found] * len(factors)
    if not counts or counts[0] is None:
        return [failed("cut off" if said.cut_off else "unreadable")] * len(factors)
    number = counts[0]
    return [
        Level(float(number[factor.part] if factor.part else number.total()), outcome("measured")) for factor in factors
    ]


def _plain(value: object) -> bool:
    return isinstance(value, bool | str)


def _counts(value: object) -> Counter[str] | None:
    """Return how many errors of each severity a list holds; None where it is none that can be counted."""
    if not isinstance(value, Items) or not value.whole:
        return None
    counts: Counter[str] = Counter()
    for each in value.values:
        severities = (
            {folded(str(said)) for key, said in each.pairs if folded(key) == "severity"} if _whole(each) else set()
        )
        if len(severities) != 1 or not severities <= set(SEVERITIES):
            return None
        counts.update(severities)
    return counts


def _whole(value: object) -> bool:
    return isinstance(value, Table) and value.whole
