"""McNemar's exact test against SciPy's binomial test."""

import pytest
from scipy.stats import binomtest  # type: ignore[import-untyped]

from prefactor.errors import SettingError
from prefactor.stats.mcnemar import mcnemar_exact


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 3), (2, 9), (40, 61), (0, 700), (1_500, 1_300)])
def test_it_is_the_binomial_test_of_one_half(first: int, second: int) -> None:
    assert mcnemar_exact(first, second) == pytest.approx(binomtest(first, first + second).pvalue, rel=1e-9)
    assert mcnemar_exact(first, second) == mcnemar_exact(second, first)


def test_counts_are_counts() -> None:
    with pytest.raises(SettingError, match="counts"):
        mcnemar_exact(-1, 3)
