"""Predicted win rates: against plain twins, planted truths, invariances and refusals."""

import numpy as np
import pytest
from scipy.optimize import brentq  # type: ignore[import-untyped]
from scipy.stats import t as student  # type: ignore[import-untyped]

from prefactor.errors import FitError, SettingError
from prefactor.stats.special import sigmoid
from prefactor.stats.versions import Version, VersionModel, fit_versions, predict_rate
from prefactor.stats.winrates import BASELINE, Matches
from simulated.versions import Lab

LAB = Lab(12, 300, 1.0)


def without_outcomes(version: Version) -> Version:
    return Version(version.difference, version.clusters, version.behind)


def test_slopes_multipliers_and_prompts_are_recovered() -> None:
    matches, _, _ = Lab(60, 400, 1.0, spread=0.5).draw(np.random.default_rng(1))
    found = fit_versions(matches)
    # tanh(difference / spread) with spread near 1: the slopes are those planted, but for the noise around them.
    assert found.slopes / found.slopes[0] == pytest.approx([1, 1 / 3, 0], abs=0.15)
    assert found.multiplier_sd == pytest.approx(0.5, abs=0.15)
    assert found.variance == pytest.approx(0.9, abs=0.25)
    calm, _, _ = Lab(60, 400, 1.0, spread=0.0, wins=False).draw(np.random.default_rng(1))
    assert fit_versions(calm).multiplier_sd < 0.1


def test_against_a_plain_twin() -> None:
    matches, base, variant = LAB.draw(np.random.default_rng(2))
    model = fit_versions(matches)
    found = predict_rate(model, base, variant=variant)
    assert base.outcome is not None

    def chances(version: Version, level: float) -> list[float]:
        effect = dict(zip(model.prompts.tolist(), model.effects.tolist(), strict=True))
        return [
            1 / (1 + np.exp(-(level + effect[prompt] + np.tanh(row / model.spread) @ model.slopes)))
            for row, prompt in zip(version.difference, version.clusters.tolist(), strict=True)
        ]

    level = brentq(lambda level: np.mean(chances(base, level)) - np.mean(base.outcome), -10, 10)
    assert found.level == pytest.approx(level, abs=1e-9)
    assert found.predicted.value == pytest.approx(np.mean(chances(variant, level)), abs=1e-9)
    assert sum(each.value for each in found.contributions) == pytest.approx(found.change.value)
    assert found.change.low == pytest.approx(found.predicted.low - found.base.value)


def test_the_interval_follows_each_of_its_parts() -> None:
    matches, base, variant = LAB.draw(np.random.default_rng(3))
    model = fit_versions(matches)

    def width(**changes: object) -> float:
        fields = {name: getattr(model, name) for name in VersionModel.__slots__}
        found = predict_rate(VersionModel(**{**fields, **changes}), base, variant=variant)
        return found.predicted.high - found.predicted.low

    plain = width(multiplier_sd=0.0, covariance=np.zeros((3, 3)))
    assert width(multiplier_sd=0.5, covariance=np.zeros((3, 3))) > 1.5 * plain
    assert width(multiplier_sd=0.0, covariance=np.eye(3)) > 1.5 * plain
    # Not known: as if it were 0, and not among what few models are known for.
    assert width(multiplier_sd=np.nan) < width(multiplier_sd=0.0)


def test_the_derivatives_are_those_of_the_prediction() -> None:
    """Moving the slopes moves the prediction, level refitted, as the interval says that it does."""
    matches, base, variant = LAB.draw(np.random.default_rng(4))
    model = fit_versions(matches)
    fields = {name: getattr(model, name) for name in VersionModel.__slots__}
    step = 1e-5
    moved = VersionModel(**{**fields, "slopes": model.slopes + np.array([step, 0, 0])})
    gradient = (
        predict_rate(moved, base, variant=variant).predicted.value
        - predict_rate(model, base, variant=variant).predicted.value
    ) / step
    only_first = np.zeros((3, 3))
    only_first[0, 0] = 1e6  # so large that nothing else matters

    def half(covariance: object) -> float:
        changed = VersionModel(**{**fields, "covariance": covariance, "multiplier_sd": 0.0})
        found = predict_rate(changed, base, variant=variant).predicted
        return float(np.log(found.high / (1 - found.high)) - np.log(found.value / (1 - found.value)))

    value = predict_rate(model, base, variant=variant).predicted.value
    only_first[0, 0] = 1.0
    with_it, without = half(only_first), half(np.zeros((3, 3)))
    added = np.sqrt(with_it**2 - without**2) / student.ppf(0.95, LAB.models - 1)
    assert added == pytest.approx(abs(gradient) / (value * (1 - value)), rel=1e-3)


