"""What a model is trained on by a fitted profile, and what that did to its answers. Knows no model and no file.

Comparisons are labelled by the profile, not by the judge: what is learnt is what the profile says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import numpy as np

from prefactor._typing import BoolArray, FloatArray
from prefactor._validate import check_fraction
from prefactor.analysis.complete import as_floats
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.config import INTERVAL, WHOLE
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.errors import FitError, SettingError, UnknownNameError
from prefactor.factors import Factor, Measurer, TextBatch, factors_of, measure
from prefactor.factors.features import feature_of
from prefactor.interventions.base import Task, tasks_by_row
from prefactor.interventions.training_files import Example
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_mean, cluster_share
from prefactor.stats.special import sigmoid

__all__ = [
    "Direction",
    "Labelled",
    "ModelShift",
    "ProfileWeights",
    "ScoreShift",
    "compare_answers_of",
    "held_out_prompts",
    "label_by_profile",
    "weights_in",
]

Direction = Literal["towards", "away"]
"""Whether what the profile prefers is chosen, or rejected."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ProfileWeights:
    """The joint weights of a profile.

    Parameters
    ----------
    judge
        Whose it is.
    weights
        Log-odds by factor.
    """

    judge: str
    weights: Mapping[str, float]

    @property
    def digest(self) -> str:
        """A hash of the weights, 16 hexadecimal digits."""
        content = repr(sorted((name, float(weight)) for name, weight in self.weights.items()))
        return blake2b(content.encode(), digest_size=8).hexdigest()

    def chance(self, signs: FloatArray, factors: Sequence[Factor]) -> FloatArray:
        """Return P(A preferred) by the profile from sign features, shape (rows, factors); NaN counts as 0."""
        own = np.array([self.weights.get(factor.name, 0.0) for factor in factors])
        return np.asarray(sigmoid(np.nan_to_num(signs) @ own))


@dataclass(frozen=True, slots=True)
class Labelled:
    """Comparisons labelled by a profile.

    Parameters
    ----------
    examples
        What is to be learnt, by the ids of comparisons.
    comparisons, held_out
        Comparisons of the log, and those of them on prompts that are held out.
    near_ties
        Left out since the profile is nearly or quite undecided.
    digest
        Hash of the examples.
    """

    examples: tuple[Example, ...]
    comparisons: int
    held_out: int
    near_ties: int
    digest: str


@dataclass(frozen=True, slots=True)
class ScoreShift:
    """What training did to one factor of the answers.

    Parameters
    ----------
    factor, label
        Which.
    weight
        Its weight in the profile; 0 where the profile lacks it.
    before, after
        Mean score of the answers.
    change
        Paired by prompt.
    """

    factor: str
    label: str
    weight: float
    before: Estimate
    after: Estimate
    change: Estimate


@dataclass(frozen=True, slots=True)
class ModelShift:
    """Answers of a model before and after it was trained, on prompts that were held out.

    Parameters
    ----------
    prompts, pairs
        Prompts, and pairs of answers.
    left_out
        Pairs without both answers.
    win_rate
        Mean P(answer after training preferred) by the profile; a half is no difference.
    preferred
        Share of pairs in which the profile prefers the answer after training, ties as half.
    shifts
        Every measured factor, those that weigh most in the profile first.
    """

    prompts: int
    pairs: int
    left_out: int
    win_rate: Estimate
    preferred: Estimate
    shifts: tuple[ScoreShift, ...]


def weights_in(results: Mapping[str, Any], *, judge: str | None, factors: Sequence[Factor]) -> ProfileWeights:
    """Return the joint weights of one judge's whole profile from the document ``results.json``.

    Parameters
    ----------
    results
        The document.
    judge
        Whose; the only one by default.
    factors
        Those that can be measured here.

    Raises
    ------
    UnknownNameError
        There is no such judge, or a factor of the profile is not measured.
    SettingError
        There are several judges and none is named.
    """
    profiles = {each["judge"]: each for each in results["profiles"] if each["slice"] == WHOLE}
    if judge is None and len(profiles) != 1:
        raise SettingError("judge", expected="one judge of the profile", got=list(profiles), hint="--judge NAME")
    name = judge or next(iter(profiles))
    if name not in profiles:
        raise UnknownNameError("judge", name, profiles)
    weights = {each["name"]: each["weight"]["mean"] for each in profiles[name]["factors"]}
    known = {factor.name for factor in factors}
    for each, weight in weights.items():
        if each not in known and weight:
            raise UnknownNameError("factor (of the profile, measured here)", each, known)
    return ProfileWeights(name, {each: float(weight or 0.0) for each, weight in weights.items()})


def held_out_prompts(dataset: Dataset, *, share: float, seed: int = 0) -> BoolArray:
    """Return which comparisons are on prompts that are held out: a share of the prompts, by a hash of each.

    Parameters
    ----------
    dataset
        The comparisons; copies of a prompt go the same way.
    share
        Between 0 and 1.
    seed
        Another one holds out others.
    """
    check_fraction("held_out", share)
    clusters = dataset.prompt_clusters.to_numpy()[dataset.comparisons["prompt"].to_numpy()]
    drawn = {
        cluster: int(blake2b(f"{seed} {cluster}".encode(), digest_size=6).hexdigest(), 16) / 2**48
        for cluster in set(clusters.tolist())
    }
    return np.array([drawn[cluster] < share for cluster in clusters.tolist()], dtype=np.bool_)


