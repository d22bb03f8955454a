"""What an explanation is: frozen results with the numbers, the settings that made them and where the rows went."""

from dataclasses import dataclass, field
from math import nan
from typing import Final, Literal

from prefactor._typing import FloatArray, PriorName
from prefactor.analysis.addressed import NOT_SEARCHED, Addressed
from prefactor.analysis.correction_results import NOT_CORRECTED, Corrections
from prefactor.analysis.evidence import (
    CEILING_NOT_KNOWN,
    NO_ANNOTATORS,
    NOT_A_MODEL,
    NOT_COUNTED,
    AgainstAnnotators,
    Annotators,
    Ceiling,
    Repetition,
    SelfPreference,
)
from prefactor.analysis.joint_results import (
    NO_DEPENDENCE,
    NOT_APPORTIONED,
    NOTHING_FITTED,
    Apportionment,
    Attribution,
    Dependence,
    JointRows,
)
from prefactor.analysis.manipulability import NOT_MOVED, Manipulability
from prefactor.analysis.measurement import MissingAnswers, Unmeasured
from prefactor.analysis.pooled import Pooling
from prefactor.analysis.reference import PublishedLikeness
from prefactor.data.account import Account
from prefactor.data.dataset import SourceCount
from prefactor.data.records import JudgeKind
from prefactor.factors.base import Factor
from prefactor.stats.estimate import Estimate, Weight

__all__ = [
    "NOT_ESTIMATED",
    "Agreement",
    "CheckOutcome",
    "Collinearity",
    "Effect",
    "EffectVerdict",
    "Explanation",
    "Fit",
    "Prediction",
    "Profile",
    "Settings",
    "Shown",
    "TellingComparison",
]

NOT_ESTIMATED = Estimate(nan)
"""Stands where there is nothing to estimate from."""

EffectVerdict = Literal[
    "prefers more", "prefers less", "makes no difference that matters", "too few comparisons to tell", "not identified"
]


Shown = Literal["fault", "harmless", "neither", "no question"]
"""What a check shows; that no fault was seen is not yet that there is none."""

