"""The floors of the house: every import goes down, never up and never sideways between families.

Every kind of import counts: at the top, inside a function, under TYPE_CHECKING, and dotted names in strings (the
registries).
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator

import pytest

from meta.source import PACKAGE, REPOSITORY, Module, modules

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "_typing"}),
    frozenset({"config", "registry", "_optional", "_validate"}),
    frozenset({"data", "stats", "runtime", "llm"}),
    frozenset({"asking"}),
    frozenset({"readers", "factors", "judges", "graders", "interventions"}),
    frozenset({"analysis"}),
    frozenset({"checks"}),
    frozenset({"study", "questions", "report"}),
    frozenset({"app"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
LEVEL = {unit: level for level, floor in enumerate(FLOORS) for unit in floor}
SHARED_FLOORS = 2
"""The two lowest floors hold single modules, not families: those may use their neighbours."""

HOMES = {
    "polars": {
        *("data", "runtime", "llm", "asking", "readers", "factors", "judges", "graders", "interventions"),
        *("analysis", "checks", "study", "questions", "report", "app", "cli"),
    },
    "jinja2": {"report", "app"},
    "click": {"cli"},
    "rich": {"cli", "runtime"},
    "pyreqwest": {"llm"},
}
"""Packages that only some units may use; the others may be used anywhere."""

STANDARD_LATER = {"compression"}
"""In the standard library of later Pythons than the oldest that is supported."""

IMPORTERS = {"_optional", "registry", "cli", ""}
"""Where a module may be imported by its name: the door, the registries, the table of commands, and the face."""

DOTTED = re.compile(r"prefactor(\.\w+)+(:\w+)?")


def dependencies() -> frozenset[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return frozenset(re.split(r"[^\w]", requirement)[0] for requirement in project["dependencies"])


def absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    if module.path.name != "__init__.py":
        parts = parts[:-1]
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything the module imports, by statement or by a string."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = absolute(module, node)
            names = [alias.name for alias in node.names]
            yield from ((node.lineno, f"prefactor.{name}" if source == "prefactor" else source) for name in names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            yield node.lineno, node.value.partition(":")[0]


def complaint(unit: str, imported: str) -> str:
    """Why ``unit`` may not import ``imported``; empty when it may."""
    package, _, rest = imported.partition(".")
    if package != "prefactor":
        return third_party_complaint(unit, package)
    target = rest.partition(".")[0]
    if unit in {"", target}:
        return ""
    if target not in LEVEL:
        return f"{imported} is on no floor (the face is for users of the package)"
    if LEVEL[target] > LEVEL[unit]:
        return f"{imported} is above {unit}"
    if LEVEL[target] == LEVEL[unit] and LEVEL[unit] >= SHARED_FLOORS:
        return f"{imported} is beside {unit}"
    return ""


def third_party_complaint(unit: str, package: str) -> str:
    if package in sys.stdlib_module_names or package in STANDARD_LATER:
        return ""
    if package not in dependencies():
        return f"{package} is no core dependency: load it through prefactor._optional"
    if unit and unit not in HOMES.get(package, {unit}):
        return f"{package} belongs in {', '.join(sorted(HOMES[package]))}"
    return ""


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_imports_go_down(module: Module) -> None:
    found = [(line, complaint(module.unit, imported)) for line, imported in imports(module)]
    assert [f"{module.path.name}:{line}: {why}" for line, why in found if why] == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_modules_are_not_imported_by_name(module: Module) -> None:
    names = {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    used = (names | attributes) & {"import_module", "__import__"}
    assert module.unit in IMPORTERS or not used


def test_every_unit_stands_on_a_floor() -> None:
    units = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert units - {"__init__"} <= set(LEVEL)


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize(
    ("unit", "imported"),
    [
        ("stats", "prefactor.data.records"),
        ("data", "prefactor.analysis.results"),
        ("readers", "prefactor.factors.base"),
        ("report", "prefactor.study"),
        ("errors", "prefactor.config"),
        ("cli", "prefactor.__version__"),
        ("stats", "polars"),
        ("readers", "click"),
        ("stats", "scipy"),
        ("judges", "torch"),
    ],
)
def test_a_wrong_import_is_seen(unit: str, imported: str) -> None:
    assert complaint(unit, imported)


@pytest.mark.parametrize(
    ("unit", "imported"),
    [
        ("analysis", "prefactor.stats.estimate"),
        ("cli", "prefactor.report"),
        ("readers", "prefactor.readers.base"),
        ("registry", "prefactor.errors"),
        ("_validate", "prefactor.config"),
        ("readers", "backports.zstd"),
        ("", "prefactor.cli"),
    ],
)
def test_a_right_import_passes(unit: str, imported: str) -> None:
    assert complaint(unit, imported) == ""


def test_hidden_imports_are_found() -> None:
    text = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from ..cli import main\n"
        "def f():\n    import prefactor.app\n"
        "READERS = {'x': 'prefactor.study:Study'}\n"
        "from prefactor import report\n"
    )
    module = Module("prefactor.stats.tau", PACKAGE / "stats" / "tau.py", ast.parse(text))
    found = {imported for _, imported in imports(module)}
    assert found == {"typing", "prefactor.cli", "prefactor.app", "prefactor.study", "prefactor.report"}
