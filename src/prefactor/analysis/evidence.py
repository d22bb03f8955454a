"""What is known of a judge beside its fit: the ceiling of accuracy, self-preference, repeated rows, its annotators.

Frozen records with words for them; computed elsewhere, and no check or report is known here.
"""

from dataclasses import dataclass
from math import isnan, nan
from typing import Final, Literal

from prefactor.stats.estimate import Estimate

__all__ = [
    "CEILING_NOT_KNOWN",
    "NOT_A_MODEL",
    "NOT_COUNTED",
    "NO_ANNOTATORS",
    "AgainstAnnotators",
    "AnnotatorStanding",
    "Annotators",
    "Ceiling",
    "Repetition",
    "SelfPreference",
]

_NOT_ESTIMATED: Final = Estimate(nan)

Basis = Literal["none", "annotators", "repeats", "both orders"]
SelfBasis = Literal["none", "other judges", "factors held equal"]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How well a judge's verdicts predict one another, and so how well anything can predict them.

    Parameters
    ----------
    basis
        What repeats a verdict: several annotators, the same one several times, or the two presentation orders; a
        comparison of several kinds counts for the first.
    comparisons, verdicts
        With at least two strict verdicts, and those verdicts.
    one_another
        Agreement of one annotator with another.
    majority
        Agreement of a verdict with the majority of the others on its comparison; even ones count as half.
    itself, orders
        Agreement of one annotator with itself: asked again, and in the other order.
    accuracy
        The ceiling: accuracy of the best predictor of one verdict that knows only the answers, a model-based estimate
        (:func:`prefactor.stats.ceiling.best_accuracy`).
    least, most
        Bounds of the ceiling without the model.
    way
        Share of the way from a coin to the ceiling that the profile has gone.
    reason
        Why there is no ceiling; empty where there is one.
    """

    basis: Basis = "none"
    comparisons: int = 0
    verdicts: int = 0
    one_another: Estimate = _NOT_ESTIMATED
    majority: Estimate = _NOT_ESTIMATED
    itself: Estimate = _NOT_ESTIMATED
    orders: Estimate = _NOT_ESTIMATED
    accuracy: Estimate = _NOT_ESTIMATED
    least: Estimate = _NOT_ESTIMATED
    most: Estimate = _NOT_ESTIMATED
    way: Estimate = _NOT_ESTIMATED
    reason: str = "one verdict per comparison"

    @property
    def known(self) -> bool:
        """Whether there is a ceiling."""
        return not isnan(self.accuracy.value)


CEILING_NOT_KNOWN: Final = Ceiling()
"""Of a judge that gave one verdict per comparison."""


@dataclass(frozen=True, slots=True)
class AgainstAnnotators:
    """How well one judge predicts another that is several annotators, one annotator at a time.

    All numbers are from the same comparisons: those with a strict preference of the judge and strict verdicts of two
    annotators or more.

    Parameters
    ----------
    judge, annotators_of
        Who predicts, and whose annotators are predicted.
    comparisons, verdicts
        How many there are, and the annotators' verdicts on them.
    agreement, one_another
        Share of these verdicts with which the judge agrees, and with which another annotator does.
    gap
        The first less the second, paired.
    ceiling, way
        Accuracy of the best predictor, and how far from a coin to it the judge has gone.
    """

    judge: str
    annotators_of: str
    comparisons: int
    verdicts: int
    agreement: Estimate
    one_another: Estimate
    gap: Estimate
    ceiling: Estimate
    way: Estimate


@dataclass(frozen=True, slots=True)
class SelfPreference:
    """Whether a judge that is itself one of the models compared prefers its own answers.

    Parameters
    ----------
    models
        Names of the models that the judge is; empty where it is none of them.
    comparisons
        Of one of them with another model.
    won
        P(its own answer preferred), the mean over them.
    basis
        What that is set against.
    others
        Names of the judges it is set against.
    shared
        Comparisons that those have judged too.
    excess
        P(own preferred) less what the others give on the same comparisons, paired, in [-1, 1]; or, with all measured
        factors held equal, less one half.
    """

    models: tuple[str, ...] = ()
    comparisons: int = 0
    won: Estimate = _NOT_ESTIMATED
    basis: SelfBasis = "none"
    others: tuple[str, ...] = ()
    shared: int = 0
    excess: Estimate = _NOT_ESTIMATED


@dataclass(frozen=True, slots=True)
class Repetition:
    """What comes more than once among the comparisons of a judge.

    Parameters
    ----------
    comparisons
        Distinct ones with a verdict.
    repeated, contradicting
        Those on which one annotator (or nobody named) gave several verdicts, and those of them with strict ones both
        ways.
    shared_answers
        Those whose two responses also stand together under another prompt.
    joined_prompts
        Prompts that are equal to another but for case, spaces and punctuation: they are one cluster.
    """

    comparisons: int = 0
    repeated: int = 0
    contradicting: int = 0
    shared_answers: int = 0
    joined_prompts: int = 0


@dataclass(frozen=True, slots=True)
class AnnotatorStanding:
    """One annotator beside the others of the same judge.

    Parameters
    ----------
    name
        The annotator, untrusted.
    verdicts, shared
        All its verdicts, and the strict ones on comparisons with strict verdicts of others.
    agreement
        Share of the others' verdicts that agree with it.
    below
        That less the agreement among the others, in [-1, 1].
    q_value
        Benjamini-Hochberg adjusted one-sided p-value of not being below; NaN where it was not tested.
    habit
        ``"always A"`` and the like, where it always does the same and the others do not; empty otherwise.
    """

    name: str
    verdicts: int
    shared: int
    agreement: Estimate
    below: Estimate
    q_value: float
    habit: str


@dataclass(frozen=True, slots=True)
class Annotators:
    """The annotators of a judge.

    Parameters
    ----------
    named
        How many are told apart.
    agreement
        Of one with another.
    standings
        One per annotator, in the order of their names.
    """

    named: int = 0
    agreement: Estimate = _NOT_ESTIMATED
    standings: tuple[AnnotatorStanding, ...] = ()


NOT_A_MODEL: Final = SelfPreference()
"""Of a judge that is none of the models compared."""

NOT_COUNTED: Final = Repetition()
"""Where nothing was looked through."""

NO_ANNOTATORS: Final = Annotators()
"""Of a judge whose annotators are not told apart."""
