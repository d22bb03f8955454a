"""The table of source formats: one line for each reader, in the order in which they are tried.

A format whose columns are a special case of another's stands before it. Knows names and import paths only.
"""

from typing import Final

from prefactor.readers.base import Reader
from prefactor.registry import Registry

__all__ = ["READERS"]

READERS: Final[Registry[Reader]] = Registry(
    "format",
    {
        "prefactor_preferences": "prefactor.readers.prefactor_log:READER",
        "alpaca_eval": "prefactor.readers.alpaca_eval:READER",
        "mt_bench_pair": "prefactor.readers.mt_bench_pair:READER",
        "mt_bench_single": "prefactor.readers.mt_bench_single:READER",
        "arena": "prefactor.readers.arena:READER",
        "judgebench": "prefactor.readers.judgebench:READER",
        "auto_j": "prefactor.readers.auto_j:READER",
        "pandalm": "prefactor.readers.pandalm:READER",
        "llmbar": "prefactor.readers.llmbar:READER",
        "inspect": "prefactor.readers.inspect_log:READER",
        "rewardbench": "prefactor.readers.rewardbench:READER",
        "preference_pairs": "prefactor.readers.preference_pairs:READER",
        "columns": "prefactor.readers.columns:READER",
    },
)
