"""What modules say they export exists, once and in order."""

import ast
from importlib import import_module

import pytest

import prefactor
from meta.source import PACKAGE, Module, modules


def exported(module: Module) -> list[str] | None:
    """Return ``__all__`` of the module as written, or None where there is none."""
    for node in module.tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            value = getattr(node, "value", None)
            return [str(name) for name in ast.literal_eval(value)] if value is not None else None
    return None


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each by the alphabet."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


EXPORTING = [module for module in modules() if exported(module) is not None]


@pytest.mark.parametrize("module", EXPORTING, ids=lambda module: module.name)
def test_exports_are_sorted_and_exist(module: Module) -> None:
    names = exported(module) or []
    assert names == sorted(set(names), key=order)
    loaded = import_module(module.name)
    assert [name for name in names if not hasattr(loaded, name)] == []


def test_the_face_resolves() -> None:
    names: list[str] = getattr(prefactor, "__all__", [])
    assert [name for name in names if not hasattr(prefactor, name)] == []
    assert set(names) <= set(dir(prefactor))


def test_type_checkers_see_the_same_face() -> None:
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    homes = {alias.name: node.module for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert set(homes) == set(getattr(prefactor, "__all__", ()))
    for name, home in homes.items():
        assert getattr(prefactor, name) is getattr(import_module(str(home)), name)


def test_the_face_refuses_what_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(prefactor, "no_such_name")  # noqa: B009 -- type checkers see no such name either
