"""What else can be asked of a study: judges beside one another, models with factors held equal, gates, plans, proofs.

The command line does the same with the same functions. Knows no terminal and no file.
"""

from collections.abc import Sequence
from dataclasses import fields

import polars as pl

from prefactor.analysis.alignment import Alignment, AlignmentSettings, Gap, Roles, align_gap, align_judges, find_roles
from prefactor.analysis.control import Control, ControlSettings, control_preferences
from prefactor.analysis.measurement import Scores, measure_responses
from prefactor.analysis.planning import Plan, StudyDesign, plan_study
from prefactor.analysis.planting import Trials
from prefactor.analysis.published_groups import PublishedComparison, compare_published
from prefactor.analysis.results import Explanation
from prefactor.analysis.validation import Validation, validate_judges
from prefactor.checks.gate import Gate, GateResult, pass_gate
from prefactor.config import SMALLEST_EFFECT
from prefactor.data.dataset import Dataset
from prefactor.factors import LEXICAL, load_measurers
from prefactor.runtime.progress import Progress, silent
from prefactor.stats.estimate import Estimate

__all__ = [
    "align",
    "alignment_table",
    "check",
    "control",
    "gap",
    "plan",
    "published",
    "standings_table",
    "validate",
]


def align(
    dataset: Dataset,
    scores: Scores | None = None,
    *,
    judges: Sequence[str] = (),
    by: str | Sequence[str] = (),
    against: str | None = None,
    settings: AlignmentSettings | None = None,
    progress: Progress = silent,
) -> Alignment:
    """Say how alike judges are, factor by factor, on the comparisons they share.

    Parameters
    ----------
    dataset
        Comparisons and preferences.
    scores
        Scores of its responses; the lexical factors are measured where they are not given.
    judges
        Names of judges, in this order; all by default, by name, objective labels and people last.
    by
        Columns within whose slices profiles are compared, too.
    against
        The judge that all others are compared with; every two by default.
    settings
        What everything is computed with.
    progress
        Told how far it is.

    Raises
    ------
    UnknownNameError
        There is no such judge or column.
    FitError
        There are fewer than two judges.
    """
    return align_judges(
        dataset,
        scores or _measured(dataset, LEXICAL, progress),
        judges=judges,
        by=(by,) if isinstance(by, str) else by,
        against=against,
        settings=settings,
        progress=progress,
    )


def gap(
    dataset: Dataset,
    scores: Scores | None = None,
    *,
    roles: Roles | None = None,
    task: str = "",
    by: str | Sequence[str] = (),
    settings: AlignmentSettings | None = None,
    progress: Progress = silent,
) -> Gap:
    """Put what people prefer, what a model rates and what it writes side by side: the generation-evaluation gap.

    Parameters
    ----------
    dataset
        Comparisons and the verdicts of all three.
    scores
        Scores of its responses; the lexical factors are measured where they are not given.
    roles
        Who is who; found by name and kind by default.
    task
        Name of the task, for headings.
    by
        Columns of which every value gets a table of its own.
    settings
        What everything is computed with.
    progress
        Told how far it is.

    Raises
    ------
    UnknownNameError
        There is no such column.
    FitError
        Who is who cannot be told.
    """
    return align_gap(
        dataset,
        scores or _measured(dataset, LEXICAL, progress),
        roles=roles or find_roles(dataset),
        task=task,
        by=(by,) if isinstance(by, str) else by,
        settings=settings,
        progress=progress,
    )


def control(
    dataset: Dataset, scores: Scores | None = None, *, settings: ControlSettings, progress: Progress = silent
) -> tuple[Control, ...]:
    """Say how every model does with factors held equal in both answers, one result per judge.

    Parameters
    ----------
    dataset
        Comparisons and preferences, with the names of the models.
    scores
        Scores of the responses on the factors to hold; where they are not given these are lexical, and measured.
    settings
        What to hold, for whom, against whom.
    progress
        Told how far it is.

    Raises
    ------
    FitError
        No judged comparison names two different models, or the rows do not settle the fit.
    SettingError
        Either of two models may be the baseline, and none was named.
    UnknownNameError
        There is no such judge, factor or baseline.
    """
    scores = scores or _measured(dataset, f"{LEXICAL}:{','.join(settings.hold)}", progress)
    return control_preferences(dataset, scores, settings=settings)


