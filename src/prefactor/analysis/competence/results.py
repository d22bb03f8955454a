"""What is found about answerers and evaluators, as frozen data. Computes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Final, Literal

from prefactor.config import BOOTSTRAPS, FALSE_DISCOVERY_RATE, INTERVAL, SEED
from prefactor.data.dataset import SourceCount
from prefactor.graders import AUTOMATIC
from prefactor.stats.calibration import CalibrationScores
from prefactor.stats.estimate import Estimate

__all__ = [
    "AnswererStanding",
    "Cell",
    "Competence",
    "CompetenceSettings",
    "Conclusion",
    "Consistency",
    "Correction",
    "Evaluator",
    "Example",
    "Following",
    "FoolingFactor",
    "Generation",
    "GraderQuality",
    "Knowing",
    "SliceStanding",
    "VerdictAccount",
]

LEAST_TO_TRUST: Final = 0.8
"""Balanced accuracy from which an evaluator is trusted, where the user names no other."""

MARGIN: Final = 0.05
"""Difference of two rates that does not matter."""

Conclusion = Literal["trust", "trust where it knows", "don't trust", "underpowered"]
UNKNOWN: Final = Estimate(nan)


@dataclass(frozen=True, slots=True)
class CompetenceSettings:
    """What is asked for.

    Parameters
    ----------
    graders
        Graders against the key. The first says what is right where no person did; its errors, and those of the others,
        are measured where people did.
    evaluators
        Graders taken as evaluators beside those whose verdicts are there.
    same
        Pairs of evaluator and answerer that are one model, beside those of one name.
    slices
        Columns to look at value by value.
    factors
        Which factors of an answer to look at where evaluators err; empty for none.
    least
        Balanced accuracy from which an evaluator is trusted.
    margin
        Difference of two rates that does not matter.
    discovery
        Rate at which factors said to fool an evaluator may be false discoveries.
    interval
        Mass of all intervals.
    bootstraps, seed
        Resamples for calibration errors, and their seed.
    """

    graders: tuple[str, ...] = (AUTOMATIC,)
    evaluators: tuple[str, ...] = ()
    same: tuple[tuple[str, str], ...] = ()
    slices: tuple[str, ...] = ()
    factors: tuple[str, ...] = ("lexical",)
    least: float = LEAST_TO_TRUST
    margin: float = MARGIN
    discovery: float = FALSE_DISCOVERY_RATE
    interval: float = INTERVAL
    bootstraps: int = BOOTSTRAPS
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class Correction:
    """One answerer's accuracy by one grader, corrected for the grader's errors.

    Parameters
    ----------
    grader
        The grader.
    labelled, rest
        Answers that people labelled, and those that only the grader saw.
    counted
        Share that the grader found right, of all of them.
    corrected
        Accuracy over both: people's verdicts on the labelled, the corrected share of the rest.
    rates_from
        Whose labelled answers showed the grader's errors: ``"own"``, ``"all"`` answerers, or empty for none.
    reason
        Why there is no correction, or none is needed.
    """

    grader: str
    labelled: int
    rest: int
    counted: Estimate
    corrected: Estimate
    rates_from: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AnswererStanding:
    """How well one answerer answers.

    Parameters
    ----------
    answerer
        Name.
    read
        Answers, each of which is in one of the following.
    right, wrong, abstained
        Those known to be right or wrong, and those that say they do not know.
    missing, ungraded
        Answers that never came, and those that neither people nor the grader call right or wrong.
    by_people
        Of the right and wrong ones, how many people looked at.
    accuracy
        Share right of the right, wrong and abstained.
    abstention
        Share abstained of the same.
    words
        Mean words of an answer.
    corrections
        One for every grader.
    """

    answerer: str
    read: int
    right: int
    wrong: int
    abstained: int
    missing: int
    ungraded: int
    by_people: int
    accuracy: Estimate
    abstention: Estimate
    words: float
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class GraderQuality:
    """A grader against people.

    Parameters
    ----------
    grader, label
        Name, and what it does.
    answerer
        Whose answers; empty for those of all.
    labelled
        Answers that both looked at.
    accuracy
        Share on which they agree.
    sensitivity, specificity
        Share of people's right answers that it found right, and of their wrong ones that it found wrong.
    """

    grader: str
    label: str
    answerer: str
    labelled: int
    accuracy: Estimate
    sensitivity: Estimate
    specificity: Estimate


@dataclass(frozen=True, slots=True)
class VerdictAccount:
    """Where an evaluator's verdicts went.

    Parameters
    ----------
    read
        Verdicts, each of which is in one of the following.
    used
        Right or wrong, on answers of which it is known whether they are right.
    unknown
        The evaluator said that it does not know.
    unreadable
        No verdict could be read.
    missing
        None came.
    not_applicable
        The rule of the grader says nothing of the answer.
    untold
        Verdicts on answers that are abstentions, or of which nobody knows whether they are right.
    """

    read: int
    used: int
    unknown: int
    unreadable: int
    missing: int
    not_applicable: int
    untold: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One evaluator on one answerer's answers.

    Parameters
    ----------
    answerer
        Whose answers.
    own
        Whether the evaluator is that answerer.
    right_accepted, right_rejected, wrong_accepted, wrong_rejected
        Answers by truth and verdict.
    accuracy
        Share of verdicts that are true.
    accepted
        Share of answers that it calls right: the accuracy that it would report.
    accuracy_true
        Share of the same answers that are right.
    wrongly_rejected
        Share of the right answers that it rejects.
    wrongly_accepted
        Share of the wrong answers that it accepts.
    """

    answerer: str
    own: bool
    right_accepted: int
    right_rejected: int
    wrong_accepted: int
    wrong_rejected: int
    accuracy: Estimate
    accepted: Estimate
    accuracy_true: Estimate
    wrongly_rejected: Estimate
    wrongly_accepted: Estimate

    @property
    def rows(self) -> int:
        """Answers graded."""
        return self.right_accepted + self.right_rejected + self.wrong_accepted + self.wrong_rejected


