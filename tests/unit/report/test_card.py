import json
import re
from typing import Any

import pytest

from prefactor.errors import UnknownNameError
from prefactor.report.card import CardView, Ran, render_card, render_card_markdown, summarise_card
from prefactor.report.document import render_json
from report.examples import Size, empty_explanation, explanation_of, hostile_explanation, simulated_explanation

EXAMPLES = {
    "one judge": explanation_of(Size(factors=8)),
    "many judges": explanation_of(Size(judges=3, factors=8)),
    "few comparisons": explanation_of(Size(judges=2, factors=8, comparisons=60)),
    "nothing known": empty_explanation(),
    "hostile": hostile_explanation(),
    "simulated": simulated_explanation(),
}
ESTIMATE = {"value": 0.7, "low": 0.6, "high": 0.8}


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_json(EXAMPLES[name]))
    return found


def card(found: dict[str, Any], **commands: tuple[dict[str, Any], ...]) -> CardView:
    return summarise_card(found["profiles"][0]["judge"], Ran((found,), commands))


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_section_shows_something_or_says_what_would_fill_it(name: str) -> None:
    found = document(name)
    if not found["profiles"]:
        pytest.skip("no judge")
    view = card(found)
    assert len(view.sections) == 8
    for section in view.sections:
        assert bool(section.rows or section.sentences) != bool(section.missing)
        assert bool(section.missing) == bool(section.command)


def test_all_that_was_run_is_on_it() -> None:
    found = document("one judge")
    judge = found["profiles"][0]["judge"]
    found["profiles"][0]["manipulability"] = {
        "moves": [{"name": "length", "label": "length", "factors": ["words"], "direction": 1}],
        "most": 3, "towards": ESTIMATE, "away": ESTIMATE, "reason": "",
    }  # fmt: skip
    competence = {
        "results": {
            "evaluators": [
                {"name": judge, "accuracy": ESTIMATE, "sensitivity": ESTIMATE, "specificity": ESTIMATE,
                 "knowing": [{"answerer": "itself", "unfaithful": ESTIMATE}], "sentence": "It grades worse."}
            ]
        }
    }  # fmt: skip
    defence = {
        "settings": {"judge": judge},
        "results": {
            "defences": [
                {},
                {"judge": "warned", "manipulability": {"towards": ESTIMATE}, "agreement_change": ESTIMATE,
                 "people_comparisons": 5},
            ]
        },
    }  # fmt: skip
    steered = {
        "settings": {"model": "writer"},
        "results": {"judges": [{"judge": judge, "turn": 0, "arm": "towards", "level": ESTIMATE, "scale": "win rate"}]},
    }
    text = render_card_markdown(card(found, competence=(competence,), defend=(defence,), steer=(steered,)))
    for part in ("more length", "It grades worse", "warned", "writer steered towards", "accepts what it cannot answer"):
        assert part in text
    assert text.count("Not known") == text.count("Run: prefactor")


def test_the_page_runs_nothing_and_takes_no_markup_from_names() -> None:
    found = document("one judge")
    judge = '<script>alert(1)</script>\u202e"'
    for profile in found["profiles"]:
        profile["judge"] = judge
    view = summarise_card(judge, Ran((found,), {}))
    page, text = render_card(view), render_card_markdown(view)
    assert "<script" not in page
    assert "\u202e" not in page + text
    assert not re.search(r"(?<!\\)<script", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)


def test_an_unknown_judge_is_named() -> None:
    with pytest.raises(UnknownNameError, match="nobody"):
        summarise_card("nobody", Ran((document("one judge"),), {}))
