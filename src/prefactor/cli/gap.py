"""What a generation-evaluation gap looks like in a terminal, and its options and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Final

import click

from prefactor.analysis.alignment import (
    AlignmentSettings,
    FactorGap,
    Gap,
    GapTable,
    RoleProfile,
    find_roles,
    may_have_gap,
)
from prefactor.analysis.measurement import Scores
from prefactor.analysis.sentences import percent
from prefactor.cli.gathering import gathers
from prefactor.cli.json_file import write_results
from prefactor.cli.terminal import heading, line, print_table
from prefactor.data.dataset import Dataset
from prefactor.questions import gap
from prefactor.report.command_file import fields_of
from prefactor.report.gap_page import render_gap
from prefactor.report.writing import write_file
from prefactor.runtime.progress import Progress
from prefactor.stats.estimate import Estimate

__all__ = ["GapOptions", "gap_options", "print_gap", "write_gap"]

_MOST_FACTORS: Final = 15


@dataclass(frozen=True, slots=True)
class GapOptions:
    """What is said of a gap.

    Parameters
    ----------
    wanted
        Whether it is asked for, and nothing else.
    human, evaluates, generates
        Names of judges; empty where they are to be found.
    task
        Name of the task.
    """

    wanted: bool
    human: str
    evaluates: str
    generates: str
    task: str

    def applies(self, dataset: Dataset) -> bool:
        """Whether there is one to be told: asked for, or the judges are those of one."""
        return self.wanted or any((self.human, self.evaluates, self.generates)) or may_have_gap(dataset)

    def find(
        self, dataset: Dataset, scores: Scores, *, by: Sequence[str], settings: AlignmentSettings, progress: Progress
    ) -> Gap:
        """Compute it.

        Parameters
        ----------
        dataset, scores, by, settings, progress
            As for :func:`prefactor.questions.gap`.
        """
        roles = find_roles(dataset, human=self.human, evaluates=self.evaluates, generates=self.generates)
        return gap(dataset, scores, roles=roles, task=self.task, by=by, settings=settings, progress=progress)


_OPTIONS = (
    click.option(
        "--gap",
        "wanted",
        is_flag=True,
        help="Compare people, a model when it evaluates and the same model when it generates, and write a page.",
    ),
    click.option("--human", default="", metavar="JUDGE", help="The people. [default: the one human judge]"),
    click.option("--evaluates", default="", metavar="JUDGE", help="The model when it judges."),
    click.option("--generates", default="", metavar="JUDGE", help="The model when it writes: 'M when generating'."),
    click.option("--task", default="", metavar="NAME", help="What the task is called in the tables of a gap."),
)
gap_options = gathers("gap_asked", GapOptions, options=_OPTIONS)
"""Adds the options of a gap; the command takes them as ``gap_asked``."""


def write_gap(found: Gap, out: Path, *, asked: Mapping[str, object]) -> tuple[Path, Path]:
    """Write the numbers as JSON and the page beside them; return both paths.

    Parameters
    ----------
    found
        What was found.
    out
        A file ending in ``.json``, or a folder.
    asked
        What it was asked with.
    """
    results = fields_of(found, without=["settings", "sources"])
    file = write_results(out, "gap", results=results, settings=asked, sources=found.sources)
    page = file.with_suffix(".html")
    write_file(page, render_gap(found).encode())
    return file, page


def print_gap(found: Gap) -> None:
    """Print every table: the three judges, the gap in words, and the factors."""
    for table in found.tables:
        _print_table(table)


def _print_table(table: GapTable) -> None:
    heading(" - ".join(filter(None, [table.task, "" if table.slice == "all" and table.task else table.slice])))
    if table.reason:
        line(f"  nothing can be said: {table.reason}", "yellow")
        return
    print_table(
        ["", "judge", "strict ", "prompts ", "tau_b", "Spearman", "Pearson", "without noise", "agrees on"],
        [_role(name, each) for name, each in zip(_ROLES, table.profiles, strict=False)],
    )
    for profile in table.profiles:
        if profile.reason:
            line(f"  {profile.judge} has no agreement: {profile.reason}")
    if not table.paired:
        line("  people and the model judge too few comparisons together: each is taken on its own", "yellow")
    for sentence in table.sentences:
        line(f"  {sentence}")
    line()
    shown = table.factors[:_MOST_FACTORS]
    columns = ["factor", "human", "evaluates", "generates", "adds to the gap", ""]
    print_table(columns, [_factor(each) for each in shown])
    if len(table.factors) > len(shown):
        line(f"  and {len(table.factors) - len(shown):,} more factors, in gap.json and on the page")
    if table.left_out:
        line(f"  left out, as they differ in fewer than two prompts for a judge: {', '.join(table.left_out)}")


_ROLES: Final = ("human", "evaluates", "generates")


def _role(name: str, profile: RoleProfile) -> tuple[str, ...]:
    agreement = "-" if isnan(profile.agreement.value) else percent(profile.agreement)
    if profile.alignment is None:
        return (name, profile.judge, f"{profile.strict:,}", f"{profile.prompts:,}", "", "", "", "", "")
    numbers = (profile.alignment.kendall_tau_b, profile.alignment.spearman, profile.alignment.pearson)
    aligned = (*map(_shown, numbers), _shown(profile.alignment.corrected))
    return (name, profile.judge, f"{profile.strict:,}", f"{profile.prompts:,}", *aligned, agreement)


def _factor(each: FactorGap) -> tuple[str, ...]:
    places = [each.human, each.evaluates, each.generates]
    numbers = [_shown(place.tau14) if place else "-" for place in places]
    return (each.label, *numbers, _shown(each.contribution), "makes the gap" if each.named else "")


def _shown(estimate: Estimate) -> str:
    return "-" if isnan(estimate.value) else str(estimate)
