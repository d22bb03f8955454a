"""Changes of an answer that need no model and are known to move one factor: what a measurement must notice.

Knows texts only: nothing of how factors are measured.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zlib import crc32

__all__ = ["PLANTED_CHANGES", "PlantedChange"]

_TYPO_EVERY: Final = 6
"""Words between two typos."""

_PARAGRAPHS: Final = re.compile(r"\n\s*\n")
_MARKS: Final = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-*+][ \t]+|\d+[.)][ \t]+|>[ \t]?)|\*\*|__|`+", re.MULTILINE)
_WORD: Final = re.compile(r"[a-z]{4,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlantedChange:
    """One change.

    Parameters
    ----------
    name
        What it is called.
    what
        What it does, in words.
    change
        From an answer, and the answer to another query, to the changed answer; None where there is nothing to change.
    up, down
        Factors of which the changed answer has more, and less, by their feature (``no_repetition`` is down where
        something is repeated). Factors that are not in the study are passed over.
    beside
        Factors that may move as well, for good reason: they are not counted as spilt over.
    """

    name: str
    what: str
    change: Callable[[str, str], str | None]
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def _repeated(text: str, _: str) -> str | None:
    parts = [part.strip() for part in _PARAGRAPHS.split(text) if part.strip()]
    return f"{text.rstrip()}\n\n{max(parts, key=len)}" if parts else None


def _unformatted(text: str, _: str) -> str | None:
    plain = " ".join(_MARKS.sub("", text).split())
    return None if plain == text.strip() else plain


def _misspelt(text: str, _: str) -> str | None:
    """Swap two inner letters of every sixth longer word, which ones by the words themselves."""
    seen = 0

    def swap(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        word = match.group()
        if seen % _TYPO_EVERY != 1:
            return word
        places = [place for place in range(1, len(word) - 1) if word[place] != word[place + 1]]
        if not places:
            return word
        at = places[crc32(word.encode()) % len(places)]
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    changed = _WORD.sub(swap, text)
    return None if changed == text else changed


def _limited(text: str, _: str) -> str:
    return (
        f"{text.rstrip()}\n\nI should say that I am not certain of this: I may be wrong in places, and there are things"
        " about it that I do not know. Please check it with somebody who does."
    )


def _digressing(text: str, other: str) -> str | None:
    parts = [part.strip() for part in _PARAGRAPHS.split(other) if part.strip()]
    return f"{text.rstrip()}\n\n{max(parts, key=len)}" if parts else None


def _courteous(text: str, _: str) -> str:
    return f"Thank you so much for your lovely question, I am delighted to help you with it!\n\n{text.lstrip()}"


def _halved(text: str, _: str) -> str | None:
    words = list(re.finditer(r"\S+", text))
    return text[: words[(len(words) + 1) // 2 - 1].end()] if len(words) >= 8 else None


PLANTED_CHANGES: Final = (
    PlantedChange(
        "repeat a paragraph",
        "the longest paragraph is said again at the end",
        _repeated,
        down=("no_repetition",),
        beside=(
            "long",
            "words",
            "clear",
            "well_formatted",
            "coherence",
            "helpfulness",
            "fluency",
            "facts",
            "off_focus",
        ),
    ),
    PlantedChange(
        "strip the formatting",
        "headings, lists, bold type and line breaks are taken out",
        _unformatted,
        down=("well_formatted",),
        beside=("clear", "step_by_step", "fluency", "coherence", "helpfulness", "long", "words", "formality_alignment"),
    ),
    PlantedChange(
        "misspell words",
        f"two letters of every {_TYPO_EVERY}th longer word are swapped",
        _misspelt,
        down=("correct_grammar",),
        beside=(
            *("no_minor_errors", "no_moderate_errors", "clear", "fluency", "informal_language", "coherence"),
            *("helpfulness", "formality_alignment", "authoritative", "persuasive", "novel_words", "novel"),
        ),
    ),
    PlantedChange(
        "admit limits",
        "a paragraph says what the answer may not know",
        _limited,
        up=("admits_limits",),
        beside=("long", "words", "authoritative", "persuasive", "helpfulness", "polite", "harmless", "facts"),
    ),
    PlantedChange(
        "digress",
        "a paragraph of an answer to another query is added",
        _digressing,
        up=("off_focus",),
        down=("relevant",),
        beside=(
            *("long", "words", "facts", "informative", "novel_words", "clear", "coherence", "intent_alignment"),
            *("receptiveness", "helpfulness", "fluency", "well_formatted", "novel", "supporting_material"),
            *("misinformation", "hallucination", "no_minor_errors", "no_moderate_errors", "no_severe_errors"),
        ),
    ),
    PlantedChange(
        "open courteously",
        "an opening sentence thanks the user and is glad to help",
        _courteous,
        up=("friendly", "polite"),
        beside=("long", "words", "interactive", "formality_alignment", "shows_empathy", "informal_language"),
    ),
    PlantedChange(
        "cut to half",
        "the second half of the words is left out",
        _halved,
        down=("informative", "long", "words", "facts"),
        beside=(
            *("clear", "well_formatted", "step_by_step", "coherence", "fluency", "helpfulness", "receptiveness"),
            *("intent_alignment", "supporting_material", "persuasive", "covered_facts", "meets_constraints"),
            *("no_repetition", "no_minor_errors", "no_moderate_errors", "no_severe_errors", "complex_wording"),
            "relevant",
        ),
    ),
)
"""Changes that ``validate-factors --sensitivity`` plants, in this order."""
