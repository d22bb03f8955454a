"""One verdict of a reply, or why there is none. Knows no form of verdict."""

from prefactor.asking.replies import excerpt, why_no_answer
from prefactor.judges.base import Found
from prefactor.llm.records import Reply

__all__ = ["nothing_in", "settled"]


def settled(values: list[float], text: str) -> Found:
    """Return the one value that was found, or the contradiction between several.

    Examples
    --------
    >>> settled([1.0, 1.0], "[[A]] [[A]]").value, settled([1.0, 0.0], "[[A]] [[B]]").problem
    (1.0, 'contradiction')
    """
    if len(set(values)) == 1:
        return Found(values[0])
    return Found(None, "contradiction", excerpt(text))


def nothing_in(reply: Reply, text: str) -> Found:
    """Say why there is no verdict in a reply: cut off, refused, or not to be read.

    Examples
    --------
    >>> nothing_in(Reply("I cannot judge this."), "I cannot judge this.").problem
    'refusal'
    """
    return Found(None, why_no_answer(reply, text), excerpt(text) or "an empty answer")
