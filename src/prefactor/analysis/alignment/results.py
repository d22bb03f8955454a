"""What an alignment is: frozen results with the numbers and the settings that made them. Computes nothing."""

from dataclasses import dataclass
from typing import Literal

from prefactor._validate import check_fraction, check_positive
from prefactor.analysis.joint_results import NOTHING_FITTED, JointRows
from prefactor.analysis.reference import PublishedLikeness
from prefactor.analysis.trees import JudgeTree
from prefactor.config import (
    BOOTSTRAPS,
    FALSE_DISCOVERY_RATE,
    INTERVAL,
    PRIOR_SCALE,
    SEED,
    SMALLEST_EFFECT,
)
from prefactor.data.dataset import SourceCount
from prefactor.data.records import JudgeKind
from prefactor.factors.base import Factor
from prefactor.stats.correlation import ProfileCorrelation
from prefactor.stats.estimate import Estimate
from prefactor.stats.sliced import SlicedCorrelation

__all__ = [
    "Alignment",
    "AlignmentSettings",
    "Difference",
    "DifferenceVerdict",
    "Discoveries",
    "PairAlignment",
    "Similarity",
    "SimilarityMeasure",
    "SliceAlignment",
    "SlicedAlignment",
]

DifferenceVerdict = Literal[
    "leans more to it", "leans less to it", "alike", "too few comparisons to tell", "not identified"
]

SimilarityMeasure = Literal["agreement", "Pearson of weights", "Pearson of weights, noise taken out", "tau_b of tau14"]


@dataclass(frozen=True, slots=True)
class AlignmentSettings:
    """Every number that an alignment is made with.

    Parameters
    ----------
    interval
        Mass of every interval, between 0 and 1.
    prior_scale
        Scale of the Laplace prior on the weights, in log-odds.
    bootstraps, seed
        Replicates of the bootstrap of prompts, and the seed of their draws.
    smallest_effect
        Difference of tau14 that matters.
    false_discovery_rate
        Rate at which factors named as different may be false discoveries, within a pair.
    """

    interval: float = INTERVAL
    prior_scale: float = PRIOR_SCALE
    bootstraps: int = BOOTSTRAPS
    seed: int = SEED
    smallest_effect: float = SMALLEST_EFFECT
    false_discovery_rate: float = FALSE_DISCOVERY_RATE

    def __post_init__(self) -> None:
        check_fraction("interval", self.interval)
        check_fraction("smallest_effect", self.smallest_effect)
        check_fraction("false_discovery_rate", self.false_discovery_rate)
        check_positive("bootstraps", self.bootstraps)


@dataclass(frozen=True, slots=True)
class Difference:
    """How differently one factor moves two judges, on the comparisons where both have a strict preference.

    Parameters
    ----------
    factor
        Name of the factor.
    tau14_first, tau14_second
        Its influence on each judge.
    difference
        First minus second, in [-2, 2], with the interval of paired clusters.
    only_first, only_second
        Comparisons on which the judges disagree and the first, or the second, prefers the response with more of it.
    p_value, q_value
        Two-sided, of no difference; and adjusted (Benjamini-Hochberg) within the pair. NaN where not identified.
    probability
        P(|difference| exceeds the smallest effect), with all factors of the pair pooled.
    verdict
        What may be said of it.
    sentence
        The finding in words, with numbers.
    """

    factor: str
    tau14_first: Estimate
    tau14_second: Estimate
    difference: Estimate
    only_first: int
    only_second: int
    p_value: float
    q_value: float
    probability: float
    verdict: DifferenceVerdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Discoveries:
    """How many of a pair's named differences are to be believed, by the posterior.

    Parameters
    ----------
    named
        Factors named as different (Benjamini-Hochberg).
    expected_within
        How many of these are expected to differ by no more than the smallest effect: the sum of 1 - probability.
    beyond
        The most factors that can be said to differ by more than that, with a share of at most the false discovery rate
        expected not to (Newton et al. 2004), the surest first.
    expected_false
        How many of ``beyond`` are expected not to.
    """

    named: int
    expected_within: float
    beyond: tuple[str, ...]
    expected_false: float


