"""A reward model behind a server: vLLM's endpoints that take a chat, or two texts, and return a number.

Knows what is sent and how an answer is read; connections are ``http``'s.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from prefactor.errors import CallError, UnknownNameError
from prefactor.llm.exchange import KeyedServer
from prefactor.llm.http import Timeouts, clean_base_url
from prefactor.llm.providers import ProviderOptions
from prefactor.llm.records import Reply, Request, Usage
from prefactor.llm.shapes import Wire, merge_extra, read_json, unreadable

__all__ = ["ENDPOINTS", "RewardServer", "reward_server_provider"]

ENDPOINTS: Final = ("classify", "pooling", "score")
"""``classify``: a chat through a classification head. ``pooling``: a chat through a pooler, the last token's number.
``score``: two texts, what was asked and the answer."""

_LOCAL: Final = "http://localhost:8000"


class RewardServer:
    """A server that scores answers, such as ``vllm serve MODEL`` with a reward model.

    Scores are taken before any activation, so that they are on the model's own scale.

    Parameters
    ----------
    base_url
        Its address; empty for vLLM's usual one on this machine. A ``/v1`` at the end is left out.
    endpoint
        One of :data:`ENDPOINTS`.
    key_variable
        Environment variable that holds the key; where it is not set, no key is sent.
    timeouts
        How long to wait.

    Attributes
    ----------
    scores
        True: rewards can be asked for.

    Raises
    ------
    SettingError
        The address cannot be used.
    UnknownNameError
        There is no such endpoint.

    Examples
    --------
    >>> RewardServer("http://localhost:8000/v1").identity
    'reward-server:http://localhost:8000/classify'
    """

    scores = True

    def __init__(
        self,
        base_url: str = "",
        *,
        endpoint: str = "classify",
        key_variable: str = "",
        timeouts: Timeouts | None = None,
    ) -> None:
        if endpoint not in ENDPOINTS:
            raise UnknownNameError("endpoint of a reward server", endpoint, ENDPOINTS)
        self.endpoint = endpoint
        place = clean_base_url(base_url or _LOCAL).removesuffix("/v1")
        self._server = KeyedServer(place, key_variable=key_variable or "OPENAI_API_KEY", timeouts=timeouts)
        self._url = f"{place}/{endpoint}"
        self.identity = f"reward-server:{self._url}"

    def __repr__(self) -> str:
        return f"RewardServer({self._url!r})"

    async def ask(self, request: Request) -> Reply:
        """Have one answer scored, once; the text of the reply is the score.

        Raises
        ------
        CallError
            There is no reply.
        """
        if request.wants != "score":
            raise CallError("bad request", "a reward model gives scores, no texts", retryable=False)
        body = orjson.dumps(merge_extra(_fields(request, self.endpoint), request.extra))
        return _reply(read_json(await self._server.post(f"/{self.endpoint}", body)), self.endpoint)

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()


def reward_server_provider(options: ProviderOptions) -> RewardServer:
    """Return the provider for a served reward model; ``place`` is the endpoint.

    Raises
    ------
    SettingError
        Its address cannot be used.
    UnknownNameError
        There is no such endpoint.
    """
    return RewardServer(options.base_url, endpoint=options.place or ENDPOINTS[0], key_variable=options.key_variable)


def _fields(request: Request, endpoint: str) -> Mapping[str, Any]:
    fields: dict[str, Any] = {"model": request.model, "use_activation": False}
    if endpoint == "score":
        asked = "\n\n".join(each.content for each in request.messages[:-1])
        return {**fields, "text_1": asked, "text_2": request.messages[-1].content}
    messages = [{"role": each.role, "content": each.content} for each in request.messages]
    return {**fields, "messages": messages, "add_generation_prompt": False}


def _reply(wire: Wire, endpoint: str) -> Reply:
    rows = wire.objects("data")
    if len(rows) != 1:
        raise unreadable("data", expected="one object", got=rows and [row.fields for row in rows])
    row = rows[0]
    if endpoint == "score":
        score = row.number("score")
    else:
        name = {"classify": "probs", "pooling": "data"}[endpoint]
        score = _one_number(row.take(name, list), f"{row.path}{name}", of_tokens=endpoint == "pooling")
    usage = wire.inner_or_empty("usage")
    return Reply(repr(score), usage=Usage(usage.take_or("prompt_tokens", 0), 0), model=wire.take_or("model", ""))


def _one_number(values: list[Any], place: str, *, of_tokens: bool) -> float:
    """Return the one score; where a pooler gives a list for every token, that of the last."""
    if of_tokens and values and isinstance(values[-1], list):
        values = values[-1]
    if len(values) != 1:
        raise unreadable(place, expected="one score for each answer", got=values)
    return Wire({"score": values[0]}, f"{place}.").number("score")
