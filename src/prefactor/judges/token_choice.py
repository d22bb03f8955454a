"""Preferences from the probabilities of the tokens A and B at the beginning of a reply (arXiv 2402.11296).

P(first preferred) = P(A) / (P(A) + P(B)), over all spellings of the two letters among the alternatives that the server
lists. Knows nothing of the second order; the analysis averages the two in log-odds.
"""

from collections.abc import Iterable
from math import exp, inf, log
from typing import Final

from prefactor.judges.base import Found
from prefactor.judges.judge_file import JudgeFile
from prefactor.judges.replies import nothing_in
from prefactor.llm.records import Reply, TokenChoice

__all__ = ["ALTERNATIVES", "PARSER", "log_odds_of"]

ALTERNATIVES: Final = 20
"""How many alternatives are asked for: the most that hosted servers list."""

_MARGINS: Final = " \t\n\r\u2581\u0120\"'*([`"
"""What tokens have around a letter: spaces, the marks tokenizers write for them, quotes."""


def log_odds_of(choice: TokenChoice) -> float | None:
    """Return log P(A) - log P(B) of one token, or None where neither letter is among its alternatives.

    A letter that is not listed has at most the probability of the least probable one that is; it is given that, so that
    the odds are never called longer than they are known to be.

    Examples
    --------
    >>> round(log_odds_of(TokenChoice("A", -0.1, (("A", -0.1), (" B", -2.4), ("The", -5.0)))), 6)
    2.3
    >>> log_odds_of(TokenChoice("The", -0.1, (("The", -0.1),))) is None
    True
    """
    listed = choice.alternatives or ((choice.token, choice.logprob),)
    letters = {side: _sum(value for token, value in listed if token.strip(_MARGINS) == side) for side in "AB"}
    if letters["A"] == letters["B"] == -inf:
        return None
    least = min(value for _, value in listed)
    a, b = (value if value > -inf else least for value in (letters["A"], letters["B"]))
    return a - b


def _sum(logarithms: Iterable[float]) -> float:
    values = list(logarithms)
    most = max(values, default=-inf)
    return most if most == -inf else most + log(sum(exp(value - most) for value in values))


class _TokenParser:
    """Reads log-probabilities of the first token."""

    top_logprobs = ALTERNATIVES

    def schema(self, file: JudgeFile) -> str:  # noqa: ARG002  (the signature of Parser)
        """Return no schema: the reply is a letter."""
        return ""

    def read(self, reply: Reply, file: JudgeFile) -> Found:  # noqa: ARG002  (the signature of Parser)
        """Find P(first preferred) at the first token that is no mere space."""
        choice = next((token for token in reply.tokens if token.token.strip(_MARGINS) or _letters(token)), None)
        if choice is None:
            said = "no log-probabilities" if not reply.tokens else "no token but spaces"
            return Found(None, "unreadable", f"{said}; the text: {nothing_in(reply, reply.text).said}")
        odds = log_odds_of(choice)
        if odds is None:
            return Found(None, "unreadable", f"neither A nor B among the alternatives of {choice.token!r}")
        share = 1 / (1 + exp(-abs(odds)))
        return Found(share if odds >= 0 else 1 - share)


def _letters(choice: TokenChoice) -> bool:
    return log_odds_of(choice) is not None


PARSER: Final = _TokenParser()