def test_no_change_predicts_what_is_recorded() -> None:
    matches, base, _ = LAB.draw(np.random.default_rng(5))
    found = predict_rate(fit_versions(matches), base, variant=without_outcomes(base))
    assert base.outcome is not None
    assert found.predicted.value == pytest.approx(base.outcome.mean())
    assert found.change.value == pytest.approx(0, abs=1e-9)
    assert [each.value for each in found.contributions] == pytest.approx([0, 0, 0], abs=1e-9)


def test_the_order_of_rows_does_not_matter() -> None:
    matches, base, variant = LAB.draw(np.random.default_rng(6))
    order = np.random.default_rng(0).permutation(len(matches.ahead))
    turned = Matches(
        *(getattr(matches, name)[order] for name in ("ahead", "behind", "outcome", "difference", "clusters"))
    )
    first, second = (predict_rate(fit_versions(each), base, variant=variant) for each in (matches, turned))
    assert first == second


def test_a_version_that_nobody_judged_has_the_level_of_the_others() -> None:
    matches, base, variant = LAB.draw(np.random.default_rng(7))
    model = fit_versions(matches)
    known = predict_rate(model, base, variant=variant)
    unknown = predict_rate(model, without_outcomes(base), variant=variant)
    assert unknown.level == pytest.approx(model.levels.mean())
    assert unknown.predicted.high - unknown.predicted.low > 2 * (known.predicted.high - known.predicted.low)


def test_prompts_that_were_not_learnt_from_are_averaged_over() -> None:
    matches, base, variant = LAB.draw(np.random.default_rng(8))
    model = fit_versions(matches)
    elsewhere = Version(variant.difference, variant.clusters + 1_000, variant.behind)
    found = predict_rate(model, base, variant=elsewhere)
    assert found.new_prompts == LAB.prompts
    draws = np.random.default_rng(0).normal(0, np.sqrt(model.variance), (4_000, 1))
    log_odds = found.level + np.tanh(variant.difference / model.spread) @ model.slopes
    assert found.predicted.value == pytest.approx(sigmoid(log_odds + draws).mean(), abs=0.01)


def test_models_that_met_one_another_need_no_baseline() -> None:
    random = np.random.default_rng(9)
    levels, rows = np.array([-1.0, 0.0, 1.0]), 6_000
    ahead = random.integers(0, 3, rows)
    behind = (ahead + random.integers(1, 3, rows)) % 3
    difference = random.normal(0, 1, (rows, 1))
    won = (random.random(rows) < sigmoid(levels[ahead] - levels[behind] + np.tanh(difference[:, 0]))).astype(float)
    model = fit_versions(Matches(ahead, behind, won, difference, np.arange(rows)))
    assert model.levels == pytest.approx(levels, abs=0.15)
    version = random.normal(0, 1, (4_000, 1))
    opponent = random.integers(0, 3, 4_000)
    clusters = np.arange(4_000) + 10_000

    def outcome(difference: object) -> object:
        return (random.random(4_000) < sigmoid(0.5 - levels[opponent] + np.tanh(difference)[:, 0])).astype(float)  # type: ignore[call-overload]

    base = Version(version, clusters, opponent, outcome(version))  # type: ignore[arg-type]
    variant = Version(version + 1, clusters, opponent, outcome(version + 1))  # type: ignore[arg-type]
    found = predict_rate(model, base, variant=variant)
    assert variant.outcome is not None
    assert found.predicted.low < variant.outcome.mean() < found.predicted.high
    assert np.isnan(model.multiplier_sd)


def test_a_model_that_lost_everything_says_nothing() -> None:
    matches, base, variant = LAB.draw(np.random.default_rng(11))
    added = np.full(LAB.prompts, 5)
    ahead = np.where(matches.ahead >= 5, matches.ahead + 1, matches.ahead)
    columns = zip(
        (ahead, matches.behind, matches.outcome, matches.difference, matches.clusters),
        (added, added * 0 - 1, added * 0.0, np.ones((LAB.prompts, 3)) * 0, base.clusters),
        strict=True,
    )
    more = fit_versions(Matches(*(np.concatenate(pair) for pair in columns)))
    assert predict_rate(more, base, variant=variant) == predict_rate(fit_versions(matches), base, variant=variant)


def test_what_cannot_be_predicted_is_refused() -> None:
    matches, base, variant = LAB.draw(np.random.default_rng(10))
    model = fit_versions(matches)
    lost = Version(base.difference, base.clusters, base.behind, np.zeros(LAB.prompts))
    with pytest.raises(FitError, match="won, or lost, every comparison"):
        predict_rate(model, lost, variant=variant)
    with pytest.raises(SettingError, match="3 factors"):
        predict_rate(model, base, variant=Version(variant.difference[:, :2], variant.clusters, variant.behind))
    with pytest.raises(SettingError, match="3 factors"):
        predict_rate(model, base, variant=Version(np.empty((0, 3)), np.empty(0, int), np.full(0, BASELINE)))
