"""Asking a provider many requests: every one ends in a reply or in a named failure."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from prefactor.errors import CallError
from prefactor.llm.base import Provider
from prefactor.llm.records import Reply, Request
from prefactor.runtime.progress import Progress, silent

__all__ = ["Asked", "ask_all"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one request.

    Parameters
    ----------
    reply
        The answer; None where there is none.
    failure
        Why there is none, in words without any key; empty where there is one.
    cached
        Whether the answer was there before.
    """

    reply: Reply | None
    failure: str = ""
    cached: bool = False


def ask_all(provider: Provider, requests: Sequence[Request], *, progress: Progress = silent) -> tuple[Asked, ...]:
    """Ask every request and return what became of each, in order.

    Parameters
    ----------
    provider
        Who is asked.
    requests
        What is asked; equal requests are asked once.
    progress
        Told how many are done.
    """

    async def ask_each() -> dict[Request, Asked]:
        found: dict[Request, Asked] = {}
        for request in requests:
            if request not in found:
                try:
                    found[request] = Asked(await provider.ask(request))
                except CallError as error:
                    found[request] = Asked(None, str(error))
            progress("asking", len(found), len(requests))
        return found

    answers = asyncio.run(ask_each())
    return tuple(answers[request] for request in requests)
