"""Two scores make a preference, turned round with the answers; what is no score is said so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefactor.data.records import Message as Said
from prefactor.errors import CallError
from prefactor.judges.asking import ask_all
from prefactor.judges.reward import RULES, reward_of, reward_preference, reward_request
from prefactor.llm.records import Message, Reply, Request
from prefactor.llm.scripted import ScriptedProvider

SCORES = st.floats(-1e6, 1e6)


@given(SCORES, SCORES, st.sampled_from(RULES))
def test_swapping_the_answers_turns_the_preference(a: float, b: float, rule: str) -> None:
    there, back = (reward_preference(*pair, rule=rule) for pair in ((a, b), (b, a)))  # type: ignore[arg-type]
    assert there + back == 1.0
    assert (there > 0.5) <= (a > b)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        reward_preference(float("nan"), 1.0)


@pytest.mark.parametrize("text", ["", "A", "nan", "inf", "1.0 2.0"])
def test_what_is_no_score_is_unreadable(text: str) -> None:
    with pytest.raises(CallError, match="expected a score"):
        reward_of(Reply(text))


def test_everything_that_led_to_the_answer_is_shown() -> None:
    before = (Said("user", "Hi."), Said("assistant", "Hello."), Said("tool", "7"))
    request = reward_request("rm", "ignored", response="So.", system="Be kind.", conversation=before)
    assert request.messages == (
        Message("system", "Be kind."),
        Message("user", "Hi."),
        Message("assistant", "Hello."),
        Message("user", "7"),
        Message("assistant", "So."),
    )


def test_an_answer_in_many_comparisons_is_scored_once() -> None:
    provider = ScriptedProvider(lambda request: str(len(request.messages[-1].content)))
    answers = ["one", "three", "one", "one"]
    asked = ask_all(provider, [reward_request("rm", "Why?", response=answer) for answer in answers])
    assert [reward_of(one.reply) for one in asked if one.reply] == [3.0, 5.0, 3.0, 3.0]
    assert sum(provider.calls.values()) == 2


def test_a_request_for_a_score_is_not_the_request_for_a_text() -> None:
    score = reward_request("rm", "Why?", response="So.")
    text = Request(score.model, score.messages, sampling=score.sampling)
    assert score.to_bytes() != text.to_bytes()
    assert b"wants" not in text.to_bytes()
