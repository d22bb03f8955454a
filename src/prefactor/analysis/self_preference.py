"""Whether a judge that is itself one of the models compared prefers its own answers, and against what that is held."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from prefactor._typing import BoolArray, FloatArray, SignArray
from prefactor._validate import check_known
from prefactor.analysis.agreement import mean_preferences
from prefactor.analysis.complete import complete_rows
from prefactor.analysis.evidence import NOT_A_MODEL, SelfPreference
from prefactor.analysis.results import Settings
from prefactor.analysis.units import JudgeUnits
from prefactor.config import MINIMUM_COMPARISONS
from prefactor.data.dataset import Dataset
from prefactor.data.preference import TIE
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.difference import paired_difference
from prefactor.stats.estimate import Estimate
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import make_prior
from prefactor.stats.proportion import cluster_share
from prefactor.stats.special import sigmoid

__all__ = ["Authors", "find_authors", "measure_self_preference", "same_model"]

_VENDOR: Final = re.compile(
    r"^(openai|anthropic|google|meta|metallama|mistralai|deepseekai|qwen|cohere|xai|nvidia|microsoft|azure)[-_:. ]+"
)
_DATE: Final = re.compile(r"[-_@. ](20\d\d[-_.]?[01]\d[-_.]?[0-3]\d)$")


def same_model(first: str, second: str) -> bool:
    """Whether two names are names of one model.

    They are where they are equal in lower case without what stands before a slash, a vendor's name in front, a date at
    the end, and anything but letters and digits; two different dates are two models.

    Parameters
    ----------
    first, second
        Names.

    Examples
    --------
    >>> same_model("openai/gpt-4o-2024-08-06", "GPT_4o"), same_model("gpt-4o-2024-08-06", "gpt-4o-2024-05-13")
    (True, False)
    >>> same_model("gpt-4", "gpt-4-0613"), same_model("gpt4_1106_preview", "gpt-4-1106-preview")
    (False, True)
    """
    (one, of_one), (two, of_two) = _key(first), _key(second)
    return bool(one) and one == two and (of_one == of_two or not of_one or not of_two)


def _key(name: str) -> tuple[str, str]:
    """Return the name brought down to letters and digits, and its date."""
    text = name.strip().lower().rpartition("/")[2]
    dated = _DATE.search(text)
    date = re.sub(r"\D", "", dated[1]) if dated else ""
    bare = _VENDOR.sub("", text[: dated.start()] if dated else text)
    return re.sub(r"[\W_]+", "", bare), date


@dataclass(frozen=True, slots=True)
class Authors:
    """Which answers are by which judge.

    Parameters
    ----------
    models
        By judge, the models that it is.
    own
        By judge that is one: 1 where A is its own answer and B another model's, -1 the other way round, 0 otherwise;
        shape (comparisons,).
    """

    models: Mapping[str, tuple[str, ...]]
    own: Mapping[str, FloatArray]


def find_authors(dataset: Dataset, judges: Sequence[JudgeUnits], *, said: Sequence[tuple[str, str]] = ()) -> Authors:
    """Find the judges that are models of the log: by their names, and as the user says.

    People, labels and reward models write no answers; their names are not compared.

    Parameters
    ----------
    dataset
        The comparisons.
    judges
        Units of every judge.
    said
        Pairs of judge and model.

    Raises
    ------
    UnknownNameError
        There is no such judge or model.
    """
    columns = [dataset.comparisons[side] for side in ("model_a", "model_b")]
    known = pl.concat(columns).drop_nulls().unique().sort().to_list()
    check_known("judge", [judge for judge, _ in said], dataset.judges)
    check_known("model", [model for _, model in said], known)
    models, own = {}, {}
    for units in judges:
        named = [model for model in known if same_model(units.judge, model)] if units.kind in ("llm", "unknown") else []
        named += [model for judge, model in said if judge == units.judge]
        if not named:
            continue
        models[units.judge] = tuple(sorted(set(named)))
        by_a, by_b = (column.is_in(named).fill_null(value=False).to_numpy() for column in columns)
        own[units.judge] = by_a.astype(np.float64) - by_b.astype(np.float64)
    return Authors(models, own)


def measure_self_preference(
    units: JudgeUnits,
    judges: Sequence[JudgeUnits],
    *,
    authors: Authors,
    signs: SignArray,
    settings: Settings,
) -> SelfPreference:
    """Measure how much more a judge prefers its own answers than it should.

    Its P(own preferred) is set against the mean of the other judges' on the same comparisons, which are none of its
    models and have no answer of their own there; without 20 such comparisons, against one half with all measured
    factors held equal: the weight of an indicator of its own answer, fitted beside the factors.

    Parameters
    ----------
    units
        The judge's units on a slice.
    judges
        All judges, on all comparisons.
    authors
        Which answers are whose.
    signs
        Sign features of all comparisons.
    settings
        Interval and prior.
    """
    models = authors.models.get(units.judge, ())
    if not models:
        return NOT_A_MODEL
    used = units.used()
    own = authors.own[units.judge][used.comparison]
    rows = own != 0
    preferred = np.where(own > 0, used.preference, 1 - used.preference)
    won = _share(preferred, used, rows, settings.interval)
    found = SelfPreference(models, len(np.unique(used.comparison[rows])), won)
    names, expected = _others(units.judge, judges, authors, len(signs))
    others = np.where(own > 0, expected[used.comparison], 1 - expected[used.comparison])
    shared = rows & ~np.isnan(others)
    number = len(np.unique(used.comparison[shared]))
    if number >= MINIMUM_COMPARISONS:
        excess = paired_difference(
            (preferred - others)[shared],
            clusters=used.prompt[shared],
            weights=used.weight[shared],
            interval=settings.interval,
        ).estimate
        return replace(found, basis="other judges", others=names, shared=number, excess=excess)
    if np.count_nonzero(rows & (used.preference != TIE)) < MINIMUM_COMPARISONS:
        return found
    complete = complete_rows(signs[used.comparison])
    features = np.column_stack([complete.features, own[complete.rows]])
    return replace(found, basis="factors held equal", excess=_held_equal(used.only(complete.rows), features, settings))


def _share(values: FloatArray, used: JudgeUnits, rows: BoolArray, interval: float) -> Estimate:
    if not rows.any():
        return Estimate(np.nan)
    return cluster_share(values[rows], clusters=used.prompt[rows], weights=used.weight[rows], interval=interval)


def _others(
    judge: str, judges: Sequence[JudgeUnits], authors: Authors, comparisons: int
) -> tuple[tuple[str, ...], FloatArray]:
    """Names of judges to hold a judge against, and their mean preference on every comparison, NaN where none is."""
    mine = set(authors.models[judge])
    total, count, names = np.zeros(comparisons), np.zeros(comparisons), []
    for other in sorted(judges, key=lambda units: units.judge):
        if other.judge == judge or mine.intersection(authors.models.get(other.judge, ())):
            continue
        means = mean_preferences(other.used())
        place = means["comparison"].to_numpy()
        apart = authors.own.get(other.judge, np.zeros(comparisons))[place] == 0
        met = place[apart][authors.own[judge][place[apart]] != 0]
        if not met.size:
            continue
        names.append(other.judge)
        preference = np.full(comparisons, np.nan)
        preference[place[apart]] = means["preference"].to_numpy()[apart]
        total, count = total + np.nan_to_num(preference), count + ~np.isnan(preference)
    with np.errstate(invalid="ignore"):
        return tuple(names), np.where(count > 0, total / count, np.nan)


def _held_equal(used: JudgeUnits, features: FloatArray, settings: Settings) -> Estimate:
    """P(own preferred) less one half, from the weight of the last column, all others held equal."""
    informative = np.nan_to_num(features).any(axis=1)
    joint = fit_posterior(
        features[informative],
        used.preference[informative],
        weights=used.weight[informative],
        prior=make_prior(settings.prior, settings.prior_scale),
        interval=settings.interval,
    )
    excess = cluster_excess(
        features,
        used.preference,
        mean=joint.mean,
        covariance=joint.covariance,
        clusters=used.prompt,
        weights=used.weight,
        tie_parameter=float(joint.tie_parameter),
    )
    ends = [widen(end, mean=joint.mean, sd=joint.sd, excess=excess)[-1] for end in (joint.low, joint.high)]
    value, low, high = sigmoid(np.array([joint.mean[-1], *ends])) - 0.5
    return Estimate(float(value), float(low), float(high))
