"""Corrected effects against plain formulas, at the limits where they must agree, and what must not matter."""

from dataclasses import replace

import numpy as np
import pytest

from prefactor._typing import FloatArray, IntArray
from prefactor.errors import SettingError
from prefactor.stats.measurement_error import calibrate, correct_means, correct_weights, widened
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.repeats import SignReliability, measure_repeats
from prefactor.stats.special import sigmoid


def signs(rows: int = 600, factors: int = 3) -> FloatArray:
    random = np.random.default_rng(4)
    hidden = random.standard_normal((rows, factors)) + 0.8 * random.standard_normal((rows, 1))
    return np.where(np.abs(hidden) > 0.4, np.sign(hidden), 0.0)


def known(values: list[float], *, half: float = 0.0) -> SignReliability:
    """Reliabilities without halo, their intervals of that half width."""
    reliability = np.array(values) + np.array([[0.0], [-half], [half]])
    nothing = np.zeros((3, len(values)))
    eye = np.eye(len(values))
    return SignReliability(
        reliability, np.sqrt(reliability), nothing, nothing, 0, np.zeros(len(values), dtype=np.int64), eye, 0 * eye
    )


def test_exact_factors_are_left_as_they_are() -> None:
    x = signs()
    y = (np.random.default_rng(1).random(len(x)) < sigmoid(x @ [0.5, -0.3, 0.0])).astype(float)
    calibration = calibrate(x, known([1.0, 1.0, 1.0]))
    assert calibration.matrix == pytest.approx(np.eye(3), abs=1e-10)
    assert calibration.open == pytest.approx(np.zeros((3, 3)), abs=1e-10)
    fitted = correct_weights(x, y, calibration=calibration, clusters=np.arange(len(x)))
    plain = fit_posterior(x, y)
    assert fitted.mean == pytest.approx(plain.mean, abs=1e-4)
    assert (fitted.sd >= plain.sd - 1e-4).all()
    assert correct_means(np.array([[0.2], [0.1], [0.3]]), np.ones((3, 1))).ravel() == pytest.approx([0.2, 0.1, 0.3])


def test_a_single_factor_is_calibrated_by_the_root_of_its_reliability() -> None:
    x = signs(factors=1)
    assert calibrate(x, known([0.64])).matrix.tolist() == [[pytest.approx(0.8)]]


def test_the_matrix_is_that_of_the_regression_of_true_on_measured_features() -> None:
    """Against the plain regression on a hundred thousand rows whose truth is known."""
    random, true = np.random.default_rng(0), signs(100_000)

    def once() -> FloatArray:
        other = random.integers(len(true), size=true.shape)
        return np.where(random.random(true.shape) < 0.8, true, true[other, np.arange(3)])

    one, two = once(), once()
    found = calibrate(one, measure_repeats(one, two, clusters=np.arange(len(one))))
    plain = np.linalg.lstsq(one, true, rcond=None)[0]
    assert found.matrix == pytest.approx(plain, abs=0.02)
    left = true - one @ plain
    assert found.open == pytest.approx(left.T @ left / len(left), abs=0.02)


def test_halo_is_not_taken_for_truth() -> None:
    """Two factors that have nothing to do with each other, but are misread together."""
    random = np.random.default_rng(0)
    true = random.choice([-1.0, 1.0], (60_000, 2))

    def once() -> FloatArray:
        lapse, any_side = random.random((len(true), 1)) > 0.7, random.choice([-1.0, 1.0], (len(true), 1))
        return np.where(lapse, any_side, true)

    one, two = once(), once()
    found = calibrate(one, measure_repeats(one, two, clusters=np.arange(len(one))))
    plain = np.linalg.lstsq(one, true, rcond=None)[0]
    assert found.matrix == pytest.approx(plain, abs=0.03)
    blind = replace(measure_repeats(one, two, clusters=np.arange(len(one))), halo=np.eye(2))
    assert abs(calibrate(one, blind).matrix[0, 1] - plain[0, 1]) > 0.05


