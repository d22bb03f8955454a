"""The face asks what the command line asks: same results, scores measured where none are given, data frames."""

import numpy as np
import polars as pl
import pytest

import prefactor as pf
from prefactor.checks import CHECKS
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Return answers of 1 to 40 words by two models and a baseline, and two judges of which one likes words."""
    random = np.random.default_rng(0)
    collector = Collector()
    for number in range(120):
        counts = random.integers(1, 41, 2)
        likes = float(counts[0] > counts[1]) if random.random() < 0.9 else 0.5
        verdicts = [Verdict("words", likes), Verdict("coin", float(random.random() < 0.5))]
        first, second = (f"{number} {side} " + "word " * int(count) for side, count in zip("ab", counts, strict=True))
        row = Row(number, f"prompt {number}", first, second, verdicts, columns={"half": number % 2})
        row.model_a, row.model_b = ("small", "large")[number % 2], "base"
        collector.add(row)
    return collector.finish()


def test_align_measures_what_it_is_not_given_and_makes_a_table(dataset: Dataset) -> None:
    few = pf.AlignmentSettings(bootstraps=100)
    alignment = pf.align(dataset, by="half", settings=few)
    told = pf.align(dataset, pf.measure(dataset), judges=["coin", "words"], by=["half"], settings=few)
    assert pf.render_results("align", alignment, settings={}) == pf.render_results("align", told, settings={})
    table = pf.alignment_table(alignment)
    assert len(table) == len(alignment.factors)
    row = table.filter(pl.col("factor") == "words").row(0, named=True)
    difference = next(each for each in alignment.pairs[0].differences if each.factor == "words")
    assert (row["first"], row["second"], row["verdict"]) == ("coin", "words", "leans less to it")
    assert (row["difference"], row["difference_low"]) == (difference.difference.value, difference.difference.low)


def test_control_measures_what_is_held_and_makes_a_table(dataset: Dataset) -> None:
    controls = pf.control(dataset, settings=pf.ControlSettings(hold=("words",)))
    assert [control.judge for control in controls] == ["coin", "words"]
    table = pf.standings_table(controls)
    assert len(table) == 6
    first = controls[0].standings[0]
    assert table.row(0, named=True)["win_rate_high"] == first.win_rate.high
    assert table["baseline"].unique().to_list() == ["base"]


def test_check_stops_at_what_is_named(dataset: Dataset) -> None:
    explanation = pf.explain(dataset, pf.measure(dataset, "lexical:words"), fitting=pf.Fitting(bootstraps=100))
    free = pf.check(explanation)
    assert free.passed
    assert free.checks == explanation.checks
    strict = pf.check(explanation, pf.Gate(("any",), fail_on_underpowered=True))
    assert not strict.passed
    assert {each.outcome for each in strict.failed_by} <= {"warn", "fail", "underpowered", "not measured"}
    assert strict.gate.codes == tuple(CHECKS)
    assert [(tally.judge, tally.named + tally.harmless + tally.unknown) for tally in strict.factors] == [
        ("words", 1),
        ("coin", 1),
    ]
    with pytest.raises(LookupError, match="unknown check 'PF12'"):
        pf.Gate(("PF12",))
    with pytest.raises(ValueError, match="--fail-on any"):
        pf.Gate(fail_on_underpowered=True)


def test_plan_and_validate_are_on_the_face(dataset: Dataset) -> None:
    design = pf.StudyDesign(per_prompt=2)
    assert pf.plan(design, effect=0.2).needs[0].comparisons == 2 * pf.plan(design, effect=0.2).needs[0].prompts
    (validation,) = pf.validate(
        dataset,
        pf.measure(dataset, "lexical:words"),
        judges=["words"],
        trials=pf.Trials(simulations=20, weights=(1.5,)),
    )
    assert validation.planted_on == ("words",)


def test_results_of_python_are_those_of_the_command_line(dataset: Dataset) -> None:
    content = pf.render_results("plan", pf.plan(), settings={"effect": 0.1})
    assert content.startswith(b'{\n  "schema_version": "1.0"')
