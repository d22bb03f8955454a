"""Evaluators of answers: contrasts of shares over cells, corrected accuracies, and calibration of stated chances.

Questions have several answers each; how hard a question is to grade differs, so answers of one question are alike.
"""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from prefactor._typing import FloatArray
from prefactor.stats.calibration import score_chances
from prefactor.stats.misclassification import Counted, corrected_share
from prefactor.stats.share_contrast import contrast_shares, stratified_difference

BOOTSTRAPS = 400
Found = Mapping[str, tuple[float, float, float]]


def draw_by_question(random: np.random.Generator, questions: int, *, share: float, alike: float) -> FloatArray:
    """Chance of every question, ``share`` on average."""
    if not alike or share in (0.0, 1.0):
        return np.full(questions, share)
    strength = (1 - alike) / alike
    return random.beta(share * strength, (1 - share) * strength, questions)


def simulate_contrasts(
    random: np.random.Generator, *, questions: int, answers: int, accepts: tuple[float, float], alike: float
) -> Found:
    """Draw verdicts that accept right and wrong answers at the rates ``accepts``; answers are right in 80 %."""
    clusters = np.repeat(np.arange(questions), answers)
    right = random.random(len(clusters)) < draw_by_question(random, questions, share=0.8, alike=0.3)[clusters]
    chances = [draw_by_question(random, questions, share=rate, alike=alike)[clusters] for rate in accepts]
    accepted = random.random(len(clusters)) < np.where(right, *chances)
    balanced = contrast_shares(accepted == right, (~right).astype(int), coefficients=[0.5, 0.5], clusters=clusters)
    return {"balanced accuracy": (balanced.low, (accepts[0] + 1 - accepts[1]) / 2, balanced.high)}


def simulate_knowing(
    random: np.random.Generator, *, questions: int, answers: int, known: float, rates: tuple[float, float]
) -> Found:
    """Draw verdicts of one who can answer ``known`` of the questions, true at one rate there, at another elsewhere."""
    clusters = np.repeat(np.arange(questions), answers)
    can = random.random(questions) < known
    chance = np.where(can, *(draw_by_question(random, questions, share=rate, alike=0.2) for rate in rates))
    graded = random.random(len(clusters)) < chance[clusters]
    gap = contrast_shares(graded, (~can[clusters]).astype(int), coefficients=[1, -1], clusters=clusters)
    return {"P(graded right | can answer) less P(graded right | cannot)": (gap.low, rates[0] - rates[1], gap.high)}


def simulate_following(random: np.random.Generator, *, questions: int, answers: int, truth: float, own: float) -> Found:
    """Verdicts move by ``truth`` where an answer is right, and by ``own`` where it agrees with the evaluator's own."""
    clusters = np.repeat(np.arange(questions), answers)
    can = random.random(questions) < 0.7
    right = random.random(len(clusters)) < 0.75
    agrees = np.where(can[clusters], right, ~right & (random.random(len(clusters)) < 0.4))
    base = (1 - truth - own) / 2
    accepted = random.random(len(clusters)) < base + truth * right + own * agrees
    found = {}
    for name, effect, group, held in (
        ("agreeing with the own answer", own, agrees, right),
        ("truth", truth, right, agrees),
    ):
        slope = stratified_difference(accepted, group, strata=held, clusters=clusters)
        found[f"effect of {name} on verdicts"] = (slope.low, effect, round(slope.high, 9))
    return found


def simulate_corrected(
    random: np.random.Generator, *, share: float, rates: tuple[float, float], labelled: int, rest: int
) -> Found:
    """Draw marks of that sensitivity and specificity; the first ``labelled`` answers are labelled by people too."""
    right = random.random(labelled + rest) < share
    found = random.random(labelled + rest) < np.where(right, rates[0], 1 - rates[1])
    known, marks = right[:labelled], found[:labelled]
    if not 0 < known.sum() < labelled:
        return {"accuracy corrected for the grader's errors": (np.nan, share, np.nan)}
    corrected = corrected_share(
        Counted(float(found[labelled:].mean()), rest),
        sensitivity=Counted(float(marks[known].mean()), float(known.sum())),
        specificity=Counted(float((~marks[~known]).mean()), float((~known).sum())),
    )
    return {"accuracy corrected for the grader's errors": (corrected.low, share, corrected.high)}


