"""Weights of many groups of comparisons, pooled as much as the groups' own data ask for.

Arrays in, a frozen result out; knows no slice, no judge and no factor's name.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.errors import FitError, SettingError
from prefactor.stats.clustered import widen
from prefactor.stats.clusters import check_clusters
from prefactor.stats.convergence import effective_draws, split_r_hat
from prefactor.stats.group_likelihood import GaussianLikelihoods, GroupedLabels, group_rows, match_gaussians
from prefactor.stats.hierarchy_chains import Chains, Draws, HierarchyPrior, Roots, laplace_precision, roots_of
from prefactor.stats.hierarchy_influence import Influence, cell_scores, influence_of, lightened, likeness_of, sharing_of
from prefactor.stats.hierarchy_result import GroupedRows, Hierarchy, HierarchyOptions, Summary
from prefactor.stats.sites import check_features, check_labels, exact_grid
from prefactor.stats.special import normal_quantile

__all__ = ["FEWEST_GROUPS", "fit_hierarchy", "sample_hierarchy"]

FEWEST_GROUPS: Final = 3
"""Groups below which nothing is pooled: two weights tell next to nothing of how much a third would differ."""

CHAINS: Final = 4
DRAWS: Final = 300
"""Draws of each chain that are kept."""

FEWEST_EFFECTIVE: Final = 100.0
WORST_R_HAT: Final = 1.05
_REFITS: Final = (30, 30)
"""Steps after each of which the Gaussian likelihoods are fitted anew, where the weights have come to lie."""
_BURN_IN: Final = 60
_TRIES: Final = 4
_CELLS: Final = 16_000_000
"""Weights drawn that are held at once; where there would be more, fewer draws are kept."""
_INFLUENCES: Final = 16
_ONE_SIDED: Final = float(normal_quantile(0.95))


def fit_hierarchy(
    rows: GroupedRows, *, tie_parameter: ArrayLike = 0.0, options: HierarchyOptions | None = None
) -> Hierarchy:
    """Fit a normal hierarchy over the weights of groups.

    For group g and factor f, w_gf ~ N(m_f, s_f^2), m_f ~ Laplace(0, ``prior_scale``), s_f ~ half-t_4(t) and
    t ~ half-normal(``spread_scale``); rows follow the likelihood of :func:`prefactor.stats.posterior.fit_posterior`.
    The likelihood of each group enters as a Gaussian found by expectation propagation where its weights lie; all else
    is drawn by Markov chains (:class:`prefactor.stats.hierarchy_chains.Chains`), longer where they mix badly. Rows of
    one cluster in one group count for less by their design effect (Kish 1965), and intervals are widened for what
    clusters add beyond. The order of rows changes no bit; renumbering groups permutes the result; turning a feature
    round, or all preferences, flips signs exactly.

    Parameters
    ----------
    rows
        Comparisons of all groups.
    tie_parameter
        Davidson's nu, one number or one per group.
    options
        Priors, thresholds and seed.

    Returns
    -------
    Hierarchy
        Pooled weights, with their shrinkage and what the groups have in common.

    Raises
    ------
    SettingError
        An argument of a wrong shape or outside its range.
    FitError
        Fewer than three groups, no row with a positive weight, or no factor that ever differs.

    Examples
    --------
    >>> x = np.ones((120, 1))
    >>> y = np.tile([1.0, 1.0, 0.0], 40)
    >>> pooled = fit_hierarchy(GroupedRows(x, y, np.repeat(np.arange(5), 24)))
    >>> bool((pooled.weight.low > 0).all()), pooled.converged
    (True, True)
    """
    options = options or HierarchyOptions()
    labels, identified = _checked(rows, tie_parameter)
    canonical, order, sign = _canonical(labels)
    found = _summary(_sample(canonical, options), options)
    return _restored(found, order=order, sign=sign, identified=identified)


def sample_hierarchy(
    rows: GroupedRows, *, tie_parameter: ArrayLike = 0.0, options: HierarchyOptions | None = None
) -> Draws:
    """Return the draws that :func:`fit_hierarchy` summarises, of factors that differ, before intervals are widened.

    Parameters
    ----------
    rows, tie_parameter, options
        As there.
    """
    options = options or HierarchyOptions()
    labels, _ = _checked(rows, tie_parameter)
    canonical, order, sign = _canonical(labels)
    draws = _sample(canonical, options).draws
    back = np.argsort(order)
    return replace(draws, weight=draws.weight[:, :, back] * sign, common=draws.common * sign)


def _checked(rows: GroupedRows, tie_parameter: ArrayLike) -> tuple[GroupedLabels, BoolArray]:
    """Check the arguments; return the rows without factors that never differ, and which factors are left."""
    columns = check_features(rows.features)
    count = columns.shape[1]
    labels = check_labels(rows.preference, rows.weights, rows=count)
    if not labels.single:
        raise SettingError("preference", expected=f"shape ({count},)", got=labels.preference.shape)
    group = np.asarray(rows.group)
    if group.shape != (count,) or group.dtype.kind not in "iu" or group.min(initial=0) < 0:
        raise SettingError("group", expected=f"{count} whole numbers from 0", got=(group.dtype.name, group.shape))
    groups = int(group.max(initial=-1)) + 1
    if groups < FEWEST_GROUPS:
        raise FitError("a hierarchy", f"needs at least {FEWEST_GROUPS} groups, there are {groups}")
    tie = np.asarray(tie_parameter, dtype=np.float64)
    if tie.shape not in ((), (groups,)) or not (np.isfinite(tie) & (tie >= 0)).all():
        raise SettingError("tie_parameter", expected=f"one number of at least 0, or {groups}", got=tie_parameter)
    identified = np.asarray(columns.any(axis=1))
    if not identified.any():
        raise FitError("a hierarchy", "no factor differs in any row")
    checked = GroupedLabels(
        columns=columns[identified],
        preference=labels.preference[0],
        weights=labels.weights[0],
        group=group.astype(np.int64),
        cluster=None if rows.clusters is None else check_clusters(rows.clusters, count),
        tie=np.broadcast_to(tie, (groups,)),
    )
    return checked, identified


def _canonical(labels: GroupedLabels) -> tuple[GroupedLabels, IntArray, FloatArray]:
    """Turn every factor so that more is preferred on the whole, and number the groups by what is in them.

    The same random numbers then go to the same group and factor, whatever they were called.
    """
    linear = group_rows(labels).linear
    sign = np.where(exact_grid(linear.T).sum(axis=1) < 0, -1, 1)
    totals = np.bincount(labels.group, weights=exact_grid(labels.weights), minlength=labels.tie.size)
    order = np.lexsort([totals, *(linear * sign).T[::-1]])
    number = np.empty_like(order)
    number[order] = np.arange(order.size)
    columns = labels.columns * sign[:, None].astype(labels.columns.dtype)
    turned = replace(labels, columns=columns, group=number[labels.group], tie=labels.tie[order])
    return turned, order, sign.astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Alike:
    likeness: float = 0.0
    sharing: float = 0.0


@dataclass(frozen=True, slots=True)
class _Sample:
    draws: Draws
    labels: GroupedLabels
    roots: Roots
    alike: _Alike
    effective: float
    r_hat: float
    converged: bool


def _sample(labels: GroupedLabels, options: HierarchyOptions) -> _Sample:
    groups, size = labels.tie.size, len(labels.columns)
    prior = HierarchyPrior(options.prior_scale, options.spread_scale)
    chains = Chains(prior, groups=groups, size=size, chains=CHAINS, seed=options.seed)
    labels, likelihoods, alike = _settle(labels, chains)
    roots = roots_of(likelihoods)
    chains.run(roots, _BURN_IN)
    kept = int(np.clip(_CELLS // max(1, CHAINS * groups * size), DRAWS // 6, DRAWS))
    every = max(1, round(DRAWS / kept))
    for _ in range(_TRIES):
        draws = chains.run(roots, kept, every=every)
        watched = np.concatenate([draws.common, np.log(draws.spread)], axis=2)
        effective, r_hat = float(effective_draws(watched).min()), float(split_r_hat(watched).max())
        mixed = effective >= FEWEST_EFFECTIVE and r_hat <= WORST_R_HAT
        if mixed:
            break
        # What has been drawn so far was burn-in then, and the next run is twice as long.
        every *= 2
    return _Sample(draws, labels, roots, alike, effective, r_hat, mixed and likelihoods.converged)


def _settle(labels: GroupedLabels, chains: Chains) -> tuple[GroupedLabels, GaussianLikelihoods, _Alike]:
    """Let the chains find where the weights lie, fit the Gaussian likelihoods there, and allow for rows being alike.

    Rows of one cluster in a group count for less. Noise that groups share moves them together and says nothing of how
    they differ, so the likelihoods are sharpened to what is left of it; what they share comes back in the intervals,
    as variance that clusters add.
    """
    prior = chains.prior
    rows = group_rows(labels)
    size = len(labels.columns)
    likelihoods = match_gaussians(
        rows, mean=np.zeros(size), covariance=np.eye(size) * (2 * prior.common**2 + prior.spread**2)
    )
    alike = _Alike()
    for refit, steps in enumerate(_REFITS):
        draws = chains.run(roots_of(likelihoods), steps)
        late = slice(steps // 2, None)
        common = draws.common[:, late].reshape(-1, size)
        if refit == 0 and labels.cluster is not None:
            weight = draws.weight[:, late].mean(axis=(0, 1))
            metric = np.linalg.inv(likelihoods.precision.sum(axis=0) + np.eye(size) / (2 * prior.common**2))
            scores = cell_scores(labels, weight)
            alike = _Alike(likeness_of(scores, metric), sharing_of(scores, metric))
            labels = replace(labels, weights=lightened(labels, alike.likeness) / (1 - alike.sharing))
            rows = group_rows(labels)
        covariance = np.cov(common, rowvar=False).reshape(size, size)
        # The median: a mean would follow rare draws far out, where Gaussians no longer hold separated rows back.
        covariance[np.diag_indices(size)] += np.median(draws.spread[:, late], axis=(0, 1)) ** 2
        likelihoods = match_gaussians(rows, mean=common.mean(axis=0), covariance=covariance)
    return labels, likelihoods, alike


def _summary(sample: _Sample, options: HierarchyOptions) -> Hierarchy:
    draws, labels = sample.draws, sample.labels
    chains, kept, groups, size = draws.weight.shape
    weights = draws.weight.reshape(-1, groups, size)
    common, spread = draws.common.reshape(-1, size), draws.spread.reshape(-1, size)
    difference = weights.std(axis=1)
    influence = _mean_influence(sample, options)
    totals = np.bincount(labels.group, weights=exact_grid(labels.weights), minlength=groups).astype(np.float64)
    return Hierarchy(
        weight=_summarised(weights, options.interval, excess=influence.weight_excess),
        own_share=influence.own_share,
        common=_summarised(common, options.interval, excess=influence.common_excess),
        spread=_summarised(spread, options.interval),
        difference=_summarised(difference, options.interval),
        differ=(difference > options.smallest_spread).mean(axis=0),
        detectable=_detectable(influence.precision),
        identified=np.ones(size, dtype=np.bool_),
        likeness=sample.alike.likeness,
        sharing=sample.alike.sharing,
        effective_rows=(1 - sample.alike.sharing) * totals,
        draws=chains * kept,
        effective=sample.effective,
        r_hat=sample.r_hat,
        converged=sample.converged,
        options=options,
    )


def _mean_influence(sample: _Sample, options: HierarchyOptions) -> Influence:
    """Average own shares and excess variances over draws of the spreads."""
    draws = sample.draws
    size = draws.common.shape[-1]
    common, spread = draws.common.reshape(-1, size), draws.spread.reshape(-1, size)
    scores = None
    if sample.labels.cluster is not None:
        scores = cell_scores(sample.labels, draws.weight.mean(axis=(0, 1)))
    random = np.random.default_rng((options.seed, 1))
    influences = []
    for draw in np.linspace(0, len(common) - 1, _INFLUENCES).round().astype(np.int64):
        prior = laplace_precision(random, common[draw], scale=options.prior_scale)
        influences.append(influence_of(sample.roots, scores, spread=spread[draw], laplace_precision=prior))
    return Influence(
        own_share=np.mean([one.own_share for one in influences], axis=0),
        precision=np.mean([one.precision for one in influences], axis=0),
        weight_excess=np.maximum(np.mean([one.weight_excess for one in influences], axis=0), 0.0),
        common_excess=np.maximum(np.mean([one.common_excess for one in influences], axis=0), 0.0),
    )


def _detectable(precision: FloatArray) -> FloatArray:
    """Solve for the variance between groups that lifts their estimates' variance to its 95 % point under no difference.

    With equal error variances v the estimates' variance is v chi^2 / (G - 1) under no difference (its quantile after
    Wilson and Hilferty 1931); with unequal ones v is their root mean square on the scale of precisions.
    """
    freedom = len(precision) - 1
    part = 2 / (9 * freedom)
    quantile = (1 - part + _ONE_SIDED * np.sqrt(part)) ** 3
    with np.errstate(divide="ignore"):
        return np.asarray(np.sqrt((quantile - 1) / np.sqrt(np.mean(precision**2, axis=0))))


def _summarised(draws: FloatArray, interval: float, *, excess: ArrayLike = 0.0) -> Summary:
    mean, sd = draws.mean(axis=0), draws.std(axis=0, ddof=1)
    low, high = np.quantile(draws, [0.5 * (1 - interval), 0.5 * (1 + interval)], axis=0)
    extra = np.broadcast_to(excess, mean.shape)
    ends = [widen(end, mean=mean, sd=sd, excess=extra) for end in (low, high)]
    return Summary(mean, np.sqrt(sd**2 + extra), *ends)


def _restored(found: Hierarchy, *, order: IntArray, sign: FloatArray, identified: BoolArray) -> Hierarchy:
    """Give groups their numbers, factors their direction, and factors that never differ their NaN back."""
    back = np.argsort(order)

    def spread_out(values: FloatArray) -> FloatArray:
        whole = np.full((*values.shape[:-1], identified.size), np.nan)
        whole[..., identified] = values
        return whole

    def turned(found: Summary) -> Summary:
        low, high = np.where(sign > 0, found.low, -found.high), np.where(sign > 0, found.high, -found.low)
        return Summary(*map(spread_out, (sign * found.mean, found.sd, low, high)))

    def plain(found: Summary) -> Summary:
        return Summary(*map(spread_out, (found.mean, found.sd, found.low, found.high)))

    weight = turned(found.weight)
    return replace(
        found,
        weight=Summary(weight.mean[back], weight.sd[back], weight.low[back], weight.high[back]),
        own_share=spread_out(found.own_share)[back],
        common=turned(found.common),
        spread=plain(found.spread),
        difference=plain(found.difference),
        differ=spread_out(found.differ),
        detectable=spread_out(found.detectable),
        identified=identified,
        effective_rows=found.effective_rows[back],
    )
