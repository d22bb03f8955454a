"""Defences of a judge: how far it can still be moved under each, and what that costs in agreement with people."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from prefactor._typing import AnyArray, FloatArray, SignArray
from prefactor._validate import check_known
from prefactor.analysis.complete import as_floats
from prefactor.analysis.manipulability import Manipulability, content_free_moves, measure_manipulability
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.units import JudgeUnits, judge_units
from prefactor.config import INTERVAL, SEED
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.errors import FitError
from prefactor.stats.capped_shift import fit_plain, fit_two, value_change
from prefactor.stats.difference import paired_difference
from prefactor.stats.estimate import Estimate
from prefactor.stats.posterior import estimate_tie_parameter
from prefactor.stats.proportion import cluster_share

__all__ = ["Defence", "compare_defences"]

_NOTHING = Estimate(nan)
_TIE_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Defence:
    """A judge under one defence, beside the judge as it is, on the comparisons that both have judged.

    Parameters
    ----------
    judge
        Name of the defended judge.
    comparisons
        Judged by both.
    manipulability
        Of the defended judge: its own best moves.
    change
        What the undefended judge's best moves are worth with the defended one, less what they are worth without the
        defence, in log-odds: negative where the defence works.
    agreement
        With people, on strict preferences of theirs.
    agreement_change
        Less that of the undefended judge, paired; negative where the defence costs agreement.
    people_comparisons
        Strict preferences of people behind it; 0 where there are none.
    """

    judge: str
    comparisons: int
    manipulability: Manipulability
    change: Estimate = _NOTHING
    agreement: Estimate = _NOTHING
    agreement_change: Estimate = _NOTHING
    people_comparisons: int = 0


def compare_defences(
    dataset: Dataset,
    scores: Scores,
    *,
    judge: str,
    defended: Sequence[str],
    people: str | None = None,
    most: int = 3,
    interval: float = INTERVAL,
    seed: int = SEED,
) -> tuple[Defence, ...]:
    """Compare a judge with itself under defences; the first result is the judge as it is.

    Parameters
    ----------
    dataset
        With the verdicts of all of them.
    scores
        Scores of its responses.
    judge
        The judge as it is.
    defended
        Names of the same judge under defences, a jury among them.
    people
        Whose preferences agreement is taken with.
    most, interval, seed
        As for :func:`prefactor.analysis.manipulability.measure_manipulability`.

    Raises
    ------
    UnknownNameError
        There is no such judge.
    FitError
        A judge has no verdict that can be used.
    """
    names = check_known("judge", [judge, *defended, *([people] if people else [])], dataset.judges)
    signs = sign_features(dataset, scores)
    units = {name: judge_units(dataset, name).used() for name in names}
    human = units[people] if people else None
    plain = units[judge]
    found = []
    for name in (judge, *defended):
        own = units[name]
        if not len(own.comparison):
            raise FitError(f"defences of {judge}", f"{name} has no verdict that can be used")
        features = as_floats(signs[own.comparison])
        manipulability = measure_manipulability(
            own,
            features,
            factors=scores.factors,
            tie_parameter=_tie(features, own.preference, own.prompt),
            most=most,
            interval=interval,
            seed=seed,
        )
        shared, both, prompts = _shared(plain, own)
        change = _NOTHING
        if name != judge and len(np.unique(prompts)) > 1:
            change = _change(signs, shared, both, prompts, scores=scores, most=most, interval=interval, seed=seed)
        level, cost, number = _agreement(human, plain, own, interval) if human is not None else (_NOTHING, _NOTHING, 0)
        found.append(
            Defence(name, len(shared), manipulability, change, level, cost if name != judge else _NOTHING, number)
        )
    return tuple(found)


def _tie(features: FloatArray, preference: FloatArray, prompts: AnyArray) -> float:
    """Estimate Davidson's parameter and the weights in turn, as a profile's fit does."""
    tie = estimate_tie_parameter(preference, np.zeros(len(preference)))
    clusters = np.unique(prompts, return_inverse=True)[1]
    for _ in range(_TIE_ROUNDS if tie else 0):
        fitted = fit_plain(features, preference, clusters=clusters, tie_parameter=tie)
        tie = estimate_tie_parameter(preference, np.nan_to_num(features) @ fitted.mean)
    return tie


def _means(units: JudgeUnits) -> dict[int, float]:
    """Mean preference by comparison."""
    sums: dict[int, list[float]] = {}
    for comparison, preference in zip(units.comparison.tolist(), units.preference.tolist(), strict=True):
        sums.setdefault(comparison, []).append(preference)
    return {comparison: float(np.mean(sorted(each))) for comparison, each in sums.items()}


def _shared(first: JudgeUnits, second: JudgeUnits) -> tuple[list[int], FloatArray, FloatArray]:
    """Comparisons that both judged, their preferences (2, n), and the prompts."""
    means, prompt = [_means(first), _means(second)], dict(zip(first.comparison.tolist(), first.prompt, strict=True))
    shared = sorted(means[0].keys() & means[1].keys())
    both = np.array([[mean[comparison] for comparison in shared] for mean in means])
    return shared, both, np.array([prompt[comparison] for comparison in shared])


def _change(
    signs: SignArray,
    shared: Sequence[int],
    both: FloatArray,
    prompts: FloatArray,
    *,
    scores: Scores,
    most: int,
    interval: float,
    seed: int,
) -> Estimate:
    _, shares = content_free_moves(scores.factors)
    features = as_floats(signs[list(shared)])
    fitted = fit_two(
        features,
        (both[0], both[1]),
        clusters=np.unique(prompts, return_inverse=True)[1],
        tie_parameters=(_tie(features, both[0], prompts), _tie(features, both[1], prompts)),
    )
    return value_change(fitted, shares, most=most, interval=interval, seed=seed).log_odds


def _agreement(
    human: JudgeUnits, plain: JudgeUnits, own: JudgeUnits, interval: float
) -> tuple[Estimate, Estimate, int]:
    """Agreement of the defended judge with people, and its change, on strict verdicts of people that both have seen."""
    before, after = _means(plain), _means(own)
    rows = [
        (np.sign(preference - TIE), before[comparison], after[comparison], prompt)
        for comparison, preference, prompt in zip(
            human.comparison.tolist(), human.preference.tolist(), human.prompt.tolist(), strict=True
        )
        if preference != TIE and comparison in before and comparison in after
    ]
    if not rows:
        return _NOTHING, _NOTHING, 0
    side, first, second, prompt = np.array(rows).T
    right = [0.5 * (1 + side * np.sign(each - TIE)) for each in (first, second)]
    clusters = np.unique(prompt, return_inverse=True)[1]
    level = cluster_share(right[1], clusters=clusters, interval=interval)
    change = paired_difference(right[1] - right[0], clusters=clusters, interval=interval).estimate
    return level, change, len(rows)
