"""What comes more than once in a log: comparisons, answers under different prompts, prompts that are near-copies."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from prefactor._typing import BoolArray, IntArray
from prefactor.analysis.evidence import Repetition
from prefactor.analysis.units import JudgeUnits
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE

__all__ = ["Copies", "count_repetition", "find_copies"]


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies among the comparisons of a dataset.

    Parameters
    ----------
    prompt
        Row number of the prompt of every comparison, shape (comparisons,).
    joined
        Where that prompt is nearly the same as another, shape (comparisons,).
    answers
        Where both responses also stand together under a prompt that is not, shape (comparisons,).
    """

    prompt: IntArray
    joined: BoolArray
    answers: BoolArray


def find_copies(dataset: Dataset) -> Copies:
    """Find prompts and answers that come more than once.

    Parameters
    ----------
    dataset
        Its responses are read once.
    """
    prompt = dataset.comparisons["prompt"].to_numpy().astype(np.int64)
    joined = dataset.prompt_clusters.is_duplicated().to_numpy()[prompt]
    hashes = dataset.responses.select(pl.col("text").hash()).collect().to_series()
    sides = [hashes.gather(dataset.comparisons[side]) for side in ("response_a", "response_b")]
    pairs = pl.DataFrame({"one": sides[0], "two": sides[1], "cluster": dataset.prompt_clusters.gather(prompt)})
    both = pl.min_horizontal("one", "two"), pl.max_horizontal("one", "two")
    answers = pairs.select(pl.col("cluster").n_unique().over(*both) > 1).to_series().to_numpy()
    return Copies(prompt, joined, answers)


def count_repetition(units: JudgeUnits, copies: Copies) -> Repetition:
    """Count what comes more than once among the comparisons of a judge.

    Parameters
    ----------
    units
        The judge's units.
    copies
        Of the whole dataset.
    """
    used = units.used()
    comparisons = np.unique(used.comparison)
    annotator = np.zeros_like(used.comparison) if used.annotator is None else used.annotator + 1
    width = int(annotator.max(initial=0)) + 1
    again = np.unique(used.comparison * width + annotator, return_inverse=True)[1]
    for_a, for_b = (np.bincount(again, weights=side) for side in (used.preference > TIE, used.preference < TIE))
    several = np.bincount(again) > 1
    first = np.unique(again, return_index=True)[1]
    on = used.comparison[first]
    return Repetition(
        comparisons=len(comparisons),
        repeated=len(np.unique(on[several])),
        contradicting=len(np.unique(on[several & (for_a > 0) & (for_b > 0)])),
        shared_answers=int(np.count_nonzero(copies.answers[comparisons])),
        joined_prompts=len(np.unique(copies.prompt[comparisons][copies.joined[comparisons]])),
    )