def test_an_unsure_reliability_widens_both_kinds_of_interval() -> None:
    x = signs()
    y = (np.random.default_rng(1).random(len(x)) < sigmoid(x @ [0.9, -0.3, 0.0])).astype(float)
    sure, unsure = (
        correct_weights(x, y, calibration=calibrate(x, known([0.7] * 3, half=half)), clusters=np.arange(len(x)))
        for half in (0.0, 0.15)
    )
    assert unsure.sd[0] > 1.02 * sure.sd[0]
    assert unsure.mean == pytest.approx(sure.mean)
    ends = np.array([[0.3], [0.25], [0.35]])
    narrow, wide = (correct_means(ends, np.array([[0.8], [0.8 - half], [0.8 + half]])) for half in (0.0, 0.1))
    assert narrow.ravel() == pytest.approx(ends.ravel() / 0.8)
    assert wide[1, 0] < narrow[1, 0]
    assert wide[2, 0] > narrow[2, 0]


@pytest.mark.parametrize("low", [0.1, -0.05, -0.3])
def test_a_ratio_and_its_mirror_image_are_mirror_images(low: float) -> None:
    ends = np.array([[low + 0.1], [low], [low + 0.2]])
    slope = np.array([[0.7], [0.6], [0.85]])
    mirrored = correct_means(-ends[[0, 2, 1]], slope)
    assert (-mirrored[[0, 2, 1]]).ravel() == pytest.approx(correct_means(ends, slope).ravel())


def test_ends_that_may_be_anything_are_none() -> None:
    found = correct_means(np.array([[0.3], [0.2], [0.4]]), np.array([[0.4], [-0.1], [0.7]]))
    assert np.isnan(found[1:, 0]).all()
    assert found[0, 0] == pytest.approx(0.75)


def test_neither_the_order_of_rows_nor_of_answers_changes_a_bit() -> None:
    x = signs()
    y = (np.random.default_rng(1).random(len(x)) < sigmoid(x @ [0.5, -0.3, 0.0])).astype(float)
    order = np.random.default_rng(0).permutation(len(x))

    def fitted(features: FloatArray, labels: FloatArray, clusters: IntArray) -> list[float]:
        found = calibrate(features, known([0.6, 0.7, 0.8], half=0.05))
        corrected = correct_weights(features, labels, calibration=found, clusters=clusters)
        return [*corrected.mean.tolist(), *corrected.low.tolist()]

    prompts = np.arange(len(x), dtype=np.int64) // 2
    whole = fitted(x, y, prompts)
    assert fitted(x[order], y[order], prompts[order]) == pytest.approx(whole, abs=1e-12)
    assert fitted(-x, 1 - y, prompts) == pytest.approx(whole, abs=1e-12)


def test_weights_too_large_for_the_formula_are_refused() -> None:
    x = signs(2_000, factors=1)
    y = (x[:, 0] > 0).astype(float)
    fitted = correct_weights(x, y, calibration=calibrate(x, known([0.41])), clusters=np.arange(len(x)))
    assert "cannot be corrected" in fitted.reason
    assert np.isnan([fitted.mean, fitted.low, fitted.high]).all()


def test_what_goes_together_more_than_its_reliability_allows_is_held_back_and_said_to_be() -> None:
    x = signs(factors=1)
    nearly = np.where(np.arange(len(x))[:, None] % 20 == 0, -x, x)
    held = calibrate(np.hstack([x, nearly]), known([0.6, 0.6]))
    assert held.capped
    assert np.linalg.eigvalsh(held.open).max() < 1
    assert not calibrate(signs(), known([0.7] * 3)).capped


def test_a_reliability_of_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="expected 3 numbers above 0"):
        calibrate(signs(), known([0.5, 0.0, 0.5]))


def test_intervals_are_widened_by_what_is_not_reliable_and_no_more() -> None:
    ends = np.array([[0.1, 0.1], [0.0, 0.0], [0.2, 0.2]])
    found = widened(ends, np.array([1.0, np.nan]))
    assert found == pytest.approx(ends)
    assert np.diff(widened(ends, np.array([0.5, 0.0]))[1:], axis=0).ravel() == pytest.approx(0.2 * np.sqrt([1.5, 2]))
