"""Writes the tables in the documentation that follow from the code: formats, factors, checks, judges.

Run as ``make docs``; a test compares the files with what this would write.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from meta.source import REPOSITORY
from prefactor.checks import CHECKS
from prefactor.factors import Factor, factors_of, load_measurers
from prefactor.factors.taxonomy import APPLIES, TAXONOMIES, load_taxonomy, read_taxonomy
from prefactor.graders import GRADERS, make_grader
from prefactor.judges.judge_file import SHIPPED, shipped_judge
from prefactor.readers import READERS
from prefactor.readers.questions import QUESTION_READERS

DOCS = REPOSITORY / "docs"


@dataclass(frozen=True)
class Table:
    """A table of one document, between two marks that bear its name."""

    name: str
    document: Path
    render: Callable[[], str]

    def put_into(self, text: str) -> str:
        """Return ``text`` with the part between the marks replaced by the table."""
        begin, end = f"<!-- {self.name}: written by `make docs` -->", f"<!-- end of {self.name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            message = f"{self.document.name} has lost its marks {begin!r} and {end!r}"
            raise ValueError(message)
        return f"{before}{begin}\n\n{self.render()}\n\n{end}{after}"


def rows_of(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; bars and angle brackets in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def formats() -> str:
    """Every source format: name and what a person calls it."""
    return rows_of(["`--format`", "what it is"], [[f"`{name}`", READERS[name].label] for name in READERS])


def factors() -> str:
    """Every lexical factor by group."""
    known = factors_of(load_measurers(["lexical"]))
    return "\n\n".join(
        f"### {group.capitalize()}\n\n"
        + rows_of(
            ["name", "unit", "definition"],
            [[f"`{each.name}`", each.unit, each.definition] for each in known if each.group == group],
        )
        for group in dict.fromkeys(each.group for each in known)
    )


def dissection() -> str:
    """The factors of the taxonomy of the published judges, by group."""
    known = read_taxonomy("dissection").factors
    head = ["name", "unit", "definition", "levels, from 0 up", "applies"]
    return "\n\n".join(
        f"#### {group.capitalize()}\n\n" + rows_of(head, [_asked(each) for each in known if each.group == group])
        for group in dict.fromkeys(each.group for each in known)
    )


def profile() -> str:
    """The factors of the three taxonomies by task, each once with the tasks that it is for."""
    names = [name for name in TAXONOMIES if name.startswith("profile-")]
    factors = {each.name: each for name in names for each in load_taxonomy(name)}
    tasks = {
        each: ", ".join(name.removeprefix("profile-") for name in names if factors[each] in load_taxonomy(name))
        for each in factors
    }
    head = ["name", "unit", "definition", "levels, from 0 up", "applies", "taxonomies"]
    return "\n\n".join(
        f"#### {group.capitalize()}\n\n"
        + rows_of(head, [[*_asked(each), tasks[each.name]] for each in factors.values() if each.group == group])
        for group in dict.fromkeys(each.group for each in factors.values())
    )


def _asked(factor: Factor) -> list[str]:
    return [
        f"`{factor.name}`",
        factor.unit,
        factor.definition,
        ", ".join(factor.anchors),
        APPLIES[factor.needs],
    ]


def checks() -> str:
    """Every check with its page and its advice."""
    return rows_of(
        ["code", "name", "what to do"],
        [[f"[{code}]({code}.md)", CHECKS[code].name, CHECKS[code].advice] for code in CHECKS],
    )


def judges() -> str:
    """Every judge that ships with the package."""
    found = [shipped_judge(name) for name in SHIPPED]
    return rows_of(["`--judge`", "version", "what it does"], [[f"`{j.name}`", str(j.version), j.about] for j in found])


def question_formats() -> str:
    """Every format of question sets."""
    return rows_of(
        ["`--format`", "what it is"], [[f"`{name}`", QUESTION_READERS[name].label] for name in QUESTION_READERS]
    )


def graders() -> str:
    """Every grader that goes by rules."""
    return rows_of(
        ["`--grader`", "calls an answer right that"], [[f"`{name}`", make_grader(name).label] for name in GRADERS]
    )


TABLES = (
    Table("formats", DOCS / "reading.md", formats),
    Table("factors", DOCS / "factors.md", factors),
    Table("dissection", DOCS / "factors.md", dissection),
    Table("profile", DOCS / "factors.md", profile),
    Table("checks", DOCS / "checks" / "index.md", checks),
    Table("judges", DOCS / "judging.md", judges),
    Table("questions", DOCS / "competence.md", question_formats),
    Table("graders", DOCS / "competence.md", graders),
)


def main() -> None:
    """Write every table into its document."""
    for table in TABLES:
        table.document.write_text(table.put_into(table.document.read_text(encoding="utf-8")), encoding="utf-8")
        sys.stdout.write(f"{table.document.name}: {table.name}\n")


if __name__ == "__main__":
    main()
