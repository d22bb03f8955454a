"""Juries: what several judges say of one comparison, brought down to one verdict. Asks nobody anything."""

from collections.abc import Sequence

from prefactor.data.preference import A_WINS, B_WINS, TIE, Order
from prefactor.judges.base import Opinion
from prefactor.judges.judge_file import JudgeFile

__all__ = ["joint_opinions"]


def joint_opinions(file: JudgeFile, members: Sequence[Sequence[Opinion]]) -> tuple[Opinion, ...]:
    """Return the jury's verdicts on one comparison: one for every order and repeat in which a member was asked.

    A member that sees answers one by one has one verdict for both orders. There is no verdict where half of the
    members or fewer have one.

    Parameters
    ----------
    file
        The jury; its ``vote`` says how members count. ``"majority"``: the side with more of them, a tie where both have
        the same number. ``"mean"``: the mean of their preferences.
    members
        The verdicts of every member on the comparison.
    """
    said = {(one.order, one.repeat) for opinions in members for one in opinions}
    times: list[tuple[Order | None, int]] = [time for time in said if time[0] is not None] or list(said)
    times.sort(key=lambda time: (time[0] or "", time[1]))
    return tuple(_joint(file, members, order, repeat=repeat) for order, repeat in times)


def _joint(file: JudgeFile, members: Sequence[Sequence[Opinion]], order: Order | None, *, repeat: int) -> Opinion:
    voices = [
        next((one for one in opinions if one.repeat == repeat and one.order in (order, None)), None)
        for opinions in members
    ]
    preferences = [voice.preference for voice in voices if voice is not None and voice.preference is not None]
    if 2 * len(preferences) <= len(members):
        silent = [voice.problem for voice in voices if voice is not None and voice.problem]
        missing = bool(silent) and all(problem == "missing" for problem in silent)
        said = f"{len(preferences)} of {len(members)} members have a verdict"
        return Opinion(order, repeat, None, "missing" if missing else "unreadable", said)
    if file.vote == "mean":
        return Opinion(order, repeat, sum(sorted(preferences)) / len(preferences))
    for_a = sum(preference > TIE for preference in preferences)
    for_b = sum(preference < TIE for preference in preferences)
    return Opinion(order, repeat, TIE if for_a == for_b else A_WINS if for_a > for_b else B_WINS)
