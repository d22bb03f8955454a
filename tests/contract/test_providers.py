"""Every provider that reaches a server: it says where it is and never what its key is, fails by name, and closes."""

import asyncio
from pathlib import Path

import pytest

from prefactor.errors import CallError, SettingError
from prefactor.llm.base import Provider
from prefactor.llm.providers import PROVIDERS, ProviderOptions, make_provider
from prefactor.llm.records import Message, Request
from servers.model_server import Answer, serving

SERVED = ["anthropic", "openai"]
CHAT = Request("tiny", (Message("user", "A or B?"),))
SECRET = "planted-contract-key"


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> ProviderOptions:
    monkeypatch.setenv("CONTRACT_KEY", SECRET)
    return ProviderOptions(base_url="http://127.0.0.1:9/v1", key_variable="CONTRACT_KEY")


def test_every_provider_is_held_to_this_or_runs_without_a_server() -> None:
    assert set(PROVIDERS) == {*SERVED, "litellm", "reward-server", "scripted", "transformers"}


@pytest.mark.parametrize("name", SERVED)
def test_it_says_where_it_is_and_not_its_key(name: str, options: ProviderOptions) -> None:
    provider = make_provider(name, options=options)
    elsewhere = make_provider(name, options=ProviderOptions(base_url="http://127.0.0.1:10/v1"))
    assert "127.0.0.1:9" in provider.identity
    assert provider.identity.startswith(name)
    assert provider.identity != elsewhere.identity
    assert SECRET not in f"{provider!r} {vars(provider)} {provider.identity}"


@pytest.mark.parametrize("name", SERVED)
def test_an_address_that_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="--base-url"):
        make_provider(name, options=ProviderOptions(base_url="nowhere"))


def ask(provider: Provider) -> CallError:
    async def run() -> None:
        try:
            await provider.ask(CHAT)
        finally:
            await provider.close()
            await provider.close()

    with pytest.raises(CallError) as caught:
        asyncio.run(run())
    return caught.value


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b"{}", 401), "refused key"),
        (Answer(b"{}", 404), "not found"),
        (Answer(b"{}", 429, {"retry-after": "3"}), "rate limit"),
        (Answer(b"{}", 500), "overload"),
        (Answer(b"{}"), "unreadable reply"),
        (Answer(b'{"cont'), "unreadable reply"),
        (Answer(breaks="before"), "connection"),
    ],
)
def test_its_failures_are_named(name: str, answer: Answer, kind: str) -> None:
    with serving(lambda asked: answer) as server:
        error = ask(make_provider(name, options=ProviderOptions(base_url=server.url)))
    assert error.kind == kind
    assert error.kind in CallError.KINDS
    assert error.retry_after == (3.0 if kind == "rate limit" else None)


def test_a_scripted_one_names_its_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.py"
    path.write_text("def answer(request):\n    return 'A'\n")
    provider = make_provider(f"scripted:{path}")
    assert asyncio.run(provider.ask(CHAT)).text == "A"
    assert "answers.py" in provider.identity
