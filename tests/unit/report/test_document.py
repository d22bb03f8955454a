"""results.json keeps its contract: every key is in the schema, no number is invented, no text of an answer is in it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import NoReturn, cast

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types

from prefactor.analysis.results import Explanation
from prefactor.report import SCHEMA_VERSION, render_json, results_document, results_schema
from prefactor.report.document import Json
from report.examples import (
    HOSTILE,
    Size,
    empty_explanation,
    explanation_of,
    hostile_explanation,
    simulated_explanation,
)

EXAMPLES = {
    "one judge": explanation_of(Size(factors=8)),
    "many judges and slices": explanation_of(Size(judges=5, slices=7, factors=12)),
    "few comparisons": explanation_of(Size(judges=2, factors=8, comparisons=60)),
    "nothing known": empty_explanation(),
    "hostile": hostile_explanation(),
    "simulated": simulated_explanation(),
    "nothing telling": replace(explanation_of(Size(factors=4)), telling=(), checks=(), agreements=(), sources=()),
}

each_example = pytest.mark.parametrize("explanation", EXAMPLES.values(), ids=EXAMPLES)

FACTOR_KEYS = {
    *("name", "label", "tau14", "weight", "probability", "single_weight", "single_probability", "q_value", "verdict"),
    *("absorbed_by", "sentence", "n", "concordant", "discordant", "share", "vif"),
}
PROFILE_KEYS = {
    *("judge", "kind", "slice", "n_used", "n_dropped", "accuracy", "factors", "account", "both_orders", "prompts"),
    *("apportionment", "dependence"),
    *("a_preferred", "first_preferred", "prediction", "fit", "collinear", "ceiling", "self_preference", "repetition"),
    *("annotators", "addressed", "joint", "unmeasured", "corrections", "manipulability", "covariance"),
}
DOCUMENT_KEYS = {
    *("schema_version", "prefactor_version", "settings", "sources", "counts", "profiles", "agreements", "checks"),
    *("factors", "truth", "against_annotators", "nearest_published", "telling", "pooled", "unmeasured"),
}

Object = Mapping[str, Json]


def objects(value: Json) -> list[Object]:
    assert isinstance(value, list)
    return [cast("Object", one) for one in value]


def child(value: Object, name: str) -> Object:
    found = value[name]
    assert isinstance(found, dict)
    return found


def unlike_schema(value: Json, schema: Object, path: str = "") -> Iterator[str]:
    """Where the keys of a document, those of its schema and the required ones are not the same."""
    if "$ref" in schema:
        definition = str(schema["$ref"]).removeprefix("#/$defs/")
        schema = child(child(results_schema(), "$defs"), definition)
    if isinstance(value, dict) and "properties" in schema:
        properties = child(schema, "properties")
        required = schema["required"]
        assert isinstance(required, list)
        if not set(value) == set(properties) == {str(name) for name in required}:
            yield f"{path}: {sorted(value)} {sorted(properties)}"
        for name in value.keys() & properties.keys():
            yield from unlike_schema(value[name], child(properties, name), f"{path}.{name}")
    elif isinstance(value, dict):
        if "additionalProperties" not in schema:
            yield f"{path}: keys are not described"
    elif isinstance(value, list):
        for one in value:
            yield from unlike_schema(one, child(schema, "items"), f"{path}[]")


def strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, Sequence):
        for part in value:
            yield from strings(part)


def no_such_number(text: str) -> NoReturn:
    raise AssertionError(f"{text} is no JSON")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(results_schema())


@each_example
def test_follows_the_schema(explanation: Explanation) -> None:
    document = json.loads(render_json(explanation), parse_constant=no_such_number)
    errors = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(results_schema()).iter_errors(document)
    ]
    assert errors == []


def test_a_wrong_document_does_not_follow_the_schema() -> None:
    document = json.loads(render_json(EXAMPLES["one judge"]))
    document["profiles"][0]["factors"][0]["tau14"]["low"] = "-0.1"
    del document["profiles"][0]["factors"][0]["n"]["tied"]
    found = {error.json_path for error in Draft202012Validator(results_schema()).iter_errors(document)}
    assert found == {"$.profiles[0].factors[0].tau14.low", "$.profiles[0].factors[0].n"}


@each_example
def test_every_key_is_described_and_required(explanation: Explanation) -> None:
    assert list(unlike_schema(cast("Json", results_document(explanation)), results_schema())) == []


def test_an_undescribed_key_is_seen() -> None:
    document = json.loads(render_json(EXAMPLES["one judge"]))
    document["profiles"][0]["fit"]["more"] = 1
    assert len(list(unlike_schema(document, results_schema()))) == 1


@each_example
def test_the_contract(explanation: Explanation) -> None:
    document = results_document(explanation)
    assert set(document) == DOCUMENT_KEYS
    assert document["schema_version"] == SCHEMA_VERSION == "1.0"
    profiles = objects(document["profiles"])
    assert len(profiles) == len(explanation.profiles)
    for profile in profiles:
        assert set(profile) == PROFILE_KEYS
        for factor in objects(profile["factors"]):
            assert set(factor) == FACTOR_KEYS
            assert set(child(factor, "n")) == {"read", "tied", "unreadable", "missing", "used", "inapplicable"}
            for name in ("tau14", "probability", "single_probability"):
                assert set(child(factor, name)) == {"value", "low", "high"}
            for name in ("weight", "single_weight"):
                assert set(child(factor, name)) == {"mean", "sd", "low", "high"}


def test_the_contract_is_in_the_docs() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "report.md").read_text(encoding="utf-8")
    missing = {name for name in FACTOR_KEYS | DOCUMENT_KEYS - {"truth"} if f'"{name}"' not in page}
    assert missing == set()


def test_numbers_are_those_of_the_explanation() -> None:
    explanation = EXAMPLES["many judges and slices"]
    for profile, written in zip(explanation.profiles, objects(results_document(explanation)["profiles"]), strict=True):
        assert (written["judge"], written["slice"], written["kind"]) == (profile.judge, profile.slice, profile.kind)
        assert written["n_used"] == profile.account.used
        known = profile.prediction.folds > 0
        assert written["accuracy"] == (profile.prediction.accuracy.value if known else None)
        assert written["n_dropped"] == profile.account.unreadable + profile.account.missing
        for effect, factor in zip(profile.effects, objects(written["factors"]), strict=True):
            assert (factor["name"], factor["label"]) == (effect.factor, explanation.factor(effect.factor).label)
            assert (factor["concordant"], factor["discordant"]) == (effect.concordant, effect.discordant)
            if factor["verdict"] != "not identified":
                assert child(factor, "tau14")["value"] == effect.tau14.value
                assert child(factor, "weight")["sd"] == effect.weight.sd
                assert child(factor, "single_probability")["high"] == effect.single_probability.high


def test_numbers_that_could_not_be_had_are_null() -> None:
    (profile,) = objects(results_document(empty_explanation())["profiles"])
    nothing = {"value": None, "low": None, "high": None}
    assert profile["accuracy"] is None
    assert profile["a_preferred"] == profile["first_preferred"] == nothing
    for factor in objects(profile["factors"]):
        assert factor["tau14"] == factor["probability"] == nothing
        assert factor["weight"] == {"mean": None, "sd": None, "low": None, "high": None}
        assert factor["q_value"] is None


def test_infinite_numbers_are_null() -> None:
    base = EXAMPLES["one judge"]
    profile = replace(base.profiles[0], fit=replace(base.profiles[0].fit, tie_parameter=-inf))
    (written,) = objects(results_document(replace(base, profiles=(profile,)))["profiles"])
    assert child(written, "fit")["tie_parameter"] is None


@each_example
def test_holds_no_text_of_a_comparison(explanation: Explanation) -> None:
    marked = tuple(
        replace(one, prompt="sesame", response_a="sesame a", response_b="sesame b", why="sesame", model_a="sesame")
        for one in explanation.telling
    )
    document = results_document(replace(explanation, telling=marked))
    assert [text for text in strings(cast("Json", document)) if "sesame" in text] == []


def test_names_come_back_as_they_were() -> None:
    read = json.loads(render_json(EXAMPLES["hostile"]))
    assert read["profiles"][0]["judge"] == f"human{HOSTILE}"
    assert read["factors"][0]["definition"] == HOSTILE


def test_a_file_name_that_is_not_unicode_is_shown_by_its_bytes() -> None:
    source = replace(EXAMPLES["one judge"].sources[0], file="caf\udce9.jsonl")
    read = json.loads(render_json(replace(EXAMPLES["one judge"], sources=(source,))))
    assert read["sources"][0]["file"] == r"caf\udce9.jsonl"


def test_the_same_explanation_gives_the_same_bytes() -> None:
    size = Size(judges=3, slices=2, factors=6)
    written = render_json(explanation_of(size))
    assert written == render_json(explanation_of(size))
    assert written.endswith(b"}\n")
    assert list(json.loads(written)) == list(results_document(explanation_of(size)))
