"""Claims: which process is making which call, so that no other makes it too. Knows keys and processes."""

import os
import socket
import sqlite3
import sys
import time
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

__all__ = ["LEASE_SECONDS", "Owner", "drop_dead_claim"]

LEASE_SECONDS: Final = 30.0
"""A claim that was not renewed for so long is void; its owner renews it three times as often."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has claimed a call.

    Parameters
    ----------
    host
        Name of the machine.
    process
        Number of the process there.
    token
        Tells apart caches that one process has open.
    """

    host: str
    process: int
    token: str

    def __str__(self) -> str:
        return f"{self.process}|{self.token}|{self.host}"

    @classmethod
    def here(cls) -> "Owner":
        """Return a new owner in this process."""
        return cls(socket.gethostname(), os.getpid(), uuid4().hex)

    @classmethod
    def from_text(cls, text: str) -> "Owner":
        """Return the owner that ``str`` made a text of.

        Examples
        --------
        >>> Owner.from_text("12|ab|machine").host
        'machine'
        """
        process, token, host = text.split("|", 2)
        return cls(host, int(process), token)

    def is_gone(self) -> bool:
        """Whether the process is known to be over; False where that cannot be seen from here."""
        if self.host != socket.gethostname() or sys.platform == "win32":  # os.kill would end it there
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False


def drop_dead_claim(connection: sqlite3.Connection, key: bytes) -> None:
    """Delete the claim on ``key`` where its lease or its process is over."""
    row = connection.execute("SELECT owner, until FROM claims WHERE key = ?", (key,)).fetchone()
    if row is not None and (row[1] < time.time() or Owner.from_text(row[0]).is_gone()):
        connection.execute("DELETE FROM claims WHERE key = ?", (key,))
