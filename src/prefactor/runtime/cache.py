"""Replies that were paid for, in one SQLite file that several processes may use at once. Knows keys and bytes only.

A reply is in the file, where no kill of a process reaches it, before :meth:`ReplyCache.store` returns, and on the disk,
where a power cut does not, before :meth:`ReplyCache.sync` does. A call is claimed before it is made, so that two
processes that want the same reply pay once; a claim ends with its process, or with its lease where that process
cannot be seen. Failures are not kept.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from prefactor.errors import InputFileError
from prefactor.runtime.cache_file import Packer, force_to_disk, open_cache_file, transaction, unpack
from prefactor.runtime.claims import LEASE_SECONDS, Owner, drop_dead_claim

__all__ = ["Claim", "ReplyCache", "StoredReply"]

Item = TypeVar("Item")

_READ_AT_ONCE: Final = 500
"""Keys in one look-up: SQLite takes at most 999 in the oldest versions in use."""

_LINGER: Final = 0.001
"""Seconds that the writer waits for more to come: a commit for each of a few calls would cost more than the calls."""

_UNFORCED_SECONDS: Final = 1.0
"""A reply that waits for the disk for so long is put there without being asked: what a power cut may cost."""

_NEW_REPLY: Final = "INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?)"
_NEW_CLAIM: Final = "INSERT OR IGNORE INTO claims VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply to be kept.

    Parameters
    ----------
    key
        What tells its call from every other.
    content
        The reply.
    asked
        The call itself, for people to read; None leaves it out.
    label
        Whom it was asked of, for people to read.
    tokens, price
        What it cost; the price in the user's currency.
    """

    key: bytes
    content: bytes
    asked: bytes | None = None
    label: str = ""
    tokens: int = 0
    price: float = 0.0


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of claiming a call: it is ours, unless there is a reply by now or another process is making it.

    Parameters
    ----------
    content
        The reply, where there is one.
    held_by_other
        Whether another process is making the call.
    """

    content: bytes | None = None
    held_by_other: bool = False


_Work: TypeAlias = StoredReply | Callable[[sqlite3.Connection], Any]


@dataclass(slots=True)
class _Job:
    """A reply to keep or another thing to do in a transaction, and who waits for it."""

    work: _Work
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Any]"

    def tell(self, result: object, failure: Exception | None) -> None:
        """Hand on what came of it, on the thread of the loop."""
        if self.done.done():
            return
        if failure is None:
            self.done.set_result(result)
        else:
            self.done.set_exception(failure)


class ReplyCache:
    """An open cache, for one event loop at a time.

    Writing is done by one thread, which takes everything that waits into one transaction: a commit costs the same for
    one reply and for hundreds.

    Parameters
    ----------
    path
        The file; made where it is not there.

    Raises
    ------
    InputFileError
        The file is no cache, or one of a later version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._owner = str(Owner.here())
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._kept: list[bytes] = []
        self._unforced_since: float | None = None
        self._packer = Packer()
        self._reader = open_cache_file(path)
        self._writer = open_cache_file(path)
        self._thread = threading.Thread(target=self._write, name="prefactor-cache", daemon=True)
        self._thread.start()

    def look_up(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the replies that are there, by their keys."""
        return _look_up(self._reader, keys)

    async def claim(self, keys: Sequence[bytes]) -> list[Claim]:
        """Claim calls, so that no other process makes them.

        Raises
        ------
        InputFileError
            The cache cannot be written.
        """
        found: list[Claim] = await self._run(lambda connection: self._claim_all(connection, keys))
        return found

    async def store(self, reply: StoredReply) -> None:
        """Keep a reply and end its claim; the process may be killed when this returns, and the machine after ``sync``.

        Raises
        ------
        InputFileError
            The cache cannot be written.
        """
        await self._run(reply)

    async def sync(self) -> None:
        """Have everything that was kept on the disk.

        Raises
        ------
        InputFileError
            The cache cannot be written.
        """
        await self._run(force_to_disk)

    async def release(self, keys: Sequence[bytes]) -> None:
        """End claims of calls that brought no reply.

        Raises
        ------
        InputFileError
            The cache cannot be written.
        """
        await self._run(lambda connection: self._end_claims(connection, keys))

    def close(self) -> None:
        """Write what waits, onto the disk, end all claims and close the file."""
        self._jobs.put(None)
        self._thread.join()
        # What cannot be written now is in the file all the same, and void claims end with the process.
        with suppress(sqlite3.Error), transaction(self._writer, force=self._unforced_since is not None) as connection:
            connection.execute("DELETE FROM claims WHERE owner = ? OR until < ?", (self._owner, time.time()))
        self._reader.close()
        self._writer.close()

    def _claim_all(self, connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[Claim]:
        self._end_kept(connection)
        found = {key: Claim(content=content) for key, content in _look_up(connection, keys).items()}
        for part in _parts([key for key in keys if key not in found], _READ_AT_ONCE // 3):
            until = time.time() + LEASE_SECONDS
            values = [value for key in part for value in (key, self._owner, until)]
            query = f"INSERT OR IGNORE INTO claims VALUES {_marks(len(part), 3)} RETURNING key"  # noqa: S608 -- marks
            found.update(dict.fromkeys((key for (key,) in connection.execute(query, values).fetchall()), Claim()))
        return [found.get(key) or self._claim_again(connection, key) for key in keys]

    def _claim_again(self, connection: sqlite3.Connection, key: bytes) -> Claim:
        """Claim a call that somebody has claimed before, if that claim is over."""
        drop_dead_claim(connection, key)
        claim = (key, self._owner, time.time() + LEASE_SECONDS)
        return Claim(held_by_other=not connection.execute(_NEW_CLAIM, claim).rowcount)

    def _end_claims(self, connection: sqlite3.Connection, keys: Sequence[bytes]) -> None:
        for part in _parts(keys, _READ_AT_ONCE):
            query = f"DELETE FROM claims WHERE owner = ? AND key IN {_marks(1, len(part))}"  # noqa: S608 -- marks only
            connection.execute(query, [self._owner, *part])

    def _end_kept(self, connection: sqlite3.Connection) -> None:
        """End the claims of replies that are kept. It is no matter when: a reply is looked for before its claim is."""
        kept, self._kept = self._kept, []
        self._end_claims(connection, kept)

    def _row(self, reply: StoredReply) -> tuple[object, ...]:
        pack = self._packer.pack
        asked = None if reply.asked is None else pack(reply.asked)
        return (reply.key, pack(reply.content), asked, reply.label, reply.tokens, reply.price, time.time())

    async def _run(self, work: _Work) -> Any:
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        return await job.done

    def _write(self) -> None:
        """Do what waits until there is nothing more to come, and renew our claims now and then."""
        renewed = time.monotonic()
        for jobs in self._batches():
            if jobs or self._is_overdue():
                self._do(jobs)
            if time.monotonic() - renewed > LEASE_SECONDS / 3:
                renewed = time.monotonic()
                self._renew()

    def _batches(self) -> Iterator[list[_Job]]:
        """Yield everything that waits; where nothing does, an empty list every second."""
        while True:
            jobs: list[_Job | None] = []
            with suppress(queue.Empty):
                jobs.append(self._jobs.get(timeout=min(_UNFORCED_SECONDS, LEASE_SECONDS / 6)))
                time.sleep(_LINGER)
                while jobs[-1] is not None:
                    jobs.append(self._jobs.get_nowait())
            yield [job for job in jobs if job is not None]
            if jobs and jobs[-1] is None:
                return

    def _is_overdue(self) -> bool:
        """Whether replies are in the file that have not been forced onto the disk for too long."""
        return self._unforced_since is not None and time.monotonic() > self._unforced_since + _UNFORCED_SECONDS

    def _do(self, jobs: list[_Job]) -> None:
        results: list[object] = [None] * len(jobs)
        failure: Exception | None = None
        try:
            results = self._do_at_once([job.work for job in jobs])
        except sqlite3.Error as error:
            failure = InputFileError(str(self.path), expected="a cache that can be written", got=str(error))
        except Exception as error:  # noqa: BLE001 -- whoever waits must hear of it, or would wait for ever
            failure = error
        if jobs:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                jobs[0].loop.call_soon_threadsafe(_tell_all, jobs, results, failure)

    def _do_at_once(self, works: Sequence[_Work]) -> list[object]:
        """Do everything in one transaction, and force that onto the disk where that is asked for or overdue."""
        replies = [work for work in works if isinstance(work, StoredReply)]
        rows = [self._row(reply) for reply in replies]  # takes longest, so it is done before the lock is taken
        force = self._is_overdue() or any(work is force_to_disk for work in works)
        with transaction(self._writer, force=force) as connection:
            connection.executemany(_NEW_REPLY, rows)
            results = [None if isinstance(work, StoredReply) else work(connection) for work in works]
        self._kept += [reply.key for reply in replies]
        if force:
            self._unforced_since = None
        elif rows and self._unforced_since is None:
            self._unforced_since = time.monotonic()
        return results

    def _renew(self) -> None:
        """Lengthen our claims; where that fails now, the next turn may do it, and every write says what is wrong."""
        with suppress(sqlite3.Error):
            until = time.time() + LEASE_SECONDS
            self._writer.execute("UPDATE claims SET until = ? WHERE owner = ?", (until, self._owner))


def _tell_all(jobs: Sequence[_Job], results: Sequence[object], failure: Exception | None) -> None:
    for job, result in zip(jobs, results, strict=True):
        job.tell(result, failure)


def _look_up(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for part in _parts(keys, _READ_AT_ONCE):
        query = f"SELECT key, content FROM replies WHERE key IN {_marks(1, len(part))}"  # noqa: S608 -- marks only
        found.update((key, unpack(content)) for key, content in connection.execute(query, list(part)))
    return found


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _marks(rows: int, columns: int) -> str:
    """Return question marks for the values of a statement: ``(?,?),(?,?)``."""
    return ",".join([f"({','.join('?' * columns)})"] * rows)