@dataclass(frozen=True, slots=True)
class Generation:
    """What an evaluator answers itself, beside how it grades: on the questions of which both are known.

    Parameters
    ----------
    questions
        Their number.
    generated
        Share of them it answers right.
    evaluated
        Share of its verdicts that are true, every question counting once.
    difference
        ``evaluated`` less ``generated``, question by question.
    p_exact
        McNemar's exact test; NaN where there is none.
    reason
        Why there is none.
    """

    questions: int
    generated: Estimate
    evaluated: Estimate
    difference: Estimate
    p_exact: float
    reason: str


@dataclass(frozen=True, slots=True)
class Knowing:
    """Whether an evaluator grades well because it knows: its own answer right or wrong, by its verdict true or false.

    Parameters
    ----------
    answerer
        Whose answers are graded; empty for those of all.
    can_true, can_false, cannot_true, cannot_false
        Verdicts by whether the evaluator answers the question right, and whether its verdict is true.
    paradox
        Share of verdicts that are false where it can answer.
    unfaithful
        Share of verdicts that are true where it cannot answer.
    true_if_can, true_if_cannot
        Share of true verdicts where it can answer, and where it cannot.
    difference
        The first less the second.
    balanced_if_can, balanced_if_cannot, balanced_difference
        The same with right and wrong answers counting alike.
    """

    answerer: str
    can_true: int
    can_false: int
    cannot_true: int
    cannot_false: int
    paradox: Estimate
    unfaithful: Estimate
    true_if_can: Estimate
    true_if_cannot: Estimate
    difference: Estimate
    balanced_if_can: Estimate
    balanced_if_cannot: Estimate
    balanced_difference: Estimate


@dataclass(frozen=True, slots=True)
class Following:
    """Whether verdicts follow the truth or the evaluator's own answer.

    Parameters
    ----------
    rows
        Verdicts on answers of others, where the evaluator's own answer is known.
    parted
        Those where the two say different things: a right answer that is not its own, or a wrong one that is.
    with_own
        Share of those in which the verdict goes with the own answer.
    of_truth
        How much more often a right answer is accepted than a wrong one, agreement with the own answer held equal.
    of_own
        How much more often an answer that agrees with the own one is accepted, truth held equal.
    """

    rows: int
    parted: int
    with_own: Estimate
    of_truth: Estimate
    of_own: Estimate


@dataclass(frozen=True, slots=True)
class Consistency:
    """How often an evaluator says the same of what is the same.

    Parameters
    ----------
    kind
        ``"repeats"`` of one question, ``"equal answers"`` of two answerers, or ``"wordings"`` of the request.
    pairs
        Pairs of verdicts.
    same
        Share of them that agree.
    """

    kind: str
    pairs: int
    same: Estimate


