"""How much less the best moves are worth under a defence: the paired interval of ``prefactor defend``."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from simulated.dressed import Found, defended

DESIGNS: Mapping[str, Callable[[np.random.Generator], Found]] = {
    f"a defence that halves every taste, {rows} comparisons": partial(defended, rows=rows)
    for rows in (300, 1_000, 4_000)
}
