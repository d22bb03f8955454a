"""The tiny model that real servers serve, made once."""

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from servers.tiny_model import TinyModel

NEEDED = ("torch", "transformers", "accelerate", "fastapi", "uvicorn", "gguf", "xllamacpp")


@pytest.fixture(scope="session")
def tiny(skip_or_fail: Callable[[str], NoReturn]) -> "TinyModel":
    """Return the model, where everything is there that makes and serves it."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        skip_or_fail(f"needs {', '.join(missing)}: pip install --group dev")
    from servers.tiny_model import make_tiny_model  # noqa: PLC0415  # absent where these tests are skipped

    return make_tiny_model()
