"""OpenAI's batch endpoint: requests as one file, answers within a day, at about half the price.

Submit, leave, come back, collect. Knows files and states; what a request and a reply look like is the provider's.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import orjson

from prefactor.errors import CallError, SettingError
from prefactor.llm.exchange import KeyedServer, words_of
from prefactor.llm.http import HttpReply, Timeouts, check_status
from prefactor.llm.openai_compatible import endpoint_of, read_reply, request_fields
from prefactor.llm.records import Reply, Request
from prefactor.llm.shapes import Wire, read_json, unreadable

__all__ = ["BatchState", "OpenAIBatches"]

_OPENAI: Final = "https://api.openai.com/v1"

_MOST_REQUESTS: Final = 50_000
_MOST_BYTES: Final = 200 * 10**6

_ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})


@dataclass(frozen=True, slots=True)
class BatchState:
    """How far a batch is.

    Parameters
    ----------
    name
        The server's name for it.
    status
        The server's word: "validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelled"...
    total, completed, failed
        Requests in it, and those answered and not.
    answers, errors
        The server's names of the files with answers and errors; empty while there are none.
    said
        What the server says is wrong with the whole batch; empty for nothing.
    """

    name: str
    status: str
    total: int = 0
    completed: int = 0
    failed: int = 0
    answers: str = ""
    errors: str = ""
    said: str = ""

    @property
    def ended(self) -> bool:
        """Whether no more answers will come."""
        return self.status in _ENDED


class OpenAIBatches:
    """Batches on one server.

    Parameters
    ----------
    base_url
        Address up to the version; empty for OpenAI's own.
    key_variable
        Environment variable that holds the key.
    timeouts
        How long to wait for each exchange.

    Raises
    ------
    SettingError
        The address cannot be used.
    """

    def __init__(
        self, base_url: str = "", *, key_variable: str = "OPENAI_API_KEY", timeouts: Timeouts | None = None
    ) -> None:
        self._server = KeyedServer(
            base_url or _OPENAI, key_variable=key_variable or "OPENAI_API_KEY", timeouts=timeouts
        )
        self.base_url = self._server.base_url

    async def submit(self, requests: Mapping[str, Request]) -> BatchState:
        """Send requests, by names of the caller's own, and return the batch they are in.

        Raises
        ------
        SettingError
            There are none, too many for one batch, or both chats and plain texts.
        CallError
            The server did not take them.
        """
        endpoints = {endpoint_of(request) for request in requests.values()}
        if len(endpoints) != 1 or len(requests) > _MOST_REQUESTS:
            expected = f"1 to {_MOST_REQUESTS:,} requests, either all chats or all plain texts"
            raise SettingError("batch", expected=expected, got=f"{len(requests):,} for {len(endpoints)} endpoints")
        endpoint = f"/v1{endpoints.pop()}"
        lines = b"".join(self._line(name, request, endpoint) for name, request in requests.items())
        if len(lines) > _MOST_BYTES:
            raise SettingError("batch", expected=f"at most {_MOST_BYTES:,} bytes", got=len(lines), hint="make several")
        uploaded = await self._upload(lines)
        order = {"input_file_id": uploaded, "endpoint": endpoint, "completion_window": "24h"}
        return _state(read_json(await self._server.post("/batches", orjson.dumps(order))))

    async def look(self, name: str) -> BatchState:
        """Return how far a batch is.

        Raises
        ------
        CallError
            The server does not say.
        """
        return _state(read_json(await self._server.get(f"/batches/{name}")))

    async def collect(self, state: BatchState) -> dict[str, Reply | CallError]:
        """Return what became of the requests of a batch, by the caller's names.

        Requests that the server says nothing of, or nothing readable, are not among them.

        Raises
        ------
        CallError
            A file cannot be fetched.
        """
        found: dict[str, Reply | CallError] = {}
        for file in filter(None, (state.answers, state.errors)):
            for line in (await self._server.get(f"/files/{file}/content")).splitlines():
                with suppress(CallError):
                    found.update(_read_line(read_json(line)))
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()

    def _line(self, name: str, request: Request, endpoint: str) -> bytes:
        body = request_fields(request, for_openai=self.base_url == _OPENAI)
        line = {"custom_id": name, "method": "POST", "url": endpoint, "body": body}
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)

    async def _upload(self, lines: bytes) -> str:
        """Send a file as a form (RFC 7578) and return the server's name for it."""
        mark = uuid4().hex.encode()
        field = b'--%b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n' % mark
        head = b'--%b\r\ncontent-disposition: form-data; name="file"; filename="requests.jsonl"\r\n' % mark
        body = b"%b%bcontent-type: application/jsonl\r\n\r\n%b\r\n--%b--\r\n" % (field, head, lines, mark)
        kind = f"multipart/form-data; boundary={mark.decode()}"
        return read_json(await self._server.post("/files", body, content_type=kind)).take("id", str)


def _state(wire: Wire) -> BatchState:
    counts = wire.inner_or_empty("request_counts")
    errors = wire.inner_or_empty("errors")
    said = "; ".join(each.take_or("message", "") for each in errors.objects("data")) if errors.fields else ""
    return BatchState(
        wire.take("id", str),
        wire.take("status", str),
        counts.take_or("total", 0),
        counts.take_or("completed", 0),
        counts.take_or("failed", 0),
        wire.take_or("output_file_id", ""),
        wire.take_or("error_file_id", ""),
        said,
    )


def _read_line(line: Wire) -> Iterator[tuple[str, Reply | CallError]]:
    """Yield the name of one line of answers or errors with what became of it."""
    name = line.take("custom_id", str)
    try:
        yield name, _read_answer(line)
    except CallError as error:
        yield name, error


def _read_answer(line: Wire) -> Reply:
    if line.fields.get("response") is None:
        error = line.inner_or_empty("error")
        what = f"{error.take_or('message', 'no answer')} ({error.take_or('code', 'no code')})"
        raise CallError("overload", f"in a batch: {what}", retryable=True)
    response = line.inner("response")
    status = response.take("status_code", int)
    body = response.inner("body")
    check_status(HttpReply(status, b""), url="batch", said=words_of(orjson.dumps(body.fields)), key_variable="")
    if status >= 300:
        raise unreadable("response.status_code", expected="200", got=status)
    return read_reply(body)
