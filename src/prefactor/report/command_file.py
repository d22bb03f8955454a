"""Results of a command as one JSON document: the same envelope whatever was asked.

The names are a contract (``schemas/command-1.json``): within version 1 they are added to, never renamed or removed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from importlib.resources import files
from typing import Final, cast

import orjson

from prefactor.data.dataset import SourceCount
from prefactor.report.document import Json, plain_json

__all__ = ["COMMAND_SCHEMA_VERSION", "command_schema", "fields_of", "render_results"]

COMMAND_SCHEMA_VERSION: Final = "1.0"


def render_results(command: str, results: object, *, settings: object, sources: Sequence[SourceCount] = ()) -> bytes:
    """Return the results of a command as UTF-8 JSON, indented by two spaces.

    Parameters
    ----------
    command
        What was asked: ``"align"``, ``"control"``, ``"check"``, ``"plan"``, ``"validate"``, ``"published"``.
    results
        Dataclasses, mappings, sequences and plain values; numbers that could not be had become null.
    settings
        What produced them.
    sources
        Files that were read.

    Examples
    --------
    >>> document = json.loads(render_results("plan", {"power": float("nan")}, settings={"factors": 35}))
    >>> document["command"], document["settings"], document["results"], document["sources"]
    ('plan', {'factors': 35}, {'power': None}, [])
    """
    document = {
        "schema_version": COMMAND_SCHEMA_VERSION,
        "prefactor_version": version("prefactor"),
        "command": command,
        "settings": _opened(settings),
        "sources": _opened(sources),
        "results": _opened(results),
    }
    return orjson.dumps(plain_json(document), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def command_schema(name: str = "command") -> Mapping[str, Json]:
    """Return the JSON Schema (draft 2020-12) of the envelope, or of the results of ``"competence"``."""
    text = (files("prefactor.report") / "schemas" / f"{name}-1.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Json]", json.loads(text))


def fields_of(result: object, *, without: Sequence[str] = ()) -> Mapping[str, object]:
    """Return the fields of a dataclass by name.

    Parameters
    ----------
    result
        A dataclass.
    without
        Fields to leave out.

    Examples
    --------
    >>> fields_of(SourceCount("log.json", "columns", 3, 0, 0), without=["rows"])["file"]
    'log.json'
    """
    names = [each.name for each in fields(cast("SourceCount", result))]
    return {name: getattr(result, name) for name in names if name not in without}


def _opened(value: object) -> object:
    """Turn dataclasses into mappings, at any depth."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _opened(part) for name, part in fields_of(value).items()}
    if isinstance(value, Mapping):
        return {name: _opened(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_opened(part) for part in value]
    return value
