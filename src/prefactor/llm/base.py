"""What a provider of language models must do."""

from typing import Protocol

from prefactor.llm.records import Reply, Request

__all__ = ["Provider"]


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
