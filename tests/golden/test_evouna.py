"""EVOUNA's TriviaQA answers: the five systems' published accuracies, and lexical graders that punish long answers.

Wang et al. 2023, "Evaluating Open-QA Evaluation" (arXiv 2305.12421), repository wangcunxiang/QA-Eval.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from prefactor.analysis.competence import Competence, CompetenceSettings, assess
from prefactor.readers.questions import find_questions, read_questions

PUBLISHED = {"fid": 81.53, "gpt35": 78.43, "chatgpt": 84.42, "gpt4": 90.20, "newbing": 89.63}


@pytest.fixture(scope="module")
def found(real_data: Path) -> Competence:
    questions = read_questions(find_questions([str(real_data / "evouna" / "TQ.json")]))
    settings = CompetenceSettings(evaluators=("exact", "contains", "f1:0.5"), factors=("lexical:words",))
    return assess(questions, settings)


def test_human_judged_accuracies_are_the_published_ones(found: Competence) -> None:
    assert found.questions == 1_938
    assert found.left_out == (("marked improper", 62),)
    assert {each.answerer: round(100 * each.accuracy.value, 2) for each in found.answerers} == PUBLISHED
    assert all(each.read == each.right + each.wrong + each.abstained == 1_938 for each in found.answerers)


def test_lexical_graders_punish_long_answers(found: Competence) -> None:
    words = {each.answerer: each.words for each in found.answerers}
    assert min(words, key=words.__getitem__) == "fid"
    assert max(words, key=words.__getitem__) == "newbing"
    graders = {each.name: each for each in found.evaluators}
    for name in ("exact", "f1:0.5"):
        rejected = {cell.answerer: cell.wrongly_rejected for cell in graders[name].cells}
        # Their intervals are far apart: the answers of one or two words, and those of fifty.
        assert rejected["fid"].high < 0.15
        assert rejected["newbing"].low > 0.9
        (longer,) = [each for each in graders[name].fooled if each.error == "wrongly rejected"]
        assert longer.named
        assert longer.difference.low > 0.4
        assert longer.within.low > 0.9
    # Containment looks for the key in the answer, however long that is.
    contained = {cell.answerer: cell.wrongly_rejected.value for cell in graders["contains"].cells}
    assert max(contained.values()) - min(contained.values()) < 0.02


def test_an_evaluator_that_misgrades_turns_the_order_of_systems(found: Competence) -> None:
    (exact,) = [each for each in found.evaluators if each.name == "exact"]
    reported = {cell.answerer: cell.accepted.value for cell in exact.cells}
    assert max(reported, key=reported.__getitem__) == "fid"
    assert min(PUBLISHED, key=PUBLISHED.__getitem__) == "gpt35"
    assert reported["newbing"] < 0.01


def test_hidden_labels_are_recovered_from_a_labelled_part(real_data: Path) -> None:
    questions = read_questions(find_questions([str(real_data / "evouna" / "TQ.json")]))
    shown = {question.identity for question in questions.questions if int(question.identity, 16) % 10 < 2}
    hidden = replace(
        questions,
        answers=tuple(each if each.question in shown else replace(each, right=None) for each in questions.answers),
    )
    answerers = assess(hidden, CompetenceSettings(graders=("f1:0.5",), factors=())).answerers
    for each in answerers:
        (part,) = each.corrections
        truth = PUBLISHED[each.answerer] / 100
        if part.corrected.value != part.corrected.value:
            # This grader finds next to nothing of it right: no correction can be had, and none is invented.
            assert each.answerer == "newbing"
            continue
        assert abs(part.corrected.value - truth) < abs(part.counted.value - truth)
