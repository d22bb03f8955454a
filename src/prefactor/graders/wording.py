"""Graders by the words alone: the same as a wording of the key, containing one, or sharing enough words with one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from prefactor.data.question_set import Question
from prefactor.errors import SettingError
from prefactor.graders.base import Grader
from prefactor.graders.normalise import words_of, words_parted

__all__ = ["make_contains", "make_exact", "make_overlap", "token_f1"]

THRESHOLD: Final = 0.5
"""Token F1 from which an answer counts as right, where the user names no other."""


@dataclass(frozen=True)
class _Exact:
    """Right where the answer is a wording of the key, after normalisation."""

    name: str = "exact"
    label: str = "is a wording of the key, after normalisation"

    def grade(self, text: str, question: Question) -> bool | None:
        """Return whether the words are the same, punctuation taken out or made a space; None without a key."""
        if not question.key:
            return None
        return any(words(text) == words(wording) for words in (words_of, words_parted) for wording in question.key)


@dataclass(frozen=True)
class _Contains:
    """Right where a wording of the key stands in the answer, word by word."""

    name: str = "contains"
    label: str = "contains a wording of the key"

    def grade(self, text: str, question: Question) -> bool | None:
        """Return whether the words of a wording stand in the answer in their order; None without a key."""
        if not question.key:
            return None
        return any(
            _within(words(wording), words(text)) for words in (words_of, words_parted) for wording in question.key
        )


@dataclass(frozen=True)
class _Overlap:
    """Right where the token F1 with a wording of the key reaches a threshold."""

    threshold: float
    name: str
    label: str = "shares enough words with a wording of the key"

    def grade(self, text: str, question: Question) -> bool | None:
        """Return whether the largest F1 reaches the threshold; None without a key."""
        if not question.key:
            return None
        return max(token_f1(text, wording) for wording in question.key) >= self.threshold


def token_f1(text: str, wording: str) -> float:
    """F1 of the words of an answer against those of a wording of the key (arXiv 1606.05250).

    Returns
    -------
    float
        In [0, 1]: the harmonic mean of the shares of either text's words that the other has too.

    Examples
    --------
    >>> round(token_f1("It was the painter Claude Monet", "Claude Monet"), 3)
    0.571
    """
    first, second = words_of(text), words_of(wording)
    shared = (Counter(first) & Counter(second)).total()
    return 2 * shared / (len(first) + len(second)) if shared else 0.0


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    if not part:
        return False
    return any(whole[place : place + len(part)] == part for place in range(len(whole) - len(part) + 1))


def make_exact(setting: str = "") -> Grader:  # noqa: ARG001  (every maker takes a setting)
    """Return the grader by sameness."""
    return _Exact()


def make_contains(setting: str = "") -> Grader:  # noqa: ARG001  (every maker takes a setting)
    """Return the grader by containment."""
    return _Contains()


def make_overlap(setting: str = "") -> Grader:
    """Return the grader by token F1; the setting is its threshold, 0.5 where there is none.

    Raises
    ------
    SettingError
        The threshold is no number in (0, 1].
    """
    try:
        threshold = float(setting or THRESHOLD)
    except ValueError:
        threshold = 0.0
    if not 0 < threshold <= 1:
        raise SettingError("grader f1", expected="a threshold in (0, 1], such as f1:0.5", got=setting)
    return _Overlap(threshold, f"f1:{threshold:g}")
