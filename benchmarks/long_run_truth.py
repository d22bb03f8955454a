"""The posterior of one fit of 500 x 29, from many exact draws: writes ``truths/posterior_500x29.json``.

python benchmarks/long_run_truth.py [--chains 4000 --sweeps 1000]

Knows nothing of expectation propagation. Gibbs draws come from the exact Laplace prior times a Gaussian likelihood that
is matched to the true one by its mean gradient and curvature in pilot runs, and are weighted by the exact likelihood
over the Gaussian one. Draws x and their squares are then regressed on functions whose mean is known to be 0: with g the
gradient of the log posterior, these are g, |x| g + sign(x) and x g + 1 (control variates: Mira, Solgi and Imparato
2013, DOI 10.1007/s11222-012-9344-6), which leaves a fifth of the noise. The Monte-Carlo error comes from groups of
chains. Where numpyro is installed, its NUTS in double precision checks the result. Needs SciPy.
"""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
from contenders import HERE, load, on_one_thread
from scipy.special import log_ndtr, ndtr, ndtri
from sign_features import SignFeatures, draw_labels, draw_weights

from prefactor._typing import FloatArray
from prefactor.stats.special import sigmoid

ROWS, FACTORS, SEED, SCALE = 500, 29, 0, 0.1
TRUTH = HERE / "truths" / "posterior_500x29.json"
GROUPS = 40
KEPT = 10
"""One sweep in so many is kept for the ends of intervals."""


def one_fit() -> tuple[FloatArray, FloatArray]:
    """Return signs and labels of the fit that all methods are compared on."""
    random = np.random.default_rng(SEED)
    signs = SignFeatures.make(FACTORS, SEED).draw(ROWS, random)
    return signs, draw_labels(signs, draw_weights(FACTORS, random), random)


def fingerprint(*arrays: FloatArray) -> str:
    """Return a hash of the values, so that a changed generator is told apart from a wrong fit."""
    return sha256(b"".join(np.ascontiguousarray(array, dtype=np.float64).tobytes() for array in arrays)).hexdigest()


@dataclass(frozen=True)
class Gaussian:
    """A likelihood exp(shift x - x precision x / 2)."""

    precision: FloatArray
    shift: FloatArray


@dataclass(frozen=True)
class Moments:
    """Weighted sums over the draws of each group of chains: of 1, of its square, of the columns and their products."""

    weight: FloatArray
    squared: FloatArray
    first: FloatArray
    second: FloatArray


