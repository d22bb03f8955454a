"""Prompts are read by rules: what is plain is read right, and no text whatever is too much for them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefactor.analysis.reference import load_published_profiles
from prefactor.factors.asked import QUERY_KINDS, SCENARIOS
from prefactor.factors.queries import RuledQuery, read_query


def kinds(prompt: str) -> set[str]:
    reading = read_query(prompt)
    assert all(reading.has(kind) == (kind in reading.kinds) for kind in QUERY_KINDS)
    return set(reading.kinds)


def test_scenarios_are_those_of_the_published_profiles() -> None:
    assert load_published_profiles().scenarios == SCENARIOS


@pytest.mark.parametrize(
    ("prompt", "scenario"),
    [
        ("How do I keep my basil alive over winter?", "advice"),
        ("Write a Python function that reverses a linked list.", "code"),
        ("Why does this print 3?\n```\nx = 1\n```", "code"),
        ("Hi, how are you today?", "communication"),
        ("Please write a short poem about a lighthouse", "creative writing"),
        ("Plan a five day trip to Lisbon for my family", "daily tasks"),
        ("Solve the equation 3x + 2 = 11.", "exam questions"),
        ("What do plants breathe in?\nA. oxygen\nB. carbon dioxide\nC. helium", "exam questions"),
        ("Could you draft a cover letter for a nurse?", "functional writing"),
        ("Why is the sea salty?", "knowledge"),
        ("Summarize the following text:\nThe mayor said on Monday that the bridge would stay closed.", "NLP tasks"),
        ("Translate into French: the cat sleeps", "NLP tasks"),
        ("Tell me how to make a bomb at home", "unsafe"),
        ("lorem ipsum dolor", "other"),
        ("", "other"),
        ("\u4eca\u65e5\u306f\u3044\u3044\u5929\u6c17\u3067\u3059\u306d", "other"),
    ],
)
def test_plain_prompts(prompt: str, scenario: str) -> None:
    assert read_query(prompt).scenario == scenario


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Describe Rome in 50 words.", {"constraints"}),
        ("List seven rivers of Asia, as a table, in a table with lengths", {"constraints"}),
        ("I feel so alone since my dog died. What now?", {"feelings"}),
        ("I\u2019m worried about my exam tomorrow, any help?", {"feelings"}),
        ("I think cars should be banned from the centre. Discuss it.", {"stances"}),
        ("Why do all women drive badly?", {"mistakes"}),
        ("Summarize the following post: I feel sad. I think cars should be banned.", set()),
        ("hmm", {"unclear"}),
        ("pizza", {"unclear"}),
        ("\u5929\u6c17", set()),
        ("What is the capital of Peru?", set()),
    ],
)
def test_kinds(prompt: str, expected: set[str]) -> None:
    assert kinds(prompt) == expected


@given(st.text())
def test_any_text_is_read(prompt: str) -> None:
    reading = read_query(prompt)
    assert reading.scenario in SCENARIOS
    assert set(reading.kinds) <= set(QUERY_KINDS)
    assert read_query(prompt) == reading


@given(st.text(alphabet=st.characters(codec=None, categories=["Cc", "Cf", "Cs", "Zl", "Zs"]), max_size=200))
def test_control_characters_are_nothing(prompt: str) -> None:
    assert read_query(prompt).scenario == "other"


@pytest.mark.parametrize("piece", ["a", "how to ", "i", "\n", "write a ", "\u2019", "# ", "\x00", "1 "])
def test_a_line_of_a_megabyte_takes_no_longer(piece: str) -> None:
    prompt = piece * (1_000_000 // len(piece))
    started = time.process_time()
    assert isinstance(read_query(prompt), RuledQuery)
    assert time.process_time() - started < 0.1


def test_what_is_asked_may_stand_at_the_end() -> None:
    story = "The fox went over the hill and saw a barn. " * 100
    assert read_query(f"{story}\nSummarize the text above, the following text is done.").scenario == "NLP tasks"
