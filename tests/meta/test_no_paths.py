"""Nothing in the project names the machine it was written on, or where packages are fetched from."""

import re
import subprocess
from pathlib import Path

import pytest

from meta.source import REPOSITORY

IGNORED_FOLDERS = {".git", ".venv", "build", "dist", "__pycache__"}
MACHINE = re.compile(
    r"(?<![\w.])/(?:work|root|home/\w|Users/\w|tmp/)|\b[A-Z]:\\\\?Users\b"
    r"|\bpypi\.org\b|pythonhosted\.org|registry\.npmjs|anaconda\.org|--(?:extra-)?index-url|(?:PIP|UV)_\w*INDEX",
)


def project_files() -> list[Path]:
    """Files that are, or are about to be, part of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return [REPOSITORY / name for name in sorted(listed.stdout.split("\0")) if name]
    return sorted(
        path
        for path in REPOSITORY.rglob("*")
        if path.is_file() and IGNORED_FOLDERS.isdisjoint(path.relative_to(REPOSITORY).parts)
    )


def complaints(text: str) -> list[str]:
    lines = enumerate(text.splitlines(), start=1)
    return [f"{number}: {match[0]}" for number, line in lines if (match := MACHINE.search(line))]


FILES = [path for path in project_files() if path.is_file() and path != Path(__file__)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_machine_in_the_text(path: Path) -> None:
    assert complaints(path.read_bytes().decode("utf-8", "replace")) == []


@pytest.mark.parametrize(
    "text", ["cd /" + "work/main", "see /home/someone/x", "https://pypi.org/simple", "C:\\Users\\me"]
)
def test_a_machine_is_seen(text: str) -> None:
    assert complaints(text)


@pytest.mark.parametrize("text", ["framework/main", "pip install .", "../shared/data", "https://example.org/home/x"])
def test_other_text_passes(text: str) -> None:
    assert complaints(text) == []
