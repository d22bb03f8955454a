"""How well a judge's own verdicts predict one another: the ceiling that every accuracy is measured against."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.agreement import mean_preferences
from prefactor.analysis.evidence import CEILING_NOT_KNOWN, AgainstAnnotators, Basis, Ceiling
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.sentences import percent
from prefactor.analysis.units import JudgeUnits
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.data.preference import TIE
from prefactor.stats.ceiling import (
    ClusteredRows,
    best_accuracy,
    best_accuracy_of_both_orders,
    correlate_means,
    way_to_ceiling,
)
from prefactor.stats.estimate import Estimate
from prefactor.stats.others import BesideOthers, beside_others
from prefactor.stats.proportion import cluster_share
from prefactor.stats.sites import exact_grid

__all__ = ["against_annotators", "ceiling_words", "measure_ceiling", "repeated_words"]

_CERTAIN: Final = 0.99
"""A ceiling that is as good as certainty."""

_REPEATED: Final[dict[Basis, str]] = {
    "annotators": "verdicts of several annotators",
    "repeats": "verdicts given more than once",
    "both orders": "verdicts in both presentation orders",
}


@dataclass(frozen=True, slots=True)
class _Strict:
    """The strict verdicts of a judge beside one another; arrays of shape (verdicts,)."""

    sign: FloatArray
    comparison: IntArray
    prompt: IntArray
    weight: FloatArray
    beside: BesideOthers

    @classmethod
    def of(cls, units: JudgeUnits, *, everyone: bool = False) -> "_Strict":
        """Of strict units; ``everyone`` takes every verdict as another annotator's."""
        strict = units.preference != TIE
        sign = np.sign(units.preference[strict] - TIE)
        comparison = units.comparison[strict]
        nobody = np.zeros(len(sign), dtype=np.int64)
        annotator = nobody if units.annotator is None else units.annotator[strict]
        who = np.arange(len(sign)) if everyone else annotator
        beside = beside_others(sign, comparison=comparison, annotator=who)
        return cls(sign, comparison, units.prompt[strict], units.weight[strict], beside)

    @property
    def repeated(self) -> BoolArray:
        """Where there is a verdict of another annotator."""
        return self.beside.others > 0

    @property
    def comparisons(self) -> int:
        """Comparisons with verdicts of several annotators."""
        return len(np.unique(self.comparison[self.repeated]))

    def rows(self, values: FloatArray) -> ClusteredRows:
        """Rows of those verdicts for which there is a value."""
        known = ~np.isnan(values)
        return ClusteredRows(values[known], self.weight[known], self.prompt[known])


def measure_ceiling(used: JudgeUnits, *, right: FloatArray, accuracy: Estimate, interval: float) -> Ceiling:
    """Measure how well a judge's verdicts predict one another, and how far up the profile has come.

    Parameters
    ----------
    used
        Units with a preference.
    right
        1 where the profile names the preferred side of an unseen unit, 0 where not, a half where it names none; NaN for
        ties, shape (units,). May be empty where there was no cross-validation.
    accuracy
        The mean of ``right``.
    interval
        Mass of the intervals.

    Returns
    -------
    Ceiling
        Without an accuracy, and with the reason, where fewer than 20 comparisons have several strict verdicts.
    """
    several, again, orders = _Strict.of(used), _Strict.of(used, everyone=True), _orders(used)
    itself = _mean(several.rows(several.beside.itself), interval)
    found = replace(CEILING_NOT_KNOWN, itself=itself, orders=_mean(orders, interval))
    if several.comparisons >= MINIMUM_COMPARISONS:
        rows = several.rows(several.beside.agreeing)
        found = _raised(_counted(found, several, "annotators", interval), rows, interval)
        found = replace(found, one_another=_mean(rows, interval))
    elif again.comparisons >= MINIMUM_COMPARISONS:
        rows = again.rows(again.beside.agreeing)
        found = _raised(_counted(found, again, "repeats", interval), rows, interval)
    elif orders.values.size >= MINIMUM_COMPARISONS:
        rows = orders
        found = _raised_by_orders(used, rows, found, interval)
    else:
        number = max(again.comparisons, orders.values.size)
        few = f"only {number:,} comparison{'s' * (number != 1)} with more than one verdict"
        return replace(found, reason=few) if number else found
    if not right.size:
        return found
    scored = ~np.isnan(right)
    own = ClusteredRows(right[scored], used.weight[scored], used.prompt[scored])
    way = way_to_ceiling(accuracy, found.accuracy, correlation=correlate_means(own, rows))
    return replace(found, way=way)


def against_annotators(judges: Sequence[JudgeUnits], *, interval: float) -> Iterator[AgainstAnnotators]:
    """Yield how well every judge predicts single annotators of every judge that has several.

    Parameters
    ----------
    judges
        Units of every judge.
    interval
        Mass of the intervals.
    """
    for people in judges:
        if people.annotator is None:
            continue
        strict = _Strict.of(people.used())
        if strict.comparisons < MINIMUM_COMPARISONS:
            continue
        for judge in judges:
            found = _against(judge, people, strict, interval) if judge is not people else None
            if found is not None:
                yield found


def ceiling_words(ceiling: Ceiling) -> str:
    """Say how far between coin and ceiling a profile is, or why that is not known.

    Examples
    --------
    >>> ceiling_words(CEILING_NOT_KNOWN)
    'ceiling not known: one verdict per comparison'
    """
    if not ceiling.known:
        return f"ceiling not known: {ceiling.reason}"
    top = f"the ceiling ({percent(ceiling.accuracy)})"
    if np.isnan(ceiling.way.value):
        return f"{top}, no better than a coin" if ceiling.accuracy.value <= 0.5 else top
    if np.isnan(ceiling.way.low):
        return f"between a coin (50 %) and {top}; what share of the way cannot be told"
    between = f"of the way from a coin (50 %) to {top}"
    if ceiling.way.low > 1:
        return f"all {between}: the true ceiling is higher than its model says"
    return f"{percent(ceiling.way)} {between}"


