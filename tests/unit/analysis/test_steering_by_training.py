"""Labels by a profile, and what training did to answers: by hand, and whatever the order of rows."""

from collections.abc import Sequence

import numpy as np
import pytest

from prefactor.analysis.steering_by_training import (
    Labelled,
    ProfileWeights,
    compare_answers_of,
    held_out_prompts,
    label_by_profile,
    weights_in,
)
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row
from prefactor.errors import FitError, SettingError, UnknownNameError
from prefactor.factors import load_measurers
from prefactor.interventions.base import Task
from prefactor.study import measure

MEASURERS = load_measurers(["lexical:words,list_items"])
TASTE = ProfileWeights("taste", {"words": 0.4, "list_items": 0.8})
ROWS = [
    ("Why?", "one two three", "one"),  # words only: 0.60, a near-tie
    ("How?", "one", "- one\n- two"),  # words and list: 0.77 for B
    ("When?", "- one two", "one two three four"),  # they pull apart: 0.60 for A
    ("Who?", "one two", "two one"),  # nothing differs
    ("What?", "- one two three", "one"),
]


def dataset_of(rows: Sequence[tuple[str, str, str]]) -> Dataset:
    collector = Collector()
    for number, (prompt, a, b) in enumerate(rows, start=1):
        collector.add(Row(number, prompt, a, b))
    collector.close_source("log.jsonl", "columns")
    return collector.finish()


def labelled(rows: Sequence[tuple[str, str, str]]) -> Labelled:
    dataset = dataset_of(rows)
    scores = measure(dataset, "lexical:words,list_items")
    none = np.zeros(len(rows), dtype=np.bool_)
    return label_by_profile(dataset, scores, profile=TASTE, direction="towards", held_out=none)


def test_what_the_profile_prefers_is_chosen_and_near_ties_are_left_out() -> None:
    dataset = dataset_of(ROWS)
    scores = measure(dataset, "lexical:words,list_items")
    none = np.zeros(5, dtype=np.bool_)
    found = label_by_profile(dataset, scores, profile=TASTE, direction="towards", held_out=none)
    pairs = {(each.chosen, each.rejected) for each in found.examples}
    assert pairs == {("- one\n- two", "one"), ("- one two three", "one")}
    assert (found.comparisons, found.near_ties, found.held_out) == (5, 3, 0)
    assert found.examples[0].probability == pytest.approx(1 / (1 + np.exp(-1.2)))
    away = label_by_profile(dataset, scores, profile=TASTE, direction="away", held_out=none)
    assert {(each.rejected, each.chosen) for each in away.examples} == pairs
    assert away.digest != found.digest
    with pytest.raises(FitError, match="undecided"):
        label_by_profile(dataset, scores, profile=TASTE, direction="towards", held_out=none, margin=0.49)
    with pytest.raises(SettingError):
        label_by_profile(dataset, scores, profile=TASTE, direction="towards", held_out=none, margin=0.5)


def test_labels_do_not_hang_on_the_order_of_rows() -> None:
    assert labelled(ROWS) == labelled(ROWS[::-1])


def test_prompts_are_held_out_whole_and_a_larger_share_only_adds() -> None:
    rows = [(f"Question {number // 3}?", f"a {number}", f"b {number}") for number in range(300)]
    dataset = dataset_of(rows)
    some, more = (held_out_prompts(dataset, share=share) for share in (0.2, 0.5))
    assert (more | ~some).all()
    assert 0.1 < some.mean() < 0.3
    by_prompt: dict[int, bool] = {}
    for prompt, held in zip(dataset.comparisons["prompt"].to_list(), some.tolist(), strict=True):
        assert by_prompt.setdefault(prompt, held) == held


def test_weights_come_from_the_whole_slice_and_unmeasured_factors_are_refused() -> None:
    factors = [{"name": "words", "weight": {"mean": 0.5}}, {"name": "list_items", "weight": {"mean": None}}]
    document = {
        "profiles": [
            {"judge": "j", "slice": "topic=tea", "factors": []},
            {"judge": "j", "slice": "all", "factors": factors},
        ]
    }
    own = [factor for measurer in MEASURERS for factor in measurer.factors]
    assert weights_in(document, judge=None, factors=own).weights == {"words": 0.5, "list_items": 0.0}
    with pytest.raises(UnknownNameError, match="judge"):
        weights_in(document, judge="k", factors=own)
    with pytest.raises(UnknownNameError, match="words"):
        weights_in(document, judge="j", factors=own[1:])


def test_the_shift_of_answers_is_that_worked_out_by_hand() -> None:
    tasks = [Task("Why?"), Task("Why?"), Task("How?"), Task("When?")]
    before = ["one", "one two", "one", None]
    after = ["one two", "one two", "- one", "one"]
    found = compare_answers_of(tasks, before, after=after, measurers=MEASURERS, profile=TASTE)
    assert (found.prompts, found.pairs, found.left_out) == (2, 3, 1)
    chances = 1 / (1 + np.exp(-np.array([0.4, 0.0, 0.8])))
    assert found.win_rate.value == pytest.approx(chances.mean())
    assert found.preferred.value == pytest.approx((1 + 0.5 + 1) / 3)
    lists, words = found.shifts
    assert (lists.factor, words.factor) == ("list_items", "words")
    assert words.before.value == pytest.approx(4 / 3)
    assert words.after.value == pytest.approx(5 / 3)
    assert words.change.value == pytest.approx(1 / 3)


def test_the_same_answers_are_a_tie() -> None:
    texts = [f"answer {number}" for number in range(20)]
    tasks = [Task(text) for text in texts]
    found = compare_answers_of(tasks, texts, after=texts, measurers=MEASURERS, profile=TASTE)
    assert found.win_rate.value == found.preferred.value == 0.5
    assert found.win_rate.low < 0.5 < found.win_rate.high
