"""Simulation-based calibration of the posterior (Talts et al. 2018, arXiv 1804.06788): prints Markdown tables.

Weights are drawn from the prior, verdicts from the weights, and the posterior is fitted: the place of every true weight
in its marginal posterior must be uniform. Each factor's places are tested by chi-square on 20 bins and by Kolmogorov
and Smirnov, and the smallest p-value is multiplied by the number of factors.

Run: python benchmarks/calibration.py [--samples 1000] [--seed 0] [--only NAME]
"""

import argparse
from dataclasses import dataclass

import numpy as np
from designs._features import draw_signs
from scipy.special import log_ndtr  # type: ignore[import-untyped]
from scipy.stats import chisquare, kstest  # type: ignore[import-untyped]

from prefactor._typing import FloatArray, IntArray
from prefactor.config import PRIOR_SCALE
from prefactor.stats.clustered import cluster_excess, widen
from prefactor.stats.posterior import Posterior, fit_posterior
from prefactor.stats.single import fit_single
from prefactor.stats.special import sigmoid

JUDGES = 20
"""Data sets that share their features: fitted at once."""
BINS = 20
STEPS = 200


@dataclass(frozen=True)
class Model:
    """``rows`` comparisons of ``factors`` factors, in prompts of ``size`` rows.

    Verdicts are ties with Davidson's ``nu``. ``alike`` is the correlation of what decides the verdicts of one prompt,
    whose rows are then alike in their features too; every single verdict still has its logistic chance.
    """

    rows: int
    factors: int
    nu: float = 0.0
    size: int = 1
    alike: float = 0.0

    def __str__(self) -> str:
        ties = f", ties with nu {self.nu}" if self.nu else ""
        prompts = (
            f", {self.size} on a prompt" + (f", alike {self.alike}" if self.alike else "") if self.size > 1 else ""
        )
        return f"{self.rows} rows, {self.factors} factors{ties}{prompts}"

    @property
    def clusters(self) -> IntArray:
        return np.arange(self.rows) // self.size

    def draw(self, random: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return features (rows, factors), weights (judges, factors) and preferences (judges, rows)."""
        features = draw_signs(
            random, self.rows, self.factors, clusters=self.clusters, alike=0.6 if self.size > 1 else 0.0
        )
        weights = random.laplace(0, PRIOR_SCALE, (JUDGES, self.factors))
        odds = weights @ features.T
        tie = self.nu / (2 * np.cosh(odds / 2) + self.nu)
        luck = random.standard_normal((JUDGES, self.rows))
        if self.alike:
            shared = random.standard_normal((JUDGES, self.rows // self.size + 1))[:, self.clusters]
            luck = np.sqrt(1 - self.alike) * luck + np.sqrt(self.alike) * shared
        won = luck < _normal_quantiles(sigmoid(odds))
        return features, weights, np.where(random.random(odds.shape) < tie, 0.5, won.astype(np.float64))


JOINT = (
    Model(60, 5),
    Model(60, 29),
    Model(200, 5),
    Model(200, 29),
    Model(800, 5),
    Model(800, 29),
    Model(200, 29, nu=0.7),
    Model(800, 5, nu=2.0),
)
CLUSTERED = (
    Model(200, 10, size=5),
    Model(200, 10, size=5, alike=0.3),
    Model(800, 29, size=4, alike=0.3),
    Model(800, 10, size=40, alike=0.2),
)


@dataclass(frozen=True)
class Marginal:
    """The prior times a normal: left and right of 0 a normal of mean m + v / scale and m - v / scale."""

    mean: FloatArray
    variance: FloatArray

    @classmethod
    def of(cls, mean: FloatArray, variance: FloatArray) -> "Marginal":
        """Return the one with these moments, by Newton steps on the linear term and the log precision of the normal."""

        def gaps(linear: FloatArray, log_precision: FloatArray) -> FloatArray:
            found = cls(linear * np.exp(-log_precision), np.exp(-log_precision)).moments()
            return np.stack([(found[0] - mean) / np.sqrt(variance), np.log(found[1] / variance)])

        linear, log_precision = mean / variance, -np.log(variance)
        for _ in range(STEPS):
            here = gaps(linear, log_precision)
            if np.abs(here).max() < 1e-7:
                break
            along = (gaps(linear + 1e-5, log_precision) - here) / 1e-5
            steeper = (gaps(linear, log_precision + 1e-6) - here) / 1e-6
            determinant = along[0] * steeper[1] - along[1] * steeper[0]
            steps = np.stack([here[0] * steeper[1] - here[1] * steeper[0], along[0] * here[1] - along[1] * here[0]])
            steps = steps / determinant
            size = 1 / np.maximum(1, np.maximum(np.abs(steps[1]), np.abs(steps[0]) / 5))
            linear, log_precision = linear - size * steps[0], log_precision - size * steps[1]
        return cls(linear * np.exp(-log_precision), np.exp(-log_precision))

    def halves(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Standardised means of the left half, turned round, and of the right, and the logs of their masses."""
        sd, shift = np.sqrt(self.variance), self.variance / PRIOR_SCALE
        left, right = -(self.mean + shift) / sd, (self.mean - shift) / sd
        masses = (sign * self.mean / PRIOR_SCALE + log_ndtr(z) for sign, z in ((1, left), (-1, right)))
        return left, right, *masses

    def moments(self) -> tuple[FloatArray, FloatArray]:
        left, right, log_left, log_right = self.halves()
        share = 1 / (1 + np.exp(log_left - log_right))
        first, second = np.zeros((2, *left.shape))
        for z, sign, part in ((left, -1, 1 - share), (right, 1, share)):
            above = z + np.exp(-0.5 * z * z - 0.5 * np.log(2 * np.pi) - log_ndtr(z))
            first += sign * part * above
            second += part * (1 + z * above)
        return first * np.sqrt(self.variance), (second - first**2) * self.variance

    def below(self, weights: FloatArray) -> FloatArray:
        """Return P(weight < these)."""
        left, right, log_left, log_right = self.halves()
        whole, at = np.logaddexp(log_left, log_right), weights / np.sqrt(self.variance)
        under = self.mean / PRIOR_SCALE + log_ndtr(left + np.minimum(at, 0)) - whole
        over = -self.mean / PRIOR_SCALE + log_ndtr(right - np.maximum(at, 0)) - whole
        return np.asarray(np.where(weights < 0, np.exp(under), -np.expm1(over)))


def places(posterior: Posterior, weights: FloatArray) -> FloatArray:
    """P(weight < the true one) in each marginal, which its moments settle, and its ends prove."""
    marginal = Marginal.of(posterior.mean, posterior.sd**2)
    for end, probability in ((posterior.low, 0.05), (posterior.high, 0.95)):
        if np.abs(marginal.below(end) - probability).max() > 0.005:
            raise ArithmeticError("the ends of an interval are not those of the marginal with these moments")
    return marginal.below(weights)


def _normal_quantiles(chance: FloatArray) -> FloatArray:
    grid = np.linspace(-6, 6, 20_001)
    return np.asarray(np.interp(chance, np.exp(log_ndtr(grid)), grid))


def smallest_p_values(found: FloatArray) -> tuple[float, float]:
    """Of chi-square and of Kolmogorov-Smirnov over the factors, times their number; ``found`` (data sets, factors)."""
    counts = [np.histogram(column, BINS, (0, 1))[0] for column in found.T]
    chi = min(float(chisquare(each).pvalue) for each in counts)
    smirnov = min(float(kstest(column, "uniform").pvalue) for column in found.T)
    return min(1.0, chi * found.shape[1]), min(1.0, smirnov * found.shape[1])


def calibrate(model: Model, *, samples: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Places of the true weights and whether the 90 % intervals hold them, (data sets, factors) each."""
    found, held = [], []
    for number in range(-(-samples // JUDGES)):
        features, weights, preference = model.draw(np.random.default_rng([seed, model.rows, model.factors, number]))
        posterior = fit_posterior(features, preference, tie_parameter=model.nu)
        found.append(places(posterior, weights))
        held.append((posterior.low <= weights) & (weights <= posterior.high))
    return np.concatenate(found), np.concatenate(held)


def cover_alone(model: Model, *, samples: int, seed: int) -> FloatArray:
    """Whether the 90 % intervals of one factor fitted alone hold its weight, (data sets, 1)."""
    held = []
    for number in range(-(-samples // JUDGES)):
        features, weights, preference = model.draw(np.random.default_rng([seed, model.rows, number]))
        single = fit_single(features, preference, tie_parameter=model.nu)
        held.append((single.low <= weights) & (weights <= single.high))
    return np.concatenate(held)


def cover_clustered(model: Model, *, samples: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Whether the intervals hold the weights as the posterior gives them, and widened, (data sets, factors) each."""
    plain, widened = [], []
    for number in range(-(-samples // JUDGES)):
        features, weights, preference = model.draw(np.random.default_rng([seed, model.rows, model.size, number]))
        posterior = fit_posterior(features, preference, tie_parameter=model.nu)
        plain.append((posterior.low <= weights) & (weights <= posterior.high))
        for judge in range(JUDGES):
            mean, sd = posterior.mean[judge], posterior.sd[judge]
            excess = cluster_excess(
                features,
                preference[judge],
                mean=mean,
                covariance=posterior.covariance[judge],
                clusters=model.clusters,
                tie_parameter=model.nu,
            )
            low, high = (widen(end[judge], mean=mean, sd=sd, excess=excess) for end in (posterior.low, posterior.high))
            widened.append((low <= weights[judge]) & (weights[judge] <= high))
    return np.concatenate(plain), np.array(widened)


def rate(held: FloatArray) -> str:
    # Factors of a data set are not independent: the error is that of the data sets' means.
    by_data_set = held.mean(axis=1)
    return f"{100 * by_data_set.mean():.1f} ± {100 * by_data_set.std() / np.sqrt(len(by_data_set)):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of a design's name")
    given = parser.parse_args()
    print("| all weights together | data sets | chi-square p | Kolmogorov-Smirnov p | coverage % |")
    print("|---|---|---|---|---|")
    for model in JOINT:
        if given.only in str(model):
            found, held = calibrate(model, samples=given.samples, seed=given.seed)
            chi, smirnov = smallest_p_values(found)
            print(f"| {model} | {len(found):,} | {chi:.2g} | {smirnov:.2g} | {rate(held)} |", flush=True)
    print("\n| one weight alone | coverage % |\n|---|---|")
    for model in (Model(60, 1), Model(800, 1), Model(200, 1, nu=0.7)):
        if given.only in str(model):
            print(f"| {model} | {rate(cover_alone(model, samples=given.samples, seed=given.seed))} |", flush=True)
    print("\n| clustered | as the posterior gives them % | widened % |\n|---|---|---|")
    for model in CLUSTERED:
        if given.only in str(model):
            plain, widened = cover_clustered(model, samples=given.samples, seed=given.seed)
            print(f"| {model} | {rate(plain)} | {rate(widened)} |", flush=True)


if __name__ == "__main__":
    main()
