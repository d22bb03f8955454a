"""People, a model when it judges and when it writes, simulated with planted profiles: roles, tables, what is named."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from prefactor.analysis.alignment import (
    AlignmentSettings,
    GapTable,
    Roles,
    align_gap,
    find_roles,
    may_have_gap,
)
from prefactor.analysis.measurement import measure_responses
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import JudgeKind, Row, Verdict
from prefactor.errors import FitError, UnknownNameError
from prefactor.factors import load_measurers

REPOSITORY = Path(__file__).resolve().parents[3]
SETTINGS = AlignmentSettings(bootstraps=200)


def dataset_of(*rows: tuple[str, str, str, list[Verdict]]) -> Dataset:
    collector = Collector()
    for number, (prompt, a, b, verdicts) in enumerate(rows):
        collector.add(Row(number, prompt, a, b, verdicts, columns={"topic": "tea" if number % 2 else "rain"}))
    return collector.finish()


def judges(*names: tuple[str, JudgeKind]) -> Dataset:
    return dataset_of(("Why?", "a", "b", [Verdict(name, 1.0, kind=kind) for name, kind in names]))


def test_roles_are_found_by_name_and_kind() -> None:
    data = judges(("people", "human"), ("M pairwise", "llm"), ("N pairwise", "llm"), ("M when generating", "llm"))
    assert find_roles(data) == Roles("people", "M pairwise", "M when generating")
    assert find_roles(data, evaluates="N pairwise").evaluates == "N pairwise"
    assert may_have_gap(data)


def test_without_one_that_writes_two_are_compared() -> None:
    data = judges(("people", "human"), ("gpt-4", "llm"))
    assert find_roles(data) == Roles("people", "gpt-4", "")
    assert not may_have_gap(data)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([("M", "llm"), ("M when generating", "llm")], "--human NAME"),
        ([("a", "human"), ("b", "human"), ("M", "llm"), ("M when generating", "llm")], "--human NAME"),
        ([("a", "human"), ("M x", "llm"), ("M y", "llm"), ("M when generating", "llm")], "--evaluates NAME"),
        (
            [("a", "human"), ("M", "llm"), ("M when generating", "llm"), ("N when generating", "llm")],
            "--generates NAME",
        ),
    ],
)
def test_who_could_be_several_must_be_named(names: list[tuple[str, JudgeKind]], message: str) -> None:
    with pytest.raises(FitError, match=message):
        find_roles(judges(*names))
    assert not may_have_gap(judges(*names))


def test_an_unknown_judge_is_named() -> None:
    with pytest.raises(UnknownNameError, match="known: M, people"):
        find_roles(judges(("people", "human"), ("M", "llm")), generates="N")


def planted(pairs: int = 400, prompts: int = 80, push: float = 1.5, seed: int = 3) -> GapTable:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(REPOSITORY / "benchmarks"))
        design = import_module("designs.gap")  # the same simulation that the benchmark runs
    found = design.draw_table(np.random.default_rng(seed), design.Writer(pairs, prompts, push=push), SETTINGS)
    assert isinstance(found, GapTable)
    return found


def test_the_pushed_factors_make_the_gap_and_the_parts_sum_to_it() -> None:
    table = planted()
    assert {each.factor for each in table.named} == {"factor 0", "factor 1"}
    assert table.gap.gap.excludes(0)
    assert sum(each.contribution.value for each in table.factors) == pytest.approx(table.gap.gap.value, abs=1e-9)
    pushed = next(each for each in table.factors if each.factor == "factor 0")
    assert pushed.generates is not None
    assert pushed.difference.value == pytest.approx(pushed.evaluates.tau14.value - pushed.generates.tau14.value)
    assert pushed.generates.rank.value == 1
    assert "writing leans more to the factor 0" in pushed.sentence
    assert any("gap is" in sentence and "judges more like people" in sentence for sentence in table.sentences)


def test_nothing_is_named_where_writing_is_as_judging() -> None:
    named = [len(planted(push=0.0, seed=seed).named) for seed in range(10)]
    assert sum(named) <= 1


def test_agreement_is_told_where_comparisons_are_shared_and_else_why_not() -> None:
    human, evaluates, generates = planted().profiles
    assert human.alignment is None
    assert 0.5 < evaluates.agreement.value < 1
    assert np.isnan(generates.agreement.value)
    assert "no comparison" in generates.reason


def logged(*, generating: bool = True, turned: bool = False) -> Dataset:
    """Comparisons of texts whose words say how they fare, read in one order or the other."""
    random = np.random.default_rng(4)
    rows = []
    for number in range(120):
        a, b = (" ".join(["tea"] * int(random.integers(1, 30))) + "! " * int(random.integers(0, 3)) for _ in range(2))
        longer = float(len(a) > len(b))
        said = [Verdict("people", longer if random.random() < 0.8 else 1 - longer, kind="human")]
        said.append(Verdict("M", longer if random.random() < 0.7 else 1 - longer, kind="llm"))
        rows.append((f"Question {number}?", a, b, said))
        if generating:
            verdict = Verdict("M when generating", float(a.count("!") > b.count("!")), kind="llm")
            rows.append((f"Written {number // 2}?", a, b + ".", [verdict]))
    return dataset_of(*(rows[::-1] if turned else rows))


def tables(dataset: Dataset, **changes: object) -> tuple[GapTable, ...]:
    scores = measure_responses(dataset, load_measurers(["lexical:words,characters,exclamations,sentences,repetition"]))
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    return align_gap(dataset, scores, roles=find_roles(dataset), by=["topic"], settings=settings).tables


def test_the_order_of_rows_does_not_matter() -> None:
    one, other = tables(logged())[0], tables(logged(turned=True))[0]
    assert repr(one) == repr(other)


def test_every_slice_has_a_table() -> None:
    assert sorted(table.slice for table in tables(logged())) == ["all", "topic=rain", "topic=tea"]


def test_without_writing_there_is_a_table_and_no_gap() -> None:
    table = tables(logged(generating=False))[0]
    assert len(table.profiles) == 2
    assert table.factors
    assert all(each.generates is None and np.isnan(each.contribution.value) for each in table.factors)
    assert "prefactor elicit" in table.gap.reason


def test_too_few_comparisons_are_told() -> None:
    data = judges(("people", "human"), ("M", "llm"), ("M when generating", "llm"))
    table = tables(data)[0]
    assert "fewer than 20 strict preferences of people, M, M when generating" in table.reason
    assert not table.factors
