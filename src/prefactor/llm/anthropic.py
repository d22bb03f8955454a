"""Anthropic's messages API. Knows what is sent and how an answer is read; connections are ``http``'s.

It gives no log-probabilities and continues no plain text: a request for either is refused before it is sent.
"""

from typing import Any, Final

import orjson

from prefactor.errors import CallError
from prefactor.llm.exchange import KeyedServer
from prefactor.llm.http import Timeouts
from prefactor.llm.providers import ProviderOptions
from prefactor.llm.records import Reply, Request, Usage
from prefactor.llm.shapes import Wire, merge_extra, read_json, read_object

__all__ = ["Anthropic", "anthropic_provider"]

_ANTHROPIC: Final = "https://api.anthropic.com/v1"
_VERSION: Final = "2023-06-01"

_FINISHES: Final = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}


class Anthropic:
    """Models of Anthropic.

    Parameters
    ----------
    base_url
        Address up to the version; empty for Anthropic's own.
    key_variable
        Environment variable that holds the key.
    timeouts
        How long to wait.

    Raises
    ------
    SettingError
        The address cannot be used.

    Examples
    --------
    >>> Anthropic().identity
    'anthropic:https://api.anthropic.com/v1'
    """

    def __init__(
        self, base_url: str = "", *, key_variable: str = "ANTHROPIC_API_KEY", timeouts: Timeouts | None = None
    ) -> None:
        self._server = KeyedServer(
            base_url or _ANTHROPIC,
            key_variable=key_variable or "ANTHROPIC_API_KEY",
            key_header="x-api-key",
            headers={"anthropic-version": _VERSION},
            timeouts=timeouts,
        )
        self.base_url = self._server.base_url
        self.identity = f"anthropic:{self.base_url}"

    def __repr__(self) -> str:
        return f"Anthropic({self.base_url!r})"

    async def ask(self, request: Request) -> Reply:
        """Make one call, once.

        Raises
        ------
        CallError
            There is no reply.
        SettingError
            The request's own extra fields, or its schema, cannot be sent.
        """
        return _read_reply(read_json(await self._server.post("/messages", orjson.dumps(_request_fields(request)))))

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()


def anthropic_provider(options: ProviderOptions) -> Anthropic:
    """Return the provider for Anthropic, as the options say.

    Raises
    ------
    SettingError
        Its address cannot be used.
    """
    return Anthropic(options.base_url, key_variable=options.key_variable)


def _request_fields(request: Request) -> dict[str, Any]:
    if request.prompt or request.top_logprobs:
        wanted = "plain text to continue" if request.prompt else "log-probabilities"
        raise CallError("bad request", f"Anthropic's API knows no {wanted}", retryable=False)
    sampling = request.sampling
    chat = [{"role": each.role, "content": each.content} for each in request.messages if each.role != "system"]
    fields: dict[str, Any] = {
        "model": request.model,
        "messages": chat,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
    }
    system = "\n\n".join(each.content for each in request.messages if each.role == "system")
    if system:
        fields["system"] = system
    if sampling.top_p is not None:
        fields["top_p"] = sampling.top_p
    if sampling.stop:
        fields["stop_sequences"] = list(sampling.stop)
    if request.schema:
        schema = read_object("schema of a reply", request.schema)
        fields["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return merge_extra(fields, request.extra)


def _read_reply(wire: Wire) -> Reply:
    parts = wire.objects("content")
    text = "".join(part.take("text", str) for part in parts if part.fields.get("type") == "text")
    said = wire.take("stop_reason", str)
    usage = wire.inner("usage")
    cached = usage.take_or("cache_read_input_tokens", 0)
    # What the server read from its own cache, or put there, is not in input_tokens.
    read = usage.take("input_tokens", int) + cached + usage.take_or("cache_creation_input_tokens", 0)
    counted = Usage(read, usage.take("output_tokens", int), cached)
    return Reply(text, _FINISHES.get(said, said), usage=counted, model=wire.take_or("model", ""))
