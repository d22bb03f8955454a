"""Effects of factors measured with error: intervals as measured miss the truth, corrected ones cover it.

``benchmarks/designs/reliability.py`` holds the full table.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.analysis.complete import as_floats
from prefactor.analysis.corrected import correct_explanation
from prefactor.analysis.measurement import sign_features
from prefactor.analysis.measuring_quality import QualityTests, assess_measuring
from prefactor.analysis.measuring_sample import RepeatedRater, choose_sample
from prefactor.analysis.rating import rate_responses
from prefactor.analysis.simulation import simulate_judge
from prefactor.asking.calls import AskOptions
from prefactor.factors.asked.base import RateOptions
from prefactor.factors.loading import load_factors
from prefactor.llm.scripted import ScriptedProvider
from prefactor.readers.reliability_file import read_reliability
from prefactor.report import render_html, render_markdown
from prefactor.report.command_file import render_results
from prefactor.report.document import results_document
from prefactor.stats.measurement_error import calibrate, correct_means, correct_weights
from prefactor.stats.posterior import fit_posterior
from prefactor.stats.priors import make_prior
from prefactor.stats.repeats import measure_repeats
from prefactor.stats.special import sigmoid
from prefactor.stats.tau import fit_tau14
from prefactor.study import Fitting, explain, read
from simulated.noisy_rater import noisy_rater

NAMES = ("friendly", "clear", "admits_limits")
WEIGHTS = {"friendly": 1.0, "clear": -1.0, "admits_limits": 0.0}


def measured(random: np.random.Generator, true: FloatArray, kept: float, *, together: bool) -> FloatArray:
    """Keep true signs with that chance, else take those of another row: factor by factor, or all at once."""
    shape = (len(true), 1 if together else true.shape[1])
    other = random.integers(len(true), size=shape)
    drawn = true[other, np.arange(true.shape[1])] * np.where(random.random(shape) < 0.5, 1.0, -1.0)
    return np.where(random.random(shape) < kept, true, drawn)


@pytest.mark.parametrize(("reliability", "together"), [(0.6, False), (0.6, True)])
def test_corrected_effects_cover_where_measured_ones_do_not(reliability: float, together: bool) -> None:
    random, held = np.random.default_rng(11), []
    kept, strength, rows, prior = reliability**0.5, 0.4, 1_200, make_prior("Laplace", 0.4)
    for _ in range(150):
        hidden = random.standard_normal((rows, 4)) + 0.7 * random.standard_normal((rows, 1))
        true = np.where(np.abs(hidden) > 0.4, np.sign(hidden), 0.0)
        weights = random.laplace(0, strength, 4)
        chances = sigmoid(true @ weights)
        won = (random.random(rows) < chances).astype(np.float64)
        one, two = (measured(random, true, kept, together=together) for _ in range(2))
        clusters = np.arange(rows)
        found = measure_repeats(one[:150], two[:150], clusters=clusters[:150])
        tau = fit_tau14(won, one, clusters=clusters)
        tau14 = np.stack([tau.value, tau.low, tau.high])
        # The simulation draws outcomes given features, so the truth is that of these comparisons, but for sampling.
        truth = ((2 * chances - 1)[:, None] * true).mean(axis=0)
        plain = fit_posterior(one, won, prior=prior)
        right = correct_weights(one, won, calibration=calibrate(one, found), clusters=clusters, prior=prior)
        strong = int(np.argmax(np.abs(truth)))
        corrected = correct_means(tau14, found.slope)
        held.append(
            [
                found.reliability[1, 0] <= reliability <= found.reliability[2, 0],
                tau14[1, strong] <= truth[strong] <= tau14[2, strong],
                corrected[1, strong] <= truth[strong] <= corrected[2, strong],
                plain.low[0] <= weights[0] <= plain.high[0],
                right.low[0] <= weights[0] <= right.high[0],
            ]
        )
    share = np.mean(held, axis=0)
    # 150 data sets: a standard error of 2.4 points.
    assert share[[0, 2, 4]] == pytest.approx(np.full(3, 0.9), abs=0.08)
    assert share[1] < 0.6
    assert share[3] < 0.7


def test_a_noisy_raters_profile_is_put_right(tmp_path: Path) -> None:
    """From a scripted rater's replies to the report: naive intervals miss strong effects, corrected ones hold them.

    The intervals hold 98 %, so that all the six hold the truth in most data sets.
    """
    random = np.random.default_rng(5)
    lines = []
    for number in range(1_500):
        levels = random.integers(0, 4, (2, len(NAMES)))
        marks = [" ".join(f"<<{name}={level}>>" for name, level in zip(NAMES, side, strict=True)) for side in levels]
        sides = {f"response_{side}": f"Answer {number}{side}. {marks[place]}" for place, side in enumerate("ab")}
        lines.append(json.dumps({"prompt": f"Question {number}?", **sides, "preference": "A"}) + "\n")
    (tmp_path / "log.jsonl").write_text("".join(lines))
    dataset, factors = read(str(tmp_path / "log.jsonl")), load_factors([f"dissection:{','.join(NAMES)}"]).asked
    perfect, noisy = noisy_rater(1.0), noisy_rater(0.77)
    options = RateOptions("rater", temperature=1.0)
    exact, _ = rate_responses(dataset, factors, provider=ScriptedProvider(perfect), options=options)
    seen, _ = rate_responses(dataset, factors, provider=ScriptedProvider(noisy), options=options)
    judged = simulate_judge(dataset, exact, weights=WEIGHTS, judge="judge", seed=1)
    sample = choose_sample(judged, factors, answers=400)
    rater = RepeatedRater(lambda: ScriptedProvider(noisy), options, AskOptions())
    quality = assess_measuring(sample, factors, rater=rater, tests=QualityTests())
    path = tmp_path / "reliability.json"
    path.write_bytes(render_results("validate-factors", quality, settings={}))
    explanation = explain(judged, seen, fitting=Fitting(prior_scale=0.5, interval=0.98))
    both = correct_explanation(explanation, judged, scores=seen, known=read_reliability(path))
    true = as_floats(sign_features(judged, exact))
    truth = ((2 * sigmoid(true @ np.array([WEIGHTS[name] for name in NAMES])) - 1)[:, None] * true).mean(axis=0)
    corrections = both.profiles[0].corrections
    for place, (plain, right) in enumerate(zip(both.profiles[0].effects, corrections.effects, strict=True)):
        weight = WEIGHTS[right.factor]
        assert right.corrected_tau14.low < truth[place] < right.corrected_tau14.high
        assert right.corrected_weight.low < weight < right.corrected_weight.high
        if weight:
            assert not plain.tau14.low < truth[place] < plain.tau14.high
            assert not plain.weight.low < weight < plain.weight.high
        assert right.tau14.low < plain.tau14.low
        assert right.tau14.high > plain.tau14.high
    page, text = render_html(both), render_markdown(both)
    assert 'id="corrected"' in page
    assert "## Errors of measurement" in text
    assert 'id="corrected"' not in render_html(explanation)
    assert '"corrected_tau14"' in json.dumps(results_document(both))
