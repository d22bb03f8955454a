from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from prefactor.analysis.measurement import Scores, measure_responses
from prefactor.analysis.training_set import TrainingOptions, TrainingSet, make_training_set
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import FitError, UnknownNameError
from prefactor.factors import load_measurers
from prefactor.interventions.training_files import training_rows
from prefactor.report.data_card import render_card
from prefactor.study import measure, read

FACTORS = "lexical:words,exclamations,questions,numbers,list_items"


def log(rows: int = 400, *, turned: bool = False) -> Dataset:
    """A judge that likes length and exclamation marks, with a probability."""
    random = np.random.default_rng(2)
    made = []
    for number in range(rows):
        sides = []
        for _ in range(2):
            length, marks, asks = int(random.integers(5, 40)), int(random.integers(0, 3)), int(random.integers(0, 2))
            sides.append((length, marks, asks, "tea " * length + "so! " * marks + "why? " * asks))
        a, b = sides
        odds = (
            1.5 * np.sign(a[0] - b[0]) + 1.0 * np.sign(a[1] - b[1]) - 0.4 * np.sign(a[2] - b[2]) + random.normal(0, 1)
        )
        chance = float(1 / (1 + np.exp(-odds)))
        made.append(Row(number, f"Question {number // 2}?", a[3], b[3], [Verdict("J", chance, kind="llm")]))
    collector = Collector()
    for row in made[::-1] if turned else made:
        collector.add(row)
    return collector.finish()


def scores_of(dataset: Dataset) -> Scores:
    return measure_responses(dataset, load_measurers([FACTORS]))


def made(**changes: object) -> TrainingSet:
    dataset = log()
    options = replace(TrainingOptions("J"), **changes)  # type: ignore[arg-type]
    return make_training_set(dataset, scores_of(dataset), options=options)


def change(training: TrainingSet, factor: str) -> tuple[float, float]:
    found = next(each for each in training.changes if each.factor == factor)
    return found.before.value, found.after.value


def test_every_comparison_is_accounted_for() -> None:
    found = made()
    assert found.comparisons == len(found.examples) + found.ties + found.near_ties + found.balanced_out
    assert found.balanced_out == 0
    assert min(each.probability for each in found.examples) >= 0.65
    assert made(margin=0.3).near_ties > found.near_ties


def test_the_chosen_answer_is_the_preferred_one() -> None:
    dataset = log()
    found = make_training_set(dataset, scores_of(dataset), options=TrainingOptions("J"))
    texts = dict(dataset.responses.select("index", "text").collect().iter_rows())
    prompts = dict(dataset.prompts.select("index", "prompt").collect().iter_rows())
    joined = dataset.comparisons.with_row_index("comparison").join(
        dataset.preferences.with_columns(pl.col("comparison").cast(pl.UInt32)), on="comparison"
    )
    preferred = {
        (prompts[row["prompt"]], frozenset((texts[row["response_a"]], texts[row["response_b"]]))): texts[
            row["response_a"] if row["preference"] > 0.5 else row["response_b"]
        ]
        for row in joined.iter_rows(named=True)
    }
    for each in found.examples:
        assert preferred[each.task.prompt, frozenset((each.chosen, each.rejected))] == each.chosen


def test_labels_of_the_profile_are_made_of_the_factors_alone() -> None:
    """Two comparisons with the same features have the same label."""
    own, profile = made(), made(labels="profile")
    assert change(profile, "words")[0] > change(own, "words")[0]
    assert len({round(each.probability, 9) for each in profile.examples}) < 150 < len(own.examples)


@pytest.mark.parametrize("method", ["drop", "weigh", "pair"])
def test_a_factor_is_freed(method: str) -> None:
    found = made(free_of=("words",), method=method, order=0.8)
    before, after = change(found, "words")
    assert before > 0.4
    assert abs(after) <= 0.02
    assert change(found, "exclamations")[1] > 0.2
    assert found.comparisons == len(found.examples) + found.ties + found.near_ties + found.balanced_out


def test_the_order_of_rows_does_not_matter() -> None:
    options = TrainingOptions("J", free_of=("words",), order=0.8)
    found = [make_training_set(each, scores_of(each), options=options) for each in (log(), log(turned=True))]
    texts = [{(each.chosen, each.rejected) for each in one.examples} for one in found]
    assert texts[0] == texts[1]
    assert repr(found[0].changes) == repr(found[1].changes)


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(UnknownNameError, match="words"):
        made(free_of=("wrods",))
    with pytest.raises(UnknownNameError, match="J"):
        made(judge="K")
    with pytest.raises(FitError, match="--margin"):
        made(margin=0.4999999)


def test_the_card_says_what_was_done_and_shows_no_markup_of_others() -> None:
    found = made(free_of=("words",), order=0.8)
    named = replace(found, options=replace(found.options, judge="J <img src=x> | *bold*"))
    card = render_card(named, rows={"dpo.jsonl": len(found.examples)}, sources=(), factors=("lexical",))
    assert "\\<img src=x\\>" in card
    assert "\\*bold\\*" in card
    assert f"Kept: {len(found.examples):,}" in card
    assert card.count("| freed |") == 1


def test_rows_of_fine_tuning_are_one_for_every_prompt() -> None:
    found = made()
    prompts = {each.task.prompt for each in found.examples}
    rows = training_rows(found.examples, "sft")
    assert sorted(row["messages"][0]["content"] for row in rows) == sorted(prompts)
    margins = [row["margin"] for row in training_rows(found.examples, "reward")]
    assert margins == pytest.approx([np.log(each.probability / (1 - each.probability)) for each in found.examples])


@pytest.mark.real_data
def test_the_alpaca_eval_logs_are_freed_of_length_and_keep_the_order_of_the_rest(real_data: Path) -> None:
    dataset = read(str(real_data / "alpaca_eval" / "weighted_alpaca_eval_gpt4_turbo"))
    options = TrainingOptions("weighted_alpaca_eval_gpt4_turbo", free_of=("words",))
    found = make_training_set(dataset, measure(dataset), options=options)
    before, after = change(found, "words")
    assert before > 0.6
    assert abs(after) <= 0.02
    assert found.order >= 0.95
    assert len(found.examples) > 3_000
