"""The collector keeps every row, joins comparisons and stores every answer once."""

import polars as pl
import pytest

from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict


def collect(*rows: Row, spill_bytes: int = 2**30) -> Dataset:
    collector = Collector(spill_bytes=spill_bytes)
    for row in rows:
        collector.add(row)
    return collector.finish()


def row(prompt: str, a: str, b: str, preference: float | None = 1.0, **more: object) -> Row:
    verdicts = [Verdict("judge", preference, problem="" if preference is not None else "missing")]
    return Row(row=1, prompt=prompt, response_a=a, response_b=b, verdicts=verdicts, **more)  # type: ignore[arg-type]


def test_the_same_answer_to_the_same_prompt_is_one_response() -> None:
    dataset = collect(row("p", "x", "y"), row("p", "x", "z"), row("q", "x", "y"))
    assert dataset.n_prompts == 2
    assert dataset.n_responses == 5
    assert dataset.responses.collect()["text"].to_list() == ["x", "y", "z", "x", "y"]


def test_a_pair_that_comes_back_swapped_is_the_same_comparison_turned_round() -> None:
    there = row("p", "x", "y", 0.9, model_a="m", model_b="n")
    back = row("p", "y", "x", 0.3, model_a="n", model_b="m")
    back.verdicts[0] = Verdict("other", 0.3, order="ab")
    dataset = collect(there, back)
    assert len(dataset.comparisons) == 1
    texts = dataset.responses.collect()["text"].to_list()
    a_is_x = texts[dataset.comparisons["response_a"][0]] == "x"
    assert dataset.comparisons.select("model_a", "model_b").row(0) == (("m", "n") if a_is_x else ("n", "m"))
    assert dataset.preferences["preference"].to_list() == pytest.approx([0.9, 0.7] if a_is_x else [0.1, 0.3])
    assert dataset.preferences["order"].to_list() == [None, "ba" if a_is_x else "ab"]


def test_the_sides_of_a_pair_told_both_ways_do_not_depend_on_the_order_of_rows() -> None:
    pairs = [
        (
            row("p", f"{number} x", f"{number} y", 0.3, model_a="m"),
            row("p", f"{number} y", f"{number} x", 0.7, model_b="m"),
        )
        for number in range(12)
    ]
    one = collect(*(each for pair in pairs for each in pair))
    two = collect(*(each for pair in reversed(pairs) for each in reversed(pair)))
    columns = ["comparison_id", "model_a", "model_b", "preference"]
    tables = [
        each.comparisons[each.preferences["comparison"]]
        .hstack(each.preferences.drop("comparison"))
        .select(columns)
        .sort(columns)
        for each in (one, two)
    ]
    assert tables[0].equals(tables[1])
    assert {"m"} == set(one.comparisons["model_a"].drop_nulls()) == set(one.comparisons["model_b"].drop_nulls())
    plain = [pair[0] for pair in pairs]
    assert collect(*plain).comparisons["model_a"].to_list() == ["m"] * 12


def test_the_same_texts_by_other_models_are_another_comparison() -> None:
    dataset = collect(row("p", "x", "y", model_a="m"), row("p", "x", "y", model_a="n"))
    assert len(dataset.comparisons) == 2
    assert dataset.n_responses == 2
    assert dataset.comparisons["comparison_id"].n_unique() == 2


def test_ids_depend_on_content_alone() -> None:
    rows = [row("p", "x", "y"), row("q", "x", "z"), row("p", "u", "v")]
    first, second = collect(*rows), collect(*reversed(rows))
    assert set(first.comparisons["comparison_id"]) == set(second.comparisons["comparison_id"])
    assert set(first.responses.collect()["response_id"]) == set(second.responses.collect()["response_id"])


@pytest.mark.parametrize("field", ["system", "source"])
def test_another_system_prompt_or_document_is_another_prompt(field: str) -> None:
    one, two = row("p", "x", "y"), row("p", "x", "y")
    setattr(one, field, "text")
    assert collect(one, two).n_prompts == 2


def test_a_repeated_label_counts_once_and_a_contradicting_one_twice() -> None:
    def labelled(preference: float) -> Row:
        return Row(1, "p", "x", "y", [Verdict("label", preference, "label"), Verdict("judge", preference)])

    assert len(collect(labelled(1.0), labelled(1.0)).preferences) == 3
    assert len(collect(labelled(1.0), labelled(0.0)).preferences) == 4


def test_of_values_that_disagree_the_same_is_kept_for_any_order_of_rows() -> None:
    rows = [
        row("p", "x", "y", columns={"topic": topic, "turn": turn}) for topic, turn in (("b", 2), ("a", None), (None, 1))
    ]
    for order in (rows, rows[::-1]):
        assert collect(*order).comparisons.select("topic", "turn").rows() == [("a", 1)]


def test_columns_of_several_files_come_together() -> None:
    one = row("p", "x", "y", columns={"topic": "a", "turn": 1})
    two = row("p", "x", "y", columns={"scenario": "s"})
    three = row("q", "x", "y", columns={"turn": "two", "judge": "me"})
    comparisons = collect(one, two, three).comparisons
    assert comparisons["topic"].to_list() == ["a", None]
    assert comparisons["scenario"].to_list() == ["s", None]
    assert comparisons["turn"].to_list() == ["1", "two"]
    assert comparisons["judge_"].to_list() == [None, "me"]


def test_spilled_texts_are_the_same_as_held_ones() -> None:
    rows = [row(f"prompt {i // 3}", f"answer {i}", f"reply {i}", columns={"n": i}) for i in range(500)]
    held, spilled = collect(*rows), collect(*rows, spill_bytes=1000)
    assert spilled.spill is not None
    assert held.comparisons.equals(spilled.comparisons)
    assert held.preferences.equals(spilled.preferences)
    for rows_at_a_time in (7, 1000):
        for dataset in (held, spilled):
            batches = pl.concat(dataset.text_batches(rows_at_a_time))
            assert batches["index"].to_list() == list(range(1000))
            assert batches["text"][998] == "answer 499"
            assert batches["prompt"][998] == "prompt 166"


@pytest.mark.parametrize("text", ["a\ud800b", "\x00", "\u202e", "<script>", ""])
def test_strange_text_goes_through(text: str) -> None:
    collector = Collector()
    collector.add(row("before", "x", "y"))
    collector.close_source("e", "columns")
    collector.add(row(text, text, "y"))
    collector.close_source("f", "columns", bad_rows=2)
    dataset = collector.finish()
    assert dataset.responses.collect()["text"][2] == text.replace("\ud800", "\ufffd")
    assert [source.repaired for source in dataset.sources] == [0, 2 if "\ud800" in text else 0]
    assert [source.bad_rows for source in dataset.sources] == [0, 2]
    assert [source.rows for source in dataset.sources] == [1, 1]


def test_nothing_collected_is_an_empty_dataset() -> None:
    dataset = collect()
    assert dataset.judges == ()
    assert list(dataset.text_batches(10)) == []
