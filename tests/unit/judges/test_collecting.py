"""What came of judging: prices, tallies, what was paid, and new verdicts behind the old ones."""

from pathlib import Path

import pytest

from prefactor.asking.calls import AskOptions, Price, price_of
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import CallError, SettingError
from prefactor.judges.base import Asking
from prefactor.judges.collecting import Tally, add_verdicts, collect, tally
from prefactor.judges.judging import Questions, comparison_texts, make_bench, pose
from prefactor.llm.records import Request
from prefactor.llm.scripted import ScriptedProvider
from prefactor.runtime.budget import Budget
from prefactor.runtime.calls import CallOptions


def dataset_of(answers: str) -> Dataset:
    collector = Collector()
    for number, answer in enumerate(answers):
        collector.add(Row(number, f"Question {number}?", answer, "y", [Verdict("ann", 1.0, "human")]))
    return collector.finish()


def questions_of(dataset: Dataset, **asking: int) -> Questions:
    return pose(comparison_texts(dataset), make_bench("pairwise", ["m"], asking=Asking("", **asking)))  # type: ignore[arg-type]


def says(request: Request) -> str:
    text = request.messages[-1].content
    first = text.partition("----- answer A begins")[2].partition("\n")[2][0]
    if "n" in {first, text.partition("----- answer B begins")[2].partition("\n")[2][0]}:
        raise CallError("timeout", "too slow", retryable=False)
    return {"r": "[[A]]", "t": "[[tie]]", "u": "perhaps"}.get(first, "[[A]]" if "?\n" in text else "")


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "a,b", "-1,2", "1,inf", "nan,1"])
def test_a_price_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="price"):
        price_of(text)


def test_everything_that_was_asked_is_counted_once() -> None:
    dataset = dataset_of("rtun")
    judged = collect(questions_of(dataset), ScriptedProvider(says))
    assert (judged.calls, judged.cached, judged.failures) == (8, 0, (("timeout", 2),))
    assert judged.tokens > 6 * 200
    (found,) = tally(judged)
    assert found == Tally("m pairwise", 8, 1, 1, 3, (("missing", 2), ("unreadable", 1)), 2, 1)
    assert found.verdicts == found.for_a + found.tied + found.for_b + found.unreadable + found.missing
    assert (found.unreadable, found.missing) == (1, 2)


def test_new_verdicts_stand_behind_those_there_were() -> None:
    dataset = dataset_of("rtun")
    joined = add_verdicts(dataset, collect(questions_of(dataset), ScriptedProvider(says)))
    assert joined.judges == ("ann", "m pairwise")
    new = joined.preferences[4:]
    assert new["comparison"].to_list() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert new["problem"].to_list() == ["", "", "", "", "unreadable: perhaps", "", "missing", "missing"]
    assert new["order"].to_list() == ["ab", "ba"] * 4
    assert joined.preferences[:4].equals(dataset.preferences)


def test_the_provider_is_asked_every_call_once() -> None:
    provider = ScriptedProvider(says)
    collect(questions_of(dataset_of("rry")), provider)
    assert set(provider.calls.values()) == {1}


def test_what_was_paid_for_is_not_asked_again_and_the_table_is_the_same(tmp_path: Path) -> None:
    questions, options = (
        questions_of(dataset_of("rtu")),
        AskOptions(cache=tmp_path / "replies.sqlite", price=Price(1, 1)),
    )
    asked = [ScriptedProvider(says, name="one") for _ in range(2)]
    first, second = (collect(questions, provider, options=options) for provider in asked)
    assert [sum(provider.calls.values()) for provider in asked] == [6, 0]
    assert first.verdicts == second.verdicts
    assert (first.cached, second.cached) == (0, 6)
    assert first.price == pytest.approx(first.tokens / 1e6)
    assert (second.tokens, second.price) == (0, 0.0)


def test_a_budget_that_is_spent_leaves_the_rest_missing_and_says_why() -> None:
    options = AskOptions(calls=CallOptions(budget=Budget(calls=2)))
    judged = collect(questions_of(dataset_of("rrr")), ScriptedProvider(says), options=options)
    ((reason, number),) = judged.failures
    assert number == 4
    assert "budget" in reason
    assert sum(one.preference is not None for opinions in judged.verdicts for one in opinions) == 2
