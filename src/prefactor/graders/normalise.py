"""Texts of answers made comparable, as the datasets' own scoring does it: case, punctuation, articles and spaces.

Knows no question and no grader.
"""

import re
from functools import lru_cache
from typing import Final

__all__ = ["words_of", "words_parted"]

CACHED: Final = 1 << 16
"""Texts whose words are kept: every answer to a question is compared with the same wordings of its key."""

_QUOTES: Final = "\u2018\u2019\u201c\u201d\u00b4`"
_PUNCTUATION: Final = re.compile(rf"[!-/:-@\[-`{{-~{_QUOTES}\u2010-\u2015\u2026]")
_ARTICLES: Final = frozenset({"a", "an", "the"})


@lru_cache(maxsize=CACHED)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, punctuation taken out: the normalisation of SQuAD (arXiv 1606.05250).

    Lower case, no punctuation, no articles, single spaces. A text of nothing but these keeps its lower-case words.

    Examples
    --------
    >>> words_of("The U.S. Army"), words_of("the")
    (('us', 'army'), ('the',))
    """
    return _without_articles(_PUNCTUATION.sub("", text.lower()).split(), text)


@lru_cache(maxsize=CACHED)
def words_parted(text: str) -> tuple[str, ...]:
    """Return the words of a text, punctuation being a space: the normalisation of TriviaQA (arXiv 1705.03551).

    Examples
    --------
    >>> words_parted("Rock-n-Roll"), words_parted("The Beatles'")
    (('rock', 'n', 'roll'), ('beatles',))
    """
    return _without_articles(_PUNCTUATION.sub(" ", text.lower()).split(), text)


def _without_articles(words: list[str], text: str) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _ARTICLES) or tuple(words) or tuple(text.lower().split())