def simulate_chances(random: np.random.Generator, *, questions: int, answers: int, stretch: float) -> Found:
    """Stated chances are true ones with log-odds times ``stretch``: 1 is calibrated, 2 is overconfident."""
    clusters = np.repeat(np.arange(questions), answers)
    odds = random.normal(1.0, 1.2, len(clusters))
    truth, stated = (1 / (1 + np.exp(-each)) for each in (odds, stretch * odds))
    came = random.random(len(clusters)) < truth
    scores = score_chances(stated, came, clusters=clusters, bootstraps=BOOTSTRAPS)
    brier, excess, error = _true_scores(stretch)
    return {
        "Brier score": (scores.brier.low, brier, scores.brier.high),
        "mean excess of chances": (scores.excess.low, excess, scores.excess.high),
        "calibration error": (scores.error.low, error, scores.error.high),
    }


def _true_scores(stretch: float) -> tuple[float, float, float]:
    odds = 1.0 + 1.2 * np.linspace(-8, 8, 400_001)
    density = np.exp(-(np.linspace(-8, 8, 400_001) ** 2) / 2)
    density /= density.sum()
    truth, stated = (1 / (1 + np.exp(-each)) for each in (odds, stretch * odds))
    place = np.minimum((stated * 10).astype(int), 9)
    gaps = np.bincount(place, weights=density * (stated - truth))
    brier = float(density @ (truth * (1 - stated) ** 2 + (1 - truth) * stated**2))
    return brier, float(gaps.sum()), float(np.abs(gaps).sum())


DESIGNS: dict[str, Callable[[np.random.Generator], Found]] = {}
for _questions, _answers, _alike in ((60, 1, 0.0), (200, 1, 0.0), (60, 5, 0.3), (300, 5, 0.2)):
    for _accepts in ((0.9, 0.2), (0.97, 0.5), (0.6, 0.05)):
        DESIGNS[f"{_questions} questions x {_answers}, accepts {_accepts[0]:.0%} right, {_accepts[1]:.0%} wrong"] = (
            partial(simulate_contrasts, questions=_questions, answers=_answers, accepts=_accepts, alike=_alike)
        )
for _questions, _answers in ((60, 1), (200, 1), (60, 5), (300, 5)):
    for _known, _rates in ((0.7, (0.9, 0.6)), (0.9, (0.8, 0.8)), (0.5, (0.98, 0.7))):
        DESIGNS[f"{_questions} questions x {_answers}, knows {_known:.0%}, grades {_rates[0]} and {_rates[1]}"] = (
            partial(simulate_knowing, questions=_questions, answers=_answers, known=_known, rates=_rates)
        )
for _questions, _answers in ((150, 2), (300, 5)):
    for _truth, _own in ((0.8, 0.0), (0.3, 0.5), (0.0, 1.0)):
        DESIGNS[f"{_questions} questions x {_answers}, follows truth by {_truth}, own answer by {_own}"] = partial(
            simulate_following, questions=_questions, answers=_answers, truth=_truth, own=_own
        )
for _share, _labelled, _rest in ((0.8, 60, 200), (0.8, 200, 1_000), (0.95, 300, 1_000), (0.5, 100, 400)):
    for _rates in ((0.85, 0.95), (0.95, 0.98), (0.6, 0.9)):
        DESIGNS[f"{_share:.0%} right, {_labelled} of {_labelled + _rest:,} labelled, rates {_rates}"] = partial(
            simulate_corrected, share=_share, rates=_rates, labelled=_labelled, rest=_rest
        )
for _questions, _answers in ((150, 1), (300, 5)):
    for _stretch in (1.0, 2.0, 0.5):
        DESIGNS[f"{_questions} questions x {_answers}, chances stretched by {_stretch}"] = partial(
            simulate_chances, questions=_questions, answers=_answers, stretch=_stretch
        )
