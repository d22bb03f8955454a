"""What one call asks for: its instructions, its texts, the schema of its reply, and reading that reply.

Knows how a call looks; which calls are made is ``rating``'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from prefactor.asking.calls import Asked
from prefactor.asking.fence import enclosed
from prefactor.asking.templates import filled
from prefactor.factors.asked import QUERY_KINDS
from prefactor.factors.asked.base import Answer, RateOptions
from prefactor.factors.asked.errors import ERROR_KEYS, error_fields, read_errors
from prefactor.factors.asked.levels import Level, failed, read_levels, said_in
from prefactor.factors.asked.prompting import chat, fenced, marked, object_schema, query_texts, template
from prefactor.factors.asked.query import LISTED, QueryReading
from prefactor.factors.base import Factor
from prefactor.llm.records import Request

__all__ = ["Sheet", "read_sheet", "sheet_request"]

_SIDES: Final = {1: ("answer",), 2: ("A", "B")}
_LEVEL_TOKENS: Final = 16
_ERROR_TOKENS: Final = 400


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one call asks for.

    Parameters
    ----------
    factors
        What the instructions define; those that count errors come last.
    asked
        Those of them that are asked for on this query, in the same order.
    reading
        What the query holds, where it was read.
    """

    factors: tuple[Factor, ...]
    asked: tuple[Factor, ...]
    reading: QueryReading | None = None

    @property
    def rated(self) -> tuple[Factor, ...]:
        """Those asked for that are levels."""
        return tuple(factor for factor in self.asked if factor.way != "errors")

    @property
    def keyed(self) -> tuple[Factor, ...]:
        """Those that the schema has keys for: where one is asked for because of the query, all such.

        Two schemas in all, rather than one for every set of kinds: a server holds the beginnings of two in its cache.
        """
        rated = self.rated
        names = {factor.name for factor in rated}
        some = any(factor.needs in QUERY_KINDS for factor in rated)
        return tuple(
            factor
            for factor in self.factors
            if factor.name in names or (some and factor.way != "errors" and factor.needs in QUERY_KINDS)
        )

    @property
    def counted(self) -> tuple[Factor, ...]:
        """Those asked for that count errors."""
        return tuple(factor for factor in self.asked if factor.way == "errors")


def sheet_request(sheet: Sheet, answers: Sequence[Answer], *, options: RateOptions) -> Request:
    """Return the call.

    Parameters
    ----------
    sheet
        What it asks for.
    answers
        One, or two of the same query, in the order in which they are shown.
    options
        Model, fence, seed.
    """
    query = answers[0].query
    with_reference = bool(sheet.counted) or any(factor.needs == "reference" for factor in sheet.asked)
    texts = query_texts(query, reference=with_reference)
    found = _found_list(sheet)
    mark = marked([*texts.values(), found], [answer.text for answer in answers]) if options.fence else ""
    sides = _SIDES[len(answers)]
    labels = [side if side == "answer" else f"answer {side}" for side in sides]
    shown = [enclosed(each.text, label=label, mark=mark) for each, label in zip(answers, labels, strict=True)]
    places = {
        **fenced(texts, mark=mark),
        "mark": filled(template("fence", "mark"), {"mark": mark}) if mark else "",
        "points": _points(sheet, found, mark=mark),
        "answers": "\n\n".join(shown),
    }
    most = 200 + len(sides) * (_LEVEL_TOKENS * len(sheet.keyed) + _ERROR_TOKENS * bool(sheet.counted))
    user = filled(template("rating", "user"), places)
    system = _system(sheet, together=len(answers) > 1, fence=options.fence)
    return chat(system, user, options=options, schema=_schema(sheet, sides), max_tokens=most)


def _system(sheet: Sheet, *, together: bool, fence: bool) -> str:
    """Return the instructions: the same whatever the texts, and whatever is asked for of the factors defined."""
    rated = [factor for factor in sheet.factors if factor.way != "errors"]
    always = "\n".join(_defined(factor) for factor in rated if factor.needs not in QUERY_KINDS)
    sometimes = "\n".join(_defined(factor) for factor in rated if factor.needs in QUERY_KINDS)
    with_errors = len(rated) < len(sheet.factors)
    keys = [template("rating", "level_keys")] * bool(rated) + [template("errors", "keys")] * with_errors
    places = {
        "fence": template("fence", "notice") if fence else "",
        "rated": filled(template("rating", "rated"), {"lines": always}) if always else "",
        "asked_for": filled(template("rating", "asked_for"), {"lines": sometimes}) if sometimes else "",
        "errors": template("errors", "system").lstrip("\n") if with_errors else "",
        "reply": filled(template("rating", "together" if together else "alone"), {"keys": "; ".join(keys)}).strip("\n"),
    }
    return filled(template("rating", "system"), places)


def _defined(factor: Factor) -> str:
    levels = "; ".join(f"{level} {anchor}" for level, anchor in enumerate(factor.anchors))
    return f"{factor.name}: {factor.definition} {levels}"


def _found_list(sheet: Sheet) -> str:
    """Return the phrases of a reading that concern what is asked for, line by line."""
    kinds = [factor.needs for factor in sheet.rated if factor.needs in LISTED]
    if sheet.reading is None:
        return ""
    phrases = [(kind, phrase) for kind in dict.fromkeys(kinds) for phrase in getattr(sheet.reading, kind)]
    return "\n".join(f"{kind}: {phrase}" for kind, phrase in phrases)


def _points(sheet: Sheet, found: str, *, mark: str) -> str:
    """Return the part that asks for what not every query is asked about."""
    called_for = [factor for factor in sheet.rated if factor.needs in QUERY_KINDS]
    names = [f"{each.name} ({each.needs})" if each.needs in LISTED else each.name for each in called_for]
    if not names:
        return ""
    noted = filled(template("rating", "found"), {"list": enclosed(found, label="notes", mark=mark)}) if found else ""
    others = template("rating", "others") if len(sheet.keyed) > len(sheet.rated) else ""
    return filled(template("rating", "points"), {"names": ", ".join(names), "others": others, "found": noted})


def _schema(sheet: Sheet, sides: Sequence[str]) -> str:
    levels = {factor.name: {"$ref": f"#/$defs/to{len(factor.anchors) - 1}"} for factor in sheet.keyed}
    scales = {
        f"to{top}": {"type": "integer", "enum": list(range(top + 1))}
        for top in sorted({len(factor.anchors) - 1 for factor in sheet.keyed})
    }
    answer = object_schema({**levels, **(error_fields() if sheet.counted else {})})
    if len(sides) == 1:
        return orjson.dumps({**answer, "$defs": scales}).decode()
    both = object_schema({side: {"$ref": "#/$defs/answer"} for side in sides})
    return orjson.dumps({**both, "$defs": {"answer": answer, **scales}}).decode()


def read_sheet(sheet: Sheet, answer: Asked, *, sides: int) -> list[list[Level]]:
    """Return what came of every factor asked for, for each answer in the order shown."""
    if answer.reply is None:
        return [[failed("missing")] * len(sheet.asked)] * sides
    names = _SIDES[sides]
    keys = (*(factor.name for factor in sheet.rated), *(ERROR_KEYS if sheet.counted else ()))
    said = said_in(answer.reply, sides=names, names=keys)
    return [
        [*read_levels(said, sheet.rated, side=side), *read_errors(said, sheet.counted, side=side)] for side in names
    ]
