"""Training sets from preferences: a judge's own, those of a fitted profile, or either freed of factors.

Knows what is kept and why, and what every factor's influence was before and is after; knows no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_known
from prefactor.analysis.measurement import Scores, sign_features
from prefactor.analysis.profiles import as_floats
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.analysis.units import judge_units
from prefactor.config import INTERVAL, PRIOR_SCALE
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.errors import FitError, SettingError
from prefactor.interventions.base import tasks_by_row
from prefactor.interventions.training_files import Example
from prefactor.stats.balance import Balance, BalanceMethod, balance_factors
from prefactor.stats.estimate import Estimate
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.special import sigmoid
from prefactor.stats.tau import Tau14, fit_tau14

__all__ = ["FactorChange", "TrainingOptions", "TrainingSet", "make_training_set"]

Labels = Literal["preferences", "profile"]
"""Whose label a comparison gets: the judge's own, or that of the judge's fitted profile."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How a training set is made.

    Parameters
    ----------
    judge
        Whose preferences, or whose profile.
    labels
        Which of the two.
    margin
        Comparisons with |P(A preferred) - 0.5| below it are left out as near-ties.
    free_of
        Factors that are no longer to predict the label.
    method
        How they are balanced.
    order
        Spearman's correlation of the other factors' tau14, before and after, that is to be kept.
    prior_scale, interval
        Of the profile, and of the intervals of tau14.
    """

    judge: str
    labels: Labels = "preferences"
    margin: float = 0.15
    free_of: tuple[str, ...] = ()
    method: BalanceMethod = "drop"
    order: float = 0.95
    prior_scale: float = PRIOR_SCALE
    interval: float = INTERVAL

    def __post_init__(self) -> None:
        if not 0 <= self.margin < 0.5:
            raise SettingError("margin", expected="a number from 0 to below 0.5", got=self.margin)


@dataclass(frozen=True, slots=True)
class FactorChange:
    """Influence of one factor on the labels.

    Parameters
    ----------
    factor, label
        Its name, and in words.
    before, after
        tau14 on the comparisons before they were balanced, and on those of the training set.
    freed
        Whether it was to be freed.
    """

    factor: str
    label: str
    before: Estimate
    after: Estimate
    freed: bool


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Examples, and what became of every comparison.

    Parameters
    ----------
    examples
        What is to be learnt, by the ids of comparisons.
    comparisons
        Comparisons with a label.
    ties, near_ties
        Of these, exact ties, and those within the margin of one.
    balanced_out
        Left out so that the factors are balanced.
    changes
        Every factor before and after.
    order
        Spearman's correlation of tau14 of the factors not freed, before and after; NaN where nothing was freed.
    effective
        Comparisons that the weights are worth, (sum w)^2 / sum w^2; the number of examples where none are weighed.
    options
        How it was made.
    """

    examples: tuple[Example, ...]
    comparisons: int
    ties: int
    near_ties: int
    balanced_out: int
    changes: tuple[FactorChange, ...]
    order: float
    effective: float
    options: TrainingOptions = field(repr=False)

    @property
    def order_kept(self) -> bool:
        """Whether the order of the other factors is kept as asked for; True where nothing was freed."""
        return not self.order < self.options.order


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Comparisons with P(A preferred), by id; arrays of shape (n,), features (n, d)."""

    comparison: IntArray
    prompt: IntArray
    preference: FloatArray
    features: FloatArray

    def only(self, chosen: BoolArray) -> "_Labelled":
        return _Labelled(self.comparison[chosen], self.prompt[chosen], self.preference[chosen], self.features[chosen])

    @property
    def sign(self) -> FloatArray:
        return np.asarray(np.sign(self.preference - TIE))


def make_training_set(dataset: Dataset, scores: Scores, *, options: TrainingOptions) -> TrainingSet:
    """Make a training set from the comparisons of a dataset.

    Parameters
    ----------
    dataset, scores
        Comparisons and preferences, and the scores of the responses.
    options
        Whose labels, what is left out, and what they are freed of.

    Raises
    ------
    UnknownNameError
        There is no such judge or factor.
    FitError
        No comparison is left, or a factor cannot be balanced.
    """
    check_known("judge", [options.judge], dataset.judges)
    names = [factor.name for factor in scores.factors]
    check_known("factor", options.free_of, names)
    labelled = _labelled(dataset, scores, options)
    apart = np.abs(labelled.preference - TIE)
    # A probability of exactly 0.65 is beyond a margin of 0.15, whatever its last bit says.
    far = (apart > 0) & (apart >= options.margin - 1e-9)
    clear = labelled.only(far)
    if not len(clear.comparison):
        raise FitError("a training set", "no comparison is far enough from a tie", "a smaller --margin")
    balance = _balance(dataset, clear, [names.index(name) for name in options.free_of], options)
    kept, weights = clear.only(balance.kept), balance.weights[balance.kept]
    before = _tau(clear, np.ones(len(clear.comparison)), options)
    after = _tau(kept, weights, options)
    return TrainingSet(
        examples=_examples(dataset, kept, weights),
        comparisons=len(labelled.comparison),
        ties=int(np.count_nonzero(apart == 0)),
        near_ties=int(np.count_nonzero(~far & (apart > 0))),
        balanced_out=len(clear.comparison) - len(kept.comparison),
        changes=tuple(
            FactorChange(
                factor.name, factor.label, _at(before, column), _at(after, column), factor.name in options.free_of
            )
            for column, factor in enumerate(scores.factors)
        ),
        order=balance.order,
        effective=float(weights.sum() ** 2 / (weights * weights).sum()),
        options=options,
    )


def _labelled(dataset: Dataset, scores: Scores, options: TrainingOptions) -> _Labelled:
    """Return the comparisons with the labels asked for, in the order of their ids."""
    used = judge_units(dataset, options.judge).used()
    comparison = np.unique(used.comparison)
    place = np.searchsorted(comparison, used.comparison)
    # Sums of sorted preferences do not hang on the order of rows.
    order = np.lexsort((used.preference, place))
    totals = np.bincount(place[order], weights=used.preference[order])
    preference = totals / np.bincount(place)
    prompt = np.zeros(len(comparison), dtype=np.int64)
    prompt[place] = used.prompt
    by_id = np.argsort(dataset.comparisons["comparison_id"].gather(comparison).to_numpy(), kind="stable")
    signs = as_floats(sign_features(dataset, scores))
    own = _Labelled(comparison[by_id], prompt[by_id], preference[by_id], signs[comparison[by_id]])
    if options.labels == "preferences":
        return own
    weights = fit_posterior(own.features, own.preference, prior=LaplacePrior(options.prior_scale)).mean
    everyone = np.argsort(dataset.comparisons["comparison_id"].to_numpy(), kind="stable")
    clusters = dataset.prompt_clusters.to_numpy()[dataset.comparisons["prompt"].to_numpy()]
    chance = sigmoid(np.nan_to_num(signs[everyone]) @ weights)
    return _Labelled(everyone, clusters[everyone], np.asarray(chance), signs[everyone])


def _balance(dataset: Dataset, clear: _Labelled, free: Sequence[int], options: TrainingOptions) -> Balance:
    agreement = clear.sign[:, None] * clear.features
    if not free:
        ones = np.ones(len(agreement))
        nothing = np.full(agreement.shape[1], np.nan)
        return Balance(ones > 0, ones, nothing, nothing, float("nan"), float("nan"))
    ids = dataset.comparisons["comparison_id"].gather(clear.comparison)
    draws = np.array([int(blake2b(each.encode(), digest_size=6).hexdigest(), 16) / 2**48 for each in ids])
    return balance_factors(agreement, free=free, draws=draws, method=options.method, order=options.order)


def _tau(labelled: _Labelled, weights: FloatArray, options: TrainingOptions) -> Tau14:
    return fit_tau14(
        labelled.preference,
        labelled.features,
        clusters=labelled.prompt,
        weights=weights,
        interval=options.interval,
    )


def _at(tau: Tau14, column: int) -> Estimate:
    if np.isnan(tau.value[column]):
        return NOT_ESTIMATED
    return Estimate(float(tau.value[column]), float(tau.low[column]), float(tau.high[column]))


def _examples(dataset: Dataset, kept: _Labelled, weights: FloatArray) -> tuple[Example, ...]:
    tasks = tasks_by_row(dataset)
    texts = dict(dataset.responses.select("index", "text").collect().iter_rows())
    rows = dataset.comparisons.select("prompt", "response_a", "response_b")
    found = []
    for number, preference, weight in zip(
        kept.comparison.tolist(), kept.preference.tolist(), weights.tolist(), strict=True
    ):
        prompt, a, b = rows.row(number)
        first, second = (a, b) if preference > TIE else (b, a)
        found.append(Example(tasks[prompt], texts[first], texts[second], max(preference, 1 - preference), weight))
    return tuple(found)
