"""A script of a scripted model that rates answers by counts of their text: deterministic, and it fails now and then.

For ``--provider scripted:FILE``; knows the shape of the requests and no log.
"""

import json
import re
from hashlib import blake2b
from typing import Any

from prefactor.llm.records import Reply, Request

FENCED = re.compile(
    r"^----- ([^\n]+) begins, mark (\w+) -----\n(.*?)\n----- \1 ends, mark \2 -----$", re.DOTALL | re.MULTILINE
)
FAILS = 40
"""One answer in so many gets a reply that cannot be read."""


def answer(request: Request) -> Reply | str:
    """Rate what the request shows, by its schema."""
    schema = json.loads(request.schema)
    shown = {label: text for label, _, text in FENCED.findall(request.messages[-1].content)}
    fields = schema["properties"]
    if "request 1" in shown:
        return json.dumps({number: _reading(shown[f"request {number}"]) for number in fields})
    if "A" in fields:
        levels = schema["$defs"]["answer"]["properties"]
        return json.dumps({side: _ratings(levels, shown[f"answer {side}"]) for side in "AB"})
    text = shown["answer"]
    if _number("fails", text) % FAILS == 0:
        return "I would rather not say."
    return json.dumps(_ratings(fields, text))


def _number(name: str, text: str) -> int:
    return int.from_bytes(blake2b(f"{name}\n{text}".encode(), digest_size=4).digest(), "big")


def _ratings(fields: dict[str, Any], text: str) -> dict[str, Any]:
    """Rate by length and a number drawn from the text and the name, so that factors are alike but not the same."""
    length = min(len(text) // 400, 2)
    found: dict[str, Any] = {
        name: min(3, (length + _number(name, text) % 3) // 2 + _number(name, text) % 2)
        for name, field in fields.items()
        if "$ref" in field
    }
    if "found_errors" in fields:
        found["can_be_checked"] = _number("checked", text) % 5 > 0
        count = _number("errors", text) % 3 if found["can_be_checked"] else 0
        severities = ("minor", "moderate", "severe")
        found["found_errors"] = [{"error": "wrong", "severity": severities[place]} for place in range(count)]
    return found


def _reading(prompt: str) -> dict[str, Any]:
    return {
        "scenario": "other",
        "unclear": len(prompt) < 40,
        "feelings": "feel" in prompt,
        "constraints": ["as long as asked"] if re.search(r"\d", prompt) else [],
        "stances": ["for it"] if "should" in prompt else [],
        "mistakes": [],
    }
