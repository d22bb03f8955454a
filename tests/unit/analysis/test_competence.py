"""What is found about evaluators: order of rows, planted factors that fool, corrections, consistency, abstentions."""

import random as plain_random
from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from prefactor.analysis.competence import CompetenceSettings, Evaluator, assess
from prefactor.analysis.competence.rows import say_the_same
from prefactor.data.question_set import Answer, AnswerVerdict, Question, QuestionSet, chosen_questions
from prefactor.errors import SettingError, UnknownNameError
from simulated.evaluators import Planted, plant

PLAIN = CompetenceSettings(factors=())
WORDS = CompetenceSettings(factors=("lexical:words,numbers,hedges",))


def shuffled(found: QuestionSet, seed: int) -> QuestionSet:
    source = plain_random.Random(seed)
    return replace(
        found,
        questions=tuple(source.sample(found.questions, len(found.questions))),
        answers=tuple(source.sample(found.answers, len(found.answers))),
        verdicts=tuple(source.sample(found.verdicts, len(found.verdicts))),
    )


def test_the_order_of_rows_changes_nothing() -> None:
    found = plant(np.random.default_rng(0), Planted(0.6, 0.9, 0.7), questions=80)
    settings = CompetenceSettings(graders=("exact",), factors=("lexical:words,characters",))
    # NaN is not equal to itself, but is written alike.
    assert repr(assess(found, settings)) == repr(assess(shuffled(found, 1), settings))


def wordy(random: np.random.Generator, *, questions: int, fooled: float) -> QuestionSet:
    """Three answerers, right in half; the evaluator's verdicts are true but that it accepts long wrong answers."""
    made = [Question(f"{number:05d}", f"What is {number}?", ("right",)) for number in range(questions)]
    answers, verdicts = [], []
    for question in made:
        for name in ("ann", "bob", "cy"):
            right, long = bool(random.random() < 0.5), bool(random.random() < 0.5)
            text = " ".join(["right" if right else "wrong"] + ["word"] * (12 if long else int(random.integers(1, 4))))
            answers.append(Answer(question.identity, name, text, right))
            accepted = right if random.random() < 0.9 else not right
            if not right and long and random.random() < fooled:
                accepted = True
            verdicts.append(AnswerVerdict(question.identity, name, "judge", accepted))
    return QuestionSet(tuple(made), tuple(answers), tuple(verdicts))


def test_a_factor_that_fools_is_named_with_its_side() -> None:
    (judge,) = assess(wordy(np.random.default_rng(1), questions=400, fooled=0.5), WORDS).evaluators
    named = {(each.error, each.factor) for each in judge.fooled if each.named}
    assert named == {("wrongly accepted", "words")}
    words = judge.fooled[0]
    assert words.difference.value == pytest.approx(0.45, abs=0.06)
    assert words.within.low > 0.3
    assert words.joint.low > 0


def test_what_does_not_fool_is_named_no_more_often_than_stated() -> None:
    trips = 0
    for seed in range(40):
        (judge,) = assess(wordy(np.random.default_rng(seed), questions=60, fooled=0.0), WORDS).evaluators
        trips += any(each.named for each in judge.fooled)
    # At 5 % two of 40 are expected, and six are three standard errors more.
    assert trips <= 6


def judge_of(found: QuestionSet, settings: CompetenceSettings = PLAIN, name: str = "judge") -> Evaluator:
    return next(each for each in assess(found, settings).evaluators if each.name == name)


def test_an_evaluator_that_accepts_everything_has_a_balanced_accuracy_of_one_half() -> None:
    found = plant(np.random.default_rng(2), Planted(), questions=100, answerers=(0.95,))
    yes = replace(found, verdicts=tuple(replace(each, right=True) for each in found.verdicts))
    judge = judge_of(yes)
    assert judge.accuracy.value > 0.85
    assert judge.balanced.value == 0.5
    assert judge.conclusion == "don't trust"


def test_one_graded_answer_a_question_has_an_exact_test() -> None:
    one = judge_of(plant(np.random.default_rng(3), Planted(0.9, 0.6, 0.6), questions=150, answerers=(0.8,)))
    assert one.generation is not None
    assert one.generation.p_exact < 1e-4
    two = judge_of(plant(np.random.default_rng(3), Planted(0.9, 0.6, 0.6), questions=150))
    assert two.generation is not None
    assert isnan(two.generation.p_exact)
    assert "not independent" in two.generation.reason


def test_consistency_is_of_repeats_equal_answers_and_wordings() -> None:
    found = plant(np.random.default_rng(4), Planted(), questions=60)
    again = tuple(
        replace(each, repeat=1, right=each.right != (place % 4 == 0)) for place, each in enumerate(found.verdicts)
    )
    other = tuple(replace(each, form="reworded") for each in found.verdicts)
    first = tuple(replace(each, form="words") for each in (*found.verdicts, *again))
    judge = judge_of(replace(found, verdicts=(*first, *other)), name="judge, words")
    kinds = {each.kind: each for each in judge.consistency}
    assert kinds["repeats"].pairs == 120
    assert kinds["repeats"].same.value == pytest.approx(0.75)
    assert kinds["wordings"].same.value == 1.0
    assert 0 < kinds["equal answers"].pairs < 60


