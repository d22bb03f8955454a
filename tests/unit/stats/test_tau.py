"""tau14 against a loop, and its intervals at the edges."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq  # type: ignore[import-untyped]
from scipy.stats import binomtest  # type: ignore[import-untyped]
from scipy.stats import t as student

from prefactor.errors import FitError, SettingError
from prefactor.stats.tau import fit_tau14


def plain_tau(preference: list[float], feature: list[float]) -> tuple[float, int, int, int]:
    concordant = discordant = tied = 0
    for label, x in zip(preference, feature, strict=True):
        if label == 0.5 or math.isnan(x):
            continue
        product = (1 if label > 0.5 else -1) * x
        concordant += product > 0
        discordant += product < 0
        tied += product == 0
    return (concordant - discordant) / (concordant + discordant + tied), concordant, discordant, tied


def plain_score(values: list[float], clusters: list[int], interval: float) -> tuple[float, float, float]:
    """Low, high and p-value of the score interval, cluster by cluster, its ends found by root search."""
    rows = len(values)
    mean = sum(values) / rows
    square = (sum(value**2 for value in values) + 1) / (rows + 1)
    groups = {each: [v for v, c in zip(values, clusters, strict=True) if c == each] for each in set(clusters)}
    apart = sum(sum(v - mean for v in members) ** 2 for members in groups.values())
    largest = sum(len(members) ** 2 for members in groups.values()) / rows
    design = min(max(apart / sum((v - mean) ** 2 for v in values), 1.0), largest)
    likeness = (design - 1) / (largest - 1) if largest > 1 else 0.0
    differing = [sum(v != 0 for v in members) for members in groups.values()]
    spread = [(1 - likeness) * count + likeness * count**2 for count in differing]
    effective = min(sum(spread) ** 2 / sum(each**2 for each in spread), sum(count > 0 for count in differing))
    df = max(effective - 1, 1.0) / (1 - 1 / largest) if largest > 1 else math.inf
    more = (df + 1) / df if math.isfinite(df) else 1.0

    def statistic(mu: float) -> float:
        return float((mean - mu) / math.sqrt(design * more * (square - mu * mu) / rows))

    reach, edge = student.ppf((1 + interval) / 2, df), math.sqrt(square) * (1 - 1e-12)
    low = brentq(lambda mu: statistic(mu) - reach, -edge, mean, xtol=1e-12)
    high = brentq(lambda mu: statistic(mu) + reach, mean, edge, xtol=1e-12)
    nearer = max(abs(mean) - 1 / rows, 0.0) / abs(mean) if mean else 0.0
    return low, high, float(2 * student.sf(abs(statistic(0.0)) * nearer, df))


@pytest.mark.parametrize(("rows", "groups", "equal"), [(40, 40, 0.3), (200, 12, 0.0), (150, 60, 0.5), (60, 5, 0.2)])
def test_intervals_and_p_values_match_a_plain_root_search(rows: int, groups: int, equal: float) -> None:
    random = np.random.default_rng(rows)
    clusters = np.arange(rows) if groups == rows else random.integers(0, groups, rows)
    lean = random.uniform(0.2, 0.9, rows)[clusters]
    signs = np.where(random.random(rows) < lean, 1.0, -1.0) * (random.random(rows) >= equal)
    found = fit_tau14(np.ones(rows), signs[:, None], clusters=clusters)
    plain = plain_score(signs.tolist(), clusters.tolist(), 0.9)
    assert (found.low[0], found.high[0], found.p_value[0]) == pytest.approx(plain, abs=1e-6)


def test_values_and_counts_match_the_loop() -> None:
    random = np.random.default_rng(0)
    preference = random.choice([0.0, 0.2, 0.5, 0.9, 1.0], 300)
    features = random.choice([-1.0, 0.0, 1.0, np.nan], (300, 4))
    found = fit_tau14(preference, features, clusters=random.integers(0, 50, 300))
    for column in range(4):
        value, concordant, discordant, tied = plain_tau(preference.tolist(), features[:, column].tolist())
        assert found.value[column] == pytest.approx(value, abs=1e-15)
        assert (found.concordant[column], found.discordant[column], found.tied[column]) == (
            concordant,
            discordant,
            tied,
        )
        assert found.n[column] == concordant + discordant + tied
        assert found.low[column] < value < found.high[column]


def test_interval_keeps_a_width_when_all_agree() -> None:
    found = fit_tau14(np.ones(24), np.ones((24, 1)), clusters=np.arange(24))
    assert found.value[0] == 1.0
    assert found.high[0] == 1.0
    assert 0.7 < found.low[0] < 0.9
    assert found.p_value[0] < 1e-4


def test_clusters_that_all_agree_count_as_one_row_each() -> None:
    clustered = fit_tau14(np.ones(240), np.ones((240, 1)), clusters=np.repeat(np.arange(24), 10))
    single = fit_tau14(np.ones(24), np.ones((24, 1)), clusters=np.arange(24))
    assert clustered.low == pytest.approx(single.low, abs=0.025)


def test_a_test_that_trips_has_an_interval_without_zero_and_is_the_sign_test_but_for_rounding() -> None:
    for concordant in range(20, 41):
        preference = np.arange(40) < concordant
        found = fit_tau14(preference, np.ones((40, 1)), clusters=np.arange(40), interval=0.95)
        exact = float(binomtest(concordant, 40).pvalue)
        assert found.p_value[0] == pytest.approx(exact, abs=0.004)
        if found.p_value[0] < 0.05:
            assert found.low[0] > 0


def test_no_interval_comes_with_its_reason() -> None:
    features = np.array([[np.nan, 0.0, 1.0, 1.0]] * 2 + [[np.nan, 0.0, 0.0, 1.0]] * 2)
    found = fit_tau14([1.0, 0.0, 1.0, 0.0], features, clusters=[0, 0, 1, 2])
    assert found.reasons == (
        "no strict preference on which the factor is measured",
        "the factor never differs",
        "the factor differs in one prompt only",
        "",
    )
    assert np.isnan(found.low).tolist() == [True, True, True, False]
    assert np.isnan(found.p_value).tolist() == [True, True, True, False]
    assert np.isnan(found.value).tolist() == [True, False, False, False]


def test_order_of_rows_and_names_of_clusters_do_not_matter_to_the_bit() -> None:
    random = np.random.default_rng(2)
    preference, features = random.random(200), random.integers(-1, 2, (200, 3))
    clusters = random.integers(0, 40, 200)
    order = random.permutation(200)
    first = fit_tau14(preference, features, clusters=clusters)
    second = fit_tau14(preference[order], features[order], clusters=(1_000 - 7 * clusters)[order])
    for name in ("value", "low", "high", "p_value"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_no_factors_give_empty_arrays() -> None:
    assert fit_tau14([1.0, 0.0], np.zeros((2, 0)), clusters=[0, 1]).value.shape == (0,)


def test_bad_input_is_refused() -> None:
    with pytest.raises(SettingError, match=r"features\[:, 1\]: expected -1, 0, 1 or NaN, got 2.0"):
        fit_tau14([1.0], [[1.0, 2.0]], clusters=[0])
    with pytest.raises(SettingError, match="preference"):
        fit_tau14([1.2], [[1.0]], clusters=[0])
    with pytest.raises(SettingError, match="clusters"):
        fit_tau14([1.0], [[1.0]], clusters=[0.5])
    with pytest.raises(SettingError, match="interval"):
        fit_tau14([1.0], [[1.0]], clusters=[0], interval=90)
    with pytest.raises(FitError, match="no comparison"):
        fit_tau14([1.0], [[1.0]], clusters=[0], weights=[0.0])
