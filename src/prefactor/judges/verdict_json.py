"""Verdicts as JSON objects: whole, in a code fence, amid other words, or cut off behind the verdict.

Where there is no object, the reply is read as words.
"""

import re
from typing import Final

import orjson

from prefactor.asking.json_objects import objects_in
from prefactor.asking.replies import CUT_OFF, final_text
from prefactor.judges.base import Found
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.replies import nothing_in, settled
from prefactor.judges.verdict_text import read_verdict, verdict_of_word
from prefactor.llm.records import Reply

__all__ = ["PARSER"]

_KEYS: Final = frozenset(
    {
        *("verdict", "final_verdict", "winner", "choice", "answer", "decision", "result"),
        *("preferred", "preference", "better", "better_answer", "best"),
    }
)
_PIECE: Final = re.compile(r'"(\w+)"\s*:\s*"([^"\\]{1,40})"')


class _JsonParser:
    """Reads verdicts in JSON objects."""

    top_logprobs = 0

    def schema(self, file: JudgeFile) -> str:  # noqa: ARG002  (the signature of Parser)
        """Return the schema of an object with a reason, which may be empty, and a verdict."""
        return orjson.dumps(
            {
                "type": "object",
                "properties": {"reason": {"type": "string"}, "verdict": {"enum": ["A", "B", "tie"]}},
                "required": ["reason", "verdict"],
                "additionalProperties": False,
            }
        ).decode()

    def read(self, reply: Reply, file: JudgeFile) -> Found:  # noqa: ARG002  (the signature of Parser)
        """Find the verdict."""
        text = final_text(reply)
        pairs = [pair for found in objects_in(text) for pair in found] or _PIECE.findall(text)
        said = [value for key, value in pairs if str(key).strip().lower() in _KEYS and isinstance(value, str)]
        values = [value for word in said if (value := verdict_of_word(word)) is not None]
        if not pairs:
            values = read_verdict(text, cut_off=reply.finish == CUT_OFF)
        return settled(values, text) if values else nothing_in(reply, text)


PARSER: Final = _JsonParser()
