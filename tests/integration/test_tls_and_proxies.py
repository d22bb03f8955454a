"""TLS with an authority of one's own, and proxies, as companies have them: both from the environment."""

import asyncio
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from prefactor.asking.calls import AskOptions, ask_all
from prefactor.errors import CallError
from prefactor.llm.openai_compatible import OpenAICompatible
from prefactor.llm.records import Message, Request
from prefactor.runtime.calls import CallOptions
from servers.model_server import Answer, Asked, ModelServer, completion, serving, text_of
from servers.tunnel import tunnelling

NAME = "models.example"
PASSWORD = "planted-proxy-password"
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory, skip_or_fail: Callable[[str], NoReturn]) -> Path:
    """Folder with an authority, ``ca.pem``, and what it certifies for ``NAME`` and localhost: ``server.pem``."""
    folder = tmp_path_factory.mktemp("authority")
    (folder / "names.cnf").write_text(f"subjectAltName=DNS:{NAME},DNS:localhost\nbasicConstraints=critical,CA:FALSE\n")
    commands = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Authority -keyout ca.key -out ca.pem",
        f"req -new -newkey rsa:2048 -nodes -subj /CN={NAME} -keyout server.key -out server.csr",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names.cnf -out server.pem",
    )
    try:
        for command in commands:
            subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True, timeout=60)
    except (FileNotFoundError, subprocess.CalledProcessError):
        skip_or_fail("needs openssl")
    return folder


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def tls(authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority / "server.pem", authority / "server.key")
    return context


def script(asked: Asked) -> Answer:
    return Answer(completion(text_of(asked).upper()))


def port_of(server: ModelServer) -> int:
    return int(server.url.removesuffix("/v1").rpartition(":")[2])


def ask(url: str) -> str:
    async def once() -> str:
        provider = OpenAICompatible(url)
        try:
            return (await provider.ask(Request("tiny", (Message("user", "a or b"),)))).text
        finally:
            await provider.close()

    return asyncio.run(once())


def failure(url: str) -> CallError:
    with pytest.raises(CallError) as caught:
        ask(url)
    return caught.value


def test_an_authority_of_ones_own(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(script, tls=tls(authority)) as server:
        url = f"https://localhost:{port_of(server)}/v1"
        unknown = failure(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
        assert ask(url) == "A OR B"
        # The certificate is for two names, and an address is neither.
        wrong_name = failure(server.url)
    assert len(server.requests) == 1
    for error in (unknown, wrong_name):
        assert (error.kind, error.retryable, error.maybe_paid) == ("connection", False, False)
        assert "invalid peer certificate" in str(error)
    assert "SSL_CERT_FILE" in str(unknown)
    assert "by the name that its certificate has" in str(wrong_name)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_tls_goes_through_a_tunnel(authority: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-1234567890")
    with serving(script, tls=tls(authority)) as server, tunnelling(port_of(server)) as tunnels:
        monkeypatch.setenv(variable, f"http://me:{PASSWORD}@{tunnels.address}")
        assert ask(f"https://{NAME}/v1") == "A OR B"
    assert [said.splitlines()[0] for said in tunnels.requests] == [f"CONNECT {NAME}:443 HTTP/1.1"]
    # The proxy gets its own password, the server the key, and neither the other's.
    assert "proxy-authorization: basic " in tunnels.requests[0].lower()
    assert "sk-planted" not in tunnels.requests[0]
    assert server.requests[0].headers["authorization"] == "Bearer sk-planted-1234567890"
    assert "proxy-authorization" not in server.requests[0].headers


def test_names_without_a_proxy(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    with serving(script, tls=tls(authority)) as server, tunnelling(port_of(server)) as tunnels:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{tunnels.address}")
        assert ask(f"https://localhost:{port_of(server)}/v1") == "A OR B"
    assert tunnels.requests == []


@pytest.mark.parametrize(("scheme", "kind"), [("https", "connection"), ("http", "refused key")])
def test_a_proxy_that_lets_nobody_through_is_named(monkeypatch: pytest.MonkeyPatch, scheme: str, kind: str) -> None:
    with tunnelling(9, refuses=True) as tunnels:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://me:{PASSWORD}@{tunnels.address}")
        error = failure(f"{scheme}://{NAME}/v1")
    assert (error.kind, error.retryable, error.maybe_paid) == (kind, False, False)
    assert PASSWORD not in str(error)
    assert "proxy" in str(error)
    assert "NAME:PASSWORD" in str(error)


def test_a_proxy_that_is_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with tunnelling(9) as tunnels:
        address = tunnels.address
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@{address}")
    error = failure(f"https://{NAME}/v1")
    assert (error.kind, error.retryable, error.maybe_paid) == ("connection", True, False)
    assert f"by the proxy {address}: " in str(error)
    assert PASSWORD not in str(error)


def test_many_calls_at_once_through_a_tunnel(authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    requests = [Request("tiny", (Message("user", f"question {number}"),)) for number in range(400)]
    with serving(script, tls=tls(authority)) as server, tunnelling(port_of(server)) as tunnels:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{tunnels.address}")
        provider = OpenAICompatible(f"https://{NAME}/v1")
        asked = ask_all(provider, requests, options=AskOptions(CallOptions(concurrency=16)))
    assert [one.reply and one.reply.text for one in asked] == [f"QUESTION {number}" for number in range(400)]
    assert len(server.requests) == 400
    # Tunnels are used again, though some are opened while another comes free.
    assert len(tunnels.requests) < 200
