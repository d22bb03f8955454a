"""Manipulability and its change under a defence cover what the chosen moves are worth, though the data chose them."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from simulated.dressed import Found, Taste, defended, dressed


@pytest.mark.parametrize(
    "simulate",
    [
        partial(dressed, taste=Taste("no taste", 400)),
        partial(dressed, taste=Taste("many weak tastes", 600)),
        partial(dressed, taste=Taste("three tastes", 600, 3)),
        partial(defended, rows=500),
    ],
    ids=["no taste", "weak", "clustered", "defended"],
)
def test_nine_in_ten_intervals_cover(simulate: Callable[[np.random.Generator], Found]) -> None:
    runs = [found for seed in range(60) for found in simulate(np.random.default_rng(seed)).values()]
    covered = sum(low <= truth <= high for low, truth, high in runs)
    assert covered >= 47
    assert all(low < high for low, _, high in runs)
