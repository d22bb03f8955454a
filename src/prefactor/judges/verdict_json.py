"""Verdicts as JSON objects: whole, in a code fence, amid other words, or cut off behind the verdict.

Where there is no object, the reply is read as words.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from prefactor.judges.base import Found
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.replies import CUT_OFF, final_text, nothing_in, settled
from prefactor.judges.verdict_text import read_verdict, verdict_of_word
from prefactor.llm.records import Reply

__all__ = ["PARSER", "Pairs", "objects_in"]

Pairs = list[tuple[str, Any]]
"""Keys and values of one JSON object; a key may come twice."""

_KEYS: Final = frozenset(
    {
        *("verdict", "final_verdict", "winner", "choice", "answer", "decision", "result"),
        *("preferred", "preference", "better", "better_answer", "best"),
    }
)
_PIECE: Final = re.compile(r'"(\w+)"\s*:\s*"([^"\\]{1,40})"')


def objects_in(text: str) -> Iterator[Pairs]:
    r"""Yield the JSON objects that stand in a text, none of them twice, as pairs of key and value.

    Examples
    --------
    >>> list(objects_in('Here:\n```json\n{"verdict": "A", "verdict": "B"}\n``` {"x": {"y": 1}}'))
    [[('verdict', 'A'), ('verdict', 'B')], [('x', [('y', 1)])]]
    """
    decoder = json.JSONDecoder(object_pairs_hook=list, strict=False)
    place = text.find("{")
    while place >= 0:
        try:
            found, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield found
        place = text.find("{", end)


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
