"""Slices and judges of a dataset are pooled where there are three, and what is said follows from the numbers."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import prefactor as pf
from prefactor.analysis.pooled import Pooling, pooled_weights
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import JudgeKind, Row, Verdict

FEW = pf.Fitting(bootstraps=100)
KINDS: dict[str, JudgeKind] = {"key": "label"}


def dataset_of(judges: tuple[str, ...], *, topics: int, rows: int = 240, order: int = 0) -> Dataset:
    """Answers of 1 to 40 words; every judge prefers the longer, but in the last topic the shorter."""
    random = np.random.default_rng(0)
    made = []
    for number in range(rows):
        long, short = int(random.integers(10, 41)), int(random.integers(1, 10))
        topic = number % topics
        a_long = bool(random.random() < 0.5)
        first, second = (f"{number} " + "word " * count for count in ((long, short) if a_long else (short, long)))
        likes_long = topic < topics - 1 or topics < 3
        verdicts = [
            Verdict(judge, float(a_long == (likes_long == (random.random() < 0.9))), KINDS.get(judge, "llm"))
            for judge in judges
        ]
        made.append(Row(number, f"prompt {number}", first, second, verdicts, columns={"topic": f"t{topic}"}))
    collector = Collector()
    for place in np.random.default_rng(order).permutation(rows) if order else range(rows):
        collector.add(made[int(place)])
    collector.close_source("made.jsonl", "columns")
    return collector.finish()


def explained(dataset: Dataset, *, seed: int = 0) -> pf.Explanation:
    """Explain by topic, with two factors: one that matters and one that never differs."""
    whole = pf.measure(dataset, workers=1)
    names = ("words", "tables")
    factors = tuple(factor for factor in whole.factors if factor.name in names)
    scores = pf.Scores(factors, whole.measured_by, whole.table.select("response_id", "prompt_id", *names))
    return pf.explain(dataset, scores, by="topic", fitting=replace(FEW, seed=seed))


@pytest.fixture(scope="module")
def three() -> pf.Explanation:
    return explained(dataset_of(("a", "b", "c", "key"), topics=4))


def of(explanation: pf.Explanation, judge: str) -> Pooling:
    return next(one for one in explanation.pooled if one.judge == judge)


def test_slices_of_every_judge_and_the_judges_are_pooled(three: pf.Explanation) -> None:
    assert [(one.between, one.judge, one.column) for one in three.pooled] == [
        *(("slices", judge, "topic") for judge in ("a", "b", "c", "key")),
        ("judges", "", ""),
    ]
    assert [group.name for group in three.pooled[-1].groups] == ["a", "b", "c"]
    assert {group.name for group in three.pooled[0].groups} == {f"topic=t{place}" for place in range(4)}
    assert all(one.fit.converged for one in three.pooled)


def test_fewer_than_three_are_not_pooled() -> None:
    explanation = explained(dataset_of(("a", "b"), topics=2))
    assert explanation.pooled == ()
    table = pf.profile_table(explanation)
    assert table["pooled_weight"].null_count() == len(table)


def test_a_taste_that_turns_with_the_topic_is_said_to(three: pf.Explanation) -> None:
    words = next(one for one in of(three, "a").factors if one.factor == "words")
    assert words.verdict == "not the same everywhere"
    assert "not the same in all 4 slices by topic" in words.sentence
    assert "with topic=t3 to" in words.sentence
    place = [group.name for group in of(three, "a").groups].index("topic=t3")
    assert words.groups[place].probability.high < 0.5
    assert all(one.probability.low > 0.5 for number, one in enumerate(words.groups) if number != place)


def test_a_factor_that_never_differs_is_not_identified(three: pf.Explanation) -> None:
    tables = next(one for one in of(three, "a").factors if one.factor == "tables")
    assert tables.verdict == "not identified"
    assert "never differs" in tables.sentence
    assert np.isnan(tables.common.mean)


def test_too_few_to_tell_is_said_where_it_is_so() -> None:
    explanation = explained(dataset_of(("a",), topics=3, rows=36))
    (pooling,) = explanation.pooled
    rare = next(one for one in pooling.factors if one.factor == "words")
    assert rare.verdict == "too few comparisons to tell"
    assert "too few comparisons to tell whether they differ" in rare.sentence


def test_the_table_of_profiles_holds_pooled_weights(three: pf.Explanation) -> None:
    table = pf.profile_table(three)
    pooled = pooled_weights(three.pooled)
    place = (pl.col("judge") == "b") & (pl.col("slice") == "topic=t1") & (pl.col("factor") == "words")
    row = table.row(by_predicate=place, named=True)
    known = pooled["b", "topic=t1", "words"]
    assert (row["pooled_weight"], row["own_share"]) == (known.weight.mean, known.own_share)
    assert row["pooled_low"] < row["pooled_weight"] < row["pooled_high"]
    assert table.filter(pl.col("slice") == "all")["pooled_weight"].is_null().all()


def test_order_of_rows_and_name_of_judge_change_nothing(three: pf.Explanation) -> None:
    again = explained(dataset_of(("a", "b", "c", "key"), topics=4, order=5))
    before, after = of(three, "a"), of(again, "a")
    assert before.factors == after.factors or repr(before.factors) == repr(after.factors)
    assert before.groups == after.groups
    assert repr(three.pooled[-1]) == repr(again.pooled[-1])


def test_another_seed_gives_other_draws_and_the_same_story(three: pf.Explanation) -> None:
    other = explained(dataset_of(("a", "b", "c", "key"), topics=4), seed=9)
    before, after = (next(one for one in of(found, "a").factors if one.factor == "words") for found in (three, other))
    assert before.common.mean != after.common.mean
    assert before.common.mean == pytest.approx(after.common.mean, abs=0.1)
