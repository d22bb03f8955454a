"""Names in prefactor's own preference logs, for those who write and who read them. Knows no file."""

from typing import Final

__all__ = ["FORMAT", "VERDICT_FIELDS", "VERSION"]

FORMAT: Final = "prefactor_preferences"
"""Name of the format, and of the column that holds its version."""

VERSION: Final = 1
"""Version of the format; names are added to it, never changed."""

VERDICT_FIELDS: Final = (
    *("judge", "kind", "order", "repeat", "preference", "problem", "said", "score_a", "score_b"),
    *("annotator", "made_by"),
)
"""What is written of every verdict."""
