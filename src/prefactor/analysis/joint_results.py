"""What factors do together, as frozen results: shares of what is explained, how far they go together, attributions."""

from dataclasses import dataclass
from math import nan

from prefactor.stats.estimate import Estimate

__all__ = [
    "NOTHING_FITTED",
    "NOT_APPORTIONED",
    "NO_DEPENDENCE",
    "Apportionment",
    "Attribution",
    "Dependence",
    "FactorShare",
    "GroupShare",
    "IndistinguishableFactors",
    "JointRows",
]


@dataclass(frozen=True, slots=True)
class JointRows:
    """What the joint fit was made from.

    Parameters
    ----------
    used
        Comparisons in it.
    left_out
        Those left out, because measuring a factor failed in them.
    missing
        Factors that could not be measured everywhere, with the number of comparisons in which they could not.
    without
        Factors left out of the fit instead, as too much would have been lost with them, and the reason.
    """

    used: int
    left_out: int = 0
    missing: tuple[tuple[str, int], ...] = ()
    without: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FactorShare:
    """One factor's share of what all explain together.

    Parameters
    ----------
    factor
        Its name.
    share
        In [0, 1]; NaN where it never differs, or nothing is clearly explained.
    monte_carlo
        Standard error from sampling the orders in which factors enter; contained in the interval.
    """

    factor: str
    share: Estimate
    monte_carlo: float


@dataclass(frozen=True, slots=True)
class GroupShare:
    """The share of a group of the taxonomy: the sum of those of its factors.

    Parameters
    ----------
    group
        Name of the group.
    factors
        Its factors.
    share
        In [0, 1].
    """

    group: str
    factors: tuple[str, ...]
    share: Estimate


@dataclass(frozen=True, slots=True)
class Apportionment:
    """How much of a judge's preferences the factors explain, and how that divides among them.

    Parameters
    ----------
    explained
        Share of a coin's log loss that the best weights of all factors take away, in [0, 1], less what chance adds.
    chance
        What chance adds to it, taken off: about half a parameter for each factor. A profile fitted to these comparisons
        reaches about ``explained - chance`` on others.
    factors
        One per factor, in the order of the taxonomy.
    groups
        One per group of factors, in the order of the taxonomy; the factors of a group enter together.
    orders
        Orders whose models were all fitted; 0 where the average runs over every order.
    reason
        Why there are no shares; empty where there are.
    """

    explained: Estimate
    chance: float
    factors: tuple[FactorShare, ...]
    groups: tuple[GroupShare, ...]
    orders: int
    reason: str

    def of(self, factor: str) -> Estimate:
        """Return the share of the factor called ``factor``; NaN where there is none."""
        return next((one.share for one in self.factors if one.factor == factor), Estimate(nan))


@dataclass(frozen=True, slots=True)
class IndistinguishableFactors:
    """Factors of which these comparisons cannot say which one moves the judge, and what they do together.

    Parameters
    ----------
    factors
        Their names.
    against
        Those of them that go against the first: more of the first comes with less of them.
    weight, probability
        Of a response that has more of all of them (less of those against): log-odds, and P(preferred).
    share
        Their share of what is explained.
    sentence
        The finding in words, with numbers.
    """

    factors: tuple[str, ...]
    against: tuple[str, ...]
    weight: Estimate
    probability: Estimate
    share: Estimate
    sentence: str


@dataclass(frozen=True, slots=True)
class Dependence:
    """How far the factors go together on a slice.

    Parameters
    ----------
    inflation
        Name and variance inflation factor of every factor; infinite for a copy of others, NaN where it never differs.
    condition_indices
        Of the correlations of sign features, the largest (the condition number) first.
    prior_shares
        Share of the prior in what is known of the weights, direction by direction, the largest first.
    indistinguishable
        Groups of factors whose effects cannot be told apart.
    """

    inflation: tuple[tuple[str, float], ...]
    condition_indices: tuple[float, ...]
    prior_shares: tuple[float, ...]
    indistinguishable: tuple[IndistinguishableFactors, ...]

    @property
    def condition_number(self) -> float:
        """The largest condition index; NaN where there is none."""
        return self.condition_indices[0] if self.condition_indices else nan

    @property
    def decided(self) -> float:
        """How many weights the data decide; the prior holds the rest near 0."""
        return sum(1 - share for share in self.prior_shares)

    def inflation_of(self, factor: str) -> float:
        """Return the variance inflation factor of the factor called ``factor``; NaN where there is none."""
        return dict(self.inflation).get(factor, nan)


@dataclass(frozen=True, slots=True)
class Attribution:
    """What one factor, or some that cannot be told apart, added to the log-odds of one comparison.

    Parameters
    ----------
    factors
        One name, or those of a group.
    value
        Sum of weight * sign feature: its Shapley value in the linear log-odds, with two equal responses as reference.
    """

    factors: tuple[str, ...]
    value: Estimate


NOT_APPORTIONED = Apportionment(Estimate(nan), nan, (), (), 0, "not estimated")
"""Stands where shares were not asked for."""

NOTHING_FITTED = JointRows(0)
"""Stands where there is nothing to fit."""

NO_DEPENDENCE = Dependence((), (), (), ())
"""Stands where dependence was not measured."""
