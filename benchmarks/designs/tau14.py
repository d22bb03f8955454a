"""tau14 and its kind: signs of known mean, singly and in clusters of alike rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from prefactor._typing import FloatArray, IntArray
from prefactor.stats.tau import fit_tau14


@dataclass(frozen=True)
class Signs:
    """``groups`` clusters of ``size`` rows, or of geometric sizes of that mean where ``uneven``.

    ``equal`` is the share of rows in which the responses are equal on the factor; ``alike`` the correlation of signs
    within a cluster.
    """

    groups: int
    size: int = 1
    alike: float = 0.0
    equal: float = 0.0
    uneven: bool = False

    def __str__(self) -> str:
        rows = "single rows" if self.size == 1 else f"prompts x {'about ' if self.uneven else ''}{self.size} rows"
        alike = f", alike {self.alike}" if self.alike else ""
        return f"{self.groups:,} {rows}{alike}{f', {self.equal:.0%} equal' if self.equal else ''}"

    def draw(self, random: np.random.Generator, tau: float) -> tuple[FloatArray, IntArray]:
        """Return signs of mean ``tau``, and the cluster of each."""
        sizes = random.geometric(1 / self.size, self.groups) if self.uneven else np.full(self.groups, self.size)
        clusters = np.repeat(np.arange(self.groups), sizes)
        share = (1 + tau / (1 - self.equal)) / 2
        chance = np.full(self.groups, share)
        if self.alike:
            strength = (1 - self.alike) / self.alike
            chance = random.beta(share * strength, (1 - share) * strength, self.groups)
        signs = np.where(random.random(len(clusters)) < chance[clusters], 1.0, -1.0)
        return np.where(random.random(len(clusters)) < self.equal, 0.0, signs), clusters


SIGNS = (
    Signs(24),
    Signs(24, equal=0.2),
    Signs(24, equal=0.5),
    Signs(50),
    Signs(50, equal=0.2),
    Signs(50, equal=0.8),
    Signs(200),
    Signs(200, equal=0.95),
    Signs(1_000),
    Signs(1_000, equal=0.9),
    Signs(5_000),
    Signs(30, 4, alike=0.3),
    Signs(40, 2, alike=0.6),
    Signs(6, 40, alike=0.2),
    Signs(12, 40, alike=0.05),
    Signs(12, 40, alike=0.2),
    Signs(24, 40, alike=0.2),
    Signs(50, 40, alike=0.2),
    Signs(50, 40, alike=0.2, equal=0.5),
    Signs(125, 40, alike=0.1),
    Signs(20, 6, alike=0.3, uneven=True),
    Signs(60, 6, alike=0.3, uneven=True),
    Signs(300, 6, alike=0.3, equal=0.3, uneven=True),
)
TAUS = (0.0, 0.2, 0.5, 0.8)


def simulate(random: np.random.Generator, *, signs: Signs, tau: float) -> Mapping[str, tuple[float, float, float]]:
    drawn, clusters = signs.draw(random, tau)
    found = fit_tau14(np.ones(len(drawn)), drawn[:, None], clusters=clusters)
    return {"tau14": (float(found.low[0]), tau, float(found.high[0]))}


DESIGNS: dict[str, Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]] = {
    f"{signs}, tau14 {tau}": partial(simulate, signs=signs, tau=tau)
    for signs in SIGNS
    for tau in TAUS
    if tau <= 0.9 * (1 - signs.equal)
}
