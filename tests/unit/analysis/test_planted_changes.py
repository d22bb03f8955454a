"""Planted changes do to a text what they say, and nothing where there is nothing to change."""

import pytest

from prefactor.analysis.planted_changes import PLANTED_CHANGES
from prefactor.factors.loading import load_factors
from prefactor.factors.taxonomy import TAXONOMIES

TEXT = """# Tea

Boil the **water** first, and warm the teapot meanwhile.

- two spoons of leaves
- three minutes of patience"""
OTHER = "Short.\n\nThe railway reached the valley in the autumn of that year, to nobody's surprise."
CHANGES = {each.name: each.change for each in PLANTED_CHANGES}


def changed(name: str, text: str = TEXT) -> str | None:
    return CHANGES[name](text, OTHER)


def test_changes_do_what_they_say() -> None:
    repeated = changed("repeat a paragraph")
    assert repeated is not None
    assert repeated.count("Boil the **water** first") == 2
    assert changed("strip the formatting") == (
        "Tea Boil the water first, and warm the teapot meanwhile. two spoons of leaves three minutes of patience"
    )
    digressing = changed("digress")
    assert digressing is not None
    assert digressing.startswith(TEXT)
    assert digressing.endswith("to nobody's surprise.")
    halved = changed("cut to half")
    assert halved is not None
    assert TEXT.startswith(halved)
    assert len(halved.split()) == (len(TEXT.split()) + 1) // 2


def test_typos_keep_length_and_letters_and_are_the_same_every_time() -> None:
    misspelt = changed("misspell words")
    assert misspelt is not None
    assert misspelt != TEXT
    assert sorted(misspelt) == sorted(TEXT)
    assert misspelt.split("\n")[0] == "# Tea"
    assert changed("misspell words") == misspelt


@pytest.mark.parametrize("name", ["strip the formatting", "misspell words", "cut to half"])
def test_where_there_is_nothing_to_change_there_is_no_change(name: str) -> None:
    assert changed(name, "Yes") is None


def test_every_factor_named_is_one_of_a_taxonomy_and_has_one_place() -> None:
    known = set(load_factors(TAXONOMIES).order)
    for change in PLANTED_CHANGES:
        named = [*change.up, *change.down, *change.beside]
        assert change.up or change.down
        assert len(named) == len(set(named))
        assert set(named) <= known