def gradient(draws: FloatArray, signs: FloatArray, labels: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return log-likelihood, its gradient, and the mean curvature p (1 - p) of every row over the draws."""
    odds = draws @ signs.T
    small = np.exp(-np.abs(odds))
    chance = np.where(odds > 0, 1.0, small) / (1 + small)
    value = odds @ labels - (np.maximum(odds, 0) + np.log1p(small)).sum(axis=1)
    return value, (labels - chance) @ signs, (chance * (1 - chance)).mean(axis=0)


def sweep(draws: FloatArray, target: Gaussian, random: np.random.Generator) -> None:
    """Update every coordinate of every chain from its exact conditional: two half normals, left and right of 0."""
    for place, precision in enumerate(np.diag(target.precision)):
        sd = precision**-0.5
        linear = target.shift[place] - draws @ target.precision[place] + precision * draws[:, place]
        right, left = (linear - 1 / SCALE) * sd, -(linear + 1 / SCALE) * sd
        log_right = log_ndtr(right) + 0.5 * right**2
        log_left = log_ndtr(left) + 0.5 * left**2
        positive = random.random(len(draws)) < sigmoid(log_right - log_left)
        peak = np.where(positive, right, left)
        distance = peak - ndtri(random.random(len(draws)) * ndtr(peak))
        draws[:, place] = np.where(positive, sd, -sd) * distance


def matched(signs: FloatArray, labels: FloatArray, random: np.random.Generator) -> tuple[Gaussian, FloatArray]:
    """Return the Gaussian whose gradient and curvature are, on average over its own draws, those of the likelihood."""
    draws = np.zeros((2_000, signs.shape[1]))
    target = Gaussian(0.25 * signs.T @ signs, signs.T @ (labels - 0.5))
    for _ in range(6):
        for _ in range(30):
            sweep(draws, target, random)
        _, slopes, curvature = gradient(draws, signs, labels)
        precision = (signs.T * curvature) @ signs
        target = Gaussian(precision, slopes.mean(axis=0) + precision @ draws.mean(axis=0))
    return target, draws


def run(
    signs: FloatArray, labels: FloatArray, *, chains: int, sweeps: int, seed: int
) -> tuple[Moments, FloatArray, FloatArray]:
    """Draw, and return the groups' moments, and the kept draws with their weights."""
    random = np.random.default_rng(seed)
    target, pilot = matched(signs, labels, random)
    draws = pilot[random.integers(len(pilot), size=chains)]
    for _ in range(50):
        sweep(draws, target, random)
    width = 5 * signs.shape[1]
    sums = Moments(*(np.zeros((GROUPS, *shape)) for shape in ((), (), (width,), (width, width))))
    kept, kept_weights = [], []
    level = None
    for number in range(sweeps):
        sweep(draws, target, random)
        value, slopes, _ = gradient(draws, signs, labels)
        excess = value - draws @ target.shift + 0.5 * np.einsum("ci,ij,cj->c", draws, target.precision, draws)
        level = float(excess.mean()) if level is None else level
        weights = np.exp(excess - level)
        columns = beside_zeros(draws, slopes - np.sign(draws) / SCALE).reshape(GROUPS, -1, width)
        grouped = weights.reshape(GROUPS, -1, 1)
        sums.weight[:] += grouped.sum(axis=(1, 2))
        sums.squared[:] += (grouped**2).sum(axis=(1, 2))
        sums.first[:] += (grouped * columns).sum(axis=1)
        sums.second[:] += (grouped * columns).transpose(0, 2, 1) @ columns
        if number % KEPT == 0:
            kept.append(draws.astype(np.float32))
            kept_weights.append(weights)
    return sums, np.concatenate(kept), np.concatenate(kept_weights)


def beside_zeros(draws: FloatArray, slopes: FloatArray) -> FloatArray:
    """Return x, x^2 and the three control variates of every draw, side by side."""
    return np.hstack([draws, draws**2, slopes, np.abs(draws) * slopes + np.sign(draws), draws * slopes + 1])


def estimate(moments: Moments) -> tuple[FloatArray, FloatArray]:
    """Return means and sds, both corrected by the control variates."""
    size = moments.first.shape[-1] // 5
    wanted, known = slice(0, 2 * size), slice(2 * size, None)
    total = moments.weight.sum()
    first = moments.first.sum(axis=0) / total
    second = moments.second.sum(axis=0) / total - np.outer(first, first)
    slope = np.linalg.solve(second[known, known], second[known, wanted])
    mean, square = np.split(first[wanted] - first[known] @ slope, 2)
    return mean, np.sqrt(square - mean**2)


def errors(moments: Moments) -> tuple[FloatArray, FloatArray]:
    """Return the Monte-Carlo errors of means and sds, by a jackknife over the groups of chains."""
    left_out = []
    for group in range(GROUPS):
        rest = [np.delete(part, group, axis=0) for part in (moments.weight, moments.first, moments.second)]
        left_out.append(estimate(replace(moments, weight=rest[0], first=rest[1], second=rest[2])))
    means, sds = (np.array(part) for part in zip(*left_out, strict=True))
    return tuple(np.sqrt((GROUPS - 1) * part.var(axis=0)) for part in (means, sds))  # type: ignore[return-value]


def weighted_quantiles(draws: FloatArray, weights: FloatArray, probability: float) -> list[float]:
    found = []
    for column in draws.T:
        order = np.argsort(column)
        below = np.cumsum(weights[order])
        found.append(float(column[order[np.searchsorted(below, probability * below[-1])]]))
    return found


def check(nuts: Any, truth: Mapping[str, Any], draws: int) -> dict[str, float]:
    """Compare with NUTS: differences of means in units of NUTS's own Monte-Carlo error should have size 1."""
    mean, sd = np.array(truth["mean"]), np.array(truth["sd"])
    found, effective = nuts.long_run(*one_fit(), draws)
    spread = found.std(axis=(0, 1))
    difference = found.mean(axis=(0, 1)) - mean
    return {
        "draws": found.shape[0] * found.shape[1],
        "rms_difference_of_means": float(np.sqrt((difference**2).mean())),
        "rms_difference_in_its_own_errors": float(np.sqrt((difference**2 * effective / spread**2).mean())),
        "largest_relative_difference_of_sds": float(np.abs(spread / sd - 1).max()),
    }


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--chains", type=int, default=4_000)
    parser.add_argument("--sweeps", type=int, default=1_000)
    parser.add_argument("--check-draws", type=int, default=50_000, help="of each of 4 chains of NUTS")
    settings = parser.parse_args()
    on_one_thread()
    signs, labels = one_fit()
    moments, kept, weights = run(signs, labels, chains=settings.chains, sweeps=settings.sweeps, seed=SEED)
    mean, sd = estimate(moments)
    mean_error, sd_error = errors(moments)
    truth: dict[str, Any] = {
        "what": f"posterior of {ROWS} x {FACTORS} signs of seed {SEED}, logistic, Laplace(0, {SCALE}), no intercept",
        "data_sha256": fingerprint(signs, labels),
        "draws": settings.chains * settings.sweeps,
        "effective_share_of_the_weights": float(moments.weight.sum() ** 2 / moments.squared.sum())
        / (settings.chains * settings.sweeps),
        "rms_error_of_means": float(np.sqrt((mean_error**2).mean())),
        "largest_relative_error_of_sds": float((sd_error / sd).max()),
        "mean": mean.round(8).tolist(),
        "sd": sd.round(8).tolist(),
        "low": weighted_quantiles(kept, weights, 0.05),
        "high": weighted_quantiles(kept, weights, 0.95),
    }
    nuts, _ = load("numpyro_nuts", "numpyro", "jax")
    if nuts is not None:
        truth["beside_nuts"] = check(nuts, truth, settings.check_draws)
    TRUTH.parent.mkdir(exist_ok=True)
    TRUTH.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({name: value for name, value in truth.items() if not isinstance(value, list)}, indent=1))


if __name__ == "__main__":
    main()
