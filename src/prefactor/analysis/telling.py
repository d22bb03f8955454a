"""Chooses the comparisons most worth reading: where a judge shows its taste, and where it acts against it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from prefactor._typing import FloatArray, IntArray, SignArray
from prefactor.analysis.attribution import attribute, attributions_of
from prefactor.analysis.complete import complete_rows
from prefactor.analysis.results import Profile, TellingComparison
from prefactor.analysis.units import JudgeUnits
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.factors.base import Factor
from prefactor.stats.special import sigmoid

__all__ = ["telling_comparisons"]

_EACH = 3


def telling_comparisons(
    dataset: Dataset,
    units: JudgeUnits,
    *,
    signs: SignArray,
    factors: Sequence[Factor],
    profile: Profile,
    interval: float,
    excerpt: int,
) -> tuple[TellingComparison, ...]:
    """Choose comparisons that show what a profile means, and where it fails.

    Parameters
    ----------
    dataset
        Where the texts are.
    units
        The judge's units on the slice of ``profile``.
    signs
        Sign features of all comparisons.
    factors
        One per column of ``signs``.
    profile
        The judge's profile.
    interval
        Mass of the intervals of what moved a verdict.
    excerpt
        Characters of each text that are kept.

    Returns
    -------
    tuple of TellingComparison
        First those the profile is surest of and right about, then those it is surest of and wrong about; no prompt
        twice.
    """
    used = units.used()
    complete = complete_rows(signs[used.comparison])
    used, features = used.only(complete.rows), np.nan_to_num(complete.features)
    weights = np.nan_to_num([effect.weight.mean for effect in profile.effects])
    log_odds = features @ weights
    strict = used.preference != TIE
    # Rounded, as a product may differ in its last bit with the place of a row; of equals, the smallest id.
    right = np.round(log_odds * (used.preference - TIE), 9)
    ids = dataset.comparisons["comparison_id"].gather(used.comparison).to_numpy()
    chosen: list[tuple[int, str]] = []
    taken: set[int] = set()
    for order, why in (
        (np.lexsort((ids, -right)), "Shows the judge's taste: the profile is surest here, and right."),
        (np.lexsort((ids, right)), "Goes against the judge's taste: the profile is surest here, and wrong."),
    ):
        wanted = right > 0 if "right" in why else right < 0
        chosen += [(unit, why) for unit in _distinct(order[(strict & wanted)[order]], used.prompt, taken)]
    parts = attribute(features[[unit for unit, _ in chosen]], profile, interval=interval)
    return tuple(
        replace(
            _telling(dataset, used, unit, why, factors, features[unit] * weights, excerpt=excerpt),
            attributions=attributions_of(parts, row),
        )
        for row, (unit, why) in enumerate(chosen)
    )


def _distinct(order: IntArray, prompts: IntArray, taken: set[int]) -> list[int]:
    """Return the first few units in order whose prompts are not taken, and take them."""
    found: list[int] = []
    for unit in order.tolist():
        if prompts[unit] not in taken:
            taken.add(int(prompts[unit]))
            found.append(unit)
        if len(found) == _EACH:
            break
    return found


def _telling(
    dataset: Dataset,
    used: JudgeUnits,
    unit: int,
    why: str,
    factors: Sequence[Factor],
    parts: FloatArray,
    *,
    excerpt: int,
) -> TellingComparison:
    comparison = dataset.comparisons.row(int(used.comparison[unit]), named=True)
    texts = dataset.texts_of([comparison["response_a"], comparison["response_b"]])
    text = dict(zip(texts["index"], texts["text"], strict=True))
    largest = np.argsort(-np.abs(parts), kind="stable")
    return TellingComparison(
        judge=used.judge,
        why=why,
        comparison=comparison["comparison_id"],
        prompt=_cut(texts["prompt"][0], excerpt),
        response_a=_cut(text[comparison["response_a"]], excerpt),
        response_b=_cut(text[comparison["response_b"]], excerpt),
        model_a=comparison["model_a"],
        model_b=comparison["model_b"],
        preference=float(used.preference[unit]),
        predicted=float(sigmoid(np.array([parts.sum()]))[0]),
        contributions=tuple((factors[i].name, float(parts[i])) for i in largest.tolist() if parts[i] != 0),
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]} [... {len(text) - length:,} more characters]"
