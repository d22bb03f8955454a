"""A rater that reads marks planted in texts, such as ``<<friendly=2>>``, out of the requests it gets.

It looks at nothing but what stands in the fence, and says what its schema asks for.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from prefactor.llm.records import Request

PLANTED = re.compile(r"<<([a-z_]+)=([^>]*)>>")


def sections(request: Request) -> dict[str, str]:
    """Return what stands in the fence of a request, by label; only lines with the request's own mark count."""
    said = request.messages[-1].content
    mark = re.match(r"The mark is ([0-9a-f]{16})\.", said)
    assert mark
    fence = re.compile(
        rf"^----- ([^\n]+) begins, mark {mark[1]} -----\n(.*?)\n----- \1 ends, mark {mark[1]} -----$", re.S | re.M
    )
    return dict(fence.findall(said))


def planted(text: str) -> dict[str, str]:
    """Return the marks planted in a text; of a mark that is there twice, the first."""
    found: dict[str, str] = {}
    for name, value in PLANTED.findall(text):
        found.setdefault(name, value)
    return found


def perfect_rater(request: Request) -> str:
    """Say what is planted."""
    schema = json.loads(request.schema)
    shown = sections(request)
    if "request 1" in shown:
        numbers = schema["properties"]
        return json.dumps({number: _reading(planted(shown[f"request {number}"])) for number in numbers})
    if "A" in schema["properties"]:
        fields = schema["$defs"]["answer"]["properties"]
        return json.dumps({side: _levels(fields, planted(shown[f"answer {side}"])) for side in "AB"})
    return json.dumps(_levels(schema["properties"], planted(shown["answer"])))


def _levels(fields: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    levels: dict[str, Any] = {name: int(marks[name]) for name in fields if "$ref" in fields[name]}
    if "found_errors" in fields:
        checkable = marks.get("checkable") != "0"
        levels["can_be_checked"] = checkable
        levels["found_errors"] = [
            {"error": "wrong", "severity": severity}
            for severity in ("minor", "moderate", "severe")
            for _ in range(int(marks.get(severity, "0")) if checkable else 0)
        ]
    return levels


def _reading(marks: Mapping[str, str]) -> dict[str, Any]:
    lists = {
        name: [each for each in marks.get(name, "").split("|") if each]
        for name in ("constraints", "stances", "mistakes")
    }
    flags = {name: marks.get(name) == "1" for name in ("unclear", "feelings")}
    return {"scenario": marks.get("scenario", "other"), **flags, **lists}
