"""JSON objects in a reply: whole, in a code fence, or amid other words. Knows no key."""

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["Pairs", "objects_in"]

Pairs = list[tuple[str, Any]]
"""Keys and values of one JSON object; a key may come twice."""


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
