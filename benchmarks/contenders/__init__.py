"""What prefactor is compared with: one file per package, loaded only where the package is installed.

Knows how to load them and to keep arithmetic on one thread; nothing of what is measured.
"""

import os
import sys
import warnings
from importlib import import_module
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any, Final

__all__ = ["HERE", "load", "on_one_thread", "real_data"]

HERE: Final = Path(__file__).resolve().parent.parent
"""The folder of the benchmarks."""

_THREADS: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def on_one_thread() -> None:
    """Start this program again with one BLAS thread, unless it has been: BLAS reads the limit when it is loaded."""
    if any(os.environ.get(name) != value for name, value in _THREADS.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **_THREADS})


def load(name: str, *packages: str) -> tuple[Any, str]:
    """Load a contender.

    Parameters
    ----------
    name
        Module of this package.
    *packages
        What it needs, by the names they are installed under.

    Returns
    -------
    tuple
        The module and the versions of the packages; None and nothing where one is missing, which is printed.
    """
    # The coverage.py among the benchmarks is not the package that numba looks for.
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != HERE]
    missing = [package for package in packages if not any(distributions(name=package))]
    if missing:
        print(f"not installed, left out: {', '.join(missing)}\n")
        return None, ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = import_module(f"contenders.{name}")
    return module, ", ".join(f"{package} {version(package)}" for package in packages)


def real_data() -> Path:
    """Return the folder with the real logs."""
    return Path(os.environ.get("PREFACTOR_DATA") or HERE.parent.parent / "shared" / "data")
