"""A study from start to end: read logs, measure responses, explain preferences.

Every stage takes the immutable outcome of the one before. Knows no terminal and no report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

import polars as pl

from prefactor._typing import OnBadRow, PriorName
from prefactor._validate import check_fraction, check_known, check_positive
from prefactor.analysis.explanation import explain_preferences
from prefactor.analysis.generated import task_of
from prefactor.analysis.measurement import Scores, measure_responses
from prefactor.analysis.pooled import PooledWeight, pooled_weights
from prefactor.analysis.results import Explanation, Settings
from prefactor.checks import run_checks
from prefactor.config import (
    BOOTSTRAPS,
    FALSE_DISCOVERY_RATE,
    FOLDS,
    INTERVAL,
    PRIOR_SCALE,
    SEED,
    SMALLEST_EFFECT,
)
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.factors import load_measurers
from prefactor.interventions.base import Task, tasks_of
from prefactor.readers import BadRows, Found, find_sources
from prefactor.readers.prompt_files import PromptRow, is_prompt_file, read_prompts
from prefactor.runtime.progress import Progress, silent
from prefactor.stats.priors import make_prior

__all__ = [
    "Fitting",
    "Reading",
    "explain",
    "factor_table",
    "measure",
    "preference_table",
    "profile_table",
    "read",
    "read_recorded",
    "read_tasks",
]

EXCERPT = 6_000
"""Characters of a text that a report shows."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How logs are read.

    Parameters
    ----------
    format
        Name of a reader, instead of looking at the file.
    mapping
        Role to column, for logs of no known format.
    on_bad_row
        ``"error"`` stops with the first bad rows named; ``"skip"`` counts them and goes on.
    """

    format: str | None = None
    mapping: Mapping[str, str] | None = None
    on_bad_row: OnBadRow = "error"


@dataclass(frozen=True, slots=True)
class Fitting:
    """How profiles are fitted.

    Parameters
    ----------
    interval
        Mass of every interval, between 0 and 1.
    prior, prior_scale
        Prior on the weights ("Laplace", "normal" or "horseshoe"), and its scale in log-odds.
    bootstraps, folds
        Resamples behind the likeness to published judges, folds of the cross-validation.
    smallest_effect
        |tau14| that matters.
    false_discovery_rate
        Rate at which factors named as preferred may be false discoveries.
    seed
        Seed of everything random.
    """

    interval: float = INTERVAL
    prior: PriorName = "Laplace"
    prior_scale: float = PRIOR_SCALE
    bootstraps: int = BOOTSTRAPS
    folds: int = FOLDS
    smallest_effect: float = SMALLEST_EFFECT
    false_discovery_rate: float = FALSE_DISCOVERY_RATE
    seed: int = SEED

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        check_fraction("smallest_effect", self.smallest_effect)
        check_fraction("false_discovery_rate", self.false_discovery_rate)
        make_prior(self.prior, self.prior_scale)
        check_positive("bootstraps", self.bootstraps)
        check_positive("folds", self.folds)


def read(paths: str | Sequence[str] | Found, reading: Reading | None = None, *, progress: Progress = silent) -> Dataset:
    """Read preference logs into one dataset; several files join on the comparison.

    Parameters
    ----------
    paths
        Files, folders, patterns, ``"-"`` for standard input, ``"hf:OWNER/NAME"`` for a dataset of the Hub; or what
        :func:`prefactor.readers.find_sources` found there.
    reading
        How to read them.
    progress
        Told how many rows are read.

    Raises
    ------
    BadRowsError
        Rows cannot be used, and ``on_bad_row`` is ``"error"``.
    InputFileError
        A file cannot be read, or is of no known format.
    """
    reading = reading or Reading()
    if isinstance(paths, Found):
        found = paths
    else:
        paths = [paths] if isinstance(paths, str) else list(paths)
        found = find_sources(paths, format=reading.format, mapping=reading.mapping)
    collector = Collector()
    bad = BadRows(reading.on_bad_row)
    for source in found.sources:
        before = bad.total
        for count, row in enumerate(source.rows(bad)):
            collector.add(row)
            if count % 1000 == 0:
                progress(f"reading {source.file}", count, None)
        collector.close_source(source.file, source.format, bad_rows=bad.total - before)
    bad.settle()
    return collector.finish()


def read_tasks(paths: str | Sequence[str], reading: Reading | None = None) -> tuple[Task, ...]:
    """Read what is to be answered: the prompts of preference logs, and those of prompt files.

    Parameters
    ----------
    paths
        Logs as for :func:`read`; files of prompts (``.txt`` with one a line, or rows with a column of
        prompts).
    reading
        How to read them.

    Raises
    ------
    BadRowsError, InputFileError
        As for :func:`read`.
    """
    reading = reading or Reading()
    names = [paths] if isinstance(paths, str) else list(paths)
    plain = [name for name in names if reading.format is None and is_prompt_file(name, reading.mapping)]
    logs = [name for name in names if name not in plain]
    tasks = [task_of(row) for row in read_recorded(plain, reading)]
    return (*tasks, *(tasks_of(read(logs, reading)) if logs else ()))


def read_recorded(paths: str | Sequence[str], reading: Reading | None = None) -> tuple[PromptRow, ...]:
    """Read files of prompts, and of answers to them one by one.

    Parameters
    ----------
    paths
        Files.
    reading
        Mapping, and what to do with rows that cannot be used.

    Raises
    ------
    BadRowsError, InputFileError
        As for :func:`read`.
    """
    reading = reading or Reading()
    bad = BadRows(reading.on_bad_row)
    names = [paths] if isinstance(paths, str) else paths
    rows = tuple(row for name in names for row in read_prompts(name, bad, mapping=reading.mapping))
    bad.settle()
    return rows


def measure(
    dataset: Dataset,
    factors: str | Sequence[str] = "lexical",
    *,
    workers: int | None = None,
    progress: Progress = silent,
) -> Scores:
    """Measure factors of every distinct response.

    Parameters
    ----------
    dataset
        The comparisons.
    factors
        ``"lexical"``, or files of one's own factors, or several of these.
    workers
        Threads; all usable processors by default.
    progress
        Told how many responses are measured.
    """
    specs = (factors,) if isinstance(factors, str) else tuple(factors)
    return measure_responses(dataset, load_measurers(specs), workers=workers, progress=progress)


def explain(
    dataset: Dataset,
    scores: Scores | None = None,
    *,
    judges: Sequence[str] = (),
    by: str | Sequence[str] = (),
    fitting: Fitting | None = None,
    truth: Mapping[str, float] | None = None,
    judge_is: Sequence[tuple[str, str]] = (),
    progress: Progress = silent,
) -> Explanation:
    """Explain what every judge of a dataset prefers.

    Parameters
    ----------
    dataset
        Comparisons and preferences.
    scores
        Scores of its responses; the lexical factors are measured where they are not given.
    judges
        Names of judges; all by default.
    by
        Columns to make slices of.
    fitting
        How profiles are fitted.
    truth
        True weights by factor, where the judge is simulated.
    judge_is
        Pairs of judge and model, where a judge is one of the models compared and its name does not say so.
    progress
        Told how far it is.

    Raises
    ------
    FitError
        The log holds no preference.
    UnknownNameError
        There is no such judge, column or model.
    """
    fitting = fitting or Fitting()
    by = (by,) if isinstance(by, str) else tuple(by)
    check_known("judge", judges, dataset.judges)
    check_known("column to slice by", by, dataset.columns)
    scores = scores or measure(dataset, progress=progress)
    settings = Settings(
        interval=fitting.interval,
        prior=fitting.prior,
        prior_scale=fitting.prior_scale,
        bootstraps=fitting.bootstraps,
        folds=fitting.folds,
        seed=fitting.seed,
        smallest_effect=fitting.smallest_effect,
        false_discovery_rate=fitting.false_discovery_rate,
        judges=tuple(judges),
        by=by,
        factors=scores.measured_by,
        excerpt=EXCERPT,
        version=version("prefactor"),
        judge_is=tuple(judge_is),
    )
    explanation = explain_preferences(dataset, scores, settings=settings, truth=truth, progress=progress)
    return replace(explanation, checks=run_checks(explanation))


def factor_table(dataset: Dataset, scores: Scores) -> pl.DataFrame:
    """Return the scores of every distinct response: ``response_id``, ``prompt_id``, one column per factor."""
    if len(scores.table) != dataset.n_responses:
        message = f"the scores are of {len(scores.table):,} responses, the dataset has {dataset.n_responses:,}"
        raise ValueError(message)
    return scores.table


def preference_table(dataset: Dataset, scores: Scores) -> pl.DataFrame:
    """Return every verdict with its comparison, joined to the scores by response.

    Returns
    -------
    polars.DataFrame
        One row per verdict: ``comparison_id``, ``prompt_id``, ``response_a``, ``response_b`` (ids as in
        :func:`factor_table`), ``model_a``, ``model_b``, further columns of the log, ``judge``, ``kind``, ``preference``
        (P(A preferred)), ``problem``, ``order``, ``weight``, ``annotator``.
    """
    ids = scores.table.select("response_id", "prompt_id")
    comparisons = dataset.comparisons.with_columns(
        prompt=ids["prompt_id"].gather(dataset.comparisons["response_a"]),
        response_a=ids["response_id"].gather(dataset.comparisons["response_a"]),
        response_b=ids["response_id"].gather(dataset.comparisons["response_b"]),
    ).rename({"prompt": "prompt_id"})
    verdicts = dataset.preferences
    return comparisons[verdicts["comparison"]].hstack(verdicts.drop("comparison"))


def profile_table(explanation: Explanation) -> pl.DataFrame:
    """Return the profiles as one data frame, one row per judge, slice and factor.

    The columns that begin with ``pooled``, and ``own_share``, are null where slices were not pooled.
    """
    pooled = pooled_weights(explanation.pooled)
    rows = [
        {
            "judge": profile.judge,
            "slice": profile.slice,
            "n_used": profile.account.used,
            "factor": effect.factor,
            "tau14": effect.tau14.value,
            "tau14_low": effect.tau14.low,
            "tau14_high": effect.tau14.high,
            "q_value": effect.q_value,
            "weight": effect.weight.mean,
            "weight_sd": effect.weight.sd,
            "probability": effect.probability.value,
            "probability_low": effect.probability.low,
            "probability_high": effect.probability.high,
            "single_probability": effect.single_probability.value,
            "verdict": effect.verdict,
            "absorbed_by": effect.absorbed_by,
            "share": profile.apportionment.of(effect.factor).value,
            "share_low": profile.apportionment.of(effect.factor).low,
            "share_high": profile.apportionment.of(effect.factor).high,
            "vif": profile.dependence.inflation_of(effect.factor),
            "sentence": effect.sentence,
            **_pooled_columns(pooled.get((profile.judge, profile.slice, effect.factor))),
        }
        for profile in explanation.profiles
        for effect in profile.effects
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _pooled_columns(pooled: PooledWeight | None) -> Mapping[str, float | None]:
    names = ("pooled_weight", "pooled_low", "pooled_high", "own_share")
    if pooled is None:
        return dict.fromkeys(names)
    weight = pooled.weight
    return dict(zip(names, (weight.mean, weight.low, weight.high, pooled.own_share), strict=True))
