"""The table of parsers, by the name a judge's file gives. Knows names and import paths only."""

from typing import Final

from prefactor.judges.base import Parser
from prefactor.registry import Registry

__all__ = ["PARSERS"]

PARSERS: Final[Registry[Parser]] = Registry(
    "parser",
    {
        "verdict": "prefactor.judges.verdict_text:PARSER",
        "verdict-json": "prefactor.judges.verdict_json:PARSER",
        "criteria": "prefactor.judges.criteria:PARSER",
        "token": "prefactor.judges.token_choice:PARSER",
        "grade": "prefactor.judges.grade_text:PARSER",
    },
)
