"""One HTTP exchange with a model server: what was sent, what came, and every way it can fail, typed.

The only module that knows the HTTP client. Knows no provider: neither what is asked nor what an answer looks like.
"""

import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BuilderError,
    ConnectError,
    DetailedPyreqwestError,
    RequestError,
    RequestTimeoutError,
)
from pyreqwest.request import RequestBuilder
from pyreqwest.response import Response

from prefactor.errors import CallError, InputFileError, SettingError, shown

__all__ = ["HttpClient", "HttpReply", "Timeouts", "check_status", "clean_base_url", "retry_after"]

_IDLE_SECONDS: Final = 4.0
"""Idle connections are closed after this: many servers close theirs after 5, and a call sent just then is lost."""

_OVERLOADED: Final = frozenset({425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
"""Statuses after which the same call may succeed."""

_PROXY_HINT: Final = "put the name and password it wants into HTTP_PROXY or HTTPS_PROXY (http://NAME:PASSWORD@HOST)"

_HOPELESS: Final = {
    "not valid for name": "call the server by the name that its certificate has",
    "certificate": "trust its certificate with SSL_CERT_FILE",
    "proxy authorization": _PROXY_HINT,
}
"""What in an error says that another try will not help, and what will."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait.

    Parameters
    ----------
    connect
        Seconds for reaching the server.
    total
        Seconds for the whole call, reaching the server included.
    """

    connect: float = 15.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What a server sent back.

    Parameters
    ----------
    status
        Status code.
    body
        The body, decompressed.
    retry_after
        Seconds that the server asked to wait; None where it did not say.
    location
        Where the server says to go instead; empty where it does not.
    """

    status: int
    body: bytes
    retry_after: float | None = None
    location: str = ""


class HttpClient:
    """Keeps connections to servers and sends requests over them; one may be used by many calls at once.

    Certificates are those of the system (or of ``SSL_CERT_FILE``), proxies those of ``HTTP_PROXY``, ``HTTPS_PROXY``,
    ``ALL_PROXY`` and ``NO_PROXY``. Redirects are not followed: a key would go where the user has not sent it.

    Parameters
    ----------
    timeouts
        How long to wait.
    """

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self.timeouts = timeouts or Timeouts()
        self._client: Client | None = None

    def _opened(self, url: str) -> Client:
        if self._client is None:
            if url.startswith("https:"):
                _check_certificates()
            builder = ClientBuilder().follow_redirects(enable=False).user_agent("prefactor")
            builder = builder.timeout(timedelta(seconds=self.timeouts.total))
            builder = builder.connect_timeout(timedelta(seconds=self.timeouts.connect))
            self._client = builder.pool_idle_timeout(timedelta(seconds=_IDLE_SECONDS)).build()
        return self._client

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str], secrets: Mapping[str, str]) -> HttpReply:
        """Send ``body`` and return what comes back, whatever its status.

        Parameters
        ----------
        url
            Where to.
        body
            What is sent.
        headers
            Sent along.
        secrets
            Headers that hold keys; they are shown nowhere.

        Raises
        ------
        CallError
            Nothing came back.
        InputFileError
            ``SSL_CERT_FILE`` names no file of certificates.
        """
        return await self._send(self._opened(url).post(url).body_bytes(body), url, {**headers}, secrets)

    async def get(self, url: str, *, secrets: Mapping[str, str]) -> HttpReply:
        """Fetch ``url``, as :meth:`post` does."""
        return await self._send(self._opened(url).get(url), url, {}, secrets)

    async def _send(
        self, builder: RequestBuilder, url: str, headers: Mapping[str, str], secrets: Mapping[str, str]
    ) -> HttpReply:
        for name, value in headers.items():
            builder = builder.header(name, value)
        for name, value in secrets.items():
            builder = builder.header(name, value, is_sensitive=True)
        try:
            response = await builder.build().send()
            return _reply(response, bytes(await response.bytes()))
        except (RequestError, BuilderError) as error:
            raise _failure(error, url, self.timeouts) from None

    async def close(self) -> None:
        """Close the connections; the client opens again with the next call."""
        if self._client is not None:
            await self._client.close()
            self._client = None


def _reply(response: Response, body: bytes) -> HttpReply:
    if response.status < 300:
        return HttpReply(response.status, body)
    wait = retry_after({name: response.get_header(name) or "" for name in ("retry-after-ms", "retry-after")})
    return HttpReply(response.status, body, wait, response.get_header("location") or "")


def _failure(error: RequestError | BuilderError, url: str, timeouts: Timeouts) -> CallError:
    """Say what an error of the HTTP client means for the call. Its own words name the address and no header."""
    causes = _causes(error)
    sent = "client error (Connect)" not in causes and not isinstance(error, BuilderError)
    proxy = "" if sent else _proxy_in_the_way(url, causes)
    where = f"{url}, by the proxy {proxy}" if proxy else url
    if isinstance(error, RequestTimeoutError):
        limit = f"{timeouts.total:g} s" if sent else f"{timeouts.connect:g} s of connecting"
        return CallError("timeout", f"no reply from {where} within {limit}", retryable=True, maybe_paid=sent)
    what = f"{where}: {causes[-1] if causes else error}"
    if isinstance(error, BuilderError):
        return CallError("bad request", what, retryable=False)
    hint = next((hint for word, hint in _HOPELESS.items() if any(word in cause for cause in causes)), "")
    what += f"; {hint}" if hint else ""
    kind = "connection" if isinstance(error, ConnectError) or not sent or _broke_off(causes) else "unreadable reply"
    return CallError(kind, what, retryable=not hint, maybe_paid=sent)


def _proxy_in_the_way(url: str, causes: list[str]) -> str:
    """Return the proxy that a connection to ``url`` has failed at, without its password; empty where there is none.

    With TLS a connection may also fail behind it, at the server.
    """
    from urllib.request import getproxies_environment, proxy_bypass  # noqa: PLC0415 -- slow, seldom needed

    parts, proxies = urlsplit(url), getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all", "")
    behind = parts.scheme == "https" and not any("tunnel" in cause for cause in causes)
    if behind or proxy_bypass(parts.hostname or ""):
        return ""
    return proxy.partition("://")[2].rpartition("@")[2]


def _check_certificates() -> None:
    """See whether certificates can be read from where the user says: the HTTP client passes over a file that has none.

    Raises
    ------
    InputFileError
        They cannot.
    """
    path = os.environ.get("SSL_CERT_FILE")
    try:
        if path:
            ssl.create_default_context(cafile=path)
    except OSError as error:
        expected = "certificates (PEM), as SSL_CERT_FILE names it"
        raise InputFileError(str(path), expected=expected, got=str(error.strerror or error)) from None


def _causes(error: DetailedPyreqwestError) -> list[str]:
    details = error.details if isinstance(error.details, dict) else {}
    return [str(cause["message"]) for cause in details.get("causes") or ()]


def _broke_off(causes: list[str]) -> bool:
    return any("connection" in cause or "end of file" in cause for cause in causes)


def retry_after(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """Return the seconds a server asks to wait, from ``retry-after-ms`` or ``retry-after`` (RFC 9110, 10.2.3).

    Parameters
    ----------
    headers
        By their names in lower case.
    now
        Unix time, which a date is counted from; the clock's by default.

    Examples
    --------
    >>> retry_after({"retry-after": "2"}), retry_after({"retry-after-ms": "250"}), retry_after({})
    (2.0, 0.25, None)
    >>> retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, now=45.0)
    15.0
    """
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        try:
            seconds = float(text) * unit
        except ValueError:
            seconds = _until(text, time.time() if now is None else now)
        if 0 <= seconds < float("inf"):
            return seconds
    return None


def _until(date: str, now: float) -> float:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return -1.0


def clean_base_url(base_url: str) -> str:
    """Return the base address of a server as it is used and shown.

    Raises
    ------
    SettingError
        It is no address of HTTP, or holds a password.

    Examples
    --------
    >>> clean_base_url("http://localhost:8000/v1/")
    'http://localhost:8000/v1'
    """
    scheme, _, rest = base_url.strip().partition("://")
    hint = "such as http://localhost:8000/v1"
    if scheme not in {"http", "https"} or not rest.strip("/"):
        raise SettingError(
            "--base-url", expected="an address that begins with http:// or https://", got=base_url, hint=hint
        )
    if "@" in rest.partition("/")[0] or "?" in rest:
        expected = "an address without a password or a question mark"
        hint = "put the key into an environment variable"
        raise SettingError("--base-url", expected=expected, got=f"{scheme}://...", hint=hint)
    return f"{scheme}://{rest.rstrip('/')}"


def check_status(reply: HttpReply, *, url: str, said: str, key_variable: str) -> None:
    """Raise what a status other than success means.

    Parameters
    ----------
    reply
        What came.
    url
        Who was asked.
    said
        The server's own words about it, without any key.
    key_variable
        Name of the environment variable that holds the key.

    Raises
    ------
    CallError
        The status is not one of success.
    """
    status, wait = reply.status, reply.retry_after
    what = f"{url} answered {status}" + (f": {shown(said, 300)}" if said else "")
    if 200 <= status < 300:
        return
    if status == 429:
        raise CallError("rate limit", what, retryable="insufficient_quota" not in said, retry_after=wait)
    if status in _OVERLOADED:
        raise CallError("overload", what, retryable=True, retry_after=wait)
    if status == 408:
        raise CallError("timeout", what, retryable=True, retry_after=wait)
    if status == 407:
        raise CallError("refused key", f"the proxy on the way to {url} answered 407; {_PROXY_HINT}", retryable=False)
    if status in {401, 403}:
        # A server may repeat part of the key in its words, so they are not shown.
        raise CallError("refused key", f"{url} answered {status} to the key in {key_variable}", retryable=False)
    if 300 <= status < 400:
        what = f"{url} sends elsewhere, to {shown(reply.location)}; give that as the base address"
    kind = "not found" if status in {404, 410} or status < 400 else "bad request"
    raise CallError(kind, what, retryable=False)
