"""A scripted noisy rater's reliability, halo, bias, order effect and sensitivity are found as they were made."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from prefactor.analysis.measuring_quality import QualityTests, assess_measuring
from prefactor.analysis.measuring_results import MeasuringQuality
from prefactor.analysis.measuring_sample import RepeatedRater, choose_sample
from prefactor.asking.calls import AskOptions
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError, InputFileError
from prefactor.factors.asked.base import RateOptions
from prefactor.factors.loading import load_factors
from prefactor.llm.records import Request
from prefactor.llm.scripted import ScriptedProvider
from prefactor.readers.factor_labels import FactorLabel, read_factor_labels
from prefactor.study import read
from simulated.noisy_rater import noisy_rater
from simulated.rater import planted, sections

NAMES = ("friendly", "clear", "admits_limits")
FACTORS = load_factors([f"dissection:{','.join(NAMES)}"]).asked
COMPARISONS = 240


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    random = np.random.default_rng(3)
    rows = []
    for number in range(COMPARISONS):
        levels = random.integers(0, 4, (2, len(NAMES)))
        marks = [" ".join(f"<<{name}={level}>>" for name, level in zip(NAMES, side, strict=True)) for side in levels]
        texts = [f"Answer {number}{side}. {marks[place]}" for place, side in enumerate("ab")]
        row = {"prompt": f"Question {number // 2}?", "response_a": texts[0], "response_b": texts[1], "preference": "A"}
        rows.append(row)
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read(str(path))


def assessed(
    dataset: Dataset, answer: Callable[[Request], str], tests: QualityTests, *, together: bool = False
) -> MeasuringQuality:
    sample = choose_sample(dataset, FACTORS, answers=10_000)
    rater = RepeatedRater(
        lambda: ScriptedProvider(answer), RateOptions("noisy", temperature=1.0, together=together), AskOptions()
    )
    return assess_measuring(sample, FACTORS, rater=rater, tests=tests)


def true_reliability(dataset: Dataset, kept: float) -> float:
    """Squared correlation of measured and true signs, by brute force: a hundred thousand measurements."""
    random = np.random.default_rng(0)
    true = random.integers(0, 4, (100_000, 2))
    seen = [np.where(random.random(true.shape) < kept, true, random.integers(0, 4, true.shape)) for _ in range(2)]
    one, two = (np.sign(each[:, 0] - each[:, 1]) for each in seen)
    return float(2 * (one @ two) / (one @ one + two @ two))


@pytest.mark.parametrize("together", [False, True])
def test_the_reliability_of_a_noisy_rater_is_found(dataset: Dataset, together: bool) -> None:
    found = assessed(dataset, noisy_rater(0.85), QualityTests(), together=together)
    truth = true_reliability(dataset, 0.85)
    for factor in found.factors:
        assert factor.reliability.low - 0.03 < truth < factor.reliability.high + 0.03
        assert factor.comparisons == COMPARISONS
    covered = [one.reliability.low < truth < one.reliability.high for one in found.factors]
    assert sum(covered) >= 2
    # Of single answers, the chance that both are kept: 0.85^2.
    assert all(abs(one.concordance.value - 0.85**2) < 0.12 for one in found.factors)


def test_a_perfect_rater_is_reliable_and_a_random_one_unusable(dataset: Dataset) -> None:
    perfect = assessed(dataset, noisy_rater(1.0), QualityTests())
    random = assessed(dataset, noisy_rater(0.0), QualityTests())
    assert {one.verdict for one in perfect.factors} == {"reliable"}
    assert {one.verdict for one in random.factors} == {"unusable"}
    assert all(one.reliability.value == 1 and one.exact.value == 1 for one in perfect.factors)


def test_halo_is_told_from_true_correlation(dataset: Dataset) -> None:
    alone = assessed(dataset, noisy_rater(0.8), QualityTests())
    together = assessed(dataset, noisy_rater(0.8, halo=True), QualityTests())
    assert max(abs(alone.halo.correlation[0][1]), abs(alone.halo.correlation[1][2])) < 0.25
    assert together.halo.correlation[0][1] > 0.35
    assert together.halo.correlation[0][1] > 4 * together.halo.error[0][1]


def test_more_repeats_tell_more(dataset: Dataset) -> None:
    two = assessed(dataset, noisy_rater(0.85), QualityTests(repeats=2)).factors[0].reliability
    four = assessed(dataset, noisy_rater(0.85), QualityTests(repeats=4)).factors[0]
    assert four.comparisons == 6 * COMPARISONS
    assert four.reliability.high - four.reliability.low < two.high - two.low


def test_another_rater_that_is_harsher_has_a_bias(dataset: Dataset) -> None:
    sample = choose_sample(dataset, FACTORS, answers=100)

    def harsh(request: Request) -> str:
        return json.dumps({name: max(level - 1, 0) for name, level in json.loads(exact(request)).items()})

    exact = noisy_rater(1.0)
    rater = RepeatedRater(lambda: ScriptedProvider(exact), RateOptions("one"), AskOptions())
    other = RepeatedRater(lambda: ScriptedProvider(harsh), RateOptions("two"), AskOptions())
    found = assess_measuring(sample, FACTORS, rater=rater, others=[other], tests=QualityTests()).agreements
    assert {one.other for one in found} == {"two"}
    assert all(one.bias.low > 0.5 and one.exact.value < 0.5 for one in found)
    assert sum(map(sum, found[0].confusion)) == found[0].answers


def test_a_rater_that_favours_what_it_sees_first_is_found_out(dataset: Dataset) -> None:
    exact = noisy_rater(1.0)

    def answer(request: Request) -> str:
        said = json.loads(exact(request))
        if "A" in said:
            said["A"]["friendly"] = min(said["A"]["friendly"] + 1, 3)
        return json.dumps(said)

    found = {one.factor: one for one in assessed(dataset, answer, QualityTests(orders=True)).orders}
    assert found["friendly"].shift.low > 0.5
    assert found["friendly"].q_value < 0.01
    assert found["clear"].shift.value == 0


def test_planted_changes_move_their_own_factor(dataset: Dataset) -> None:
    exact = noisy_rater(1.0)

    def answer(request: Request) -> str:
        said, text = json.loads(exact(request)), sections(request)["answer"]
        if "delighted to help" in text:
            said["friendly"] = 3
        if "may be wrong" in text:
            said["clear"] = 0
        return json.dumps(said)

    found = {(one.change, one.factor): one for one in assessed(dataset, answer, QualityTests(sensitivity=True)).planted}
    assert found["open courteously", "friendly"].found == "noticed"
    assert found["open courteously", "clear"].found == "kept still"
    assert found["admit limits", "admits_limits"].found == "not noticed"
    assert found["admit limits", "clear"].found == "spilt over"


def test_people_say_how_far_the_truth_is_met(dataset: Dataset, tmp_path: Path) -> None:
    texts = dataset.responses.collect()["text"].to_list()
    rows = [{"response": text, "factor": name, "score": planted(text)[name]} for text in texts[:200] for name in NAMES]
    path = tmp_path / "people.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sample = choose_sample(dataset, FACTORS, answers=400, labels=read_factor_labels(path), file=str(path))
    rater = RepeatedRater(
        lambda: ScriptedProvider(noisy_rater(0.85)), RateOptions("noisy", temperature=1.0), AskOptions()
    )
    found = assess_measuring(sample, FACTORS, rater=rater, tests=QualityTests())
    for factor in found.factors:
        assert factor.by_people_slope is not None
        assert 0.6 < factor.by_people_slope.value < 0.95
    assert {one.other for one in found.agreements} == {"people"}
    assert {one.answers for one in found.agreements} == {200}


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (FactorLabel(7, "", "no such answer", "clear", 1.0), r"people\.csv:7: expected an answer of the logs"),
        (FactorLabel(8, "", "", "clarity", 1.0), r"people\.csv:8: expected one of the factors"),
    ],
)
def test_labels_of_nothing_are_refused(dataset: Dataset, label: FactorLabel, expected: str) -> None:
    with pytest.raises(InputFileError, match=expected):
        choose_sample(dataset, FACTORS, answers=10, labels=[label], file="people.csv")


def test_the_sample_does_not_depend_on_the_order_of_rows(dataset: Dataset) -> None:
    turned = replace(dataset, comparisons=dataset.comparisons.reverse())
    ours, theirs = (choose_sample(each, FACTORS, answers=50) for each in (dataset, turned))
    assert ours.subjects == theirs.subjects
    assert len(ours.subjects.answers) == 50


def test_without_comparisons_nothing_can_be_said(dataset: Dataset) -> None:
    with pytest.raises(FitError, match="no comparison has two different answers"):
        choose_sample(replace(dataset, comparisons=dataset.comparisons.head(0)), FACTORS, answers=50)
