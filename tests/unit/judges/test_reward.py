"""Two scores make a preference, turned round with the answers; what is no score is said so."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefactor.asking.calls import Asked, ask_all
from prefactor.data.records import Message as Said
from prefactor.errors import CallError, InputFileError, SettingError
from prefactor.judges.base import Asking, Texts
from prefactor.judges.judging import make_bench, pose, verdicts_of
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


def test_a_reward_model_is_a_judge_whose_scores_are_kept() -> None:
    texts = Texts(0, "ab12", "Why?", "So.", "Because of it.")
    questions = pose([texts], make_bench("reward", ["rm"], asking=Asking("")))
    assert [request.messages[-1].content for request in questions.requests] == ["So.", "Because of it."]
    answers = [Asked(Reply("1.5")), Asked(Reply("0.5"))]
    (opinion,) = verdicts_of(questions, answers)[0]
    assert (opinion.judge, opinion.kind, opinion.order) == ("rm reward", "reward model", None)
    assert (opinion.score_a, opinion.score_b) == (1.5, 0.5)
    assert opinion.preference == pytest.approx(1 / (1 + math.exp(-1)))


def test_a_lacking_score_leaves_no_preference_and_says_whose_it_is() -> None:
    questions = pose([Texts(0, "ab12", "Why?", "So.", "No.")], make_bench("reward", ["rm"], asking=Asking("")))
    (opinion,) = verdicts_of(questions, [Asked(Reply("1.5")), Asked(Reply("many"))])[0]
    assert (opinion.preference, opinion.problem) == (None, "unreadable")
    assert opinion.said.startswith("answer B: ")


def test_orders_are_refused_for_a_reward_model() -> None:
    with pytest.raises(SettingError, match="orders"):
        make_bench("reward", ["rm"], asking=Asking("", orders="both"))


def test_a_rule_of_ones_own_is_read_and_a_wrong_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    head = 'name = "mine"\nversion = 1\nkind = "reward"\nabout = "Mine."\n'
    file.write_text(head + 'rule = "sign"\n', encoding="utf-8")
    questions = pose([Texts(0, "ab12", "Why?", "So.", "No.")], make_bench(str(file), ["rm"], asking=Asking("")))
    assert verdicts_of(questions, [Asked(Reply("1.5")), Asked(Reply("1.4"))])[0][0].preference == 1.0
    for wrong in ('rule = "softmax"\n', '[prompt]\nuser = "{prompt}"\n'):
        file.write_text(head + wrong, encoding="utf-8")
        with pytest.raises(InputFileError, match=r"rule|no prompt"):
            make_bench(str(file), ["rm"], asking=Asking(""))
