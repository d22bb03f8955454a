"""``prefactor factors``: what can be measured."""

from collections.abc import Sequence

import click

from prefactor.cli.options import factor_specs, factors_option
from prefactor.cli.terminal import heading, line, print_table
from prefactor.factors.base import Factor
from prefactor.factors.loading import load_factors
from prefactor.factors.taxonomy import APPLIES, MEASURED, TAXONOMIES, read_taxonomy

__all__ = ["factors_command"]


@click.command("factors")
@click.option(
    "--taxonomy",
    multiple=True,
    type=click.Choice(TAXONOMIES),
    help="List the factors of this taxonomy, which take a model, instead of the lexical ones. May be repeated.",
)
@factors_option
@click.option("--long", "full", is_flag=True, help="Show definitions in full, and what the levels of ratings mean.")
def factors_command(*, taxonomy: tuple[str, ...], factors: tuple[str, ...], full: bool) -> None:
    """List factors: name, unit, group, how they are measured, when they apply, and what exactly is measured."""
    known = load_factors((*taxonomy, *factors) if taxonomy else factor_specs(factors)).factors
    for name in taxonomy:
        line(f"{name}: {read_taxonomy(name).about}")
    for group in dict.fromkeys(factor.group for factor in known):
        heading(group)
        members = [factor for factor in known if factor.group == group]
        if full:
            for factor in members:
                line(f"  {factor.name} ({factor.unit}; {'; '.join(_about(factor))}): {factor.definition}")
                if factor.anchors:
                    line(f"    {', '.join(f'{level} {anchor}' for level, anchor in enumerate(factor.anchors))}")
        else:
            print_table(["name", "label", "unit", "measured", "applies"], [_row(factor) for factor in members])
    line()
    line(f"{len(known)} factors" + ("" if full else "; --long shows definitions"))
    if not taxonomy:
        line(f"more take a model: --taxonomy {', '.join(TAXONOMIES)}")


def _row(factor: Factor) -> Sequence[str]:
    return (factor.name, factor.label, factor.unit, *_about(factor))


def _about(factor: Factor) -> Sequence[str]:
    """Return how a factor is measured, and when it applies or what it suits."""
    suits = "" if factor.tasks == ("any",) else f" ({', '.join(factor.tasks)})"
    return MEASURED[factor.way], f"{APPLIES[factor.needs]}{suits}"
