"""The verdicts of one evaluator as arrays: what it said, what is true, what it answered itself. Computes no rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor.analysis.competence.results import VerdictAccount
from prefactor.analysis.competence.truth import Truth
from prefactor.data.question_set import AnswerVerdict, Question
from prefactor.graders.base import NOT_APPLICABLE
from prefactor.graders.choice import option_named
from prefactor.graders.normalise import words_of

__all__ = ["EvaluatorRows", "account_of", "evaluator_rows", "say_the_same"]

SILENT = ("missing", "unknown", NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class EvaluatorRows:
    """Verdicts of one evaluator on answers of which it is known whether they are right.

    Parameters
    ----------
    keys
        Question and answerer of every row, sorted.
    question
        Place of the question.
    answerer
        Place of the answerer among the sorted names.
    accepted, right
        Verdict and truth.
    chance
        The evaluator's probability of the answer being right; NaN where it gave none.
    can
        1 where the evaluator's own answer to the question is right, 0 where it is wrong or it has none because it does
        not know, NaN where that is not known.
    agrees
        1 where the answer says the same as the evaluator's own, 0 where not, NaN where that is not known.
    own
        Whether the answer is the evaluator's own.
    """

    keys: tuple[tuple[str, str], ...]
    question: IntArray
    answerer: IntArray
    accepted: BoolArray
    right: BoolArray
    chance: FloatArray
    can: FloatArray
    agrees: FloatArray
    own: BoolArray

    @property
    def true(self) -> BoolArray:
        """Whether the verdict is true."""
        return np.asarray(self.accepted == self.right)


def evaluator_rows(truth: Truth, verdicts: Sequence[AnswerVerdict], *, answerer: str) -> EvaluatorRows:
    """Return the usable verdicts of one evaluator; ``answerer`` is the answerer that it is, or empty."""
    usable = {
        (each.question, each.answerer): each
        for each in verdicts
        if each.right is not None and (each.question, each.answerer) in truth.right
    }
    keys = tuple(sorted(usable))
    names = {name: place for place, name in enumerate(truth.answerers)}
    can = np.array([_can(truth, key[0], answerer) for key in keys], dtype=float)
    agrees = [_agrees(truth, key, answerer, right) for key, right in zip(keys, can.tolist(), strict=True)]
    chances = [usable[key].chance for key in keys]
    return EvaluatorRows(
        keys,
        np.array([truth.place[key[0]] for key in keys], dtype=np.int64),
        np.array([names[key[1]] for key in keys], dtype=np.int64),
        np.array([usable[key].right for key in keys], dtype=bool),
        np.array([truth.right[key] for key in keys], dtype=bool),
        np.array([np.nan if chance is None else chance for chance in chances], dtype=float),
        can,
        np.array(agrees, dtype=float),
        np.array([key[1] == answerer for key in keys], dtype=bool),
    )


def _can(truth: Truth, question: str, answerer: str) -> float:
    key = (question, answerer)
    if key in truth.abstained:
        return 0.0
    return float(truth.right[key]) if key in truth.right else np.nan


def _agrees(truth: Truth, key: tuple[str, str], answerer: str, can: float) -> float:
    """Tell whether an answer says what the evaluator's own says: right answers do, wrong ones where they are alike."""
    if np.isnan(can):
        return np.nan
    right = truth.right[key]
    if right or can:
        return float(right and bool(can))
    own = truth.answers[key[0], answerer]
    if (key[0], answerer) in truth.abstained:
        return 0.0
    question = truth.questions[truth.place[key[0]]]
    return float(say_the_same(own.text, truth.answers[key].text, question=question))


def say_the_same(first: str | None, second: str | None, *, question: Question) -> bool:
    """Tell whether two answers are alike: one option, the same words, or the words of one within the other's.

    Examples
    --------
    >>> question = Question("q", "Who?", ("Emma",))
    >>> say_the_same("Jane Eyre.", "It was Jane Eyre", question=question), say_the_same("Jo", "Joan", question=question)
    (True, False)
    """
    if first is None or second is None:
        return False
    if question.options:
        place = option_named(first, question.options)
        return place is not None and place == option_named(second, question.options)
    shorter, longer = sorted((words_of(first), words_of(second)), key=len)
    return bool(shorter) and any(
        longer[place : place + len(shorter)] == shorter for place in range(len(longer) - len(shorter) + 1)
    )


def account_of(truth: Truth, verdicts: Sequence[AnswerVerdict]) -> VerdictAccount:
    """Return where the verdicts of one evaluator went."""
    counts: Mapping[str, int] = {
        problem: sum(each.right is None and each.problem == problem for each in verdicts) for problem in SILENT
    }
    decided = [each for each in verdicts if each.right is not None]
    used = sum((each.question, each.answerer) in truth.right for each in decided)
    return VerdictAccount(
        read=len(verdicts),
        used=used,
        unknown=counts["unknown"],
        unreadable=len(verdicts) - len(decided) - sum(counts.values()),
        missing=counts["missing"],
        not_applicable=counts[NOT_APPLICABLE],
        untold=len(decided) - used,
    )