def repeated_words(ceiling: Ceiling) -> str:
    """Say what the ceiling comes from and how sure it is; empty where there is none."""
    if not ceiling.known:
        return ""
    repeated, said = f"{ceiling.comparisons:,} comparisons have {_REPEATED[ceiling.basis]}", []
    if ceiling.basis == "annotators":
        said.append(f"one annotator agrees with another on {percent(ceiling.one_another)}")
        said.append(f"with the majority of the others on {percent(ceiling.majority)}")
    if not np.isnan(ceiling.itself.value):
        said.append(f"with itself, asked again, on {percent(ceiling.itself)}")
    if not np.isnan(ceiling.orders.value):
        said.append(f"the two orders agree on {percent(ceiling.orders)}")
    if ceiling.basis == "both orders":
        higher = "; if it is order that turns them, and not chance, the ceiling is higher"
        return f"{repeated}: {', '.join(said)}{higher if ceiling.accuracy.value < _CERTAIN else ''}"
    bounds = f"{100 * ceiling.least.value:.0f} and {100 * ceiling.most.value:.0f} %"
    return f"{repeated}: {', '.join(said)}; without a model the ceiling lies between {bounds}"


def _mean(rows: ClusteredRows, interval: float) -> Estimate:
    if not rows.values.size:
        return NOT_ESTIMATED
    return cluster_share(rows.values, clusters=rows.clusters, weights=rows.weights, interval=interval)


def _mapped(change: Callable[[float], float], agreement: Estimate) -> Estimate:
    """Carry an estimate through an increasing function."""
    return Estimate(*(change(end) for end in (agreement.value, agreement.low, agreement.high)))


def _counted(found: Ceiling, strict: _Strict, basis: Basis, interval: float) -> Ceiling:
    return replace(
        found,
        basis=basis,
        comparisons=strict.comparisons,
        verdicts=int(np.count_nonzero(strict.repeated)),
        majority=_mean(strict.rows(strict.beside.majority), interval),
        reason="",
    )


def _raised(found: Ceiling, rows: ClusteredRows, interval: float) -> Ceiling:
    """Put a ceiling over the agreement of verdicts with others on the same comparison."""
    agreement = _mean(rows, interval)
    return replace(
        found,
        accuracy=_mapped(best_accuracy, agreement),
        least=_mapped(lambda share: max(share, 0.5), agreement),
        most=_mapped(lambda share: 0.5 + 0.5 * sqrt(max(2 * share - 1, 0.0)), agreement),
    )


def _orders(used: JudgeUnits) -> ClusteredRows:
    """Whether the two orders agree, where both verdicts are strict."""
    both = used.both_orders & (used.ordered == 2)
    return ClusteredRows((~used.inconsistent[both]).astype(np.float64), used.weight[both], used.prompt[both])


def _raised_by_orders(used: JudgeUnits, rows: ClusteredRows, found: Ceiling, interval: float) -> Ceiling:
    """Put a ceiling over preferences some of which are what both orders agree on."""
    strict, both = used.preference != TIE, used.both_orders & (used.ordered == 2)
    agreed = float(exact_grid(used.weight[both & strict]).sum()) / float(exact_grid(used.weight[strict]).sum())
    agreement = _mean(rows, interval)

    def mixed(share: float) -> float:
        return agreed * best_accuracy_of_both_orders(share) + (1 - agreed) * best_accuracy(share)

    def least(share: float) -> float:
        square = max(2 * share - 1, 0.0)
        return agreed * (1 + 3 * square) / (2 * (1 + square)) + (1 - agreed) * (1 + square) / 2

    return replace(
        found,
        basis="both orders",
        comparisons=len(np.unique(used.comparison[both])),
        verdicts=2 * int(np.count_nonzero(both)),
        accuracy=_mapped(mixed, agreement),
        least=_mapped(least, agreement),
        most=Estimate(1.0, 1.0, 1.0),
        reason="",
    )


def _against(judge: JudgeUnits, people: JudgeUnits, strict: _Strict, interval: float) -> AgainstAnnotators | None:
    means = mean_preferences(judge)
    place = {number: row for row, number in enumerate(means["comparison"].to_list())}
    found = np.array([place.get(number, -1) for number in strict.comparison.tolist()], dtype=np.int64)
    preference = np.append(means["preference"].to_numpy(), TIE)[found]
    shared = strict.repeated & (preference != TIE)
    comparisons = len(np.unique(strict.comparison[shared]))
    if comparisons < MINIMUM_COMPARISONS:
        return None
    agree = np.where(shared, np.sign(preference - TIE) == strict.sign, np.nan)
    another = np.where(shared, strict.beside.agreeing, np.nan)
    own, others = strict.rows(agree), strict.rows(another)
    one_another = _mean(others, interval)
    ceiling, agreement = _mapped(best_accuracy, one_another), _mean(own, interval)
    gap = _mean(strict.rows(0.5 + 0.5 * (agree - another)), interval)
    return AgainstAnnotators(
        judge=judge.judge,
        annotators_of=people.judge,
        comparisons=comparisons,
        verdicts=int(np.count_nonzero(shared)),
        agreement=agreement,
        one_another=one_another,
        gap=_mapped(lambda share: 2 * share - 1, gap),
        ceiling=ceiling,
        way=way_to_ceiling(agreement, ceiling, correlation=correlate_means(own, others)),
    )
