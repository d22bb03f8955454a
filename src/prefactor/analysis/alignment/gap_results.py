"""What a generation-evaluation gap is: frozen results with the numbers and the settings that made them."""

from dataclasses import dataclass

from prefactor.analysis.alignment.results import AlignmentSettings
from prefactor.data.dataset import SourceCount
from prefactor.data.records import JudgeKind
from prefactor.factors.base import Factor
from prefactor.stats.correlation import ProfileCorrelation
from prefactor.stats.estimate import Estimate
from prefactor.stats.gap import AlignmentGap

__all__ = ["FactorGap", "Gap", "GapTable", "Place", "RoleProfile"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a factor stands in one profile.

    Parameters
    ----------
    tau14
        Influence of the factor.
    rank
        Its rank among the factors compared, 1 for the one leant to most; the interval holds that share of resamples.
    """

    tau14: Estimate
    rank: Estimate


@dataclass(frozen=True, slots=True)
class FactorGap:
    """One factor: what people want of it, what the model rates and what it writes.

    Parameters
    ----------
    factor, label
        Its name, and in words.
    human, evaluates, generates
        Where it stands with each; ``generates`` is None where no judge writes.
    difference
        tau14 when evaluating less that when generating.
    contribution
        What it adds to the gap.
    p_value, q_value
        Of a difference of 0, alone and adjusted for all factors (Benjamini-Hochberg).
    named
        Whether it makes the gap, beyond the rate of false discoveries: the difference is one, and the interval of the
        contribution leaves out 0.
    sentence
        In words; empty where it is not named.
    """

    factor: str
    label: str
    human: Place
    evaluates: Place
    generates: Place | None
    difference: Estimate
    contribution: Estimate
    p_value: float
    q_value: float
    named: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class RoleProfile:
    """One of the three: people, the model when evaluating, the model when generating.

    Parameters
    ----------
    judge, kind
        Name and kind of the judge.
    strict, prompts
        Comparisons its profile is made of, and their prompts.
    alignment
        How its profile goes with that of people; None for people.
    agreement
        Share of shared comparisons on which it prefers what people prefer.
    reason
        Why there is no agreement; empty where there is one.
    """

    judge: str
    kind: JudgeKind
    strict: int
    prompts: int
    alignment: ProfileCorrelation | None
    agreement: Estimate
    reason: str


@dataclass(frozen=True, slots=True)
class GapTable:
    """People, a model when evaluating and the same model when generating, on one task.

    Parameters
    ----------
    task
        Name of the task.
    slice
        The comparisons: ``"all"``, or ``"COLUMN=value"``.
    profiles
        The two or three judges, people first.
    paired
        Whether people and the evaluating model are taken on the comparisons that both judge strictly; otherwise each is
        taken on its own.
    factors
        Every factor compared, the largest contribution first; without a gap, as people lean to it.
    left_out
        Factors that differ in fewer than two prompts for one of the judges.
    gap
        The alignments, their difference and what makes it.
    sentences
        The findings in words.
    reason
        Why there is no table; empty where there is one.
    """

    task: str
    slice: str
    profiles: tuple[RoleProfile, ...]
    paired: bool
    factors: tuple[FactorGap, ...]
    left_out: tuple[str, ...]
    gap: AlignmentGap
    sentences: tuple[str, ...]
    reason: str = ""

    @property
    def named(self) -> tuple[FactorGap, ...]:
        """The factors that make the gap, the largest contribution first."""
        return tuple(each for each in self.factors if each.named)


@dataclass(frozen=True, slots=True)
class Gap:
    """A generation-evaluation gap, on the whole and slice by slice.

    Parameters
    ----------
    human, evaluates, generates
        Names of the judges; ``generates`` is empty where none writes.
    tables
        One for each slice, that of all comparisons first.
    factors
        All factors measured.
    sources
        The files.
    settings
        What it was made with.
    """

    human: str
    evaluates: str
    generates: str
    tables: tuple[GapTable, ...]
    factors: tuple[Factor, ...]
    sources: tuple[SourceCount, ...]
    settings: AlignmentSettings
