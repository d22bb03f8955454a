"""A model server on the loopback whose every answer, or failure, a test decides; it counts what it did."""

import asyncio
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

Break = Literal["", "before", "within"]

MOST_REQUESTS = 200_000
"""A server that has answered this many answers no more: no mistake in a test goes on for ever."""


@dataclass(frozen=True)
class Answer:
    """What the server does with one request.

    ``breaks`` closes the connection before the answer, or within it; ``closes`` after it.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    breaks: Break = ""
    closes: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came, and how many came before it over the same connection."""

    path: str
    headers: dict[str, str]
    body: bytes
    before: int

    @property
    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


Script = Callable[[Asked], Answer]


@dataclass
class ModelServer:
    """Where the server is, what it was asked and what it has answered in full (by the text asked)."""

    url: str = ""
    requests: list[Asked] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    open_now: int = 0
    most_open: int = 0
    connections: "set[asyncio.WriteTransport]" = field(default_factory=set)


def text_of(asked: Asked) -> str:
    """Text of the prompt or of the last message; empty where there is neither."""
    fields = asked.fields
    messages = fields.get("messages") or [{"content": ""}]
    return str(fields.get("prompt") or messages[-1]["content"])


def completion(text: str, *, finish: str = "stop", usage: tuple[int, int] = (10, 2), **choice: object) -> bytes:
    """Body of a chat completion."""
    return json.dumps(
        {
            "model": "tiny-1",
            "choices": [{"message": {"content": text}, "finish_reason": finish, **choice}],
            "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]},
        }
    ).encode()


class _Connection(asyncio.Protocol):
    def __init__(self, server: ModelServer, script: Script) -> None:
        self.server, self.script = server, script
        self.buffer = b""
        self.before = 0
        self.transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.server.connections.add(transport)

    def connection_lost(self, reason: Exception | None) -> None:
        self.server.connections.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return
        self.buffer = rest[size:]
        asked = Asked(first.split(" ")[1], headers, rest[:size], self.before)
        self.before += 1
        self._take(asked)

    def _take(self, asked: Asked) -> None:
        server = self.server
        if len(server.requests) >= MOST_REQUESTS:
            self.transport.abort()
            return
        server.requests.append(asked)
        server.open_now += 1
        server.most_open = max(server.most_open, server.open_now)
        answer = self.script(asked)
        if answer.seconds:
            asyncio.get_running_loop().call_later(answer.seconds, self._answer, asked, answer)
        else:
            self._answer(asked, answer)

    def _answer(self, asked: Asked, answer: Answer) -> None:
        self.server.open_now -= 1
        if answer.breaks == "before" or self.transport.is_closing():
            self.transport.abort()
            return
        headers = {"content-type": "application/json", "content-length": str(len(answer.body)), **answer.headers}
        lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        sent = answer.body[: len(answer.body) // 2] if answer.breaks == "within" else answer.body
        self.transport.write("\r\n".join(lines).encode() + sent)
        if answer.status == 200 and not answer.breaks and asked.body[:1] == b"{":
            self.server.answered[text_of(asked)] += 1
        if answer.closes or answer.breaks:
            self.transport.close()


@contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[ModelServer]:
    """Run a server in a thread until the end of the block."""
    server = ModelServer()
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def start() -> asyncio.Server:
        return await loop.create_server(lambda: _Connection(server, script), "127.0.0.1", 0, backlog=2048, ssl=tls)

    def run() -> None:
        listening = loop.run_until_complete(start())
        scheme = "https" if tls else "http"
        server.url = f"{scheme}://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        ready.set()
        loop.run_forever()
        listening.close()
        for connection in tuple(server.connections):
            connection.abort()
        loop.run_until_complete(asyncio.sleep(0.01))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
