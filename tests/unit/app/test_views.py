"""What the views say is what the results say: read back, filtered as a slow twin filters, and the parts that add up."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.folders import dataset_of, write_folder
from prefactor.analysis.measurement import sign_features
from prefactor.app.asked import Asked
from prefactor.app.browse_view import view_browse
from prefactor.app.differences import MOST_CHARACTERS, mark_differences
from prefactor.app.labels_file import read_labels
from prefactor.app.lens_view import view_lens
from prefactor.app.likeness_view import view_likeness, view_tree
from prefactor.app.opened import Opened
from prefactor.app.profile_view import view_profiles
from prefactor.app.tables import Table, render_csv
from prefactor.errors import UnknownNameError
from prefactor.report.safe_text import make_readable
from prefactor.stats.special import sigmoid
from prefactor.study import explain, measure


def asked(path: str, *pairs: tuple[str, str]) -> Asked:
    return Asked(path, pairs)


def test_results_are_read_back_as_they_were_written(opened: Opened) -> None:
    dataset = dataset_of()
    explained = explain(dataset, measure(dataset), by="half")
    assert opened.results.judges == ("words", "coin")
    for profile in explained.profiles:
        read = opened.results.profile(profile.judge, on=profile.slice)
        assert read is not None
        for one, other in zip(profile.effects, read.effects, strict=True):
            assert repr(one) == repr(other)
        assert repr(profile.prediction) == repr(read.prediction)
        assert repr(profile.ceiling) == repr(read.ceiling)
    whole = opened.results.profile("words")
    assert whole is not None
    assert whole.covariance is not None
    assert np.array_equal(whole.covariance, explained.profiles[0].covariance)  # type: ignore[arg-type]
    assert [repr(one) for one in opened.results.checks] == [repr(one) for one in explained.checks]


def test_signs_are_those_of_the_study(opened: Opened) -> None:
    dataset = dataset_of()
    assert np.array_equal(opened.comparisons.signs, sign_features(dataset, measure(dataset)))
    assert opened.comparisons.table["comparison_id"].to_list() == dataset.comparisons["comparison_id"].to_list()


def slow_filter(folder: Path, *, verdict: str, has: str) -> set[str]:
    """Find comparisons row by row, with joins of the files."""
    rows = pl.read_parquet(folder / "preferences.parquet").filter(pl.col("judge") == "words").to_dicts()
    words = dict(pl.read_parquet(folder / "factors.parquet").select("response_id", "words").rows())
    found = set()
    for row in rows:
        preference = row["preference"]
        said = "tie" if preference == 0.5 else "A" if preference > 0.5 else "B"
        more = np.sign(words[row["response_a"]] - words[row["response_b"]])
        place = {0: "equal", 1: "A", -1: "B"}[int(more)]
        other = said in {"A", "B"} and place in {"A", "B"} and said != place
        if (not verdict or said == verdict) and (not has or (other if has == "other" else place == has)):
            found.add(row["comparison_id"])
    return found


@pytest.mark.parametrize("verdict", ["", "A", "B", "tie"])
@pytest.mark.parametrize("has", ["", "A", "B", "other", "equal"])
def test_filters_find_what_a_slow_twin_finds(opened: Opened, folder: Path, verdict: str, has: str) -> None:
    link = asked("/comparisons", ("judge", "words"), ("verdict", verdict), ("factor", "words"), ("has", has))
    view = view_browse(opened, link, whole=True)
    assert {row[0] for row in view.table.rows} == slow_filter(folder, verdict=verdict, has=has)
    assert view.total == len(view.table.rows)


def test_pages_hold_every_comparison_once(opened: Opened) -> None:
    for sort in ("", "surprise", "sure", "parting"):
        pages = [
            view_browse(opened, asked("/comparisons", ("sort", sort), ("page", str(page)))) for page in range(1, 5)
        ]
        ids = [row.comparison for page in pages for row in page.rows]
        assert len(ids) == len(set(ids)) == 80
        whole = view_browse(opened, asked("/comparisons", ("sort", sort)), whole=True)
        assert ids == [row[0] for row in whole.table.rows]


def test_the_least_expected_verdicts_come_first(opened: Opened) -> None:
    rows = view_browse(opened, asked("/comparisons", ("sort", "surprise"), ("verdict", "A"))).rows
    expected = [int(row.expected.partition("\u00a0")[0]) for row in rows]
    assert expected == sorted(expected)


def test_text_and_disagreement_are_found(opened: Opened) -> None:
    view = view_browse(opened, asked("/comparisons", ("text", "PROMPT 17")))
    assert view.total == 1
    assert view.rows[0].prompt == "prompt 17"
    assert view_browse(opened, asked("/comparisons", ("text", "(.*"))).total == 0
    both = [
        view_browse(opened, asked("/comparisons", ("other", "coin"), ("against", how))).total
        for how in ("disagree", "agree")
    ]
    ties = view_browse(opened, asked("/comparisons", ("verdict", "tie"))).total
    assert sum(both) + ties == 80


def test_a_folder_without_texts_says_so(tmp_path: Path) -> None:
    bare = Opened(write_folder(tmp_path / "bare", comparisons=30, texts=False))
    assert "--keep-texts" in view_browse(bare, asked("/comparisons", ("text", "x"))).note
    assert not view_lens(bare, asked("/lens")).kept


def test_the_waterfall_ends_where_the_parts_add_up(opened: Opened) -> None:
    for comparison in opened.comparisons.table["comparison_id"].head(10).to_list():
        for moved in view_lens(opened, asked("/lens", ("comparison", comparison))).moved:
            *steps, (label, total, low, high) = moved.waterfall.rows
            assert label == "together"
            assert sum(value for _, value, _, _ in steps) == pytest.approx(total, abs=1e-9)
            assert low <= total <= high
            assert moved.waterfall.chance == f"{100 * float(sigmoid(np.array([total]))[0]):.0f}\u00a0%"


def test_a_slider_moves_the_odds_by_the_weight(opened: Opened) -> None:
    comparison = opened.comparisons.table["comparison_id"][0]
    plain = view_lens(opened, asked("/lens", ("comparison", comparison)))
    slider = next(one for one in plain.sliders if one.factor.name == "words")
    link = asked("/lens", ("comparison", comparison), ("f.words", str(-slider.measured)), ("f.nonsense", "1"))
    moved = view_lens(opened, link)
    assert moved.asked_if
    assert not plain.asked_if
    profile = opened.results.profile("words")
    assert profile is not None
    weight = profile.effect("words").weight.mean
    before, after = (one.moved[0].waterfall.rows[-1][1] for one in (plain, moved))
    assert after - before == pytest.approx(-2 * slider.measured * weight, abs=1e-9)
    assert moved.moved[0].before == plain.moved[0].waterfall.chance


def test_profiles_hold_the_numbers_of_the_results(opened: Opened) -> None:
    for measure_name in ("tau14", "weight", "probability", "share"):
        view = view_profiles(opened.results, asked("/profiles", ("measure", measure_name), ("sort", "name")))
        assert [one.judge for one in view.series] == ["words", "coin"]
        assert len(view.table.rows) == 2 * len(opened.results.factors)
        labels = [row.factor.label.casefold() for _, rows in view.groups[:1] for row in rows]
        assert labels == sorted(labels)
    found = {row[:3]: row[5] for row in view_profiles(opened.results, asked("/profiles")).table.rows}
    profile = opened.results.profile("words")
    assert profile is not None
    assert found["words", "all", "words"] == profile.effect("words").tau14.value


def test_an_unknown_name_is_refused(opened: Opened) -> None:
    with pytest.raises(UnknownNameError, match="words"):
        view_profiles(opened.results, asked("/profiles", ("judge", "wordz")))


def test_trees_of_the_published_judges_are_drawn(opened: Opened) -> None:
    view = view_likeness(opened.results, asked("/likeness", ("what", "published")))
    tree = view_tree(view.tree)
    assert len(tree.leaves) == 33
    assert len(tree.branches) == 32
    assert all(0 <= one.x <= one.from_top <= 100 and one.x <= one.from_bottom for one in tree.branches)
    assert [row.judge for row in view.rows] == [leaf.name for leaf in tree.leaves]


@given(st.text(), st.text())
@settings(max_examples=60, deadline=None)
def test_marked_pieces_are_the_whole_text(a: str, b: str) -> None:
    found = mark_differences(a, b)
    assert "".join(piece.text for piece in found.a) == make_readable(a)
    assert "".join(piece.text for piece in found.b) == make_readable(b)


def test_equal_texts_have_no_mark_and_long_ones_are_cut() -> None:
    assert not any(piece.marked for piece in mark_differences("the same words", "the same words").a)
    long = mark_differences("x" * (MOST_CHARACTERS + 5), "y")
    assert "5 more characters" in long.a[-1].text
    many = mark_differences("word " * 5_000, "other")
    assert many.way == "none"
    assert "more than" in many.say


@pytest.mark.parametrize(
    "content",
    [
        b"comparison_id,preference\n1,A\n2,0.25\n",
        b"\xef\xbb\xbfid;winner\n1;model_a\n2;0.25\n",
        b'[{"comparison_id": 1, "preference": "A"}, {"comparison_id": 2, "preference": 0.25}]',
        b'{"comparison": "1", "label": 1}\n{"comparison": "2", "label": "0.25"}\n',
    ],
)
def test_labels_are_read_from_every_form(content: bytes) -> None:
    assert read_labels(content).preferences == {"1": 1.0, "2": 0.25}


@pytest.mark.parametrize("given_label", ["1.5", "-0.1", "nan", "inf", "dunno", ""])
def test_an_unreadable_label_is_never_a_tie(given_label: str) -> None:
    found = read_labels(f"comparison_id,preference\n1,{given_label}\n2,A\n".encode())
    assert found.preferences == {"2": 1.0}
    assert found.unreadable == 1


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text: str) -> None:
    cell = render_csv(Table(("a",), ((text,),))).splitlines()[1]
    assert not cell.strip('"').startswith(("=", "+", "-", "@", "\t"))


def test_numbers_stay_numbers() -> None:
    assert render_csv(Table(("a", "b"), ((-0.5, math.nan),))).splitlines()[1] == "-0.5,"
