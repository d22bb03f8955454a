"""``prefactor export``: training sets from preferences."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Final

import click

from prefactor._typing import OnBadRow
from prefactor.analysis.training_set import TrainingOptions, TrainingSet, make_training_set
from prefactor.cli.gathering import gathers
from prefactor.cli.logs import read_logs
from prefactor.cli.options import (
    factor_specs,
    factors_option,
    paths_argument,
    reading_from,
    reading_options,
    workers_option,
)
from prefactor.cli.terminal import heading, line, print_table, progress_bar
from prefactor.data.dataset import Dataset
from prefactor.errors import SettingError
from prefactor.interventions.training_files import PURPOSES, Purpose, training_rows, write_rows
from prefactor.report.data_card import render_card
from prefactor.report.writing import write_file
from prefactor.stats.balance import BalanceMethod
from prefactor.stats.estimate import Estimate
from prefactor.study import measure

__all__ = ["export_command"]

_CARD: Final = "README.md"
_MOST_FACTORS: Final = 15


@dataclass(frozen=True, slots=True)
class _Making:
    """What the options say of how a set is made."""

    judge: str
    by_profile: bool
    margin: float
    free_of: tuple[str, ...]
    method: BalanceMethod
    keep_order: float

    @property
    def weighed(self) -> bool:
        """Whether examples have weights."""
        return bool(self.free_of) and self.method == "weigh"

    def options(self, dataset: Dataset) -> TrainingOptions:
        """Return them for one dataset, whose only judge is taken where none is named."""
        return TrainingOptions(
            judge=self.judge or _only_judge(dataset),
            labels="profile" if self.by_profile else "preferences",
            margin=self.margin,
            free_of=self.free_of,
            method=self.method,
            order=self.keep_order,
        )


_OPTIONS = (
    click.option("--judge", default="", metavar="NAME", help="Whose preferences. [default: the one judge of the log]"),
    click.option(
        "--by-profile",
        is_flag=True,
        help="Label every comparison by the judge's fitted profile, instead of by the judge itself.",
    ),
    click.option(
        "--margin",
        type=click.FloatRange(min=0, max=0.5, max_open=True),
        default=0.15,
        show_default=True,
        help="Leave out comparisons whose P(preferred) is nearer to 0.5 than this.",
    ),
    click.option(
        "--free-of",
        "free_of",
        multiple=True,
        metavar="FACTOR",
        help="Balance the set so that this factor no longer predicts the label. May be repeated.",
    ),
    click.option(
        "--balance",
        "method",
        type=click.Choice(["drop", "weigh", "pair"]),
        default="drop",
        show_default=True,
        help="Leave comparisons out, weigh them, or keep each with a partner in which the factor is turned round.",
    ),
    click.option(
        "--keep-order",
        type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
        default=0.95,
        show_default=True,
        help="Spearman's correlation of the other factors' influence, before and after, that is to be kept.",
    ),
)


@click.command("export")
@paths_argument
@click.option(
    "--for",
    "purposes",
    type=click.Choice(PURPOSES),
    multiple=True,
    required=True,
    help="What is trained. May be repeated.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR")
@gathers("making", _Making, options=_OPTIONS)
@click.option("--plain", is_flag=True, help="Texts as they are, instead of lists of messages with roles.")
@factors_option
@reading_options
@workers_option
def export_command(
    *,
    paths: tuple[str, ...],
    purposes: tuple[Purpose, ...],
    out: Path,
    making: _Making,
    plain: bool,
    factors: tuple[str, ...],
    format_name: str | None,
    mapping: tuple[str, ...],
    on_bad_row: OnBadRow,
    workers: int | None,
) -> int:
    """Write training sets in the formats that TRL reads, as JSON lines and Parquet, with a card of each.

    PATHS are logs as for 'prefactor explain'. Ends with status 1 where a factor was freed and the order of the others
    could not be kept as asked for; the set is written all the same.
    """
    reading = reading_from(format_name=format_name, mapping=mapping, on_bad_row=on_bad_row)
    with progress_bar() as progress:
        dataset = read_logs(paths, reading, progress=progress)
        scores = measure(dataset, factor_specs(factors), workers=workers, progress=progress)
        training = make_training_set(dataset, scores, options=making.options(dataset))
    written: dict[str, int] = {}
    for purpose in purposes:
        rows = training_rows(training.examples, purpose, conversational=not plain, weighed=making.weighed)
        for file in write_rows(out, purpose, rows=rows):
            written[file.name] = len(rows)
    card = render_card(training, rows=written, sources=dataset.sources, factors=scores.measured_by)
    write_file(out / _CARD, card.encode())
    _print(training, written)
    line(f"written: {out}, with its card {_CARD}", "bold")
    return 0 if training.order_kept else 1


def _only_judge(dataset: Dataset) -> str:
    if len(dataset.judges) == 1:
        return dataset.judges[0]
    raise SettingError("--judge", expected="one of the judges", got=", ".join(dataset.judges) or "none")


def _print(training: TrainingSet, written: Mapping[str, int]) -> None:
    options = training.options
    heading(f"{len(training.examples):,} preferences, labelled by {_labels(training)}")
    line(
        f"  {training.comparisons:,} comparisons with a label: left out {training.ties:,} ties, "
        f"{training.near_ties:,} within {options.margin:g} of a tie, {training.balanced_out:,} to balance"
    )
    if options.free_of:
        line(f"  freed of {', '.join(options.free_of)}; what is left is worth {training.effective:,.0f} comparisons")
        if not isnan(training.order):
            said = "" if training.order_kept else f", not the {options.order:g} asked for"
            style = "" if training.order_kept else "yellow"
            line(
                f"  order of the other factors: Spearman's correlation before and after {training.order:.3f}{said}",
                style,
            )
    line()
    shown = sorted(training.changes, key=lambda each: (not each.freed, -_size(each.before), each.factor))[
        :_MOST_FACTORS
    ]
    rows = [(each.label, _shown(each.before), _shown(each.after), "freed" if each.freed else "") for each in shown]
    print_table(["factor (tau14)", "before", "after", ""], rows)
    if len(training.changes) > len(shown):
        line(f"  and {len(training.changes) - len(shown):,} more, in {_CARD}")
    line("  " + ", ".join(f"{name}: {number:,} rows" for name, number in written.items()))


def _labels(training: TrainingSet) -> str:
    name = training.options.judge
    return f"the profile of {name}" if training.options.labels == "profile" else name


def _size(estimate: Estimate) -> float:
    return -1.0 if isnan(estimate.value) else abs(estimate.value)


def _shown(estimate: Estimate) -> str:
    if isnan(estimate.value):
        return "-"
    return str(estimate) if not isnan(estimate.low) else f"{estimate.value:.2f} (no interval)"
