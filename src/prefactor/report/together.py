"""Factors that cannot be told apart, and how far each goes together with the others: sentences and bars."""

from collections.abc import Sequence
from math import isnan
from typing import Final

from prefactor.analysis.results import Profile
from prefactor.report.joint_views import InflationRow, Together
from prefactor.report.naming import Names, name_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.wording import counted, decimal

__all__ = ["summarise_together"]

INFLATED: Final = 2.5
"""Variance inflation from which a factor is listed: its interval is then 1.6 times as wide as it would be alone."""

_SENTENCE: Final = 400
_WIDEST: Final = 20.0


def summarise_together(profiles: Sequence[Profile], names: Names) -> Together:
    """Return what goes together so closely that weights suffer, over all judges.

    Parameters
    ----------
    profiles
        Profiles on all comparisons, one per judge.
    names
        Names of the factors.
    """
    sentences = [
        make_readable_line(group.sentence, _SENTENCE)
        for profile in profiles
        for group in profile.dependence.indistinguishable
    ]
    found: dict[str, list[float]] = {}
    for profile in profiles:
        for factor, value in profile.dependence.inflation:
            if not isnan(value):
                found.setdefault(factor, []).append(value)
    high = sorted((values for values in found.items() if max(values[1]) >= INFLATED), key=lambda one: -max(one[1]))
    return Together(
        tuple(sentences),
        tuple(_decided(profile) for profile in profiles if profile.dependence.prior_shares),
        tuple(_row(names.label(factor), values) for factor, values in high),
    )


def _decided(profile: Profile) -> str:
    found = profile.dependence
    weights = counted(len(found.prior_shares), "weight")
    return (
        f"{name_line(profile.judge)}: the comparisons decide about {found.decided:.0f} of {weights}, the prior holds "
        f"the rest near 0; condition number {decimal(found.condition_number, 1)}."
    )


def _row(label: str, values: Sequence[float]) -> InflationRow:
    low, high = decimal(min(values), 1), decimal(max(values), 1)
    text = "a copy of others" if max(values) == float("inf") else low if low == high else f"{low} to {high}"
    return InflationRow(label, text, round(100 * (min(max(values), _WIDEST) - 1) / (_WIDEST - 1), 1))
