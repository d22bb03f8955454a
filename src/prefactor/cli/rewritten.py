"""What rewriting found, in a terminal."""

from collections import Counter
from math import isfinite, isnan

from prefactor.analysis.rewrite_results import CausalEffect, RewriteStudy
from prefactor.cli.terminal import heading, line, print_table
from prefactor.interventions.rewrite import Rewriting
from prefactor.stats.estimate import Estimate
from prefactor.stats.rewriting import Disagreement, PerUnit

__all__ = ["print_rewriting", "print_study"]

_MOST_SHOWN = 5


def print_rewriting(rewriting: Rewriting, *, priced: bool = False) -> None:
    """Print what came of the rewrites: how many can be used, and why others cannot."""
    heading("rewrites")
    usable = sum(not each.problem for each in rewriting.done)
    line(f"{usable:,} of {len(rewriting.done):,} answers were rewritten there and back")
    problems = Counter(each.problem for each in rewriting.done if each.problem).most_common()
    if problems:
        kinds = ", ".join(f"{number:,} {problem}" for problem, number in problems)
        line(f"left out, since a rewrite could not be used: {kinds}", "yellow")
    price = f" for {rewriting.spent.price:,.2f}" if priced else ""
    before = f"{rewriting.cached:,} of {rewriting.calls:,} calls were answered before"
    line(f"paid now: {rewriting.spent.tokens:,} tokens{price}; {before}")
    if rewriting.failures:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in rewriting.failures)
        line(f"failed: {sum(number for _, number in rewriting.failures):,} calls ({kinds})", "bold red")


def print_study(study: RewriteStudy) -> None:
    """Print the effects of all factors, and what else the rewrites changed."""
    heading(f"preference for the version with more, by {study.judge}")
    line(f"{study.answers:,} answers to {study.prompts:,} prompts; a half means that it makes no difference")
    if not study.log_judge:
        line("the log holds no verdict: nothing correlational stands beside", "yellow")
    elif study.log_judge != study.judge:
        line(
            f"the log was judged by {study.log_judge}, the rewrites by {study.judge}: two judges are compared", "yellow"
        )
    columns = ["factor", "pairs ", "caused, %", "in the log alone, %", "with the rest equal, %", "caused less alone"]
    columns += ["caused less rest equal", *(["one rewrite only, %"] if study.settings.naive else [])]
    rows = [
        (
            each.label,
            f"{each.judged:,}",
            _share(each.effect) + _star(each.q_value, study),
            _share(each.single),
            _share(each.joint),
            _points(each.against_single) + _star(each.single_q, study),
            _points(each.against_joint) + _star(each.joint_q, study),
            *([_share(each.naive)] if study.settings.naive else []),
        )
        for each in study.effects
    ]
    print_table(columns, rows)
    line(f"* told from a half, or from 0, at a false discovery rate of {study.settings.false_discovery_rate:.0%}")
    _print_doses(study)
    line()
    for each in study.effects:
        line(each.sentence)


def _print_doses(study: RewriteStudy) -> None:
    heading("what the rewrites changed")
    columns = ["factor", "change", "not moved ", "wrong way ", "points a typical difference", "moved along"]
    rows = [
        (
            each.label,
            _steps(each.dose),
            f"{each.unmoved:,}",
            f"{each.reversed:,}",
            _per_unit(each.per_unit),
            _collateral(each),
        )
        for each in study.effects
    ]
    print_table(columns, rows)
    line("changes are in typical differences: the root mean square difference of two answers in the log")
    for each in study.effects:
        if each.not_applicable:
            line(f"{each.label}: does not apply to {each.not_applicable:,} of the answers", "yellow")
        if each.identical:
            line(f"{each.label}: {each.identical:,} pairs have one text in both versions; they count as ties", "yellow")
        if each.per_unit.form in ("outside", "anything"):
            line(f"{each.label}: it was hardly moved, so that its effect per unit is not bounded", "yellow")


def _collateral(effect: CausalEffect) -> str:
    """Return the other factors that moved, the most first."""
    moved = effect.collateral
    shown = ", ".join(f"{each.label} {each.change.value:+.2f}" for each in moved[:_MOST_SHOWN])
    return shown + (f" and {len(moved) - _MOST_SHOWN} more" if len(moved) > _MOST_SHOWN else "") or "nothing"


def _share(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "-"
    value, low, high = (100 * each for each in (estimate.value, estimate.low, estimate.high))
    return f"{value:.1f}" if isnan(low) else f"{value:.1f} [{low:.1f}, {high:.1f}]"


def _points(apart: Disagreement) -> str:
    value, low, high = (100 * each for each in (apart.difference.value, apart.difference.low, apart.difference.high))
    return f"{value:+.1f} [{low:+.1f}, {high:+.1f}]" if isfinite(low) else "-"


def _steps(estimate: Estimate) -> str:
    return f"{estimate.value:+.2f} [{estimate.low:+.2f}, {estimate.high:+.2f}]" if isfinite(estimate.low) else "-"


def _per_unit(found: PerUnit) -> str:
    if found.form == "none":
        return "-"
    if found.form == "anything":
        return f"{100 * found.value:+.1f}, not bounded"
    ends = f"{100 * found.low:+.1f}, {100 * found.high:+.1f}"
    return f"{100 * found.value:+.1f} " + (f"[{ends}]" if found.form == "between" else f"outside ({ends})")


def _star(q_value: float, study: RewriteStudy) -> str:
    return " *" if q_value <= study.settings.false_discovery_rate else ""
