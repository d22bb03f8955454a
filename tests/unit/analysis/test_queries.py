"""Columns of what prompts are: from readings, from rules where these are silent, and never over a column of the log."""

import pytest

from prefactor.analysis.queries import KIND_COLUMNS, classify_queries, with_query_columns
from prefactor.analysis.reference import load_published_profiles
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.factors.asked import QUERY_KINDS
from prefactor.factors.asked.query import QueryReading
from prefactor.study import explain, measure, preference_table

PROMPTS = ("Write a poem about rain in 20 words.", "How do I boil an egg?", "Write a poem about rain in 20 words.")


def dataset(**columns: str) -> Dataset:
    collector = Collector()
    for number, prompt in enumerate(PROMPTS):
        verdicts = [Verdict("human", 1.0 if number else 0.0)]
        collector.add(Row(number, prompt, f"one {number}", "two " * number + "b", verdicts, columns=dict(columns)))
    return collector.finish()


def test_columns_are_named_as_the_published_slices() -> None:
    assert tuple(KIND_COLUMNS) == QUERY_KINDS
    assert set(KIND_COLUMNS.values()) == set(load_published_profiles().query_kinds)


def test_rules_alone() -> None:
    found = classify_queries(dataset())
    assert found.comparisons["scenario"].to_list() == ["creative writing", "advice", "creative writing"]
    assert found.comparisons["query sets constraints"].to_list() == ["yes", "no", "yes"]
    assert found.comparisons["query is unclear"].to_list() == ["no"] * 3
    assert dict(found.made_columns) == dict.fromkeys(("scenario", *KIND_COLUMNS.values()), "by rules, 2 prompts")
    assert classify_queries(found).comparisons.equals(found.comparisons)
    assert {"scenario", "query holds mistakes"} <= {*found.columns}


def test_readings_come_first_and_what_they_lack_is_counted() -> None:
    readings = {1: QueryReading("daily tasks", feelings=True)}
    found = classify_queries(dataset(), readings, read_by="some-model")
    assert found.comparisons["scenario"].to_list() == ["creative writing", "daily tasks", "creative writing"]
    assert found.comparisons["query shows feelings"].to_list() == ["no", "yes", "no"]
    made = dict(found.made_columns)
    assert made["scenario"] == "by some-model, 2 prompts, 1 of them by rules"
    assert made["query is unclear"] == "by some-model, 2 prompts, 1 of them by rules"
    both = classify_queries(dataset(), dict.fromkeys((0, 1), readings[1]), read_by="some-model")
    assert dict(both.made_columns)["scenario"] == "by some-model, 2 prompts, 0 of them by rules"


def test_a_column_of_the_log_stays() -> None:
    found = classify_queries(dataset(scenario="support"))
    assert found.comparisons["scenario"].to_list() == ["support"] * 3
    assert found.comparisons["query scenario"].to_list()[1] == "advice"
    assert "scenario" not in dict(found.made_columns)


@pytest.mark.parametrize("by", [(), ("model_a",)])
def test_nothing_is_added_unasked(by: tuple[str, ...]) -> None:
    log = dataset()
    assert with_query_columns(log, by) is log
    own = dataset(scenario="support")
    assert with_query_columns(own, ("scenario",)) is own


def test_an_explanation_says_where_its_slices_come_from() -> None:
    explanation = explain(dataset(), by=["scenario", "query sets constraints"])
    assert explanation.settings.made_columns == (
        ("scenario", "by rules, 2 prompts"),
        ("query sets constraints", "by rules, 2 prompts"),
    )
    assert {"scenario=advice", "query sets constraints=yes"} <= {profile.slice for profile in explanation.profiles}


def test_the_table_of_preferences_has_them() -> None:
    log = with_query_columns(dataset(), ["scenario"])
    table = preference_table(log, measure(log, "lexical:words"))
    assert table["scenario"].to_list() == ["creative writing", "advice", "creative writing"]
