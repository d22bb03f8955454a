"""Which judge is which model, and how much more it prefers its own answers than others do."""

from math import isnan

import numpy as np
import pytest

import prefactor as pf
from prefactor.analysis.evidence import NOT_A_MODEL, SelfPreference
from prefactor.analysis.results import Explanation
from prefactor.analysis.self_preference import same_model
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import SettingError, UnknownNameError


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("gpt-4o", "openai/gpt-4o-2024-08-06", True),
        ("GPT_4o", "gpt 4o", True),
        ("claude-3-haiku-20240307", "anthropic/claude-3-haiku", True),
        ("openai:gpt-4o", "gpt-4o", True),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-05-13", False),
        ("gpt-4", "gpt-4-0613", False),
        ("gpt-4", "gpt-4-turbo", False),
        ("llama-3-70b", "llama-3-8b", False),
        ("weighted_alpaca_eval_gpt4_turbo", "gpt4_1106_preview", False),
        ("", "-", False),
    ],
)
def test_names_of_one_model(first: str, second: str, same: bool) -> None:
    assert same_model(first, second) is same_model(second, first) is same


def dataset_of(number: int, *, judges: tuple[str, ...], bias: float = 0.0, swap: bool = False) -> Dataset:
    """Comparisons of model ``gpt-4`` with ``llama``: every judge likes long answers, the first its own too."""
    random = np.random.default_rng(4)
    collector = Collector()
    for place in range(number):
        words = random.integers(5, 40, 2)
        own, other = (" ".join(["word"] * count) for count in words)
        verdicts = []
        for judge in judges:
            odds = 0.8 * np.sign(words[0] - words[1]) + (bias if judge == judges[0] else 0.0)
            preferred = float(random.random() < 1 / (1 + np.exp(-odds)))
            verdicts.append(Verdict(judge, 1 - preferred if swap else preferred, kind="llm"))
        texts = (other, own) if swap else (own, other)
        models = ("llama", "gpt-4") if swap else ("gpt-4", "llama")
        row = Row(place, f"prompt {place}", *texts, verdicts, model_a=models[0], model_b=models[1])
        collector.add(row)
    return collector.finish()


def explained(dataset: Dataset, **more: object) -> Explanation:
    scores = pf.measure(dataset, "lexical:words,questions")
    return pf.explain(dataset, scores, fitting=pf.Fitting(bootstraps=100), **more)  # type: ignore[arg-type]


def of(explanation: Explanation, judge: str) -> SelfPreference:
    return next(profile.self_preference for profile in explanation.profiles if profile.judge == judge)


def test_other_judges_show_the_excess_and_swapping_sides_changes_nothing() -> None:
    judges = ("openai/gpt-4", "claude", "qwen")
    found = of(explained(dataset_of(300, judges=judges, bias=1.0)), judges[0])
    assert (found.models, found.basis, found.others) == (("gpt-4",), "other judges", ("claude", "qwen"))
    assert (found.comparisons, found.shared) == (300, 300)
    assert 0.08 < found.excess.low < found.excess.value < 0.3
    swapped = of(explained(dataset_of(300, judges=judges, bias=1.0, swap=True)), judges[0])
    assert swapped == found
    assert of(explained(dataset_of(60, judges=judges)), "claude") == NOT_A_MODEL


def test_without_other_judges_the_factors_are_held_equal() -> None:
    biased = of(explained(dataset_of(400, judges=("gpt-4",), bias=1.0)), "gpt-4")
    fair = of(explained(dataset_of(400, judges=("gpt-4",))), "gpt-4")
    assert biased.basis == fair.basis == "factors held equal"
    assert biased.excess.low > 0.05
    assert fair.excess.low < 0.02


def test_too_few_comparisons_measure_nothing_but_the_win_rate() -> None:
    found = of(explained(dataset_of(12, judges=("gpt-4",))), "gpt-4")
    assert found.basis == "none"
    assert isnan(found.excess.value)
    assert 0 < found.won.value < 1


def test_the_user_may_say_who_a_judge_is() -> None:
    dataset = dataset_of(60, judges=("my judge", "twin", "other"))
    said = (("my judge", "gpt-4"), ("twin", "gpt-4"))
    found = of(explained(dataset, judge_is=said), "my judge")
    assert (found.models, found.others) == (("gpt-4",), ("other",))
    assert explained(dataset, judge_is=said).settings.judge_is == said
    with pytest.raises(UnknownNameError, match="unknown model 'gpt4'"):
        explained(dataset, judge_is=(("my judge", "gpt4"),))
    with pytest.raises(UnknownNameError, match="unknown judge"):
        explained(dataset, judge_is=(("nobody", "gpt-4"),))


def test_a_pair_without_an_equals_sign_is_refused() -> None:
    from prefactor.cli.options import judges_that_are_models  # noqa: PLC0415  (the command line, here alone)

    with pytest.raises(SettingError, match="--judge-is"):
        judges_that_are_models(("gpt-4",))
