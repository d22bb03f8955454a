"""Benjamini-Hochberg against SciPy, and posterior selection against a search over all cuts."""

import numpy as np
import pytest
from scipy import stats as oracle  # type: ignore[import-untyped]

from prefactor.errors import SettingError
from prefactor.stats.multiplicity import benjamini_hochberg, posterior_discoveries


def test_matches_the_oracle_with_ties_among_the_p_values() -> None:
    p_values = np.random.default_rng(0).random(40).round(2)
    assert benjamini_hochberg(p_values) == pytest.approx(oracle.false_discovery_control(p_values))


def test_nan_passes_through_and_is_no_test() -> None:
    found = benjamini_hochberg([np.nan, 0.02, np.nan, 0.5])
    assert np.isnan(found).tolist() == [True, False, True, False]
    assert found[1] == pytest.approx(0.04)


def test_empty_stays_empty() -> None:
    assert benjamini_hochberg([]).shape == (0,)


def test_bad_input_is_refused() -> None:
    with pytest.raises(SettingError, match="p_values"):
        benjamini_hochberg([1.5])


def test_the_posterior_selection_is_the_largest_that_keeps_its_rate() -> None:
    random = np.random.default_rng(1)
    for _ in range(200):
        probabilities = random.beta(2, 1, random.integers(1, 12)).round(2)
        rate = float(random.uniform(0.01, 0.4))
        taken = posterior_discoveries(probabilities, rate)
        cuts = [cut for cut in set(probabilities) if np.mean(1 - probabilities[probabilities >= cut]) <= rate + 1e-12]
        expected = probabilities >= min(cuts) if cuts else np.zeros(probabilities.size, dtype=bool)
        assert taken.tolist() == expected.tolist()


def test_what_was_not_looked_at_is_never_selected() -> None:
    assert posterior_discoveries([np.nan, 1.0], 0.05).tolist() == [False, True]
    assert posterior_discoveries([], 0.05).shape == (0,)
    with pytest.raises(SettingError, match="rate"):
        posterior_discoveries([0.5], 1.5)
