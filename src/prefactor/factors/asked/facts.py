"""Facts: every text is split once into short statements, and these are checked, many in one call.

After arXiv 2410.06965 (number of facts, source coverage, hallucination, misinformation) and FActScore
(arXiv 2305.14251). Knows no prompt and no form of reply.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from prefactor._validate import check_known, check_positive
from prefactor.asking.calls import Asked
from prefactor.errors import SettingError
from prefactor.factors.asked.base import RateOptions, Ratings, Steps, Subjects, outcome, unmeasured
from prefactor.factors.asked.fact_prompts import check_request, split_answer, split_source, verdicts_of
from prefactor.factors.asked.fact_replies import Facts, Verdicts, read_facts, read_verdicts
from prefactor.factors.base import Factor
from prefactor.llm.records import Request

__all__ = ["PARTS", "WAY", "Part"]

_WORDS_A_FACT: Final = 12
"""Words of text for each fact that it has, about; only the plan is made with it."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is made of verdicts.

    Parameters
    ----------
    check
        ``"source"``, ``"truth"`` (by the reference where there is one, otherwise by what the model knows),
        ``"coverage"``, ``"other"`` (the other answer of a comparison); empty where facts are only counted.
    verdict
        The verdict that is counted.
    share
        Whether the score is a share of the facts, not their number.
    """

    check: str = ""
    verdict: str = ""
    share: bool = False


PARTS: Final = {
    "number": Part(),
    "unsupported": Part("source", "not supported", share=True),
    "unsupported_number": Part("source", "not supported"),
    "false": Part("truth", "false", share=True),
    "false_number": Part("truth", "false"),
    "undecided": Part("truth", "cannot tell", share=True),
    "undecided_number": Part("truth", "cannot tell"),
    "coverage": Part("coverage", "stated", share=True),
    "own": Part("other", "not stated", share=True),
}
"""Outcomes. Shares are of the facts of the answer, ``"coverage"`` of those of the source; without facts, they
do not apply. ``"own"`` looks at the other answer of a comparison."""

Score = tuple[float, int]
Text = int | str
"""A text that is split: the place of an answer, or a source."""

_DOES_NOT_APPLY: Final[Score] = (math.nan, outcome("does not apply"))


@dataclass(frozen=True, slots=True)
class _Check:
    """Facts to be checked: the calls, and how many facts each of them has; without calls, the verdicts themselves."""

    kind: str
    requests: tuple[Request, ...] = ()
    counts: tuple[int, ...] = ()
    known: tuple[str, ...] | None = None
    problem: str = "measured"

    def verdicts(self, answers: Sequence[Asked]) -> Verdicts:
        """Return one verdict for each fact, in their order; nothing where one of the calls has no answer."""
        if not self.requests:
            return self.known, self.problem
        words = verdicts_of(self.kind)
        found: list[str] = []
        for asked, count in zip(answers, self.counts, strict=True):
            verdicts, problem = read_verdicts(asked, words, count=count)
            if verdicts is None:
                return None, problem
            found += verdicts
        return tuple(found), "measured"


Task = tuple[str, int, int]
"""A check of a :class:`Part`, the place of the answer, and that of the other answer or -1."""


class _Work:
    """What is split and checked for some factors."""

    def __init__(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions) -> None:
        self.answers, self.pairs, self.options = subjects.answers, subjects.pairs, options
        self.factors = tuple(factors)
        self.parts = tuple(_part_of(factor) for factor in factors)
        self.rows = [[self._applies(place, column) for column in range(len(factors))] for place in range(len(self))]
        check_positive("facts at once", options.facts_at_once)

    def __len__(self) -> int:
        return len(self.answers)

    def _applies(self, place: int, column: int) -> bool:
        query, need = self.answers[place].query, self.factors[column].needs
        if (need == "source" or self.parts[column].check in {"source", "coverage"}) and _blank(query.source):
            return False
        return need != "reference" or not _blank(query.reference)

    def tasks(self) -> list[Task]:
        """Return the checks wanted, each once."""
        found: dict[Task, None] = {}
        for column, part in enumerate(self.parts):
            if part.check == "other":
                sides = [*self.pairs, *((two, one) for one, two in self.pairs)]
                found |= {("other", one, two): None for one, two in sides if self.rows[one][column]}
            else:
                found |= {(part.check, place, -1): None for place in range(len(self)) if self.rows[place][column]}
        return list(found)

    def text_of(self, task: Task) -> Text:
        """Return the text whose facts a check takes."""
        check, place, _ = task
        return self.answers[place].query.source or "" if check == "coverage" else place

    def words_of(self, text: Text) -> str:
        """Return the text itself."""
        return text if isinstance(text, str) else self.answers[text].text

    def split(self, text: Text) -> Request:
        """Return the call that takes a text apart."""
        if isinstance(text, str):
            return split_source(text, self.options)
        return split_answer(self.answers[text], self.options)

    def check(self, task: Task, found: Facts) -> _Check:
        """Return what is asked about the facts of a check."""
        check, place, other = task
        facts, problem = found
        if not facts or not check:
            return _Check(check, known=facts, problem=problem)
        query = self.answers[place].query
        kind = check
        if check == "truth":
            kind = "knowledge" if _blank(query.reference) else "reference"
        against = {
            "source": query.source or "",
            "reference": query.reference or "",
            "knowledge": "",
            "coverage": self.answers[place].text,
            "other": self.answers[other].text,
        }[kind]
        if _blank(against) and kind != "knowledge":
            return _Check(kind, known=(verdicts_of(kind)[-1],) * len(facts))
        size = self.options.facts_at_once
        lots = [facts[start : start + size] for start in range(0, len(facts), size)]
        requests = [check_request(kind, lot, against=against, query=query, options=self.options) for lot in lots]
        return _Check(kind, tuple(requests), tuple(len(lot) for lot in lots))

    def ratings(self, found: Mapping[Task, Facts]) -> Ratings:
        """Return the scores that verdicts make."""
        ratings = unmeasured(len(self), len(self.factors))
        pairs = np.array(self.pairs, dtype=np.int64).reshape(-1, 2)
        sides = Ratings(
            np.empty((*pairs.shape, len(self.factors))), np.empty((*pairs.shape, len(self.factors)), np.int8)
        )
        for column, part in enumerate(self.parts):
            if part.check == "other":
                seen = [
                    (self._score(column, ("other", a, b), found), self._score(column, ("other", b, a), found))
                    for a, b in self.pairs
                ]
                _put(sides, column, [score for both in seen for score in both])
                _put(ratings, column, _means(len(self), self.pairs, seen))
            else:
                tasks: list[Task] = [(part.check, place, -1) for place in range(len(self))]
                _put(ratings, column, [self._score(column, task, found) for task in tasks])
                sides.values[:, :, column] = ratings.values[pairs, column]
                sides.outcomes[:, :, column] = ratings.outcomes[pairs, column]
        if any(part.check == "other" for part in self.parts):
            return Ratings(ratings.values, ratings.outcomes, sides.values, sides.outcomes)
        return ratings

    def _score(self, column: int, task: Task, found: Mapping[Task, Facts]) -> Score:
        """Return the score of one answer; where facts are only counted, they are what was found."""
        if not self.rows[task[1]][column]:
            return _DOES_NOT_APPLY
        part = self.parts[column]
        listed, problem = found[task]
        if listed is None:
            return math.nan, outcome(problem)
        if part.share and not listed:
            return _DOES_NOT_APPLY
        counted = Counter(listed)[part.verdict] if part.check else len(listed)
        return counted / len(listed) if part.share else float(counted), outcome("measured")


class _Facts:
    """Measures factors that are made of facts."""

    def steps(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions) -> Steps:
        """Split every text, check the facts, and count.

        Raises
        ------
        UnknownNameError
            A factor has no such part.
        SettingError
            A factor needs what this way does not look for, or no fact may be checked at once.
        """
        work = _Work(subjects, factors, options)
        tasks = work.tasks()
        texts = dict.fromkeys(work.text_of(task) for task in tasks)
        wanted = [text for text in texts if not _blank(work.words_of(text))]
        asked = yield [work.split(text) for text in wanted]
        facts: dict[Text, Facts] = dict.fromkeys(texts, ((), "measured"))
        facts |= dict(zip(wanted, map(read_facts, asked), strict=True))
        checks = {task: work.check(task, facts[work.text_of(task)]) for task in tasks}
        answers = iter((yield [request for check in checks.values() for request in check.requests]))
        return work.ratings(
            {task: check.verdicts(list(islice(answers, len(check.requests)))) for task, check in checks.items()}
        )

    def later(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions) -> Sequence[Request]:
        """Return stand-ins for the checks, with a fact for every twelve words."""
        work = _Work(subjects, factors, options)
        stand_ins = ((task, _stand_in(work.words_of(work.text_of(task)))) for task in work.tasks())
        return [request for task, facts in stand_ins for request in work.check(task, (facts, "measured")).requests]


WAY: Final = _Facts()


def _part_of(factor: Factor) -> Part:
    if factor.needs not in {"", "source", "reference"}:
        raise SettingError(f"needs of {factor.name}", expected="source, reference or nothing", got=factor.needs)
    (name,) = check_known("part of the way facts", [factor.part or factor.name], PARTS)
    return PARTS[name]


def _blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _stand_in(text: str) -> tuple[str, ...]:
    words = text.split()
    return tuple(" ".join(words[start : start + _WORDS_A_FACT]) for start in range(0, len(words), _WORDS_A_FACT))


def _put(ratings: Ratings, column: int, scores: Sequence[Score]) -> None:
    """Fill one column of ratings, whatever the shape of the rest."""
    shape = ratings.values.shape[:-1]
    ratings.values[..., column] = np.array([value for value, _ in scores], dtype=np.float64).reshape(shape)
    ratings.outcomes[..., column] = np.array([reason for _, reason in scores], dtype=np.int8).reshape(shape)


def _means(size: int, pairs: Sequence[tuple[int, int]], seen: Sequence[tuple[Score, Score]]) -> list[Score]:
    """Return the mean score of each answer over the comparisons it is in, or why there is none in any."""
    of: list[list[Score]] = [[] for _ in range(size)]
    for places, scores in zip(pairs, seen, strict=True):
        for place, score in zip(places, scores, strict=True):
            of[place].append(score)
    return [_mean(scores) for scores in of]


def _mean(scores: Sequence[Score]) -> Score:
    values = [value for value, reason in scores if reason == outcome("measured")]
    if values:
        return math.fsum(values) / len(values), outcome("measured")
    failed = [score for score in scores if score[1] != _DOES_NOT_APPLY[1]]
    return min(failed, key=lambda score: score[1], default=_DOES_NOT_APPLY)
