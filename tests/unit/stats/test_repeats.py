"""Reliability of sign features against plain loops, and what must not matter to it."""

from typing import TypeAlias

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.errors import SettingError
from prefactor.stats.repeats import SignReliability, measure_repeats, measure_truth

Found: TypeAlias = SignReliability


def drawn(rows: int = 400, kept: float = 0.8) -> tuple[FloatArray, FloatArray, FloatArray]:
    """True signs and two measurements of them, of three factors, the third measured without error."""
    random = np.random.default_rng(2)
    true = random.integers(-1, 2, (rows, 3)).astype(float)

    def once() -> FloatArray:
        seen = np.where(random.random(true.shape) < kept, true, random.integers(-1, 2, true.shape))
        seen[:, 2] = true[:, 2]
        return seen

    return true, once(), once()


def test_reliability_is_the_correlation_about_zero_and_shares_are_counted() -> None:
    _, one, two = drawn()
    found = measure_repeats(one, two, clusters=np.arange(400))
    for factor in range(3):
        pairs = list(zip(one[:, factor], two[:, factor], strict=True))
        plain = 2 * sum(a * b for a, b in pairs) / sum(a * a + b * b for a, b in pairs)
        either = [(a, b) for a, b in pairs if a or b]
        assert found.reliability[0, factor] == pytest.approx(plain)
        assert found.flips[0, factor] == pytest.approx(sum(a * b < 0 for a, b in either) / len(either))
        assert found.tie_changes[0, factor] == pytest.approx(sum(not (a and b) for a, b in either) / len(either))
        assert found.differing[factor] == len(either)
    assert found.slope[0] == pytest.approx(np.sqrt(found.reliability[0]))
    assert found.reliability[0, 2] == 1.0
    # Never a flip in 260 comparisons is not yet never.
    assert 0.97 < found.reliability[1, 2] < 1.0


def test_halo_is_the_correlation_of_what_changes() -> None:
    _, one, two = drawn()
    two[:, 1] = np.where(one[:, 0] != two[:, 0], -one[:, 1], one[:, 1])
    found = measure_repeats(one, two, clusters=np.arange(400))
    apart = one - two
    plain = (apart[:, 0] @ apart[:, 1]) / np.sqrt((apart[:, 0] @ apart[:, 0]) * (apart[:, 1] @ apart[:, 1]))
    assert found.halo[0, 1] == pytest.approx(plain)
    assert np.diag(found.halo).tolist() == [1.0, 1.0, 1.0]
    assert found.halo_error[0, 1] >= 1 / 20


def test_against_the_truth_the_slope_needs_no_model_of_errors() -> None:
    true, _, _ = drawn()
    # Every true tie is taken for a difference: no flip, yet the seen feature is not the true one.
    seen = np.where(true == 0, np.where(np.arange(400)[:, None] % 2 == 0, 1.0, -1.0), true)
    found = measure_truth(seen, true, clusters=np.arange(400))
    assert found.slope[0] == pytest.approx(np.ones(3))
    assert found.reliability[0] == pytest.approx((true != 0).mean(axis=0))


def test_neither_the_order_of_rows_nor_of_answers_nor_of_measurements_matters() -> None:
    _, one, two = drawn()
    clusters = np.arange(400) // 3
    order = np.random.default_rng(0).permutation(400)
    flipped = np.where(np.arange(400)[:, None] % 2 == 0, -1.0, 1.0)
    whole = measure_repeats(one, two, clusters=clusters)
    for other in (
        measure_repeats(one[order], two[order], clusters=clusters[order]),
        measure_repeats(one * flipped, two * flipped, clusters=clusters),
        measure_repeats(two, one, clusters=clusters),
    ):
        assert other.reliability.tolist() == whole.reliability.tolist()
        assert other.halo.tolist() == whole.halo.tolist()


def test_what_was_measured_once_only_is_left_out() -> None:
    _, one, two = drawn()
    gone = one.copy()
    gone[:100, 0] = np.nan
    left = measure_repeats(gone, two, clusters=np.arange(400))
    rest = measure_repeats(one[100:], two[100:], clusters=np.arange(300))
    assert left.reliability[:, 0].tolist() == rest.reliability[:, 0].tolist()


def test_nothing_differing_gives_no_reliability() -> None:
    found = measure_repeats(np.zeros((5, 1)), np.zeros((5, 1)), clusters=np.arange(5))
    assert np.isnan(found.reliability).all()
    assert np.isnan(found.slope).all()


def test_scores_are_no_signs() -> None:
    with pytest.raises(SettingError, match="expected -1, 0, 1 or NaN"):
        measure_repeats([[2.0]], [[1.0]], clusters=[0])
    with pytest.raises(SettingError, match="that of the first"):
        measure_repeats([[1.0]], [[1.0], [0.0]], clusters=[0])
