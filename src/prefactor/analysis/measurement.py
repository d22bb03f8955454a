"""Measures every distinct response of a dataset, batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from prefactor._typing import FloatArray, IntArray, SignArray
from prefactor.data.dataset import Dataset
from prefactor.factors import Factor, Measurer, TextBatch, factors_of, measure
from prefactor.factors.features import feature_of
from prefactor.runtime.local import map_batches
from prefactor.runtime.progress import Progress, silent

__all__ = [
    "DOES_NOT_APPLY",
    "MISSING",
    "MissingAnswers",
    "Scores",
    "Unmeasured",
    "join_scores",
    "measure_responses",
    "missing_answers",
    "sign_features",
]

_BATCH_ROWS = 4096
_SIDES = ("response_a", "response_b")

DOES_NOT_APPLY = -128
"""Stands in a table of sign features where a factor does not apply to one of the two responses."""

MISSING = -127
"""Stands there where it applies, but measuring one of the two failed: nothing is known of the difference."""


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Measurements that failed though the factor applies.

    Parameters
    ----------
    factor
        Its name.
    problem
        Why: one of :data:`prefactor.factors.asked.base.OUTCOMES`.
    number
        How many answers, or answers in comparisons.
    """

    factor: str
    problem: str
    number: int


@dataclass(frozen=True, slots=True)
class MissingAnswers:
    """How many answers a factor could not be measured in.

    Parameters
    ----------
    factor
        Its name.
    applicable
        Answers it applies to; answers in comparisons where both were seen together.
    missing
        Those of them that have no score.
    """

    factor: str
    applicable: int
    missing: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of every distinct response on every factor.

    Parameters
    ----------
    factors
        The factors, one per column of ``values``.
    measured_by
        Names of what measured them.
    table
        One row per response, in the order of the dataset: ``response_id``, ``prompt_id``, then one column per factor
        (Float32; null where the factor does not apply, NaN where measuring it failed).
    sides
        Two tables, of A and of B, with one row per comparison and one column for each factor that was measured with
        both answers in view, otherwise as ``table`` (which has their means); None where none was.
    unmeasured
        What failed.
    """

    factors: tuple[Factor, ...]
    measured_by: tuple[str, ...]
    table: pl.DataFrame
    sides: tuple[pl.DataFrame, pl.DataFrame] | None = None
    unmeasured: tuple[Unmeasured, ...] = ()

    def values(self, factor: str) -> FloatArray:
        """Return the scores of one factor, shape (responses,), NaN where there is none."""
        return self.table[factor].fill_null(float("nan")).to_numpy().astype(np.float64)


def measure_responses(
    dataset: Dataset, measurers: Sequence[Measurer], *, workers: int | None = None, progress: Progress = silent
) -> Scores:
    """Measure every distinct response once.

    Parameters
    ----------
    dataset
        Where the responses are.
    measurers
        What to measure them with.
    workers
        Threads; all usable processors by default.
    progress
        Told how many responses are done.

    Returns
    -------
    Scores
        The same whatever the number of workers.
    """
    factors = factors_of(measurers)
    names = [factor.name for factor in factors]

    def measured(frame: pl.DataFrame) -> pl.DataFrame:
        batch = TextBatch(*(frame[name].to_list() for name in ("text", "prompt", "source", "reference")))
        scores = pl.DataFrame(measure(measurers, batch).astype(np.float32), schema=dict.fromkeys(names, pl.Float32))
        return frame.select("response_id", "prompt_id").hstack(scores.fill_nan(None))

    frames, done = [], 0
    for frame in map_batches(measured, dataset.text_batches(_BATCH_ROWS), workers=workers):
        frames.append(frame)
        done += len(frame)
        progress("measuring responses", done, dataset.n_responses)
    schema = {"response_id": pl.String, "prompt_id": pl.String, **dict.fromkeys(names, pl.Float32)}
    table = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
    return Scores(factors, tuple(measurer.name for measurer in measurers), table)


def sign_features(dataset: Dataset, scores: Scores) -> SignArray:
    """Sign of the difference A - B of every factor on every comparison.

    Returns
    -------
    ndarray of int8, shape (comparisons, factors)
        1 where A has more (by the factor's rule), -1 where B has, 0 where they are equal; ``DOES_NOT_APPLY`` or
        ``MISSING`` where one of the two has no score, ``MISSING`` where both reasons meet.
    """
    places = [dataset.comparisons[name] for name in _SIDES]
    features = np.empty((len(places[0]), len(scores.factors)), dtype=np.int8)
    for column, factor in enumerate(scores.factors):
        seen = scores.sides is not None and factor.name in scores.sides[0].columns
        sides = [
            scores.sides[side][factor.name] if seen and scores.sides else scores.table[factor.name].gather(place)
            for side, place in enumerate(places)
        ]
        a, b = (side.fill_null(float("nan")).to_numpy().astype(np.float64) for side in sides)
        failed = np.logical_or(*(side.is_nan().fill_null(value=False).to_numpy() for side in sides))
        feature = feature_of(a, b, rule=factor.feature)
        features[:, column] = np.where(failed, MISSING, np.where(np.isnan(feature), DOES_NOT_APPLY, feature))
    return features


def missing_answers(dataset: Dataset, scores: Scores, *, comparisons: IntArray) -> tuple[MissingAnswers, ...]:
    """Count the answers of some comparisons in which a factor could not be measured.

    Parameters
    ----------
    dataset, scores
        The comparisons, and scores of their responses.
    comparisons
        Row numbers; each counts once.

    Returns
    -------
    tuple of MissingAnswers
        Factors that are missing somewhere, the largest share first.
    """
    rows = np.unique(comparisons)
    answers = np.unique(np.concatenate([dataset.comparisons[side].to_numpy()[rows] for side in _SIDES]))
    seen = scores.sides[0].columns if scores.sides else []
    found = []
    for factor in scores.factors:
        if scores.sides and factor.name in seen:
            values = pl.concat([side[factor.name].gather(rows) for side in scores.sides])
        else:
            values = scores.table[factor.name].gather(answers)
        missing = int(values.is_nan().sum() or 0)
        if missing:
            found.append(MissingAnswers(factor.name, len(values) - values.null_count(), missing))
    return tuple(sorted(found, key=lambda one: (-one.missing / one.applicable, one.factor)))


def join_scores(parts: Sequence[Scores], order: Sequence[str]) -> Scores:
    """Put scores of the same responses on different factors together.

    Parameters
    ----------
    parts
        At least one.
    order
        Names of all factors, in the order wanted.
    """
    known = {factor.name: factor for part in parts for factor in part.factors}
    columns = [part.table[factor.name] for part in parts for factor in part.factors]
    table = parts[0].table.select("response_id", "prompt_id").with_columns(columns)
    sides = [part.sides for part in parts if part.sides is not None]
    return Scores(
        factors=tuple(known[name] for name in order),
        measured_by=tuple(name for part in parts for name in part.measured_by),
        table=table.select("response_id", "prompt_id", *order),
        sides=(pl.concat([a for a, _ in sides], how="horizontal"), pl.concat([b for _, b in sides], how="horizontal"))
        if sides
        else None,
        unmeasured=tuple(each for part in parts for each in part.unmeasured),
    )
