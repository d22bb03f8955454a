"""Texts continued by a model in memory, token by token: the most probable token, or one drawn by a seed of its own.

What a sequence is continued with depends on no other sequence beside it. Knows token ids, no request.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from prefactor._typing import IntArray
from prefactor.llm.local_model import LocalModel, Logits
from prefactor.llm.prefixes import batches_by_length
from prefactor.llm.records import Sampling

__all__ = ["Continued", "Wish", "continue_all", "first_tokens"]

_ROWS: Final = 64
"""Most sequences that are continued together."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One sequence and how it is to be continued.

    Parameters
    ----------
    tokens
        Its token ids.
    sampling
        How tokens are chosen, and how many.
    seed
        Of the draws.
    alternatives
        How many alternatives of each token are wanted.
    """

    tokens: IntArray
    sampling: Sampling
    seed: int = 0
    alternatives: int = 0


@dataclass(slots=True)
class Continued:
    """What a sequence is continued with.

    Parameters
    ----------
    tokens, logprobs
        Token ids and their log-probabilities, the end-of-text token left out.
    alternatives
        For each token the most probable ones in its place, with their log-probabilities.
    finish
        ``"stop"``, or ``"length"`` where it was cut off.
    """

    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    alternatives: list[list[tuple[int, float]]] = field(default_factory=list)
    finish: str = "length"


Stops = Callable[[Sequence[int], Sampling], bool]
"""Says whether the text of some tokens holds one of the texts that end a reply."""


@dataclass(slots=True)
class _Row:
    """A sequence that is being continued."""

    place: int
    wish: Wish
    draws: np.random.Generator
    made: Continued

    def take(self, logits: Logits, number: int, best: tuple[NDArray[np.int64], NDArray[np.float64]]) -> int:
        """Choose the next token of this row and note it."""
        tokens, values = best[0][number], best[1][number]
        token, logprob = int(tokens[0]), float(values[0])
        if self.wish.sampling.temperature > 0:
            token, logprob = _drawn(logits.row(number), self.wish.sampling, self.draws)
        count = self.wish.alternatives
        self.made.tokens.append(token)
        self.made.logprobs.append(logprob)
        self.made.alternatives.append(list(zip(tokens[:count].tolist(), values[:count].tolist(), strict=True)))
        return token


def first_tokens(model: LocalModel, wishes: Sequence[Wish], *, ends: frozenset[int]) -> Iterator[tuple[int, Continued]]:
    """Yield each place with the one token that follows: nothing is generated, each sequence is read once.

    Parameters
    ----------
    model
        Which model.
    wishes
        What is continued.
    ends
        Tokens that end a text.
    """
    most = max((wish.alternatives for wish in wishes), default=0)
    for places, logits in model.next_tokens([wish.tokens for wish in wishes]):
        best = logits.best(max(1, most))
        for number, place in enumerate(places):
            row = _row(place, wishes[place])
            row.made.finish = "stop" if row.take(logits, number, best) in ends else "length"
            yield place, row.made


def continue_all(
    model: LocalModel, wishes: Sequence[Wish], *, ends: frozenset[int], stops: Stops
) -> Iterator[tuple[int, Continued]]:
    """Yield each place with what its sequence is continued with, as soon as it has ended.

    Parameters
    ----------
    model
        Which model.
    wishes
        What is continued.
    ends
        Tokens that end a text.
    stops
        Whether some tokens hold a text that ends a reply.
    """
    sizes = [len(wish.tokens) + wish.sampling.max_tokens for wish in wishes]
    for part in batches_by_length(sizes, tokens=model.tokens * 4):
        for start in range(0, len(part), _ROWS):
            rows = [_row(place, wishes[place]) for place in part[start : start + _ROWS]]
            yield from _together(model, rows, ends, stops)


def _row(place: int, wish: Wish) -> _Row:
    return _Row(place, wish, np.random.default_rng(wish.seed), Continued())


def _together(
    model: LocalModel, rows: list[_Row], ends: frozenset[int], stops: Stops
) -> Iterator[tuple[int, Continued]]:
    logits, mask = model.begin([row.wish.tokens for row in rows])
    while True:
        best = logits.best(max(1, *(row.wish.alternatives for row in rows)))
        tokens = np.array([row.take(logits, number, best) for number, row in enumerate(rows)])
        left = [number for number, row in enumerate(rows) if not _ended(row, ends, stops)]
        kept = set(left)
        yield from ((row.place, row.made) for number, row in enumerate(rows) if number not in kept)
        if not left:
            return
        if len(left) < len(rows):
            chosen = np.array(left)
            logits, mask, tokens = model.keep(logits, chosen), mask[chosen], tokens[chosen]
            rows = [rows[number] for number in left]
        mask = np.hstack([mask, np.ones((len(rows), 1), dtype=np.int64)])
        logits = model.follow(logits, tokens, mask=mask)


def _ended(row: _Row, ends: frozenset[int], stops: Stops) -> bool:
    made, sampling = row.made, row.wish.sampling
    if made.tokens[-1] in ends:
        for each in (made.tokens, made.logprobs, made.alternatives):
            each.pop()
        made.finish = "stop"
        return True
    if sampling.stop and stops(made.tokens, sampling):
        made.finish = "stop"
        return True
    return len(made.tokens) >= sampling.max_tokens


def _drawn(logprobs: NDArray[np.float64], sampling: Sampling, draws: np.random.Generator) -> tuple[int, float]:
    """Draw a token by temperature and top_p; its log-probability is that of the model, before both."""
    scaled = logprobs / sampling.temperature
    shares = np.exp(scaled - scaled.max())
    order = np.argsort(-shares, kind="stable")
    mass = np.cumsum(shares[order] / shares.sum())
    if sampling.top_p is not None:
        mass = mass[: int(np.searchsorted(mass, sampling.top_p)) + 1]
    token = int(order[min(int(np.searchsorted(mass, draws.random() * mass[-1], side="right")), len(mass) - 1)])
    return token, float(logprobs[token])
