"""How well one evaluator grades: its cells, what it knows itself, and what its verdicts follow."""

import numpy as np

from prefactor._typing import BoolArray
from prefactor.analysis.competence.results import Cell, Following, Generation, Knowing
from prefactor.analysis.competence.rows import EvaluatorRows
from prefactor.stats.difference import paired_difference
from prefactor.stats.estimate import Estimate
from prefactor.stats.mcnemar import mcnemar_exact
from prefactor.stats.proportion import cluster_share
from prefactor.stats.share_contrast import contrast_shares, stratified_difference

__all__ = [
    "balanced_accuracy",
    "cell_of",
    "following_of",
    "generation_of",
    "knowing_of",
    "self_preference_of",
    "share_where",
]


def share_where(rows: EvaluatorRows, values: BoolArray, *, where: BoolArray, interval: float) -> Estimate:
    """Share of rows for which something holds, among some of them.

    Parameters
    ----------
    rows
        Verdicts.
    values
        For which of them it holds.
    where
        Among which.
    interval
        Mass of the interval.
    """
    return cluster_share(values[where].astype(float), clusters=rows.question[where], interval=interval)


def balanced_accuracy(rows: EvaluatorRows, where: BoolArray, *, interval: float) -> Estimate:
    """Mean of the shares of true verdicts on right and on wrong answers: one half is a coin or a constant."""
    return contrast_shares(
        rows.true[where].astype(float),
        (~rows.right[where]).astype(int),
        coefficients=[0.5, 0.5],
        clusters=rows.question[where],
        interval=interval,
    )


def cell_of(rows: EvaluatorRows, place: int, *, answerer: str, interval: float) -> Cell:
    """Return one evaluator on one answerer's answers.

    Parameters
    ----------
    rows
        Verdicts of the evaluator.
    place, answerer
        The answerer's place and name.
    interval
        Mass of the intervals.
    """
    here = rows.answerer == place

    def count(held: BoolArray) -> int:
        return int((here & held).sum())

    return Cell(
        answerer=answerer,
        own=bool(rows.own[here].any()),
        right_accepted=count(rows.right & rows.accepted),
        right_rejected=count(rows.right & ~rows.accepted),
        wrong_accepted=count(~rows.right & rows.accepted),
        wrong_rejected=count(~rows.right & ~rows.accepted),
        accuracy=share_where(rows, rows.true, where=here, interval=interval),
        accepted=share_where(rows, rows.accepted, where=here, interval=interval),
        accuracy_true=share_where(rows, rows.right, where=here, interval=interval),
        wrongly_rejected=share_where(rows, ~rows.accepted, where=here & rows.right, interval=interval),
        wrongly_accepted=share_where(rows, rows.accepted, where=here & ~rows.right, interval=interval),
    )


def generation_of(rows: EvaluatorRows, *, interval: float) -> Generation | None:
    """Compare answering with grading, question by question; None where no own answer is known."""
    known = ~np.isnan(rows.can)
    if not known.any():
        return None
    places, index = np.unique(rows.question[known], return_inverse=True)
    counts = np.bincount(index)
    generated = np.bincount(index, weights=rows.can[known]) / counts
    evaluated = np.bincount(index, weights=rows.true[known].astype(float)) / counts
    single = bool((counts == 1).all())
    only_generated = int(((generated == 1) & (evaluated == 0)).sum())
    only_evaluated = int(((generated == 0) & (evaluated == 1)).sum())
    return Generation(
        questions=len(places),
        generated=cluster_share(generated, clusters=places, interval=interval),
        evaluated=cluster_share(evaluated, clusters=places, interval=interval),
        difference=paired_difference(evaluated - generated, clusters=places, interval=interval).estimate,
        p_exact=mcnemar_exact(only_generated, only_evaluated) if single else np.nan,
        reason="" if single else "questions have several graded answers, which are not independent: see the interval",
    )


def knowing_of(rows: EvaluatorRows, where: BoolArray, *, answerer: str, interval: float) -> Knowing | None:
    """Return the two-by-two of own answer and verdict on some rows; None where no own answer is known there.

    Parameters
    ----------
    rows
        Verdicts of the evaluator.
    where
        Which of them.
    answerer
        Whose answers those are, for the result.
    interval
        Mass of the intervals.
    """
    known = where & ~np.isnan(rows.can)
    if not known.any():
        return None
    can, true = rows.can == 1, rows.true
    cannot = known & ~can
    can = known & can
    cells = np.where(can, 0, 1)[known]
    halves = (2 * np.where(can, 0, 1) + ~rows.right)[known]
    clusters = rows.question[known]
    values = true[known].astype(float)

    def contrast(cell: np.ndarray, coefficients: list[float]) -> Estimate:
        return contrast_shares(values, cell, coefficients=coefficients, clusters=clusters, interval=interval)

    return Knowing(
        answerer=answerer,
        can_true=int((can & true).sum()),
        can_false=int((can & ~true).sum()),
        cannot_true=int((cannot & true).sum()),
        cannot_false=int((cannot & ~true).sum()),
        paradox=share_where(rows, can & ~true, where=known, interval=interval),
        unfaithful=share_where(rows, cannot & true, where=known, interval=interval),
        true_if_can=share_where(rows, true, where=can, interval=interval),
        true_if_cannot=share_where(rows, true, where=cannot, interval=interval),
        difference=contrast(cells, [1, -1]),
        balanced_if_can=contrast(halves, [0.5, 0.5, 0, 0]),
        balanced_if_cannot=contrast(halves, [0, 0, 0.5, 0.5]),
        balanced_difference=contrast(halves, [0.5, 0.5, -0.5, -0.5]),
    )


def following_of(rows: EvaluatorRows, *, interval: float) -> Following | None:
    """Tell truth from agreement with the own answer, on answers of others; None where no own answer is known."""
    used = ~np.isnan(rows.agrees) & ~rows.own
    if not used.any():
        return None
    agrees = rows.agrees == 1
    parted = used & (agrees != rows.right)
    values, clusters = rows.accepted[used].astype(float), rows.question[used]
    right, same = rows.right[used].astype(int), agrees[used].astype(int)
    return Following(
        rows=int(used.sum()),
        parted=int(parted.sum()),
        with_own=share_where(rows, rows.accepted == agrees, where=parted, interval=interval),
        of_truth=stratified_difference(values, right, strata=same, clusters=clusters, interval=interval),
        of_own=stratified_difference(values, same, strata=right, clusters=clusters, interval=interval),
    )


def self_preference_of(rows: EvaluatorRows, *, interval: float) -> Estimate:
    """How much more often own answers are accepted than those of others, right and wrong ones apart."""
    return stratified_difference(
        rows.accepted.astype(float),
        rows.own.astype(int),
        strata=rows.right.astype(int),
        clusters=rows.question,
        interval=interval,
    )
