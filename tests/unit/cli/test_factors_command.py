"""``prefactor factors`` lists what a user names, and ``--by scenario`` says where its slices come from."""

import json
from pathlib import Path

from click.testing import CliRunner

from prefactor.cli.root import root
from prefactor.factors.taxonomy import load_taxonomy


def run(*arguments: str) -> str:
    ran = CliRunner().invoke(root, arguments, env={"COLUMNS": "200"}, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_taxonomy_is_listed_with_what_levels_mean_and_when_factors_apply() -> None:
    said = run("factors", "--taxonomy", "dissection", "--long")
    assert "arXiv 2402.11296" in said
    for factor in load_taxonomy("dissection"):
        assert f"  {factor.name} (" in said
        assert ", ".join(f"{level} {anchor}" for level, anchor in enumerate(factor.anchors)) in said
    assert "shows_empathy (rating 0-3; rated by a model; to a query that shows feelings)" in said
    assert "29 factors" in said
    assert "list_items" not in said


def test_two_taxonomies_and_a_file_share_what_is_the_same(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[[factor]]\nname = 'calms'\ndefinition = 'Takes the heat out.'\nscale = 3\n", encoding="utf-8")
    said = run("factors", "--taxonomy", "profile-helpful", "--taxonomy", "profile-document-qa", "--factors", str(own))
    assert said.count("helpfulness") == 2, "its name and its label, once"
    assert "calms" in said
    assert "14 factors" in said


def test_without_a_taxonomy_the_lexical_ones_are_listed_and_the_others_named() -> None:
    said = run("factors")
    assert "with a source document (summarization, document-based QA)" in said
    assert "--taxonomy dissection, profile-summarization" in said


def test_slices_by_scenario_say_that_rules_read_them(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    prompts = ["Why is the sea salty?", "Write a poem about rain."]
    rows = [
        {
            "prompt": f"{prompts[number % 2]} ({number // 2})",
            "response_a": "long answer " * 5,
            "response_b": f"{number}",
        }
        | {"preference": "A" if number % 3 else "B"}
        for number in range(40)
    ]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    asked = ("explain", str(log), "--factors", "lexical:words", "--bootstraps", "100", "--out", str(tmp_path / "out"))
    said = run(*asked, "--by", "scenario")
    assert "scenario: by rules, 40 prompts" in said
    results = json.loads((tmp_path / "out" / "results.json").read_bytes())
    assert results["settings"]["made_columns"] == [["scenario", "by rules, 40 prompts"]]
    assert {profile["slice"] for profile in results["profiles"]} == {
        *("all", "scenario=knowledge", "scenario=creative writing")
    }
    assert "by rules, 40 prompts" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
