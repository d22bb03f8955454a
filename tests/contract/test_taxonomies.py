"""What every taxonomy must hold: factors that are told apart, and that some way of measuring understands."""

import re
from typing import Final

import pytest

from prefactor.analysis.reference import load_published_profiles
from prefactor.factors import LEXICAL, load_measurers
from prefactor.factors.asked import QUERY_KINDS, WAYS
from prefactor.factors.base import Factor
from prefactor.factors.loading import load_factors
from prefactor.factors.taxonomy import TAXONOMIES, load_taxonomy, read_taxonomy

PARTS: Final = {
    "rating": {""},
    "errors": {"minor", "moderate", "severe"},
    "facts": {"number", "coverage", "unsupported", "unsupported_number", "false", "false_number"},
    "text": {factor.name for factor in load_taxonomy(LEXICAL)},
}
EVERY: Final = {factor.name: factor for name in TAXONOMIES for factor in load_taxonomy(name)}


@pytest.fixture(params=TAXONOMIES)
def taxonomy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(EVERY))
def factor(request: pytest.FixtureRequest) -> Factor:
    return EVERY[str(request.param)]


def test_factors_differ_and_groups_hang_together(taxonomy: str) -> None:
    read = read_taxonomy(taxonomy)
    assert re.search(r"arXiv \d{4}\.\d{5}", read.about)
    for each in ("name", "label", "more", "definition"):
        values = [getattr(factor, each) for factor in read.factors]
        assert len(set(values)) == len(values), each
    groups = [factor.group for factor in read.factors]
    assert [group for place, group in enumerate(groups) if group not in groups[:place]] == list(dict.fromkeys(groups))
    assert sorted(groups, key=list(dict.fromkeys(groups)).index) == groups


def test_it_is_loaded_whole(taxonomy: str) -> None:
    loaded = load_factors([taxonomy])
    assert loaded.factors == load_taxonomy(taxonomy)
    assert all(factor.way in WAYS for factor in loaded.asked)


def test_a_way_understands_it(factor: Factor) -> None:
    assert factor.part in PARTS[factor.way]
    assert factor.needs in {"", "source", "reference", *QUERY_KINDS}
    assert bool(factor.anchors) == (factor.way == "rating")
    if factor.part in {"coverage", "unsupported", "unsupported_number"}:
        assert factor.needs == "source"


def test_a_prompt_has_room_for_it(factor: Factor) -> None:
    assert 2 <= len(factor.anchors) <= 5 or not factor.anchors
    assert len(set(factor.anchors)) == len(factor.anchors)
    assert all(0 < len(anchor.split()) <= 6 for anchor in factor.anchors)
    if factor.way == "rating":
        assert f"0-{len(factor.anchors) - 1}" in factor.unit
        assert len(factor.definition.split()) <= 25


def test_it_is_worded_for_sentences(factor: Factor) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", factor.name)
    assert re.search(r"\banswer\b", factor.more), factor.more
    assert not re.match(r"(?i)(the|an?)\b", factor.more)
    assert factor.definition.endswith(".")
    assert not factor.definition.endswith("..")


def test_a_lexical_name_means_the_lexical_factor(factor: Factor) -> None:
    (lexical,) = load_measurers([LEXICAL])
    known = {each.name: each for each in lexical.factors}
    if factor.name in known:
        assert factor.definition == known[factor.name].definition
        assert (factor.way, factor.part) == ("text", factor.name)


def test_dissection_is_that_of_the_published_judges() -> None:
    factors = load_taxonomy("dissection")
    assert tuple(factor.name for factor in factors) == load_published_profiles().factors
    sizes = {group: sum(factor.group == group for factor in factors) for group in {each.group for each in factors}}
    assert sizes == {"basic": 20, "errors": 3, "query-specific": 5, "length": 1}
    assert {factor.needs for factor in factors if factor.group == "query-specific"} == set(QUERY_KINDS)
    assert {factor.name: factor.feature for factor in factors if factor.feature != "more"} == {
        **dict.fromkeys(("no_repetition", "no_minor_errors", "no_moderate_errors", "no_severe_errors"), "fewer"),
        "relevant": "any",
        "long": "length",
    }


def test_taxonomies_share_what_is_the_same() -> None:
    for name in TAXONOMIES:
        for factor in load_taxonomy(name):
            assert factor.definition == EVERY[factor.name].definition
    both = load_factors(["profile-helpful", "profile-document-qa"])
    assert len(both.factors) == len({factor.name for factor in both.factors}) == 13
