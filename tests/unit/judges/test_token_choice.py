"""Log-probabilities of A and B: all spellings count, a letter that is not listed is bounded, nothing is invented."""

from math import exp, log

import pytest

from prefactor.judges.judge_file import shipped_judge
from prefactor.judges.token_choice import PARSER, log_odds_of
from prefactor.llm.records import Reply, TokenChoice

FILE = shipped_judge("logprob")


def choice(**chances: float) -> TokenChoice:
    listed = sorted(((token.replace("_", " "), log(chance)) for token, chance in chances.items()), key=lambda x: -x[1])
    return TokenChoice(*listed[0], tuple(listed))


def test_all_spellings_of_a_letter_are_added_up() -> None:
    found = log_odds_of(choice(A=0.3, _A=0.2, B=0.1, The=0.4))
    assert found == pytest.approx(log(0.5 / 0.1))


def test_the_preference_is_that_of_the_letters_alone() -> None:
    found = PARSER.read(Reply("A", tokens=(choice(A=0.6, B=0.2, C=0.2),)), FILE)
    assert found.value == pytest.approx(0.75)


def test_a_letter_that_is_not_listed_is_as_likely_as_the_last_that_is() -> None:
    assert log_odds_of(choice(A=0.9, The=0.01)) == pytest.approx(log(0.9 / 0.01))
    assert log_odds_of(choice(B=0.9, The=0.01)) == pytest.approx(-log(0.9 / 0.01))


def test_exchanging_the_letters_turns_it_round() -> None:
    one, other = log_odds_of(choice(A=0.7, B=0.1, x=0.1)), log_odds_of(choice(B=0.7, A=0.1, x=0.1))
    assert one is not None
    assert other == pytest.approx(-one)


def test_spaces_before_the_letter_are_passed_over() -> None:
    tokens = (TokenChoice(" ", -0.01, ((" ", -0.01), ("\n", -5.0))), choice(B=0.8, A=0.2))
    assert PARSER.read(Reply(" B", tokens=tokens), FILE).value == pytest.approx(0.2)


@pytest.mark.parametrize("tokens", [(), (choice(The=0.9, An=0.1),), (TokenChoice(" ", -0.1, ()),)])
def test_without_the_letters_there_is_no_preference(tokens: tuple[TokenChoice, ...]) -> None:
    found = PARSER.read(Reply("The", tokens=tokens), FILE)
    assert (found.value, found.problem) == (None, "unreadable")
    assert found.said


def test_very_unequal_chances_stay_finite() -> None:
    tokens = (TokenChoice("A", -1e-9, (("A", -1e-9), ("B", -700.0))),)
    value = PARSER.read(Reply("A", tokens=tokens), FILE).value
    assert value == pytest.approx(1.0)
    tokens = (TokenChoice("B", -1e-9, (("B", -1e-9), ("A", -9_000.0))),)
    assert PARSER.read(Reply("B", tokens=tokens), FILE).value == pytest.approx(exp(-700), abs=1e-12)
