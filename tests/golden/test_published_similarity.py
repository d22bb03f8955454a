"""The published weights that ship with prefactor give the similarities published with them (arXiv 2402.11296)."""

import json
from pathlib import Path

import numpy as np
import pytest

from prefactor._typing import FloatArray
from prefactor.analysis.reference import load_published_profiles, nearest_published_judges, published_similarity

PUBLISHED = load_published_profiles()
SIZE = np.array(PUBLISHED.billions)
SMALL, LARGE = SIZE <= 14, SIZE > 30
ALIGNED = {
    "llama-2-13b": "llama-2-13b-chat",
    "llama-2-70b": "llama-2-70b-chat",
    "mistral-7b": "mistral-7b-instruct-v0.1",
    "mistral-8x7b": "mistral-8x7b-instruct-v0.1",
    "qwen-7b": "qwen-7b-chat",
    "qwen-14b": "qwen-14b-chat",
    "qwen-72b": "qwen-72b-chat",
    "yi-6b": "yi-6b-chat",
    "yi-34b": "yi-34b-chat",
}


def among(similarity: FloatArray, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    part = similarity[np.ix_(chosen, chosen)]
    return float(part[np.triu_indices(len(part), 1)].mean())


def test_models_are_alike_within_their_size_and_less_so_between() -> None:
    similarity = published_similarity()
    assert (SMALL.sum(), LARGE.sum()) == (20, 10)
    found = [among(similarity, SMALL), among(similarity, LARGE), float(similarity[np.ix_(SMALL, LARGE)].mean())]
    assert [round(value, 2) for value in found] == [0.83, 0.88, 0.74]


def test_base_models_are_like_their_aligned_versions() -> None:
    similarity = published_similarity()
    place = PUBLISHED.judges.index
    found = [round(float(similarity[place(base), place(aligned)]), 2) for base, aligned in ALIGNED.items()]
    assert (min(found), max(found)) == (0.84, 0.96)


def test_llama_2_7b_is_unlike_its_aligned_version() -> None:
    # Published: 0.52, which neither the scenarios (0.47), nor all slices (0.49), nor the kinds of query (0.54) give.
    both = ["llama-2-7b", "llama-2-7b-chat"]
    choices = (PUBLISHED.scenarios, PUBLISHED.slices, PUBLISHED.query_kinds)
    found = [round(float(published_similarity(slices=each, judges=both)[0, 1]), 2) for each in choices]
    assert found == [0.47, 0.49, 0.54]


def test_no_choice_of_slices_gives_the_figure_of_llama_2_7b_and_the_others_too() -> None:
    """Code is what sets the two apart; without it all slices give 0.52, and the other figures no longer."""
    both = ["llama-2-7b", "llama-2-7b-chat"]
    assert round(float(published_similarity(slices=["code"], judges=both)[0, 1]), 2) == 0.06
    without_code = [each for each in PUBLISHED.slices if each != "code"]
    assert round(float(published_similarity(slices=without_code, judges=both)[0, 1]), 2) == 0.52
    similarity = published_similarity(slices=without_code)
    place = PUBLISHED.judges.index
    assert round(min(float(similarity[place(base), place(to)]) for base, to in ALIGNED.items()), 2) == 0.82
    assert round(float(similarity[np.ix_(SMALL, LARGE)].mean()), 2) == 0.73
    for left_out in PUBLISHED.scenarios:
        rest = [each for each in PUBLISHED.scenarios if each != left_out]
        assert round(float(published_similarity(slices=rest, judges=both)[0, 1]), 2) != 0.52


@pytest.mark.real_data
def test_the_file_holds_the_released_weights(real_data: Path) -> None:
    released = json.loads((real_data / "preference_dissection" / "published_weights.json").read_text(encoding="utf-8"))
    whole = np.array([list(of_slice.values()) for of_slice in released.values()])
    assert [list(of_slice) for of_slice in released.values()] == [list(PUBLISHED.judges)] * 16
    assert np.abs(whole - PUBLISHED.weights).max() <= 0.5001e-4


def test_a_judge_is_nearest_to_itself_and_its_interval_follows_the_draws() -> None:
    weights = PUBLISHED.of("gpt-4-1106-preview").mean(axis=0)
    draws = weights + np.random.default_rng(0).normal(0, 0.02, (200, 29))
    near = nearest_published_judges(weights, draws=draws, count=3)
    assert near[0].judge == "gpt-4-1106-preview"
    assert near[0].similarity.low < near[0].similarity.value <= 1
    assert near[0].similarity.value > near[1].similarity.value > near[2].similarity.value
    assert np.isnan(nearest_published_judges(weights)[0].similarity.low)


def test_weights_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(ValueError, match="29 finite numbers"):
        nearest_published_judges(np.zeros(29))
    with pytest.raises(ValueError, match="29 finite numbers"):
        nearest_published_judges([1.0, 2.0])
    with pytest.raises(LookupError, match="did you mean 'llama-2-7b'"):
        PUBLISHED.of("llama-2-7")
