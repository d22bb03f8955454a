"""Win rates and ratings with factors held equal: against plain twins, planted truths, and refusals."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize  # type: ignore[import-untyped]

from prefactor._typing import FloatArray
from prefactor.errors import FitError, SettingError
from prefactor.stats.mixed_logistic import PairedRows, fit_mixed
from prefactor.stats.special import sigmoid
from prefactor.stats.winrates import BASELINE, ELO, Matches, fit_ratings, fit_win_rates


def against_baseline(
    levels: FloatArray, prompts: int, *, prompt_sd: float, slope: float, seed: int, strict: bool = True
) -> Matches:
    """Every model on every prompt, better models with longer answers."""
    random = np.random.default_rng(seed)
    model, prompt = (grid.ravel() for grid in np.meshgrid(np.arange(len(levels)), np.arange(prompts), indexing="ij"))
    effect = random.normal(0, prompt_sd, prompts)
    difference = random.normal(100 * levels[model], 200.0)
    spread = np.sqrt(np.mean((100 * levels[model]) ** 2 + 200.0**2))
    probability = sigmoid(levels[model] + effect[prompt] + slope * np.tanh(difference / spread))
    outcome = (random.random(model.size) < probability).astype(np.float64) if strict else probability
    return Matches(model, np.full(model.size, BASELINE), outcome, difference[:, None], prompt)


def all_pairs(models: int, rows: int, *, slope: float, seed: int) -> tuple[Matches, FloatArray]:
    random = np.random.default_rng(seed)
    levels = np.linspace(-1, 1, models)
    ahead = random.integers(0, models, rows)
    behind = (ahead + random.integers(1, models, rows)) % models
    difference = random.normal(100 * (levels[ahead] - levels[behind]), 200.0)
    held = np.tanh(difference / np.sqrt(np.mean(difference**2)))
    won = random.random(rows) < sigmoid(levels[ahead] - levels[behind] + slope * held)
    matches = Matches(ahead, behind, won.astype(np.float64), difference[:, None], random.integers(0, rows // 3, rows))
    return matches, ELO * levels


def taken(matches: Matches, chosen: object) -> Matches:
    rows = np.asarray(chosen)
    weights = None if matches.weights is None else np.asarray(matches.weights)[rows]
    return Matches(
        matches.ahead[rows],
        matches.behind[rows],
        matches.outcome[rows],
        matches.difference[rows],
        matches.clusters[rows],
        weights,
    )


LEVELS = np.array([-2.0, -1.0, 0.0, 0.5])


def test_against_a_plain_optimiser() -> None:
    matches = against_baseline(LEVELS, 40, prompt_sd=1.5, slope=1.0, seed=1)
    held = np.tanh(matches.difference / np.sqrt(np.mean(matches.difference**2)))
    behind = np.full(160, 4)
    rows = PairedRows(
        matches.ahead,
        behind,
        held,
        matches.clusters,
        matches.outcome,
        np.ones(160),
        models=4,
        clusters=40,
        anchored=True,
    )
    fit = fit_mixed(rows)
    assert fit.variance > 0.5
    design = np.hstack([np.eye(4)[matches.ahead], held, np.eye(40)[matches.clusters]])

    def cost(point: FloatArray) -> float:
        log_odds = design @ point
        penalty = point[5:] @ point[5:] / (2 * fit.variance)
        return float(np.logaddexp(0, log_odds).sum() - matches.outcome @ log_odds + penalty)

    def slope(point: FloatArray) -> FloatArray:
        tilt = design.T @ (sigmoid(design @ point) - matches.outcome)
        tilt[5:] += point[5:] / fit.variance
        return tilt

    best = minimize(cost, np.zeros(45), jac=slope, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000}).x
    assert fit.parameters == pytest.approx(best[:5], abs=1e-6)
    assert fit.effects == pytest.approx(best[5:], abs=1e-6)
    probability = sigmoid(design @ best)
    information = design.T @ (design * (probability * (1 - probability))[:, None])
    whole = information + np.diag(np.r_[np.zeros(5), np.full(40, 1 / fit.variance)])
    assert fit.inverse == pytest.approx(np.linalg.inv(whole)[:5, :5], abs=1e-7)
    assert fit.variance == pytest.approx(np.mean(best[5:] ** 2 + 1 / np.diag(whole)[5:]), rel=1e-5)


def test_win_rates_are_those_of_a_plain_optimiser_that_finds_the_spread_of_the_prompts_too() -> None:
    matches = against_baseline(LEVELS, 40, prompt_sd=1.5, slope=1.0, seed=3)
    held = np.tanh(matches.difference / np.sqrt(np.mean(matches.difference**2)))
    design = np.hstack([np.eye(4)[matches.ahead], held, np.eye(40)[matches.clusters]])
    best = np.zeros(45)

    def settle(log_variance: float) -> float:
        """Log of mean(u^2 + 1 / curvature) over the variance, at the penalised optimum."""
        nonlocal best
        penalty = np.exp(-log_variance) * (np.arange(45) >= 5)

        def cost(point: FloatArray) -> tuple[float, FloatArray]:
            log_odds = design @ point
            height = np.logaddexp(0, log_odds).sum() - matches.outcome @ log_odds + 0.5 * penalty @ point**2
            return float(height), design.T @ (sigmoid(log_odds) - matches.outcome) + penalty * point

        best = minimize(cost, best, jac=True, method="BFGS", options={"gtol": 1e-8, "maxiter": 2000}).x
        chance = sigmoid(design @ best)
        curvature = (design[:, 5:] * (chance * (1 - chance))[:, None]).sum(axis=0) + np.exp(-log_variance)
        return float(np.log(np.mean(best[5:] ** 2 + 1 / curvature)) - log_variance)

    variance = np.exp(brentq(settle, np.log(0.05), np.log(20.0), xtol=1e-7))
    found = fit_win_rates(matches)
    assert found.prompt_sd**2 == pytest.approx(variance, rel=1e-4)
    rates = [sigmoid(level + best[5:]).mean() for level in best[:4]]
    assert found.value == pytest.approx(rates, abs=1e-5)
    raw = [matches.outcome[matches.ahead == model].mean() for model in range(4)]
    assert np.abs(np.array(rates) - raw).max() > 0.01


def test_with_nothing_held_it_is_the_raw_win_rate() -> None:
    matches = against_baseline(LEVELS, 60, prompt_sd=1.5, slope=1.0, seed=2)
    nothing = Matches(matches.ahead, matches.behind, matches.outcome, matches.difference[:, :0], matches.clusters)
    raw = matches.outcome.reshape(4, 60).mean(axis=1)
    assert fit_win_rates(nothing).value == pytest.approx(raw, abs=1e-9)


def test_it_finds_what_the_win_rates_would_be() -> None:
    matches = against_baseline(LEVELS, 4000, prompt_sd=1.0, slope=1.5, seed=3)
    found = fit_win_rates(matches)
    draws = np.random.default_rng(4).normal(0, 1, 200_000)
    truth = np.array([sigmoid(level + draws).mean() for level in LEVELS])
    raw = matches.outcome.reshape(4, -1).mean(axis=1)
    assert np.abs(found.value - truth).max() < 0.015
    assert np.abs(raw - truth).max() > 0.05


def test_models_without_prompt_effects_get_none() -> None:
    matches = against_baseline(LEVELS, 300, prompt_sd=0.0, slope=1.0, seed=5)
    assert fit_win_rates(matches).prompt_sd < 0.4
    once = fit_win_rates(taken(matches, np.arange(300)))
    assert once.prompt_sd == 0.0
    assert once.slopes.low < once.slopes.value < once.slopes.high


def test_slopes_beside_prompt_effects_have_no_interval() -> None:
    found = fit_win_rates(against_baseline(LEVELS, 100, prompt_sd=2.0, slope=1.0, seed=20))
    assert found.prompt_sd > 1
    assert found.slopes.value > 0
    assert np.isnan([found.slopes.low, found.slopes.high]).all()


def test_the_order_of_rows_does_not_change_a_bit() -> None:
    matches = against_baseline(LEVELS, 50, prompt_sd=1.0, slope=1.0, seed=6, strict=False)
    found, mixed = fit_win_rates(matches), fit_win_rates(taken(matches, np.random.default_rng(7).permutation(200)))
    assert (found.value == mixed.value).all()
    assert (found.low == mixed.low).all()
    assert found.slopes.value == mixed.slopes.value
    pairs, _ = all_pairs(5, 300, slope=1.0, seed=8)
    assert (fit_ratings(pairs).low == fit_ratings(taken(pairs, np.arange(300)[::-1])).low).all()


def test_a_weight_of_two_is_a_row_twice() -> None:
    matches = against_baseline(LEVELS, 50, prompt_sd=1.0, slope=1.0, seed=9)
    weights = np.where(np.arange(200) % 3 == 0, 2.0, 1.0)
    weighted = Matches(
        matches.ahead, matches.behind, matches.outcome, matches.difference, matches.clusters, weights=weights
    )
    twice = taken(matches, np.repeat(np.arange(200), weights.astype(int)))
    one, other = fit_win_rates(weighted), fit_win_rates(twice)
    assert one.value == pytest.approx(other.value, abs=1e-7)
    assert one.low == pytest.approx(other.low, abs=1e-7)


def test_the_interval_is_as_wide_as_a_bootstrap_over_prompts_says() -> None:
    matches = against_baseline(LEVELS, 100, prompt_sd=1.0, slope=1.0, seed=10)
    found = fit_win_rates(matches)
    random = np.random.default_rng(11)
    drawn = []
    for _ in range(50):
        prompts = random.integers(0, 100, 100)
        rows = np.concatenate([prompts + 100 * model for model in range(4)])
        again = taken(matches, rows)
        again = Matches(again.ahead, again.behind, again.outcome, again.difference, np.tile(np.arange(100), 4))
        drawn.append(fit_win_rates(again).value)
    width = (found.high - found.low) / (2 * 1.66)
    assert np.std(drawn, axis=0) / width == pytest.approx(np.ones(4), abs=0.35)


def test_intervals_cover() -> None:
    draws = np.random.default_rng(12).normal(0, 1.5, 200_000)
    truth = np.array([sigmoid(level + draws).mean() for level in LEVELS])
    hits = []
    for seed in range(50):
        found = fit_win_rates(against_baseline(LEVELS, 100, prompt_sd=1.5, slope=1.0, seed=1000 + seed))
        hits.append((found.low <= truth) & (truth <= found.high))
    # 200 intervals of 90 %, four to a data set: 2.5 standard errors, were the four of a set half alike.
    assert 0.82 <= np.mean(hits) <= 0.98


def test_ratings_find_the_levels_and_their_intervals_cover() -> None:
    hits, slopes = [], []
    for seed in range(60):
        matches, truth = all_pairs(5, 600, slope=0.8, seed=2000 + seed)
        found = fit_ratings(matches)
        hits.append((found.low <= truth) & (truth <= found.high))
        slopes.append(found.slopes.value[0])
    assert 0.83 <= np.mean(hits) <= 0.97
    assert np.mean(slopes) == pytest.approx(0.8, abs=0.06)


def test_ratings_are_the_same_whichever_model_is_ahead() -> None:
    matches, _ = all_pairs(5, 400, slope=1.0, seed=13)
    turned = Matches(matches.behind, matches.ahead, 1 - matches.outcome, -matches.difference, matches.clusters)
    found, other = fit_ratings(matches, anchor=2), fit_ratings(turned, anchor=2)
    assert found.value == pytest.approx(other.value, abs=1e-6)
    assert found.high == pytest.approx(other.high, abs=1e-6)
    assert (found.value[2], found.low[2], found.high[2]) == (0.0, 0.0, 0.0)
    assert found.value - found.value.mean() == pytest.approx(fit_ratings(matches).value, abs=1e-6)


def test_a_model_that_lost_everything_gets_no_controlled_rate_and_the_others_keep_theirs() -> None:
    matches = against_baseline(LEVELS, 60, prompt_sd=1.0, slope=1.0, seed=14)
    outcome = np.where(matches.ahead == 0, 0.0, matches.outcome)
    found = fit_win_rates(Matches(matches.ahead, matches.behind, outcome, matches.difference, matches.clusters))
    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()
    assert np.isfinite(found.value[1:]).all()


def test_one_prompt_gives_no_interval() -> None:
    matches = against_baseline(LEVELS, 3, prompt_sd=0.0, slope=0.0, seed=15, strict=False)
    found = fit_win_rates(
        Matches(matches.ahead, matches.behind, matches.outcome, matches.difference, np.zeros(12, dtype=np.int64))
    )
    assert np.isfinite(found.value).all()
    assert np.isnan(found.low).all()


def test_models_that_never_met_are_refused() -> None:
    matches, _ = all_pairs(4, 400, slope=1.0, seed=16)
    apart = (matches.ahead < 2) == (matches.behind < 2)
    with pytest.raises(FitError, match="2 of 4 models were never compared"):
        fit_ratings(taken(matches, apart))


def test_a_model_that_won_everything_cannot_be_rated() -> None:
    matches, _ = all_pairs(4, 400, slope=1.0, seed=17)
    outcome = np.where(matches.ahead == 3, 1.0, np.where(matches.behind == 3, 0.0, matches.outcome))
    with pytest.raises(FitError, match="won, or lost, every comparison"):
        fit_ratings(Matches(matches.ahead, matches.behind, outcome, matches.difference, matches.clusters))


def test_factors_that_cannot_be_held_are_refused() -> None:
    matches = against_baseline(LEVELS, 60, prompt_sd=1.0, slope=1.0, seed=18)
    ahead, behind, outcome, clusters = matches.ahead, matches.behind, matches.outcome, matches.clusters
    with pytest.raises(FitError, match="never differ in held factor 1"):
        fit_win_rates(Matches(ahead, behind, outcome, 0 * matches.difference, clusters))
    with pytest.raises(FitError, match="cannot be told apart"):
        fit_win_rates(Matches(ahead, behind, outcome, np.repeat(matches.difference, 2, axis=1), clusters))
    decided = (matches.difference[:, 0] > 0).astype(np.float64)
    with pytest.raises(FitError):
        fit_win_rates(Matches(ahead, behind, decided, np.sign(matches.difference), clusters))


def test_arguments_are_checked() -> None:
    matches = against_baseline(LEVELS, 5, prompt_sd=1.0, slope=1.0, seed=19)
    with pytest.raises(SettingError, match="outcome"):
        fit_win_rates(Matches(matches.ahead, matches.behind, matches.outcome + 1, matches.difference, matches.clusters))
    with pytest.raises(SettingError, match="difference"):
        fit_win_rates(
            Matches(matches.ahead, matches.behind, matches.outcome, matches.difference * np.nan, matches.clusters)
        )
    with pytest.raises(SettingError, match="models"):
        fit_ratings(matches)
    with pytest.raises(FitError, match="no comparison"):
        fit_win_rates(taken(matches, np.arange(0)))
