"""Which published judges a judge is nearest to, where the factors measured are the published properties."""

from collections.abc import Sequence

import numpy as np

from prefactor._typing import FloatArray, SignArray
from prefactor.analysis.complete import complete_rows
from prefactor.analysis.reference import NearJudge, PublishedLikeness, load_published_profiles, nearest_published_judges
from prefactor.analysis.units import JudgeUnits
from prefactor.config import BOOTSTRAPS, INTERVAL, MINIMUM_COMPARISONS, PRIOR_SCALE, SEED
from prefactor.data.preference import TIE
from prefactor.factors.base import Factor
from prefactor.stats.influence import resample_weights
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.resampling import ClusterDraws

__all__ = ["liken_to_published"]


def liken_to_published(
    judges: Sequence[JudgeUnits],
    signs: SignArray,
    *,
    factors: Sequence[Factor],
    prior_scale: float = PRIOR_SCALE,
    interval: float = INTERVAL,
    bootstraps: int = BOOTSTRAPS,
    seed: int = SEED,
) -> tuple[PublishedLikeness, ...]:
    """Find the published judges nearest to each judge; nothing where none of the published properties is measured.

    The weights are those of the 29 properties fitted together and without other factors, as the published ones are.

    Parameters
    ----------
    judges
        Units of every judge.
    signs
        Sign features of every comparison.
    factors
        One per column of ``signs``.
    prior_scale, interval, bootstraps, seed
        What the weights and intervals are made with.
    """
    wanted, names = load_published_profiles().factors, [factor.name for factor in factors]
    missing = tuple(name for name in wanted if name not in names)
    measured = len(wanted) - len(missing)
    if not measured:
        return ()
    found = []
    for units in judges:
        used = units.used()
        strict = int(np.count_nonzero((used.preference != TIE) & (used.weight > 0)))
        near, reason = tuple[NearJudge, ...](), ""
        if missing:
            reason = f"{measured} of the {len(wanted)} published properties are measured, and all are needed"
        elif strict < MINIMUM_COMPARISONS:
            reason = f"fewer than {MINIMUM_COMPARISONS} comparisons with a strict preference"
        else:
            complete = complete_rows(signs[used.comparison][:, [names.index(name) for name in wanted]])
            if complete.left_out.any():
                failed = [name for name, out in zip(wanted, complete.left_out, strict=True) if out]
                reason = f"could not be measured in too many comparisons: {', '.join(failed)}; all are needed"
            else:
                used = used.only(complete.rows)
                prior, draws = LaplacePrior(prior_scale), ClusterDraws.of(used.prompt, bootstraps=bootstraps, seed=seed)
                mean, drawn = _weights(used, complete.features, prior=prior, draws=draws)
                reason = "" if np.ptp(mean) > 0 else "no published property differs between the responses"
                near = () if reason else nearest_published_judges(mean, draws=drawn, interval=interval)
        found.append(PublishedLikeness(units.judge, measured, missing, len(used.comparison), near, reason))
    return tuple(found)


def _weights(
    used: JudgeUnits, features: FloatArray, *, prior: LaplacePrior, draws: ClusterDraws
) -> tuple[FloatArray, FloatArray]:
    """Return the weights, and those of every resample."""
    fit = fit_posterior(features, used.preference, weights=used.weight, prior=prior)
    drawn = resample_weights(
        features,
        used.preference,
        mean=fit.mean,
        covariance=fit.covariance,
        clusters=used.prompt,
        draws=draws,
        weights=used.weight,
        tie_parameter=float(fit.tie_parameter),
    )
    return fit.mean, drawn
