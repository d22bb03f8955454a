import pytest

from prefactor.analysis.tastes import Taste, taste_for, tastes_in
from prefactor.data.prompt_set import OpenPrompt
from prefactor.errors import FitError, InputFileError, SettingError, UnknownNameError
from prefactor.interventions.instructions import Wish

WHOLE = Taste("j", "all", 900, (Wish("words", 1),))
MATHS = Taste("j", "scenario=maths", 400, (Wish("bold", -1),))
SMALL = Taste("j", "scenario=art", 40, (Wish("emoji", 1),))


def factor(name: str, tau14: float | None, weight: float | None, *, absorbed: str | None = None) -> dict[str, object]:
    verdict = "not identified" if tau14 is None else "prefers more" if tau14 > 0 else "prefers less"
    return {
        "name": name, "verdict": verdict, "absorbed_by": absorbed,
        "tau14": {"value": tau14}, "weight": {"mean": weight},
    }  # fmt: skip


def document(*factors: dict[str, object], judge: str = "j") -> dict[str, object]:
    return {"profiles": [{"judge": judge, "slice": "all", "account": {"used": 100, "tied": 10}, "factors": factors}]}


def test_the_strongest_clear_factors_are_asked_for_one_of_each_move() -> None:
    found = document(
        factor("novel_words", 0.9, 0.9),  # nobody can be asked for it
        factor("words", 0.5, 0.4),
        factor("characters", 0.6, 0.2),
        factor("bold", -0.3, -0.2),
        factor("headings", 0.55, 0.3, absorbed="words"),
        factor("emoji", 0.4, -0.1),  # the other way with the rest held equal
        factor("tables", None, None),
        factor("links", 0.1, 0.1),
    )
    (taste,) = tastes_in(found, "r.json", most=3)
    assert taste.wishes == (Wish("words", 1), Wish("bold", -1), Wish("links", 1))
    assert taste.strict == 90


def test_what_is_no_results_file_is_said() -> None:
    with pytest.raises(InputFileError, match=r"results\.json"):
        tastes_in({"results": []}, "r.json")
    with pytest.raises(UnknownNameError):
        tastes_in(document(factor("words", 0.5, 0.4)), "r.json", judge="other")
    two = {"profiles": [*document()["profiles"], *document(judge="k")["profiles"]]}  # type: ignore[misc]
    with pytest.raises(SettingError, match="j, k"):
        tastes_in(two, "r.json")


@pytest.mark.parametrize(("value", "expected"), [("maths", MATHS), ("art", WHOLE), ("none", WHOLE), (None, WHOLE)])
def test_a_slice_is_used_where_it_is_large_enough(value: str | None, expected: Taste) -> None:
    prompt = OpenPrompt("1", ("?",), {"scenario": value})
    assert taste_for(prompt, (WHOLE, MATHS, SMALL), by=("scenario",)) == expected


def test_nothing_clear_is_refused() -> None:
    with pytest.raises(FitError, match="no factor"):
        taste_for(OpenPrompt("1", ("?",)), (Taste("j", "all", 900, ()),))
