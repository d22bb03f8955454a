"""Graders by rules: what each accepts, what it rejects, and where it says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefactor.data.question_set import Answer, Question
from prefactor.errors import SettingError, UnknownNameError
from prefactor.graders import GRADERS, grade_all, make_grader
from prefactor.graders.abstention import abstains
from prefactor.graders.choice import option_named
from prefactor.graders.values import dates_in, numbers_in
from prefactor.graders.wording import token_f1

AUSTEN = Question("q", "Who wrote Emma?", ("Jane Austen", "Austen"))
ROCK = Question("q", "What is it?", ("Rock-n-Roll",))
NUMBER = Question("q", "How many?", ("18 million", "eighteen million"))
DATE = Question("q", "When?", ("12 May 1999",))
OPTIONS = Question("q", "Who?", ("Austen",), ("Eliot", "Austen", "Gaskell"))


@pytest.mark.parametrize(
    ("grader", "question", "text", "right"),
    [
        ("exact", AUSTEN, "the Jane Austen.", True),
        ("exact", AUSTEN, "Jane Austen wrote it", False),
        ("exact", ROCK, "rock n roll", True),
        ("exact", ROCK, "rocknroll", True),
        ("contains", AUSTEN, "It was Austen, I think", True),
        ("contains", AUSTEN, "It was Austenite", False),
        ("contains", AUSTEN, "", False),
        ("f1", AUSTEN, "Jane A. Austen", True),
        ("f1:0.9", AUSTEN, "Jane B Austen", False),
        ("number", NUMBER, "about 18,000,000 people", True),
        ("number", NUMBER, "18.5 million", False),
        ("number", AUSTEN, "18", None),
        ("number", DATE, "It was on May 12th, 1999.", True),
        ("number", DATE, "May 13, 1999", False),
        ("choice", OPTIONS, "The answer is (B).", True),
        ("choice", OPTIONS, "A", False),
        ("choice", OPTIONS, "I would say gaskell", None),
        ("choice", OPTIONS, "A or B", None),
        ("choice", AUSTEN, "B", None),
        ("automatic", OPTIONS, "BBBBB", True),
        ("automatic", NUMBER, "eighteen million", True),
        ("automatic", AUSTEN, "Bronte", False),
    ],
)
def test_a_grader_goes_by_its_rule(grader: str, question: Question, text: str, *, right: bool | None) -> None:
    assert make_grader(grader).grade(text, question) is right


@pytest.mark.parametrize("name", list(GRADERS))
def test_every_grader_keeps_its_contract(name: str) -> None:
    grader = make_grader(name)
    assert grader.name.partition(":")[0] == name
    assert grader.label
    questions = (AUSTEN, NUMBER, OPTIONS, Question("none", "Who?", ()))
    for question in questions:
        for text in ("", "\u202e\x00", "Austen " * 2_000, "[[", "5"):
            assert grader.grade(text, question) in (True, False, None)
    assert grader.grade("anything", questions[-1]) is None


@pytest.mark.parametrize("spec", ["f1:0", "f1:2", "f1:x", "exact:1"])
def test_a_setting_that_cannot_work_is_refused(spec: str) -> None:
    with pytest.raises(SettingError, match="grader"):
        make_grader(spec)


def test_an_unknown_grader_is_named() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'exact'"):
        make_grader("exactt")


def test_answers_without_a_text_get_no_verdict_and_rules_that_do_not_apply_say_so() -> None:
    answers = [Answer("q", "ann", "Austen"), Answer("q", "bob", None, problem="timeout"), Answer("other", "cy", "x")]
    assert [each.answerer for each in grade_all(answers, [AUSTEN], grader=make_grader("exact"))] == ["ann"]
    (verdict,) = grade_all([Answer("q", "ann", "x")], [AUSTEN], grader=make_grader("number"))
    assert (verdict.right, verdict.problem) == (None, "does not apply")


@given(st.text(max_size=60), st.text(max_size=60))
def test_token_f1_is_symmetric_and_one_for_the_same_words(first: str, second: str) -> None:
    assert 0 <= token_f1(first, second) == token_f1(second, first) <= 1
    if first.split() and token_f1(first, first):
        assert token_f1(first, first.upper() if first.isascii() else first) == 1


def plain_f1(first: list[str], second: list[str]) -> float:
    left, shared = list(second), 0
    for word in first:
        if word in left:
            left.remove(word)
            shared += 1
    if not shared:
        return 0.0
    precision, recall = shared / len(first), shared / len(second)
    return 2 * precision * recall / (precision + recall)


@given(*[st.lists(st.sampled_from(["oak", "elm", "ash"]), min_size=1, max_size=6)] * 2)
def test_token_f1_is_that_of_precision_and_recall(first: list[str], second: list[str]) -> None:
    assert token_f1(" ".join(first), " ".join(second)) == pytest.approx(plain_f1(first, second))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("two hundred and five", (205.0,)),
        ("one million two hundred thousand", (1_200_000.0,)),
        ("1,234.5 and -7", (1234.5, -7.0)),
        ("3 billion", (3e9,)),
        ("seventy-six trombones", (76.0,)),
        ("none", ()),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, numbers: tuple[float, ...]) -> None:
    assert numbers_in(text) == numbers


def test_a_date_of_slashes_is_not_guessed() -> None:
    assert dates_in("03/04/2001") == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [("[[C]]", 2), ("Answer: b", None), ("B) Austen", 1), ("Option A is wrong, so the answer is B", None), ("D", None)],
)
def test_an_option_is_named_or_nothing_is(text: str, place: int | None) -> None:
    assert option_named(text, OPTIONS.options) == place


@pytest.mark.parametrize("text", ["", "I don't know.", "I do not know the answer", "I\u2019m not sure", "None", "N/A"])
def test_who_does_not_know_abstains(text: str) -> None:
    assert abstains(text)


@pytest.mark.parametrize(
    "text", ["Austen", "Nobody", "Unknown Pleasures", "I don't know, " + "but it may be Jane " * 30]
)
def test_who_says_something_does_not(text: str) -> None:
    assert not abstains(text)
