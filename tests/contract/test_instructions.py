"""Every factor that a model may be asked for has our own wording, both ways."""

import pytest

from prefactor.analysis.reference import load_published_profiles
from prefactor.factors import factors_of, load_measurers
from prefactor.factors.content_free import CONTENT_FREE
from prefactor.interventions.instructions import Wish, load_instructions, system_message

LEXICAL = {factor.name for factor in factors_of(load_measurers())}
FREE = {factor for factors in CONTENT_FREE.values() for factor in factors}
PUBLISHED = set(load_published_profiles().factors)


def test_content_free_factors_are_those_of_length_formatting_and_tone() -> None:
    grouped = {f.name for f in factors_of(load_measurers()) if f.group in ("length", "formatting", "tone")}
    assert grouped == FREE & LEXICAL
    assert FREE <= LEXICAL | PUBLISHED


def test_no_factor_is_in_two_moves() -> None:
    factors = [factor for held in CONTENT_FREE.values() for factor in held]
    assert len(factors) == len(set(factors))


@pytest.mark.parametrize("factor", sorted(FREE | PUBLISHED))
def test_there_is_a_sentence_for_more_and_for_less(factor: str) -> None:
    said = load_instructions()[factor]
    assert said.more != said.less
    for sentence in (said.more, said.less):
        assert sentence[0].isupper()
        assert sentence[-1] in ".!"
        assert "\n" not in sentence
    assert said.more in system_message([Wish(factor, 1)])
    assert said.less in system_message([Wish(factor, 1).opposite])


def test_nothing_else_has_one() -> None:
    assert set(load_instructions()) <= LEXICAL | PUBLISHED
