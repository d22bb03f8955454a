"""The HTTP exchange: every way it can fail is named, and secrets go where they were sent and nowhere else."""

import asyncio
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from prefactor.errors import CallError, InputFileError, SettingError
from prefactor.llm.http import HttpClient, HttpReply, Timeouts, check_status, clean_base_url, retry_after
from servers.model_server import Answer, Asked, serving

BRIEF = Timeouts(connect=0.5, total=0.5)


def post(url: str, *, times: int = 1, pause: float = 0.0, timeouts: Timeouts | None = None) -> list[HttpReply]:
    async def run() -> list[HttpReply]:
        client, found = HttpClient(timeouts), []
        for _ in range(times):
            found.append(await client.post(url, b"{}", headers={}, secrets={"authorization": "Bearer s"}))
            await asyncio.sleep(pause)
        await client.close()
        return found

    return asyncio.run(run())


def failure(url: str, *, times: int = 1, timeouts: Timeouts | None = None) -> CallError:
    with pytest.raises(CallError) as caught:
        post(url, times=times, timeouts=timeouts)
    return caught.value


def test_a_connection_is_used_again() -> None:
    with serving(lambda asked: Answer(b"ok")) as server:
        assert [reply.body for reply in post(server.url, times=3)] == [b"ok"] * 3
        assert [asked.before for asked in server.requests] == [0, 1, 2]
        assert server.requests[0].headers["authorization"] == "Bearer s"


def test_a_connection_closed_after_its_answer_is_not_used_again() -> None:
    with serving(lambda asked: Answer(b"ok", closes=True)) as server:
        # A request that is sent while the end of the connection is under way fails, and is tried again by the runtime.
        assert len(post(server.url, times=3, pause=0.2)) == 3
        assert [asked.before for asked in server.requests] == [0, 0, 0]


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = failure(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
    assert (error.kind, error.retryable, error.maybe_paid) == ("connection", True, False)


@pytest.mark.parametrize("breaks", ["before", "within"])
def test_a_connection_that_breaks_off_may_have_been_paid_for(breaks: str) -> None:
    answer = Answer(b"0123456789", breaks="before" if breaks == "before" else "within")
    with serving(lambda asked: answer) as server:
        error = failure(server.url)
    assert (error.kind, error.retryable, error.maybe_paid) == ("connection", True, True)


def test_a_pooled_connection_that_breaks_off_may_be_tried_again() -> None:
    with serving(lambda asked: Answer(b"ok", breaks="before" if asked.before else "")) as server:
        error = failure(server.url, times=2)
        assert (error.kind, error.retryable) == ("connection", True)
        assert post(server.url)[0].body == b"ok"


def test_a_slow_reply_times_out() -> None:
    with serving(lambda asked: Answer(b"ok", seconds=5)) as server:
        error = failure(server.url, timeouts=BRIEF)
    assert (error.kind, error.retryable, error.maybe_paid) == ("timeout", True, True)
    assert "within 0.5 s" in str(error)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a backlog that fills up")
def test_a_server_that_is_not_reached_times_out_and_was_not_paid() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        error = failure(f"http://127.0.0.1:{full.getsockname()[1]}", timeouts=Timeouts(connect=0.3, total=5))
        for filler in fillers:
            filler.close()
    assert (error.kind, error.retryable, error.maybe_paid) == ("timeout", True, False)


def test_a_server_that_speaks_something_else_is_unreadable() -> None:
    with serving(lambda asked: Answer(headers={"no header\r\n\0": ""}, status=200)) as server:
        error = failure(server.url)
    assert error.kind == "unreadable reply"


def test_redirects_are_not_followed() -> None:
    with serving(lambda asked: Answer(status=307, headers={"location": "http://127.0.0.1:9/else"})) as server:
        reply = post(server.url)[0]
    with pytest.raises(CallError, match=r"sends elsewhere, to 'http://127\.0\.0\.1:9/else'"):
        check_status(reply, url=server.url, said="", key_variable="")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory, skip_or_fail: Callable[[str], NoReturn]) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        skip_or_fail("needs openssl")
    return folder / "certificate.pem"


def test_tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with serving(lambda asked: Answer(b"ok"), tls=context) as server:
        error = failure(server.url)
        assert (error.kind, error.retryable, error.maybe_paid) == ("connection", False, False)
        assert "SSL_CERT_FILE" in str(error)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert post(server.url)[0].body == b"ok"


@pytest.mark.parametrize("kind", ["none", "text"])
def test_a_file_of_certificates_that_is_none_is_an_error(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "certificates.pem"
    if kind == "text":
        path.write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(InputFileError, match=r"certificates\.pem: expected certificates.*SSL_CERT_FILE"):
        post("https://localhost:9/v1")
    with serving(lambda asked: Answer(b"ok")) as server:  # without TLS it is no matter
        assert post(server.url)[0].body == b"ok"


@pytest.mark.parametrize(
    ("scheme", "variable"), [("http", "HTTP_PROXY"), ("https", "https_proxy"), ("http", "ALL_PROXY")]
)
def test_a_proxy_that_is_down_is_named(scheme: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        proxy = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv(variable, f"http://me:secret-word@{proxy}")
        error = failure(f"{scheme}://models.example/v1")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        direct = failure(f"{scheme}://{proxy}/v1")
    assert (error.kind, error.retryable, error.maybe_paid) == ("connection", True, False)
    assert f"{scheme}://models.example/v1, by the proxy {proxy}: " in str(error)
    assert "secret-word" not in str(error)
    assert "proxy" not in str(direct)


def test_proxies_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Asked] = []

    def script(request: Asked) -> Answer:
        asked.append(request)
        return Answer(b"by proxy")

    with serving(script) as server:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, server.url.removesuffix("/v1"))
        assert post("http://models.example/v1")[0].body == b"by proxy"
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "127.0.0.1")
        assert post(server.url)[0].body == b"by proxy"
    assert [request.path for request in asked] == ["http://models.example/v1", "/v1"]


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, "bad request", False),
        (401, "refused key", False),
        (403, "refused key", False),
        (404, "not found", False),
        (408, "timeout", True),
        (413, "bad request", False),
        (422, "bad request", False),
        (429, "rate limit", True),
        (500, "overload", True),
        (503, "overload", True),
        (529, "overload", True),
    ],
)
def test_a_status_is_named(status: int, kind: str, *, retryable: bool) -> None:
    with pytest.raises(CallError) as caught:
        check_status(HttpReply(status, b"", 1.5), url="http://x", said="because", key_variable="A_KEY")
    assert (caught.value.kind, caught.value.retryable) == (kind, retryable)
    assert caught.value.retry_after == (1.5 if retryable else None)
    assert ("because" in str(caught.value)) == (kind != "refused key")


def test_a_spent_quota_is_not_tried_again() -> None:
    with pytest.raises(CallError) as caught:
        check_status(HttpReply(429, b""), url="http://x", said="pay (insufficient_quota)", key_variable="")
    assert not caught.value.retryable


@pytest.mark.parametrize("text", ["", "soon", "-1", "nan", "inf", "Mon, 99 Jan"])
def test_a_wait_that_makes_no_sense_is_none(text: str) -> None:
    assert retry_after({"retry-after": text}) is None


@pytest.mark.parametrize(
    "address", ["", "localhost:8000", "ftp://x", "http://", "http://me:secret@host/v1", "http://x/?key=secret"]
)
def test_addresses_that_cannot_be_used(address: str) -> None:
    with pytest.raises(SettingError) as caught:
        clean_base_url(address)
    assert "secret" not in str(caught.value)
