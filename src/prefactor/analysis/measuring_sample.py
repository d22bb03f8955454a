"""The answers on which measuring is tested, and how they are measured once; knows no statistics."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np
import polars as pl

from prefactor._typing import FloatArray, IntArray
from prefactor.analysis.rating import subjects_of
from prefactor.asking.calls import AskOptions
from prefactor.data.dataset import Dataset
from prefactor.errors import FitError, InputFileError
from prefactor.factors.asked.base import RateOptions, Ratings, Subjects
from prefactor.factors.asked.measuring import measure_by_asking
from prefactor.factors.base import Factor
from prefactor.factors.features import feature_of
from prefactor.llm.base import Provider
from prefactor.readers.factor_labels import FactorLabel
from prefactor.runtime.budget import Cost
from prefactor.runtime.running import Watch

__all__ = ["RepeatedRater", "Sample", "Spent", "choose_sample", "signs_of"]


@dataclass(slots=True)
class Spent:
    """What measuring took, summed over all measurements.

    Parameters
    ----------
    calls, cached, failed
        Distinct calls of every measurement, those answered before, and those that failed.
    tokens, price
        What was paid.
    """

    calls: int = 0
    cached: int = 0
    failed: int = 0
    tokens: int = 0
    price: float = 0.0


@dataclass(frozen=True)
class RepeatedRater:
    """Who measures.

    Parameters
    ----------
    make_provider
        Gives a provider for every measurement; each is closed after it.
    options
        The model, and how it is asked.
    ask, watch
        Cache, limits, and the budget of all measurements; told how calls get on.
    spent
        Counts what it took.
    """

    make_provider: Callable[[], Provider]
    options: RateOptions
    ask: AskOptions | None = None
    watch: Watch | None = None
    spent: Spent = field(default_factory=Spent)

    def measure(self, subjects: Subjects, factors: Sequence[Factor], options: RateOptions | None = None) -> Ratings:
        """Measure once."""
        found = measure_by_asking(
            subjects,
            factors,
            provider=self.make_provider(),
            options=options or self.options,
            ask=self._left(),
            watch=self.watch,
        )
        self.spent.calls += found.calls
        self.spent.cached += found.cached
        self.spent.failed += sum(number for _, number in found.failures)
        self.spent.tokens += found.input_tokens + found.output_tokens
        self.spent.price += found.price
        return found.ratings

    def _left(self) -> AskOptions:
        """Return how calls are made with what is left of the budget, which is of all measurements."""
        ask = self.ask or AskOptions()
        spent = Cost(self.spent.calls - self.spent.cached, self.spent.tokens, self.spent.price)
        return replace(ask, calls=replace(ask.calls, budget=ask.calls.budget.without(spent)))


@dataclass(frozen=True, slots=True)
class Sample:
    """Comparisons of a dataset, with their answers.

    Parameters
    ----------
    subjects
        Answers and pairs, as they are measured.
    prompts
        Cluster of every answer.
    pair_prompts
        Cluster of every pair.
    labels
        People's scores, shape (answers, factors), NaN where there is none; None without labels.
    """

    subjects: Subjects
    prompts: IntArray
    pair_prompts: IntArray
    labels: FloatArray | None = None


def choose_sample(
    dataset: Dataset,
    factors: Sequence[Factor],
    *,
    answers: int,
    labels: Sequence[FactorLabel] = (),
    file: str = "",
    seed: int = 0,
) -> Sample:
    """Choose comparisons until they have so many distinct answers; those whose answers are labelled come first.

    Parameters
    ----------
    dataset
        Where they are.
    factors
        One per column of the labels.
    answers
        At least so many answers are taken, if there are.
    labels, file
        People's scores, and the file they come from; the mean where an answer has several.
    seed
        Of the choice, which does not depend on the order of rows.

    Raises
    ------
    FitError
        No comparison has two different answers.
    InputFileError
        A label names no answer of the dataset or no factor.
    """
    whole = subjects_of(dataset)
    responses = dataset.responses.select("index", "response_id", "prompt").collect().sort("index")
    ids = responses["response_id"].to_list()
    scores = _labelled(whole, ids, factors, labels, file) if labels else None
    has = np.zeros(len(ids)) if scores is None else np.isfinite(scores).max(axis=1).astype(np.float64)

    def place(pair: tuple[int, int]) -> tuple[int, bytes]:
        names = "\n".join(sorted(ids[each] for each in pair))
        return -int(has[pair[0]]) - int(has[pair[1]]), blake2b(f"{seed}\n{names}".encode(), digest_size=8).digest()

    distinct = sorted({(min(pair), max(pair)) for pair in whole.pairs if pair[0] != pair[1]}, key=place)
    if not distinct:
        raise FitError("how well factors are measured", "no comparison has two different answers")
    chosen: dict[int, int] = {}
    pairs: list[tuple[int, int]] = []
    for a, b in distinct:
        if len(chosen) >= answers:
            break
        pairs.append((chosen.setdefault(a, len(chosen)), chosen.setdefault(b, len(chosen))))
    rows = np.array(list(chosen), dtype=np.int64)
    clusters = dataset.prompt_clusters.to_numpy()[responses["prompt"].to_numpy()[rows]]
    subjects = Subjects(tuple(whole.answers[row] for row in rows.tolist()), tuple(pairs))
    return Sample(subjects, clusters, clusters[[a for a, _ in pairs]], None if scores is None else scores[rows])


def _labelled(
    whole: Subjects, ids: Sequence[str], factors: Sequence[Factor], labels: Sequence[FactorLabel], file: str
) -> FloatArray:
    columns = {factor.name: column for column, factor in enumerate(factors)}
    by_id = {each: row for row, each in enumerate(ids)}
    by_text: dict[str, list[int]] = {}
    for row, answer in enumerate(whole.answers):
        by_text.setdefault(answer.text, []).append(row)
    table = pl.DataFrame(
        [
            (row, columns[label.factor], label.score)
            for label in labels
            for row in _rows(label, by_id, by_text, columns, file)
        ],
        schema={"row": pl.Int64, "column": pl.Int64, "score": pl.Float64},
        orient="row",
    )
    means = table.group_by("row", "column").agg(pl.col("score").sort().mean())
    scores = np.full((len(ids), len(factors)), np.nan)
    scores[means["row"].to_numpy(), means["column"].to_numpy()] = means["score"].to_numpy()
    return scores


def _rows(
    label: FactorLabel,
    by_id: Mapping[str, int],
    by_text: Mapping[str, Sequence[int]],
    columns: Mapping[str, int],
    file: str,
) -> Sequence[int]:
    if label.factor not in columns:
        raise InputFileError(file, expected=f"one of the factors {', '.join(columns)}", got=label.factor, row=label.row)
    rows = [by_id[label.response_id]] if label.response_id in by_id else list(by_text.get(label.response, ()))
    if not rows:
        got = label.response_id or f"{label.response[:60]!r}"
        raise InputFileError(file, expected="an answer of the logs", got=got, row=label.row)
    return rows


def signs_of(subjects: Subjects, factors: Sequence[Factor], *, ratings: Ratings | FloatArray) -> FloatArray:
    """Return the sign features of the pairs, shape (pairs, factors), NaN where there is none.

    Parameters
    ----------
    subjects
        Whose pairs.
    factors
        One per column.
    ratings
        Of the subjects, or scores of their answers.
    """
    pairs = np.array(subjects.pairs, dtype=np.int64).reshape(-1, 2)
    if isinstance(ratings, Ratings):
        sides = ratings.values[pairs] if ratings.pair_values is None else ratings.pair_values
    else:
        sides = ratings[pairs]
    columns = [
        feature_of(sides[:, 0, place], sides[:, 1, place], rule=factor.feature) for place, factor in enumerate(factors)
    ]
    return np.stack(columns, axis=1)