def test_abstentions_are_a_class_of_their_own() -> None:
    questions = tuple(Question(f"{n}", f"What is {n}?", ("yes",)) for n in range(30))
    texts = ["yes", "I don't know", "no"] * 10
    answers = tuple(Answer(q.identity, "ann", text) for q, text in zip(questions, texts, strict=True))
    verdicts = tuple(AnswerVerdict(q.identity, "ann", "judge", True) for q in questions)
    found = assess(QuestionSet(questions, answers, verdicts), PLAIN)
    (ann,) = found.answerers
    assert (ann.right, ann.abstained, ann.wrong) == (10, 10, 10)
    assert ann.accuracy.value == pytest.approx(1 / 3)
    (judge,) = found.evaluators
    assert (judge.account.used, judge.account.untold) == (20, 10)
    assert found.truth == {"automatic": 20}


def test_labels_of_a_part_correct_the_grader_on_the_rest() -> None:
    random, questions = np.random.default_rng(5), []
    answers = []
    for number in range(2_000):
        question = Question(f"{number:05d}", f"What is {number}?", ("tea",))
        right = bool(random.random() < 0.7)
        seen = random.random() < (0.6 if right else 0.05)
        questions.append(question)
        answers.append(Answer(question.identity, "ann", "tea" if seen else "cha", right if number < 400 else None))
    (ann,) = assess(QuestionSet(tuple(questions), tuple(answers)), replace(PLAIN, graders=("exact",))).answerers
    (part,) = ann.corrections
    assert (part.labelled, part.rest, part.rates_from) == (400, 1_600, "own")
    assert part.counted.value < 0.5
    assert part.corrected.low < 0.7 < part.corrected.high
    assert part.corrected.high - part.corrected.low < 0.15


def test_a_model_with_the_key_can_be_the_grader() -> None:
    found = plant(np.random.default_rng(6), Planted(), questions=50)
    unlabelled = tuple(replace(each, right=None) for each in found.answers)
    keyed = tuple(
        AnswerVerdict(each.question, each.answerer, "judge", each.right, keyed=True) for each in found.answers
    )
    known = replace(found, answers=unlabelled, verdicts=(*found.verdicts, *keyed))
    settings = replace(PLAIN, graders=("model:judge",))
    assert judge_of(known, settings).accuracy == judge_of(found).accuracy
    with pytest.raises(SettingError, match=r"a model with verdicts beside the key \(judge\)"):
        assess(known, replace(PLAIN, graders=("model:jude",)))


def test_names_that_are_not_there_are_named() -> None:
    found = plant(np.random.default_rng(7), Planted(), questions=20)
    for settings in (
        replace(PLAIN, same=(("judg", "judge"),)),
        replace(PLAIN, same=(("judge", "answerer 9"),)),
        replace(PLAIN, slices=("topic",)),
        replace(PLAIN, evaluators=("exat",)),
    ):
        with pytest.raises(UnknownNameError):
            assess(found, settings)


def test_answers_say_the_same_by_option_or_by_words() -> None:
    options = Question("q", "Who?", ("Emma",), ("Emma", "Jane"))
    assert say_the_same("B", "The answer is B", question=options)
    assert not say_the_same("A", "B", question=options)
    assert not say_the_same(None, "B", question=options)


def test_a_larger_limit_only_adds() -> None:
    found = plant(np.random.default_rng(8), Planted(), questions=30)
    few, more = (chosen_questions(shuffled(found, limit), limit) for limit in (5, 12))
    kept = {question.identity for question in few.questions}
    assert len(kept) == 5
    assert kept < {question.identity for question in more.questions}
    assert {answer.question for answer in few.answers} == kept


def test_answers_and_verdicts_that_never_came_are_counted_and_nothing_is_made_of_them() -> None:
    found = plant(np.random.default_rng(9), Planted(), questions=30)
    silent = replace(
        found,
        answers=(*found.answers[1:], replace(found.answers[0], text=None, problem="timeout")),
        verdicts=tuple(replace(each, right=None, problem="unreadable") for each in found.verdicts),
    )
    result = assess(silent, CompetenceSettings(factors=("lexical:words",)))
    assert {each.answerer: each.missing for each in result.answerers} == {
        "answerer 0": 0,
        "answerer 1": 0,
        "judge": 1,
    }
    (judge,) = result.evaluators
    assert (judge.account.used, judge.account.unreadable) == (0, 60)
    assert isnan(judge.accuracy.value)
    assert isnan(judge.balanced.value)
    assert (judge.cells, judge.knowing, judge.fooled) == ((), (), ())
    assert judge.conclusion == "underpowered"
