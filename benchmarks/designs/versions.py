"""What ``prefactor predict`` prints: the win rate that would be recorded of a changed version of a model's answers."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[2] / "tests"))

from simulated.versions import Found, Lab, predicted

LABS = (
    Lab(30, 400, 1.0),
    Lab(30, 400, -1.0),
    Lab(30, 400, 1.0, wins=False),
    Lab(10, 800, 1.0, level=0.0),
    Lab(10, 200, 0.5, level=-3.0),
    Lab(8, 150, 1.0, spread=0.4),
)
DESIGNS: Mapping[str, Callable[[np.random.Generator], Found]] = {str(lab): partial(predicted, lab=lab) for lab in LABS}
