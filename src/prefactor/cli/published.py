"""``prefactor published``: the 33 judges whose weights were published, and how alike they are. Needs no log."""

from pathlib import Path

import click

from prefactor.analysis.published_groups import PublishedComparison
from prefactor.analysis.reference import load_published_profiles
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.terminal import heading, line, print_table
from prefactor.cli.trees import print_matrix, print_tree
from prefactor.questions import published
from prefactor.report.command_file import fields_of
from prefactor.stats.estimate import Estimate

__all__ = ["published_command"]


@click.command("published")
@click.option(
    "--slice", "slices", multiple=True, metavar="NAME", help="Average over these slices. [default: scenarios]"
)
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="These judges only. May be repeated.")
@json_option("published")
def published_command(*, slices: tuple[str, ...], judges: tuple[str, ...], out: Path | None) -> None:
    """Compare the judges whose weights on 29 properties were published: people, GPT-4, GPT-3.5 and 30 open models.

    Similarity is Pearson's correlation of the weights, averaged over slices. The weights came without noise, so that
    nothing here has an interval.
    """
    found = published(slices=slices, judges=judges)
    _print_comparison(found)
    if out is not None:
        results = fields_of(found, without=["slices", "source"])
        settings = {"slices": found.slices, "judges": judges, "source": found.source}
        line()
        line(f"numbers: {write_results(out, 'published', results=results, settings=settings)}", "bold")


def _print_comparison(found: PublishedComparison) -> None:
    line(f"{len(found.judges)} judges, similarity averaged over {len(found.slices)} slices: {', '.join(found.slices)}")
    line(f"source: {found.source}")
    line("no intervals: the weights were published without their noise")
    if found.slices == load_published_profiles().scenarios:
        _print_figures(found)
    heading("judges whose weights are alike (average linkage on Pearson's correlation)")
    print_tree(found.tree)
    heading("similarity")
    values = [[Estimate(value) for value in row] for row in found.similarity]
    if not print_matrix(found.judges, values):
        line(f"  {len(found.judges)} judges do not fit this terminal: see --out, or pick some with --judge")


def _print_figures(found: PublishedComparison) -> None:
    """Print the figures of groups beside those published, which are averages over the scenarios."""
    heading("figures of groups, here and as published (arXiv 2402.11296)")
    rows = [
        (each.group, f"{each.pairs:,}", f"{each.mean:.2f}", f"{each.least:.2f} to {each.most:.2f}", each.published)
        for each in found.groups
    ]
    rows += [
        (f"{each.base} ~ {each.aligned}", "1", f"{each.similarity:.2f}", "", each.published) for each in found.aligned
    ]
    print_table(["group", "pairs ", "mean ", "least to most", "published"], rows)
