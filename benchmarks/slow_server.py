"""A chat-completions server with a fixed delay and no limit, on plain asyncio: what clients are measured against.

python benchmarks/slow_server.py SECONDS      # prints its port
"""

import asyncio
import json
import sys

REPLY = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "fixed",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "[[A]] " * 40}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1500, "completion_tokens": 120, "total_tokens": 1620},
    }
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(REPLY), REPLY)


class _Connection(asyncio.Protocol):
    """Reads one request at a time and answers it after the delay."""

    seconds = 0.2

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.parts: list[bytes] = []
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        if not self.missing:
            head, _, rest = data.partition(b"\r\n\r\n")
            place = head.lower().find(b"content-length:")
            self.missing = int(head[place + 15 :].split(b"\r\n", 1)[0]) - len(rest)
        else:
            self.missing -= len(data)
        if self.missing <= 0:
            self.missing = 0
            asyncio.get_running_loop().call_later(self.seconds, self.answer)

    def answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(ANSWER)


async def main() -> None:
    _Connection.seconds = float(sys.argv[1])
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
