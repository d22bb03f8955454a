"""Importing the package, or asking the command line for help, loads nothing heavy.

Held by the modules loaded, not by a clock; the clock is in the benchmarks.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

import pytest

from meta.source import PACKAGE

HEAVY = (
    "polars",
    "numpy",
    "orjson",
    "jinja2",
    "scipy",
    "pandas",
    "pyarrow",
    "torch",
    "ray",
    "transformers",
    "datasets",
    "pyreqwest",
)
WHEN_IMPORTED = (*HEAVY, "click", "rich", "asyncio", "multiprocessing")

LOADED = (
    "import sys, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
)
HELP = """
import runpy, sys
sys.argv = ["prefactor", *sys.argv[1:]]
try:
    runpy.run_module("prefactor", run_name="__main__", alter_sys=True)
except SystemExit as error:
    if error.code:
        raise
"""


def loaded_by(code: str, *arguments: str) -> set[str]:
    """Top-level names of the modules a fresh Python has loaded after ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LOADED}", *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    names: list[str] = json.loads(done.stderr.splitlines()[-1])
    return set(names)


def test_importing_the_package_is_light() -> None:
    found = loaded_by("import prefactor")
    assert "prefactor" in found
    assert found.isdisjoint(WHEN_IMPORTED), found & set(WHEN_IMPORTED)


def test_a_heavy_import_is_seen() -> None:
    assert "numpy" in loaded_by("import numpy")


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)], ids=" ".join)
def test_help_is_light(arguments: tuple[str, ...], skip_or_fail: Callable[[str], NoReturn]) -> None:
    if not (PACKAGE / "__main__.py").exists():
        skip_or_fail("needs the command line (prefactor/__main__.py)")
    found = loaded_by(HELP, *arguments)
    assert found.isdisjoint(HEAVY), found & set(HEAVY)


def test_explaining_opens_no_connection() -> None:
    assert "pyreqwest" not in loaded_by(HELP, "explain", "--help")
