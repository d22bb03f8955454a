"""Tiny models that read texts whole, each made once."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from models.tiny_readers import make_reader

MakeReader = Callable[..., Path]


@pytest.fixture(scope="session")
def reader(skip_or_fail: Callable[[str], NoReturn], tmp_path_factory: pytest.TempPathFactory) -> MakeReader:
    """Return a function that makes a model, or finds it where it was made before."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        skip_or_fail("needs the extra local (torch and transformers)")
    made: dict[str, Path] = {}

    def make(kind: str, *, head: str = "", longest: int = 512, labels: tuple[str, ...] = ()) -> Path:
        key = f"{kind}-{head}-{longest}-{'-'.join(labels)}"
        if key not in made:
            further = {"labels": labels} if labels else {}
            made[key] = make_reader(tmp_path_factory.mktemp("reader"), kind, head=head, longest=longest, **further)
        return made[key]

    return make
