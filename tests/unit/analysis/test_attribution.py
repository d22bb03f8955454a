"""What moved a verdict: parts that sum to the log-odds, intervals, and groups that cannot be told apart."""

import numpy as np
import polars as pl
import pytest

import prefactor as pf
from prefactor.analysis.attribution import attribute, attributions_of
from prefactor.analysis.complete import as_floats
from prefactor.analysis.measurement import sign_features
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import SettingError, UnknownNameError

FEW = pf.Fitting(bootstraps=200)
FACTORS = "lexical:words,characters,questions,exclamations"
"""The last never differs."""


def dataset_of(rows: int = 400, *, seed: int = 0) -> Dataset:
    """A judge that likes length, whether of words or characters, and dislikes questions."""
    random = np.random.default_rng(seed)
    collector = Collector()
    for number in range(rows):
        lengths, asks = random.integers(3, 40, 2), random.integers(0, 2, 2)
        texts = [
            f"{number} " + "word " * int(length) + ("?" if ask else ".")
            for length, ask in zip(lengths, asks, strict=True)
        ]
        odds = 1.2 * np.sign(lengths[0] - lengths[1]) - 0.8 * (asks[0] - asks[1])
        verdict = Verdict("judge", float(random.random() < 1 / (1 + np.exp(-odds))))
        collector.add(Row(number, f"prompt {number // 2}", texts[0], texts[1], [verdict]))
    return collector.finish()


DATASET = dataset_of()
SCORES = pf.measure(DATASET, FACTORS)
EXPLANATION = pf.explain(DATASET, SCORES, fitting=FEW)
TABLE = pf.attribution_table(EXPLANATION, DATASET, scores=SCORES)


def test_parts_sum_to_the_log_odds() -> None:
    sums = (
        TABLE.filter(~TABLE["joint"])
        .group_by("comparison_id")
        .agg(total=pl.col("attribution").sum(), stated=pl.col("log_odds").first())
    )
    assert sums["total"].to_numpy() == pytest.approx(sums["stated"].to_numpy())


def test_a_group_that_cannot_be_told_apart_is_surer_than_its_members() -> None:
    (group,) = EXPLANATION.profiles[0].dependence.indistinguishable
    assert group.factors == ("words", "characters")
    assert group.probability.low > 0.6
    assert group.share.low > 0.3
    assert "words and characters cannot be told apart here: judge chooses" in group.sentence
    joint, word = (TABLE.filter(TABLE["factor"] == name) for name in ("words + characters", "words"))
    assert joint["joint"].all()
    assert not word["joint"].any()
    widths = [(one["high"] - one["low"]).median() for one in (joint, word)]
    assert isinstance(widths[0], float)
    assert isinstance(widths[1], float)
    assert widths[0] < 0.75 * widths[1]
    assert joint["clear"].all()


def test_the_chosen_comparisons_are_attributed() -> None:
    ids = DATASET.comparisons["comparison_id"].to_list()
    some = pf.attribution_table(EXPLANATION, DATASET, scores=SCORES, judges=["judge"], comparisons=ids[:3])
    assert set(some["comparison_id"]) == set(ids[:3])
    assert some.equals(TABLE.filter(TABLE["comparison_id"].is_in(ids[:3])))
    with pytest.raises(SettingError, match="comparisons"):
        pf.attribution_table(EXPLANATION, DATASET, scores=SCORES, comparisons=["nothing"])
    with pytest.raises(UnknownNameError, match="judge"):
        pf.attribution_table(EXPLANATION, DATASET, scores=SCORES, judges=["juge"])
    with pytest.raises(SettingError, match="scores"):
        pf.attribution_table(EXPLANATION, dataset_of(20), scores=SCORES)


def test_intervals_come_from_the_posterior() -> None:
    profile = EXPLANATION.profiles[0]
    signs = as_floats(sign_features(DATASET, SCORES))
    parts = attribute(signs, profile, interval=0.9)
    assert profile.covariance is not None
    weight, column = profile.effect("questions").weight, 2
    up, down = (signs[:, column] == sign for sign in (1, -1))
    assert parts.low[up, column] == pytest.approx(weight.low)
    assert parts.high[down, column] == pytest.approx(-weight.low)
    row = int(np.flatnonzero(np.abs(signs).sum(axis=1) > 2)[0])
    features = np.nan_to_num(signs[row])
    spread = 1.6449 * np.sqrt(features @ profile.covariance @ features)
    assert parts.spread[row] == pytest.approx(spread, rel=1e-4)
    found = attributions_of(parts, row)
    assert found[0].factors == ("words", "characters")
    assert sum(one.value.value for one in found) == pytest.approx(parts.log_odds[row])
    assert [abs(one.value.value) for one in found] == sorted((abs(one.value.value) for one in found), reverse=True)


def test_comparisons_to_read_carry_their_attributions() -> None:
    assert EXPLANATION.telling
    for one in EXPLANATION.telling:
        assert one.attributions
        total = sum(part for _, part in one.contributions)
        assert sum(part.value.value for part in one.attributions) == pytest.approx(total)


def test_shares_and_inflation_are_in_the_profile_table() -> None:
    table = pf.profile_table(EXPLANATION)
    assert table["share"].fill_nan(0).sum() == pytest.approx(1.0, abs=0.02)
    differing = table.filter(table["factor"] != "exclamations")
    assert (differing["share_low"] <= differing["share"]).all()
    assert (differing["share"] <= differing["share_high"]).all()
    assert table.filter(table["factor"] == "words")["vif"][0] > 5
    apportionment = EXPLANATION.profiles[0].apportionment
    assert [one.group for one in apportionment.groups] == ["length", "tone"]
    assert apportionment.groups[0].share.low > 0.5
    assert apportionment.explained.low > 0.05
    assert apportionment.chance > 0


def test_where_nothing_can_be_told_apart_none_is_mostly_the_other() -> None:
    effects = EXPLANATION.profiles[0].effects
    assert {effect.absorbed_by for effect in effects if effect.factor in ("words", "characters")} == {None}


def test_a_judge_without_a_usable_verdict_has_no_shares() -> None:
    collector = Collector()
    for number in range(30):
        verdicts = [Verdict("broken", None, problem="'?'"), Verdict("fine", float(number % 2))]
        collector.add(Row(number, f"prompt {number}", f"{number} x", "y", verdicts))
    explanation = pf.explain(collector.finish(), fitting=FEW)
    broken, fine = sorted(explanation.profiles, key=lambda profile: profile.judge)
    assert broken.apportionment.reason == "not estimated"
    assert broken.covariance is None
    assert "fewer than 5 comparisons to each" in fine.apportionment.reason
