"""From verdicts to the units of analysis: what one judge (and annotator) thinks of one comparison, orders joined."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.data.account import Account
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.data.records import JudgeKind

__all__ = ["JudgeUnits", "judge_units"]


@dataclass(frozen=True, slots=True)
class JudgeUnits:
    """The comparisons one judge has judged; arrays of shape (units,), in the order of the dataset.

    Parameters
    ----------
    judge, kind
        Who prefers.
    comparison
        Row number of the comparison.
    prompt
        The cluster: a number made from the content of the prompt, whatever the order of rows.
    preference
        P(A preferred), mean of the two orders where both are known; NaN where there is none.
    missing
        Where there is no preference because none was given (otherwise it could not be read).
    weight
        How many comparisons the unit counts for.
    both_orders, inconsistent
        Whether both orders were seen, and whether they gave opposite preferences.
    first_preferred, ordered
        Strict verdicts with a known order for the response shown first, and all of them.
    annotator
        Whose verdict it is: a number into ``annotators``, -1 where nobody is named; None where nobody is anywhere.
    annotators
        Names of the judge's annotators, sorted.
    """

    judge: str
    kind: JudgeKind
    comparison: IntArray
    prompt: IntArray
    preference: FloatArray
    missing: BoolArray
    weight: FloatArray
    both_orders: BoolArray
    inconsistent: BoolArray
    first_preferred: IntArray
    ordered: IntArray
    annotator: IntArray | None = None
    annotators: tuple[str, ...] = ()

    def on(self, comparisons: BoolArray) -> "JudgeUnits":
        """Return the units on the chosen comparisons, a mask of shape (comparisons of the dataset,)."""
        return self.only(comparisons[self.comparison])

    def used(self) -> "JudgeUnits":
        """Return the units that have a preference."""
        return self.only(~np.isnan(self.preference))

    def account(self) -> Account:
        """Say where the units went."""
        used = ~np.isnan(self.preference)
        missing = int(np.count_nonzero(self.missing))
        return Account(
            read=len(used),
            used=int(np.count_nonzero(used)),
            tied=int(np.count_nonzero(self.preference[used] == TIE)),
            unreadable=int(np.count_nonzero(~used)) - missing,
            missing=missing,
        )

    def only(self, chosen: BoolArray) -> "JudgeUnits":
        """Return the chosen units, a mask of shape (units,)."""
        return JudgeUnits(
            judge=self.judge,
            kind=self.kind,
            comparison=self.comparison[chosen],
            prompt=self.prompt[chosen],
            preference=self.preference[chosen],
            missing=self.missing[chosen],
            weight=self.weight[chosen],
            both_orders=self.both_orders[chosen],
            inconsistent=self.inconsistent[chosen],
            first_preferred=self.first_preferred[chosen],
            ordered=self.ordered[chosen],
            annotator=None if self.annotator is None else self.annotator[chosen],
            annotators=self.annotators,
        )


def judge_units(dataset: Dataset, judge: str) -> JudgeUnits:
    """Put together what ``judge`` said of every comparison.

    A unit is one annotator's verdict on one comparison, or two verdicts in the two presentation orders, which are
    averaged: the first in one order with the first in the other, the second with the second. Two probabilities, neither
    of them 0 or 1, are averaged in log-odds (arXiv 2402.11296), anything else as it is; which side is preferred is the
    same either way. A unit all of whose verdicts are missing is missing; one without a preference and with anything
    unreadable is unreadable.

    Parameters
    ----------
    dataset
        Holds the judge's verdicts.
    judge
        Name of the judge.
    """
    verdicts = dataset.preferences.filter(pl.col("judge") == judge)
    preference = pl.col("preference")
    strict = preference.is_not_null() & (preference != TIE) & pl.col("order").is_not_null()
    for_first = strict & ((preference > TIE) == (pl.col("order") == "ab"))
    ab, ba = (preference.filter(pl.col("order") == order).first() for order in ("ab", "ba"))
    both = ab.is_not_null() & ba.is_not_null()
    mean = preference.sort().mean()
    odds = (preference.log() - (-preference).log1p()).sort().mean()
    in_odds = both & preference.is_between(0, 1, closed="none").all() & (mean != TIE)
    repeat = pl.int_range(pl.len()).over("comparison", "annotator", "order")
    units = (
        verdicts.group_by("comparison", "annotator", repeat.alias("repeat"))
        .agg(
            pl.when(in_odds).then(1 / (1 + (-odds).exp())).otherwise(mean).alias("preference"),
            (pl.col("problem") == "missing").all().alias("missing"),
            pl.col("weight").sort().mean(),
            both.alias("both_orders"),
            ((ab - TIE) * (ba - TIE) < 0).fill_null(value=False).alias("inconsistent"),
            strict.sum().cast(pl.Int64).alias("ordered"),
            for_first.sum().cast(pl.Int64).alias("first_preferred"),
        )
        .sort("comparison", "annotator", "repeat")
    )
    comparison = units["comparison"].to_numpy().astype(np.int64)
    kind: JudgeKind = verdicts["kind"][0]
    annotators = tuple(units["annotator"].drop_nulls().unique().sort().to_list())
    return JudgeUnits(
        judge=judge,
        kind=kind,
        comparison=comparison,
        prompt=_prompt_labels(dataset)[comparison],
        preference=units["preference"].fill_null(float("nan")).to_numpy(),
        missing=(units["missing"] & units["preference"].is_null()).to_numpy(),
        weight=units["weight"].to_numpy(),
        both_orders=units["both_orders"].to_numpy(),
        inconsistent=units["inconsistent"].to_numpy(),
        first_preferred=units["first_preferred"].to_numpy(),
        ordered=units["ordered"].to_numpy(),
        annotator=_numbered(units["annotator"], annotators) if annotators else None,
        annotators=annotators,
    )


def _numbered(names: pl.Series, known: tuple[str, ...]) -> IntArray:
    """Place of every name among the known ones, -1 where there is none."""
    numbers = names.replace_strict(list(known), list(range(len(known))), default=-1, return_dtype=pl.Int64)
    return numbers.to_numpy()


def _prompt_labels(dataset: Dataset) -> IntArray:
    """Return the cluster of every comparison."""
    by_prompt = dataset.prompt_clusters.to_numpy()
    return np.take(by_prompt, dataset.comparisons["prompt"].to_numpy())
