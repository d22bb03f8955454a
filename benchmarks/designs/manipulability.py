"""What content-free moves buy, where the moves are chosen by the same verdicts: the interval of manipulability."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from simulated.dressed import JUDGES, Found, Taste, dressed

DESIGNS: Mapping[str, Callable[[np.random.Generator], Found]] = {
    f"{name}, {rows} comparisons{', 4 a prompt' if each > 1 else ''}": partial(dressed, taste=Taste(name, rows, each))
    for name in JUDGES
    for rows, each in ((150, 1), (1_000, 1), (1_000, 4), (4_000, 1))
}
