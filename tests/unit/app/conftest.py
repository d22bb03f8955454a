"""One results folder, opened once, and one with hostile texts."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

from app.folders import TOKEN, write_folder
from prefactor.app import make_app
from prefactor.app.guard import AsgiApp
from prefactor.app.opened import Opened


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("hostile"), hostile=True)


@pytest.fixture
def opened(folder: Path) -> Opened:
    return Opened(folder)


@pytest.fixture
def web(folder: Path, skip_or_fail: Callable[[str], NoReturn]) -> AsgiApp:
    if find_spec("starlette") is None:
        skip_or_fail("needs starlette")
    return make_app(folder, token=TOKEN)


@pytest.fixture
def hostile_web(hostile_folder: Path, skip_or_fail: Callable[[str], NoReturn]) -> AsgiApp:
    if find_spec("starlette") is None:
        skip_or_fail("needs starlette")
    return make_app(hostile_folder, token=TOKEN)