_SHOWN: Final[dict[str, Shown]] = {
    "warn": "fault",
    "fail": "fault",
    "pass": "harmless",
    "underpowered": "neither",
    "not measured": "neither",
    "not applicable": "no question",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """How one factor moves one judge on one slice.

    Parameters
    ----------
    factor
        Name of the factor.
    account
        Comparisons by what became of them for this factor: ``tied`` are those whose responses are equal on it.
    concordant, discordant
        Strict preferences for the response with more, with less of the factor.
    tau14
        (C - D) / (C + D + T) over strict preferences, in [-1, 1].
    q_value
        Benjamini-Hochberg adjusted two-sided p-value of tau14 = 0 within the profile; NaN where not identified.
    weight, probability
        Joint fit, all factors together: log-odds, and sigmoid of it (P(preferred | only this factor differs)).
    single_weight, single_probability
        The same with this factor alone.
    verdict
        What may be said of it.
    absorbed_by
        The factor that takes away at least half of the single effect when the two are fitted together; None if none.
    sentence
        The finding in words, with numbers.
    """

    factor: str
    account: Account
    concordant: int
    discordant: int
    tau14: Estimate
    q_value: float
    weight: Weight
    probability: Estimate
    single_weight: Weight
    single_probability: Estimate
    verdict: EffectVerdict
    absorbed_by: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """How well a profile predicts preferences it has not seen (folds grouped by prompt).

    Parameters
    ----------
    accuracy, log_loss
        Over strict preferences (accuracy), and all used (log loss, nats), with intervals clustered by prompt.
    majority, length
        Accuracy of always naming the side that is preferred more often in the training folds, and of the longer
        response.
    majority_log_loss, length_log_loss
        Their log losses; that of a coin is log 2.
    folds
        Number of folds; 0 when there were too few prompts, and every number is then NaN.
    """

    accuracy: Estimate
    log_loss: Estimate
    majority: Estimate
    length: Estimate
    majority_log_loss: Estimate
    length_log_loss: Estimate
    folds: int


@dataclass(frozen=True, slots=True)
class Fit:
    """How the joint fit went.

    Parameters
    ----------
    converged, iterations
        Whether the posterior was reached, and in how many passes.
    tie_parameter
        Davidson's nu: 0 where the judge has no ties.
    effective_share
        Share of draws from the approximation that are effective under the exact posterior, in [0, 1]; its certificate.
    draws
        Weighted draws from the exact posterior that the numbers come from, because the certificate failed; 0 where they
        are those of the approximation.
    """

    converged: bool
    iterations: int
    tie_parameter: float
    effective_share: float = nan
    draws: int = 0


@dataclass(frozen=True, slots=True)
class Collinearity:
    """Two factors that mostly go together on a slice.

    Parameters
    ----------
    first, second
        Names of the factors.
    correlation
        Pearson correlation of their sign features, in [-1, 1].
    """

    first: str
    second: str
    correlation: float


@dataclass(frozen=True, slots=True)
class Profile:
    """One judge's influence of every factor on one slice, with uncertainty.

    Parameters
    ----------
    judge, kind
        Who prefers.
    slice
        ``"all"``, or ``"COLUMN=VALUE"``.
    account
        The verdicts by what became of them.
    inconsistent
        Comparisons on which the two presentation orders gave opposite preferences (they count as a half each).
    both_orders
        Comparisons seen in both orders; ``inconsistent`` is out of these.
    first_preferred
        Share of strict verdicts with a known order that prefer the response shown first; NaN where no order is known.
    prompts
        Number of distinct prompts (the clusters).
    a_preferred
        Share of strict preferences for A.
    effects
        One per factor, in the order of the taxonomy.
    prediction, fit, collinear
        How well it predicts, how the fit went, and pairs of factors that mostly go together.
    apportionment, dependence
        What the factors explain and how it divides among them, and how far they go together.
    covariance
        Of the weights, in the order of ``effects``, with what clustering adds; None where they were not fitted.
    ceiling
        How well the judge's verdicts predict one another.
    self_preference, repetition, annotators
        What the checks for self-preference, duplicates and annotators read.
    addressed
        What became of answers that address the judge.
    joint
        Comparisons and factors that the joint fit was made from.
    unmeasured
        Factors that could not be measured in some of the answers, the most first.
    corrections
        The effects corrected for the error of measurement, where the reliability of factors was given.
    manipulability
        What content-free changes of an answer buy; of the whole only.
    """

    judge: str
    kind: JudgeKind
    slice: str
    account: Account
    inconsistent: int
    both_orders: int
    prompts: int
    a_preferred: Estimate
    effects: tuple[Effect, ...]
    prediction: Prediction
    fit: Fit
    collinear: tuple[Collinearity, ...]
    first_preferred: Estimate = NOT_ESTIMATED
    apportionment: Apportionment = NOT_APPORTIONED
    dependence: Dependence = NO_DEPENDENCE
    covariance: FloatArray | None = field(default=None, compare=False, repr=False)
    ceiling: Ceiling = CEILING_NOT_KNOWN
    self_preference: SelfPreference = NOT_A_MODEL
    repetition: Repetition = NOT_COUNTED
    annotators: Annotators = NO_ANNOTATORS
    addressed: Addressed = NOT_SEARCHED
    joint: JointRows = NOTHING_FITTED
    unmeasured: tuple[MissingAnswers, ...] = ()
    corrections: Corrections = NOT_CORRECTED
    manipulability: Manipulability = NOT_MOVED

    def effect(self, factor: str) -> Effect:
        """Return the effect of the factor called ``factor``."""
        return next(effect for effect in self.effects if effect.factor == factor)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two judges prefer the same response, on comparisons where both have a strict preference.

    Parameters
    ----------
    first, second
        Names of the judges.
    comparisons, strict
        Comparisons both judged, and those with a strict preference by both.
    agreement
        Share of the strict ones on which they agree, with an interval clustered by prompt.
    """

    first: str
    second: str
    comparisons: int
    strict: int
    agreement: Estimate


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What one validity check found on one profile (or on the whole study).

    Parameters
    ----------
    code
        Stable code ("PF101").
    name
        Words for it ("one-sided labels").
    outcome
        ``"pass"``, ``"warn"`` or ``"fail"``, or why there is none: ``"not applicable"``, ``"not measured"``,
        ``"underpowered"``.
    judge, slice
        Where; empty for the whole study.
    message
        What was found, with numbers.
    advice
        What to do about it.
    """

    code: str
    name: str
    outcome: Literal["pass", "warn", "fail", "not applicable", "not measured", "underpowered"]
    judge: str
    slice: str
    message: str
    advice: str

    @property
    def shown(self) -> Shown:
        """What is shown: a fault; that there is none, or none that matters; neither; or that there is no question."""
        return _SHOWN[self.outcome]


@dataclass(frozen=True, slots=True)
class TellingComparison:
    """A comparison worth reading, with both responses.

    Parameters
    ----------
    judge, why
        Whose preference it shows, and why it was chosen (a sentence).
    comparison
        Its id.
    prompt, response_a, response_b
        The texts, untrusted, cut to ``Settings.excerpt`` characters.
    model_a, model_b
        Who wrote them, where known.
    preference
        The judge's P(A preferred).
    predicted
        The profile's P(A preferred).
    contributions
        Factor name and its part of the log-odds for A, the largest first.
    attributions
        The same with intervals, and with factors that cannot be told apart taken as one.
    """

    judge: str
    why: str
    comparison: str
    prompt: str
    response_a: str
    response_b: str
    model_a: str | None
    model_b: str | None
    preference: float
    predicted: float
    contributions: tuple[tuple[str, float], ...]
    attributions: tuple[Attribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting that produced an explanation.

    Parameters
    ----------
    interval
        Mass of every interval.
    prior, prior_scale
        Prior on the weights, and its scale in log-odds.
    bootstraps, folds, seed
        Resamples behind the likeness to published judges, folds of the cross-validation, and the seed of both.
    smallest_effect, false_discovery_rate
        |tau14| that matters, and the rate at which named factors may be false.
    judges, by
        Judges and slicing columns asked for.
    factors
        What measured the factors ("lexical", files).
    excerpt
        Characters of a text that are shown.
    version
        Version of prefactor.
    judge_is
        Judges that the user says are models of the log, as (judge, model).
    made_columns
        Slicing columns that are not the log's, as (column, how it came about).
    """

    interval: float
    prior: PriorName
    prior_scale: float
    bootstraps: int
    folds: int
    seed: int
    smallest_effect: float
    false_discovery_rate: float
    judges: tuple[str, ...]
    by: tuple[str, ...]
    factors: tuple[str, ...]
    excerpt: int
    version: str
    judge_is: tuple[tuple[str, str], ...] = ()
    made_columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole of what is known: profiles of every judge on every slice, and what a reader needs to trust them.

    Parameters
    ----------
    profiles
        Judges in the order of the log, the slice ``"all"`` first.
    factors
        Every factor that was measured.
    agreements
        Every pair of judges that share comparisons.
    checks
        Outcomes of the validity checks.
    telling
        Comparisons worth reading.
    sources
        Files that were read.
    comparisons, responses, prompts
        How many distinct ones there are.
    truth
        True weights by factor where the judge is simulated; empty otherwise.
    settings
        What produced it.
    nearest_published
        The published judges that each judge is nearest to, where the published properties are measured.
    against_annotators
        How well judges predict single annotators of a judge that has several.
    pooled
        Slices of one column, for every judge, and judges: pooled where there are at least three.
    unmeasured
        Measurements that failed, by factor and kind.
    """

    profiles: tuple[Profile, ...]
    factors: tuple[Factor, ...]
    agreements: tuple[Agreement, ...]
    checks: tuple[CheckOutcome, ...]
    telling: tuple[TellingComparison, ...]
    sources: tuple[SourceCount, ...]
    comparisons: int
    responses: int
    prompts: int
    truth: tuple[tuple[str, float], ...]
    settings: Settings
    nearest_published: tuple[PublishedLikeness, ...] = ()
    against_annotators: tuple[AgainstAnnotators, ...] = ()
    pooled: tuple[Pooling, ...] = ()
    unmeasured: tuple[Unmeasured, ...] = ()

    def factor(self, name: str) -> Factor:
        """Return the description of the factor called ``name``."""
        return next(factor for factor in self.factors if factor.name == name)
