"""A model whose answers are written down beforehand: for tests, and to rehearse a study without spending."""

from collections import Counter
from collections.abc import Callable

from prefactor.llm.records import Reply, Request, Usage

__all__ = ["ScriptedProvider"]


class ScriptedProvider:
    """Answers by a function of the request.

    Parameters
    ----------
    answer
        Gives a reply, the text of one, or raises :class:`prefactor.errors.CallError`.
    name
        Part of its identity.

    Attributes
    ----------
    calls
        How often each request was asked.
    scores
        True: a script may give rewards.

    Examples
    --------
    >>> import asyncio
    >>> provider = ScriptedProvider(lambda request: "A")
    >>> asyncio.run(provider.ask(Request("any"))).text
    'A'
    """

    scores = True

    def __init__(self, answer: Callable[[Request], Reply | str], *, name: str = "scripted") -> None:
        self._answer = answer
        self.identity = f"scripted:{name}"
        self.calls: Counter[Request] = Counter()

    async def ask(self, request: Request) -> Reply:
        """Answer by the script.

        Raises
        ------
        CallError
            The script says so.
        """
        self.calls[request] += 1
        found = self._answer(request)
        if isinstance(found, Reply):
            return found
        size = sum(len(message.content) for message in request.messages) + len(request.prompt)
        return Reply(
            found, usage=Usage(input_tokens=size // 4 + 1, output_tokens=len(found) // 4 + 1), model=request.model
        )

    async def close(self) -> None:
        """Nothing to let go of."""
