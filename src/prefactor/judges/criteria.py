"""Verdicts criterion by criterion, as a JSON object; their weighted balance is the preference.

A criterion without a verdict makes the whole reply unreadable: a balance of what is left would be another rubric's.
"""

from typing import Any, Final

import orjson

from prefactor.asking.json_objects import objects_in
from prefactor.asking.replies import CUT_OFF, final_text
from prefactor.data.preference import A_WINS, B_WINS, TIE
from prefactor.judges.base import Found, Problem
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.replies import nothing_in
from prefactor.judges.verdict_text import verdict_of_word
from prefactor.llm.records import Reply

__all__ = ["PARSER"]


class _CriteriaParser:
    """Reads one verdict for every criterion."""

    top_logprobs = 0

    def schema(self, file: JudgeFile) -> str:
        """Return the schema of an object with a verdict for every criterion."""
        names = [each.name for each in file.criteria]
        return orjson.dumps(
            {
                "type": "object",
                "properties": {name: {"enum": ["A", "B", "tie"]} for name in names},
                "required": names,
                "additionalProperties": False,
            }
        ).decode()

    def read(self, reply: Reply, file: JudgeFile) -> Found:
        """Find the balance of the criteria: A where those won by A weigh more, a tie where both weigh the same."""
        text = final_text(reply)
        said: dict[str, set[float | None]] = {}
        for key, value in _pairs(text):
            said.setdefault(key.strip().lower(), set()).add(verdict_of_word(value) if isinstance(value, str) else None)
        if not said:
            return nothing_in(reply, text)
        balance = 0.0
        for each in file.criteria:
            values = said.get(each.name.lower(), {None})
            if len(values) > 1:
                return Found(None, "contradiction", f"two verdicts on {each.name}")
            (value,) = values
            if value is None:
                problem: Problem = "cut off" if reply.finish == CUT_OFF else "unreadable"
                return Found(None, problem, f"no verdict on {each.name}")
            balance += each.weight * (value - TIE)
        return Found(TIE if balance == 0 else A_WINS if balance > 0 else B_WINS)


def _pairs(text: str) -> list[tuple[str, Any]]:
    """Return keys and values of all objects; of an object inside one its verdict, or else what it holds."""
    found: list[tuple[str, Any]] = []
    for pairs in objects_in(text):
        for key, value in pairs:
            nested = isinstance(value, list) and all(isinstance(each, tuple) for each in value)
            verdicts = (
                [(key, inner) for name, inner in value if name.lower() == "verdict"] if nested else [(key, value)]
            )
            found.extend(verdicts or value)
    return found


PARSER: Final = _CriteriaParser()
