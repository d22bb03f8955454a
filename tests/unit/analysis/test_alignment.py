"""Two judges of known taste: what they share is found alike, where they part is named, and noise is not."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from prefactor.analysis.alignment import Alignment, AlignmentSettings, align_judges
from prefactor.analysis.measurement import Scores
from prefactor.cli.likeness import print_alignment
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.factors.base import Factor
from prefactor.report.command_file import fields_of, render_results
from prefactor.stats.agreement import cohen_kappa
from prefactor.study import measure, read

SETTINGS = AlignmentSettings(bootstraps=300)
FACTORS = tuple(Factor(name, name, f"answer with more {name}", "", "", "group") for name in "abcdefgh")


def judges_of(tastes: Sequence[Sequence[float]], *, rows: int, per_prompt: int = 1, seed: int = 0) -> list[Row]:
    """Rows whose responses spell their scores, judged by logistic judges of the tastes given, in four scenarios."""
    random = np.random.default_rng(seed)
    scores = random.integers(0, 3, (rows, 2, len(FACTORS)))
    signs = np.sign(scores[:, 0] - scores[:, 1])
    odds = signs @ np.array(tastes, dtype=np.float64).T
    chosen = random.random(odds.shape) < 1 / (1 + np.exp(-odds))
    return [
        Row(
            number,
            f"prompt {number // per_prompt}",
            f"{number} a {''.join(map(str, scores[number, 0]))}",
            f"{number} b {''.join(map(str, scores[number, 1]))}",
            [Verdict(f"judge {judge}", float(won)) for judge, won in enumerate(chosen[number].tolist())],
            columns={"scenario": f"s{number // per_prompt % 4}"},
        )
        for number in range(rows)
    ]


def dataset_of(rows: Sequence[Row]) -> Dataset:
    collector = Collector()
    for row in rows:
        collector.add(row)
    return collector.finish()


def spelled(dataset: Dataset) -> Scores:
    """Return the scores that the responses spell."""
    texts = dataset.responses.collect().sort("index")["text"].to_list()
    values = np.array([[float(digit) for digit in text.rpartition(" ")[2]] for text in texts])
    columns = {factor.name: pl.Series(values[:, column]) for column, factor in enumerate(FACTORS)}
    return Scores(FACTORS, ("spelled",), pl.DataFrame(columns))


def aligned(rows: Sequence[Row], *, by: Sequence[str] = (), against: str | None = None) -> Alignment:
    dataset = dataset_of(rows)
    return align_judges(dataset, spelled(dataset), by=by, against=against, settings=SETTINGS)


TASTE = [1.2, -0.9, 0.6, 0.3, 0.0, 0.0, -0.4, 0.0]
OTHER = [1.2, -0.9, 0.6, -0.5, 0.0, 0.0, -0.4, 0.0]
UNLIKE = [-1.2, 0.9, -0.6, 0.3, 0.0, 0.0, 0.4, 0.3]


def test_the_factor_on_which_two_judges_part_is_named() -> None:
    (pair,) = aligned(judges_of([TASTE, OTHER], rows=1500)).pairs
    told = [each for each in pair.differences if each.verdict.startswith("leans")]
    assert [each.factor for each in told] == ["d"]
    (one,) = told
    assert one.sentence.startswith("judge 0 leans more to the answer with more d than judge 1: tau14 0.")
    assert one.difference.value == pytest.approx(one.tau14_first.value - one.tau14_second.value)
    assert one.difference.low > 0.1
    assert one.q_value < 0.001
    assert one.probability > 0.95
    assert all(each.probability < 0.5 for each in pair.differences if each.factor != "d")
    assert pair.tau14.pearson.value == pytest.approx(0.87, abs=0.08)
    assert pair.weights.pearson.low < pair.weights.pearson.value < pair.weights.pearson.high


def test_turning_the_judges_round_turns_every_difference_round() -> None:
    rows = judges_of([TASTE, OTHER], rows=300)
    dataset = dataset_of(rows)
    scores = spelled(dataset)
    (ours,) = align_judges(dataset, scores, judges=["judge 0", "judge 1"], settings=SETTINGS).pairs
    (theirs,) = align_judges(dataset, scores, judges=["judge 1", "judge 0"], settings=SETTINGS).pairs
    for one, two in zip(ours.differences, theirs.differences, strict=True):
        assert one.difference.value == -two.difference.value
        assert one.p_value == two.p_value
        assert (one.only_first, one.only_second) == (two.only_second, two.only_first)
    assert ours.agreement == theirs.agreement
    assert ours.kappa.value == pytest.approx(theirs.kappa.value)
    assert ours.tau14.kendall_tau_b == theirs.tau14.kendall_tau_b


def test_the_order_of_rows_changes_no_bit() -> None:
    rows = judges_of([TASTE, OTHER, TASTE], rows=240, per_prompt=3)
    shuffled = [rows[each] for each in np.random.default_rng(1).permutation(len(rows))]
    ours, theirs = (fields_of(aligned(each), without=["sources"]) for each in (rows, shuffled))
    assert render_results("align", ours, settings={}) == render_results("align", theirs, settings={})


def test_the_same_judge_twice_differs_nowhere_and_says_how_sure_that_is() -> None:
    rows = judges_of([TASTE], rows=400)
    for row in rows:
        row.verdicts.append(Verdict("copy", row.verdicts[0].preference))
    (pair,) = aligned(rows).pairs
    assert (pair.agreement.value, pair.kappa.value, pair.alpha.value) == (1.0, 1.0, 1.0)
    assert [pair.tau14.pearson.value, pair.tau14.corrected.value] == pytest.approx([1.0, 1.0])
    for each in pair.differences:
        assert each.verdict == "alike"
        assert (each.difference.value, each.p_value) == (0.0, 1.0)
        assert each.difference.high == pytest.approx(2 * (1 - 0.05 ** (1 / 400)), rel=1e-6)
        assert each.probability < 0.05


def test_kappa_is_taken_where_both_are_strict() -> None:
    rows = judges_of([TASTE, OTHER], rows=200)
    for row in rows[:50]:
        row.verdicts[0] = Verdict("judge 0", 0.5)
    (pair,) = aligned(rows).pairs
    assert (pair.comparisons, pair.strict) == (200, 150)
    first, second = np.array([[verdict.preference for verdict in row.verdicts] for row in rows[50:]], dtype=float).T
    assert pair.kappa.value == pytest.approx(cohen_kappa(first, second))


def test_nothing_is_claimed_of_a_handful_and_judges_apart_are_named() -> None:
    rows = judges_of([TASTE, OTHER], rows=12)
    lonely = judges_of([TASTE], rows=5, seed=9)
    for row in lonely:
        row.verdicts[0] = Verdict("lonely", 1.0)
        row.prompt = f"other {row.row}"
    found = aligned([*rows, *lonely])
    (pair,) = found.pairs
    assert pair.differences == ()
    assert pair.reason.startswith("fewer than 20 comparisons")
    assert isnan(pair.tau14.pearson.value)
    assert found.apart == (("judge 0", "lonely"), ("judge 1", "lonely"))


def test_one_judge_cannot_be_aligned() -> None:
    dataset = dataset_of(judges_of([TASTE], rows=30))
    with pytest.raises(ArithmeticError, match="takes two judges"):
        align_judges(dataset, spelled(dataset))
    with pytest.raises(LookupError, match="did you mean 'judge 0'"):
        align_judges(dataset, spelled(dataset), judges=["judge0"])


def test_two_judges_of_one_taste_are_said_to_differ_no_more_often_than_stated() -> None:
    named, covered, corrected, observed = 0, 0, [], []
    times = 24
    for seed in range(times):
        (pair,) = aligned(judges_of([TASTE, TASTE], rows=200, seed=seed)).pairs
        named += any(each.verdict.startswith("leans") for each in pair.differences)
        covered += sum(each.difference.low <= 0 <= each.difference.high for each in pair.differences)
        corrected.append(pair.tau14.corrected.value)
        observed.append(pair.tau14.pearson.value)
    # At most 5 % of 24 pairs are expected to name a factor: 5 is 3.5 standard errors above.
    assert named <= 5
    assert 0.84 <= covered / (times * len(FACTORS)) <= 0.96
    # The profiles are equal, so that without noise they correlate 1; the corrected values are cut there.
    assert np.mean(observed) < 0.93
    assert np.nanmean(corrected) > 0.95


def test_what_is_printed_names_judges_factors_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    print_alignment(aligned(judges_of([TASTE, OTHER, TASTE], rows=1500)))
    printed = capsys.readouterr().out
    assert "judge 0 leans more to the answer with more d than judge 1: tau14" in printed
    assert "all 3 judges: Krippendorff's alpha" in printed


def test_judges_of_one_taste_stand_together_in_the_tree_and_its_matrices() -> None:
    found = aligned(judges_of([TASTE, UNLIKE, TASTE, UNLIKE], rows=800))
    assert {merge.judges for merge in found.tree.merges[:2]} == {("judge 0", "judge 2"), ("judge 1", "judge 3")}
    assert all(merge.stability > 0.95 for merge in found.tree.merges)
    assert sorted(found.tree.order) == sorted(found.judges)
    measures = {each.measure: each for each in found.similarity}
    weights = measures["Pearson of weights"]
    assert weights.judges == found.tree.order
    known = {(pair.first, pair.second): pair for pair in found.pairs}
    one, two = sorted(weights.judges[:2])
    assert weights.values[0][1] == weights.values[1][0] == known[one, two].weights.pearson
    assert measures["tau_b of tau14"].values[0][1] == known[one, two].tau14.kendall_tau_b
    assert measures["agreement"].values[0][0].value == 1.0


def test_two_judges_make_no_tree() -> None:
    found = aligned(judges_of([TASTE, OTHER], rows=60))
    assert found.tree.merges == ()
    assert found.tree.reason.startswith("a tree takes three judges")


def test_a_judge_that_shares_too_little_is_left_out_of_the_tree_by_name() -> None:
    rows = judges_of([TASTE, OTHER, TASTE], rows=200)
    for row in rows[:15]:
        row.verdicts.append(Verdict("rare", 1.0))
    found = aligned(rows)
    assert found.tree.left_out == ("rare",)
    assert found.similarity[0].judges[-1] == "rare"
    assert isnan(found.similarity[1].values[-1][0].value)


def test_profiles_are_compared_slice_by_slice() -> None:
    rows = judges_of([TASTE, UNLIKE], rows=800)
    for number, row in enumerate(rows[:15]):
        row.columns["scenario"] = "tiny" if number < 12 else None
    (pair,) = aligned(rows, by=["scenario"]).pairs
    (sliced,) = pair.by
    assert sliced.column == "scenario"
    told = {part.slice.removeprefix("scenario="): part for part in sliced.slices}
    assert sorted(told) == ["(none)", "s0", "s1", "s2", "s3", "tiny"]
    assert told["tiny"].reason.startswith("fewer than 20 comparisons")
    assert isnan(told["tiny"].weights.value)
    assert not isnan(told["tiny"].agreement.value)
    large = [part for part in sliced.slices if not part.reason]
    assert sliced.weights.slices == sliced.tau14.slices == len(large) == 4
    for averaged, name in ((sliced.tau14, "tau14"), (sliced.weights, "weights")):
        values = [getattr(part, name).value for part in large]
        assert averaged.pearson.value == pytest.approx(np.mean(values))
        assert averaged.pearson.low < averaged.pearson.value < averaged.pearson.high
        widths = [getattr(part, name).high - getattr(part, name).low for part in large]
        assert averaged.pearson.high - averaged.pearson.low < min(widths)
    assert sliced.weights.corrected.value < sliced.weights.pearson.value < 0


def test_a_slice_holds_what_its_rows_alone_say() -> None:
    rows = judges_of([TASTE, OTHER], rows=400)
    (pair,) = aligned(rows, by=["scenario"]).pairs
    first = next(part for part in pair.by[0].slices if part.slice == "scenario=s1")
    (alone,) = aligned([row for row in rows if row.columns["scenario"] == "s1"]).pairs
    assert first.agreement == alone.agreement
    assert first.strict == alone.strict
    assert first.weights.value == pytest.approx(alone.weights.pearson.value)
    assert first.tau14.value == pytest.approx(alone.tau14.pearson.value)


def test_people_come_last_so_that_a_difference_is_judge_minus_people() -> None:
    rows = judges_of([OTHER, TASTE], rows=1500)
    for row in rows:
        row.verdicts[0] = Verdict("a person", row.verdicts[0].preference, "human")
    (pair,) = aligned(rows).pairs
    assert (pair.first, pair.second) == ("judge 1", "a person")
    (named,) = [each for each in pair.differences if each.verdict == "leans more to it"]
    assert named.factor == "d"
    assert named.difference.value > 0


def test_one_judge_is_set_against_all_others() -> None:
    rows = judges_of([TASTE, OTHER, UNLIKE], rows=300)
    every_two = {(pair.first, pair.second): pair for pair in aligned(rows).pairs}
    found = aligned(rows, against="judge 2")
    assert [(pair.first, pair.second) for pair in found.pairs] == [("judge 0", "judge 2"), ("judge 1", "judge 2")]
    assert found.similarity == ()
    assert found.tree.merges == ()
    for pair in found.pairs:
        assert pair.differences == every_two[pair.first, pair.second].differences
    with pytest.raises(LookupError, match="did you mean 'judge 2'"):
        aligned(rows, against="judge2")


def test_how_many_of_the_named_are_expected_to_matter_is_the_sum_of_doubts() -> None:
    (pair,) = aligned(judges_of([TASTE, OTHER], rows=1500)).pairs
    named = [each for each in pair.differences if each.verdict.startswith("leans")]
    assert pair.discoveries.named == len(named) > 0
    assert pair.discoveries.expected_within == pytest.approx(sum(1 - each.probability for each in named))
    assert "d" in pair.discoveries.beyond
    beyond = [each.probability for each in pair.differences if each.factor in pair.discoveries.beyond]
    assert pair.discoveries.expected_false == pytest.approx(sum(1 - probability for probability in beyond))
    assert pair.discoveries.expected_false <= 0.05 * len(beyond)


def test_what_is_printed_of_slices_a_reference_and_many_judges(capsys: pytest.CaptureFixture[str]) -> None:
    rows = judges_of([TASTE, OTHER, UNLIKE, TASTE, OTHER], rows=300)
    rows[0].columns["scenario"] = "tiny"
    print_alignment(aligned(rows, by=["scenario"]))
    printed = capsys.readouterr().out
    assert "in each matrix: values below the diagonal" in printed
    assert "% of resamples" in printed
    assert "left out, fewer than 20 comparisons on which both are strict: tiny" in printed
    assert "4 of 5" in printed
    print_alignment(aligned(rows, against="judge 1"))
    printed = capsys.readouterr().out
    assert "judge minus judge 1, factor by factor (difference of tau14)" in printed
    assert "* named as different, false discoveries at 5 % within a judge" in printed
    print_alignment(aligned(judges_of([TASTE, OTHER], rows=300), by=["scenario"]))
    assert "scenario   both strict   agree on" in capsys.readouterr().out


@pytest.mark.real_data
def test_annotators_of_alpaca_eval_agree_and_their_profiles_are_alike(real_data: Path) -> None:
    folder = real_data / "alpaca_eval"
    kinds = ("weighted_alpaca_eval_gpt4_turbo", "alpaca_eval_cot_gpt4_turbo_fn", "alpaca_eval_gpt4_turbo_fn")
    dataset = read([str(folder / kind / "gpt-3.5-turbo-0301.json") for kind in kinds])
    found = align_judges(dataset, measure(dataset), settings=SETTINGS)
    assert [round(100 * pair.agreement.value) for pair in found.pairs] == [95, 92, 91]
    assert all(pair.tau14.pearson.value > 0.99 for pair in found.pairs)
    assert {len(pair.differences) for pair in found.pairs} == {len(found.factors)}
    # The two that say one token each are alike; the weighted one stands apart.
    assert found.tree.merges[0].judges == ("alpaca_eval_cot_gpt4_turbo_fn", "alpaca_eval_gpt4_turbo_fn")
