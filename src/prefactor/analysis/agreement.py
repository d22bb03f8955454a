"""How often judges prefer the same response."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import polars as pl

from prefactor.analysis.results import Agreement
from prefactor.analysis.units import JudgeUnits
from prefactor.data.preference import TIE
from prefactor.stats.agreement import strict_agreement

__all__ = ["agreements", "mean_preferences"]


def agreements(judges: Sequence[JudgeUnits], *, interval: float) -> Iterator[Agreement]:
    """Yield the agreement of every two judges that share comparisons.

    A judge of several annotators is taken at the mean of their preferences.

    Parameters
    ----------
    judges
        Units of every judge.
    interval
        Mass of the interval.
    """
    means = [mean_preferences(units) for units in judges]
    for (first, of_first), (second, of_second) in combinations(zip(judges, means, strict=True), 2):
        both = of_first.join(of_second, on="comparison", suffix="_second", maintain_order="left")
        if both.is_empty():
            continue
        one, two = both["preference"].to_numpy(), both["preference_second"].to_numpy()
        share = strict_agreement(one, two, clusters=both["prompt"].to_numpy(), interval=interval)
        strict = int(np.count_nonzero((one != TIE) & (two != TIE)))
        yield Agreement(first.judge, second.judge, len(both), strict, share)


def mean_preferences(units: JudgeUnits) -> pl.DataFrame:
    """Return ``comparison``, ``prompt`` and the mean ``preference`` of a judge's units on every comparison."""
    used = units.used()
    frame = pl.DataFrame({"comparison": used.comparison, "prompt": used.prompt, "preference": used.preference})
    if len(np.unique(used.comparison)) == len(frame):
        return frame
    mean = pl.col("preference").sort().mean()
    return frame.group_by("comparison", maintain_order=True).agg(pl.col("prompt").first(), mean)
