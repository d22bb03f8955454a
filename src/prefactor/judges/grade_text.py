"""Grades: every known way of writing one, and nothing else. A grade outside the scale is no grade."""

import re
from typing import Final

from prefactor.asking.json_objects import objects_in
from prefactor.asking.replies import CUT_OFF, final_text
from prefactor.judges.base import Found
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.replies import nothing_in, settled
from prefactor.llm.records import Reply

__all__ = ["PARSER", "read_grades"]

_NUMBER: Final = r"(?P<grade>-?\d{1,3}(?:\.\d+)?)(?:\s*(?:/|out of)\s*(?P<of>\d{1,3}))?"
_BRACKETS: Final = re.compile(rf"\[\[\s*(?:(?:grade|rating|score)\s*:?\s*)?{_NUMBER}\s*\]\]", re.IGNORECASE)
_LABELLED: Final = re.compile(
    rf"\b(?:grade|rating|score|mark)[*_`\"']*\s*(?:(?::|=|\bis\b|\bof\b)\s*)[*_`\"'\[(\s]*{_NUMBER}(?![\w%]|\.\d)",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(rf"[*_`\"'(\[]*{_NUMBER}[*_`\"')\].]*")
_KEYS: Final = frozenset({"grade", "rating", "score"})


def read_grades(text: str, scale: tuple[float, float], *, cut_off: bool = False) -> list[float]:
    """Return the grades in a text, all from the most explicit place that holds any on the scale.

    Parameters
    ----------
    text
        What a judge said.
    scale
        Lowest and highest grade.
    cut_off
        Whether it was cut off: then only double brackets count, or a text that is a grade and nothing else.

    Examples
    --------
    >>> read_grades("Good. [[7]]", (1, 10)), read_grades("Score: 8.5/10", (1, 10)), read_grades("[[11]]", (1, 10))
    ([7.0], [8.5], [])
    """
    alone = _ALONE.fullmatch(text.strip())
    matches = [alone] if alone else list(_BRACKETS.finditer(text))
    found = [match for match in matches if _fits(match, scale)]
    if not matches and not cut_off:
        from_objects = [
            float(value)
            for pairs in objects_in(text)
            for key, value in pairs
            if str(key).lower() in _KEYS and isinstance(value, int | float) and scale[0] <= value <= scale[1]
        ]
        if from_objects:
            return from_objects
        lines = [line for line in text.splitlines() if line.strip()]
        last = _ALONE.fullmatch(lines[-1].strip()) if lines else None
        found = [match for match in _LABELLED.finditer(text) if _fits(match, scale)]
        found = found or [match for match in (last,) if match and _fits(match, scale)]
    return [float(match["grade"]) for match in found]


def _fits(match: re.Match[str], scale: tuple[float, float]) -> bool:
    low, high = scale
    return low <= float(match["grade"]) <= high and (match["of"] is None or float(match["of"]) == high)


class _GradeParser:
    """Reads grades of single answers."""

    top_logprobs = 0

    def schema(self, file: JudgeFile) -> str:  # noqa: ARG002  (the signature of Parser)
        """Return no schema: the reply is text."""
        return ""

    def read(self, reply: Reply, file: JudgeFile) -> Found:
        """Find the grade."""
        text = final_text(reply)
        found = read_grades(text, file.scale, cut_off=reply.finish == CUT_OFF)
        return settled(found, text) if found else nothing_in(reply, text)


PARSER: Final = _GradeParser()
