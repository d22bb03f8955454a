"""Agreement of judges beyond chance, with intervals from resampled clusters.

Arrays in, estimates out; knows no judge by name.
"""

from math import nan
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import FloatArray
from prefactor._validate import check_fraction, check_positive
from prefactor.config import BOOTSTRAPS, INTERVAL, SEED
from prefactor.errors import SettingError
from prefactor.stats.clusters import check_clusters
from prefactor.stats.estimate import Estimate
from prefactor.stats.sites import check_labels, exact_grid
from prefactor.stats.special import normal_quantile, student_quantile

__all__ = ["concordance", "kappa_estimate", "krippendorff_alpha", "resample_clusters", "sum_clusters"]

_CELLS: Final = 8_000_000
"""Counts of clusters in replicates that are held at once (8 bytes each)."""

_PSEUDO_ROWS: Final = 2.7
"""Spread over the cells of a table: the z^2 of Agresti and Coull at 90 %, whatever interval is asked for."""

_MOST_CLUSTERS: Final = 10_000
"""Clusters above which they are put together at random before they are resampled."""


def sum_clusters(values: FloatArray, clusters: ArrayLike, *, seed: int = SEED) -> FloatArray:
    """Sum rows by cluster, in the order of the cluster labels.

    More than 10,000 clusters are put together at random into so many groups, which leaves the expected variance of a
    resample as it is.

    Parameters
    ----------
    values
        Shape (n, m).
    clusters
        Whole numbers, shape (n,).
    seed
        Of the grouping.

    Returns
    -------
    FloatArray
        Shape (clusters, m).

    Examples
    --------
    >>> sum_clusters(np.array([[1.0], [2.0], [3.0]]), [7, 3, 7]).tolist()
    [[2.0], [4.0]]
    """
    index = check_clusters(clusters, len(values))
    count = int(index.max(initial=-1)) + 1
    if count > _MOST_CLUSTERS:
        index = np.asarray(np.random.default_rng(seed).permutation(count)[index] % _MOST_CLUSTERS)
        count = _MOST_CLUSTERS
    columns = [np.bincount(index, weights=column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1) if columns else np.empty((count, 0))


def resample_clusters(sums: FloatArray, *, bootstraps: int = BOOTSTRAPS, seed: int = SEED) -> FloatArray:
    """Total the sums of G clusters drawn with replacement, over and over.

    Two tables of as many clusters and the same seed are resampled alike, which keeps pairs together.

    Parameters
    ----------
    sums
        Shape (G, m), G at least 1.
    bootstraps, seed
        Number of replicates, and the seed of all draws.

    Returns
    -------
    FloatArray
        Shape (bootstraps, m).

    Examples
    --------
    >>> resample_clusters(np.array([[1.0, 2.0]]), bootstraps=2).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    clusters = len(sums)
    random = np.random.default_rng(seed)
    even = np.full(clusters, 1 / clusters)
    step = max(1, _CELLS // clusters)
    sizes = [min(step, bootstraps - start) for start in range(0, check_positive("bootstraps", bootstraps), step)]
    return np.concatenate([random.multinomial(clusters, even, size).astype(np.float64) @ sums for size in sizes])


def kappa_estimate(
    first: ArrayLike,
    second: ArrayLike,
    *,
    clusters: ArrayLike,
    weights: ArrayLike | None = None,
    interval: float = INTERVAL,
    bootstraps: int = BOOTSTRAPS,
    seed: int = SEED,
) -> Estimate:
    """Cohen's kappa of two judges with its clustered interval, over rows where both have a strict preference.

    The value is that of :func:`prefactor.stats.agreement.cohen_kappa` (Cohen 1960, DOI 10.1177/001316446002000104). A
    replicate draws whole clusters, and 2.7 pseudo rows spread over the four cells of the two judges' table, each
    Poisson(1) times, so that full agreement in few rows is not taken for certain (after Agresti and Min 2005,
    DOI 10.1002/sim.1781, who add to the cells of matched pairs).

    Parameters
    ----------
    first, second
        P(A preferred) of each judge in [0, 1], shape (n,); 0.5 is no strict preference.
    clusters
        Whole numbers, shape (n,).
    weights
        Shape (n,), at least 0; None is 1 everywhere.
    interval
        Mass of the interval.
    bootstraps, seed
        Replicates, and the seed of their draws.

    Returns
    -------
    Estimate
        In [-1, 1]; NaN as :func:`~prefactor.stats.agreement.cohen_kappa` is, NaN ends with fewer than two clusters.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        No row has a positive weight.

    Examples
    --------
    >>> one, two = [1.0, 1.0, 0.0, 0.0] * 20, [1.0, 0.0, 0.0, 0.0] * 20
    >>> str(kappa_estimate(one, two, clusters=range(80)))
    '0.50 [0.34, 0.63]'
    """
    both = check_labels(np.stack([np.ravel(first), np.ravel(second)]), weights, rows=np.size(first))
    signs = np.sign(both.preference - 0.5)
    strict = (signs != 0).all(axis=0) & (both.weights[0] > 0)
    cells = (2 * (signs[0] > 0) + (signs[1] > 0))[strict][:, None] == np.arange(4)
    sums = sum_clusters(cells * exact_grid(both.weights[0])[strict][:, None], np.asarray(clusters)[strict], seed=seed)
    value = float(_kappa(sums.sum(axis=0)))
    if np.isnan(value) or len(sums) < 2:
        return Estimate(value)
    design = _design(sums[:, 0] + sums[:, 3], sums.sum(axis=1))
    pseudo = np.random.default_rng([seed, 1]).poisson(1.0, (bootstraps, 4)) * (_PSEUDO_ROWS * design / 4)
    replicates = _kappa(resample_clusters(sums, bootstraps=bootstraps, seed=seed) + pseudo)
    return _stretched(value, replicates, clusters=len(sums), interval=interval)


def krippendorff_alpha(
    ratings: ArrayLike,
    *,
    clusters: ArrayLike,
    interval: float = INTERVAL,
    bootstraps: int = BOOTSTRAPS,
    seed: int = SEED,
) -> Estimate:
    """Krippendorff's alpha of nominal ratings by any number of judges, missing ones allowed, with a clustered interval.

    1 - D_o / D_e with D_o the share of unequal ordered pairs of ratings within rows, a row of m ratings weighing each
    pair by 1 / (m - 1), and D_e that between all ratings that have a partner (Krippendorff 2011, "Computing
    Krippendorff's Alpha-Reliability", https://repository.upenn.edu/asc_papers/43). Rows with fewer than two ratings
    are left out. Replicates draw whole clusters, and pseudo rows of two ratings as in :func:`kappa_estimate`.

    Parameters
    ----------
    ratings
        Shape (judges, n), a number for each category, NaN where a judge gave none.
    clusters
        Whole numbers, shape (n,).
    interval
        Mass of the interval.
    bootstraps, seed
        Replicates, and the seed of their draws.

    Returns
    -------
    Estimate
        At most 1, 0 at chance, below 0 for systematic disagreement; NaN where no row has two ratings or all ratings
        are equal, NaN ends with fewer than two clusters.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> missing = float("nan")
    >>> str(krippendorff_alpha([[1, 1, 2, 2, missing] * 20, [1, 2, 2, 2, 1] * 20], clusters=range(100)))
    '0.47 [0.28, 0.62]'
    """
    check_fraction("interval", interval)
    given = np.asarray(ratings, dtype=np.float64)
    if given.ndim != 2 or np.isinf(given).any():
        raise SettingError("ratings", expected="a matrix of shape (judges, rows), NaN where missing", got=given.shape)
    rated = ~np.isnan(given)
    paired = rated.sum(axis=0) >= 2
    categories = np.unique(given[:, paired][rated[:, paired]])
    if len(categories) < 2:
        return Estimate(nan)
    counts = np.stack([(given[:, paired] == each).sum(axis=0) for each in categories], axis=-1).astype(np.float64)
    ratings_in_row = counts.sum(axis=1)
    unequal = (ratings_in_row**2 - (counts**2).sum(axis=1)) / (ratings_in_row - 1)
    sums = sum_clusters(np.column_stack([unequal, counts]), np.asarray(clusters)[paired], seed=seed)
    value = float(_alpha(sums.sum(axis=0)))
    if len(sums) < 2:
        return Estimate(value)
    drawn = resample_clusters(sums, bootstraps=bootstraps, seed=seed)
    design = _design(sums[:, 0] / 2, sums[:, 1:].sum(axis=1) / 2)
    drawn += _pseudo_pairs(len(categories), design, bootstraps=bootstraps, seed=seed)
    return _stretched(value, _alpha(drawn), clusters=len(sums), interval=interval)


def concordance(first: ArrayLike, second: ArrayLike, *, clusters: ArrayLike, interval: float = INTERVAL) -> Estimate:
    """Agreement of two sets of scores beyond chance, squared differences being what counts, with a clustered interval.

    1 - E(a - b)^2 / (var a + var b + (mean a - mean b)^2): Lin's concordance (1989, DOI 10.2307/2532051), which is
    Cohen's kappa with quadratic weights, and but for a factor near (n - 1) / n the intraclass correlation ICC(A,1) and,
    of two repeats by one rater, ICC(1,1) and Krippendorff's alpha for intervals (Fleiss and Cohen 1973, DOI
    10.1177/001316447303300309). The interval is a Student one of Fisher's z, its variance from whole clusters; where
    all scores agree, the low end is what 3 clusters of chance among G would leave.

    Parameters
    ----------
    first, second
        Scores on one scale, shape (n,); NaN leaves a row out.
    clusters
        Whole numbers, shape (n,).
    interval
        Mass of the interval.

    Returns
    -------
    Estimate
        In [-1, 1]; NaN where all scores are equal, NaN ends with fewer than two clusters.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.

    Examples
    --------
    >>> one, two = [0.0, 1.0, 2.0, 3.0] * 20, [0.0, 1.0, 3.0, 3.0] * 20
    >>> str(concordance(one, two, clusters=range(80)))
    '0.92 [0.88, 0.94]'
    """
    check_fraction("interval", interval)
    a, b = (np.ravel(each).astype(np.float64) for each in (first, second))
    index = check_clusters(clusters, len(a))
    known = ~np.isnan(a) & ~np.isnan(b)
    if not known.any():
        return Estimate(nan)
    a, b, index = a[known], b[known], np.unique(index[known], return_inverse=True)[1]
    means = [float(exact_grid(each).sum() / len(a)) for each in (a, b)]
    apart = (a - b) ** 2
    by_chance = (a - means[1]) ** 2 + (b - means[0]) ** 2
    chance = float(exact_grid(by_chance).sum()) - len(a) * (means[0] - means[1]) ** 2
    groups = int(index.max()) + 1
    if chance <= 1e-12 * len(a):
        return Estimate(nan)
    value = 1 - float(exact_grid(apart).sum()) / chance
    if groups < 2 or abs(value) >= 1:
        return Estimate(value) if groups < 2 else Estimate(value, max(-1.0, value - 3 / groups), value)
    of_chance = by_chance - (means[0] - means[1]) ** 2
    influence = ((1 - value) * of_chance - apart) / chance / (1 - value * value)
    sums = np.bincount(index, weights=exact_grid(influence))
    # Where scores seldom differ, few clusters say by how much; as many as (sum v)^2 / sum v^2 of their differences v.
    unlike = np.bincount(index, weights=exact_grid(apart))
    df = max(min(float(unlike.sum() ** 2 / (unlike @ unlike)), groups) - 1, 1.0)
    reach = float(student_quantile(interval, np.array(df))) * np.sqrt(sums @ sums * groups / (groups - 1))
    return Estimate(value, *(float(np.tanh(np.arctanh(value) + side * reach)) for side in (-1, 1)))


def _kappa(table: FloatArray) -> FloatArray:
    """Kappa from the counts of neither, only the second, only the first, both preferring A, along the last axis."""
    none, only_second, only_first, both_a = np.moveaxis(table, -1, 0)
    total = table.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share_first, share_second = (only_first + both_a) / total, (only_second + both_a) / total
        expected = share_first * share_second + (1 - share_first) * (1 - share_second)
        found = ((none + both_a) / total - expected) / (1 - expected)
    return np.asarray(np.where(expected < 1, found, nan))


def _alpha(sums: FloatArray) -> FloatArray:
    """Alpha from unequal pairs and counts of categories, along the last axis."""
    unequal, counts = sums[..., 0], sums[..., 1:]
    total = counts.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - (total - 1) * unequal / (total**2 - (counts**2).sum(axis=-1)))


def _pseudo_pairs(categories: int, design: float, *, bootstraps: int, seed: int) -> FloatArray:
    """Rows of two ratings, one for every ordered pair of categories, each Poisson(1) times."""
    first, second = np.divmod(np.arange(categories**2), categories)
    eye = np.eye(categories)
    rows = np.column_stack([2.0 * (first != second), eye[first] + eye[second]])
    times = np.random.default_rng([seed, 1]).poisson(1.0, (bootstraps, categories**2))
    return np.asarray(times @ rows * (_PSEUDO_ROWS * design / categories**2))


def _design(counted: FloatArray, rows: FloatArray) -> float:
    """Rows that one row of a cluster counts as, from how often what is counted (agreement, say) goes together."""
    total = rows.sum()
    share = counted.sum() / total
    largest = max(1.0, float(rows @ rows / total))
    if not 1e-9 < share < 1 - 1e-9:
        return largest
    apart = counted - share * rows
    return float(np.clip(apart @ apart / (total * share * (1 - share)), 1.0, largest))


def _stretched(value: float, replicates: FloatArray, *, clusters: int, interval: float) -> Estimate:
    """Percentile interval, stretched about its middle as a Student interval of so many clusters is."""
    tail = (1 - interval) / 2
    low, middle, high = np.nanquantile(replicates, [tail, 0.5, 1 - tail])
    df = np.array(float(clusters - 1))
    stretch = float(student_quantile(interval, df)) / normal_quantile(1 - tail) * np.sqrt(clusters / (clusters - 1))
    ends = [middle + (end - middle) * stretch for end in (low, high)]
    return Estimate(value, float(max(min(ends[0], value), -1.0)), float(min(max(ends[1], value), 1.0)))
