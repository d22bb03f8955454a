"""Every verdict beside the others, against loops over pairs."""

from itertools import combinations
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefactor.errors import SettingError
from prefactor.stats.others import BesideOthers, beside_others

Vote = tuple[int, int, int]
VOTES = st.lists(st.tuples(st.sampled_from([1, -1]), st.integers(0, 3), st.integers(0, 3)), max_size=14)


def share(found: list[bool]) -> float:
    return sum(found) / len(found) if found else float("nan")


def plain(votes: list[Vote], place: int) -> tuple[int, float, float, float, float]:
    """The same by looking at every other verdict in turn."""
    sign, on, by = votes[place]
    rest = [vote for other, vote in enumerate(votes) if other != place and vote[1] == on]
    others = [vote for vote in rest if vote[2] != by]
    lean = sign * sum(vote[0] for vote in others)
    among = [one[0] == two[0] for one, two in combinations(others, 2) if one[2] != two[2]]
    return (
        len(others),
        share([vote[0] == sign for vote in others]),
        (0.5 if lean == 0 else float(lean > 0)) if others else float("nan"),
        share(among),
        share([vote[0] == sign for vote in rest if vote[2] == by]),
    )


def beside(votes: list[Vote]) -> BesideOthers:
    table = np.array(votes, dtype=np.int64).reshape(-1, 3)
    return beside_others(table[:, 0], comparison=table[:, 1], annotator=table[:, 2])


@given(VOTES)
def test_it_is_what_loops_give(votes: list[Vote]) -> None:
    found = beside(votes)
    for place in range(len(votes)):
        expected = plain(votes, place)
        assert int(found.others[place]) == expected[0]
        got = (found.agreeing[place], found.majority[place], found.among[place], found.itself[place])
        assert np.allclose(got, expected[1:], equal_nan=True)


@given(VOTES, st.sets(st.integers(0, 3)))
def test_swapping_the_sides_of_a_comparison_changes_nothing(votes: list[Vote], turned: set[int]) -> None:
    swapped = [(-sign if on in turned else sign, on, by) for sign, on, by in votes]
    for name in ("others", "agreeing", "majority", "among", "itself"):
        assert np.array_equal(getattr(beside(votes), name), getattr(beside(swapped), name), equal_nan=True)


def test_a_single_verdict_has_no_others() -> None:
    found = beside([(1, 0, 0)])
    assert found.others.tolist() == [0]
    assert all(isnan(value[0]) for value in (found.agreeing, found.majority, found.among, found.itself))


def test_what_is_no_sign_is_refused() -> None:
    with pytest.raises(SettingError, match="sign"):
        beside_others([0.5], comparison=[0], annotator=[0])
    with pytest.raises(SettingError, match="sign"):
        beside_others([1, 1], comparison=[0], annotator=[0, 0])
