"""One exchange with a server that wants a key: sends it, takes it out of what comes back, and types what went wrong.

Knows no provider: neither what is asked nor what an answer looks like. Connections are ``http``'s.
"""

from collections.abc import Mapping

import orjson

from prefactor.llm.http import HttpClient, HttpReply, Timeouts, check_status, clean_base_url
from prefactor.llm.keys import Key

__all__ = ["KeyedServer", "words_of"]


class KeyedServer:
    """A server and the key it wants.

    Parameters
    ----------
    base_url
        Its address, which paths follow.
    key_variable
        Environment variable that holds the key; where it is not set, no key is sent.
    key_header
        Header that the key is sent in, after "Bearer " where it is ``authorization``.
    headers
        Sent with every call.
    timeouts
        How long to wait.

    Raises
    ------
    SettingError
        The address cannot be used.

    Examples
    --------
    >>> KeyedServer("http://localhost:8000/v1/", key_variable="A_KEY").base_url
    'http://localhost:8000/v1'
    """

    def __init__(
        self,
        base_url: str,
        *,
        key_variable: str,
        key_header: str = "authorization",
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.base_url = clean_base_url(base_url)
        self._key = Key(key_variable)
        self._key_header = key_header
        self._headers = dict(headers or {})
        self._http = HttpClient(timeouts)

    async def post(self, path: str, body: bytes, *, content_type: str = "application/json") -> bytes:
        """Send ``body`` and return what comes back, without the key.

        Raises
        ------
        CallError
            Nothing came back, or a status that is not one of success.
        SettingError
            The key cannot be sent.
        """
        url, key = f"{self.base_url}{path}", self._key.read()
        headers = {"content-type": content_type, **self._headers}
        return self._checked(await self._http.post(url, body, headers=headers, secrets=self._secrets(key)), url, key)

    async def get(self, path: str) -> bytes:
        """Fetch what is at ``path``, as :meth:`post` does."""
        url, key = f"{self.base_url}{path}", self._key.read()
        return self._checked(await self._http.get(url, secrets=self._secrets(key)), url, key)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    def _secrets(self, key: str) -> dict[str, str]:
        if not key:
            return {}
        return {self._key_header: f"Bearer {key}" if self._key_header == "authorization" else key}

    def _checked(self, got: HttpReply, url: str, key: str) -> bytes:
        body = self._key.scrub(got.body, key)
        if got.status >= 300:
            check_status(got, url=url, said=words_of(body), key_variable=self._key.variable)
        return body


def words_of(body: bytes) -> str:
    """Return what a server says about an error, in whichever of the usual places it says it."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body[:300].decode("utf-8", "replace")
    error = found.get("error", found) if isinstance(found, dict) else found
    if not isinstance(error, dict):
        return str(error)[:300]
    code = error.get("code")
    said = error.get("message", error.get("detail", error))
    return f"{said} ({code})"[:300] if isinstance(code, str) else str(said)[:300]
