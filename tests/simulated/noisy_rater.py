"""A rater that reads planted levels, but sometimes says any level instead: how well it measures is known."""

import json
from collections.abc import Callable
from hashlib import blake2b

from prefactor.llm.records import Request
from simulated.rater import planted, sections


def chance(*parts: object) -> float:
    """A number in [0, 1) that hangs on nothing but the parts."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=6).digest(), "big") / 2**48


def noisy_rater(kept: float, *, halo: bool = False, model: str = "") -> Callable[[Request], str]:
    """Read the planted level with a chance of ``kept``, else say any level; with halo, the same one of all factors."""

    def level(request: Request, text: str, name: str) -> int:
        which = "" if halo else name
        if chance(text, request.sampling.seed, which, "kept", model) < kept:
            return int(planted(text)[name])
        return int(4 * chance(text, request.sampling.seed, which, "any", model))

    def answer(request: Request) -> str:
        shown, fields = sections(request), json.loads(request.schema)
        if "A" in fields["properties"]:
            names = fields["$defs"]["answer"]["properties"]
            return json.dumps(
                {side: {name: level(request, shown[f"answer {side}"], name) for name in names} for side in "AB"}
            )
        return json.dumps({name: level(request, shown["answer"], name) for name in fields["properties"]})

    return answer
