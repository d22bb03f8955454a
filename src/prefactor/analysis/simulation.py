"""Judges whose taste is known, to show and to test that it is found again."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from prefactor._validate import check_known
from prefactor.analysis.complete import as_floats
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.data.dataset import Dataset
from prefactor.stats.special import sigmoid

__all__ = ["simulate_judge"]


def simulate_judge(
    dataset: Dataset, scores: Scores, *, weights: Mapping[str, float], judge: str, seed: int, verdicts: int = 1
) -> Dataset:
    """Replace the preferences of a dataset by those of a judge with known weights.

    P(A preferred) = sigmoid(sum of weight times sign of the difference), the model that ``explain`` fits (the sign is 0
    where a factor does not apply or was not measured); each
    comparison gets independent verdicts drawn from it.

    Parameters
    ----------
    dataset
        The comparisons.
    scores
        Scores of its responses.
    weights
        True log-odds by factor name; factors left out have none.
    judge
        What to call the judge.
    seed
        Seed of the draws.
    verdicts
        Verdicts on each comparison, by as many annotators.

    Returns
    -------
    Dataset
        The same comparisons with the preferences of ``judge`` alone.
    """
    names = [factor.name for factor in scores.factors]
    check_known("factor", weights, names)
    truth = np.array([weights.get(name, 0.0) for name in names])
    log_odds = np.nan_to_num(as_floats(sign_features(dataset, scores))) @ truth
    chances = np.tile(sigmoid(log_odds), verdicts)
    drawn = np.random.default_rng(seed).random(len(chances)) < chances
    numbers = np.arange(len(chances))
    preferences = pl.DataFrame(
        {
            "comparison": pl.Series(numbers % len(log_odds), dtype=pl.UInt32),
            "preference": drawn.astype(np.float64),
            "annotator": pl.Series(numbers // len(log_odds) + 1).cast(pl.String),
        }
    ).with_columns(
        judge=pl.lit(judge),
        kind=pl.lit("unknown"),
        problem=pl.lit(""),
        order=pl.lit(None, pl.String),
        weight=pl.lit(1.0),
    )
    return replace(dataset, preferences=preferences.select(dataset.preferences.columns))