@dataclass(frozen=True, slots=True)
class FoolingFactor:
    """One factor of answers, and the errors of an evaluator.

    Parameters
    ----------
    error
        ``"wrongly accepted"``: among wrong answers. ``"wrongly rejected"``: among right ones.
    factor, label, more
        The factor, in words, and the answer that has more of it.
    rows
        Answers among which errors are counted.
    split
        Score above which an answer has more of it than most.
    high, low
        Share of errors above, and up to the split.
    difference
        The first less the second.
    p_value, q_value
        Of no difference; the second after Benjamini and Hochberg over all factors and both errors.
    pairs
        Pairs of answers to one question, equally right, one misgraded and one not, that differ in the factor.
    within
        tau14 over such pairs: 1 where the misgraded one always has more of it.
    joint
        Weight in log-odds of having more of it over such pairs, all factors together.
    named
        Whether it is said to fool the evaluator.
    """

    error: str
    factor: str
    label: str
    more: str
    rows: int
    split: float
    high: float
    low: float
    difference: Estimate
    p_value: float
    q_value: float
    pairs: int
    within: Estimate
    joint: Estimate
    named: bool


@dataclass(frozen=True, slots=True)
class SliceStanding:
    """An evaluator, or an answerer, on the questions with one value in a column.

    Parameters
    ----------
    column, value
        Which questions.
    name
        The evaluator or the answerer.
    rows
        Verdicts or answers.
    accuracy, balanced
        Share true (of verdicts) or right (of answers); with right and wrong answers counting alike, for verdicts.
    """

    column: str
    value: str
    name: str
    rows: int
    accuracy: Estimate
    balanced: Estimate


@dataclass(frozen=True, slots=True)
class Example:
    """One verdict to read.

    Parameters
    ----------
    evaluator, answerer
        Who graded whom.
    question, key, answer
        Texts.
    right, accepted
        Truth and verdict.
    own_answer
        What the evaluator answered itself; None where that is not known.
    own_right
        Whether that is right; None where that is not known.
    """

    evaluator: str
    answerer: str
    question: str
    key: str
    answer: str
    right: bool
    accepted: bool
    own_answer: str | None
    own_right: bool | None


@dataclass(frozen=True, slots=True)
class Evaluator:
    """One evaluator.

    Parameters
    ----------
    name
        Name, with the form of asking where there are several.
    answerer
        The answerer that it is; empty where it is none of them.
    keyed
        Whether it saw the key.
    account
        Where its verdicts went.
    accuracy
        Share of verdicts that are true.
    balanced
        The same with right and wrong answers counting alike: one half is a coin.
    sensitivity, specificity
        Share of right answers accepted, and of wrong ones rejected.
    abstention
        Share of verdicts that say "I don't know", of those and the used ones.
    cells
        By answerer.
    self_preference
        How much more often it accepts its own answers than those of others, truth held equal.
    generation, knowing, following
        Beside its own answers; None where those are not known. ``knowing`` begins with the answers of all.
    consistency
        How far it agrees with itself.
    calibration
        Of its chances; None where it gave none.
    fooled
        Factors and its errors.
    slices
        By value of a column.
    examples
        Verdicts to read, some of every kind.
    conclusion, sentence
        Whether it is to be trusted, and why.
    """

    name: str
    answerer: str
    keyed: bool
    account: VerdictAccount
    accuracy: Estimate
    balanced: Estimate
    sensitivity: Estimate
    specificity: Estimate
    abstention: Estimate
    cells: tuple[Cell, ...]
    self_preference: Estimate = UNKNOWN
    generation: Generation | None = None
    knowing: tuple[Knowing, ...] = ()
    following: Following | None = None
    consistency: tuple[Consistency, ...] = ()
    calibration: CalibrationScores | None = None
    fooled: tuple[FoolingFactor, ...] = ()
    slices: tuple[SliceStanding, ...] = ()
    examples: tuple[Example, ...] = ()
    conclusion: Conclusion = "underpowered"
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Competence:
    """All that is found.

    Parameters
    ----------
    questions
        Their number.
    left_out
        Why others were left out, by number.
    answerers
        Every answerer, in the order of their names.
    graders
        Every grader against people: on the answers of all, then answerer by answerer.
    evaluators
        Every evaluator, in the order of their names.
    slices
        Answerers by value of a column.
    settings
        What was asked for.
    sources
        Files that were read.
    truth
        How many answers were called right or wrong by whom ("people", a grader).
    """

    questions: int
    left_out: tuple[tuple[str, int], ...]
    answerers: tuple[AnswererStanding, ...]
    graders: tuple[GraderQuality, ...]
    evaluators: tuple[Evaluator, ...]
    slices: tuple[SliceStanding, ...]
    settings: CompetenceSettings
    sources: tuple[SourceCount, ...] = ()
    truth: Mapping[str, int] = field(default_factory=dict)
