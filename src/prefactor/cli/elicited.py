"""What eliciting looks like in a terminal: the plan, the answers that came, and the comparisons they make."""

from collections.abc import Sequence

from prefactor.analysis.generated import Generated, Scored
from prefactor.asking.calls import AskOptions, plan_calls
from prefactor.cli.terminal import heading, line, print_table
from prefactor.interventions.base import Task
from prefactor.interventions.eliciting import Elicited, ElicitOptions, Spent, first_requests, problems_of
from prefactor.llm.base import Provider

__all__ = ["print_elicit_plan", "print_elicited", "print_generated", "print_scored", "print_spent"]


def print_elicit_plan(tasks: Sequence[Task], options: ElicitOptions, *, provider: Provider, ask: AskOptions) -> None:
    """Print what the first round of calls will take, before the first of them.

    Parameters
    ----------
    tasks, options, provider, ask
        As for :func:`prefactor.interventions.eliciting.elicit_levels`.
    """
    plan = plan_calls(provider, first_requests(tasks, options), options=ask)
    what = f"{options.samples} samples" if options.file is None else f"{len(options.file.levels)} levels"
    before = f", {plan.cached:,} of them answered before" if plan.cached else ""
    line(f"{len(tasks):,} prompts, {what} each, {plan.distinct:,} calls to {options.model}{before}")
    if not plan.calls:
        return
    cost = ""
    if plan.price is not None and plan.most_price is not None:
        cost = f"; {plan.price:,.2f} with the shortest replies, {plan.most_price:,.2f} at most, at the prices given"
    line(f"about {plan.input_tokens:,} tokens in (4 bytes each), at most {plan.most_output_tokens:,} out{cost}")
    if plan.least_seconds:
        line(f"at least {plan.least_seconds / 60:,.1f} minutes at the limits given")
    if options.repairs:
        line(
            f"levels that come back equal, refused or not at all are asked for again, {options.repairs:,} times at most"
        )


def print_elicited(elicited: Elicited, *, priced: bool) -> None:
    """Print what became of the answers, by level, and what that took."""
    heading("answers")
    name = "sample " if elicited.options.file is None else "level "
    ranks = sorted({each.rank for answers in elicited.answers for each in answers})
    problems = [problem for problem, _ in problems_of(elicited)]
    rows = []
    for rank in ranks:
        of_rank = [each for answers in elicited.answers for each in answers if each.rank == rank]
        good = [each for each in of_rank if not each.problem]
        words = sum(len(each.text.split()) for each in good) / len(good) if good else float("nan")
        counts = [f"{sum(each.problem == problem for each in of_rank):,}" for problem in problems]
        rows.append((str(rank), f"{len(good):,}", f"{words:,.0f}" if good else "-", *counts))
    print_table([name, "usable ", "words, mean ", *(f"{problem} " for problem in problems)], rows)
    if elicited.repaired:
        line(f"asked for again and mended: {elicited.repaired:,}")
    lost = sum(number for _, number in problems_of(elicited))
    if lost:
        line(f"of no use, and left out: {lost:,} answers (nothing stands in for them)", "yellow")
    print_spent(elicited.spent, priced=priced)


def print_spent(spent: Spent, *, priced: bool) -> None:
    """Print what asking took, and what failed."""
    price = f" for {spent.price:,.2f}" if priced else ""
    line(f"paid now: {spent.tokens:,} tokens{price}; {spent.cached:,} of {spent.calls:,} calls were answered before")
    if spent.failures:
        total = sum(number for _, number in spent.failures)
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in spent.failures)
        line(f"failed: {total:,} of {spent.calls:,} calls ({kinds}); their answers are missing", "bold red")


def print_scored(scored: Scored) -> None:
    """Print why answers have no score, and what failed."""
    for problem, number in scored.problems:
        line(f"without a score, and left out: {number:,} answers ({problem})", "yellow")
    for kind, number in scored.failures:
        line(f"failed: {number:,} calls of the scorer ({kind})", "bold red")


def print_generated(generated: Generated) -> None:
    """Print what the answers come to as comparisons."""
    judges = sorted({one.judge for opinions in generated.verdicts for one in opinions})
    heading("comparisons")
    ties = f", {generated.tied:,} of them ties" if generated.tied else ""
    of = f" of the judge {', '.join(judges)}" if judges else ""
    line(f"{len(generated.texts):,} comparisons on {generated.tasks:,} prompts{ties}{of}")
