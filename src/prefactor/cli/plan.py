"""``prefactor plan``: how many comparisons a question needs."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import Final

import click

from prefactor.analysis.planning import Plan, Power, StudyDesign
from prefactor.cli.json_file import json_option, write_results
from prefactor.cli.terminal import heading, line, print_table
from prefactor.config import SMALLEST_EFFECT
from prefactor.questions import plan
from prefactor.report.command_file import fields_of

__all__ = ["plan_command"]

_DEFAULT: Final = StudyDesign()


@click.command("plan")
@click.option("--effect", default=SMALLEST_EFFECT, show_default=True, help="The tau14 to be found.")
@click.option("--power", default=0.8, show_default=True, help="The chance wanted.")
@click.option("--per-prompt", default=_DEFAULT.per_prompt, show_default=True, help="Comparisons on each prompt.")
@click.option(
    "--alike",
    default=_DEFAULT.alike,
    show_default=True,
    help="Correlation of what comparisons of one prompt say of a factor.",
)
@click.option(
    "--tied-share",
    default=_DEFAULT.tied_share,
    show_default=True,
    help="Share of comparisons whose responses are equal on the factor.",
)
@click.option("--factors", default=_DEFAULT.factors, show_default=True, help="Factors tested together.")
@json_option("plan")
def plan_command(
    *, effect: float, power: float, per_prompt: int, alike: float, tied_share: float, factors: int, out: Path | None
) -> None:
    """Say how many comparisons it takes to find an effect, or to show that there is none.

    By formula; comparisons are those with a strict preference, so add the share of ties you expect.
    """
    design = StudyDesign(per_prompt=per_prompt, alike=alike, tied_share=tied_share, factors=factors)
    found = plan(design, effect=effect, power=power)
    _print_needs(found)
    _print_table(f"chance to name a factor among {factors:,}", [(each, each.named) for each in found.table])
    _print_table("chance that the interval of one factor excludes 0", [(each, each.seen) for each in found.table])
    _print_harmless(found)
    if out is not None:
        settings = {**fields_of(design), "effect": effect, "power": power}
        write_results(out, "plan", results={"needs": found.needs, "table": found.table}, settings=settings)


def _print_needs(plan: Plan) -> None:
    design = plan.design
    seen, named, harmless = plan.needs
    rows = [
        (f"see a tau14 of {plan.effect:g}: its interval excludes 0", seen),
        (
            f"name it among {design.factors:,} factors, false discoveries at {100 * design.false_discovery_rate:g} %",
            named,
        ),
        (f"show that a factor without effect is within {design.smallest_effect:g}", harmless),
    ]
    cells = [(text, f"{need.comparisons:,}", f"{need.prompts:,}") for text, need in rows]
    print_table([f"with a chance of {100 * plan.power:g} %", "strict preferences ", "prompts "], cells)
    if design.per_prompt > 1:
        line(f"{design.per_prompt} comparisons on a prompt count as {design.per_prompt / design.design_effect:.2f}")


def _print_table(title: str, cells: Sequence[tuple[Power, float]]) -> None:
    heading(title)
    effects = sorted({each.effect for each, _ in cells})
    chances = {(each.comparisons, each.effect): chance for each, chance in cells}
    rows = [
        (f"{size:,}", *(_percent(chances[size, effect]) for effect in effects))
        for size in sorted({each.comparisons for each, _ in cells})
    ]
    print_table(["strict preferences ", *(f"tau14 {effect:g} " for effect in effects)], rows)


def _print_harmless(plan: Plan) -> None:
    heading(f"chance to show that a factor without effect is within {plan.design.smallest_effect:g}")
    chances = {each.comparisons: each.harmless for each in plan.table}
    print_table(
        ["strict preferences ", "chance "], [(f"{size:,}", _percent(chance)) for size, chance in chances.items()]
    )


def _percent(chance: float) -> str:
    return "-" if isnan(chance) else f"{100 * chance:.0f} %"
