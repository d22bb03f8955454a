"""What the factors explain, share by share, for every judge: the bars, their order and what is left to a line."""

from collections.abc import Sequence
from math import isfinite, nan
from typing import Final

from prefactor.analysis.joint_results import Apportionment
from prefactor.analysis.results import Profile
from prefactor.analysis.sentences import CLEAR_SHARE, share_digits
from prefactor.report.joint_views import ClearMark, JudgeShares, ShareGroup, ShareRow, SharesBeside, SharesView
from prefactor.report.naming import Names, name_line
from prefactor.report.safe_text import make_readable_line
from prefactor.report.scales import Axis, axis_between
from prefactor.report.wording import listed, percent, percent_interval
from prefactor.stats.estimate import Estimate

__all__ = ["summarise_shares"]

_MOST_BESIDE: Final = 8
_REASON: Final = 300


def summarise_shares(profiles: Sequence[Profile], names: Names) -> SharesView | None:
    """Return the shares of every judge on one axis; None where none has any.

    Parameters
    ----------
    profiles
        Profiles on all comparisons, one per judge.
    names
        Names of the factors.
    """
    told = [profile for profile in profiles if profile.apportionment.groups and not profile.apportionment.reason]
    if not told:
        return None
    shares = [one.share for profile in told for one in profile.apportionment.groups]
    axis = axis_between([end for share in shares for end in (0.0, share.high)], low=0.0, high=1.0, centre=0.0)
    judges = tuple(_judge(profile, names, axis) for profile in profiles if profile.apportionment.groups)
    return SharesView(axis, _beside(told, axis) if len(told) > 1 else None, judges)


def _judge(profile: Profile, names: Names, axis: Axis) -> JudgeShares:
    found, judge = profile.apportionment, name_line(profile.judge)
    if found.reason:
        return JudgeShares(judge, "", make_readable_line(found.reason, _REASON), ())
    groups = sorted(found.groups, key=lambda one: -one.share.value)
    return JudgeShares(
        judge, _lead(found), "", tuple(_group(one.group, one.factors, one.share, found, names, axis) for one in groups)
    )


def _lead(found: Apportionment) -> str:
    explained = f"{percent(found.explained.value)} {percent_interval(found.explained)}"
    fitted = percent(max(found.explained.value - found.chance, 0.0))
    return (
        f"All factors together explain {explained} of the log loss of a coin. That is what the best weights would; the "
        f"weights learned from these comparisons explain about {fitted} on others."
    )


def _group(
    group: str, factors: Sequence[str], share: Estimate, found: Apportionment, names: Names, axis: Axis
) -> ShareGroup:
    shares = sorted(((found.of(factor), factor) for factor in factors), key=lambda one: -_size(one[0]))
    clear = [(own, factor) for own, factor in shares if own.low >= CLEAR_SHARE]
    unclear = [names.label(factor) for own, factor in shares if own.low < CLEAR_SHARE]
    never = [names.label(factor) for own, factor in shares if not isfinite(own.value)]
    rows = tuple(
        ShareRow(names.label(factor), names.words(factor).definition, _mark(own, axis)) for own, factor in clear
    )
    said = [
        f"not clear of 0: {listed(unclear)}" if unclear else "",
        f"never differing: {listed(never)}" if never else "",
    ]
    return ShareGroup(ShareRow(name_line(group), "", _mark(share, axis)), rows, "; ".join(filter(None, said)))


def _beside(profiles: Sequence[Profile], axis: Axis) -> SharesBeside:
    shown = profiles[:_MOST_BESIDE]
    by_judge = [{one.group: one.share for one in profile.apportionment.groups} for profile in shown]
    groups = list(dict.fromkeys(group for shares in by_judge for group in shares))
    groups.sort(key=lambda group: -max(_size(shares[group]) for shares in by_judge if group in shares))
    rows = [
        (name_line(group), tuple(_mark(shares.get(group, Estimate(nan)), axis) for shares in by_judge))
        for group in groups
    ]
    return SharesBeside(
        tuple(name_line(profile.judge) for profile in shown),
        tuple(_mark(profile.apportionment.explained, axis) for profile in shown),
        tuple(rows),
        len(profiles) - len(shown),
    )


def _mark(share: Estimate, axis: Axis) -> ClearMark:
    at, low, high = (axis.place(end) for end in (share.value, share.low, share.high))
    digits, clear = share_digits(share), share.low >= CLEAR_SHARE
    return ClearMark(percent(share.value, digits), percent_interval(share, digits), at, low, high, clear=clear)


def _size(share: Estimate) -> float:
    return share.value if isfinite(share.value) else -1.0