def label_by_profile(
    dataset: Dataset,
    scores: Scores,
    *,
    profile: ProfileWeights,
    direction: Direction,
    held_out: BoolArray,
    margin: float = 0.15,
) -> Labelled:
    """Label comparisons by a profile, and leave near-ties out (arXiv 2402.11296: within 50 +- 15 %).

    Parameters
    ----------
    dataset, scores
        The comparisons, judged or not, and the scores of the responses.
    profile
        Its weights.
    direction
        ``"away"`` exchanges chosen and rejected.
    held_out
        Comparisons that are not learnt from.
    margin
        Comparisons with |P(A preferred) - 0.5| below it are left out.

    Raises
    ------
    SettingError
        The margin is out of range.
    FitError
        No comparison is left.
    """
    if not 0 <= margin < 0.5:
        raise SettingError("margin", expected="a number from 0 to below 0.5", got=margin)
    chance = profile.chance(as_floats(sign_features(dataset, scores)), scores.factors)
    apart = np.abs(chance - TIE)
    far = (apart > 0) & (apart >= margin - _ROUNDING)
    tasks, texts = tasks_by_row(dataset), dict(dataset.responses.select("index", "text").collect().iter_rows())
    rows = dataset.comparisons.select("comparison_id", "prompt", "response_a", "response_b")
    examples, digest = [], blake2b(digest_size=16)
    for number in np.argsort(rows["comparison_id"].to_numpy(), kind="stable").tolist():
        if held_out[number] or not far[number]:
            continue
        identity, prompt, a, b = rows.row(number)
        for_a = (chance[number] > TIE) == (direction == "towards")
        chosen, rejected = (a, b) if for_a else (b, a)
        likely = float(max(chance[number], 1 - chance[number]))
        examples.append(Example(tasks[prompt], texts[chosen], texts[rejected], likely))
        digest.update(f"{identity} {for_a}\n".encode())
    if not examples:
        raise FitError("a model to a profile", "the profile is undecided about every comparison", "a smaller --margin")
    return Labelled(
        tuple(examples),
        comparisons=len(rows),
        held_out=int(np.count_nonzero(held_out)),
        near_ties=int(np.count_nonzero(~held_out & ~far)),
        digest=digest.hexdigest(),
    )


def compare_answers_of(
    tasks: Sequence[Task],
    before: Sequence[str | None],
    *,
    after: Sequence[str | None],
    measurers: Sequence[Measurer],
    profile: ProfileWeights,
    interval: float = INTERVAL,
) -> ModelShift:
    """Say how a model's answers differ after training: factor by factor, and by the profile.

    Parameters
    ----------
    tasks
        What was answered, one for every pair of answers; those of one prompt are one cluster.
    before, after
        The answers; None where there is none.
    measurers
        What to measure them with.
    profile
        Whose preference is asked for.
    interval
        Mass of every interval.
    """
    there = [place for place in range(len(tasks)) if before[place] is not None and after[place] is not None]
    own = [tasks[place] for place in there]
    names = {identity: number for number, identity in enumerate(sorted({task.identity for task in own}))}
    clusters = np.array([names[task.identity] for task in own], dtype=np.int64)
    factors = factors_of(measurers)
    old, new = (_scored(measurers, own, [str(texts[place]) for place in there]) for texts in (before, after))
    signs = np.stack(
        [feature_of(new[:, place], old[:, place], rule=factor.feature) for place, factor in enumerate(factors)], axis=1
    )
    chance = profile.chance(signs, factors)
    preferred = 0.5 * (1 + np.sign(np.where(np.abs(chance - TIE) < _ROUNDING, 0.0, chance - TIE)))
    shifts = [
        ScoreShift(
            factor.name,
            factor.label,
            float(profile.weights.get(factor.name, 0.0)),
            *(_mean(values[:, place], clusters, interval) for values in (old, new, new - old)),
        )
        for place, factor in enumerate(factors)
    ]
    return ModelShift(
        prompts=len(names),
        pairs=len(there),
        left_out=len(tasks) - len(there),
        win_rate=cluster_share(chance, clusters=clusters, interval=interval),
        preferred=cluster_share(preferred, clusters=clusters, interval=interval),
        shifts=tuple(sorted(shifts, key=lambda each: -abs(each.weight))),
    )


def _scored(measurers: Sequence[Measurer], tasks: Sequence[Task], texts: Sequence[str]) -> FloatArray:
    batch = TextBatch(texts, *([getattr(task, name) for task in tasks] for name in ("prompt", "source", "reference")))
    return measure(measurers, batch)


def _mean(values: FloatArray, clusters: np.ndarray[Any, np.dtype[np.int64]], interval: float) -> Estimate:
    known = np.isfinite(values)
    return cluster_mean(values[known], clusters=clusters[known], interval=interval) if known.any() else NOT_ESTIMATED
