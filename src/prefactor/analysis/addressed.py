"""Answers that address the judge: instructions, verdicts and frames in a text that is only to be judged.

Finds them by their wording, says how often they are preferred, and how much a fence around the texts changes that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
import polars as pl

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.units import JudgeUnits
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.judges.judging import UNFENCED
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_mean, cluster_share

__all__ = ["NOT_SEARCHED", "PATTERNS", "Addressed", "AddressedAnswers", "find_addressed", "measure_addressed"]

_WHO: Final = r"(?:(?:llm|ai|automatic|automated)[ -])?(?:judge|evaluator|grader|annotator|rater)s?"
_WHAT: Final = r"(?:answer|response|output|completion)"

_READER: Final = r"(?:(?:llm|ai)[ -]judge|(?:evaluator|grader|annotator|rater)s?)"
_BETWEEN: Final = r"(?:(?:all|any|the|these|those|your|previous|above|prior|preceding|earlier|other|of)\s+){0,4}"
_ORDERS: Final = r"(?:instructions?|prompts?|guidelines|criteria|rubrics?)"
_FULL_MARKS: Final = r"(?:10\b|ten\b|full\s+(?:marks|score)|(?:the\s+)?(?:highest|maximum|best|perfect))"

PATTERNS: Final = {
    "tells it what to do": "|".join(
        (
            rf"\b(?:ignore|disregard|forget|override)\s+{_BETWEEN}{_ORDERS}\b",
            rf"\b(?:note|message|instructions?|hint|reminder)\s+(?:to|for)\s+(?:the\s+)?{_WHO}\b",
            rf"\b(?:dear|attention|hello)[,:]?\s+(?:the\s+)?{_READER}\b",
            rf"\b(?:choose|pick|select|prefer|favou?r|vote\s+for)\s+(?:this|my)\s+{_WHAT}\b",
            rf"\b(?:give|assign|award|rate|score|grade)\s+(?:this|my)\s+{_WHAT}\s+(?:as\s+)?(?:an?\s+)?{_FULL_MARKS}",
        )
    ),
    "gives the verdict": "|".join(
        (
            r"\[\[(?-i:[ABC]|[AB]\s*[>=]+\s*[AB])\]\]|\[\[(?:tie|rating:?\s*\d+)\]\]",
            r"\b(?:output|response|assistant)\s+\(?[abm]\)?\s+(?:is|was)\s+(?:\w+\s+){0,2}(?:better|best|superior|preferred)\b",
            r"\b(?:final\s+)?(?:verdict|winner)\s*[:=]\s*[\W_]*(?:output|response|answer|assistant|model)\s*[(_]?[abm]\b",
        )
    ),
    "forges a frame": "|".join(
        (
            r"\boutput\s+\([abm]\)",
            r"-{3,}\s*(?:answer|request|response|output)(?:\s+[ab])?\s+(?:begins|ends)\b",
            r"\[(?:the\s+)?(?:start|end)\s+of\s+(?:assistant|the\s+answer|answer|response|output|conversation)",
            r"<\|?/?(?:im_start|im_end|start_header_id|end_header_id|eot_id|system)\|?>",
        )
    ),
}
"""What to look for by what it does, as regular expressions that ignore case; none looks further than a few words."""


_HINTS: Final = [
    *("ignore", "disregard", "forget", "override", "judge", "evaluator", "grader", "annotator", "rater"),
    *("answer", "response", "output", "completion", "request", "verdict", "winner", "assistant", "conversation"),
    *("[[", "im_start", "im_end", "header_id", "eot_id", "system|>", "system>", "<|system", "<system"),
]
"""Every match of a pattern holds one of these; looking for them first takes a quarter of the time."""

_NONE: Final = Estimate(nan)


@dataclass(frozen=True, slots=True)
class Addressed:
    """What became of answers that address the judge, on the comparisons of one judge.

    Parameters
    ----------
    comparisons
        Comparisons with a preference that were searched.
    one, both
        Those with such an answer on one side, and on both.
    strict
        Those with it on one side and a strict preference.
    kinds
        What such answers do, with the number of comparisons.
    preferred
        Share of the strict ones in which it is preferred.
    unfenced
        Name of the same judge without a fence; empty where there is none.
    shared
        Comparisons with it on one side that both have judged.
    moved
        Those of the shared ones on which the two prefer different sides, a tie being a side of its own.
    gain
        P(it preferred) without the fence, less P(it preferred) with it, on the shared ones; in [-1, 1].
    """

    comparisons: int
    one: int = 0
    both: int = 0
    strict: int = 0
    kinds: tuple[tuple[str, int], ...] = ()
    preferred: Estimate = _NONE
    unfenced: str = ""
    shared: int = 0
    moved: int = 0
    gain: Estimate = _NONE


NOT_SEARCHED: Final = Addressed(0)
"""Stands where nothing was searched."""


@dataclass(frozen=True, slots=True)
class AddressedAnswers:
    """Which answers of a dataset address the judge.

    Parameters
    ----------
    a, b
        For every comparison and kind of ``PATTERNS``, whether its A and its B do; shape (comparisons, kinds).
    """

    a: BoolArray
    b: BoolArray


def find_addressed(dataset: Dataset) -> AddressedAnswers:
    """Search every distinct response once.

    Parameters
    ----------
    dataset
        Where they are.
    """
    text = pl.col("text")
    tests = [text.str.contains(f"(?i){pattern}").alias(kind) for kind, pattern in PATTERNS.items()]
    hinted = dataset.responses.filter(text.str.contains_any(_HINTS, ascii_case_insensitive=True))
    matched = hinted.select("index", *tests).collect()
    found = np.zeros((dataset.n_responses, len(PATTERNS)), dtype=np.bool_)
    found[matched["index"].to_numpy()] = matched.drop("index").to_numpy()
    a, b = (dataset.comparisons[side].to_numpy() for side in ("response_a", "response_b"))
    return AddressedAnswers(found[a], found[b])


def measure_addressed(
    units: JudgeUnits, judges: Sequence[JudgeUnits], *, answers: AddressedAnswers, interval: float
) -> Addressed:
    """Say how one judge deals with answers that address it.

    Parameters
    ----------
    units
        The judge's units on a slice.
    judges
        Units of all judges, among them perhaps those of the same judge without a fence.
    answers
        Which answers address the judge.
    interval
        Mass of the intervals.
    """
    used = units.used()
    seen, preference, prompt = _by_comparison(used)
    a, b = answers.a[seen], answers.b[seen]
    in_a: BoolArray = np.asarray(a.any(axis=1))
    in_b: BoolArray = np.asarray(b.any(axis=1))
    one = in_a != in_b
    for_it = np.where(in_a, preference, 1 - preference)[one]
    strict = for_it != TIE
    kinds = [(kind, int(count)) for kind, count in zip(PATTERNS, (a | b).sum(axis=0), strict=True) if count]
    found = Addressed(
        comparisons=len(seen),
        one=int(one.sum()),
        both=int((in_a & in_b).sum()),
        strict=int(strict.sum()),
        kinds=tuple(kinds),
        preferred=cluster_share(for_it[strict] > TIE, clusters=prompt[one][strict], interval=interval)
        if strict.any()
        else _NONE,
    )
    twin = next((other for other in judges if other.judge == units.judge + UNFENCED), None)
    if twin is None or not one.any():
        return found
    return _beside_unfenced(found, twin, (seen[one], for_it, prompt[one], in_a[one]), interval=interval)


def _by_comparison(used: JudgeUnits) -> tuple[IntArray, FloatArray, IntArray]:
    """Return the distinct comparisons, the mean preference on each, and its prompt."""
    seen, first, place = np.unique(used.comparison, return_index=True, return_inverse=True)
    order = np.lexsort((used.preference, place))
    sums = np.bincount(place[order], weights=used.preference[order], minlength=len(seen))
    return seen, sums / np.maximum(np.bincount(place, minlength=len(seen)), 1), used.prompt[first]


def _beside_unfenced(
    found: Addressed,
    twin: JudgeUnits,
    fenced: tuple[IntArray, FloatArray, IntArray, BoolArray],
    *,
    interval: float,
) -> Addressed:
    seen, for_it, prompt, in_a = fenced
    theirs, preference, _ = _by_comparison(twin.used())
    _, here, there = np.intersect1d(seen, theirs, assume_unique=True, return_indices=True)
    without = np.where(in_a[here], preference[there], 1 - preference[there])
    gain = without - for_it[here]
    moved = np.sign(without - TIE) != np.sign(for_it[here] - TIE)
    return Addressed(
        comparisons=found.comparisons,
        one=found.one,
        both=found.both,
        strict=found.strict,
        kinds=found.kinds,
        preferred=found.preferred,
        unfenced=twin.judge,
        shared=len(here),
        moved=int(moved.sum()),
        gain=cluster_mean(gain, clusters=prompt[here], interval=interval) if len(here) else _NONE,
    )
