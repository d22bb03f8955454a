"""Verdicts of all judges side by side, and the comparisons that two of them share. Knows no factor."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.units import JudgeUnits
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE

__all__ = ["PairRows", "Verdicts"]


@dataclass(frozen=True, slots=True)
class PairRows:
    """The comparisons on which two judges have a preference.

    Parameters
    ----------
    first, second
        Names of the judges.
    comparison, prompt
        Row number of each comparison, and its cluster; shape (n,).
    preference
        P(A preferred) of each judge, shape (2, n).
    weight
        Mean of the two judges' weights, shape (n,).
    """

    first: str
    second: str
    comparison: IntArray
    prompt: IntArray
    preference: FloatArray
    weight: FloatArray

    def only(self, chosen: BoolArray) -> "PairRows":
        """Return the chosen rows, a mask of shape (n,)."""
        return PairRows(
            self.first,
            self.second,
            self.comparison[chosen],
            self.prompt[chosen],
            self.preference[:, chosen],
            self.weight[chosen],
        )

    def strict(self) -> "PairRows":
        """Return the rows on which both have a strict preference, and which weigh something."""
        return self.only((self.preference != TIE).all(axis=0) & (self.weight > 0))

    @property
    def prompts(self) -> int:
        """Number of distinct prompts."""
        return len(np.unique(self.prompt))

    @property
    def signs(self) -> FloatArray:
        """1 where A is preferred, -1 where B is, shape (2, n)."""
        return np.asarray(np.sign(self.preference - TIE))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What every judge says of every comparison; make one with :meth:`of`.

    Parameters
    ----------
    judges
        Names of J judges.
    comparison, prompt
        Row number of each of n comparisons, in the order of their ids, and its cluster; shape (n,).
    preference, weight
        Shape (J, n); NaN where a judge has none.
    """

    judges: tuple[str, ...]
    comparison: IntArray
    prompt: IntArray
    preference: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, dataset: Dataset, judges: Sequence[JudgeUnits]) -> "Verdicts":
        """Put judges side by side; several annotators are taken at the mean of their preferences."""
        order = np.argsort(dataset.comparisons["comparison_id"].to_numpy(), kind="stable")
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        preference, weight = np.full((2, len(judges), len(order)), np.nan)
        prompt = np.zeros(len(order), dtype=np.int64)
        for number, units in enumerate(judges):
            used = units.used()
            frame = pl.DataFrame(
                {"place": place[used.comparison], "preference": used.preference, "weight": used.weight}
            )
            means = frame.group_by("place").agg(pl.col(name).sort().mean() for name in ("preference", "weight"))
            at = means["place"].to_numpy()
            preference[number, at], weight[number, at] = means["preference"].to_numpy(), means["weight"].to_numpy()
            prompt[place[used.comparison]] = used.prompt
        return cls(tuple(units.judge for units in judges), order, prompt, preference, weight)

    def pair(self, first: str, second: str) -> PairRows:
        """Return the comparisons that two judges share."""
        both = [self.judges.index(first), self.judges.index(second)]
        shared = ~np.isnan(self.preference[both]).any(axis=0)
        return PairRows(
            first,
            second,
            self.comparison[shared],
            self.prompt[shared],
            self.preference[both][:, shared],
            self.weight[both][:, shared].mean(axis=0),
        )

    def shared_prompts(self) -> IntArray:
        """Return the clusters of the comparisons on which two judges or more have a strict preference."""
        strict = ~np.isnan(self.preference) & (self.preference != TIE)
        return np.asarray(self.prompt[strict.sum(axis=0) > 1])
