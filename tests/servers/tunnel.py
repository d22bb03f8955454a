"""An HTTP proxy on the loopback that opens tunnels (CONNECT): all of them to one server, whatever name is asked for."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

SECONDS = 10
"""A tunnel through which nothing goes for this long is closed."""


@dataclass
class Tunnels:
    """Where the proxy is, and the requests it had: first line and headers, each as one text."""

    address: str
    requests: list[str] = field(default_factory=list)


@contextmanager
def tunnelling(port: int, *, refuses: bool = False) -> Iterator[Tunnels]:
    """Run a proxy whose tunnels end at ``port`` until the end of the block; one that ``refuses`` opens none."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        tunnels = Tunnels(f"127.0.0.1:{listening.getsockname()[1]}")

        def listen() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = listening.accept()
                    threading.Thread(target=serve, args=(caller,), daemon=True).start()

        def serve(caller: socket.socket) -> None:
            caller.settimeout(SECONDS)
            with caller, suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head:
                    head += caller.recv(1) or b"\r\n\r\n"
                tunnels.requests.append(head.decode())
                if refuses:
                    caller.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
                    return
                with socket.create_connection(("127.0.0.1", port), SECONDS) as server:
                    caller.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                    back = threading.Thread(target=_pour, args=(server, caller), daemon=True)
                    back.start()
                    _pour(caller, server)
                    back.join(SECONDS)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield tunnels
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(SECONDS)


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
