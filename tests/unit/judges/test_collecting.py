"""What judging takes and what came of it: plans, prices, tallies, and new verdicts behind the old ones."""

import pytest

from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.errors import CallError, SettingError
from prefactor.judges.base import Asking
from prefactor.judges.collecting import Tally, add_verdicts, collect, plan_of, price_of, tally
from prefactor.judges.judging import Questions, comparison_texts, make_bench, pose
from prefactor.llm.records import Request
from prefactor.llm.scripted import ScriptedProvider


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
        raise CallError("timeout", "too slow", retryable=True)
    return {"r": "[[A]]", "t": "[[tie]]", "u": "perhaps"}.get(first, "[[A]]" if "?\n" in text else "")


def test_a_plan_counts_equal_calls_once() -> None:
    questions = questions_of(dataset_of("ry"), repeat=2)
    plan = plan_of(questions)
    # The second comparison has two equal answers, so that both orders are one call.
    assert (plan.comparisons, plan.calls, plan.output_tokens) == (2, 6, 6 * 600)
    size = sum(sum(len(message.content) for message in request.messages) for request in set(questions.requests))
    assert plan.input_tokens == -(-size // 4)
    assert plan.price((1.0, 2.0)) == pytest.approx((plan.input_tokens + 7200) / 1e6)


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "a,b", "-1,2", "1,inf", "nan,1"])
def test_a_price_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="price"):
        price_of(text)


def test_everything_that_was_asked_is_counted_once() -> None:
    dataset = dataset_of("rtun")
    judged = collect(questions_of(dataset), ScriptedProvider(says))
    assert (judged.calls, judged.cached, judged.failures) == (8, 0, (("timeout", 2),))
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
