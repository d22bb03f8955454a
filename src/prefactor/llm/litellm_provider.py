"""Models that LiteLLM reaches (Bedrock, Vertex and others), through its own client; needs the extra ``litellm``."""

import os
from typing import Any

import orjson

from prefactor._optional import load_optional
from prefactor.errors import CallError
from prefactor.llm.keys import Key
from prefactor.llm.openai_compatible import read_reply, request_fields
from prefactor.llm.providers import ProviderOptions
from prefactor.llm.records import Reply, Request
from prefactor.llm.shapes import read_json

__all__ = ["LiteLLM", "litellm_provider"]

_STATUSES = {
    400: ("bad request", False),
    401: ("refused key", False),
    403: ("refused key", False),
    404: ("not found", False),
    408: ("timeout", True),
    422: ("bad request", False),
    429: ("rate limit", True),
}


class LiteLLM:
    """Models by their LiteLLM names, such as ``bedrock/anthropic.claude-sonnet``.

    LiteLLM finds keys and places in the environment by itself; its own retries are off, as calls are tried again here.

    Parameters
    ----------
    base_url
        Address of a server of the user's own; empty for the provider's.
    key_variable
        Environment variable that holds the key; empty for LiteLLM's own.

    Raises
    ------
    MissingExtraError
        LiteLLM is not installed.
    """

    def __init__(self, base_url: str = "", *, key_variable: str = "") -> None:
        # Without this, importing LiteLLM fetches a table of prices from the network.
        os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        self._client: Any = load_optional("litellm", feature="the provider litellm", extra="litellm")
        self._client.suppress_debug_info = True  # or it prints advice into the terminal at every failure
        self.base_url = base_url
        self.identity = f"litellm:{base_url}"
        self._key = Key(key_variable)

    async def ask(self, request: Request) -> Reply:
        """Make one call, once.

        Raises
        ------
        CallError
            There is no reply.
        """
        fields = request_fields(request)
        if self.base_url:
            fields["api_base"] = self.base_url
        key = self._key.read()
        if key:
            fields["api_key"] = key
        ask = self._client.atext_completion if request.prompt else self._client.acompletion
        try:
            answer = await ask(**fields, num_retries=0, max_retries=0)
        except Exception as error:  # noqa: BLE001 -- whatever a hundred clients raise is a failure of this one call
            raise self._failure(error) from None
        return read_reply(read_json(self._key.scrub(orjson.dumps(answer.model_dump(mode="json")))))

    def _failure(self, error: Exception) -> CallError:
        status = getattr(error, "status_code", None)
        kind, retryable = _STATUSES.get(status or 500, ("overload", True))
        said = self._key.scrub(str(error).encode()).decode()[:300]
        what = f"{type(error).__name__}: {said}" if kind != "refused key" else f"LiteLLM: {type(error).__name__}"
        return CallError(kind, what, retryable=retryable, maybe_paid=kind in {"timeout", "overload"})

    async def close(self) -> None:
        """Close the connections that LiteLLM has opened."""
        await self._client.close_litellm_async_clients()


def litellm_provider(options: ProviderOptions) -> LiteLLM:
    """Return the provider for LiteLLM, as the options say.

    Raises
    ------
    MissingExtraError
        LiteLLM is not installed.
    """
    return LiteLLM(options.base_url, key_variable=options.key_variable)
