"""Reward models as judges: every answer gets one score by itself, and two scores make a preference.

Equal requests are asked once, so an answer that is in many comparisons is scored once. Knows no provider.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal

from prefactor.data.preference import preference_from_scores
from prefactor.data.records import Message as Said
from prefactor.errors import CallError
from prefactor.llm.records import Message, Reply, Request, Sampling

__all__ = ["RULES", "Rule", "reward_of", "reward_preference", "reward_request"]

Rule = Literal["Bradley-Terry", "sign"]
RULES: Final[tuple[Rule, ...]] = ("Bradley-Terry", "sign")
"""How two scores make a preference: as a probability, or by the higher one alone."""


def reward_request(
    model: str, prompt: str, *, response: str, system: str | None = None, conversation: Sequence[Said] | None = None
) -> Request:
    """Return the call that scores one answer.

    Texts go as messages of a chat, each in its place: there is no prompt of a judge, and nothing to fence.

    Parameters
    ----------
    model
        The reward model: a folder, or its name on a server.
    prompt
        What was asked.
    response
        The answer.
    system
        System prompt, where there is one.
    conversation
        The messages before the answer, where the prompt is more than one of the user.

    Examples
    --------
    >>> [each.role for each in reward_request("rm", "Why?", response="So.").messages]
    ['user', 'assistant']
    """
    roles: dict[str, Literal["system", "user", "assistant"]] = {
        "system": "system", "user": "user", "assistant": "assistant",
    }  # fmt: skip
    before = [Message(roles.get(each.role, "user"), each.content) for each in conversation or (Said("user", prompt),)]
    if system and before[0].role != "system":
        before.insert(0, Message("system", system))
    messages = (*before, Message("assistant", response))
    return Request(model, messages, sampling=Sampling(max_tokens=1), wants="score")


def reward_of(reply: Reply) -> float:
    """Return the score that a reply holds.

    Raises
    ------
    CallError
        It is no finite number.

    Examples
    --------
    >>> reward_of(Reply("-1.25"))
    -1.25
    """
    try:
        score = float(reply.text)
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise CallError("unreadable reply", f"expected a score, got {reply.text[:80]!r}", retryable=False)
    return score


def reward_preference(score_a: float, score_b: float, *, rule: Rule = "Bradley-Terry") -> float:
    """Return P(A preferred) that two scores of one reward model imply.

    Parameters
    ----------
    score_a, score_b
        Scores of the two answers.
    rule
        ``"Bradley-Terry"``: sigmoid(score_a - score_b), which is what reward models are trained by (Bradley and Terry
        1952, doi:10.2307/2334029); ``"sign"``: 1, 0, or 0.5 where the scores are equal.

    Raises
    ------
    ValueError
        A score is not a finite number.

    Examples
    --------
    >>> round(reward_preference(1.5, 0.5), 3), reward_preference(1.5, 0.5, rule="sign")
    (0.731, 1.0)
    """
    sign = preference_from_scores(score_a, score_b)
    if rule == "sign":
        return sign
    share = 1 / (1 + math.exp(-abs(score_a - score_b)))
    return share if score_a >= score_b else 1 - share
