"""A script of a scripted model: it rates by exclamation marks, sometimes by chance; how clear a text is, always so."""

import json
from hashlib import blake2b

from prefactor.llm.records import Request


def answer(request: Request) -> str:
    """Rate the one answer shown."""
    said = request.messages[-1].content
    text = said.partition("----- answer begins")[2].partition("\n")[2].partition("\n----- answer ends")[0]

    def level(name: str) -> int:
        drawn = blake2b(repr((text, name, request.sampling.seed)).encode(), digest_size=1).digest()[0]
        return drawn % 4 if name == "clear" or drawn < 30 else min(3, text.count("!"))

    return json.dumps({name: level(name) for name in json.loads(request.schema)["properties"]})
