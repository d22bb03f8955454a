"""Coverage of every interval that prefactor prints: runs the designs in benchmarks/designs and prints Markdown tables.

A design simulates one data set whose truth is known and gives, for every interval, (low, truth, high). It is run again
and again, each time with a seed made from its name and the number of the run, so that a design gives the same figures
alone and among others.

Run: python benchmarks/coverage.py [--samples 1000] [--seed 0] [--only NAME]
"""

import argparse
import importlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from prefactor._typing import FloatArray

Simulate = Callable[[np.random.Generator], Mapping[str, tuple[float, float, float]]]

AIM = (0.88, 0.92)
"""What 90 % intervals are held to."""
ERRORS = 2.0
"""Standard errors of the simulation by which a coverage must lie outside the aim to be marked."""


@dataclass(frozen=True)
class Coverage:
    """How often one interval covered in one design.

    ``runs`` has columns low, truth and high; runs without an interval are NaN and left out of all but ``none``.
    """

    interval: str
    design: str
    runs: FloatArray

    @property
    def known(self) -> FloatArray:
        return self.runs[~np.isnan(self.runs).any(axis=1)]

    @property
    def below(self) -> float:
        """Share in which the whole interval lies below the truth."""
        return float(np.mean(self.known[:, 2] < self.known[:, 1]))

    @property
    def above(self) -> float:
        return float(np.mean(self.known[:, 0] > self.known[:, 1]))

    @property
    def covered(self) -> float:
        return 1 - self.below - self.above

    @property
    def error(self) -> float:
        # At 100 % the plain error would be 0.
        return float(np.sqrt(max(self.covered * (1 - self.covered), 0.01) / len(self.known)))

    @property
    def width(self) -> float:
        return float(np.mean(self.known[:, 2] - self.known[:, 0]))

    @property
    def none(self) -> float:
        return 1 - len(self.known) / len(self.runs)

    @property
    def mark(self) -> str:
        """Whether the coverage is outside the aim beyond the error of the simulation."""
        if self.covered + ERRORS * self.error < AIM[0]:
            return "too low"
        return "too high" if self.covered - ERRORS * self.error > AIM[1] else ""

    @property
    def distance(self) -> float:
        return max(AIM[0] - self.covered, self.covered - AIM[1])


def find_designs(only: str) -> Iterator[tuple[str, Simulate]]:
    """Yield the designs of all files, or those whose file or name contains ``only``."""
    for path in sorted(Path(__file__).with_name("designs").glob("[!_]*.py")):
        module = importlib.import_module(f"designs.{path.stem}")
        for name, simulate in module.DESIGNS.items():
            if only in path.stem or only in name:
                yield name, simulate


def run_design(name: str, simulate: Simulate, *, samples: int, seed: int) -> list[Coverage]:
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for number in range(samples):
        random = np.random.default_rng([seed, crc32(name.encode()), number])
        for interval, ends in simulate(random).items():
            found[interval].append(ends)
    return [Coverage(interval, name, np.array(runs, dtype=np.float64)) for interval, runs in found.items()]


def print_row(each: Coverage) -> None:
    if not len(each.known):
        print(f"| {each.interval} | {each.design} | | | | 100.0 | |", flush=True)
        return
    print(
        f"| {each.interval} | {each.design} | {100 * each.covered:.1f} ± {100 * each.error:.1f} | {each.width:.3g} | "
        f"{100 * each.below:.1f}, {100 * each.above:.1f} | {100 * each.none:.1f} | {each.mark} |",
        flush=True,
    )


def print_summary(coverages: list[Coverage]) -> None:
    """One line for every interval: the design in the middle and the one farthest from the aim."""
    by_interval: dict[str, list[Coverage]] = defaultdict(list)
    for each in coverages:
        if len(each.known):
            by_interval[each.interval].append(each)
    print("| interval | designs | marked | typical coverage % | worst coverage % | in the design |")
    print("|---|---|---|---|---|---|")
    for interval, rows in by_interval.items():
        worst = max(rows, key=lambda each: each.distance)
        typical = float(np.median([each.covered for each in rows]))
        marked = sum(bool(each.mark) for each in rows)
        numbers = f"{len(rows)} | {marked} | {100 * typical:.1f} | {100 * worst.covered:.1f}"
        print(f"| {interval} | {numbers} | {worst.design} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of the name of a file or a design")
    settings = parser.parse_args()
    print("| interval | design | coverage % | mean width | misses: below, above the truth % | none % | |")
    print("|---|---|---|---|---|---|---|")
    coverages: list[Coverage] = []
    for name, simulate in find_designs(settings.only):
        for each in run_design(name, simulate, samples=settings.samples, seed=settings.seed):
            print_row(each)
            coverages.append(each)
    print()
    print_summary(coverages)


if __name__ == "__main__":
    main()
