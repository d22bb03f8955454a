"""Fences: lines around a text of unknown origin that nothing inside the text can close.

Every line bears a mark made from the texts themselves that occurs in none of them. Knows no prompt.
"""

from collections.abc import Sequence
from hashlib import blake2b

__all__ = ["enclosed", "mark_for"]


def mark_for(texts: Sequence[str]) -> str:
    """Return a mark of 16 hexadecimal digits that occurs in none of the texts.

    It is a hash of all of them: the same texts have the same mark, so that a call can be found again, and whoever
    writes one of the texts would have to hash his own text, mark included, together with texts he does not know.

    Examples
    --------
    >>> mark = mark_for(["What is tea?", "A drink.", "A leaf."])
    >>> mark == mark_for(["What is tea?", "A drink.", "A leaf."]), mark == mark_for(["What is tea?", "A drink.", mark])
    (True, False)
    """
    folded = [text.casefold() for text in texts]
    digest = blake2b(digest_size=8)
    for text in texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    attempt = 0
    while True:
        mark = blake2b(digest.digest() + attempt.to_bytes(8, "little"), digest_size=8).hexdigest()
        if not any(mark in text for text in folded):
            return mark
        attempt += 1


def enclosed(text: str, *, label: str, mark: str = "") -> str:
    r"""Return a text between two lines that say what it is; without a mark, anything inside may forge them.

    Examples
    --------
    >>> enclosed("A leaf.", label="answer B", mark="0f3a")
    '----- answer B begins, mark 0f3a -----\nA leaf.\n----- answer B ends, mark 0f3a -----'
    """
    bears = f", mark {mark}" if mark else ""
    return f"----- {label} begins{bears} -----\n{text}\n----- {label} ends{bears} -----"
