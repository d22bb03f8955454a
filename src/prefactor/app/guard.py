"""What every request must pass and every reply carries: the name of the host, and headers that switch the web off."""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, Final

__all__ = ["Guard", "host_of"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_REPORT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
REPORT: Final = "/report.html"
"""The static report, which has its style inside and no script at all."""

_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


class Guard:
    """Stands before the app.

    A page of another site can have its name lead to this machine (DNS rebinding) and would then be of the same origin;
    its requests carry that name, so only names that belong here are answered.

    Parameters
    ----------
    app
        What answers.
    hosts
        Names of hosts that belong here, without a port.
    """

    def __init__(self, app: AsgiApp, *, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                policy = _REPORT_POLICY if scope["path"] == REPORT else _POLICY
                more = {**_HEADERS, "content-security-policy": policy}
                kept = [pair for pair in message["headers"] if pair[0].decode("latin-1").lower() not in more]
                message["headers"] = [*kept, *((name.encode(), value.encode()) for name, value in more.items())]
            await send(message)

        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(given) != 1 or host_of(given[0]) not in self._hosts:
            await _refuse(guarded, "This host is not known here; name it with --allow-host.")
            return
        await self._app(scope, receive, guarded)


def host_of(header: str) -> str:
    """Return the host in a ``Host`` header, without its port.

    Examples
    --------
    >>> host_of("LOCALHOST:8000"), host_of("[::1]:8000"), host_of("evil.example")
    ('localhost', '[::1]', 'evil.example')
    """
    text = header.strip().lower()
    return f"{text.partition(']')[0]}]" if text.startswith("[") else text.partition(":")[0]


async def _refuse(send: Send, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode()})
