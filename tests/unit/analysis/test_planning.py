"""The planning table against simulated studies: what the formula promises is what ``fit_tau14`` delivers."""

from math import isnan

import numpy as np
import pytest

from prefactor._typing import FloatArray, IntArray
from prefactor.analysis.planning import StudyDesign, plan_study, power_of
from prefactor.errors import SettingError
from prefactor.stats.tau import fit_tau14

STUDIES = 1500
CLOSE = 0.04


def scores_of(prompts: int, effect: float, *, design: StudyDesign, seed: int) -> tuple[FloatArray, IntArray]:
    """Signs of STUDIES independent studies as columns; rows of a prompt share one draw with chance sqrt(alike)."""
    random = np.random.default_rng(seed)
    shares = [(1 - design.tied_share - effect) / 2, design.tied_share, (1 - design.tied_share + effect) / 2]
    shape = (prompts, design.per_prompt, STUDIES)
    own = random.choice([-1.0, 0.0, 1.0], shape, p=shares)
    common = random.choice([-1.0, 0.0, 1.0], (prompts, 1, STUDIES), p=shares)
    scores = np.where(random.random(shape) < np.sqrt(design.alike), common, own)
    return scores.reshape(-1, STUDIES), np.repeat(np.arange(prompts), design.per_prompt)


@pytest.mark.parametrize(
    ("prompts", "effect", "design"),
    [
        (100, 0.2, StudyDesign()),
        (100, 0.4, StudyDesign(tied_share=0.4)),
        (400, 0.1, StudyDesign(tied_share=0.0)),
        (100, 0.15, StudyDesign(per_prompt=4, alike=0.3)),
        (500, 0.1, StudyDesign(per_prompt=2, alike=0.1, factors=5)),
    ],
)
def test_power_is_what_simulated_studies_show(prompts: int, effect: float, design: StudyDesign) -> None:
    scores, clusters = scores_of(prompts, effect, design=design, seed=prompts)
    tau = fit_tau14(np.ones(len(scores)), scores, clusters=clusters)
    expected = power_of(len(scores), effect, design=design)
    assert np.mean(tau.low > 0) == pytest.approx(expected.seen, abs=CLOSE)
    named = (tau.p_value <= design.false_discovery_rate / design.factors) & (tau.value > 0)
    assert np.mean(named) == pytest.approx(expected.named, abs=CLOSE)


@pytest.mark.parametrize(
    ("prompts", "design"), [(500, StudyDesign()), (250, StudyDesign(per_prompt=4, alike=0.2, smallest_effect=0.12))]
)
def test_harmlessness_is_shown_as_often_as_promised(prompts: int, design: StudyDesign) -> None:
    scores, clusters = scores_of(prompts, 0.0, design=design, seed=3)
    tau = fit_tau14(np.ones(len(scores)), scores, clusters=clusters)
    within = (tau.low >= -design.smallest_effect) & (tau.high <= design.smallest_effect)
    expected = power_of(len(scores), 0.1, design=design).harmless
    assert 0.2 < expected < 0.95
    assert np.mean(within) == pytest.approx(expected, abs=CLOSE)


def test_the_fewest_comparisons_reach_the_power_and_one_prompt_less_does_not() -> None:
    design = StudyDesign(per_prompt=3, alike=0.2)
    plan = plan_study(design, effect=0.15, power=0.9)
    for need in plan.needs:
        assert need.comparisons == 3 * need.prompts
        enough, short = (
            getattr(power_of(size, 0.15, design=design), need.question)
            for size in (need.comparisons, need.comparisons - 3)
        )
        assert short < 0.9 <= enough


def test_more_factors_ties_and_likeness_need_more() -> None:
    def named(design: StudyDesign) -> int:
        return plan_study(design).needs[1].comparisons

    plain = named(StudyDesign(per_prompt=4, alike=0.1))
    assert named(StudyDesign(per_prompt=4, alike=0.1, factors=100)) > plain
    assert named(StudyDesign(per_prompt=4, alike=0.4)) > plain
    # tied comparisons lower the variance: the same tau14 is then easier to see, and harder to reach
    assert named(StudyDesign(per_prompt=4, alike=0.1, tied_share=0.6)) < plain


def test_an_effect_that_cannot_be_is_refused_and_empty_in_the_table() -> None:
    design = StudyDesign(tied_share=0.7)
    with pytest.raises(SettingError, match=r"below 0\.3"):
        plan_study(design, effect=0.4)
    table = {(power.comparisons, power.effect): power for power in plan_study(design).table}
    assert isnan(table[1000, 0.4].seen)
    assert not isnan(table[1000, 0.2].seen)
    for bad in ({"alike": 1.0}, {"tied_share": -0.1}):
        with pytest.raises(SettingError):
            StudyDesign(**bad)  # type: ignore[arg-type]  # refused for its value
