"""Judges of pairs against objective labels: accuracy in either order, consistency, and where the judge itself knows.

Knows comparisons with a label, whatever their origin.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from prefactor._typing import BoolArray, FloatArray, IntArray
from prefactor._validate import check_fraction, check_known
from prefactor.analysis.competence.results import LEAST_TO_TRUST, MARGIN, Conclusion
from prefactor.config import INTERVAL
from prefactor.data.dataset import Dataset, SourceCount
from prefactor.errors import SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.proportion import cluster_share
from prefactor.stats.share_contrast import contrast_shares

__all__ = [
    "RULE_OF_PAIRS",
    "PairCompetence",
    "PairJudge",
    "PairKnowing",
    "PairSettings",
    "PairStanding",
    "assess_pairs",
    "labelled",
]

RULE_OF_PAIRS: Final = (
    "Trust: accuracy is at least {least} (the whole interval). Don't trust: it is below that. Where it is known "
    "whether the judge can answer the prompt itself, accuracy there counts as balanced accuracy does for graded "
    "answers, and it may be trusted where it knows. Underpowered: anything else."
)
"""The rule in words."""

LABEL: Final = "label"
LONGEST_VALUES: Final = 30
_YES: Final = {
    **dict.fromkeys(("true", "1", "1.0", "yes", "right"), 1.0),
    **dict.fromkeys(("false", "0", "0.0", "no", "wrong"), 0.0),
}


@dataclass(frozen=True, slots=True)
class PairSettings:
    """What is asked for.

    Parameters
    ----------
    label
        Judge whose verdicts are the truth; empty for the objective label of the log.
    knows
        Pairs of judge and the column that says whether it can answer the prompt itself (true or false); an empty name
        is every judge that has no column of its own.
    slices
        Columns to look at value by value.
    least, margin
        As in :class:`prefactor.analysis.competence.results.CompetenceSettings`, for accuracy.
    interval
        Mass of all intervals.
    """

    label: str = ""
    knows: tuple[tuple[str, str], ...] = ()
    slices: tuple[str, ...] = ()
    least: float = LEAST_TO_TRUST
    margin: float = MARGIN
    interval: float = INTERVAL


@dataclass(frozen=True, slots=True)
class PairStanding:
    """One judge on some pairs.

    Parameters
    ----------
    column, value
        Which pairs; empty for all.
    pairs
        Those with a verdict and a label.
    accuracy
        Share of verdicts for the better response, a tie being half, both orders counting alike.
    first_shown, second_shown
        The same where the better response was shown first, and where it was shown second.
    ab, ba
        The same where A was shown first, and where B was.
    joined
        Share of pairs whose verdicts together are for the better response: more of them for it than against it.
    """

    column: str
    value: str
    pairs: int
    accuracy: Estimate
    first_shown: Estimate
    second_shown: Estimate
    ab: Estimate
    ba: Estimate
    joined: Estimate


@dataclass(frozen=True, slots=True)
class PairKnowing:
    """One judge where it can answer the prompt itself, and where it cannot.

    Parameters
    ----------
    can, cannot
        Pairs.
    if_can, if_cannot
        Accuracy there.
    difference
        The first less the second.
    """

    can: int
    cannot: int
    if_can: Estimate
    if_cannot: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class PairJudge:
    """One judge of pairs.

    Parameters
    ----------
    judge
        Name.
    verdicts, tied, unreadable, missing
        Verdicts on labelled pairs, and those of them that are ties or none.
    both_orders
        Pairs with a verdict in either order.
    consistency
        Share of these on which both verdicts are the same.
    whole
        On all pairs.
    slices
        By value of a column.
    knowing
        By what the judge knows; None where that is not known.
    conclusion, sentence
        Whether it is to be trusted, and why.
    """

    judge: str
    verdicts: int
    tied: int
    unreadable: int
    missing: int
    both_orders: int
    consistency: Estimate
    whole: PairStanding
    slices: tuple[PairStanding, ...]
    knowing: PairKnowing | None
    conclusion: Conclusion
    sentence: str


@dataclass(frozen=True, slots=True)
class PairCompetence:
    """All that is found of judges of pairs.

    Parameters
    ----------
    pairs, labelled
        Pairs read, and those with a strict label.
    judges
        In the order of their names.
    settings
        What was asked for.
    sources
        Files that were read.
    """

    pairs: int
    labelled: int
    judges: tuple[PairJudge, ...]
    settings: PairSettings
    sources: tuple[SourceCount, ...]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Verdicts of one judge by pair: 1 for the better response, 0 for the other, NaN for none; columns are orders."""

    score: FloatArray
    label_first: BoolArray
    clusters: IntArray

    @property
    def mean(self) -> FloatArray:
        """Mean over the orders that have a verdict."""
        known = ~np.isnan(self.score)
        return np.asarray(np.where(known, self.score, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def labelled(dataset: Dataset) -> bool:
    """Tell whether comparisons have an objective label."""
    return bool((dataset.preferences["kind"] == LABEL).any())


def assess_pairs(dataset: Dataset, settings: PairSettings | None = None) -> PairCompetence:
    """Say how well judges of pairs do against the labels of the pairs.

    Parameters
    ----------
    dataset
        Comparisons with labels and verdicts.
    settings
        Label, columns and limits.

    Raises
    ------
    SettingError
        There is no label, or no other verdict.
    UnknownNameError
        There is no such judge or column.
    """
    settings = settings or PairSettings()
    check_fraction("interval", settings.interval)
    check_known("column", (*settings.slices, *(column for _, column in settings.knows)), dataset.columns)
    check_known("judge", (judge for judge, _ in settings.knows if judge), dataset.judges)
    if settings.label:
        check_known("judge", [settings.label], dataset.judges)
    table = dataset.preferences
    truth = table.filter(pl.col("judge") == settings.label if settings.label else pl.col("kind") == LABEL)
    better = truth.group_by("comparison").agg(pl.col("preference").mean().alias("label"))
    better = better.filter(pl.col("label").is_not_null() & (pl.col("label") != 0.5))
    judges = sorted(set(table["judge"].to_list()) - set(truth["judge"].to_list()))
    if better.is_empty() or not judges:
        got = "none" if better.is_empty() else "labels alone"
        raise SettingError("pairs", expected="pairs with a label, and verdicts of judges on them", got=got)
    return PairCompetence(
        len(dataset.comparisons),
        len(better),
        tuple(_judge(dataset, name, better, settings) for name in judges),
        settings,
        dataset.sources,
    )


def _judge(dataset: Dataset, name: str, better: pl.DataFrame, settings: PairSettings) -> PairJudge:
    own = dataset.preferences.filter(pl.col("judge") == name).join(better, on="comparison", how="inner")
    pairs, places = _pairs(dataset, own)
    whole = _standing(pairs, np.ones(len(places), dtype=bool), settings.interval)
    slices = [
        _standing(pairs, held, settings.interval, column=column, value=value)
        for column, value, held in _slices(dataset, places, settings.slices)
    ]
    both = ~np.isnan(pairs.score).any(axis=1)
    same = (pairs.score[both, 0] == pairs.score[both, 1]).astype(float)
    columns = dict(settings.knows)
    knowing = _knowing(
        dataset, pairs, places, column=columns.get(name, columns.get("", "")), interval=settings.interval
    )
    conclusion, sentence = _conclude(whole, knowing, settings)
    return PairJudge(
        judge=name,
        verdicts=len(own),
        tied=int((own["preference"] == 0.5).sum()),
        unreadable=int((own["preference"].is_null() & (own["problem"] != "missing")).sum()),
        missing=int((own["preference"].is_null() & (own["problem"] == "missing")).sum()),
        both_orders=int(both.sum()),
        consistency=cluster_share(same, clusters=pairs.clusters[both], interval=settings.interval),
        whole=whole,
        slices=tuple(slices),
        knowing=knowing,
        conclusion=conclusion,
        sentence=sentence,
    )


def _pairs(dataset: Dataset, own: pl.DataFrame) -> tuple[_Pairs, IntArray]:
    """Return the verdicts by pair and order, those of several annotators or repeats averaged, and the pairs' rows."""
    right = (pl.col("preference") - 0.5).sign() * (pl.col("label") - 0.5).sign()
    scored = own.filter(pl.col("preference").is_not_null()).with_columns((0.5 + 0.5 * right).alias("score"))
    places = scored["comparison"].unique().sort()
    columns = [
        places.to_frame()
        .join(scored.filter(chosen).group_by("comparison").agg(pl.col("score").mean()), on="comparison", how="left")
        .sort("comparison")["score"]
        .fill_null(float("nan"))
        .to_numpy()
        for chosen in (pl.col("order").is_null() | (pl.col("order") == "ab"), pl.col("order") == "ba")
    ]
    labels = own.group_by("comparison").agg(pl.col("label").first())
    first = places.to_frame().join(labels, on="comparison", how="left").sort("comparison")["label"].to_numpy() > 0.5
    rows = places.to_numpy().astype(np.int64)
    prompts = dataset.comparisons["prompt"].to_numpy()[rows]
    clusters = dataset.prompt_clusters.to_numpy()[prompts]
    return _Pairs(np.column_stack(columns).astype(float), first, clusters), rows


def _standing(pairs: _Pairs, where: BoolArray, interval: float, *, column: str = "", value: str = "") -> PairStanding:
    known = ~np.isnan(pairs.score)
    counted = where & known.any(axis=1)

    def share(values: FloatArray, held: BoolArray) -> Estimate:
        return cluster_share(values[held], clusters=pairs.clusters[held], interval=interval)

    first = np.where(pairs.label_first, pairs.score[:, 0], pairs.score[:, 1])
    second = np.where(pairs.label_first, pairs.score[:, 1], pairs.score[:, 0])
    return PairStanding(
        column=column,
        value=value,
        pairs=int(counted.sum()),
        accuracy=share(pairs.mean, counted),
        first_shown=share(first, where & ~np.isnan(first)),
        second_shown=share(second, where & ~np.isnan(second)),
        ab=share(pairs.score[:, 0], where & known[:, 0]),
        ba=share(pairs.score[:, 1], where & known[:, 1]),
        joined=share((pairs.mean > 0.5).astype(float), counted),
    )


def _slices(dataset: Dataset, places: IntArray, columns: Sequence[str]) -> Iterator[tuple[str, str, BoolArray]]:
    for column in columns:
        values = np.array([str(value) for value in dataset.comparisons[column].to_list()])[places]
        distinct = sorted(set(values.tolist()))
        if len(distinct) > LONGEST_VALUES:
            expected = f"a column of at most {LONGEST_VALUES} values"
            raise SettingError("slice", expected=expected, got=f"{column} with {len(distinct):,}")
        for value in distinct:
            yield column, value, values == value


def _knowing(dataset: Dataset, pairs: _Pairs, places: IntArray, *, column: str, interval: float) -> PairKnowing | None:
    if not column:
        return None
    said = dataset.comparisons[column].to_list()
    can = np.array([_YES.get(str(said[place]).lower(), np.nan) for place in places.tolist()])
    known = ~np.isnan(can)
    if not known.any():
        expected = "a column of true and false"
        raise SettingError("knows", expected=expected, got=f"{column} without any")
    values, clusters = pairs.mean[known], pairs.clusters[known]
    cells = (can[known] == 0).astype(int)
    parts = [
        cluster_share(values[cells == cell], clusters=clusters[cells == cell], interval=interval) for cell in (0, 1)
    ]
    gap = contrast_shares(values, cells, coefficients=[1, -1], clusters=clusters, interval=interval)
    return PairKnowing(int((cells == 0).sum()), int((cells == 1).sum()), parts[0], parts[1], gap)


def _conclude(whole: PairStanding, knowing: PairKnowing | None, settings: PairSettings) -> tuple[Conclusion, str]:
    """Judge a judge of pairs by the rule for evaluators; a coin has one half here too."""
    accuracy, least = whole.accuracy, settings.least
    words = f"Accuracy {100 * accuracy.value:.1f} % [{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]"
    if not accuracy.excludes(0.5):
        words += ", which a coin may have too"
    if knowing is None:
        if accuracy.low >= least:
            return "trust", f"{words}."
        return ("don't trust" if accuracy.high < least else "underpowered"), f"{words}."
    words += (
        f"; {100 * knowing.if_can.value:.1f} % where it can answer, {100 * knowing.if_cannot.value:.1f} % elsewhere"
    )
    gap = knowing.difference
    if accuracy.low >= least and (knowing.if_cannot.low >= least or gap.high <= settings.margin):
        return "trust", f"{words}."
    if knowing.if_can.low >= least and gap.low > 0:
        return "trust where it knows", f"{words}."
    refused = accuracy.high < least and knowing.if_can.high < least
    return ("don't trust" if refused else "underpowered"), f"{words}."
