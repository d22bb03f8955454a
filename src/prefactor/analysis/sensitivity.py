"""Planted changes, measured: whether each moves its own factor, and no other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import nan

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.analysis.measuring_results import PlantedEffect
from prefactor.analysis.measuring_sample import RepeatedRater, Sample
from prefactor.analysis.planted_changes import PLANTED_CHANGES, PlantedChange
from prefactor.config import FALSE_DISCOVERY_RATE
from prefactor.factors.asked.base import Ratings, Subjects
from prefactor.factors.base import Factor
from prefactor.factors.features import feature_of
from prefactor.stats.difference import paired_difference
from prefactor.stats.multiplicity import benjamini_hochberg
from prefactor.stats.proportion import cluster_mean

__all__ = ["measure_sensitivity", "planted_subjects"]


def measure_sensitivity(
    sample: Sample, factors: Sequence[Factor], *, rater: RepeatedRater, before: Ratings, interval: float
) -> tuple[PlantedEffect, ...]:
    """Measure every answer of a sample with each planted change, by itself, and compare it with what it was before.

    Parameters
    ----------
    sample
        The answers.
    factors
        What is measured; changes that move none of them are left out.
    rater
        Who measures.
    before
        What was measured of the answers as they are.
    interval
        Mass of the intervals.

    Returns
    -------
    tuple of PlantedEffect
        One for each change and factor, q-values adjusted over all of them.
    """
    effects: list[PlantedEffect] = []
    p_values: list[float] = []
    for change, places, subjects in planted_subjects(sample.subjects, factors):
        after = rater.measure(subjects, factors, replace(rater.options, together=False)).values
        was = before.values[places]
        for column, factor in enumerate(factors):
            effect, p_value = _effect(
                change, factor, was[:, column], after[:, column], clusters=sample.prompts[places], interval=interval
            )
            effects.append(effect)
            p_values.append(p_value)
    q_values = benjamini_hochberg(np.array(p_values))
    return tuple(_settled(effect, float(q)) for effect, q in zip(effects, q_values, strict=True))


def planted_subjects(
    subjects: Subjects, factors: Sequence[Factor]
) -> Iterator[tuple[PlantedChange, list[int], Subjects]]:
    """Yield the planted changes that move one of the factors, with the places of the answers that take them, changed.

    Parameters
    ----------
    subjects
        The answers as they are.
    factors
        What is measured.
    """
    names = {factor.name for factor in factors}
    for change in PLANTED_CHANGES:
        if names & {*change.up, *change.down}:
            places, changed = _changed(subjects, change)
            if places:
                yield change, places, changed


def _changed(subjects: Subjects, change: PlantedChange) -> tuple[list[int], Subjects]:
    """Return which answers can be changed, and them changed; the other answer is the next one to another query."""
    places, answers = [], []
    count = len(subjects.answers)
    for place, answer in enumerate(subjects.answers):
        others = (subjects.answers[(place + step) % count] for step in range(1, count))
        other = next((each.text for each in others if each.query != answer.query), "")
        text = change.change(answer.text, other)
        if text is not None and text != answer.text:
            places.append(place)
            answers.append(replace(answer, text=text))
    return places, Subjects(tuple(answers))


def _effect(
    change: PlantedChange,
    factor: Factor,
    before: FloatArray,
    after: FloatArray,
    *,
    clusters: IntArray,
    interval: float,
) -> tuple[PlantedEffect, float]:
    known = ~np.isnan(before) & ~np.isnan(after)
    one, two, cluster = before[known], after[known], clusters[known]
    signs = feature_of(two, one, rule=factor.feature)
    test = paired_difference(signs, clusters=cluster, interval=interval)
    effect = PlantedEffect(
        change=change.name,
        factor=factor.name,
        expected="more"
        if factor.name in change.up
        else "less"
        if factor.name in change.down
        else "may move"
        if factor.name in change.beside
        else "none",
        answers=int(known.sum()),
        shift=cluster_mean(two - one, clusters=cluster, interval=interval),
        towards=test.estimate,
        q_value=nan,
        found="",
    )
    return effect, float(np.clip(2 * min(test.p_below, 1 - test.p_below), 0.0, 1.0))


def _settled(effect: PlantedEffect, q_value: float) -> PlantedEffect:
    clear = q_value <= FALSE_DISCOVERY_RATE
    if effect.expected == "may move":
        found = ""
    elif effect.expected == "none":
        found = "spilt over" if clear else "kept still"
    elif not clear:
        found = "not noticed"
    else:
        found = "noticed" if (effect.towards.value > 0) == (effect.expected == "more") else "moved the wrong way"
    return replace(effect, q_value=q_value, found=found)