@dataclass(frozen=True, slots=True)
class SliceAlignment:
    """How alike two judges are on one slice.

    Parameters
    ----------
    slice
        ``"COLUMN=VALUE"``.
    comparisons, strict, prompts
        As in :class:`PairAlignment`.
    agreement
        Share of the strict ones on which they agree.
    tau14, weights
        Pearson's correlation of the two profiles of tau14, and of the joint weights, as observed.
    reason
        Why it is left out of the averages; empty where it is in them.
    """

    slice: str
    comparisons: int
    strict: int
    prompts: int
    agreement: Estimate
    tau14: Estimate
    weights: Estimate
    reason: str


@dataclass(frozen=True, slots=True)
class SlicedAlignment:
    """How alike two judges are within the slices of one column.

    Parameters
    ----------
    column
        The column.
    slices
        Every slice on which both have a preference, the largest first.
    tau14, weights
        Correlations within slices, averaged over those that are large enough.
    """

    column: str
    slices: tuple[SliceAlignment, ...]
    tau14: SlicedCorrelation
    weights: SlicedCorrelation


@dataclass(frozen=True, slots=True)
class PairAlignment:
    """How alike two judges are.

    Parameters
    ----------
    first, second
        Names of the judges.
    comparisons, strict, prompts
        Comparisons on which both have a preference, those on which both have a strict one, and the prompts of these.
    agreement, kappa
        Share of the strict ones on which they agree, and Cohen's kappa.
    alpha
        Krippendorff's alpha over all shared comparisons, a tie being a third category.
    tau14
        Correlations of the two profiles of tau14, over factors that differ in at least two prompts.
    weights
        The same of the joint weights, all factors fitted together.
    differences
        One per factor, in the order of the taxonomy.
    discoveries
        How many of the named differences are to be believed.
    by
        The same within slices, one per column asked for.
    reason
        Why there is no comparison of profiles; empty where there is one.
    joint
        Comparisons and factors that the joint weights were made from.
    """

    first: str
    second: str
    comparisons: int
    strict: int
    prompts: int
    agreement: Estimate
    kappa: Estimate
    alpha: Estimate
    tau14: ProfileCorrelation
    weights: ProfileCorrelation
    differences: tuple[Difference, ...]
    discoveries: Discoveries
    by: tuple[SlicedAlignment, ...]
    reason: str
    joint: JointRows = NOTHING_FITTED


@dataclass(frozen=True, slots=True)
class Similarity:
    """A matrix of how alike every two judges are.

    Parameters
    ----------
    measure
        What it holds.
    judges
        Rows and columns; those of the tree in the order of its leaves, then the others.
    values
        One row per judge; 1 on the diagonal, NaN where two share too little.
    """

    measure: SimilarityMeasure
    judges: tuple[str, ...]
    values: tuple[tuple[Estimate, ...], ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How alike the judges of a dataset are.

    Parameters
    ----------
    judges, kinds
        The judges compared, and what each is.
    pairs
        Every two of them that share comparisons; with a reference, it and every other.
    apart
        Every two that share none.
    alpha
        Krippendorff's alpha of all of them together, comparisons without a verdict of some allowed.
    similarity, tree
        All judges at once: matrices, and clusters; without a reference only.
    published
        The published judges that each is nearest to, where the published properties are measured.
    against
        The reference, the second of every pair; None where every two are compared.
    by
        Columns that slices were made of.
    factors
        Every factor that was measured.
    sources
        Files that were read.
    settings
        What produced it.
    """

    judges: tuple[str, ...]
    kinds: tuple[JudgeKind, ...]
    pairs: tuple[PairAlignment, ...]
    apart: tuple[tuple[str, str], ...]
    alpha: Estimate
    similarity: tuple[Similarity, ...]
    tree: JudgeTree
    published: tuple[PublishedLikeness, ...]
    against: str | None
    by: tuple[str, ...]
    factors: tuple[Factor, ...]
    sources: tuple[SourceCount, ...]
    settings: AlignmentSettings
