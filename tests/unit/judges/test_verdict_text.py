"""Verdicts in words: every way of writing one is read, and whatever is no clear verdict is named, never a tie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefactor.judges.judge_file import shipped_judge
from prefactor.judges.verdict_text import PARSER, read_verdict
from prefactor.llm.records import Reply

FILE = shipped_judge("pairwise")
A, B, TIE = 1.0, 0.0, 0.5


WRITTEN = [
    ("[[A]]", A),
    ("[[B]]", B),
    ("[[tie]]", TIE),
    ("[[C]]", TIE),
    ("[[A>>B]]", A),
    ("[[B>A]]", B),
    ("[[A=B]]", TIE),
    ("Both are long. A has an error. [[B]]", B),
    ("[[ Answer A ]]", A),
    ("[[A]] and once more [[A]]", A),
    ("A", A),
    ("b", B),
    ("(a)", A),
    ("**B**", B),
    ("`A`.", A),
    ("Answer A", A),
    ("the response b", B),
    ("Output (a)", A),
    ("Assistant B", B),
    ("model_a", A),
    ("Tie", TIE),
    ("It's a tie.", TIE),
    ("neither", TIE),
    ("Verdict: A", A),
    ("**Final verdict:** Answer B", B),
    ("My final verdict is: [B]", B),
    ("Winner: tie", TIE),
    ("The better answer is B.", B),
    ("The better answer is: A", A),
    ("Preferred response: A", A),
    ("Decision = B", B),
    ("Judgement: A - it is right.", A),
    ("Verdict: B, because it is right", B),
    ("Verdict: A is better", A),
    ("A is vague.\nVerdict: B", B),
    ("A\n\nIt answers what was asked.", A),
    ("It answers what was asked.\n\nAnswer B", B),
    ("Answer A is better than Answer B.", A),
    ("Overall, response B is clearly better.", B),
    ("In short, the answer a is slightly better", A),
    ("I would choose B.", B),
    ("I clearly prefer Answer A", A),
    ("A does not say why, so B is better.", B),
    ("B wins.", B),
    ("Neither answer is better.", TIE),
    ("Neither A nor B is better.", TIE),
    ("Neither answer is perfect, but A is better.", A),
    ("Both are equal in length, but A is better.", A),
    ("A is better in every respect", A),
    ("Verdict: first", A),
    ("[[both]]", TIE),
    ("Both answers are equally good.", TIE),
    ("I think this is a tie overall.", TIE),
    ("<think>Perhaps [[A]]? No.</think>\n[[B]]", B),
    ("Perhaps [[A]] then.</think>[[B]]", B),
]


@pytest.mark.parametrize(("text", "value"), WRITTEN)
def test_a_way_of_writing_a_verdict(text: str, value: float) -> None:
    found = PARSER.read(Reply(text), FILE)
    assert (found.value, found.problem) == (value, "")


UNCLEAR = [
    ("[[A]] no, wait: [[B]]", "contradiction"),
    ("Verdict: A\nFinal verdict: B", "contradiction"),
    ("A\nbut on second thoughts\nB", "contradiction"),
    ("Answer A is better. No, answer B is better.", "contradiction"),
    ("**Answer A**\n- right\n\n**Answer B**\n- wrong", "contradiction"),
    ("Both are equal, but A is better.", "contradiction"),
    ("Answer A is better in tone.", "unreadable"),
    ("Both are equal in length.", "unreadable"),
    ("This is not a tie.", "unreadable"),
    ("If it is a tie, say so.", "unreadable"),
    ("Right.\n\nLet us see.", "unreadable"),
    ("First:\nit is long", "unreadable"),
    ("A:\n- it is long", "unreadable"),
    ("both", "unreadable"),
    ("", "unreadable"),
    ("A better answer would cite sources.", "unreadable"),
    ("Is A better than B?", "unreadable"),
    ("If A is better, so be it", "unreadable"),
    ("It is not clear whether B is better", "unreadable"),
    ("A is not better than B", "unreadable"),
    ("I don't think A is better", "unreadable"),
    ("Verdict: A and B each have merits", "unreadable"),
    ("[[perhaps]]", "unreadable"),
    ("C", "unreadable"),
    ("0.7", "unreadable"),
    ("error", "unreadable"),
    ("I can\u2019t compare these answers.", "refusal"),
    ("I'm sorry, but I will not take part in this.", "refusal"),
    ("As an AI, I have no preference between texts like these", "refusal"),
    ("<think>[[A]] it is, I would", "unreadable"),
]


@pytest.mark.parametrize(("text", "problem"), UNCLEAR)
def test_no_clear_verdict_is_named_and_never_a_tie(text: str, problem: str) -> None:
    found = PARSER.read(Reply(text), FILE)
    assert found.value is None
    assert found.problem == problem
    assert found.said


def test_a_reply_that_was_cut_off_counts_only_where_it_had_said_it_all() -> None:
    assert PARSER.read(Reply("A is longer. Verdict: A", "length"), FILE).problem == "cut off"
    assert PARSER.read(Reply("Answer A is better", "length"), FILE).problem == "cut off"
    assert PARSER.read(Reply("[[A]] since it", "length"), FILE).value == A
    assert PARSER.read(Reply("B", "length"), FILE).value == B


@pytest.mark.parametrize("finish", ["refusal", "content_filter"])
def test_the_server_says_that_it_was_refused(finish: str) -> None:
    assert PARSER.read(Reply("", finish), FILE).problem == "refusal"


def test_what_was_said_is_kept_from_its_end() -> None:
    found = PARSER.read(Reply("word " * 200 + "the end"), FILE)
    assert found.said.endswith("the end")
    assert len(found.said) < 200


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_named(text: str) -> None:
    found = PARSER.read(Reply(text), FILE)
    assert (found.value is None) == bool(found.problem)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["[[{}]]", "Verdict: {}", "Answer {}", "{}", "Answer {} is better.", "I prefer {}"]), st.booleans()
)
def test_exchanging_the_letters_turns_the_verdict_round(form: str, first: bool) -> None:
    a, b = (read_verdict(form.format(letter)) for letter in ("AB" if first else "BA"))
    assert [1 - value for value in a] == b
    assert len(a) == 1
