"""Reference profiles: the 33 judges whose weights on 29 properties were published, and which of them one is like.

Knows the published figures and no dataset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import nan

import numpy as np
import orjson
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor._validate import check_fraction, check_known, check_positive
from prefactor.config import INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.correlation import pearson
from prefactor.stats.estimate import Estimate
from prefactor.stats.sliced import moved_interval

__all__ = [
    "NearJudge",
    "PublishedLikeness",
    "PublishedProfiles",
    "load_published_profiles",
    "nearest_published_judges",
    "published_similarity",
]


@dataclass(frozen=True, slots=True)
class PublishedProfiles:
    """Published weights of judges on properties, slice by slice.

    Parameters
    ----------
    source
        Where they come from.
    judges
        Names as published, people ("human") first.
    billions
        Parameters of each judge in billions; NaN for people and where it is not known.
    properties
        The properties in our own words, one per weight.
    factors
        Names of the same as factors: what measures a property under this name can be compared with these weights.
    scenarios, query_kinds
        Names of the 11 scenarios, which share no comparison, and of the five kinds of query, which overlap with them.
    weights
        Log-odds of the response with more of a property, shape (slices, judges, properties), scenarios first.
    """

    source: str
    judges: tuple[str, ...]
    billions: tuple[float, ...]
    properties: tuple[str, ...]
    factors: tuple[str, ...]
    scenarios: tuple[str, ...]
    query_kinds: tuple[str, ...]
    weights: FloatArray

    @property
    def slices(self) -> tuple[str, ...]:
        """Names of all slices, in the order of ``weights``."""
        return (*self.scenarios, *self.query_kinds)

    def of(self, judge: str) -> FloatArray:
        """Return the weights of one judge, shape (slices, properties).

        Raises
        ------
        UnknownNameError
            There is no such judge.
        """
        check_known("published judge", [judge], self.judges)
        return np.asarray(self.weights[:, self.judges.index(judge)])


@dataclass(frozen=True, slots=True)
class NearJudge:
    """A published judge and how like it a profile is.

    Parameters
    ----------
    judge
        Its name.
    similarity
        Pearson's correlation of the weights, averaged over slices, in [-1, 1].
    nearest
        Share of the draws in which it is the nearest of all; NaN without draws.
    """

    judge: str
    similarity: Estimate
    nearest: float


@dataclass(frozen=True, slots=True)
class PublishedLikeness:
    """The published judges that one judge is nearest to.

    Parameters
    ----------
    judge
        Its name.
    measured
        How many of the 29 published properties are measured, under the names of
        :attr:`PublishedProfiles.factors`.
    missing
        The others.
    comparisons
        Comparisons that its weights are fitted on.
    near
        Published judges, the most similar first.
    reason
        Why there are none; empty where there are.
    """

    judge: str
    measured: int
    missing: tuple[str, ...]
    comparisons: int
    near: tuple[NearJudge, ...]
    reason: str


@cache
def load_published_profiles() -> PublishedProfiles:
    """Return the published weights of 33 judges in 16 slices (arXiv 2402.11296).

    Examples
    --------
    >>> published = load_published_profiles()
    >>> published.weights.shape, published.judges[0], published.properties[-1]
    ((16, 33, 29), 'human', 'long')
    """
    content = orjson.loads((files("prefactor.analysis") / "published_profiles.json").read_bytes())
    weights = np.array(content["weights"], dtype=np.float64)
    weights.flags.writeable = False
    slices, scenarios = content["slices"], content["scenarios"]
    return PublishedProfiles(
        source=content["source"],
        judges=tuple(content["judges"]),
        billions=tuple(nan if size is None else float(size) for size in content["billions"]),
        properties=tuple(content["properties"]),
        factors=tuple(content["factors"]),
        scenarios=tuple(slices[:scenarios]),
        query_kinds=tuple(slices[scenarios:]),
        weights=weights,
    )


def published_similarity(
    published: PublishedProfiles | None = None, *, slices: Sequence[str] = (), judges: Sequence[str] = ()
) -> FloatArray:
    """Similarity of published judges: Pearson's correlation of their weights, averaged over slices.

    Parameters
    ----------
    published
        The weights; those that ship with prefactor by default.
    slices
        Slices to average over; the 11 scenarios by default, which reproduces the figures of arXiv 2402.11296.
    judges
        Judges to compare; all by default.

    Returns
    -------
    FloatArray
        Symmetric, 1 on the diagonal, shape (judges, judges).

    Raises
    ------
    UnknownNameError
        There is no such slice or judge.

    Examples
    --------
    >>> float(published_similarity(judges=["human", "gpt-4-1106-preview"])[0, 1].round(2))
    0.74
    """
    published = published or load_published_profiles()
    names = check_known("published judge", judges or published.judges, published.judges)
    chosen = published.weights[_slice_rows(published, slices)][:, [published.judges.index(name) for name in names]]
    each = np.broadcast_to(chosen[:, :, None], (len(chosen), len(names), len(names), chosen.shape[2]))
    return np.asarray(pearson(each, np.swapaxes(each, 1, 2)).mean(axis=0))


def nearest_published_judges(
    weights: ArrayLike,
    published: PublishedProfiles | None = None,
    *,
    draws: ArrayLike | None = None,
    slices: Sequence[str] = (),
    count: int = 5,
    interval: float = INTERVAL,
) -> tuple[NearJudge, ...]:
    """Return the published judges whose weights are most like those given, the most similar first.

    Parameters
    ----------
    weights
        A profile's weights on the same 29 properties in the same order, shape (29,).
    published
        The published weights; those that ship with prefactor by default.
    draws
        The same weights from resampled data, shape (draws, 29): they give the interval, moved so that its median is
        the observed similarity. Without them there is none. The noise of the published weights is not known and is in
        no interval.
    slices
        Slices of the published weights to compare with and average over; the 11 scenarios by default.
    count
        How many to return.
    interval
        Mass of the interval.

    Raises
    ------
    SettingError
        The weights are not 29 finite numbers that vary.
    UnknownNameError
        There is no such slice.

    Examples
    --------
    >>> mine = load_published_profiles().of("llama-2-13b")[0]
    >>> [near.judge for near in nearest_published_judges(mine, slices=["advice"], count=2)]
    ['llama-2-13b', 'wizardLM-13b-v1.2']
    """
    published = published or load_published_profiles()
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (len(published.properties),) or not np.isfinite(given).all() or np.ptp(given) == 0:
        raise SettingError("weights", expected=f"{len(published.properties)} finite numbers that vary", got=given)
    check_fraction("interval", interval)
    against = published.weights[_slice_rows(published, slices)]
    similarity = _mean_similarity(given[None], against)[0]
    drawn = np.empty((0, len(similarity)))
    if draws is not None:
        rows = np.asarray(draws, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != given.size or len(rows) < 2:
            raise SettingError("draws", expected=f"an array of shape (at least 2, {given.size})", got=rows.shape)
        drawn = _mean_similarity(rows, against)
    nearest = np.bincount(drawn.argmax(axis=1), minlength=len(similarity)) / max(len(drawn), 1)
    order = np.argsort(-similarity, kind="stable")[: check_positive("count", count)]
    return tuple(
        NearJudge(
            published.judges[each],
            moved_interval(float(similarity[each]), drawn[:, each], interval=interval),
            float(nearest[each]) if len(drawn) else nan,
        )
        for each in order
    )


def _slice_rows(published: PublishedProfiles, slices: Sequence[str]) -> list[int]:
    names = check_known("published slice", slices or published.scenarios, published.slices)
    return [published.slices.index(name) for name in names]


def _mean_similarity(profiles: FloatArray, against: FloatArray) -> FloatArray:
    """Mean over slices of the correlation of each profile with each published judge, shape (profiles, judges)."""
    parts = [
        pearson(*np.broadcast_arrays(profiles[:, None, :], of_slice[None])).reshape(len(profiles), -1)
        for of_slice in against
    ]
    return np.asarray(np.mean(parts, axis=0))
