"""How often the rules tell the scenario of a prompt right, on the half of Auto-J's prompts that they were not made on.

Auto-J has 58 scenarios; which of the 11 each belongs to is our own table. None of them is unsafe.
"""

import hashlib
import json
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from prefactor.factors.asked import SCENARIOS
from prefactor.factors.queries import read_query

GROUPS: Final = {
    "advice": "asking_how_to_question recommendation seeking_advice",
    "code": "code_correction_rewriting code_generation code_simplification code_to_code_translation explaining_code",
    "communication": "chitchat roleplay value_judgement",
    "creative writing": "counterfactual creative_writing writing_advertisement writing_blog_post "
    "writing_marketing_materials writing_personal_essay writing_presentation_script writing_social_media_post "
    "writing_song_lyrics",
    "daily tasks": "brainstorming planning ranking",
    "exam questions": "math_reasoning solving_exam_question_with_math solving_exam_question_without_math",
    "functional writing": "functional_writing writing_biography writing_cooking_recipe writing_email "
    "writing_job_application writing_legal_document writing_news_article writing_product_description "
    "writing_scientific_paper writing_technical_document",
    "knowledge": "analyzing_general explaining_general open_question verifying_fact",
    "NLP tasks": "classification_identification data_analysis information_extraction instructional_rewriting "
    "keywords_extraction language_polishing note_summarization paraphrasing post_summarization question_generation "
    "reading_comprehension text_correction text_simplification text_summarization text_to_text_translation "
    "title_generation topic_modeling",
    "other": "others",
}
GROUP_OF: Final = {scenario: group for group, scenarios in GROUPS.items() for scenario in scenarios.split()}


@pytest.fixture(scope="module")
def held_out(real_data: Path) -> tuple[list[str], list[str]]:
    """Scenarios by table and by rules, one of each per distinct prompt of the half that was held out."""
    with (real_data / "auto_j" / "testdata_pairwise.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert {row["scenario"] for row in rows} == {*GROUP_OF}
    table: dict[str, str] = {}
    for row in rows:
        table.setdefault(row["prompt"], GROUP_OF[row["scenario"]])
    chosen = [prompt for prompt in table if int(hashlib.sha256(prompt.encode()).hexdigest(), 16) % 2]
    return [table[prompt] for prompt in chosen], [str(read_query(prompt).scenario) for prompt in chosen]


def kappa(table: NDArray[np.int64], rules: NDArray[np.int64]) -> float:
    joint = np.zeros((len(SCENARIOS), len(SCENARIOS)))
    np.add.at(joint, (table, rules), 1 / len(table))
    chance = float(joint.sum(axis=0) @ joint.sum(axis=1))
    return float((np.trace(joint) - chance) / (1 - chance))


def test_accuracy_and_kappa(held_out: tuple[list[str], list[str]]) -> None:
    table, rules = (np.array([SCENARIOS.index(each) for each in part]) for part in held_out)
    rng = np.random.default_rng(0)
    drawn = [kappa(table[rows], rules[rows]) for rows in rng.integers(len(table), size=(2000, len(table)))]
    low, high = np.quantile(drawn, [0.05, 0.95])
    found = {
        "prompts": len(table),
        "accuracy": round(float(np.mean(table == rules)), 2),
        "kappa": [round(value, 2) for value in (kappa(table, rules), float(low), float(high))],
    }
    assert found == {"prompts": 612, "accuracy": 0.68, "kappa": [0.63, 0.59, 0.66]}


def test_precision_is_low_where_rules_fall_back(held_out: tuple[list[str], list[str]]) -> None:
    table, rules = map(np.array, held_out)
    precision = {name: round(float(np.mean(table[rules == name] == name)), 2) for name in GROUPS}
    assert {name: value for name, value in precision.items() if value < 0.6} == {
        "advice": 0.5,
        "communication": 0.56,
        "knowledge": 0.37,
        "other": 0.18,
    }


def test_recall_of_every_scenario(held_out: tuple[list[str], list[str]]) -> None:
    table, rules = map(np.array, held_out)
    recall = {name: round(float(np.mean(rules[table == name] == name)), 2) for name in GROUPS}
    assert recall == {
        "advice": 0.81,
        "code": 0.88,
        "communication": 0.42,
        "creative writing": 0.7,
        "daily tasks": 0.69,
        "exam questions": 0.7,
        "functional writing": 0.72,
        "knowledge": 0.7,
        "NLP tasks": 0.63,
        "other": 0.25,
    }
