"""A user's own rated factors are read as written, stand beside word lists, and mistakes are named by factor and key."""

from pathlib import Path

import pytest

from prefactor.errors import InputFileError, SettingError, UnknownNameError
from prefactor.factors import load_measurers
from prefactor.factors.loading import load_factors
from prefactor.factors.rated import read_rated

MIXED = """
[[factor]]
name = "on_brand"
definition = "Sounds like our brand."
anchors = ["not at all", "in places", "throughout"]

[[factor]]
name = "jargon"
definition = "Business jargon."
words = ["synergy"]

[[factor]]
name = "blame"
label = "blame"
more = "answer that blames less"
definition = "Blames the customer."
scale = 4
needs = "feelings"
feature = "fewer"
group = "service"
tasks = ["support"]
"""


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(MIXED, encoding="utf-8")
    return path


def test_anchors_and_scales(mixed: Path) -> None:
    brand, blame = read_rated(mixed)
    assert (brand.way, brand.unit, brand.group, brand.needs, brand.feature) == (
        *("rating", "rating 0-2", "your own"),
        *("", "more"),
    )
    assert (brand.label, brand.more) == ("on brand", "answer with more on brand")
    assert brand.anchors == ("not at all", "in places", "throughout")
    assert blame.anchors == ("not at all", "1 of 3", "2 of 3", "as much as can be")
    assert (blame.unit, blame.needs, blame.feature, blame.group, blame.tasks) == (
        *("rating 0-3", "feelings", "fewer", "service"),
        ("support",),
    )


def test_one_file_holds_both_kinds(mixed: Path) -> None:
    found = load_factors(["lexical:words", str(mixed)])
    assert found.order == ("words", "jargon", "on_brand", "blame")
    assert [factor.name for factor in found.asked] == ["on_brand", "blame"]
    assert load_factors([f"{mixed}:blame"]).order == ("blame",)
    assert load_factors([f"{mixed}:jargon"]).asked == ()
    with pytest.raises(UnknownNameError, match="did you mean 'blame'"):
        load_factors([f"{mixed}:blam"])


def test_without_a_model_it_is_refused(mixed: Path) -> None:
    with pytest.raises(InputFileError, match=r"own\.toml: .*a rating, on_brand, blame; it takes a model: --measure"):
        load_measurers([str(mixed)])
    with pytest.raises(SettingError, match=r"'dissection'; it takes a model: --measure-with"):
        load_measurers(["dissection"])
    (counted,) = load_measurers([f"{mixed}:jargon"])
    assert [factor.name for factor in counted.factors] == ["jargon"]


def test_one_name_with_two_meanings(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[[factor]]\nname = 'friendly'\ndefinition = 'Smiles.'\nscale = 3\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"'friendly'; one is .*Smiles"):
        load_factors(["dissection", str(path)])
    assert load_factors([str(path), str(path)]).order == ("friendly",)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("anchors = ['a', 'b']", "factor 'a', definition: what is measured"),
        ("definition = 'x'\nanchors = ['a']", "factor 'a', anchors: 2 to 11 levels, got 1"),
        ("definition = 'x'\nanchors = ['a', 2]", "factor 'a', anchors: a list of texts"),
        ("definition = 'x'\nanchors = 'a'", "factor 'a', anchors: a list of texts"),
        ("definition = 'x'\nanchors = ['a', 'b']\nscale = 2", "factor 'a', scale: either anchors or scale, got both"),
        ("definition = 'x'\nscale = 1", "factor 'a', scale: a number of levels from 2 to 11, got 1"),
        ("definition = 'x'\nscale = true", "factor 'a', scale: .*got True"),
        ("definition = 'x'\nscale = 2.5", "factor 'a', scale: .*got 2.5"),
        ("definition = 'x'\nscale = 4\nneeds = 'sorce'", "factor 'a', needs: one of source, .*got 'sorce'"),
        ("definition = 'x'\nscale = 4\nneeds = 1", "factor 'a', needs: a text"),
        (
            "definition = 'x'\nscale = 4\nfeature = 'length'",
            "factor 'a', feature: one of more, fewer, any, got 'length'",
        ),
        ("definition = 'x'\nscale = 4\nwords = ['b']", "factor 'a', words: one of the keys .*scale"),
        ("definition = 'x'\nscale = 4\nunit = 'kg'", "factor 'a', unit: one of the keys"),
    ],
)
def test_mistakes_are_named(lines: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f"[[factor]]\nname = 'a'\n{lines}\n", encoding="utf-8")
    with pytest.raises(InputFileError, match=message) as caught:
        load_factors([str(path)])
    assert "own.toml" in str(caught.value)
