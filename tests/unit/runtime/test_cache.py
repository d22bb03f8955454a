"""The cache of replies: kept before handed on, shared, claimed once, and never mistaken for another file."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from prefactor.errors import InputFileError
from prefactor.runtime import cache_contents, claims
from prefactor.runtime.cache import Claim, ReplyCache, StoredReply
from prefactor.runtime.cache_contents import export_cache, prune_cache, show_cache
from prefactor.runtime.cache_file import open_cache_file, transaction
from prefactor.runtime.claims import Owner

OURS = Claim()
HELD = Claim(held_by_other=True)


def with_caches(path: Path, work: Callable[[ReplyCache, ReplyCache], Awaitable[None]]) -> None:
    """Do ``work`` with two caches of one file, as two processes would have them."""
    first, second = ReplyCache(path), ReplyCache(path)

    async def run() -> None:
        await work(first, second)

    try:
        asyncio.run(run())
    finally:
        first.close()
        second.close()


def keep(path: Path, *replies: StoredReply) -> None:
    async def work(first: ReplyCache, _: ReplyCache) -> None:
        await asyncio.gather(*map(first.store, replies))

    with_caches(path, work)


def test_a_stored_reply_is_there_at_once_for_others(tmp_path: Path) -> None:
    async def work(first: ReplyCache, second: ReplyCache) -> None:
        await first.store(StoredReply(b"k", b"reply"))
        assert second.look_up([b"k", b"other"]) == {b"k": b"reply"}
        assert await second.claim([b"k"]) == [Claim(content=b"reply")]

    with_caches(tmp_path / "c.db", work)


def test_a_claim_is_given_once(tmp_path: Path) -> None:
    async def work(first: ReplyCache, second: ReplyCache) -> None:
        assert await first.claim([b"a", b"b"]) == [OURS, OURS]
        assert await second.claim([b"a", b"b", b"c"]) == [HELD, HELD, OURS]
        await first.release([b"a"])
        await second.release([b"b"])  # not the second's to end
        assert await second.claim([b"a", b"b"]) == [OURS, HELD]
        await first.store(StoredReply(b"b", b"reply"))
        assert await second.claim([b"b"]) == [Claim(content=b"reply")]

    with_caches(tmp_path / "c.db", work)


def test_closing_ends_claims(tmp_path: Path) -> None:
    async def claim(cache: ReplyCache) -> list[Claim]:
        return await cache.claim([b"a"])

    for _ in range(2):
        cache = ReplyCache(tmp_path / "c.db")
        assert asyncio.run(claim(cache)) == [OURS]
        cache.close()


@pytest.mark.skipif(sys.platform == "win32", reason="processes are not looked for there")
def test_the_claim_of_a_dead_process_is_void(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = Owner.here()
    owners = {b"dead": Owner(here.host, ended.pid, "x"), b"alive": here, b"elsewhere": Owner("other", ended.pid, "x")}

    async def work(first: ReplyCache, _: ReplyCache) -> None:
        with sqlite3.connect(first.path) as connection:
            rows = [(key, str(owner), time.time() + 60) for key, owner in owners.items()]
            connection.executemany("INSERT INTO claims VALUES (?, ?, ?)", rows)
        connection.close()
        assert await first.claim(list(owners)) == [OURS, HELD, HELD]

    with_caches(tmp_path / "c.db", work)


def test_a_lease_that_ran_out_is_void_and_a_renewed_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(first: ReplyCache, second: ReplyCache) -> None:
        assert await first.claim([b"renewed"]) == [OURS]
        with sqlite3.connect(first.path) as connection:
            connection.execute("INSERT INTO claims VALUES (?, ?, ?)", (b"old", "1|x|elsewhere", time.time() - 1))
        connection.close()
        await asyncio.sleep(0.6)  # three leases
        assert await second.claim([b"old", b"renewed"]) == [OURS, HELD]

    for module in ("cache", "claims"):
        monkeypatch.setattr(f"prefactor.runtime.{module}.LEASE_SECONDS", 0.2)
    with_caches(tmp_path / "c.db", work)
    assert claims.LEASE_SECONDS == 0.2


def test_what_is_forced_onto_the_disk_is_written_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept replies wait for no disk; ``sync`` commits with ``synchronous=FULL``, and commits something."""
    said: list[str] = []

    def open_and_listen(path: Path) -> sqlite3.Connection:
        connection = open_cache_file(path)
        connection.set_trace_callback(said.append)
        return connection

    async def work(first: ReplyCache, _: ReplyCache) -> None:
        said.clear()
        await first.store(StoredReply(b"k", b"reply"))
        assert "PRAGMA synchronous = NORMAL" in said
        assert "PRAGMA synchronous = FULL" not in said
        before = log.stat().st_size
        await first.sync()
        assert said.index("PRAGMA synchronous = FULL") < len(said) - 1 - said[::-1].index("COMMIT")
        assert log.stat().st_size > before

    log = tmp_path / "c.db-wal"
    monkeypatch.setattr("prefactor.runtime.cache.open_cache_file", open_and_listen)
    with_caches(tmp_path / "c.db", work)


