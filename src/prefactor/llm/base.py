"""What a provider of language models must do."""

from typing import Protocol, runtime_checkable

from prefactor.llm.records import Reply, Request

__all__ = ["Gathering", "Provider", "Scoring"]


class Provider(Protocol):
    """A way to reach models.

    Attributes
    ----------
    identity
        What tells this provider's answers from those of another: its kind and where it is, without any key. Part of
        the key under which replies are kept.
    """

    @property
    def identity(self) -> str:
        """Kind and place, without any key."""
        ...

    async def ask(self, request: Request) -> Reply:
        """Make one call, once.

        Raises
        ------
        CallError
            There is no reply: what kind of failure it is, and whether trying again may help.
        """
        ...

    async def close(self) -> None:
        """Let go of connections and memory."""
        ...


@runtime_checkable
class Gathering(Protocol):
    """What a provider has that computes requests together, in this process.

    Attributes
    ----------
    at_once
        How many requests it gathers; so many are in flight from the start.
    """

    at_once: int

    def identity_of(self, model: str) -> str:
        """Return the identity with what tells the model from another one under the same name."""
        ...


@runtime_checkable
class Scoring(Protocol):
    """What a provider has that gives scores: requests whose ``wants`` is ``"score"``.

    Attributes
    ----------
    scores
        True.
    """

    scores: bool
