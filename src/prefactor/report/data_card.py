"""The card of a training set, in Markdown: what it is, how it was made, and what moves its labels, before and after."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from math import isnan
from typing import Final

from prefactor.analysis.training_set import FactorChange, TrainingSet
from prefactor.data.dataset import SourceCount
from prefactor.report.markdown_text import escape_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.wording import decimal, interval, percent
from prefactor.stats.estimate import Estimate

__all__ = ["render_card"]

_LABELS: Final = {
    "preferences": "The preferences of {judge}: the answer it prefers is the chosen one.",
    "profile": (
        "The profile of {judge}: a Bayesian logistic regression on the factors below was fitted to its preferences, "
        "and the answer that it says is likelier preferred is the chosen one, on every comparison read."
    ),
}
_WHAT_TAU_IS: Final = (
    "tau14 of every factor: of the preferences, the share for the answer with more of it less the share for the one "
    "with less; {mass} intervals, by prompt. *Before* is on all preferences that are no near-ties, *after* on this set."
)
_WHAT_IT_IS_NOT: Final = (
    "A balanced factor does not predict the label by itself, on the whole. It may still do so within a slice, or "
    "together with others, and a factor that nobody measured is where it was. Preferences are balanced: the best "
    "answers alone, of which a set for supervised fine-tuning consists, need not be."
)
_MOST_SOURCES: Final = 5
_METHODS: Final = {
    "drop": "comparisons were left out until it was balanced",
    "weigh": "every comparison has a weight, in the column `weight`, which trainers must be told to use",
    "pair": "every comparison that speaks for it was kept with a partner that speaks against it, as like it as could "
    "be found in the other factors; ties in it were kept",
}


def render_card(
    training: TrainingSet, *, rows: Mapping[str, int], sources: Sequence[SourceCount], factors: Sequence[str]
) -> str:
    """Return the card.

    Parameters
    ----------
    training
        The set.
    rows
        Names of the files and their numbers of rows.
    sources
        What was read.
    factors
        What the factors were measured by.
    """
    options = training.options
    lines = [
        "# Training set",
        "",
        f"Made by prefactor {version('prefactor')} from {_read(sources)}.",
        "",
        "## What it holds",
        "",
        *(f"- `{name}`: {number:,} rows" for name, number in rows.items()),
        "",
        "## How it was made",
        "",
        f"- Labels. {_LABELS[options.labels].format(judge=_safe(options.judge))}",
        *_account(training),
        *_freed(training),
        f"- Factors measured by: {', '.join(map(_safe, factors))}.",
        "",
        "## What moves the labels",
        "",
        _WHAT_TAU_IS.format(mass=percent(options.interval)),
        "",
        "| factor | before | after | |",
        "|---|---|---|---|",
        *map(_row, training.changes),
        "",
        "## What it is not",
        "",
        _WHAT_IT_IS_NOT,
        "",
    ]
    return "\n".join(lines)


def _read(sources: Sequence[SourceCount]) -> str:
    shown = ", ".join(f"{_safe(each.file)} ({each.rows:,} rows)" for each in sources[:_MOST_SOURCES])
    more = sources[_MOST_SOURCES:]
    rest = f" and {len(more):,} more files ({sum(each.rows for each in more):,} rows)" if more else ""
    return f"{shown}{rest}" or "no file"


def _account(training: TrainingSet) -> list[str]:
    margin = f"{training.options.margin:g}"
    counts = (
        f"Comparisons with a label: {training.comparisons:,}.",
        f"Ties left out: {training.ties:,}.",
        f"Near-ties, within {margin} of 0.5, left out: {training.near_ties:,}.",
        f"Left out to balance: {training.balanced_out:,}.",
        f"Kept: {len(training.examples):,}.",
    )
    return [f"- {' '.join(counts)}"]


def _freed(training: TrainingSet) -> list[str]:
    options = training.options
    if not options.free_of:
        return ["- Freed of no factor."]
    names = ", ".join(f"`{name}`" for name in options.free_of)
    lines = [
        f"- Freed of {names}: {_METHODS[options.method]}. What is left is worth {training.effective:,.0f} comparisons."
    ]
    if not isnan(training.order):
        said = "as asked for" if training.order_kept else f"**not the {options.order:g} asked for**"
        lines.append(
            f"- Order of the other factors: Spearman's correlation before and after {training.order:.3f}, {said}."
        )
    return lines


def _row(change: FactorChange) -> str:
    freed = "freed" if change.freed else ""
    return f"| {_safe(change.label)} | {_number(change.before)} | {_number(change.after)} | {freed} |"


def _number(estimate: Estimate) -> str:
    ends = interval(estimate)
    return f"{decimal(estimate.value)} {ends}" if ends else f"{decimal(estimate.value)} (no interval)"


def _safe(text: str) -> str:
    return escape_line(make_readable_line(text))