def test_replies_do_not_wait_for_the_disk_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forced: list[bool] = []

    @contextmanager
    def listening(connection: sqlite3.Connection, *, force: bool) -> Iterator[sqlite3.Connection]:
        with transaction(connection, force=force) as inside:
            yield inside
        forced.append(force)

    async def work(first: ReplyCache, _: ReplyCache) -> None:
        await first.store(StoredReply(b"k", b"reply"))
        deadline = time.monotonic() + 20
        while len(forced) < 2 and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)

    monkeypatch.setattr("prefactor.runtime.cache.transaction", listening)
    monkeypatch.setattr("prefactor.runtime.cache._UNFORCED_SECONDS", 0.05)
    with_caches(tmp_path / "c.db", work)
    assert forced == [False, True, False, False]  # the last two at closing, when there is nothing left to force
    forced.clear()
    monkeypatch.setattr("prefactor.runtime.cache._UNFORCED_SECONDS", 60.0)
    keep(tmp_path / "c.db", StoredReply(b"l", b"reply"))
    assert forced == [False, True, False]


def test_the_claim_of_a_kept_reply_counts_no_more_and_ends(tmp_path: Path) -> None:
    async def work(first: ReplyCache, second: ReplyCache) -> None:
        assert await first.claim([b"a", b"b"]) == [OURS, OURS]
        await first.store(StoredReply(b"a", b"reply"))
        assert show_cache(first.path).claims == 1
        prune_cache(first.path)
        assert await first.claim([b"c"]) == [OURS]
        assert await second.claim([b"a", b"b"]) == [OURS, HELD]

    with_caches(tmp_path / "c.db", work)
    assert show_cache(tmp_path / "c.db").claims == 0


def test_a_reply_is_never_replaced(tmp_path: Path) -> None:
    keep(tmp_path / "c.db", StoredReply(b"k", b"first"), StoredReply(b"k", b"second"))
    cache = ReplyCache(tmp_path / "c.db")
    assert cache.look_up([b"k"]) == {b"k": b"first"}
    cache.close()


def test_many_keys_are_looked_up(tmp_path: Path) -> None:
    keys = [number.to_bytes(2, "big") for number in range(1_234)]
    keep(tmp_path / "c.db", *(StoredReply(key, b"r" + key) for key in keys))
    cache = ReplyCache(tmp_path / "c.db")
    assert cache.look_up(keys) == {key: b"r" + key for key in keys}
    cache.close()


@pytest.mark.parametrize("kind", ["text", "database", "later", "folder"])
def test_another_file_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    if kind == "text":
        path.write_text("prompt,answer\n" * 100)
    elif kind == "folder":
        path.mkdir()
    else:
        if kind == "later":
            keep(path)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 99" if kind == "later" else "CREATE TABLE other (x)")
        connection.close()
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(InputFileError, match=r"c\.db"):
        ReplyCache(path)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_write_that_fails_is_told_to_whoever_waits(tmp_path: Path) -> None:
    async def work(first: ReplyCache, _: ReplyCache) -> None:
        with sqlite3.connect(first.path) as connection:
            connection.execute("DROP TABLE replies")
        connection.close()
        with pytest.raises(InputFileError, match="can be written"):
            await first.store(StoredReply(b"k", b"r"))
        bad: Any = "no bytes"
        with pytest.raises(TypeError):
            await first.store(StoredReply(b"k", bad))

    with_caches(tmp_path / "c.db", work)


def test_contents_are_shown_exported_and_pruned(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    keep(
        path,
        StoredReply(b"\x01", b'{"text":"A"}', b'{"prompt":"?"}', "here one", 10, 0.25),
        StoredReply(b"\x02", b"no json", None, "here one", 5, 0.25),
        StoredReply(b"\x03", b"{}", None, "far two", 1),
    )
    shown = show_cache(path)
    assert [(shelf.label, shelf.replies, shelf.with_prompts, shelf.tokens, shelf.price) for shelf in shown.shelves] == [
        ("far two", 1, 0, 1, 0.0),
        ("here one", 2, 1, 15, 0.5),
    ]
    lines = [orjson.loads(line) for line in export_cache(path)]
    assert [(line["key"], line["asked"], line["reply"]) for line in lines] == [
        ("01", {"prompt": "?"}, {"text": "A"}),
        ("02", None, "no json"),
        ("03", None, {}),
    ]
    assert prune_cache(path, older_than_days=1) == 0
    assert prune_cache(path, label="here") == 2
    assert prune_cache(path) == 1
    assert show_cache(path).shelves == ()


@pytest.mark.parametrize("function", ["show_cache", "export_cache", "prune_cache"])
def test_a_cache_that_is_not_there_is_not_made(function: str, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        list(getattr(cache_contents, function)(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


def test_processes_that_make_the_file_at_once_agree(tmp_path: Path) -> None:
    code = "import sys, pathlib, prefactor.runtime.cache as c; c.ReplyCache(pathlib.Path(sys.argv[1])).close()"
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "c.db")]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert show_cache(tmp_path / "c.db").shelves == ()
