"""Variance inflation against least squares, condition indices against singular values, groups by their stated rule."""

import numpy as np
import pytest

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.clustered import cluster_excess
from prefactor.stats.collinearity import fit_collinearity, group_indistinguishable, prior_shares
from prefactor.stats.joint_covariance import fit_joint_covariance
from prefactor.stats.posterior import Posterior, fit_posterior


def drawn(seed: int = 0, rows: int = 400) -> FloatArray:
    random = np.random.default_rng(seed)
    latent = random.standard_normal((rows, 1)) * [0.9, 0.9, 0.3, 0.0] + 0.15 * random.standard_normal((rows, 4))
    return np.asarray(np.sign(latent) * (random.random((rows, 4)) < 0.95))


def by_least_squares(features: FloatArray, weights: FloatArray) -> list[float]:
    """1 / (1 - R2) of each factor on the others, about 0, rows scaled by the root of their weight."""
    scaled = features * np.sqrt(weights)[:, None]
    found = []
    for column in range(features.shape[1]):
        own, others = scaled[:, column], np.delete(scaled, column, axis=1)
        rest = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
        found.append(float(own @ own / (rest @ rest)))
    return found


def test_variance_inflation_is_that_of_least_squares() -> None:
    features, weights = drawn(), np.random.default_rng(1).integers(1, 4, 400).astype(float)
    found = fit_collinearity(features, weights=weights)
    assert found.inflation == pytest.approx(by_least_squares(features, weights))
    assert found.inflation[0] > 2 > found.inflation[3] >= 1
    unit = features * np.sqrt(weights)[:, None]
    singular = np.linalg.svd(unit / np.linalg.norm(unit, axis=0), compute_uv=False)
    assert found.condition_indices == pytest.approx((singular[0] / singular)[::-1])
    assert found.condition_number == pytest.approx(singular[0] / singular[-1])


def test_copies_are_infinitely_inflated_and_factors_that_never_differ_have_no_inflation() -> None:
    features = np.hstack([drawn(), -drawn()[:, :1], np.zeros((400, 1))])
    found = fit_collinearity(features)
    assert np.isinf(found.inflation[[0, 4]]).all()
    assert np.isfinite(found.inflation[1:4]).all()
    assert np.isnan(found.inflation[5])
    assert np.isinf(found.condition_number)
    assert found.correlation[0, 4] == pytest.approx(-1.0)
    assert (found.correlation[5] == 0).all()
    assert np.isnan(fit_collinearity(np.zeros((3, 2))).condition_number)


def test_the_prior_holds_what_the_data_say_nothing_of() -> None:
    assert prior_shares(np.zeros((2, 2)), prior_variance=0.02).tolist() == [1.0, 1.0]
    features = drawn(rows=4_000)
    shares = prior_shares(0.25 * features.T @ features, prior_variance=0.02)
    assert (np.diff(shares) <= 0).all()
    # A ridge regression's effective degrees of freedom.
    information = 0.25 * features.T @ features
    decided = np.trace(np.linalg.solve(information + 50 * np.eye(4), information))
    assert (1 - shares).sum() == pytest.approx(decided)


def grouped(rows: int, weights: list[float], seed: int = 2) -> list[tuple[int, ...]]:
    random = np.random.default_rng(seed)
    first = random.choice([-1.0, 1.0], rows)
    second = np.where(random.random(rows) < 0.97, -first, first)
    features = np.stack([first, second, random.choice([-1.0, 0.0, 1.0], rows)], axis=1)
    preference = (random.random(rows) < 1 / (1 + np.exp(-features @ weights))).astype(float)
    fitted = fit_posterior(features, preference)
    joint = fit_joint_covariance(
        features, preference, mean=fitted.mean, covariance=fitted.covariance, clusters=np.arange(rows)
    )
    groups = group_indistinguishable(
        fit_collinearity(features).correlation, mean=fitted.mean, covariance=joint.covariance
    )
    assert all(group.directions == (1, -1) for group in groups)
    return [group.factors for group in groups]


def test_what_few_comparisons_cannot_separate_many_can() -> None:
    assert grouped(300, [0.6, 0.0, 0.3]) == [(0, 1)]
    assert grouped(40_000, [0.6, 0.0, 0.3]) == []


def test_a_group_is_known_better_than_its_members() -> None:
    correlation = np.eye(4)
    correlation[0, 2] = correlation[2, 0] = 0.95
    covariance = 0.01 * np.eye(4)
    covariance[0, 2] = covariance[2, 0] = -0.009
    # Linked by their posterior, though their features hardly correlate; they go against each other.
    covariance[2, 3] = covariance[3, 2] = 0.006
    found = group_indistinguishable(correlation, mean=np.array([0.2, 0.5, 0.25, -0.2]), covariance=covariance)
    (group,) = found
    assert (group.factors, group.directions) == ((0, 2, 3), (1, 1, -1))
    assert group.effect.value == pytest.approx(0.65)
    direction = np.array([1, 0, 1, -1])
    half = 1.6449 * np.sqrt(direction @ covariance @ direction)
    assert group.effect.high - group.effect.value == pytest.approx(half, rel=1e-3)


def test_a_difference_that_is_clear_separates() -> None:
    correlation = np.array([[1.0, 0.95], [0.95, 1.0]])
    covariance = np.array([[0.01, -0.008], [-0.008, 0.01]])
    assert group_indistinguishable(correlation, mean=np.array([0.3, 0.1]), covariance=covariance)
    assert not group_indistinguishable(correlation, mean=np.array([0.6, -0.1]), covariance=covariance)


def joint_of(features: FloatArray, preference: FloatArray, clusters: IntArray, fitted: Posterior) -> FloatArray:
    return fit_joint_covariance(
        features, preference, mean=fitted.mean, covariance=fitted.covariance, clusters=clusters
    ).covariance


def test_the_joint_covariance_widens_weights_as_their_own_intervals_are() -> None:
    features = np.repeat(drawn(rows=200), 5, axis=0)
    random = np.random.default_rng(5)
    preference = np.repeat((random.random(200) < 0.6).astype(float), 5)
    clusters = np.repeat(np.arange(200), 5)
    fitted = fit_posterior(features, preference)
    joint = joint_of(features, preference, clusters, fitted)
    excess = cluster_excess(features, preference, mean=fitted.mean, covariance=fitted.covariance, clusters=clusters)
    assert np.diag(joint - fitted.covariance) == pytest.approx(excess, rel=0.05)
    assert np.linalg.eigvalsh(joint - fitted.covariance).min() > -1e-12
    order = random.permutation(1_000)
    assert np.array_equal(joint_of(features[order], preference[order], clusters[order], fitted), joint)
    assert np.array_equal(joint_of(features, preference, 0 * clusters, fitted), fitted.covariance)
