"""Any server that speaks OpenAI's protocol, chat or completions: OpenAI's own, vLLM, llama.cpp, Ollama and others.

Knows what is sent and how an answer is read; connections are ``http``'s.
"""

from typing import Any, Final

import orjson

from prefactor.llm.exchange import KeyedServer
from prefactor.llm.http import Timeouts
from prefactor.llm.providers import ProviderOptions
from prefactor.llm.records import Reply, Request, TokenChoice, Usage
from prefactor.llm.shapes import Wire, merge_extra, read_json, read_object, unreadable

__all__ = ["OpenAICompatible", "endpoint_of", "openai_provider", "read_reply", "request_fields"]

_OPENAI: Final = "https://api.openai.com/v1"

_FINISHES: Final = {"stop": "stop", "eos": "stop", "length": "length", "content_filter": "refusal"}

_ABOVE_ZERO: Final = 1e-3
"""How far above 0 rounding may bring a log-probability."""


class OpenAICompatible:
    """A server that speaks OpenAI's protocol.

    Parameters
    ----------
    base_url
        Its address up to the version, such as ``http://localhost:8000/v1``.
    key_variable
        Environment variable that holds the key; where it is not set, no key is sent.
    timeouts
        How long to wait.

    Raises
    ------
    SettingError
        The address cannot be used.

    Examples
    --------
    >>> OpenAICompatible("http://localhost:8000/v1/").identity
    'openai:http://localhost:8000/v1'
    """

    def __init__(
        self, base_url: str = _OPENAI, *, key_variable: str = "OPENAI_API_KEY", timeouts: Timeouts | None = None
    ) -> None:
        self._server = KeyedServer(
            base_url or _OPENAI, key_variable=key_variable or "OPENAI_API_KEY", timeouts=timeouts
        )
        self.base_url = self._server.base_url
        self.identity = f"openai:{self.base_url}"

    def __repr__(self) -> str:
        return f"OpenAICompatible({self.base_url!r})"

    async def ask(self, request: Request) -> Reply:
        """Make one call, once.

        Raises
        ------
        CallError
            There is no reply.
        SettingError
            The request's own extra fields cannot be sent.
        """
        body = orjson.dumps(request_fields(request, for_openai=self.base_url == _OPENAI))
        return read_reply(read_json(await self._server.post(endpoint_of(request), body)))

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()


def openai_provider(options: ProviderOptions) -> OpenAICompatible:
    """Return the provider for a server that speaks OpenAI's protocol, as the options say.

    Raises
    ------
    SettingError
        Its address cannot be used.
    """
    return OpenAICompatible(options.base_url, key_variable=options.key_variable)


def endpoint_of(request: Request) -> str:
    """Return the path below the base address: completions for plain text, chat for messages."""
    return "/completions" if request.prompt else "/chat/completions"


def request_fields(request: Request, *, for_openai: bool = False) -> dict[str, Any]:
    """Return what is sent.

    Parameters
    ----------
    request
        The call.
    for_openai
        Whether the server is OpenAI's own, whose newer models know the most tokens of a reply by another name.

    Raises
    ------
    SettingError
        The request's own extra fields, or its schema, are no JSON object.

    Examples
    --------
    >>> request_fields(Request("tiny", prompt="A or B?", top_logprobs=5))["logprobs"]
    5
    """
    sampling = request.sampling
    limit = "max_completion_tokens" if for_openai and not request.prompt else "max_tokens"
    fields: dict[str, Any] = {"model": request.model, "temperature": sampling.temperature, limit: sampling.max_tokens}
    if request.prompt:
        fields["prompt"] = request.prompt
    else:
        fields["messages"] = [{"role": each.role, "content": each.content} for each in request.messages]
    if sampling.top_p is not None:
        fields["top_p"] = sampling.top_p
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    if request.top_logprobs and request.prompt:
        fields["logprobs"] = request.top_logprobs
    elif request.top_logprobs:
        fields.update(logprobs=True, top_logprobs=request.top_logprobs)
    if request.schema:
        schema = {"name": "reply", "strict": True, "schema": read_object("schema of a reply", request.schema)}
        fields["response_format"] = {"type": "json_schema", "json_schema": schema}
    return merge_extra(fields, request.extra)


