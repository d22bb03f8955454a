"""Writes the map in ARCHITECTURE.md: every module by floor, with the first line of its docstring.

Run as ``make architecture``; a test compares the file with what this would write.
"""

import ast
import sys

from meta.source import REPOSITORY, Module, modules

DOCUMENT = REPOSITORY / "ARCHITECTURE.md"
BEGIN = "<!-- map: written by `make architecture` -->"
END = "<!-- end of map -->"

FLOORS = (
    ("Command line", ("__main__", "cli")),
    ("Live views", ("app",)),
    ("Study and report", ("study", "questions", "report")),
    ("Checks", ("checks",)),
    ("Analysis", ("analysis",)),
    ("Families", ("readers", "factors", "judges", "graders", "interventions")),
    ("Asking models", ("asking",)),
    ("Records, statistics, execution", ("data", "stats", "runtime", "llm")),
    ("Ground", ("config", "registry", "_optional", "_validate")),
    ("Bedrock", ("errors", "_typing")),
)


def first_line(module: Module) -> str:
    """First line of the module's docstring."""
    return (ast.get_docstring(module.tree) or "").partition("\n")[0]


def line(module: Module) -> str:
    """One entry of the map; members of a package are indented below it."""
    parts = module.name.split(".")[1:]
    file = "/".join(parts) + ("/" if module.path.name == "__init__.py" else ".py")
    return f"{'  ' * (len(parts) - 1)}- `{file}`: {first_line(module)}"


def render_map(found: tuple[Module, ...]) -> str:
    """Return the map of ``found`` in Markdown, the top floor first."""
    face = [f"- `__init__.py`: {first_line(module)}" for module in found if not module.unit]
    blocks = ["\n".join(["### Face", "", *face])] if face else []
    for title, units in FLOORS:
        lines = [line(module) for unit in units for module in found if module.unit == unit]
        if lines:
            blocks.append("\n".join([f"### {title}", "", *lines]))
    return "\n\n".join(blocks)


def with_map(text: str, written: str) -> str:
    """Return ``text`` with the part between the two marks replaced."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"{DOCUMENT.name} has lost its marks {BEGIN!r} and {END!r}"
        raise ValueError(message)
    return f"{before}{BEGIN}\n\n{written}\n\n{END}{after}"


def main() -> None:
    """Write the map into the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_map(text, render_map(modules())), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.name}: {len(modules())} modules\n")


if __name__ == "__main__":
    main()
