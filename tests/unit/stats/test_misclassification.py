"""Shares corrected for a grader's errors: the formula, the published example's limits, and what is refused."""

from math import isnan

import numpy as np
import pytest

from prefactor.errors import SettingError
from prefactor.stats.misclassification import Counted, corrected_share
from prefactor.stats.special import normal_quantile


def plain(apparent: Counted, sensitivity: Counted, specificity: Counted, mass: float) -> tuple[float, float]:
    """Lang and Reiczigel's limits, line by line."""
    z = float(normal_quantile(0.5 + mass / 2))
    n, se_n, sp_n = apparent.rows, sensitivity.rows, specificity.rows
    ap = (n * apparent.share + z**2 / 2) / (n + z**2)
    se, sp = (se_n * sensitivity.share + 1) / (se_n + 2), (sp_n * specificity.share + 1) / (sp_n + 2)
    n, se_n, sp_n = n + z**2, se_n + 2, sp_n + 2
    p = (ap + sp - 1) / (se + sp - 1)
    moved = 2 * z**2 * (p * se * (1 - se) / se_n - (1 - p) * sp * (1 - sp) / sp_n)
    variance = ap * (1 - ap) / n + p**2 * se * (1 - se) / se_n + (1 - p) ** 2 * sp * (1 - sp) / sp_n
    half = z * np.sqrt(variance) / (se + sp - 1)
    return p + moved - half, p + moved + half


@pytest.mark.parametrize("mass", [0.9, 0.95])
def test_the_limits_are_those_of_the_paper(mass: float) -> None:
    parts = Counted(0.6, 300), Counted(0.8, 90), Counted(0.9, 70)
    found = corrected_share(parts[0], sensitivity=parts[1], specificity=parts[2], interval=mass)
    assert found.value == pytest.approx((0.6 + 0.9 - 1) / (0.8 + 0.9 - 1))
    assert (found.low, found.high) == pytest.approx(plain(*parts, mass))


def test_a_perfect_grader_changes_nothing() -> None:
    found = corrected_share(Counted(0.7, 1_000), sensitivity=Counted(1.0, 1e7), specificity=Counted(1.0, 1e7))
    assert found.value == pytest.approx(0.7)
    assert found.low == pytest.approx(0.7 - 1.645 * np.sqrt(0.21 / 1_000), abs=0.002)


def test_shares_stay_shares_and_a_coin_corrects_nothing() -> None:
    high = corrected_share(Counted(0.99, 200), sensitivity=Counted(0.8, 50), specificity=Counted(0.9, 50))
    assert (high.value, high.high) == (1.0, 1.0)
    assert isnan(corrected_share(Counted(0.5, 9), sensitivity=Counted(0.5, 9), specificity=Counted(0.5, 9)).value)
    with pytest.raises(SettingError, match="share"):
        Counted(1.2, 3)
