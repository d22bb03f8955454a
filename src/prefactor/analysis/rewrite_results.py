"""What rewriting finds, as frozen results: causal effects beside correlational ones. Computes nothing."""

from dataclasses import dataclass, field
from math import nan
from typing import Final

from prefactor._validate import check_fraction, check_positive
from prefactor.analysis.results import NOT_ESTIMATED
from prefactor.config import FALSE_DISCOVERY_RATE, INTERVAL
from prefactor.errors import SettingError
from prefactor.stats.estimate import Estimate
from prefactor.stats.rewriting import Disagreement, PerUnit

__all__ = ["UNKNOWN", "CausalEffect", "FactorChange", "RewriteSettings", "RewriteStudy"]

UNKNOWN: Final = Disagreement(NOT_ESTIMATED, nan)
"""The difference where one of the two effects has no interval."""


@dataclass(frozen=True, slots=True)
class RewriteSettings:
    """What is asked of rewrites.

    Parameters
    ----------
    factors
        Names of the factors to change.
    judge
        Judge of the log whose correlational effects stand beside; the only one by default, None in a log without any.
    limit
        At most so many comparisons of the log give an answer to rewrite.
    naive
        Whether originals are compared with their first rewrite, too, to show what that would have found.
    interval
        Mass of every interval, between 0 and 1.
    false_discovery_rate
        Rate at which effects, and disagreements, may be false discoveries.
    """

    factors: tuple[str, ...]
    judge: str | None = None
    limit: int | None = None
    naive: bool = False
    interval: float = INTERVAL
    false_discovery_rate: float = FALSE_DISCOVERY_RATE

    def __post_init__(self) -> None:
        if not self.factors or len(set(self.factors)) < len(self.factors):
            raise SettingError("--factor", expected="at least one factor, each once", got=self.factors)
        check_fraction("interval", self.interval)
        check_fraction("false_discovery_rate", self.false_discovery_rate)
        if self.limit is not None:
            check_positive("limit", self.limit)


@dataclass(frozen=True, slots=True)
class FactorChange:
    """What rewriting did to one measured factor.

    Parameters
    ----------
    factor, label
        Which.
    change
        Mean difference of the version with more less that with less, in typical differences of the log.
    moved
        Whether the interval of ``change`` lies on one side of 0.
    hand
        Mean difference of the original rewritten twice less the original, likewise: the rewriter's own hand, which
        stands in both versions and so cancels.
    """

    factor: str
    label: str
    change: Estimate
    moved: bool
    hand: Estimate


@dataclass(frozen=True, slots=True)
class CausalEffect:
    """One factor: what rewriting it does to the judge, and what the log says of it.

    Parameters
    ----------
    factor, label
        Which.
    asked, usable, judged
        Answers that were to be rewritten; both rewrites of which can be used; of these with a verdict.
    problems
        Why rewrites cannot be used, with their number, the commonest first.
    not_applicable
        Chosen answers to which the factor does not apply; nothing was asked of them.
    identical
        Pairs whose two versions have one text: they count as ties.
    unmoved, reversed
        Judged pairs in which the version meant to have more has no more of it, and those in which it has less. They
        count in ``effect``: leaving them out would choose by what happened.
    moved
        Whether the rewrites brought the factor about: the interval of ``dose`` lies above 0; without a dose, more than
        half of the judged pairs moved as asked. Otherwise nothing is tested, for nothing was caused.
    effect
        Mean preference for the version with more, in [0, 1], with ties as half.
    q_value
        Of a half, allowing for the number of factors.
    from_more, from_less
        The same for originals with more and with less.
    naive
        The same of the original and its first rewrite; NaN where it was not asked for.
    typical
        Root mean square difference of the factor in the log's comparisons, in its own unit.
    dose
        Mean change of the factor, in typical differences.
    per_unit
        What a typical difference does to the preference, by the ratio of the two.
    single, joint
        Mean preference, in the log, for the answer with more: alone, and with all measured factors held equal.
    against_single, against_joint
        ``effect`` less these two.
    single_q, joint_q
        Of no difference, allowing for the number of all such differences.
    changes
        What rewriting did to every measured factor, this one first, then the one changed most.
    sentence
        The finding in words.
    """

    factor: str
    label: str
    asked: int
    usable: int
    judged: int
    problems: tuple[tuple[str, int], ...]
    identical: int
    unmoved: int
    reversed: int
    moved: bool
    effect: Estimate
    q_value: float
    from_more: Estimate
    from_less: Estimate
    naive: Estimate
    typical: float
    dose: Estimate
    per_unit: PerUnit
    changes: tuple[FactorChange, ...]
    not_applicable: int = 0
    single: Estimate = NOT_ESTIMATED
    joint: Estimate = NOT_ESTIMATED
    against_single: Disagreement = UNKNOWN
    against_joint: Disagreement = UNKNOWN
    single_q: float = nan
    joint_q: float = nan
    sentence: str = ""

    @property
    def collateral(self) -> tuple[FactorChange, ...]:
        """Other factors that moved along."""
        return tuple(each for each in self.changes[1:] if each.moved)


@dataclass(frozen=True, slots=True)
class RewriteStudy:
    """Causal effects beside correlational ones.

    Parameters
    ----------
    judge
        Who judged the rewrites.
    log_judge
        Whose verdicts in the log stand beside; empty where it holds none.
    log_verdicts
        How many of them were used.
    answers, prompts
        Answers that were rewritten, and clusters of their prompts.
    effects
        One per factor.
    settings
        What it was made with.
    """

    judge: str
    log_judge: str
    log_verdicts: int
    answers: int
    prompts: int
    effects: tuple[CausalEffect, ...]
    settings: RewriteSettings = field(repr=False)
