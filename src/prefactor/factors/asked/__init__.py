"""Factors that take a model to measure: one file per way of asking."""

from typing import Final

from prefactor.factors.asked.base import Way
from prefactor.registry import Registry

__all__ = ["QUERY_KINDS", "WAYS"]

WAYS: Final[Registry[Way]] = Registry(
    "way of measuring",
    {
        "rating": "prefactor.factors.asked.rating:WAY",
        "errors": "prefactor.factors.asked.rating:WAY",
        "facts": "prefactor.factors.asked.facts:WAY",
    },
)
"""Ways of asking a model, by the name that factors give. Errors are asked for in the calls that ask for ratings."""

QUERY_KINDS: Final = ("unclear", "feelings", "constraints", "stances", "mistakes")
"""What a query may have that some factors need: an intent that is unclear, feelings, explicit constraints, stances of
the user, and mistakes or biases."""
