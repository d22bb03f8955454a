"""What a reply cache holds, for people: shown, exported and pruned. Knows keys, labels and bytes."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson

from prefactor._validate import check_positive
from prefactor.runtime.cache_file import open_cache_file, unpack

__all__ = ["CacheContents", "CacheShelf", "export_cache", "prune_cache", "show_cache"]


@dataclass(frozen=True, slots=True)
class CacheShelf:
    """Replies of one model.

    Parameters
    ----------
    label
        Whom they were asked of.
    replies, with_prompts
        How many there are, and how many of them are kept with what was asked.
    tokens, price
        What they cost in all.
    first, last
        Unix times of the oldest and the newest.
    """

    label: str
    replies: int
    with_prompts: int
    tokens: int
    price: float
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class CacheContents:
    """What a cache holds.

    Parameters
    ----------
    size
        Bytes of the file.
    shelves
        One for every model, by their labels.
    claims
        Calls that some process is making, or was making when it ended.
    """

    size: int
    shelves: tuple[CacheShelf, ...]
    claims: int


def show_cache(path: Path) -> CacheContents:
    """Return what a cache holds.

    Raises
    ------
    InputFileError
        The file is not there or is no cache.
    """
    query = (
        "SELECT label, count(*), count(asked), sum(tokens), sum(price), min(made), max(made) "
        "FROM replies GROUP BY label ORDER BY label"
    )
    with closing(open_cache_file(path, create=False)) as connection:
        shelves = tuple(CacheShelf(*row) for row in connection.execute(query))
        # A claim may outlive its call for a while: it counts only for as long as there is no reply.
        query = "SELECT count(*) FROM claims WHERE key NOT IN (SELECT key FROM replies)"
        claims = connection.execute(query).fetchone()[0]
    return CacheContents(path.stat().st_size, shelves, claims)


def export_cache(path: Path) -> Iterator[bytes]:
    """Yield every reply as one line of JSON, oldest first.

    A line holds ``key``, ``label``, ``made``, ``tokens``, ``price``, ``asked`` (null where it was left out) and
    ``reply``.

    Raises
    ------
    InputFileError
        The file is not there or is no cache.
    """
    query = "SELECT key, label, made, tokens, price, asked, content FROM replies ORDER BY made, key"
    with closing(open_cache_file(path, create=False)) as connection:
        for key, label, made, tokens, price, asked, content in connection.execute(query):
            line = {"key": key.hex(), "label": label, "made": made, "tokens": tokens, "price": price}
            line["asked"] = None if asked is None else _readable(unpack(asked))
            line["reply"] = _readable(unpack(content))
            yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def prune_cache(path: Path, *, label: str = "", older_than_days: int | None = None) -> int:
    """Delete replies, and give their space back; return how many.

    Parameters
    ----------
    path
        The file.
    label
        Only those whose label holds this text; empty for any.
    older_than_days
        Only those older; None for any age.

    Raises
    ------
    InputFileError
        The file is not there or is no cache.
    SettingError
        The number of days is none.
    """
    before = time.time() + 1
    if older_than_days is not None:
        before = time.time() - 86_400 * check_positive("older_than_days", older_than_days)
    with closing(open_cache_file(path, create=False)) as connection:
        query = "DELETE FROM replies WHERE instr(label, ?) > 0 AND made < ?"
        deleted: int = connection.execute(query, (label, before)).rowcount
        connection.execute("VACUUM")
    return deleted


def _readable(content: bytes) -> object:
    """Return JSON as what it means, and anything else as text."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode("utf-8", "replace")