def check(explanation: Explanation, gate: Gate | None = None) -> GateResult:
    """Hold the validity checks of an explanation against a gate; ``passed`` says whether it lets it pass.

    Parameters
    ----------
    explanation
        As :func:`prefactor.study.explain` returns it.
    gate
        Which checks stop; none by default.
    """
    return pass_gate(explanation, gate)


def plan(design: StudyDesign | None = None, *, effect: float = SMALLEST_EFFECT, power: float = 0.8) -> Plan:
    """Say how many comparisons it takes to find an effect, or to show that there is none.

    Parameters
    ----------
    design
        What the study looks like.
    effect
        The true |tau14| to be found.
    power
        The chance wanted.

    Raises
    ------
    SettingError
        The effect is larger than the tied share leaves room for, or a setting is out of range.
    """
    return plan_study(design, effect=effect, power=power)


def published(*, slices: Sequence[str] = (), judges: Sequence[str] = ()) -> PublishedComparison:
    """Compare the judges whose weights on 29 properties were published (arXiv 2402.11296); takes no data.

    Parameters
    ----------
    slices
        Published slices to average over; the 11 scenarios by default.
    judges
        Published judges; all 33 by default.

    Raises
    ------
    UnknownNameError
        There is no such slice or judge.
    """
    return compare_published(slices=slices, judges=judges)


def validate(
    dataset: Dataset,
    scores: Scores | None = None,
    *,
    judges: Sequence[str] = (),
    trials: Trials | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> tuple[Validation, ...]:
    """Plant known effects in the comparisons, shuffle the labels, and count what is found; one result per judge.

    Parameters
    ----------
    dataset
        Comparisons and preferences.
    scores
        Scores of its responses; the lexical factors are measured where they are not given.
    judges
        Names of judges; all by default.
    trials
        What is simulated, and with what settings it is fitted.
    workers
        Threads; all usable processors by default.
    progress
        Told how far it is.

    Raises
    ------
    FitError
        A judge has no strict preference, or no factor differs often enough to be planted.
    UnknownNameError
        There is no such judge or factor.
    """
    scores = scores or _measured(dataset, LEXICAL, progress)
    return validate_judges(dataset, scores, judges=judges, trials=trials, workers=workers, progress=progress)


def alignment_table(alignment: Alignment) -> pl.DataFrame:
    """Return where judges part as one data frame, one row per pair and factor.

    Returns
    -------
    polars.DataFrame
        ``first``, ``second``, ``factor``; ``tau14_first``, ``tau14_second`` and their ``difference`` (first minus
        second), each with ``_low`` and ``_high``; ``only_first``, ``only_second``, ``p_value``, ``q_value``,
        ``probability``, ``verdict``, ``sentence``.
    """
    rows = [
        {"first": pair.first, "second": pair.second, **_flat(each)}
        for pair in alignment.pairs
        for each in pair.differences
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def standings_table(controls: Sequence[Control]) -> pl.DataFrame:
    """Return how models do as one data frame, one row per judge and model, the best first.

    Returns
    -------
    polars.DataFrame
        ``judge``, ``kind``, ``baseline``, ``model``, ``comparisons``; ``win_rate``, ``controlled_win_rate``, ``rating``
        and ``controlled_rating``, each with ``_low`` and ``_high``; ``reason``.
    """
    rows = [
        {"judge": each.judge, "kind": each.kind, "baseline": each.baseline, **_flat(standing)}
        for each in controls
        for standing in each.standings
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _measured(dataset: Dataset, spec: str, progress: Progress) -> Scores:
    return measure_responses(dataset, load_measurers((spec,)), progress=progress)


def _flat(result: object) -> dict[str, object]:
    """Return the fields of a result, an estimate as three columns."""
    row: dict[str, object] = {}
    for each in fields(result):  # type: ignore[arg-type]  # the two results that are asked for are dataclasses
        value = getattr(result, each.name)
        if isinstance(value, Estimate):
            row |= {each.name: value.value, f"{each.name}_low": value.low, f"{each.name}_high": value.high}
        else:
            row[each.name] = value
    return row
