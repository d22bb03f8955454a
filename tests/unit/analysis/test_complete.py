"""What a joint fit leaves out: comparisons in which a factor is missing, or factors that would cost too many."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from prefactor._typing import SignArray
from prefactor.analysis.complete import FEWEST_COMPLETE, complete_rows, joint_account, whole
from prefactor.analysis.measurement import DOES_NOT_APPLY, MISSING
from prefactor.factors.base import Factor

VALUES = st.sampled_from([-1, 0, 1, DOES_NOT_APPLY, MISSING])


def signs_of(rows: int, columns: int) -> st.SearchStrategy[SignArray]:
    return arrays(np.int8, (rows, columns), elements=VALUES)


def plain(signs: SignArray) -> tuple[list[int], list[int]]:
    """Rows and factors kept, by looking at every cell."""
    factors = list(range(signs.shape[1]))
    while True:
        rows = [row for row in range(len(signs)) if all(signs[row, each] != MISSING for each in factors)]
        if len(rows) >= FEWEST_COMPLETE * len(signs):
            return rows, factors
        factors.remove(max(factors, key=lambda each: (sum(signs[:, each] == MISSING), each)))


@given(signs_of(9, 4))
def test_rows_and_factors_are_those_that_a_plain_look_finds(signs: SignArray) -> None:
    found, (rows, factors) = complete_rows(signs), plain(signs)
    assert np.flatnonzero(found.rows).tolist() == rows
    assert np.flatnonzero(~found.left_out).tolist() == factors
    kept = signs[np.ix_(rows, factors)]
    expected = np.where(kept == DOES_NOT_APPLY, np.nan, kept.astype(float))
    np.testing.assert_array_equal(found.features[:, factors], expected)
    assert np.isnan(found.features[:, found.left_out]).all()
    assert found.missing.tolist() == (signs == MISSING).sum(axis=0).tolist()


@given(signs_of(8, 3), st.permutations(range(8)))
def test_the_order_of_rows_changes_nothing(signs: SignArray, order: list[int]) -> None:
    first, second = complete_rows(signs), complete_rows(signs[order])
    assert first.left_out.tolist() == second.left_out.tolist()
    assert first.rows[order].tolist() == second.rows.tolist()


def test_nothing_is_left_out_where_nothing_is_missing() -> None:
    signs = np.array([[1, DOES_NOT_APPLY], [0, -1]], dtype=np.int8)
    found = complete_rows(signs)
    np.testing.assert_array_equal(found.features, whole(found.features).features)
    assert found.rows.all()
    assert not found.left_out.any()


def test_the_account_names_what_is_missing_and_what_the_fit_is_without() -> None:
    signs = np.ones((10, 3), dtype=np.int8)
    signs[:9, 1], signs[0, 2] = MISSING, MISSING
    factors = [Factor(name, name, name, "", "", "") for name in "abc"]
    account = joint_account(complete_rows(signs), factors)
    assert (account.used, account.left_out) == (9, 1)
    assert account.missing == (("b", 9), ("c", 1))
    assert account.without == (("b", "could not be measured in 9 of 10 comparisons"),)
