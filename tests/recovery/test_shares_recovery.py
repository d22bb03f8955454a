"""Known shares come back at their stated rate, and null data have none; ``benchmarks/designs`` holds the wide table."""

import numpy as np
import pytest

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.likelihood import log_likelihood
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import LaplacePrior
from prefactor.stats.shapley import fit_shares

TRUE = np.array([0.7, 0.3, -0.4, 0.0])


def drawn(random: np.random.Generator, rows: int, size: int = 1) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return comparisons in prompts of ``size`` that share most of their taste."""
    clusters = np.repeat(np.arange(rows // size), size)
    common = random.standard_normal((clusters.size, 1))
    features = np.sign(common * [1.0, 1.0, 0.3, 0.5] + random.standard_normal((clusters.size, 4)))
    taste = TRUE + (0.5 * random.standard_normal((rows // size, 4)) if size > 1 else 0.0)
    odds = np.einsum("nd,nd->n", features, np.broadcast_to(taste, (rows // size, 4))[clusters])
    return features, (random.random(clusters.size) < 1 / (1 + np.exp(-odds))).astype(float), clusters


@pytest.mark.parametrize(("rows", "size"), [(800, 1), (800, 8)])
def test_intervals_of_shares_cover_at_their_rate(rows: int, size: int) -> None:
    random = np.random.default_rng(21)
    features, preference, clusters = drawn(random, 800_000, size)
    truth = fit_shares(features, preference, clusters=clusters)
    covered = []
    for _ in range(200):
        features, preference, clusters = drawn(random, rows, size)
        found = fit_shares(features, preference, clusters=clusters)
        whole = found.explained
        covered.append(
            [
                *((found.low <= truth.value) & (truth.value <= found.high)),
                whole.low <= truth.explained.value <= whole.high,
            ]
        )
    rates = np.mean(covered, axis=0)
    # 5.5 points are 2.6 standard errors of the simulation; nearer to 0 the intervals are meant to hold more.
    assert rates.min() >= 0.845
    assert rates[[0, 1, 2, 4]].max() <= 0.965


def test_null_data_explain_nothing() -> None:
    random = np.random.default_rng(22)
    named = 0
    for _ in range(150):
        features, _, clusters = drawn(random, 300)
        wide = np.hstack([features, random.choice([-1.0, 0.0, 1.0], (300, 10))])
        found = fit_shares(wide, random.integers(0, 2, 300).astype(float), clusters=clusters)
        named += not found.reason
    # One-sided, at 5 %; 2.9 points are 1.6 standard errors.
    assert named / 150 <= 0.08


def test_what_is_explained_is_what_is_found_on_other_prompts_and_what_chance_takes() -> None:
    random = np.random.default_rng(23)
    stated, held_out = [], []
    for _ in range(60):
        features, preference, clusters = drawn(random, 300)
        found = fit_shares(features, preference, clusters=clusters)
        weights = fit_posterior(features, preference, prior=LaplacePrior(2.0)).mean
        fresh, verdicts, _ = drawn(random, 4_000)
        gain = log_likelihood(fresh @ weights, verdicts) - log_likelihood(0.0, verdicts)
        stated.append(found.explained.value - found.optimism / found.coin)
        held_out.append(gain.mean() / np.log(2))
    assert np.mean(stated) == pytest.approx(np.mean(held_out), abs=2.5 * np.std(stated) / np.sqrt(60))
