"""The file of a reply cache: how it is laid out, opened, and packed. Knows no calls."""

import sqlite3
import sys
import time
from pathlib import Path
from typing import Final

from prefactor.errors import InputFileError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["Packer", "open_cache_file", "unpack"]

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

    A commit is on the disk when it returns (``synchronous=FULL``), and readers never wait for writers (WAL).

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


def _make(connection: sqlite3.Connection) -> None:
    """Lay out an empty file; another process may be doing the same, and a switch to WAL does not wait for it."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
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
