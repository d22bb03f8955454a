"""Array aliases and option literals used in signatures everywhere; holds no code that runs."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SignArray = NDArray[np.int8]
BoolArray = NDArray[np.bool_]
AnyArray = NDArray[Any]

OnBadRow = Literal["error", "skip"]
PriorName = Literal["Laplace", "normal", "horseshoe"]
