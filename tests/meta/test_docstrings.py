"""Every public function and class says what it is, and names exactly the parameters it has."""

import ast
import re

import pytest

from meta.source import (
    Definition,
    Module,
    is_command,
    is_dataclass,
    modules,
    parameters,
    protocol_methods,
    public_definitions,
)

MANY = 4
"""From this many parameters on, a function must list them."""

NEED_NO_LIST = {
    "prefactor.app.browse_view": "its fields are the words of the page, and read as such",
    "prefactor.app.files_view": "its fields are the words of the page, and read as such",
    "prefactor.app.lens_view": "its fields are the words of the page, and read as such",
    "prefactor.app.likeness_view": "its fields are the words of the page, and read as such",
    "prefactor.app.pages": "its fields are the words of the page, and read as such",
    "prefactor.app.profile_view": "its fields are the words of the page, and read as such",
    "prefactor.app.tables": "its fields are the words of the page, and read as such",
    "prefactor.report.joint_views": "its fields are the words of the page, and read as such",
    "prefactor.report.views": "its fields are the words of the page, and read as such",
}
"""Modules whose dataclasses need not list their fields, and why."""


def section(docstring: str, title: str) -> list[str] | None:
    """Names listed in a section of a numpydoc docstring, or None where there is no such section."""
    match = re.search(rf"^{title}\n-+\n(.*?)(?=^\S[^\n]*\n-{{3,}}\n|\Z)", docstring, re.DOTALL | re.MULTILINE)
    if match is None:
        return None
    heads = [line.partition(" : ")[0] for line in match[1].splitlines() if re.match(r"[*\w]", line)]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def fields(node: ast.ClassDef) -> dict[str, bool]:
    """Fields of a dataclass that its constructor takes, each with whether it must be given."""
    return {
        each.target.id: each.value is None
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and "ClassVar" not in ast.unparse(each.annotation)
        and not (each.value is not None and "init=False" in ast.unparse(each.value))
        and not each.target.id.startswith("_")
    }


def taken(definition: Definition) -> list[str] | None:
    """Names of what a definition takes; None where that is not to be listed."""
    node = definition.node
    if not isinstance(node, ast.ClassDef):
        return [each.arg for each in parameters(definition)]
    if is_dataclass(node):
        return list(fields(node))
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__":
            return [each.arg for each in parameters(Definition(definition.name, member, node))]
    return None


def must_list(definition: Definition) -> bool:
    """Whether a definition must list what it takes."""
    node = definition.node
    if isinstance(node, ast.ClassDef):
        return is_dataclass(node) and definition.name.rpartition(".")[0] not in NEED_NO_LIST
    fixed_by_family = definition.owner is not None and node.name in protocol_methods()
    return len(parameters(definition)) >= MANY and not fixed_by_family


def complaint(definition: Definition) -> str:
    """What is wrong with a docstring; empty when nothing is."""
    node = definition.node
    if is_command(node) or "overload" in {ast.unparse(each) for each in node.decorator_list}:
        return ""
    docstring = ast.get_docstring(node)
    if not docstring:
        return "has no docstring"
    names = taken(definition)
    listed = section(docstring, "Parameters")
    if listed is None:
        return "lists no parameters" if must_list(definition) and names else ""
    if isinstance(node, ast.ClassDef) and is_dataclass(node):
        required = {name for name, given in fields(node).items() if given}
        matches = required <= set(listed) <= set(names or [])
    else:
        matches = listed == names
    return "" if matches else f"lists {listed}, takes {names}"


@pytest.mark.parametrize("definition", public_definitions(), ids=lambda definition: definition.name)
def test_docstring(definition: Definition) -> None:
    assert complaint(definition) == ""


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_module_says_what_it_is(module: Module) -> None:
    docstring = ast.get_docstring(module.tree) or ""
    assert docstring.splitlines()[:1] != []
    assert len(docstring.splitlines()[0]) > len("prefactor.") or not module.unit


@pytest.mark.parametrize(
    "text",
    [
        "def f(a): ...",
        'def f(a, b):\n    """Do.\n\n    Parameters\n    ----------\n    a\n        It.\n    """',
        'def f(a):\n    """Do.\n\n    Parameters\n    ----------\n    b : int\n        It.\n    """',
        'def f(a, b, c, d):\n    """Do."""',
        '@dataclass\nclass F:\n    """It."""\n    a: int',
        '@dataclass\nclass F:\n    """It.\n\n    Parameters\n    ----------\n    a\n        A.\n    """\n    b: int',
    ],
)
def test_a_bad_docstring_is_seen(text: str) -> None:
    node = ast.parse(text).body[0]
    assert isinstance(node, (ast.FunctionDef, ast.ClassDef))
    assert complaint(Definition("f", node))


def test_a_good_docstring_passes() -> None:
    text = (
        'def f(a, b, *, c):\n    """Do.\n\n    Parameters\n    ----------\n    a, b\n        Both.\n    c : int\n'
        '        It.\n\n    Returns\n    -------\n    int\n        What.\n    """'
    )
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert complaint(Definition("f", node)) == ""