def read_reply(wire: Wire) -> Reply:
    """Return the reply that a server's answer holds.

    Raises
    ------
    CallError
        It is not of the expected shape, holds an error, or no choice.
    """
    if wire.fields.get("error") and not wire.fields.get("choices"):
        raise unreadable("body", expected="choices", got=wire.fields["error"], retryable=True)
    choices = wire.objects("choices")
    if not choices:
        raise unreadable("choices", expected="at least one choice", got=[], retryable=True)
    choice = choices[0]
    said = choice.take_or("finish_reason", "stop")
    finish = _FINISHES.get(said, said)
    if choice.fields.get("text") is None:
        text, finish = _message_text(choice.inner("message"), finish)
    else:
        text = choice.take("text", str)
    return Reply(text, finish, _token_choices(choice), _usage(wire), wire.take_or("model", ""))


def _message_text(message: Wire, finish: str) -> tuple[str, str]:
    """Text of a message and why it ends: a refusal may stand in a field of its own."""
    content = message.fields.get("content")
    refusal = message.take_or("refusal", "")
    if refusal:
        return refusal, "refusal"
    if isinstance(content, list):
        parts = (part for part in message.objects("content") if part.fields.get("type") == "text")
        return "".join(part.take("text", str) for part in parts), finish
    if content is None and finish in {"length", "refusal"}:
        return "", finish
    return message.take("content", str), finish


def _usage(wire: Wire) -> Usage:
    usage = wire.inner_or_empty("usage")
    cached = usage.inner_or_empty("prompt_tokens_details").take_or("cached_tokens", 0)
    return Usage(usage.take_or("prompt_tokens", 0), usage.take_or("completion_tokens", 0), cached)


def _token_choices(choice: Wire) -> tuple[TokenChoice, ...]:
    logprobs = choice.inner_or_empty("logprobs")
    if logprobs.fields.get("content") is not None:
        return tuple(_chat_token(token) for token in logprobs.objects("content"))
    if logprobs.fields.get("tokens") is not None:
        return _completion_tokens(logprobs)
    return ()


def _chat_token(token: Wire) -> TokenChoice:
    others = token.objects("top_logprobs") if token.fields.get("top_logprobs") is not None else []
    alternatives = [(each.take("token", str), _logprob(each, "logprob")) for each in others]
    return TokenChoice(token.take("token", str), _logprob(token, "logprob"), _ranked(alternatives))


def _completion_tokens(logprobs: Wire) -> tuple[TokenChoice, ...]:
    """Tokens of the completions endpoint: three lists side by side.

    With ``echo`` the prompt's tokens come first; the very first follows nothing, has no log-probability, and is left
    out.
    """
    texts, values = logprobs.take("tokens", list), logprobs.take("token_logprobs", list)
    tops = logprobs.take_or("top_logprobs", [None] * len(texts))
    if not len(texts) == len(values) == len(tops):
        got = f"{len(texts)}, {len(values)} and {len(tops)}"
        raise unreadable(f"{logprobs.path}tokens", expected="three lists of one length", got=got)
    found = []
    for place, (text, value, top) in enumerate(zip(texts, values, tops, strict=True)):
        if value is None and place == 0:
            continue
        here = Wire({"token": text, "logprob": value, "top": top}, f"{logprobs.path}[{place}].")
        others = here.inner_or_empty("top")
        ranked = _ranked([(other, _logprob(others, other)) for other in others.fields])
        found.append(TokenChoice(here.take("token", str), _logprob(here, "logprob"), ranked))
    return tuple(found)


def _logprob(wire: Wire, name: str) -> float:
    value = wire.number(name)
    if value > _ABOVE_ZERO:
        raise unreadable(f"{wire.path}{name}", expected="a log-probability of at most 0", got=value)
    return min(value, 0.0)


def _ranked(alternatives: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(alternatives, key=lambda one: -one[1]))
