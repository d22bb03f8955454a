"""The file of a reply cache: how it is laid out, opened, and packed. Knows no calls."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prefactor.errors import InputFileError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["Packer", "force_to_disk", "open_cache_file", "transaction", "unpack"]

_APPLICATION: Final = 0x50464143
"""Marks the file as ours (PRAGMA application_id): the letters PFAC."""

_VERSION: Final = 1

_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS replies (
    key BLOB PRIMARY KEY, content BLOB NOT NULL, asked BLOB, label TEXT NOT NULL, tokens INTEGER NOT NULL,
    price REAL NOT NULL, made REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS claims (key BLOB PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
COMMIT;
"""

_PATIENCE: Final = 30.0
"""Seconds to wait for another process that writes."""


_PAGE_BYTES: Final = 8_192
"""A page holds a reply with its prompt; one of 4,096 bytes, the usual size, often does not."""

_LOG_PAGES: Final = 4_000
"""Pages that the log may have before it is copied into the file, which has writers wait for the disk."""


class Packer:
    """Compresses one content after the other, on one thread: to make a compressor takes longer than to use it.

    Examples
    --------
    >>> unpack(Packer().pack(b"a reply"))
    b'a reply'
    """

    def __init__(self) -> None:
        self._compressor = zstd.ZstdCompressor(level=1)

    def pack(self, content: bytes) -> bytes:
        """Return ``content`` compressed."""
        return self._compressor.compress(content, mode=zstd.ZstdCompressor.FLUSH_FRAME)


def unpack(packed: bytes) -> bytes:
    """Return what :meth:`Packer.pack` compressed."""
    return zstd.decompress(packed)


def open_cache_file(path: Path, *, create: bool = True) -> sqlite3.Connection:
    """Open a cache, for any thread.

    Readers never wait for writers (WAL). A commit survives the end of the process, however it ends; whether it survives
    that of the machine is up to :func:`transaction`, and it does outside of one (``synchronous=FULL``).

    Parameters
    ----------
    path
        The file.
    create
        Whether to make it where it is not there.

    Raises
    ------
    InputFileError
        It is not there, is no cache, or one of a later version.
    """
    if not create and not path.is_file():
        raise InputFileError(str(path), expected="a cache of replies", got="no such file")
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise InputFileError(str(path), expected="a cache of replies", got=str(error)) from None
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, *, force: bool) -> Iterator[sqlite3.Connection]:
    """Do a block in one transaction.

    Parameters
    ----------
    connection
        To the cache; in no transaction.
    force
        Whether this transaction and all before it, of any process, are on the disk at the end (an ``fsync`` of the
        log). Otherwise they are with the operating system, whom no end of a process robs of them.
    """
    connection.execute(f"PRAGMA synchronous = {'FULL' if force else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield connection
        if force:
            force_to_disk(connection)


def force_to_disk(connection: sqlite3.Connection) -> None:
    """Write a page, in a transaction: one that writes nothing would force nothing onto the disk."""
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != _APPLICATION and tables:
        raise InputFileError(str(path), expected="a cache of replies", got="another program's database")
    if version > _VERSION:
        got, hint = f"one of version {version}", "update prefactor, or name another file"
        raise InputFileError(str(path), expected=f"a cache of version {_VERSION}", got=got, hint=hint)
    if application != _APPLICATION:
        _make(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")


def _make(connection: sqlite3.Connection) -> None:
    """Lay out an empty file; another process may be doing the same, and a switch to WAL does not wait for it."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            if connection.in_transaction:
                connection.rollback()
            time.sleep(0.05)
        else:
            return
