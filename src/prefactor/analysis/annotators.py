"""How every annotator of a judge stands beside the others: who agrees with them less than they do among themselves."""

from collections.abc import Callable
from dataclasses import replace
from math import isnan
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.evidence import NO_ANNOTATORS, Annotators, AnnotatorStanding
from prefactor.analysis.units import JudgeUnits
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.data.preference import TIE
from prefactor.stats.difference import Difference, paired_difference, separate_difference
from prefactor.stats.estimate import Estimate
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.others import beside_others
from prefactor.stats.proportion import cluster_share

__all__ = ["compare_annotators"]

_USUAL: Final = 0.75
"""Share of the others' verdicts up to which doing the same always is a habit: 20 of 20 have then a chance of 0.3 %."""


def compare_annotators(units: JudgeUnits, *, interval: float) -> Annotators:
    """Set every annotator beside the others of the same judge.

    An annotator's agreement with the others is compared with the agreement among those others on the same comparisons,
    so that hard ones count against nobody; where comparisons have two annotators only, with the agreement of others on
    other comparisons. Annotators with fewer than 20 verdicts to compare are counted, and have no standing.

    Parameters
    ----------
    units
        The judge's units.
    interval
        Mass of the intervals.
    """
    used = units.used()
    named = 0 if used.annotator is None else len(np.unique(used.annotator[used.annotator >= 0]))
    if used.annotator is None or named < 2:
        return replace(NO_ANNOTATORS, named=named)
    strict = used.preference != TIE
    table = _Table(used, used.annotator, strict, interval)
    agreement = table.mean(table.agreeing, table.agreeing >= 0)
    busy = np.bincount(used.annotator[used.annotator >= 0], minlength=len(used.annotators)) >= MINIMUM_COMPARISONS
    standings = [_standing(table, number) for number in np.flatnonzero(busy).tolist()]
    q_values = benjamini_hochberg([p for _, p in standings])
    return Annotators(
        named=named,
        agreement=agreement,
        standings=tuple(
            replace(standing, q_value=float(q)) for (standing, _), q in zip(standings, q_values, strict=True)
        ),
    )


class _Table:
    """The used units of a judge; ``agreeing`` and ``among`` are NaN where a unit is a tie or stands alone."""

    def __init__(self, used: JudgeUnits, annotator: IntArray, strict: BoolArray, interval: float) -> None:
        self.used, self.annotator, self.strict, self.interval = used, annotator, strict, interval
        beside = beside_others(
            np.sign(used.preference[strict] - TIE), comparison=used.comparison[strict], annotator=annotator[strict]
        )
        self.agreeing, self.among = np.full(len(strict), np.nan), np.full(len(strict), np.nan)
        self.agreeing[strict], self.among[strict] = beside.agreeing, beside.among

    def mean(self, values: FloatArray, rows: BoolArray) -> Estimate:
        used = self.used
        return cluster_share(
            values[rows], clusters=used.prompt[rows], weights=used.weight[rows], interval=self.interval
        )


def _standing(table: _Table, number: int) -> tuple[AnnotatorStanding, float]:
    """Standing of one annotator without its q-value, and its p-value."""
    own = table.annotator == number
    shared = own & ~np.isnan(table.agreeing)
    below = Difference(Estimate(np.nan), np.nan)
    if np.count_nonzero(shared) >= MINIMUM_COMPARISONS:
        below = _below(table, own, shared)
    standing = AnnotatorStanding(
        name=table.used.annotators[number],
        verdicts=int(np.count_nonzero(own)),
        shared=int(np.count_nonzero(shared)),
        agreement=table.mean(table.agreeing, shared),
        below=below.estimate,
        q_value=np.nan,
        habit=_habit(table, own),
    )
    return standing, np.nan if isnan(below.estimate.low) else below.p_below


def _below(table: _Table, own: BoolArray, shared: BoolArray) -> Difference:
    used = table.used
    paired = shared & ~np.isnan(table.among)
    if np.count_nonzero(paired) >= MINIMUM_COMPARISONS:
        return paired_difference(
            (table.agreeing - table.among)[paired],
            clusters=used.prompt[paired],
            weights=used.weight[paired],
            interval=table.interval,
        )
    rest = ~np.isnan(table.agreeing) & ~np.isin(used.comparison, used.comparison[own])
    if np.count_nonzero(rest) < MINIMUM_COMPARISONS:
        return Difference(Estimate(np.nan), np.nan)
    first, second = table.mean(table.agreeing, shared), table.mean(table.agreeing, rest)
    return separate_difference(first, second, interval=table.interval)


def _habit(table: _Table, own: BoolArray) -> str:
    """Say what an annotator always does, where the others do it in three of four cases at most."""
    used, preference, strict = table.used, table.used.preference, table.strict
    one_order = strict & (used.ordered == 1)
    looks: tuple[tuple[str, BoolArray, Callable[[BoolArray], BoolArray]], ...] = (
        ("always a tie", np.ones_like(own), lambda rows: preference[rows] == TIE),
        ("always A", strict, lambda rows: preference[rows] > TIE),
        ("always B", strict, lambda rows: preference[rows] < TIE),
        ("always the answer shown first", one_order, lambda rows: used.first_preferred[rows] == 1),
        ("always the answer shown second", one_order, lambda rows: used.first_preferred[rows] == 0),
    )
    for name, among, does in looks:
        rows = own & among
        if np.count_nonzero(rows) < MINIMUM_COMPARISONS or not does(rows).all():
            continue
        rest = _rest(table, own, among)
        if rest.any() and does(rest).mean() < _USUAL:
            return name
    return ""


def _rest(table: _Table, own: BoolArray, among: BoolArray) -> BoolArray:
    """Units of others on the same comparisons, or on any where these are few."""
    rest = ~own & among
    same = rest & np.isin(table.used.comparison, table.used.comparison[own])
    return same if np.count_nonzero(same) >= MINIMUM_COMPARISONS else rest
